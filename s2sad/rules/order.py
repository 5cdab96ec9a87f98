"""Sorted, chosen by place, found: a permutation that does not vary.

Ties keep the order of a stable sort.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import UNKNOWN, Array, Kind, Tuple
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import helpers, infer
from s2sad.rules.dims import same_shape
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.lazy import full
from s2sad.rules.primitive import Adjoints, Tangents, options_of, taken
from s2sad.rules.reductions import (
    averaged,
    axes_of,
    operand_kind,
    reduction,
    reduction_kind,
)
from s2sad.rules.registry import BadArguments
from s2sad.rules.shape import moved
from s2sad.rules.verbs import custom, flat

SORT = "a; axis=-1, kind=None, order!, stable=None"


def _order_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    dims = _sorted_dims(infer.dims_of(operand_kind(args)), args, attrs)
    return (Array("int64", dims),)


argsort = flat("np.argsort .argsort", kind=_order_kind, signature=SORT)


def _permutation(x: Handle, axis: object) -> Handle:
    return build("argsort", x, axis=axis, kind="stable")


def _laid_out(x: Handle, axis: object) -> tuple[Handle, object]:
    """What is sorted along which axis: all elements in a row for `axis=None`."""
    return (build("ravel", x), -1) if axis is None else (x, axis)


def _sort_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    whole = lift(b, op.args[0])
    dot, _ = _laid_out(full(lift(b, tangents[0]), whole), op.attrs.get("axis", -1))
    x, axis = _laid_out(whole, op.attrs.get("axis", -1))
    return (build("take_along_axis", dot, _permutation(x, axis), axis=axis).atom,)


def _sort_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None or not bars.wants(op.args[0]):
        return
    whole = lift(b, op.args[0])
    x, axis = _laid_out(whole, op.attrs.get("axis", -1))
    if len(infer.dims_of(whole.kind) or ()) == 1:
        bars.add_at(op.args[0], "[#]", (_permutation(x, axis).atom,), y_bar.atom)
        return
    # the inverse permutation is the order of the order
    back = build("argsort", _permutation(x, axis), axis=axis)
    x_bar = build("take_along_axis", full(y_bar, op.outs[0]), back, axis=axis)
    bars.add(op.args[0], same_shape(x_bar, whole).atom)


def _sorted_dims(
    dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs
) -> infer.Dims:
    axis = attrs.get("axis", -1)
    if axis is None:
        return dims if dims is not None and len(dims) == 1 else (None,)
    if dims is not None:
        axes_of(axis, len(dims))  # it is there
    return dims


sort = custom(
    "np.sort",
    _sort_forward,
    _sort_backward,
    kind=moved(_sorted_dims),
    signature=SORT,
    doc="y_bar in the order before sorting",
)


def _inverse(x: Handle, axis: object) -> Handle:
    """Where each element of x stands when sorted."""
    return build("argsort", _permutation(x, axis), axis=axis)


def _reordered(source: Handle, x: Handle, y: Handle, axis: object) -> Handle:
    """`source` moved as y is x in another order."""
    ranked = build("take_along_axis", source, _permutation(x, axis), axis=axis)
    return build("take_along_axis", ranked, _inverse(y, axis), axis=axis)


def _partition_forward(
    b: Builder, op: Op, tangents: Tangents
) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    x, y = lift(b, op.args[0]), lift(b, op.outs[0])
    dot = full(lift(b, tangents[0]), x)
    return (_reordered(dot, x, y, op.attrs.get("axis", -1)).atom,)


def _partition_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None or not bars.wants(op.args[0]):
        return
    x, y = lift(b, op.args[0]), lift(b, op.outs[0])
    found = _reordered(full(y_bar, y), y, x, op.attrs.get("axis", -1))
    bars.add(op.args[0], found.atom)


def _partitioned_dims(
    dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs
) -> infer.Dims:
    if attrs.get("axis", -1) is None:
        raise BadArguments("`partition` with axis=None is not supported; ravel first")
    return dims


partition = custom(
    "np.partition",
    _partition_forward,
    _partition_backward,
    kind=moved(_partitioned_dims),
    signature="a, kth; axis=-1, kind!, order!",
    doc="y_bar in the order before",
)


def _take_along_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    if "axis" in attrs and attrs["axis"] is None:
        raise BadArguments("`axis=None` is not supported; ravel first")
    found, index = operand_kind(args[:1]), args[1].kind
    if found == UNKNOWN:
        return (UNKNOWN,)
    return (Array(found.dtype, infer.dims_of(index)),)  # type: ignore[attr-defined]


def _take_along_forward(
    b: Builder, op: Op, tangents: Tangents
) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    dot = full(lift(b, tangents[0]), op.args[0])
    return (build("take_along_axis", dot, lift(b, op.args[1]), **options_of(op)).atom,)


def _take_along_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None or not bars.wants(op.args[0]):
        return
    x, index = (lift(b, arg) for arg in op.args)
    y_bar = full(y_bar, op.outs[0])
    bars.add(
        op.args[0], build("add_along_axis", x, index, y_bar, **options_of(op)).atom
    )


take_along_axis = custom(
    "np.take_along_axis",
    _take_along_forward,
    _take_along_backward,
    kind=_take_along_kind,
    run=lambda a, indices, axis=-1: np.take_along_axis(a, indices, axis),
    signature="arr, indices; axis",
    doc="y_bar added where each element came from",
)


def _add_along_forward(
    b: Builder, op: Op, tangents: Tangents
) -> tuple[Atom | None, ...]:
    if tangents[2] is None:
        return (None,)
    x, index, _ = (lift(b, arg) for arg in op.args)
    dot = full(lift(b, tangents[2]), op.args[2])
    return (build("add_along_axis", x, index, dot, **options_of(op)).atom,)


def _add_along_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None or not bars.wants(op.args[2]):
        return
    y_bar = full(y_bar, op.outs[0])
    found = build("take_along_axis", y_bar, lift(b, op.args[1]), **options_of(op))
    bars.add(op.args[2], found.atom)


add_along_axis = custom(
    "<add_along_axis>",
    _add_along_forward,
    _add_along_backward,
    kind=infer.like_first,
    run=helpers.add_along_axis,
    signature="x, indices, values; axis",
    doc="zeros like x with values added along an axis",
)

# ---- places: no derivative -----------------------------------------------------------


argpartition = flat(
    "np.argpartition .argpartition",
    kind=_order_kind,
    signature="a, kth; axis=-1, kind!, order!",
)


def _argwhere_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    dims = infer.dims_of(args[0].kind)
    return (Array("int64", (None, None if dims is None else len(dims))),)


argwhere = flat("np.argwhere", kind=_argwhere_kind, signature="a")


def _nonzero_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    dims = infer.dims_of(args[0].kind)
    if dims is None:
        raise BadArguments("`nonzero` needs an array of known rank")
    return (Tuple((Array("int64", (None,)),) * len(dims)),)


nonzero = flat("np.nonzero .nonzero", kind=_nonzero_kind, signature="a")
flatnonzero = flat(
    "np.flatnonzero", kind=infer.always(Array("int64", (None,))), signature="a"
)


def _search_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    return (infer.array_or_scalar("int64", infer.dims_of(args[1].kind)),)


searchsorted = flat(
    "np.searchsorted .searchsorted",
    kind=_search_kind,
    signature="a, v; side='left', sorter!",
)
digitize = flat(
    "np.digitize",
    kind=lambda args, attrs: (
        infer.array_or_scalar("int64", infer.dims_of(args[0].kind)),
    ),
    signature="x, bins; right=False",
)


def pair_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    indices = Array("int64", (None,))
    return (Tuple((indices, indices)),)


tril_indices = flat("np.tril_indices", kind=pair_kind, signature="n; k=0, m=None")
triu_indices = flat("np.triu_indices", kind=pair_kind, signature="n; k=0, m=None")
diag_indices = flat("np.diag_indices", kind=pair_kind, signature="n")


# ---- medians: the middle of the sorted values ----------------------------------------


def _median_slope(y, x, axis=None):
    """1 at the middle element, half at each of two"""
    one = len(infer.dims_of(x.kind) or ()) == 1
    flat_x = build("ravel", x) if axis is None and not one else x
    at = 0 if axis is None else axis
    count = _count(flat_x, at)
    places = build("argsort", build("argsort", flat_x, axis=at, kind="stable"), axis=at)
    share = (build("eq", places, count // 2), build("eq", places, (count - 1) // 2))
    half = 0.5 * _as_float(share[0], x) + 0.5 * _as_float(share[1], x)
    if flat_x is x:
        return half
    shape = build("shape", x, spelling=".shape")
    return build("reshape", half, shape, spelling=".reshape")


def _count(x: Handle, axis: object) -> Handle:
    shape = build("shape", x, spelling=".shape")
    return build("getitem", shape, axis, path="[#]")


def _as_float(test: Handle, x: Handle) -> Handle:
    dtype = getattr(x.kind, "dtype", "float64")
    return build("astype", test, dtype=dtype, spelling=".astype")


median = reduction(
    "np.median",
    _median_slope,
    kind=reduction_kind(averaged),
    signature="a; axis=None, out!, overwrite_input!, keepdims=False",
)
