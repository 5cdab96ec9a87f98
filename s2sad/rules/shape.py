"""The same elements in another shape or another order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2sad.ir.kinds import (
    INT,
    UNKNOWN,
    Array,
    Dim,
    Kind,
    Scalar,
    Static,
    Tuple,
    is_not_one,
)
from s2sad.ir.nodes import Atom
from s2sad.rules import infer
from s2sad.rules.containers import as_array_kind
from s2sad.rules.dims import dims_from, same_shape, settle
from s2sad.rules.handles import Handle, build
from s2sad.rules.lazy import full, unbroadcast
from s2sad.rules.reductions import axes_of, operand_kind
from s2sad.rules.registry import BadArguments
from s2sad.rules.signature import NOT_STATIC, as_atom, static
from s2sad.rules.verbs import flat, linear

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
    """An array of the operand's dtype; `kind_of(dims, args, attrs)` gives its dims."""

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
    moves=True,
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
    "np.ravel .ravel",
    _back_to_shape,
    moves=True,
    kind=moved(_flattened),
    signature="a; order!",
)
flatten = linear(
    ".flatten",
    _back_to_shape,
    moves=True,
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
    "np.expand_dims",
    _back_to_shape,
    moves=True,
    kind=moved(_expanded),
    signature="a; axis",
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
    moves=True,
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
    moves=lambda test, y, x, shape: unbroadcast(test, x, y, by="any"),
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
    moves=True,
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


matrix_transpose = linear(
    "np.matrix_transpose np.linalg.matrix_transpose .mT",
    _number_stays(lambda y_bar, x: swapaxes(y_bar, axis1=-1, axis2=-2)),
    moves=True,
    kind=moved(lambda dims, args, attrs: dims and (*dims[:-2], dims[-1], dims[-2])),
    run=lambda x: np.swapaxes(x, -1, -2),
    signature="x",
)
swapaxes = linear(
    "np.swapaxes .swapaxes",
    _number_stays(
        lambda y_bar, x, axis1, axis2: swapaxes(y_bar, axis1=axis1, axis2=axis2)
    ),
    moves=True,
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
    one, two = (
        [axes_of(axis, rank)[0] for axis in (given if is_several(given) else (given,))]
        for given in (source, destination)
    )
    order = [i for i in range(rank) if i not in one]
    for to, frm in sorted(zip(two, one, strict=True)):
        order.insert(to, frm)
    return tuple(order)


def is_several(axes: object) -> bool:
    return isinstance(axes, (tuple, list))


moveaxis = linear(
    "np.moveaxis",
    _number_stays(
        lambda y_bar, x, source, destination: moveaxis(
            y_bar, source=destination, destination=source
        )
    ),
    moves=True,
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
    moves=True,
    kind=moved(unchanged),
    signature="m; axis=None",
)
flipud = linear(
    "np.flipud",
    _number_stays(lambda y_bar, x: flipud(y_bar)),
    moves=True,
    kind=moved(unchanged),
    signature="m",
)
fliplr = linear(
    "np.fliplr",
    _number_stays(lambda y_bar, x: fliplr(y_bar)),
    moves=True,
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
    moves=True,
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
    _number_stays(lambda y_bar, x, k=1, **axes: rot90(y_bar, k=-k, **axes)),
    kind=moved(_rot_kind),
    signature="m; k=1, axes=(0, 1)",
)
