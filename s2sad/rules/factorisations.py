"""Matrices taken apart: what all factorisations share; Cholesky and QR.

`cholesky` reads the lower triangle of its operand only, and so its adjoint is in the
lower triangle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import UNKNOWN, Array, Dim, Kind, Tuple
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import infer
from s2sad.rules.containers import array_operand, give
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.lazy import full
from s2sad.rules.linalg import inv
from s2sad.rules.primitive import (
    Adjoints,
    Tangents,
    options_of,
    taken,
)
from s2sad.rules.products import array_dims, column, rank_of, row, turned
from s2sad.rules.registry import BadArguments
from s2sad.rules.verbs import custom


def matrix_dims(args: Sequence[Atom], what: str) -> tuple[str, tuple[Dim, ...]] | None:
    """The dtype of a factorisation and the dims of its operand."""
    found = array_dims(args[:1])
    if found is None:
        return None
    dtype, (dims,) = found
    if dims is None or len(dims) < 2:
        raise BadArguments(f"`{what}` needs an array of known rank, at least 2")
    return infer.to_float_64(infer.numpy_dtype(dtype).name), dims


def least(m: Dim, n: Dim) -> Dim:
    """The smaller of two lengths, if kinds tell."""
    if isinstance(m, int) and isinstance(n, int):
        return min(m, n)
    return m if m == n else None


def lower(x: Handle) -> Handle:
    """The lower triangle with half the diagonal."""
    return 0.5 * (build("tril", x) + build("tril", x, k=-1))


def mirrored(x: Handle) -> Handle:
    """The symmetric matrix of which the lower triangle of x is read."""
    return build("tril", x) + turned(build("tril", x, k=-1))


def folded(x: Handle) -> Handle:
    """The adjoint of `mirrored`."""
    return lower(x + turned(x))


def eye_of(x: Handle) -> Handle:
    """The identity matrix as large, and of the dtype, as the square matrices x."""
    size = build("getitem", build("shape", x, spelling=".shape"), -1, path="[#]")
    dtype = x.kind.dtype  # type: ignore[attr-defined]
    return build("eye", size, **({} if dtype == "float64" else {"dtype": dtype}))


def inverse_gaps(w: Handle, like: Handle) -> Handle:
    """1 / (w[j] - w[i]), and 0 on the diagonal."""
    one = eye_of(like)
    return (1 - one) / (across(w) - column(w) + one)


def across(w: Handle) -> Handle:
    """A number for each column of a matrix."""
    return w if rank_of(w) == 1 else row(w)


def item(y: Handle, position: int) -> Handle:
    return build("getitem", y, position, path="[#]")


def pieces(b: Builder, op: Op, dots: Sequence[Handle]) -> tuple[Atom]:
    """The tangent of a tuple of results."""
    return (b.op("tuple", [dot.atom for dot in dots], op.outs[0].kind),)


def entries(b: Builder, op: Op, bars: Adjoints, count: int) -> list[Handle | None]:
    """The adjoints of a tuple of results."""
    found = [bars.item(op.outs[0], i) for i in range(count)]
    bars.take(op.outs[0])
    y = lift(b, op.outs[0])
    return [
        None if bar is None else full(lift(b, bar), item(y, i))
        for i, bar in enumerate(found)
    ]


def factorisation(
    spellings: str,
    slope: Callable[..., object],
    back: Callable[..., Handle | None],
    *,
    kind: Callable[..., tuple[Kind, ...]],
    **rest: object,
):
    """`slope(x_dot, y, x, **options)` is y_dot, `back(y_bar, y, x, **options)` x_bar.

    For several results, `y_dot` is a list and `y_bar` one with None where it is zero.
    """

    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        if tangents[0] is None:
            return (None,)
        x, y = array_operand(b, op.args[0]), lift(b, op.outs[0])
        dot = full(array_operand(b, tangents[0]), x)
        found = slope(dot, y, x, **options_of(op))
        return (found.atom,) if isinstance(found, Handle) else pieces(b, op, found)  # type: ignore[arg-type]

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        x, y = array_operand(b, op.args[0]), lift(b, op.outs[0])
        y_bar: object
        if isinstance(y.kind, Tuple):
            y_bar = entries(b, op, bars, len(y.kind.items))
            if all(bar is None for bar in y_bar):  # type: ignore[attr-defined]
                return
        else:
            y_bar = taken(b, op, bars)
            if y_bar is None:
                return
            y_bar = full(y_bar, y)
        if bars.wants(op.args[0]):
            found = back(y_bar, y, x, **options_of(op))
            if found is not None:
                give(b, bars, op.args[0], found)

    return custom(spellings, forward, backward, kind=kind, partials=back, **rest)


def sum_of(terms: Sequence[Handle | None]) -> Handle | None:
    result = None
    for term in terms:
        if term is not None:
            result = term if result is None else result + term
    return result


# ---- Cholesky: a = y @ y.T -----------------------------------------------------------


def _square(what: str):
    def kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
        found = matrix_dims(args, what)
        return (UNKNOWN if found is None else Array(*found),)

    return kind


def _cholesky_slope(x_dot, y, x):
    inside = inv(y)
    return y @ lower(inside @ mirrored(x_dot) @ turned(inside))


def _cholesky_back(y_bar, y, x):
    """folded(y^-T @ lower(y.T @ y_bar) @ y^-1)"""
    inside = inv(y)
    return folded(turned(inside) @ lower(turned(y) @ y_bar) @ inside)


cholesky = factorisation(
    "np.linalg.cholesky",
    _cholesky_slope,
    _cholesky_back,
    kind=_square("cholesky"),
    signature="a; *, upper!",
)

# ---- orthogonal and triangular: a = q @ r --------------------------------------------


def _qr_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = matrix_dims(args, "qr")
    if found is None:
        return (UNKNOWN,)
    if attrs.get("mode", "reduced") != "reduced":
        raise BadArguments("`qr` is supported with mode='reduced'")
    dtype, dims = found
    *batch, m, n = dims
    k = least(m, n)
    return (Tuple((Array(dtype, (*batch, m, k)), Array(dtype, (*batch, k, n)))),)


def _need_tall(x: Handle) -> None:
    m, n = infer.dims_of(x.kind)[-2:]  # type: ignore[index]
    if isinstance(m, int) and isinstance(n, int) and m < n:
        raise BadArguments(
            "`qr` is differentiated where there are no more columns than rows"
        )


def _qr_slope(x_dot, y, x):
    _need_tall(x)
    q, r = item(y, 0), item(y, 1)
    scaled = x_dot @ inv(r)
    turn = turned(q) @ scaled
    below = build("tril", turn, k=-1)
    upper = turn - below + turned(below)
    return [scaled - q @ upper, upper @ r]


def _qr_back(y_bar, y, x):
    """(q_bar + q @ symmetric(r @ r_bar.T - q_bar.T @ q)) @ r^-T"""
    _need_tall(x)
    q, r = item(y, 0), item(y, 1)
    q_bar, r_bar = y_bar
    # R is triangular: what stands below its diagonal does not vary
    inside = sum_of(
        [
            None if r_bar is None else r @ turned(build("triu", r_bar)),
            None if q_bar is None else -turned(q_bar) @ q,
        ]
    )
    found = sum_of([q_bar, q @ mirrored(inside)])
    return found @ turned(inv(r))


qr = factorisation(
    "np.linalg.qr",
    _qr_slope,
    _qr_back,
    kind=_qr_kind,
    run=lambda a: tuple(np.linalg.qr(a)),
    signature="a; mode='reduced'",
)
