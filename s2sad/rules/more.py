"""NumPy functions that are short formulas of others."""

from __future__ import annotations

import numpy as np

from s2sad.ir.nodes import Lit
from s2sad.rules import infer
from s2sad.rules.compare import isnan
from s2sad.rules.composed import composed
from s2sad.rules.dims import slice_of
from s2sad.rules.handles import Handle, build
from s2sad.rules.products import matmul, rank_of
from s2sad.rules.reductions import axes_of, mean, new_axes, sum_
from s2sad.rules.registry import BadArguments
from s2sad.rules.signature import NOT_STATIC, bind, static


def _axis(axis: object) -> dict[str, object]:
    return {} if axis is None else {"axis": axis}


def _lined_up(weights: Handle, x: Handle, axis: object) -> Handle:
    """Weights along one axis, with axes of length 1 for the others."""
    rank = rank_of(x)
    if axis is None or rank_of(weights) == rank:
        return weights
    (at,) = axes_of(axis, rank)
    others = tuple(i for i in range(rank) if i != at)
    return new_axes(weights, others, rank) if at != rank - 1 else weights


# ---- averages ------------------------------------------------------------------------


def _average(a, place=None, weights=None, axis=None):
    """sum(w * a) / sum(w)"""
    axis = axis if place is None else place.value
    if weights is None:
        return mean(a, **_axis(axis))
    product = sum_(a * _lined_up(weights, a, axis), **_axis(axis))
    whole = rank_of(weights) == rank_of(a)
    return product / sum_(weights, **(_axis(axis) if whole else {}))


def _average_bind(args, kwargs):
    operands, attrs = bind(
        "average", "a, axis=None, weights=None; returned!, keepdims!", args, kwargs
    )
    a, *rest = operands
    if len(rest) == 2:  # the weights come after the axis, that of no axis, too
        axis = Lit(static(rest[0]))
        if axis.value is NOT_STATIC:
            raise BadArguments("the axis of `average` must be known beforehand")
        return (a, axis, rest[1]), attrs
    axis = static(rest[0]) if rest else None
    if axis is not None:
        attrs = {**attrs, "axis": axis}
    return (a,), attrs


average = composed(
    "np.average",
    _average,
    run=lambda a, place=None, weights=None, axis=None: np.average(
        a, axis if place is None else place, weights
    ),
    binder=_average_bind,
)


def _nanmean(a, axis=None, keepdims=False):
    """the mean of what is a number"""
    options = _axis(axis) | ({"keepdims": True} if keepdims else {})
    dtype = getattr(a.kind, "dtype", "float64")
    here = build("logical_not", isnan(a))
    count = build(
        "sum", here, **options, **({} if dtype == "float64" else {"dtype": dtype})
    )
    return build("nansum", a, **options) / count


nanmean = composed(
    "np.nanmean",
    _nanmean,
    signature="a; axis=None, dtype!, out!, keepdims=False, where!",
)

# ---- sums of neighbours --------------------------------------------------------------


def _trapezoid(y, x=None, dx=1.0, axis=-1):
    """sum((y[1:] + y[:-1]) * diff(x)) / 2"""
    pairs = slice_of(y, axis, 1, None) + slice_of(y, axis, None, -1)
    if x is None:
        return sum_(pairs, axis=axis) * (dx / 2)
    rank = rank_of(y)
    if rank_of(x) == 1:
        step = _lined_up(build("diff", x), y, axis)
    elif rank_of(x) == rank:
        step = build("diff", x, axis=axis)
    else:
        raise BadArguments("`trapezoid` needs x of one axis, or of the shape of y")
    return sum_(pairs * step, axis=axis) / 2


trapezoid = composed(
    "np.trapezoid np.trapz",
    _trapezoid,
    run=lambda y, x=None, **options: _numpy_trapezoid()(y, x, **options),
    signature="y, x=None; dx=1.0, axis=-1",
)


def _numpy_trapezoid():
    return getattr(np, "trapezoid", None) or np.trapz  # NumPy 1 has the older name


# ---- products ------------------------------------------------------------------------


def _cross(a, b):
    """a[1] b[2] - a[2] b[1], and so on round"""
    # by components, so that vectors of two raise and are not taken for three
    lengths = {(infer.dims_of(x.kind) or (None,))[-1] for x in (a, b)}
    if lengths == {2}:
        return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    one, two = ([x[..., k] for k in range(3)] for x in (a, b))
    parts = [one[i] * two[k] - one[k] * two[i] for i, k in ((1, 2), (2, 0), (0, 1))]
    return build("stack", build("list", *parts), axis=-1)


cross = composed("np.cross", _cross, signature="a, b; axisa!, axisb!, axisc!, axis!")


def _matrix_power(a, n=1):
    """a @ a @ ... @ a"""
    if n < 1:
        raise BadArguments("`matrix_power` is supported with n >= 1")
    result = a
    for _ in range(n - 1):
        result = matmul(result, a)
    return result


matrix_power = composed(
    "np.linalg.matrix_power",
    lambda a, n: _matrix_power(a, n) if n > 1 else a + 0.0,
    run=lambda a, n: np.linalg.matrix_power(a, n),
    signature="a; n",
)


def _polyval(p, x):
    """Horner's rule"""
    dims = infer.dims_of(p.kind)
    if dims is None or len(dims) != 1 or not isinstance(dims[0], int):
        raise BadArguments("`polyval` needs a known number of coefficients, as a list")
    result = p[0] + 0.0 * x
    for i in range(1, dims[0]):
        result = result * x + p[i]
    return result


polyval = composed("np.polyval", _polyval, signature="p, x")


def _gradient(f, spacing=None, axis=None):
    """central differences inside, one-sided at the ends"""
    if rank_of(f) != 1:
        raise BadArguments("`gradient` is supported for arrays of one axis")
    h = 1.0 if spacing is None else spacing
    if isinstance(h, Handle) and rank_of(h) != 0:
        raise BadArguments("`gradient` is supported with one spacing")
    inner = (slice_of(f, 0, 2, None) - slice_of(f, 0, None, -2)) / (2 * h)
    first = (slice_of(f, 0, 1, 2) - slice_of(f, 0, 0, 1)) / h
    last = (slice_of(f, 0, -1, None) - slice_of(f, 0, -2, -1)) / h
    parts = build("list", first, inner, last)
    return build("concatenate", parts)


gradient = composed(
    "np.gradient", _gradient, signature="f, spacing=None; axis!, edge_order!"
)


diagflat = composed(
    "np.diagflat",
    lambda v, k=0: build("diag", build("ravel", v), **({"k": k} if k else {})),
    signature="v; k=0",
)
