"""Products of arrays: matmul, dot, inner, outer, tensordot.

Ranks are known from kinds: `y_bar @ B.T` for a matrix, `np.outer(y_bar, x)` for a
vector.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import wraps

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import UNKNOWN, Array, Dim, Kind, Scalar, Unknown
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import helpers, infer
from s2sad.rules.containers import as_array_kind
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.lazy import full, unbroadcast
from s2sad.rules.primitive import Adjoints, Tangents, options_of, taken, total
from s2sad.rules.reductions import new_axes
from s2sad.rules.registry import BadArguments
from s2sad.rules.shape import transposed
from s2sad.rules.verbs import bilinear, custom


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
    dtype = infer.promote([infer.strong(kind) for kind in kinds])
    return dtype, [infer.dims_of(kind) for kind in kinds]


def turned(x: Handle) -> Handle:
    """The last two axes swapped."""
    return (
        transposed(x) if rank_of(x) == 2 else build("swapaxes", x, axis1=-1, axis2=-2)
    )


def open_rank(*arrays: Handle) -> bool:
    """Is it left to the run how many axes one of these has?"""
    return any(infer.dims_of(as_array_kind(x.kind)) is None for x in arrays)


def any_rank(left, right, product: str):
    """The rules of a product, and those for operands whose rank is not known."""

    def of(side: str, rule):
        def chosen(y_bar, y, a, b, **options):
            if not open_rank(a, b, y_bar):
                return rule(y_bar, y, a, b, **options)
            if isinstance(y.kind, Unknown):
                y_bar = build("full_like", y, y_bar)
            return build(side, y_bar, a, b, product=product, **options)

        return wraps(rule)(chosen)

    return of("left_bar", left), of("right_bar", right)


def column(x: Handle) -> Handle:
    return new_axes(x, (rank_of(x),), rank_of(x) + 1)


# ---- matmul --------------------------------------------------------------------------


def _matmul_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = array_dims(args)
    if found is None:
        return (UNKNOWN,)
    dtype, (p, q) = found
    if p is None or q is None:
        return (Array(dtype, None),)
    if not p or not q:
        raise BadArguments("`@` needs arrays of at least one axis")
    batch = infer.broadcast([p[:-2], q[:-2]]) or ()
    rows = p[-2:-1] if len(p) > 1 else ()
    columns = q[-1:] if len(q) > 1 else ()
    return (infer.array_or_scalar(dtype, (*batch, *rows, *columns)),)


def _matmul_left(y_bar, y, a, b):
    """y_bar @ b.T"""
    ranks = rank_of(a), rank_of(b)
    if ranks in ((1, 1), (1, 2)):
        return b * y_bar if ranks == (1, 1) else b @ y_bar
    if ranks == (2, 1):
        return build("outer", y_bar, b)
    if ranks[1] == 1:
        return column(y_bar) * b
    if ranks[0] == 1:
        return unbroadcast((b @ column(y_bar))[..., 0], a)
    return unbroadcast(y_bar @ turned(b), a)


def _matmul_right(y_bar, y, a, b):
    """a.T @ y_bar"""
    ranks = rank_of(a), rank_of(b)
    if ranks[1] == 1:
        if ranks[0] <= 2:
            return a * y_bar if ranks[0] == 1 else transposed(a) @ y_bar
        return unbroadcast((turned(a) @ column(y_bar))[..., 0], b)
    if ranks == (1, 2):
        return build("outer", a, y_bar)
    if ranks[0] == 1:
        return unbroadcast(column(a) * row(y_bar), b)
    return unbroadcast(turned(a) @ y_bar, b)


def row(x: Handle) -> Handle:
    """x[..., None, :]"""
    rank = rank_of(x)
    return new_axes(x, (rank - 1,), rank + 1)


matmul = bilinear(
    "a @ b  np.matmul operator.matmul",
    *any_rank(_matmul_left, _matmul_right, "matmul"),
    kind=_matmul_kind,
    signature="a, b; out!, casting!, order!, dtype!, axes!, axis!",
)

# ---- dot, inner, outer, vdot ---------------------------------------------------------


def _dot_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = array_dims(args)
    if found is None:
        return (UNKNOWN,)
    dtype, (p, q) = found
    if p is None or q is None:
        return (Array(dtype, None),)
    if not p or not q:
        return (infer.array_or_scalar(dtype, (*p, *q)),)
    if len(q) == 1:
        return (infer.array_or_scalar(dtype, p[:-1]),)
    return (infer.array_or_scalar(dtype, (*p[:-1], *q[:-2], q[-1])),)


def _dot_left(y_bar, y, a, b):
    """y_bar @ b.T"""
    ranks = rank_of(a), rank_of(b)
    if 0 in ranks:
        return unbroadcast(y_bar * b, a)
    if max(ranks) <= 2:
        return _matmul_left(y_bar, y, a, b)
    return _contracted_left(y_bar, a, b, (ranks[0] - 1,), (max(ranks[1] - 2, 0),))


def _dot_right(y_bar, y, a, b):
    """a.T @ y_bar"""
    ranks = rank_of(a), rank_of(b)
    if 0 in ranks:
        return unbroadcast(a * y_bar, b)
    if max(ranks) <= 2:
        return _matmul_right(y_bar, y, a, b)
    return _contracted_right(y_bar, a, b, (ranks[0] - 1,), (max(ranks[1] - 2, 0),))


dot = bilinear(
    "np.dot .dot",
    *any_rank(_dot_left, _dot_right, "dot"),
    kind=_dot_kind,
    signature="a, b; out!",
)


def _inner_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = array_dims(args)
    if found is None:
        return (UNKNOWN,)
    dtype, (p, q) = found
    if p is None or q is None:
        return (Array(dtype, None),)
    if not p or not q:
        return (infer.array_or_scalar(dtype, (*p, *q)),)
    return (infer.array_or_scalar(dtype, (*p[:-1], *q[:-1])),)


def _inner_left(y_bar, y, a, b):
    """y_bar @ b"""
    ranks = rank_of(a), rank_of(b)
    if 0 in ranks:
        return unbroadcast(y_bar * b, a)
    if ranks == (1, 1):
        return b * y_bar
    return _contracted_left(y_bar, a, b, (ranks[0] - 1,), (ranks[1] - 1,))


def _inner_right(y_bar, y, a, b):
    """y_bar.T @ a"""
    ranks = rank_of(a), rank_of(b)
    if 0 in ranks:
        return unbroadcast(a * y_bar, b)
    if ranks == (1, 1):
        return a * y_bar
    return _contracted_right(y_bar, a, b, (ranks[0] - 1,), (ranks[1] - 1,))


inner = bilinear(
    "np.inner",
    *any_rank(_inner_left, _inner_right, "inner"),
    kind=_inner_kind,
    signature="a, b",
)


def _vdot_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = array_dims(args)
    return (UNKNOWN,) if found is None else (Scalar(infer.numpy_dtype(found[0]).name),)


vdot = bilinear(
    "np.vdot",
    *any_rank(
        lambda y_bar, y, a, b: _like(b * y_bar, a),
        lambda y_bar, y, a, b: _like(a * y_bar, b),
        "vdot",
    ),
    kind=_vdot_kind,
    signature="a, b",
)


def _like(value: Handle, x: Handle) -> Handle:
    """The elements of `value` in the shape of x."""
    if rank_of(value) == rank_of(x):
        return value
    return build(
        "reshape", value, build("shape", x, spelling=".shape"), spelling=".reshape"
    )


def _size(dims: infer.Dims) -> Dim:
    if dims is None:
        return None
    if len(dims) == 1:
        return dims[0]
    return math.prod(dims) if all(isinstance(d, int) for d in dims) else None  # type: ignore[arg-type]


def _outer_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = array_dims(args)
    if found is None:
        return (UNKNOWN,)
    dtype, (p, q) = found
    return (Array(infer.numpy_dtype(dtype).name, (_size(p), _size(q))),)


def _outer_left(y_bar, y, a, b):
    """y_bar @ b"""
    flat_b = b if rank_of(b) == 1 else build("ravel", b)
    return _like(y_bar @ flat_b, a) if rank_of(a) else (y_bar @ flat_b)[0]


def _outer_right(y_bar, y, a, b):
    """a @ y_bar"""
    flat_a = a if rank_of(a) == 1 else build("ravel", a)
    return _like(flat_a @ y_bar, b) if rank_of(b) else (flat_a @ y_bar)[0]


outer = bilinear(
    "np.outer",
    *any_rank(_outer_left, _outer_right, "outer"),
    kind=_outer_kind,
    signature="a, b; out!",
)

# ---- tensordot -----------------------------------------------------------------------


def contraction(
    axes: object, p: int, q: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes of two arrays that `np.tensordot` sums over, in pairs."""
    if isinstance(axes, int):
        return tuple(range(p - axes, p)), tuple(range(axes))
    one, two = axes  # type: ignore[misc]
    one = (one,) if isinstance(one, int) else tuple(one)
    two = (two,) if isinstance(two, int) else tuple(two)
    return tuple(axis % p for axis in one), tuple(axis % q for axis in two)


