"""The same elements in another shape or order; pieces put together and taken apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import (
    FLOAT,
    INT,
    UNKNOWN,
    Array,
    Dim,
    Kind,
    List,
    Scalar,
    Static,
    Tuple,
    is_not_one,
    is_real,
)
from s2sad.ir.nodes import Atom, Lit, Op
from s2sad.rules import helpers, infer
from s2sad.rules.containers import as_array_kind, give
from s2sad.rules.dims import dims_from, length, same_shape, settle, shape_of
from s2sad.rules.handles import Handle, build, full, lift, unbroadcast
from s2sad.rules.reductions import axes_of, new_axes, operand_kind
from s2sad.rules.registry import BadArguments
from s2sad.rules.signature import NOT_STATIC, as_atom, bind, static
from s2sad.rules.verbs import (
    Adjoints,
    Tangents,
    custom,
    flat,
    linear,
    options_of,
    taken,
)

# ---- what is known of an array -------------------------------------------------------


def _shape_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    dims = infer.dims_of(as_array_kind(args[0].kind))
    if dims is None:
        return (UNKNOWN,)
    return (Tuple(tuple(Scalar("int", dim) for dim in dims)),)


shape = flat("np.shape .shape", kind=_shape_kind, run=np.shape, signature="a")


def _size_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    dims = infer.dims_of(args[0].kind)
    if dims is not None and all(isinstance(dim, int) for dim in dims):
        return (Scalar("int", int(np.prod(dims, dtype=int))),)  # type: ignore[arg-type]
    if dims is not None and len(dims) == 1:
        return (Scalar("int", dims[0]),)
    return (INT,)


size = flat("np.size .size", kind=_size_kind, run=np.size, signature="a; axis=None")


def _ndim_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    dims = infer.dims_of(as_array_kind(args[0].kind))
    return (INT if dims is None else Scalar("int", len(dims)),)


ndim = flat("np.ndim .ndim", kind=_ndim_kind, run=np.ndim, signature="a")


def _dtype_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kind = args[0].kind
    return (
        Static(np.dtype(kind.dtype)) if isinstance(kind, (Scalar, Array)) else UNKNOWN,
    )


dtype = flat(
    ".dtype", name="dtype", kind=_dtype_kind, run=lambda x: x.dtype, signature="a"
)

# ---- other shapes --------------------------------------------------------------------


def moved(kind_of):
    """The kind of an operand's dtype with the dims that `kind_of(dims, args, attrs)` gives."""

    def kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
        found = operand_kind(args)
        if found == UNKNOWN:
            return (UNKNOWN,)
        dtype = infer.numpy_dtype(found.dtype).name  # type: ignore[attr-defined]
        return (Array(dtype, kind_of(infer.dims_of(found), args, attrs)),)

    return kind


def _back_to_shape(y_bar, y, x, *rest, **options):
    """y_bar in the shape of x"""
    if isinstance(y_bar.kind, Scalar) and not isinstance(x.kind, Scalar):
        return y_bar
    return same_shape(full(y_bar, y), x)


def _reshape(x: object, *shape: object) -> object:
    return np.reshape(x, shape[0] if len(shape) == 1 else shape)  # type: ignore[call-overload]


def _reshape_bind(args: Sequence[object], kwargs: dict[str, object]):
    kwargs = dict(kwargs)
    given = [kwargs.pop(name) for name in ("shape", "newshape") if name in kwargs]
    if kwargs:
        raise BadArguments(
            f"the option `{next(iter(kwargs))}=` of `reshape` is not supported"
        )
    return tuple(as_atom(arg) for arg in (*args, *given)), {}


reshape = linear(
    "np.reshape .reshape",
    _back_to_shape,
    kind=moved(lambda dims, args, attrs: settle(dims_from(args[1:]), dims)),
    run=_reshape,
    binder=_reshape_bind,
)


def _flattened(
    dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs
) -> infer.Dims:
    if dims is not None and len(dims) == 1:
        return dims
    if dims is not None and all(isinstance(dim, int) for dim in dims):
        return (int(np.prod(dims, dtype=int)),)  # type: ignore[arg-type]
    return (None,)


