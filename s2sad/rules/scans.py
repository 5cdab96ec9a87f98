"""Running sums and products, and products of all: without division."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import UNKNOWN, Array, Kind, Unknown
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import infer
from s2sad.rules.dims import same_shape
from s2sad.rules.handles import build, lift
from s2sad.rules.helpers import exclusive_prod as _exclusive_prod
from s2sad.rules.helpers import recurrence as _recurrence
from s2sad.rules.helpers import shift as _shift
from s2sad.rules.lazy import full
from s2sad.rules.primitive import (
    Adjoints,
    Tangents,
    options_of,
    taken,
    total,
)
from s2sad.rules.reductions import (
    SUM,
    axes_of,
    operand_kind,
    reduction,
    reduction_kind,
    summed,
)
from s2sad.rules.registry import BadArguments
from s2sad.rules.verbs import custom, linear

SCAN = "a; axis=None, dtype!, out!"

# ---- products: no division, so that zeros are no trouble -----------------------------


def _others(x, axis):
    """The product of all other elements; of several axes, one after the other."""
    if not isinstance(axis, tuple):
        return exclusive_prod(x, **axis_option(axis))
    first, *rest = axis
    if not rest:
        return exclusive_prod(x, axis=first)
    lines = build("prod", x, axis=first, keepdims=True)
    return exclusive_prod(x, axis=first) * _others(lines, tuple(rest))


prod = reduction(
    "np.prod .prod",
    lambda y, x, axis=None: _others(x, axis),
    kind=reduction_kind(summed),
    signature=SUM,
)


def axis_option(axis):
    return {} if axis is None else {"axis": axis}


def _exclusive_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    return (args[0].kind,)


def _sides(x, axis):
    """Products of what stands before and after each element; `x` flipped."""
    turned = flip(x, axis=axis)
    before = shift(cumprod(x, axis=axis), axis=axis, fill=1.0)
    after = shift(cumprod(turned, axis=axis), axis=axis, fill=1.0)
    return before, after, turned


def _flattened(b: Builder, op: Op):
    """The operand with one axis to go along, and that axis."""
    x, axis = lift(b, op.args[0]), op.attrs.get("axis")
    if axis is None and len(infer.dims_of(x.kind) or ()) == 1:
        return x, 0, False
    return (build("ravel", x), 0, True) if axis is None else (x, axis, False)


def _exclusive_forward(
    b: Builder, op: Op, tangents: Tangents
) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    x, axis, ravelled = _flattened(b, op)
    dot = full(lift(b, tangents[0]), op.args[0])
    if ravelled:
        dot = build("ravel", dot)
    before, after, turned = _sides(x, axis)
    before_dot = shift(_cumprod_tangent(dot, cumprod(x, axis=axis), x, axis), axis=axis)
    turned_dot = _cumprod_tangent(
        flip(dot, axis=axis), cumprod(turned, axis=axis), turned, axis
    )
    after_dot = shift(turned_dot, axis=axis)
    result = before_dot * flip(after, axis=axis) + before * flip(after_dot, axis=axis)
    return ((_reshaped(result, op, b) if ravelled else result).atom,)


def _exclusive_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None or not bars.wants(op.args[0]):
        return
    x, axis, ravelled = _flattened(b, op)
    y_bar = full(y_bar, op.outs[0])
    if ravelled:
        y_bar = build("ravel", y_bar)
    before, after, turned = _sides(x, axis)
    to_before = shift(y_bar * flip(after, axis=axis), axis=axis, by=-1)
    to_after = shift(flip(y_bar * before, axis=axis), axis=axis, by=-1)
    first = _cumprod_adjoint(to_before, cumprod(x, axis=axis), x, axis)
    second = _cumprod_adjoint(to_after, cumprod(turned, axis=axis), turned, axis)
    result = first + flip(second, axis=axis)
    bars.add(op.args[0], (_reshaped(result, op, b) if ravelled else result).atom)


def _reshaped(x, op: Op, b: Builder):
    return same_shape(x, lift(b, op.args[0]))


exclusive_prod = custom(
    "<exclusive_prod>",
    _exclusive_forward,
    _exclusive_backward,
    kind=_exclusive_kind,
    run=_exclusive_prod,
    signature="x; axis=None",
    doc="the product of all other elements",
)

# ---- running sums and products -------------------------------------------------------


def _scan_kind(dtype_of):
    def kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
        found = operand_kind(args)
        if isinstance(found, Unknown):
            return (UNKNOWN,)
        dims, axis = infer.dims_of(found), attrs.get("axis")
        dtype = np.dtype(dtype_of(infer.numpy_dtype(found.dtype))).name  # type: ignore[attr-defined]
        if axis is None:
            if dims is None or len(dims) != 1:
                size = 1 if dims == () else None
                dims = (size,)
        elif dims is not None:
            axes_of(axis, len(dims))
        return (Array(dtype, dims),)

    return kind


def along(x, axis):
    """The operand of a running sum or product as NumPy takes it, and the axis."""
    dims = infer.dims_of(x.kind)
    if axis is None and (dims is None or len(dims) != 1):
        return build("ravel", x), 0, True
    return x, 0 if axis is None else axis, False


def _cumsum_transpose(y_bar, y, x, axis=None):
    """the running sum of y_bar from the far end"""
    flat_x, at, ravelled = along(x, axis)
    result = flip(cumsum(flip(full(y_bar, y), axis=at), axis=at), axis=at)
    return same_shape(result, x) if ravelled else result


cumsum = linear(
    "np.cumsum .cumsum", _cumsum_transpose, kind=_scan_kind(summed), signature=SCAN
)


def _cumprod_tangent(dot, y, x, axis):
    return recurrence(x, shift(y, axis=axis, fill=1.0) * dot, axis=axis)


def _cumprod_adjoint(y_bar, y, x, axis):
    turned = flip(shift(x, axis=axis, by=-1), axis=axis)
    collected = recurrence(turned, flip(y_bar, axis=axis), axis=axis)
    return flip(collected, axis=axis) * shift(y, axis=axis, fill=1.0)


def _cumprod_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    x, axis, ravelled = along(lift(b, op.args[0]), op.attrs.get("axis"))
    dot = full(lift(b, tangents[0]), op.args[0])
    if ravelled:
        dot = build("ravel", dot)
    return (_cumprod_tangent(dot, lift(b, op.outs[0]), x, axis).atom,)


def _cumprod_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None or not bars.wants(op.args[0]):
        return
    x, axis, ravelled = along(lift(b, op.args[0]), op.attrs.get("axis"))
    y = lift(b, op.outs[0])
    result = _cumprod_adjoint(full(y_bar, y), y, x, axis)
    bars.add(op.args[0], (_reshaped(result, op, b) if ravelled else result).atom)


cumprod = custom(
    "np.cumprod .cumprod",
    _cumprod_forward,
    _cumprod_backward,
    kind=_scan_kind(summed),
    signature=SCAN,
    doc="by a linear recurrence: no division",
)


# ---- running maxima ------------------------------------------------------------------


def _extremes(name: str, sign: int, doc: str):
    """The largest (or smallest) so far: `y[i] = maximum(y[i - 1], x[i])`, whose ties
    are shared; so that tangents and adjoints are linear recurrences.
    """

    def from_before(y, x, axis):
        """The part that comes from the element before: 0, 0.5 or 1."""
        before = shift(y, axis=axis, fill=-sign * np.inf)
        return build("heaviside", before - x if sign > 0 else x - before, 0.5)

    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        if tangents[0] is None:
            return (None,)
        axis = op.attrs.get("axis", 0)
        kept = from_before(lift(b, op.outs[0]), lift(b, op.args[0]), axis)
        dot = full(lift(b, tangents[0]), op.args[0])
        return (recurrence(kept, (1 - kept) * dot, axis=axis).atom,)

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        y_bar = taken(b, op, bars)
        if y_bar is None or not bars.wants(op.args[0]):
            return
        axis, y = op.attrs.get("axis", 0), lift(b, op.outs[0])
        kept = from_before(y, lift(b, op.args[0]), axis)
        turned = flip(shift(kept, axis=axis, by=-1), axis=axis)
        collected = recurrence(turned, flip(full(y_bar, y), axis=axis), axis=axis)
        bars.add(op.args[0], (flip(collected, axis=axis) * (1 - kept)).atom)

    return custom(
        f"np.{name}.accumulate",
        forward,
        backward,
        name=f"{name}_accumulate",
        kind=_running_kind,
        signature="array; axis=0, dtype!, out!",
        doc=doc,
    )


def _running_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = operand_kind(args)
    if not isinstance(found, Array) or not found.dims:
        raise BadArguments("what is accumulated needs an axis that is known")
    axes_of(attrs.get("axis", 0), len(found.dims))
    return (found,)


maximum_accumulate = _extremes(
    "maximum", 1, "a share of each largest so far, from the far end"
)
minimum_accumulate = _extremes(
    "minimum", -1, "a share of each smallest so far, from the far end"
)


def _shift_transpose(y_bar, y, x, axis=-1, by=1, fill=0.0):
    return shift(full(y_bar, y), axis=axis, by=-by)


def _shift_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    options = options_of(op)
    options.pop("fill", None)
    return (shift(full(lift(b, tangents[0]), op.args[0]), **options).atom,)


def _shift_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is not None and bars.wants(op.args[0]):
        y, x = lift(b, op.outs[0]), lift(b, op.args[0])
        bars.add(op.args[0], _shift_transpose(y_bar, y, x, **options_of(op)).atom)


shift = custom(
    "<shift>",
    _shift_forward,
    _shift_backward,
    kind=infer.like_first,
    run=_shift,
    signature="x; axis=-1, by=1, fill=0.0",
    doc="moved by one place along an axis",
)


def _recurrence_forward(
    b: Builder, op: Op, tangents: Tangents
) -> tuple[Atom | None, ...]:
    a, _ = (lift(b, arg) for arg in op.args)
    options = options_of(op)
    terms = []
    if tangents[0] is not None:
        before = shift(lift(b, op.outs[0]), **options)
        terms.append(lift(b, tangents[0]) * before)
    if tangents[1] is not None:
        terms.append(full(lift(b, tangents[1]), op.args[1]))
    found = total(terms)
    return (None if found is None else recurrence(a, found, **options).atom,)


def _recurrence_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    s_bar = taken(b, op, bars)
    if s_bar is None:
        return
    options = options_of(op)
    axis = options["axis"]
    a = lift(b, op.args[0])
    s = lift(b, op.outs[0])
    turned = flip(shift(a, axis=axis, by=-1), axis=axis)
    found = recurrence(turned, flip(full(s_bar, s), axis=axis), **options)
    b_bar = flip(found, axis=axis)
    if bars.wants(op.args[1]):
        bars.add(op.args[1], b_bar.atom)
    if bars.wants(op.args[0]):
        bars.add(op.args[0], (b_bar * shift(s, **options)).atom)


recurrence = custom(
    "<recurrence>",
    _recurrence_forward,
    _recurrence_backward,
    kind=infer.like_first,
    run=_recurrence,
    signature="a, b; axis",
    doc="s[i] = a[i] * s[i - 1] + b[i]",
)


def flip(x, axis):
    return build("flip", x, axis=axis)
