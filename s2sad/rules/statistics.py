"""Statistics: quantiles, moments that pass over NaN, covariances, counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import UNKNOWN, Array, Kind, Scalar, Tuple, is_real
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import infer
from s2sad.rules.compare import isnan
from s2sad.rules.composed import composed
from s2sad.rules.containers import array_operand, as_array_kind, give
from s2sad.rules.dims import length, widened
from s2sad.rules.elementary import over
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.lazy import full
from s2sad.rules.more import nanmean
from s2sad.rules.primitive import Adjoints, Tangents, taken
from s2sad.rules.products import column, rank_of, row, turned
from s2sad.rules.reductions import (
    SPREAD,
    SUM,
    averaged,
    mean,
    reduction,
    reduction_kind,
    same,
    shared,
    sum_,
    summed,
)
from s2sad.rules.registry import BadArguments
from s2sad.rules.selecting import choose
from s2sad.rules.verbs import custom, flat


def along(axis: object) -> dict[str, object]:
    return {} if axis is None else {"axis": axis, "keepdims": True}


# ---- passing over NaN ----------------------------------------------------------------


def is_number(x: Handle) -> Handle:
    """1 where x is a number, 0 where it is NaN, in the dtype of x."""
    found = build("logical_not", isnan(x))
    return build("astype", found, dtype=x.kind.dtype, spelling=".astype")  # type: ignore[attr-defined]


def _nan_centred(x: Handle, axis: object) -> Handle:
    return choose(isnan(x), 0.0, x - nanmean(x, **along(axis)))


def _nan_freedom(x: Handle, axis: object, ddof: object) -> Handle:
    count = sum_(is_number(x), **along(axis))
    return count - ddof if ddof else count


nanvar = reduction(
    "np.nanvar",
    lambda y, x, axis=None, ddof=0: (
        2 * _nan_centred(x, axis) / _nan_freedom(x, axis, ddof)
    ),
    passes_over=isnan,
    kind=reduction_kind(averaged),
    signature=SPREAD,
)
nanstd = reduction(
    "np.nanstd",
    lambda y, x, axis=None, ddof=0: over(
        _nan_centred(x, axis), y * _nan_freedom(x, axis, ddof)
    ),
    passes_over=isnan,
    kind=reduction_kind(averaged),
    signature=SPREAD,
)
nanmax = reduction(
    "np.nanmax",
    lambda y, x, axis=None: shared(y, x, axis),  # NaN equals nothing
    passes_over=isnan,
    kind=reduction_kind(same),
    signature=SUM,
)
nanmin = reduction(
    "np.nanmin",
    lambda y, x, axis=None: shared(y, x, axis),
    passes_over=isnan,
    kind=reduction_kind(same),
    signature=SUM,
)


def _filled(x: Handle, value: float) -> Handle:
    return choose(isnan(x), value, x)


nanprod = composed(
    "np.nanprod",
    lambda x, **options: build("prod", _filled(x, 1.0), **options),
    kind=reduction_kind(summed),
    signature=SUM,
)
nancumsum = composed(
    "np.nancumsum",
    lambda x, **options: build("cumsum", _filled(x, 0.0), **options),
    signature="a; axis=None, dtype!, out!",
)
nancumprod = composed(
    "np.nancumprod",
    lambda x, **options: build("cumprod", _filled(x, 1.0), **options),
    signature="a; axis=None, dtype!, out!",
)

# ---- quantiles -----------------------------------------------------------------------


def _quantile(x, q, axis=None, keepdims=False):
    """linear between the two sorted values around place q * (n - 1)"""
    rank = rank_of(x, "`quantile`")
    if axis is None and rank != 1:
        x, at = build("ravel", x), 0
    else:
        at = 0 if axis is None else axis
    if isinstance(q.kind, Array) and q.kind.dims != () and rank_of(x) != 1:
        raise BadArguments("several quantiles are supported for arrays of one axis")
    place = q * (length(x, at) - 1)
    low = _whole(build("floor", place))
    high = _whole(build("ceil", place))
    ordered = build("sort", x, axis=at)
    one, two = (build("take", ordered, index, axis=at) for index in (low, high))
    found = one + (place - low) * (two - one)
    if keepdims:
        axes = tuple(range(rank)) if axis is None else axis
        found = build("expand_dims", found, axis=axes)
    return found


def _whole(x: Handle) -> Handle:
    if isinstance(x.kind, Scalar):
        return build("int", x)
    return build("astype", x, dtype="int64", spelling=".astype")


def _quantile_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    (kind,) = reduction_kind(averaged)(args[:1], attrs)
    places = as_array_kind(infer.numeric(args[1].kind))
    q, dims = infer.dims_of(places), infer.dims_of(kind)
    if q is None or kind == UNKNOWN:
        return (UNKNOWN,)
    dtype = infer.promote([kind, places])
    return (infer.array_or_scalar(dtype, None if dims is None else (*q, *dims)),)


QUANTILE = "a, q; axis=None, out!, overwrite_input!, method!, keepdims=False, weights!"

quantile = composed("np.quantile", _quantile, kind=_quantile_kind, signature=QUANTILE)
percentile = composed(
    "np.percentile",
    lambda x, q, **options: _quantile(x, q / 100, **options),
    kind=_quantile_kind,
    signature=QUANTILE,
)

# ---- covariances ---------------------------------------------------------------------


def _cov(m, rowvar=True, bias=False, ddof=None):
    """x @ x.T / (n - ddof) for the centred rows x"""
    rank, m = rank_of(m, "`cov`"), widened(m)
    if rank > 2:
        raise BadArguments("`cov` is supported for one or two axes")
    free = ddof if ddof is not None else 0 if bias else 1
    if rank == 1:
        centred = m - mean(m)
        return build("vdot", centred, centred) / (length(m, 0) - free)
    x = m if rowvar else turned(m)
    x = x - mean(x, axis=1, keepdims=True)
    return x @ turned(x) / (length(x, 1) - free)


def _cov_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    b = Builder()
    x = array_operand(b, args[0])
    dims = infer.dims_of(x.kind)
    if dims is None or len(dims) > 2:
        raise BadArguments("`cov` needs an array of one or two axes")
    if len(dims) == 2:
        side = dims[0] if attrs.get("rowvar", True) else dims[1]
        dims = (side, side)
    else:
        dims = ()
    return (Array("float64", dims),)


cov = composed(
    "np.cov",
    _cov,
    kind=_cov_kind,
    signature="m; y!, rowvar=True, bias=False, ddof=None, fweights!, aweights!",
)


def _corrcoef(x, rowvar=True):
    """the covariances over the standard deviations"""
    if rank_of(x, "`corrcoef`") != 2:
        raise BadArguments("`corrcoef` is supported for two axes")
    c = _cov(x, rowvar=rowvar)
    spread = build("sqrt", build("diag", c))
    return c / column(spread) / row(spread)


corrcoef = composed(
    "np.corrcoef", _corrcoef, kind=_cov_kind, signature="x; y!, rowvar=True"
)

# ---- counts --------------------------------------------------------------------------


def _bincount_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    weighted = len(args) > 1
    return (Array("float64" if weighted else "int64", (None,)),)


def _bincount_forward(
    b: Builder, op: Op, tangents: Tangents
) -> tuple[Atom | None, ...]:
    if len(tangents) < 2 or tangents[1] is None:
        return (None,)
    weights = full(array_operand(b, tangents[1]), array_operand(b, op.args[1]))
    return (build("bincount", lift(b, op.args[0]), weights, **op.attrs).atom,)


def _bincount_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None or len(op.args) < 2 or not bars.wants(op.args[1]):
        return
    bins = array_operand(b, op.args[0])
    bar = build("getitem", full(y_bar, op.outs[0]), bins, path="[#]")
    dtype = getattr(op.args[1].kind, "dtype", "float64")
    if dtype not in ("float64", "float"):
        bar = build("astype", bar, dtype=dtype, spelling=".astype")
    give(b, bars, op.args[1], bar)


bincount = custom(
    "np.bincount",
    _bincount_forward,
    _bincount_backward,
    kind=_bincount_kind,
    signature="x, weights=None; minlength=0",
    doc="weights_bar = y_bar[x]",
)


def _histogram_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    if len(args) < 2 or not isinstance(args[1].kind, Array):
        raise BadArguments("`histogram` is supported with an array of edges")
    if is_real(args[1].kind) and infer.numpy_dtype(args[1].kind.dtype).kind != "f":
        raise BadArguments("the edges of `histogram` must be floats")
    return (Tuple((Array("int64", (None,)), args[1].kind)),)


def _histogram_forward(
    b: Builder, op: Op, tangents: Tangents
) -> tuple[Atom | None, ...]:
    if tangents[1] is not None:
        raise BadArguments("edges of `histogram` that vary are not supported")
    return (None,)


def _histogram_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    bars.take(op.outs[0])
    if bars.wants(op.args[1]):
        raise BadArguments("edges of `histogram` that vary are not supported")


histogram = custom(
    "np.histogram",
    _histogram_forward,
    _histogram_backward,
    kind=_histogram_kind,
    run=lambda a, bins: tuple(np.histogram(a, bins)),
    signature="a, bins; range!, density!, weights!",
    doc="counts do not vary",
)

nanargmax = flat(
    "np.nanargmax",
    kind=reduction_kind(lambda dtype: np.dtype("int64")),
    signature="a; axis=None, out!, keepdims=False",
)
nanargmin = flat(
    "np.nanargmin",
    kind=reduction_kind(lambda dtype: np.dtype("int64")),
    signature="a; axis=None, out!, keepdims=False",
)
