"""Arrays put together."""

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
    Tuple,
    is_real,
)
from s2sad.ir.nodes import Atom, Lit, Op
from s2sad.rules import helpers, infer
from s2sad.rules.containers import as_array_kind, give
from s2sad.rules.dims import length, same_shape, slice_of
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.lazy import full
from s2sad.rules.primitive import (
    Adjoints,
    Tangents,
    options_of,
    taken,
)
from s2sad.rules.reductions import axes_of
from s2sad.rules.registry import BadArguments
from s2sad.rules.verbs import custom


def sequence_items(args: Sequence[Atom], what: str) -> list[Kind]:
    """The kinds of the arrays that are put together."""
    kind = args[0].kind
    if isinstance(kind, (Tuple, List)) and kind.items is not None:
        return [infer.strong(as_array_kind(item)) for item in kind.items]
    elem = kind.elem if isinstance(kind, List) else None
    if isinstance(elem, Array) and elem.dims is not None:
        # however many: one of lengths that are not known stands for them
        return [Array(elem.dtype, (None,) * len(elem.dims))]
    raise BadArguments(f"`{what}` takes a list or tuple of arrays of known rank")


def is_grown(kind: Kind) -> bool:
    """Is this a list whose length is not known?"""
    return isinstance(kind, List) and kind.items is None


def _add_dims(dims: Sequence[Dim]) -> Dim:
    if all(isinstance(dim, int) for dim in dims):
        return sum(dims)  # type: ignore[arg-type]
    return None


def _joined(shapes: Sequence[infer.Dims], axis: object) -> infer.Dims:
    known = [dims for dims in shapes if dims is not None]
    if not known:
        return None
    if axis is None:
        return (None,)
    rank = len(known[0])
    (at,) = axes_of(axis, rank)
    result: list[Dim] = []
    for i in range(rank):
        column = [dims[i] for dims in known]
        if i == at:
            result.append(_add_dims(column) if len(known) == len(shapes) else None)
        else:
            result.append(next((dim for dim in column if dim is not None), None))
    return tuple(result)


def _concatenate_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kinds = sequence_items(args, "concatenate")
    infer.refuse_complex(kinds)
    if any(kind == UNKNOWN for kind in kinds):
        return (UNKNOWN,)
    shapes = [infer.dims_of(kind) for kind in kinds]
    return (Array(infer.promote(kinds), _joined(shapes, attrs.get("axis", 0))),)


def joining(spellings: str, axis_of, kind, signature: str, rank: int = 0):
    """Arrays along an axis; `axis_of(kinds, options)` tells which, for slices of y_bar.

    An array of fewer than `rank` axes is one row.
    """

    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        if tangents[0] is None:
            return (None,)
        return (build(op.prim, lift(b, tangents[0]), **op.attrs).atom,)

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        y_bar = taken(b, op, bars)
        if y_bar is None or not bars.wants(op.args[0]):
            return
        kinds = sequence_items(op.args, op.prim)
        axis = axis_of(kinds, options_of(op))
        if is_grown(op.args[0].kind):
            whole = full(y_bar, op.outs[0])
            options = {} if axis == 0 else {"axis": axis}
            pieces = build("split_like", lift(b, op.args[0]), whole, **options)
            bars.add(op.args[0], pieces.atom)
            return
        start: object = 0
        if not isinstance(y_bar.kind, Scalar):
            y_bar = full(y_bar, op.outs[0])  # it may have rows only
        for i, kind in enumerate(kinds):
            if isinstance(y_bar.kind, Scalar):
                if is_real(kind):
                    bars.add_at(op.args[0], "[#]", (Lit(i),), y_bar.atom)
                continue
            part = build("getitem", lift(b, op.args[0]), i, path="[#]")
            if _is_one(kind, y_bar.kind, axis):
                piece = build("getitem", y_bar, start, path=f"[{':, ' * axis}#]")
                stop = start + 1  # type: ignore[operator]
            else:
                row = rank > len(infer.dims_of(kind) or (0,) * rank)
                stop = start + 1 if row else _after(start, part, kind, axis)  # type: ignore[operator]
                last = i == len(kinds) - 1
                piece = slice_of(
                    y_bar, axis, None if i == 0 else start, None if last else stop
                )
            start = stop
            if is_real(kind):
                bars.add_at(
                    op.args[0], "[#]", (Lit(i),), _piece(piece, part, kind).atom
                )

    doc = "each array its piece of y_bar"
    return custom(spellings, forward, backward, kind=kind, signature=signature, doc=doc)


def _is_one(kind: Kind, whole: Kind, axis: object) -> bool:
    """Has the part an axis less than the whole: is it one row, or one column?"""
    mine, its = infer.dims_of(kind), infer.dims_of(whole)
    known = mine is not None and its is not None and isinstance(axis, int)
    return known and axis >= 0 and len(mine) == len(its) - 1 > 0  # type: ignore