ravel = linear(
    "np.ravel .ravel", _back_to_shape, kind=moved(_flattened), signature="a; order!"
)
flatten = linear(
    ".flatten",
    _back_to_shape,
    kind=moved(_flattened),
    run=lambda x: x.flatten(),
    signature="a; order!",
)


def _expanded(dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs) -> infer.Dims:
    if dims is None:
        return None
    axis = attrs["axis"]
    given = axis if isinstance(axis, (tuple, list)) else (axis,)
    rank = len(dims) + len(given)
    new = axes_of(tuple(given), rank)
    rest = iter(dims)
    return tuple(1 if i in new else next(rest) for i in range(rank))


expand_dims = linear(
    "np.expand_dims", _back_to_shape, kind=moved(_expanded), signature="a; axis"
)


def _squeezed(dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs) -> infer.Dims:
    if dims is None:
        return None
    axis = attrs.get("axis")
    if axis is None:
        if not all(dim == 1 or is_not_one(dim) for dim in dims):
            return None
        return tuple(dim for dim in dims if dim != 1)
    gone = axes_of(axis, len(dims))
    return tuple(dim for i, dim in enumerate(dims) if i not in gone)


squeeze = linear(
    "np.squeeze .squeeze",
    _back_to_shape,
    kind=moved(_squeezed),
    signature="a; axis=None",
)


def at_least(count: int):
    def dims_of(
        dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs
    ) -> infer.Dims:
        if dims is None:
            return None
        if len(dims) >= count:
            return dims
        if count == 3:
            return ((1, 1, 1), (1, *dims, 1), (*dims, 1))[len(dims)]
        return (1,) * (count - len(dims)) + dims

    return moved(dims_of)


atleast_1d = linear("np.atleast_1d", _back_to_shape, kind=at_least(1), signature="a")
atleast_2d = linear("np.atleast_2d", _back_to_shape, kind=at_least(2), signature="a")
atleast_3d = linear("np.atleast_3d", _back_to_shape, kind=at_least(3), signature="a")


def _broadcast_dims(
    dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs
) -> infer.Dims:
    return dims_from(args[1:])


broadcast_to = linear(
    "np.broadcast_to",
    lambda y_bar, y, x, shape: unbroadcast(y_bar, x, y),
    kind=moved(_broadcast_dims),
    signature="array, shape; subok!",
)

# ---- other orders --------------------------------------------------------------------


def _number_stays(transpose):
    """A lazy adjoint that is one number is the same in any order."""

    def back(y_bar, y, x, *rest, **options):
        if isinstance(y_bar.kind, Scalar):
            return y_bar
        return transpose(full(y_bar, y), x, *rest, **options)

    back.__doc__ = transpose.__doc__
    back.__wrapped__ = transpose  # whose text the listing shows
    return back


def _transpose_bind(args: Sequence[object], kwargs: dict[str, object]):
    first, *rest = args
    axes = kwargs.get("axes", rest[0] if len(rest) == 1 else tuple(rest) or None)
    if set(kwargs) - {"axes"}:
        raise BadArguments("`transpose` takes axes only")
    values = tuple(map(static, axes)) if isinstance(axes, tuple) else static(axes)
    if values is NOT_STATIC or (isinstance(values, tuple) and NOT_STATIC in values):
        raise BadArguments(
            "the axes of `transpose` must be known before the program runs"
        )
    return (as_atom(first),), {} if values is None else {"axes": tuple(values)}  # type: ignore[arg-type]


def _transposed(
    dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs
) -> infer.Dims:
    axes = attrs.get("axes")
    if dims is None:
        return None
    if axes is None:
        return dims[::-1]
    return tuple(dims[axis] for axis in axes)  # type: ignore[attr-defined]


def _transpose_back(y_bar, x, axes=None):
    """transpose(y_bar, inverse axes)"""
    if axes is None:
        return transposed(y_bar)
    inverse = tuple(int(i) for i in np.argsort([axis % len(axes) for axis in axes]))
    return build("transpose", y_bar, axes=inverse)


def transposed(x: Handle) -> Handle:
    """`x.T`"""
    dims = infer.dims_of(x.kind)
    return (
        x
        if dims is not None and len(dims) < 2
        else build("transpose", x, spelling=".T")
    )


