"""Arrays cut into pieces, and repeated."""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.ir.build import Builder
from s2sad.ir.kinds import (
    UNKNOWN,
    Array,
    Dim,
    Kind,
    List,
    Scalar,
)
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import infer
from s2sad.rules.dims import length, same_shape
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.lazy import full
from s2sad.rules.primitive import Adjoints, Tangents
from s2sad.rules.reductions import axes_of, operand_kind
from s2sad.rules.registry import BadArguments
from s2sad.rules.shape import moved
from s2sad.rules.signature import NOT_STATIC, static
from s2sad.rules.verbs import custom, linear

# ---- take apart ----------------------------------------------------------------------


def splitting(spellings: str, axis_of, signature: str, uneven: bool = False):
    """An array cut along an axis; `axis_of(rank, options)` tells which."""

    def kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
        found = operand_kind(args[:1])
        places = attrs["indices_or_sections"]
        dims = infer.dims_of(found)
        if found == UNKNOWN or dims is None:
            raise BadArguments("`split` needs an array of known rank")
        (at,) = axes_of(axis_of(len(dims), attrs), len(dims))
        if isinstance(places, int):
            cut = _lengths(dims[at], places, uneven)
        else:
            cut = [None] * (len(places) + 1)  # type: ignore[arg-type]
        parts = [Array(found.dtype, (*dims[:at], n, *dims[at + 1 :])) for n in cut]  # type: ignore[attr-defined]
        return (List(tuple(parts)),)

    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        if tangents[0] is None:
            return (None,)
        dot = full(lift(b, tangents[0]), op.args[0])
        return (build(op.prim, dot, **op.attrs).atom,)

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        count = len(op.outs[0].kind.items)  # type: ignore[attr-defined]
        found = [bars.item(op.outs[0], i) for i in range(count)]
        bars.take(op.outs[0])
        if all(bar is None for bar in found) or not bars.wants(op.args[0]):
            return
        pieces = []
        for i, bar in enumerate(found):
            part = build("getitem", lift(b, op.outs[0]), i, path="[#]")
            zero = bar is None
            whole = build("zeros_like", part) if zero else full(lift(b, bar), part)
            pieces.append(whole.atom)
        kinds = List(tuple(piece.kind for piece in pieces))
        joined = lift(b, b.op("list", pieces, kinds))
        rank = len(infer.dims_of(op.args[0].kind))  # type: ignore[arg-type]
        axis = axis_of(rank, op.attrs)
        bars.add(op.args[0], build("concatenate", joined, axis=axis).atom)

    doc = "the pieces put together"
    return custom(spellings, forward, backward, kind=kind, signature=signature, doc=doc)


def _lengths(whole: Dim, count: int, uneven: bool) -> list[Dim]:
    if not isinstance(whole, int):
        return [None] * count
    each, rest = divmod(whole, count)
    return [each + (1 if uneven and i < rest else 0) for i in range(count)]


def _given_axis(rank: int, options: infer.Attrs) -> object:
    return options.get("axis", 0)


split = splitting("np.split", _given_axis, "ary; indices_or_sections, axis=0")
array_split = splitting(
    "np.array_split", _given_axis, "ary; indices_or_sections, axis=0", uneven=True
)
hsplit = splitting(
    "np.hsplit", lambda rank, options: min(rank - 1, 1), "ary; indices_or_sections"
)
vsplit = splitting("np.vsplit", lambda rank, options: 0, "ary; indices_or_sections")
dsplit = splitting("np.dsplit", lambda rank, options: 2, "ary; indices_or_sections")

# ---- the same elements again and again -----------------------------------------------


def _tile_reps(atom: Atom) -> tuple[object, ...]:
    value = static(atom)
    if isinstance(value, (tuple, list)):
        return tuple(value)
    if value is NOT_STATIC and not isinstance(atom.kind, Scalar):
        raise BadArguments("the shape that `tile` repeats must be known")
    return (value if value is not NOT_STATIC else None,)


def _tile_kind(
    dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs
) -> infer.Dims:
    if dims is None:
        raise BadArguments("`tile` needs an array of known rank")
    reps = _tile_reps(args[1])
    rank = max(len(reps), len(dims))
    reps = (1,) * (rank - len(reps)) + reps
    dims = (1,) * (rank - len(dims)) + dims
    pairs = zip(reps, dims, strict=True)
    return tuple(
        d if r == 1 else r * d if isinstance(r, int) and isinstance(d, int) else None
        for r, d in pairs
    )


def _tile_back(y_bar, y, x, reps):
    """the copies in axes of their own, summed"""
    known = _tile_reps(reps.atom)
    counts = [reps if r is None else r for r in known]
    dims = infer.dims_of(x.kind)
    rank = max(len(counts), len(dims))
    counts = [1] * (rank - len(counts)) + counts
    lead = rank - len(dims)
    parts: list[object] = []
    for i, count in enumerate(counts):
        parts += [count, 1 if i < lead else length(x, i - lead)]
    split_up = build("reshape", full(y_bar, y), *parts, spelling=".reshape")
    gone = tuple(range(0, 2 * rank, 2)) + tuple(2 * i + 1 for i in range(lead))
    summed = build("sum", split_up, axis=tuple(sorted(gone)))
    return summed


tile = linear("np.tile", _tile_back, kind=moved(_tile_kind), signature="A, reps")


def _repeat_kind(
    dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs
) -> infer.Dims:
    times = static(args[1]) if isinstance(args[1].kind, Scalar) else None
    axis = attrs.get("axis")
    if axis is None:
        return (None,)
    if dims is None:
        raise BadArguments("`repeat` along an axis needs an array of known rank")
    (at,) = axes_of(axis, len(dims))
    d = dims[at]
    new = d * times if isinstance(d, int) and isinstance(times, int) else None
    return (*dims[:at], new, *dims[at + 1 :])


def _repeat_back(y_bar, y, x, repeats, axis=None):
    """the copies in an axis of their own, summed"""
    y_bar = full(y_bar, y)
    if not isinstance(repeats.kind, Scalar):
        return _counted_back(y_bar, x, repeats, axis)
    dims = infer.dims_of(x.kind)
    if dims is None:
        split_up = build("reshape", y_bar, -1, repeats, spelling=".reshape")
        return same_shape(build("sum", split_up, axis=1), x)
    rank = len(dims)
    (at,) = (rank - 1,) if axis is None else axes_of(axis, rank)
    parts = [length(x, i) for i in range(rank)]
    parts.insert(at + 1, repeats)
    return build(
        "sum", build("reshape", y_bar, *parts, spelling=".reshape"), axis=at + 1
    )


def _counted_back(y_bar: Handle, x: Handle, counts: Handle, axis: object) -> Handle:
    """Each copy added where it came from."""
    rank = len(infer.dims_of(x.kind) or ())
    flat_x = build("ravel", x) if axis is None and rank != 1 else x
    (at,) = axes_of(axis or 0, 1 if axis is None else rank)
    origin = build("repeat", build("arange", lift(x.b, length(flat_x, at))), counts)
    path = f"[{', '.join([':'] * at + ['#'])}]"
    found = build("additem", build("zeros_like", flat_x), y_bar, origin, path=path)
    return found if flat_x is x else same_shape(found, x)


repeat = linear(
    "np.repeat .repeat",
    _repeat_back,
    kind=moved(_repeat_kind),
    signature="a, repeats; axis=None",
)
