"""`np.append`: one array after another, or a number at the end of one."""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.ir.build import Builder
from s2sad.ir.kinds import UNKNOWN, Array, Dim, Kind, Scalar
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import infer
from s2sad.rules.containers import as_array_kind, give, is_sequence
from s2sad.rules.dims import length, same_shape, slice_of
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.lazy import full
from s2sad.rules.primitive import Adjoints, Tangents, options_of, taken
from s2sad.rules.structural import tangent_or_zero
from s2sad.rules.verbs import custom


def _append_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kinds = [infer.strong(as_array_kind(arg.kind)) for arg in args]
    infer.refuse_complex(kinds)
    shapes = [infer.dims_of(kind) for kind in kinds]
    if UNKNOWN in kinds or None in shapes:
        return (UNKNOWN,)
    dims: list[Dim] = [None]
    axis = attrs.get("axis")
    if axis is not None:
        dims = list(shapes[0] or ())
        dims[axis] = None  # type: ignore[call-overload]
    return (Array(infer.promote(kinds), tuple(dims)),)


def _append_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None and tangents[1] is None:
        return (None,)
    dots = [tangent_or_zero(b, *pair) for pair in zip(op.args, tangents, strict=True)]
    return (b.op(op.prim, tuple(dots), op.outs[0].kind, attrs=op.attrs),)


def _append_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None:
        return
    y_bar = full(y_bar, op.outs[0])
    a, values = (_array(lift(b, arg)) for arg in op.args)
    axis = options_of(op).get("axis")
    last = isinstance(values.kind, Scalar)
    end: object = -1 if last else _count(a, axis)
    if bars.wants(op.args[0]):
        piece = slice_of(y_bar, axis, None, end)
        give(b, bars, op.args[0], _in_shape(piece, a, axis))
    if bars.wants(op.args[1]) and last:
        bars.add(op.args[1], build("getitem", y_bar, -1, path="[#]").atom)
    elif bars.wants(op.args[1]):
        piece = slice_of(y_bar, axis, end, None)
        give(b, bars, op.args[1], _in_shape(piece, values, axis))


def _array(x: Handle) -> Handle:
    return build("array", x) if is_sequence(x.kind) else x


def _count(a: Handle, axis: object) -> object:
    """How many elements of the result come from the first array, along the axis."""
    if axis is not None:
        return length(a, axis)  # type: ignore[arg-type]
    dims = infer.dims_of(a.kind)
    if dims is not None and len(dims) == 1:
        return length(a, 0)
    return build("size", a, spelling=".size")


def _in_shape(piece: Handle, x: Handle, axis: object) -> Handle:
    return same_shape(piece, x) if axis is None else piece


np_append = custom(
    "np.append",
    _append_forward,
    _append_backward,
    name="np_append",
    kind=_append_kind,
    signature="arr, values; axis=None",
    doc="each of the two its piece of y_bar",
)