transpose = linear(
    "np.transpose .transpose .T",
    _number_stays(_transpose_back),
    kind=moved(_transposed),
    binder=_transpose_bind,
)


def _swapped(dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs) -> infer.Dims:
    if dims is None:
        return None
    return tuple(np.swapaxes(_marks(dims), attrs["axis1"], attrs["axis2"]).shape)  # type: ignore[call-overload]


def _marks(dims: tuple[Dim, ...]) -> _Marks:
    return _Marks(dims)


class _Marks:
    """Dims as something whose axes can be moved."""

    def __init__(self, dims: Sequence[Dim]) -> None:
        self.shape = tuple(dims)

    def swapaxes(self, one: int, other: int) -> _Marks:
        dims = list(self.shape)
        dims[one], dims[other] = dims[other], dims[one]
        return _Marks(dims)


swapaxes = linear(
    "np.swapaxes .swapaxes",
    _number_stays(
        lambda y_bar, x, axis1, axis2: swapaxes(y_bar, axis1=axis1, axis2=axis2)
    ),
    kind=moved(_swapped),
    signature="a; axis1, axis2",
)


def _moved_axes(
    dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs
) -> infer.Dims:
    if dims is None:
        return None
    order = move_order(len(dims), attrs["source"], attrs["destination"])
    return tuple(dims[i] for i in order)


def move_order(rank: int, source: object, destination: object) -> tuple[int, ...]:
    """The permutation that `np.moveaxis` makes."""
    one = [
        axis % rank
        for axis in (source if isinstance(source, (tuple, list)) else (source,))
    ]
    two = [
        axis % rank
        for axis in (
            destination if isinstance(destination, (tuple, list)) else (destination,)
        )
    ]
    order = [i for i in range(rank) if i not in one]
    for to, frm in sorted(zip(two, one, strict=True)):
        order.insert(to, frm)
    return tuple(order)


moveaxis = linear(
    "np.moveaxis",
    _number_stays(
        lambda y_bar, x, source, destination: moveaxis(
            y_bar, source=destination, destination=source
        )
    ),
    kind=moved(_moved_axes),
    signature="a; source, destination",
)


def unchanged(dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs) -> infer.Dims:
    return dims


flip = linear(
    "np.flip",
    _number_stays(
        lambda y_bar, x, axis=None: build("flip", y_bar, **_given(axis=axis))
    ),
    kind=moved(unchanged),
    signature="m; axis=None",
)
flipud = linear(
    "np.flipud",
    _number_stays(lambda y_bar, x: flipud(y_bar)),
    kind=moved(unchanged),
    signature="m",
)
fliplr = linear(
    "np.fliplr",
    _number_stays(lambda y_bar, x: fliplr(y_bar)),
    kind=moved(unchanged),
    signature="m",
)


def _given(**options: object) -> dict[str, object]:
    return {key: value for key, value in options.items() if value is not None}


roll = linear(
    "np.roll",
    _number_stays(
        lambda y_bar, x, shift, axis=None: roll(y_bar, -shift, **_given(axis=axis))
    ),
    kind=moved(unchanged),
    signature="a, shift; axis=None",
)


def _rot_kind(dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs) -> infer.Dims:
    if dims is None:
        return None
    if int(attrs.get("k", 1)) % 2 == 0:  # type: ignore[call-overload]
        return dims
    one, two = attrs.get("axes", (0, 1))  # type: ignore[misc]
    return _Marks(dims).swapaxes(one, two).shape


rot90 = linear(
    "np.rot90",
    _number_stays(lambda y_bar, x, k=1, axes=(0, 1): rot90(y_bar, k=-k, axes=axes)),
    kind=moved(_rot_kind),
    signature="m; k=1, axes=(0, 1)",
)

# ---- put together --------------------------------------------------------------------


def sequence_items(args: Sequence[Atom], what: str) -> list[Kind]:
    """The kinds of the arrays that are put together."""
    kind = args[0].kind
    if isinstance(kind, (Tuple, List)) and kind.items is not None:
        return [as_array_kind(item) for item in kind.items]
    raise BadArguments(f"`{what}` takes a list or tuple of a known number of arrays")