def _after(start: object, part: Handle, kind: Kind, axis: object) -> object:
    if isinstance(kind, Scalar):
        count: object = 1
    elif axis is None:
        count = build("size", part, spelling=".size")
    else:
        dims = infer.dims_of(kind)
        if dims is not None and len(dims) <= (axis if axis >= 0 else -axis - 1):  # type: ignore[operator]
            count = 1
        elif dims is not None and isinstance(dims[axis], int):  # type: ignore[index]
            count = dims[axis]  # type: ignore[index]
        else:
            count = length(part, axis)  # type: ignore[arg-type]
    if isinstance(start, int) and start == 0:
        return count
    return start + count  # type: ignore[operator]


def _piece(piece: Handle, part: Handle, kind: Kind) -> Handle:
    """A slice of the adjoint in the shape of the part that was put there, of this kind
    as an array: it may be a list of numbers.
    """
    mine, its = infer.dims_of(piece.kind), infer.dims_of(kind)
    if mine is not None and its is not None and len(mine) == len(its):
        return piece
    if mine is None and its is None:
        return piece
    if its and all(isinstance(dim, int) for dim in its):
        return build("reshape", piece, *its, spelling=".reshape")
    return same_shape(piece, part)


def _split_like_forward(
    b: Builder, op: Op, tangents: Tangents
) -> tuple[Atom | None, ...]:
    if tangents[1] is None:
        return (None,)
    dot = full(lift(b, tangents[1]), op.args[1])
    return (build("split_like", lift(b, op.args[0]), dot, **op.attrs).atom,)


def _split_like_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    found = bars.take(op.outs[0])
    if found is not None and bars.wants(op.args[1]):
        joined = build("concatenate", lift(b, found), **options_of(op))
        bars.add(op.args[1], joined.atom)


split_like = custom(
    "<split_like>",
    _split_like_forward,
    _split_like_backward,
    kind=lambda args, attrs: (args[0].kind,),
    run=helpers.split_like,
    signature="arrays, y; axis=0",
    doc="an array cut into pieces as long as those of a list",
)


concatenate = joining(
    "np.concatenate np.concat",
    lambda kinds, options: options.get("axis", 0),
    _concatenate_kind,
    "arrays; axis=0, out!, dtype!, casting!",
)


def _ranks(kinds: Sequence[Kind]) -> list[int]:
    shapes = [infer.dims_of(kind) for kind in kinds]
    if any(dims is None for dims in shapes):
        raise BadArguments("arrays of unknown rank cannot be put together here")
    return [len(dims) for dims in shapes if dims is not None]


def _hstack_axis(kinds: Sequence[Kind], options: object = None) -> int:
    return 0 if max(_ranks(kinds)) <= 1 else 1


def _stacked_kind(prepare, axis_of):
    def kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
        kinds = sequence_items(args, "stack")
        infer.refuse_complex(kinds)
        least = min(_ranks(kinds), default=0)
        if is_grown(args[0].kind) and least <= axis_of(kinds):
            raise BadArguments("vectors as rows need a list of a known number of them")
        shapes = [prepare(infer.dims_of(k)) for k in kinds]
        return (Array(infer.promote(kinds), _joined(shapes, axis_of(kinds))),)

    return kind


hstack = joining(
    "np.hstack",
    _hstack_axis,
    _stacked_kind(lambda dims: dims or (1,), _hstack_axis),
    "tup; dtype!, casting!",
)
vstack = joining(
    "np.vstack np.row_stack",
    lambda kinds, options: 0,
    _stacked_kind(lambda dims: (1,) * (2 - len(dims)) + dims, lambda kinds: 0),
    "tup; dtype!, casting!",
    rank=2,
)
column_stack = joining(
    "np.column_stack",
    lambda kinds, options: 1,
    _stacked_kind(lambda dims: (*dims, *(1,) * (2 - len(dims))), lambda kinds: 1),
    "tup",
)


def _dstack_dims(dims):
    return (
        (1, *(dims or (1,)), 1) if len(dims) < 2 else (*dims, *(1,) * (3 - len(dims)))
    )


dstack = joining(
    "np.dstack",
    lambda kinds, options: 2,
    _stacked_kind(_dstack_dims, lambda kinds: 2),
    "tup",
)


def _stack_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kind = as_array_kind(args[0].kind)
    if kind == UNKNOWN:
        return (UNKNOWN,)
    infer.refuse_complex([kind])
    dims = infer.dims_of(kind)
    if dims is not None:
        (at,) = axes_of(attrs.get("axis", 0), len(dims))
        rest = list(dims[1:])
        rest.insert(at, dims[0])
        dims = tuple(rest)
    return (Array(kind.dtype, dims),)  # type: ignore[attr-defined]


def _stack_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    return (build("stack", lift(b, tangents[0]), **op.attrs).atom,)


def _stack_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None or not bars.wants(op.args[0]):
        return
    axis = op.attrs.get("axis", 0)
    if not isinstance(y_bar.kind, Scalar):
        y_bar = full(y_bar, op.outs[0])
    if axis != 0 and not isinstance(y_bar.kind, Scalar):
        y_bar = build("moveaxis", y_bar, source=axis, destination=0)
    give(b, bars, op.args[0], y_bar)


stack = custom(
    "np.stack",
    _stack_forward,
    _stack_backward,
    kind=_stack_kind,
    signature="arrays; axis=0, out!, dtype!, casting!",
    doc="each array its row of y_bar",
)