def _tensordot_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = array_dims(args)
    if found is None:
        return (UNKNOWN,)
    dtype, (p, q) = found
    if p is None or q is None:
        return (Array(dtype, None),)
    one, two = contraction(attrs.get("axes", 2), len(p), len(q))
    left = [d for i, d in enumerate(p) if i not in one]
    right = [d for i, d in enumerate(q) if i not in two]
    # with no axis left this is an array, not a scalar
    return (Array(infer.numpy_dtype(dtype).name, (*left, *right)),)


def _contracted_left(y_bar, a, b, one, two):
    """The adjoint of a where axes `one` of a are summed with axes `two` of b."""
    p, q = rank_of(a), rank_of(b)
    free = [axis for axis in range(p) if axis not in one]
    others = tuple(axis for axis in range(q) if axis not in two)
    tail = tuple(range(len(free), len(free) + len(others)))
    found = build("tensordot", y_bar, b, axes=(tail, others))
    # found has the free axes of a, then b's summed axes in their order in b
    placed = free + [one[i] for i in sorted(range(len(two)), key=two.__getitem__)]
    return _permuted(found, placed)


def _contracted_right(y_bar, a, b, one, two):
    p, q = rank_of(a), rank_of(b)
    free = [axis for axis in range(q) if axis not in two]
    others = tuple(axis for axis in range(p) if axis not in one)
    head = tuple(range(len(others)))
    found = build("tensordot", a, y_bar, axes=(others, head))
    placed = [two[i] for i in sorted(range(len(one)), key=one.__getitem__)] + free
    return _permuted(found, placed)