def _add_dims(dims: Sequence[Dim]) -> Dim:
    if all(isinstance(dim, int) for dim in dims):
        return sum(dims)  # type: ignore[arg-type]
    if any(is_not_one(dim) and dim != 0 for dim in dims):
        # named lengths may be 0, and 0 + 1 is 1
        return None
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
        y_bar = full(y_bar, op.outs[0])
        axis = axis_of(kinds, options_of(op))
        start: object = 0
        for i, kind in enumerate(kinds):
            part = build("getitem", lift(b, op.args[0]), i, path="[#]")
            row = rank > len(infer.dims_of(kind) or (0,) * rank)
            stop = start + 1 if row else _after(start, part, kind, axis)  # type: ignore[operator]
            last = i == len(kinds) - 1
            piece = slice_of(
                y_bar, axis, None if i == 0 else start, None if last else stop
            )
            start = stop
            if is_real(kind):
                bars.add_at(op.args[0], "[#]", (Lit(i),), _piece(piece, part).atom)

    return custom(spellings, forward, backward, kind=kind, signature=signature)


def _after(start: object, part: Handle, kind: Kind, axis: object) -> object:
    if isinstance(kind, Scalar):
        count: object = 1
    elif axis is None:
        count = build("size", part, spelling=".size")
    else:
        dims = infer.dims_of(kind)
        if dims is not None and len(dims) <= (axis if axis >= 0 else -axis - 1):  # type: ignore[operator]
            count = 1
        else:
            count = length(part, axis)  # type: ignore[arg-type]
    if isinstance(start, int) and start == 0:
        return count
    return start + count  # type: ignore[operator]


def _piece(piece: Handle, part: Handle) -> Handle:
    """A slice of the adjoint in the shape of the part that was put there."""
    mine, its = infer.dims_of(piece.kind), infer.dims_of(part.kind)
    if mine is not None and its is not None and len(mine) == len(its):
        return piece
    if mine is None and its is None:
        return piece
    return same_shape(piece, part)


def slice_of(x: Handle, axis: object, start: object, stop: object) -> Handle:
    """x[..., start:stop] along an axis."""
    bounds = [bound for bound in (start, stop) if bound is not None]
    part = f"{'#' if start is not None else ''}:{'#' if stop is not None else ''}"
    at = 0 if axis is None else int(axis)  # type: ignore[call-overload]
    before, after = ([":"] * at, []) if at >= 0 else (["..."], [":"] * (-at - 1))
    if at < 0 and infer.dims_of(x.kind) is not None:
        before, after = [":"] * (len(infer.dims_of(x.kind)) + at), []  # type: ignore[arg-type]
    return build("getitem", x, *bounds, path=f"[{', '.join([*before, part, *after])}]")


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
        _ranks(kinds)
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
    y_bar = full(y_bar, op.outs[0])
    axis = op.attrs.get("axis", 0)
    if axis != 0:
        y_bar = build("moveaxis", y_bar, source=axis, destination=0)
    give(b, bars, op.args[0], y_bar)


stack = custom(
    "np.stack",
    _stack_forward,
    _stack_backward,
    kind=_stack_kind,
    signature="arrays; axis=0, out!, dtype!, casting!",
)

# ---- take apart ----------------------------------------------------------------------


def _split_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kind = operand_kind(args[:1])
    places = attrs["indices_or_sections"]
    dims = infer.dims_of(kind)
    if kind == UNKNOWN or dims is None:
        raise BadArguments("`split` needs an array of known rank")
    (at,) = axes_of(attrs.get("axis", 0), len(dims))
    if isinstance(places, int):
        whole = dims[at]
        each = whole // places if isinstance(whole, int) else None
        cut = [each] * places
    else:
        cut = [None] * (len(places) + 1)  # type: ignore[arg-type]
    parts = [Array(kind.dtype, (*dims[:at], n, *dims[at + 1 :])) for n in cut]  # type: ignore[attr-defined]
    return (List(tuple(parts)),)


def _split_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    dot = full(lift(b, tangents[0]), op.args[0])
    return (build("split", dot, **op.attrs).atom,)


