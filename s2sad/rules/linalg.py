"""Norms, inverses, solutions, determinants."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import UNKNOWN, Array, Kind, Scalar, Tuple, Unknown
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import helpers, infer
from s2sad.rules.arithmetic import sign_of
from s2sad.rules.containers import array_operand, as_array_kind, give
from s2sad.rules.elementary import over
from s2sad.rules.handles import Handle, build, full, lift, unbroadcast
from s2sad.rules.reductions import axes_of, new_axes, reduction, reduction_kind, shared
from s2sad.rules.registry import BadArguments
from s2sad.rules.shape import transposed
from s2sad.rules.verbs import (
    Adjoints,
    Tangents,
    custom,
    flat,
    taken,
    total,
)


def rank_of(x: Handle, what: str = "this product") -> int:
    dims = infer.dims_of(as_array_kind(x.kind))
    if dims is None:
        raise BadArguments(f"{what} needs arrays of known rank")
    return len(dims)


def array_dims(args: Sequence[Atom]) -> tuple[str, list[infer.Dims]] | None:
    """The common dtype and the dims of the operands; None where a kind is not known."""
    kinds = [as_array_kind(infer.numeric(arg.kind)) for arg in args]
    infer.refuse_complex(kinds)
    if any(isinstance(kind, Unknown) for kind in kinds):
        return None
    return infer.promote(kinds), [infer.dims_of(kind) for kind in kinds]


def turned(x: Handle) -> Handle:
    """The last two axes swapped."""
    return (
        transposed(x) if rank_of(x) == 2 else build("swapaxes", x, axis1=-1, axis2=-2)
    )


def column(x: Handle) -> Handle:
    return new_axes(x, (rank_of(x),), rank_of(x) + 1)


# ---- norms ---------------------------------------------------------------------------


def _norm_slope(y, x, ord=None, axis=None):
    """x / y, and 0 where the norm is 0"""
    if isinstance(x, Handle):
        count = (
            rank_of(x, "`norm`")
            if axis is None
            else len(axes_of(axis, rank_of(x, "`norm`")))
        )
        if ord is not None and count == 2 and ord != "fro":
            raise BadArguments(f"the matrix norm with ord={ord!r} is not supported")
    if ord in (None, 2, "fro"):
        return over(x, y)
    if ord == 1:
        return sign_of(x)
    size = build("abs", x) if isinstance(x, Handle) else np.abs(x)
    if ord in (math.inf, -math.inf):
        return sign_of(x) * shared(y, size, axis)
    if ord == 0:
        return 0.0 * x
    if not isinstance(ord, (int, float)):
        raise BadArguments(f"the norm with ord={ord!r} is not supported")
    if ord > 1:
        return sign_of(x) * over(size, y) ** (ord - 1)
    # below 1 the slope is infinite where an element is 0
    return sign_of(x) * (size / y) ** (ord - 1)


norm = reduction(
    "np.linalg.norm",
    _norm_slope,
    kind=reduction_kind(
        lambda dtype: dtype if dtype.kind == "f" else np.dtype("float64")
    ),
    signature="x; ord=None, axis=None, keepdims=False",
)

# ---- inverse, solution, determinant --------------------------------------------------


def _square_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = array_dims(args)
    if found is None:
        return (UNKNOWN,)
    dtype, (dims,) = found
    return (Array(infer.to_float_64(infer.numpy_dtype(dtype).name), dims),)


def _inv_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    y = lift(b, op.outs[0])
    dot_ = full(lift(b, tangents[0]), op.args[0])
    return ((-y @ dot_ @ y).atom,)


def _inv_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is not None and bars.wants(op.args[0]):
        y = lift(b, op.outs[0])
        y_t = turned(y)
        bars.add(op.args[0], (-y_t @ full(y_bar, y) @ y_t).atom)


inv = custom(
    "np.linalg.inv",
    _inv_forward,
    _inv_backward,
    kind=_square_kind,
    signature="a",
    doc="-y.T @ y_bar @ y.T",
)


def _solve_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = array_dims(args)
    if found is None:
        return (UNKNOWN,)
    dtype, (p, q) = found
    if p is None or q is None:
        raise BadArguments("`solve` needs arrays of known rank")
    dtype = infer.to_float_64(infer.numpy_dtype(dtype).name)
    if len(q) == 1:
        return (Array(dtype, (*p[:-2], p[-1])),)
    batch = infer.broadcast([p[:-2], q[:-2]]) or ()
    return (Array(dtype, (*batch, p[-1], q[-1])),)


def _solve_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    a, y = array_operand(b, op.args[0]), lift(b, op.outs[0])
    terms = []
    if tangents[1] is not None:
        terms.append(full(array_operand(b, tangents[1]), array_operand(b, op.args[1])))
    if tangents[0] is not None:
        dot_ = full(array_operand(b, tangents[0]), a)
        product = (dot_ @ column(y))[..., 0] if _stack_of_vectors(op, b) else dot_ @ y
        terms.append(-product)
    found = total(terms)
    return (None if found is None else build("solve", a, _columns(found, op, b)).atom,)


def _stack_of_vectors(op: Op, b: Builder) -> bool:
    """One right-hand side for a whole stack of matrices."""
    a, right = (array_operand(b, arg) for arg in op.args)
    return rank_of(right) == 1 and rank_of(a) > 2


def _columns(value: Handle, op: Op, b: Builder) -> Handle:
    if _stack_of_vectors(op, b):
        raise BadArguments(
            "`solve` of a stack of matrices with one vector is not supported"
        )
    return value


def _solve_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None:
        return
    a, right, y = (array_operand(b, atom) for atom in (*op.args, op.outs[0]))
    _columns(y, op, b)
    solved = build("solve", turned(a), full(y_bar, y))
    if bars.wants(op.args[1]):
        give(b, bars, op.args[1], unbroadcast(solved, right))
    if bars.wants(op.args[0]):
        if rank_of(right) == 1:
            a_bar = build("outer", -solved, y)
        else:
            a_bar = unbroadcast(-solved @ turned(y), a)
        give(b, bars, op.args[0], a_bar)


solve = custom(
    "np.linalg.solve",
    _solve_forward,
    _solve_backward,
    kind=_solve_kind,
    signature="a, b",
    doc="b_bar = solve(a.T, y_bar), a_bar = -outer(b_bar, y)",
)


def _det_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    (kind,) = _square_kind(args, attrs)
    if isinstance(kind, Unknown):
        return (kind,)
    dims = kind.dims  # type: ignore[attr-defined]
    if dims is None:
        raise BadArguments("`det` needs an array of known rank")
    return (infer.array_or_scalar(kind.dtype, dims[:-2]),)  # type: ignore[attr-defined]


def _spread(y: Handle, x: Handle) -> Handle:
    """A number per matrix, with two axes of length 1 for the matrix."""
    rank = rank_of(x)
    if rank == 2 or isinstance(y.kind, Scalar):
        return y
    return new_axes(y, (rank - 2, rank - 1), rank)


def _det_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    x = array_operand(b, op.args[0])
    term = cofactors(x) * full(array_operand(b, tangents[0]), x)
    axes = () if rank_of(x) == 2 else (-2, -1)
    return (build("sum", term, **({"axis": axes} if axes else {})).atom,)


def _det_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is not None and bars.wants(op.args[0]):
        x = array_operand(b, op.args[0])
        bar = _spread(full(y_bar, op.outs[0]), x)
        give(b, bars, op.args[0], bar * cofactors(x))


det = custom(
    "np.linalg.det",
    _det_forward,
    _det_backward,
    kind=_det_kind,
    signature="a",
    doc="y_bar * cofactors(x), right for singular matrices too",
)


def _cofactors_tangent(x: Handle, dot_: Handle) -> Handle:
    """d cofactors(x) = (sum(y * dx) - y @ dx.T) @ inv(x).T, for regular x."""
    y = cofactors(x)
    inverse = turned(inv(x))
    rank = rank_of(x)
    axes = {} if rank == 2 else {"axis": (-2, -1), "keepdims": True}
    return build("sum", y * dot_, **axes) * inverse - y @ turned(dot_) @ inverse


def _cofactors_forward(
    b: Builder, op: Op, tangents: Tangents
) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    dot_ = full(lift(b, tangents[0]), op.args[0])
    return (_cofactors_tangent(lift(b, op.args[0]), dot_).atom,)


def _cofactors_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None or not bars.wants(op.args[0]):
        return
    x, y = lift(b, op.args[0]), lift(b, op.outs[0])
    y_bar = full(y_bar, y)
    inverse = turned(inv(x))
    rank = rank_of(x)
    axes = {} if rank == 2 else {"axis": (-2, -1), "keepdims": True}
    along = build("sum", y_bar * inverse, **axes) * y
    bars.add(op.args[0], (along - inverse @ turned(y_bar) @ y).atom)


cofactors = custom(
    "<cofactors>",
    _cofactors_forward,
    _cofactors_backward,
    kind=_square_kind,
    run=helpers.cofactors,
    doc="det(x) * inv(x).T; its own derivative needs x to be regular",
)


def _slogdet_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    (kind,) = _det_kind(args, attrs)
    return (Tuple((kind, kind)),)


def _slogdet_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    x = array_operand(b, op.args[0])
    term = turned(inv(x)) * full(array_operand(b, tangents[0]), x)
    axes = {} if rank_of(x) == 2 else {"axis": (-2, -1)}
    dot_ = build("sum", term, **axes)
    sign_dot = (
        lift(b, 0.0) if isinstance(dot_.kind, Scalar) else build("zeros_like", dot_)
    )
    return (b.op("tuple", (sign_dot.atom, dot_.atom), op.outs[0].kind),)


def _slogdet_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    found = bars.item(op.outs[0], 1)
    bars.take(op.outs[0])
    if found is not None and bars.wants(op.args[0]):
        x = array_operand(b, op.args[0])
        give(b, bars, op.args[0], _spread(lift(b, found), x) * turned(inv(x)))


slogdet = custom(
    "np.linalg.slogdet",
    _slogdet_forward,
    _slogdet_backward,
    kind=_slogdet_kind,
    run=lambda a: tuple(np.linalg.slogdet(a)),
    signature="a",
    doc="inv(x).T for the logarithm, 0 for the sign",
)

matrix_rank = flat(
    "np.linalg.matrix_rank",
    kind=infer.always(Scalar("int64")),
    signature="A; tol=None, hermitian=False",
)
