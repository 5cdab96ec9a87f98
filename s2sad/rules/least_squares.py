"""Pseudo-inverses and least squares, for matrices whose rank stays near by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import UNKNOWN, Array, Kind, Scalar, Tuple
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import infer
from s2sad.rules.containers import array_operand, give
from s2sad.rules.factorisations import (
    entries,
    factorisation,
    item,
    least,
    matrix_dims,
    pieces,
    sum_of,
)
from s2sad.rules.handles import build, lift
from s2sad.rules.lazy import full
from s2sad.rules.primitive import Adjoints, Tangents
from s2sad.rules.products import array_dims, turned
from s2sad.rules.registry import BadArguments
from s2sad.rules.spectra import values_back, values_slope
from s2sad.rules.verbs import custom


def _pinv_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = matrix_dims(args, "pinv")
    if found is None:
        return (UNKNOWN,)
    dtype, (*batch, m, n) = found
    return (Array(dtype, (*batch, n, m)),)


def _pinv_slope(x_dot, y, x):
    flat_dot, y_t = turned(x_dot), turned(y)
    inside = flat_dot - flat_dot @ x @ y
    outside = flat_dot @ y_t @ y
    return -y @ x_dot @ y + y @ y_t @ inside + outside - y @ x @ outside


def _pinv_back(y_bar, y, x):
    """-y.T @ y_bar @ y.T and what the null spaces add"""
    y_t, bar_t = turned(y), turned(y_bar)
    left = bar_t @ y @ y_t
    right = y_t @ y @ bar_t
    return -y_t @ y_bar @ y_t + left - x @ y @ left + right - right @ y @ x


pinv = factorisation(
    "np.linalg.pinv",
    _pinv_slope,
    _pinv_back,
    kind=_pinv_kind,
    signature="a; rcond!, hermitian!, rtol!",
)


def _lstsq_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = array_dims(args)
    if found is None:
        return (UNKNOWN,)
    dtype, (p, q) = found
    if p is None or q is None or len(p) != 2 or len(q) != 1:
        raise BadArguments("`lstsq` is supported for a matrix and a vector")
    dtype = infer.to_float_64(infer.numpy_dtype(dtype).name)
    values = Array(dtype, (least(*p),))
    return (
        Tuple((Array(dtype, p[1:]), Array(dtype, (None,)), Scalar("int32"), values)),
    )


def _lstsq_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None and tangents[1] is None:
        return (None,)
    a, right = (array_operand(b, arg) for arg in op.args)
    y = lift(b, op.outs[0])
    x, p = item(y, 0), build("pinv", a)
    right_dot = a_dot = None
    if tangents[1] is not None:
        right_dot = full(array_operand(b, tangents[1]), right)
    if tangents[0] is not None:
        a_dot = full(array_operand(b, tangents[0]), a)
    x_dot = sum_of(
        [
            None if a_dot is None else _pinv_slope(a_dot, p, a) @ right,
            None if right_dot is None else p @ right_dot,
        ]
    )
    error_dot = sum_of([right_dot, None if a_dot is None else -a_dot @ x])
    # the array of residuals may be empty: then this adds to nothing
    squares_dot = 2 * build("dot", right - a @ x, error_dot)
    residual_dot = build("zeros_like", item(y, 1)) + squares_dot
    s_dot = build("zeros_like", item(y, 3))
    if a_dot is not None:
        s_dot = values_slope(a_dot, a)
    return pieces(b, op, [x_dot, residual_dot, lift(b, 0.0), s_dot])


def _lstsq_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    x_bar, residual_bar, _, s_bar = entries(b, op, bars, 4)
    if x_bar is None and residual_bar is None and s_bar is None:
        return
    a, right = (array_operand(b, arg) for arg in op.args)
    x, p = item(lift(b, op.outs[0]), 0), build("pinv", a)
    error_bar = None
    if residual_bar is not None:
        error_bar = 2 * build("sum", residual_bar) * (right - a @ x)
    if bars.wants(op.args[1]):
        through = None if x_bar is None else turned(p) @ x_bar
        right_bar = sum_of([through, error_bar])
        if right_bar is not None:
            give(b, bars, op.args[1], right_bar)
    if bars.wants(op.args[0]):
        through = (
            None if x_bar is None else _pinv_back(build("outer", x_bar, right), p, a)
        )
        a_bar = sum_of(
            [
                through,
                None if error_bar is None else -build("outer", error_bar, x),
                None if s_bar is None else values_back(s_bar, a),
            ]
        )
        give(b, bars, op.args[0], a_bar)  # type: ignore[arg-type]


lstsq = custom(
    "np.linalg.lstsq",
    _lstsq_forward,
    _lstsq_backward,
    kind=_lstsq_kind,
    run=lambda a, b, **options: tuple(np.linalg.lstsq(a, b, **options)),
    signature="a, b; rcond=-1",
    doc="by the pseudo-inverse of a matrix whose rank stays",
)