def _split_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    count = len(op.outs[0].kind.items)  # type: ignore[attr-defined]
    found = [bars.item(op.outs[0], i) for i in range(count)]
    bars.take(op.outs[0])
    if all(bar is None for bar in found) or not bars.wants(op.args[0]):
        return
    pieces = []
    for i, bar in enumerate(found):
        part = build("getitem", lift(b, op.outs[0]), i, path="[#]")
        whole = build("zeros_like", part) if bar is None else full(lift(b, bar), part)
        pieces.append(whole.atom)
    kinds = List(tuple(piece.kind for piece in pieces))
    joined = lift(b, b.op("list", pieces, kinds))
    axis = op.attrs.get("axis", 0)
    bars.add(op.args[0], build("concatenate", joined, axis=axis).atom)


def _split_bind(args: Sequence[object], kwargs: dict[str, object]):
    return bind("split", "ary; indices_or_sections, axis=0", args, kwargs)


split = custom(
    "np.split",
    _split_forward,
    _split_backward,
    kind=_split_kind,
    binder=_split_bind,
    signature="ary; indices_or_sections, axis=0",
)

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
    if not isinstance(args[1].kind, Scalar):
        raise BadArguments("`repeat` with a count for each element is not supported")
    times = static(args[1])
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
    if axis is None:
        summed = build(
            "sum", build("reshape", y_bar, -1, repeats, spelling=".reshape"), axis=1
        )
        return same_shape(summed, x)
    rank = len(infer.dims_of(x.kind))
    (at,) = axes_of(axis, rank)
    parts = [length(x, i) for i in range(rank)]
    parts.insert(at + 1, repeats)
    return build(
        "sum", build("reshape", y_bar, *parts, spelling=".reshape"), axis=at + 1
    )


repeat = linear(
    "np.repeat .repeat",
    _repeat_back,
    kind=moved(_repeat_kind),
    signature="a, repeats; axis=None",
)

# ---- differences, triangles, diagonals -----------------------------------------------


def _diff_kind(
    dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs
) -> infer.Dims:
    if dims is None:
        return None
    (at,) = axes_of(attrs.get("axis", -1), len(dims))
    d, n = dims[at], int(attrs.get("n", 1))  # type: ignore[call-overload]
    extra = sum(key in attrs for key in ("prepend", "append"))
    new = max(d + extra - n, 0) if isinstance(d, int) else None
    if d is not None and extra == n:
        new = d
    return (*dims[:at], new, *dims[at + 1 :])


def _diff_back(y_bar, y, x, n=1, axis=-1, prepend=None, append=None):
    """-diff of y_bar between zeros"""
    result = full(y_bar, y)
    for _ in range(n):
        result = -build("diff", result, axis=axis, prepend=0, append=0)
    if prepend is None and append is None:
        return result
    return slice_of(
        result, axis, None if prepend is None else 1, None if append is None else -1
    )


diff = linear(
    "np.diff",
    _diff_back,
    kind=moved(_diff_kind),
    signature="a; n=1, axis=-1, prepend=None, append=None",
)


def _tri(spelling: str):
    def back(y_bar, y, x, **options):
        return build(spelling[3:], full(y_bar, y), **options)

    back.__doc__ = f"{spelling[3:]} of y_bar"
    return linear(spelling, back, kind=moved(unchanged), signature="m; k=0")


tril = _tri("np.tril")
triu = _tri("np.triu")


def _diag_kind(
    dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs
) -> infer.Dims:
    if dims is None or len(dims) not in (1, 2):
        raise BadArguments("`diag` needs an array of one or two axes")
    k = attrs.get("k", attrs.get("offset", 0))
    if len(dims) == 1:
        side = (
            dims[0] + abs(k)
            if isinstance(dims[0], int)
            else dims[0]
            if k == 0
            else None
        )  # type: ignore[arg-type]
        return (side, side)
    return (dims[0] if dims[0] == dims[1] and k == 0 else None,)


def _diag_back(y_bar, y, x, k=0):
    """y_bar on, or from, the diagonal"""
    if len(infer.dims_of(x.kind)) == 1:
        return build("diag", full(y_bar, y), **({"k": k} if k else {}))
    return on_diagonal(full(y_bar, y), x, k)


