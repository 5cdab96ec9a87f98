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
from s2sad.rules.composed import composed
from s2sad.rules.containers import array_operand, give
from s2sad.rules.elementary import over
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.lazy import full, unbroadcast
from s2sad.rules.primitive import (
    Adjoints,
    Tangents,
    taken,
    total,
)
from s2sad.rules.products import array_dims, column, rank_of, row, turned
from s2sad.rules.reductions import new_axes, reduction, reduction_kind, shared
from s2sad.rules.registry import BadArguments
from s2sad.rules.verbs import custom, flat

# ---- norms ---------------------------------------------------------------------------


def _norm_slope(y, x, ord=None, axis=None):
    """x / y, and 0 where the norm is 0"""
    if isinstance(x, Handle) and ord not in (None, "fro"):
        rank = rank_of(x, "`norm`")
        axes = tuple(range(rank)) if axis is None else axis
        if isinstance(axes, tuple) and len(axes) == 2:
            one, two = (at % rank for at in axes)
            return _matrix_norm_slope(y, x, ord, one, two)
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


def _matrix_norm_slope(y, x, ord, rows, columns):
    """Of a matrix along two axes; for singular values u @ (their slopes) @ vh."""
    if ord in (1, -1, math.inf, -math.inf):
        along, across = (rows, columns) if ord in (1, -1) else (columns, rows)
        sums = build("sum", build("abs", x), axis=along, keepdims=True)
        extreme = "max" if ord > 0 else "min"
        largest = build(extreme, sums, axis=across, keepdims=True)
        return sign_of(x) * shared(largest, sums, across)
    if ord not in (2, -2, "nuc"):
        raise BadArguments(f"the matrix norm with ord={ord!r} is not supported")
    rank = rank_of(x)
    last = (rows, columns) == (rank - 2, rank - 1)
    if not last:
        x = build("moveaxis", x, source=(rows, columns), destination=(-2, -1))
    factors = build("svd", x, full_matrices=False)
    u, s, vh = (build("getitem", factors, i, path="[#]") for i in range(3))
    if ord == "nuc":
        weights = build("sign", s)
    else:
        options = {"axis": -1, "keepdims": True}
        weights = shared(build("max" if ord > 0 else "min", s, **options), s, -1)
    found = (u * row(weights)) @ vh
    if last:
        return found
    return build("moveaxis", found, source=(-2, -1), destination=(rows, columns))


norm = reduction(
    "np.linalg.norm",
    _norm_slope,
    kind=reduction_kind(
        lambda dtype: dtype if dtype.kind == "f" else np.dtype("float64")
    ),
    signature="x; ord=None, axis=None, keepdims=False",
)

# NumPy 2's names for the two sorts of norms

vector_norm = composed(
    "np.linalg.vector_norm",
    lambda x, axis=None, ord=2, keepdims=False: _vector_norm(x, axis, ord, keepdims),
    run=lambda x, axis=None, **options: _array_api("vector_norm")(
        x, axis=axis, **options
    ),
    signature="x; *, axis=None, keepdims=False, ord=2",
)
matrix_norm = composed(
    "np.linalg.matrix_norm",
    lambda x, ord="fro", **options: norm(x, ord=ord, axis=(-2, -1), **options),
    run=lambda x, **options: _array_api("matrix_norm")(x, **options),
    signature="x; *, keepdims=False, ord='fro'",
)


def _vector_norm(x: Handle, axis: object, ord: object, keepdims: bool) -> Handle:
    """the norm of a vector, or of all elements"""
    options = {"keepdims": True} if keepdims else {}
    if axis is None and rank_of(x) != 1:
        if keepdims:
            raise BadArguments("`vector_norm` of all with keepdims is not supported")
        x = build("ravel", x)
    if isinstance(axis, tuple):
        if ord != 2:
            raise BadArguments("`vector_norm` over several axes is for ord=2")
        total_ = build("sum", x * x, axis=axis, **options)
        return build("sqrt", total_)
    return norm(x, ord=ord, **({} if axis is None else {"axis": axis}), **options)


def _array_api(name: str):
    return getattr(np.linalg, name)


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


def _cofactors_forward(
    b: Builder, op: Op, tangents: Tangents
) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    x = lift(b, op.args[0])
    return (build("cofactors_slope", x, full(lift(b, tangents[0]), x)).atom,)


def _cofactors_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is not None and bars.wants(op.args[0]):
        x = lift(b, op.args[0])
        # the second derivative of det is symmetric: its own transpose
        bars.add(op.args[0], build("cofactors_slope", x, full(y_bar, x)).atom)


cofactors = custom(
    "<cofactors>",
    _cofactors_forward,
    _cofactors_backward,
    kind=_square_kind,
    run=helpers.cofactors,
    doc="det(x) * inv(x).T, of singular matrices, too",
)


def _cofactors_slope(x: Handle, dot: Handle) -> Handle:
    """(sum(y * dot) - y @ dot.T) @ inv(x).T, for y = cofactors(x)"""
    y, inverse = cofactors(x), turned(inv(x))
    axes = {} if rank_of(x) == 2 else {"axis": (-2, -1), "keepdims": True}
    return build("sum", y * dot, **axes) * inverse - y @ turned(dot) @ inverse


cofactors_slope = composed(
    "<cofactors_slope>",
    _cofactors_slope,
    kind=infer.like_first,
    run=helpers.cofactors_slope,
    doc="how cofactors vary; its own derivative needs x to be regular",
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