def _permuted(x: Handle, placed: Sequence[int]) -> Handle:
    """x with its i-th axis moved to place `placed[i]`."""
    order = tuple(int(i) for i in np.argsort(placed))
    if order == tuple(range(len(order))):
        return x
    if order == (1, 0):
        return transposed(x)
    return build("transpose", x, axes=order)


tensordot = bilinear(
    "np.tensordot",
    *any_rank(
        lambda y_bar, y, a, b, axes=2: _contracted_left(
            y_bar, a, b, *contraction(axes, rank_of(a), rank_of(b))
        ),
        lambda y_bar, y, a, b, axes=2: _contracted_right(
            y_bar, a, b, *contraction(axes, rank_of(a), rank_of(b))
        ),
        "tensordot",
    ),
    kind=_tensordot_kind,
    signature="a, b; axes=2",
)

# ---- adjoints of operands whose rank is not known ------------------------------------
# With <s, left_bar(y_bar, b)> = <product(s, b), y_bar>, and so for the other side, the
# product and its two adjoints are the derivatives of one another.


def _side(mine: int, other: int, partner: str):
    """Rules of `left_bar` (mine is a, the other b) or of `right_bar`."""

    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        terms = []
        for i in (0, other):
            if tangents[i] is not None:
                args = [lift(b, arg) for arg in op.args]
                args[i] = full(lift(b, tangents[i]), op.args[i])
                terms.append(build(op.prim, *args, **op.attrs))
        result = total(terms)
        return (None if result is None else result.atom,)

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        seed = taken(b, op, bars)
        if seed is None:
            return
        seed = full(seed, op.outs[0])
        args = [lift(b, arg) for arg in op.args]
        args[mine] = seed
        options = options_of(op)
        product = str(options.pop("product"))
        if bars.wants(op.args[0]):
            axes = {k: v for k, v in options.items() if k == "axes"}
            bars.add(op.args[0], build(product, *args[1:], **axes).atom)
        if bars.wants(op.args[other]):
            bars.add(op.args[other], build(partner, *args, **op.attrs).atom)

    return forward, backward


left_bar = custom(
    "<left_bar>",
    *_side(1, 2, "right_bar"),
    kind=lambda args, attrs: (args[1].kind,),
    run=helpers.left_bar,
    signature='y_bar, a, b; product="matmul", axes=2',
    doc="the adjoint of a in a product, whatever the ranks",
)
right_bar = custom(
    "<right_bar>",
    *_side(2, 1, "left_bar"),
    kind=lambda args, attrs: (args[2].kind,),
    run=helpers.right_bar,
    signature='y_bar, a, b; product="matmul", axes=2',
    doc="the adjoint of b in a product, whatever the ranks",
)