def on_diagonal(y_bar: Handle, x: Handle, k: int) -> Handle:
    """Zeros like x with y_bar on the k-th diagonal."""
    rows = build("arange", build("size", y_bar, spelling=".size"))
    down, right = max(-k, 0), max(k, 0)
    index = (rows + down if down else rows, rows + right if right else rows)
    return build("additem", build("zeros_like", x), y_bar, *index, path="[#, #]")


diag = linear("np.diag", _diag_back, kind=moved(_diag_kind), signature="v; k=0")


def _diagonal_kind(
    dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs
) -> infer.Dims:
    if dims is None or len(dims) != 2:
        raise BadArguments("`diagonal` and `trace` need an array of two axes")
    return _diag_kind(dims, args, attrs)


diagonal = linear(
    "np.diagonal .diagonal",
    lambda y_bar, y, x, offset=0: on_diagonal(full(y_bar, y), x, offset),
    kind=moved(_diagonal_kind),
    signature="a; offset=0, axis1!, axis2!",
)


def _trace_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    (kind,) = diagonal.infer(args, attrs)
    return (Scalar(kind.dtype) if isinstance(kind, Array) else kind,)


def _trace_back(y_bar, y, x, offset=0):
    """y_bar on the diagonal"""
    options: dict[str, object] = {"k": offset} if offset else {}
    if x.kind.dtype != "float64":
        options["dtype"] = x.kind.dtype
    return build("eye", length(x, 0), length(x, 1), **options) * y_bar


trace = linear(
    "np.trace .trace",
    _trace_back,
    kind=_trace_kind,
    signature="a; offset=0, axis1!, axis2!, dtype!, out!",
)


def _widths(width: object, rank: int) -> list[tuple[int, int]]:
    pairs = np.broadcast_to(np.asarray(width), (rank, 2))
    return [(int(low), int(high)) for low, high in pairs]


def _pad_kind(dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs) -> infer.Dims:
    if attrs.get("mode", "constant") != "constant" or dims is None:
        raise BadArguments("`pad` is supported with mode='constant' and a known rank")
    pairs = zip(dims, _widths(attrs["pad_width"], len(dims)), strict=True)
    return tuple(
        d + sum(w) if isinstance(d, int) else d if w == (0, 0) else None
        for d, w in pairs
    )


def _pad_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    dot = full(lift(b, tangents[0]), op.args[0])
    return (build("pad", dot, pad_width=op.attrs["pad_width"]).atom,)


def _pad_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None or not bars.wants(op.args[0]):
        return
    y_bar = full(y_bar, op.outs[0])
    rank = len(infer.dims_of(op.args[0].kind) or ())
    for axis, (low, high) in enumerate(_widths(op.attrs["pad_width"], rank)):
        if low or high:
            y_bar = slice_of(y_bar, axis, low or None, -high if high else None)
    bars.add(op.args[0], y_bar.atom)


pad = custom(
    "np.pad",
    _pad_forward,
    _pad_backward,
    kind=moved(_pad_kind),
    run=lambda x, pad_width, mode="constant", **rest: np.pad(
        x, pad_width, mode, **rest
    ),
    signature="array; pad_width, mode='constant', *, constant_values=0",
)

# ---- elements out of an array --------------------------------------------------------


def _item_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kind = args[0].kind
    if isinstance(kind, (Scalar, Array)):
        infer.refuse_complex([kind])
        sort = infer.numpy_dtype(kind.dtype).kind
        return ({"f": FLOAT, "b": Scalar("bool")}.get(sort, INT),)
    return (UNKNOWN,)


def _item_path(op: Op) -> str:
    index = op.args[1:]
    dims = infer.dims_of(op.args[0].kind)
    if dims is None or len(index) != len(dims):
        raise BadArguments("`.item` with one index into several axes is not supported")
    return f"[{', '.join('#' * len(index))}]"


def _item_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    if isinstance(tangents[0].kind, Scalar):
        return (build("float", lift(b, tangents[0])).atom,)
    dot = full(lift(b, tangents[0]), op.args[0])
    index = [lift(b, arg) for arg in op.args[1:]]
    return (build("item", dot, *index, **op.attrs).atom,)


