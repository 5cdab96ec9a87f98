"""Sums, means, products, extremes along axes.

The adjoint of a reduction has fewer axes than its operand; it stays so while it is
only multiplied. `back` puts axes of length 1 where they were reduced away, if they
are needed for broadcasting.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import INT, UNKNOWN, Dim, Kind, Scalar, Unknown
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import infer
from s2sad.rules.compare import isnan
from s2sad.rules.containers import array_operand, as_array_kind, give
from s2sad.rules.elementary import over
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.lazy import full
from s2sad.rules.primitive import (
    Adjoints,
    Tangents,
    options_of,
    taken,
)
from s2sad.rules.reach import both
from s2sad.rules.registry import BadArguments
from s2sad.rules.selecting import choose
from s2sad.rules.verbs import custom, flat, linear

SUM = "a; axis=None, dtype!, out!, keepdims=False, initial!, where!"
EXTREME = "a; axis=None, out!, keepdims=False, initial!, where!"
MEAN = "a; axis=None, dtype!, out!, keepdims=False, where!"
SPREAD = (
    "a; axis=None, dtype!, out!, ddof=0, keepdims=False, where!, mean!, correction!"
)

# ---- axes ----------------------------------------------------------------------------


def axes_of(axis: object, rank: int) -> tuple[int, ...]:
    """The axes reduced, none negative, in order."""
    if axis is None:
        return tuple(range(rank))
    given = axis if isinstance(axis, tuple) else (axis,)
    for one in given:
        if not isinstance(one, int) or not -rank <= one < rank:
            raise BadArguments(
                f"axis {one!r} does not exist in an array of {infer.axes(rank)}"
            )
    return tuple(sorted({one % rank for one in given}))


def operand_kind(args: Sequence[Atom]) -> Kind:
    """The kind of the operand as an array: lists and tuples of numbers count as one."""
    kind = as_array_kind(args[0].kind)
    infer.refuse_complex([kind])
    return kind


def reduced(dims: infer.Dims, axis: object, keepdims: object) -> infer.Dims:
    if dims is None:
        return () if axis is None and not keepdims else None
    gone = axes_of(axis, len(dims))
    if keepdims:
        return tuple(1 if i in gone else dim for i, dim in enumerate(dims))
    return tuple(dim for i, dim in enumerate(dims) if i not in gone)


def reduction_kind(dtype_of):
    """Kinds of a reduction whose dtype is `dtype_of(dtype)`."""

    def kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
        found = operand_kind(args)
        if isinstance(found, Unknown):
            return (UNKNOWN,)
        dims = reduced(infer.dims_of(found), attrs.get("axis"), attrs.get("keepdims"))
        dtype = attrs.get("dtype") or dtype_of(infer.numpy_dtype(found.dtype))  # type: ignore[attr-defined]
        return (infer.array_or_scalar(np.dtype(dtype).name, dims),)  # type: ignore[call-overload]

    return kind


def summed(dtype: np.dtype) -> object:
    """`sum` widens small integers."""
    return np.dtype("int64") if dtype.kind in "bi" else dtype


def averaged(dtype: np.dtype) -> object:
    return dtype if dtype.kind == "f" else np.dtype("float64")


def same(dtype: np.dtype) -> object:
    return dtype


def counted(dtype: np.dtype) -> object:
    return np.dtype("int64")


def truth(dtype: np.dtype) -> object:
    return np.dtype("bool")


def back(y_bar, x, axis=None, keepdims=False):
    """`y_bar` with axes of length 1 where they were reduced away; broadcasts to x."""
    if not isinstance(y_bar, Handle) or isinstance(y_bar.kind, Scalar):
        return y_bar
    dims = infer.dims_of(x.kind)
    if keepdims:
        return y_bar if dims is not None else build("full_like", x, y_bar)
    if dims is None:
        # not visibly lazy where no rank is known, so make it full at once
        if axis is not None:
            y_bar = build("expand_dims", y_bar, axis=axis)
        return build("full_like", x, y_bar)
    gone = axes_of(axis, len(dims))
    if not gone or gone == tuple(range(len(gone))):
        return y_bar  # leading axes come back by broadcasting
    return new_axes(y_bar, gone, len(dims))


def new_axes(x, axes, rank):
    """x[:, None, ...]: axes of length 1 at the given places of the result."""
    last = max(axes)
    items = ["None" if i in axes else ":" for i in range(rank)]
    while items and items[-1] == ":" and len(items) - 1 > last:
        items.pop()
    return build("getitem", x, path=f"[{', '.join(items)}]")


def count_of(x, axis=None):
    """How many elements are reduced: a number where it is known."""
    dims = infer.dims_of(x.kind)
    if axis is None:
        known = dims is not None and all(isinstance(d, int) for d in dims)
        return math.prod(dims) if known else build("size", x, spelling=".size")  # type: ignore[arg-type]
    if dims is None:
        return over_axes(x, axis if isinstance(axis, tuple) else (axis,), None)
    return over_axes(x, axes_of(axis, len(dims)), dims)


def over_axes(x, axes, dims):
    result: object = None
    for axis in axes:
        dim: Dim = dims[axis] if dims is not None else None
        if not isinstance(dim, int):
            shape = build("shape", x, spelling=".shape")
            number, path = lift(x.b, axis), {"path": "[#]"}
            dim = Handle(x.b, None, "getitem", (shape, number), path, INT)  # type: ignore[assignment]
        result = dim if result is None else result * dim  # type: ignore[operator]
    return 1 if result is None else result


# ---- the verb: y = R(x), with a slope for each element -------------------------------


def reduction(spellings, slope, passes_over=None, **rest):
    """A reduction with dy = sum(slope * dx); `slope(y, x, **options)`.

    `y` comes with the axes that were reduced (`keepdims`), so that it broadcasts to x.
    Elements for which `passes_over(x)` holds do not count.
    """

    def parts(b: Builder, op: Op):
        options = options_of(op)
        keepdims = options.pop("keepdims", False)
        axis = options.get("axis")
        x = array_operand(b, op.args[0])
        y = back(lift(b, op.outs[0]), x, axis, keepdims)
        return slope(y, x, **options), x, axis, keepdims

    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        if tangents[0] is None:
            return (None,)
        found, x, axis, keepdims = parts(b, op)
        dot = array_operand(b, tangents[0])
        if passes_over is not None:
            dot = choose(passes_over(x), 0.0, dot)
        term = found * dot
        options = {"axis": axis} if axis is not None else {}
        if keepdims:
            options["keepdims"] = keepdims
        return (build("sum", full(term, x), **options).atom,)

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        y_bar = taken(b, op, bars)
        if y_bar is None or not bars.wants(op.args[0]):
            return
        y_bar = full(y_bar, op.outs[0])
        found, x, axis, keepdims = parts(b, op)
        bar = found * back(y_bar, x, axis, keepdims)
        reach = None
        if passes_over is not None:
            reach = both(b, None, passes_over(x).atom, False)
        give(b, bars, op.args[0], bar, reach)

    return custom(spellings, forward, backward, partials=slope, **rest)


# ---- sums ----------------------------------------------------------------------------


def _sum_transpose(y_bar, y, x, axis=None, keepdims=False, dtype=None):
    """y_bar along the axes that were summed"""
    return back(y_bar if is_number(y_bar) else full(y_bar, y), x, axis, keepdims)


def is_number(x: Handle) -> bool:
    return isinstance(x.kind, Scalar)


def _sum(a, **options):
    return np.sum(a, **options)


sum_ = linear(
    "np.sum .sum",
    _sum_transpose,
    moves=True,
    kind=reduction_kind(summed),
    signature="a; axis=None, dtype=None, out!, keepdims=False, initial!, where!",
)


def _mean_transpose(y_bar, y, x, axis=None, keepdims=False):
    """y_bar / count"""
    y_bar = y_bar if is_number(y_bar) else full(y_bar, y)
    return back(y_bar / count_of(x, axis), x, axis, keepdims)


mean = linear(
    "np.mean .mean",
    _mean_transpose,
    moves=_sum_transpose,
    kind=reduction_kind(averaged),
    signature=MEAN,
)


def _nansum_transpose(y_bar, y, x, axis=None, keepdims=False):
    """y_bar where x is a number"""
    return choose(isnan(x), 0.0, back(full(y_bar, y), x, axis, keepdims))


def _nansum_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    dot = array_operand(b, tangents[0])
    dot = choose(isnan(array_operand(b, op.args[0])), 0.0, dot)
    return (build("sum", dot, **options_of(op)).atom,)


def _nansum_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is not None and bars.wants(op.args[0]):
        y, x = lift(b, op.outs[0]), array_operand(b, op.args[0])
        bar = _nansum_transpose(y_bar, y, x, **options_of(op))
        give(b, bars, op.args[0], bar, both(b, None, isnan(x).atom, False))


nansum = custom(
    "np.nansum",
    _nansum_forward,
    _nansum_backward,
    kind=reduction_kind(summed),
    signature=SUM,
    doc="y_bar where x is a number",
)

# ---- spread --------------------------------------------------------------------------


def centred(x, axis):
    options = {} if axis is None else {"axis": axis, "keepdims": True}
    return x - mean(x, **options)


def freedom(x, axis, ddof):
    n = count_of(x, axis)
    return n - ddof if ddof else n


var = reduction(
    "np.var .var",
    lambda y, x, axis=None, ddof=0: 2 * centred(x, axis) / freedom(x, axis, ddof),
    kind=reduction_kind(averaged),
    signature=SPREAD,
)
# where all values are equal, the slope of the standard deviation is taken to be 0
std = reduction(
    "np.std .std",
    lambda y, x, axis=None, ddof=0: over(centred(x, axis), y * freedom(x, axis, ddof)),
    kind=reduction_kind(averaged),
    signature=SPREAD,
)

# ---- extremes: k ties share alike, 1 / k each ----------------------------------------


def shared(y, x, axis=None):
    """1 / k at each of the k elements equal to y, else 0."""
    found = x == y
    options: dict[str, object] = (
        {} if axis is None else {"axis": axis, "keepdims": True}
    )
    dtype = getattr(x.kind, "dtype", "float64")
    if dtype not in ("float64", "float"):
        options["dtype"] = dtype  # an int64 count would widen it
    return choose(found, 1.0 / sum_(found, **options), 0.0)


max_ = reduction(
    "np.max np.amax .max", shared, kind=reduction_kind(same), signature=EXTREME
)
min_ = reduction(
    "np.min np.amin .min", shared, kind=reduction_kind(same), signature=EXTREME
)


def _spread_slope(y, x, axis=None):
    """the share in the maximum less the share in the minimum"""
    options = {} if axis is None else {"axis": axis, "keepdims": True}
    return shared(max_(x, **options), x, axis) - shared(min_(x, **options), x, axis)


ptp = reduction(
    "np.ptp",
    _spread_slope,
    kind=reduction_kind(same),
    signature="a; axis=None, out!, keepdims=False",
)

# ---- counts, places, truth: no derivative --------------------------------------------

any_ = flat("np.any .any", kind=reduction_kind(truth), signature=EXTREME)
all_ = flat("np.all .all", kind=reduction_kind(truth), signature=EXTREME)
argmax = flat(
    "np.argmax .argmax",
    kind=reduction_kind(counted),
    signature="a; axis=None, out!, keepdims=False",
)
argmin = flat(
    "np.argmin .argmin",
    kind=reduction_kind(counted),
    signature="a; axis=None, out!, keepdims=False",
)


def _count_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    if attrs.get("axis") is None and not attrs.get("keepdims"):
        return (INT,)
    return reduction_kind(counted)(args, attrs)


count_nonzero = flat(
    "np.count_nonzero", kind=_count_kind, signature="a; axis=None, *, keepdims=False"
)