def _item_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = bars.take(op.outs[0])
    if y_bar is None or not bars.wants(op.args[0]):
        return
    if len(op.args) == 1:
        bars.add(op.args[0], y_bar)  # the only element
    else:
        bars.add_at(op.args[0], _item_path(op), op.args[1:], y_bar)


item = custom(
    ".item",
    _item_forward,
    _item_backward,
    kind=_item_kind,
    run=lambda x, *index: x.item(*index),
)


def _tolist_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    (elem,) = _item_kind(args, attrs)
    dims = infer.dims_of(args[0].kind)
    if dims is None:
        raise BadArguments("`.tolist` needs an array of known rank")
    for dim in reversed(dims):
        elem = (
            List((elem,) * dim)
            if isinstance(dim, int) and dim < 16
            else List(None, elem)
        )
    return (elem,)


def _as_array(y_bar, y, x):
    """the array of y_bar"""
    return build("array", y_bar)


def _tolist_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = bars.take(op.outs[0])
    if y_bar is not None and bars.wants(op.args[0]):
        bars.add(op.args[0], build("array", lift(b, y_bar)).atom)


def _tolist_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    return (build(op.prim, full(lift(b, tangents[0]), op.args[0])).atom,)


tolist = custom(
    ".tolist",
    _tolist_forward,
    _tolist_backward,
    kind=_tolist_kind,
    run=lambda x: x.tolist(),
    signature="a",
)


def _rows_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kind = args[0].kind
    if isinstance(kind, Array) and kind.dims:
        return (List(None, infer.array_or_scalar(kind.dtype, kind.dims[1:])),)
    return (List(None, UNKNOWN),)


rows = custom(
    "<rows>",
    _tolist_forward,
    _tolist_backward,
    kind=_rows_kind,
    run=list,
    doc="list(x): an array as a list of its rows",
)


def _repeated_back(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = bars.take(op.outs[0])
    if y_bar is not None and bars.wants(op.args[1]):
        bars.add(op.args[1], build("sum", build("array", lift(b, y_bar))).atom)


def _repeated_forward(
    b: Builder, op: Op, tangents: Tangents
) -> tuple[Atom | None, ...]:
    if tangents[1] is None:
        return (None,)
    return (build("repeated", lift(b, op.args[0]), lift(b, tangents[1])).atom,)


repeated = custom(
    "<repeated>",
    _repeated_forward,
    _repeated_back,
    kind=lambda args, attrs: (args[0].kind,),
    run=helpers.repeated,
    doc="[value] * len(items)",
)


def _take_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = operand_kind(args)
    dims, index = infer.dims_of(found), infer.dims_of(as_array_kind(args[1].kind))
    if found == UNKNOWN or dims is None or index is None:
        raise BadArguments("`take` needs an array and indices of known rank")
    if attrs.get("axis") is None:
        if len(dims) != 1:
            raise BadArguments("`take` from several axes needs `axis=`")
        return (infer.array_or_scalar(found.dtype, index),)  # type: ignore[attr-defined]
    (at,) = axes_of(attrs["axis"], len(dims))
    return (infer.array_or_scalar(found.dtype, (*dims[:at], *index, *dims[at + 1 :])),)  # type: ignore[attr-defined]


def _take_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None or not bars.wants(op.args[0]):
        return
    axis = op.attrs.get("axis") or 0
    (at,) = axes_of(axis, len(infer.dims_of(op.args[0].kind) or (0,)))
    path = f"[{', '.join([':'] * at + ['#'])}]"
    bars.add_at(op.args[0], path, op.args[1:], full(y_bar, op.outs[0]).atom)


def _take_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    dot = full(lift(b, tangents[0]), op.args[0])
    return (build("take", dot, lift(b, op.args[1]), **op.attrs).atom,)


take = custom(
    "np.take .take",
    _take_forward,
    _take_backward,
    kind=_take_kind,
    signature="a, indices; axis=None, out!, mode!",
)

__all__ = ["new_axes", "shape_of", "slice_of", "transposed"]
