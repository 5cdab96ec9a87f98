"""Sampled curves: interpolation, convolution, scales of steps, pieces by condition."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import UNKNOWN, Array, Dim, Kind, List, Tuple
from s2sad.ir.nodes import Atom, Lit, Op
from s2sad.rules import infer
from s2sad.rules.choices import where
from s2sad.rules.composed import composed
from s2sad.rules.containers import as_array_kind
from s2sad.rules.creation import linspace
from s2sad.rules.dims import length, widened
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.lazy import full, unbroadcast
from s2sad.rules.primitive import Adjoints, Tangents, taken
from s2sad.rules.products import array_dims, rank_of
from s2sad.rules.reach import Reach, both, narrowed
from s2sad.rules.reductions import new_axes
from s2sad.rules.registry import BadArguments
from s2sad.rules.selecting import choose
from s2sad.rules.verbs import bilinear, custom

# ---- between points ------------------------------------------------------------------


def _at(x: Handle, index: Handle) -> Handle:
    return build("getitem", x, index, path="[#]")


def _interp(x, xp, fp):
    """(1 - t) * fp[i] + t * fp[i + 1]; at a knot the slope on its right, outside 0"""
    x, xp, fp = (widened(values) for values in (x, xp, fp))
    place = build("searchsorted", xp, x, side="right") - 1
    i = build("clip", place, 0, length(xp, 0) - 2)
    low, high = _at(xp, i), _at(xp, i + 1)
    inside = (x - low) / (high - low)
    t = choose(x < xp[0], 0.0, choose(x > xp[-1], 1.0, inside))
    one, two = _at(fp, i), _at(fp, i + 1)
    return one + t * (two - one)


interp = composed(
    "np.interp",
    _interp,
    kind=lambda args, attrs: (
        infer.array_or_scalar("float64", infer.dims_of(args[0].kind)),
    ),
    signature="x, xp, fp; left!, right!, period!",
)

# ---- convolution ---------------------------------------------------------------------
# y[k] = sum of a[i] * v[k - i]; the adjoint of each is a correlation with the other


def _count(m: Dim, n: Dim, mode: object) -> Dim:
    if not isinstance(m, int) or not isinstance(n, int):
        return None
    return {"full": m + n - 1, "same": max(m, n)}.get(mode, abs(m - n) + 1)  # type: ignore[call-overload]


def _convolve_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = array_dims(args)
    if found is None:
        return (UNKNOWN,)
    dtype, (p, q) = found
    if p is None or q is None or len(p) != 1 or len(q) != 1:
        raise BadArguments("convolution takes arrays of one axis")
    count = _count(p[0], q[0], attrs.get("mode", "full"))
    return (Array(infer.numpy_dtype(dtype).name, (count,)),)


def _widened(y_bar: Handle, a: Handle, b: Handle, mode: object) -> Handle:
    """The adjoint of the full convolution, of which `mode` keeps the middle."""
    if mode == "full":
        return y_bar
    m, n = length(a, 0), length(b, 0)
    shorter = build("py_min", lift(a.b, m), n)
    start = shorter - 1 if mode == "valid" else (shorter - 1) // 2
    stop = start + build("size", y_bar, spelling=".size")
    dtype = y_bar.kind.dtype  # type: ignore[attr-defined]
    options = {} if dtype == "float64" else {"dtype": dtype}
    zeros = build("zeros", lift(a.b, m) + n - 1, **options)
    return build("setitem", zeros, y_bar, start, stop, path="[#:#]")


def _slid(y_bar: Handle, x: Handle) -> Handle:
    return build("sliding", y_bar, x, spelling="np.correlate")


convolve = bilinear(
    "np.convolve",
    lambda y_bar, y, a, b, mode="full": _slid(_widened(y_bar, a, b, mode), b),
    lambda y_bar, y, a, b, mode="full": _slid(_widened(y_bar, a, b, mode), a),
    kind=_convolve_kind,
    signature="a, v; mode='full'",
)
# `np.correlate` of a long array and a short one, which is how adjoints call it
sliding = bilinear(
    "<sliding>",
    lambda y_bar, y, a, b: build("convolve", y_bar, b),
    lambda y_bar, y, a, b: build("sliding", a, y_bar, spelling="np.correlate"),
    kind=lambda args, attrs: _convolve_kind(args, {"mode": "valid"}),
    run=np.correlate,
    doc="sums of a[k + i] * b[i]",
)
correlate = composed(
    "np.correlate",
    lambda a, v, mode="valid": build("convolve", a, build("flip", v), mode=mode),
    kind=lambda args, attrs: _convolve_kind(args, {"mode": "valid", **attrs}),
    signature="a, v; mode='valid'",
)

# ---- steps of equal ratio ------------------------------------------------------------


def _log_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    ends = {key: value for key, value in attrs.items() if key == "endpoint"}
    return linspace.infer(args[:3], ends)


logspace = composed(
    "np.logspace",
    lambda *args, base=10.0, **options: base ** build("linspace", *args, **options),
    kind=_log_kind,
    signature="start, stop, num=50; endpoint=True, base=10.0, dtype!, axis!",
)


def _geomspace(start, stop, num=50, **options):
    """start * (stop / start) ** t"""
    t = build("linspace", lift(start.b, 0.0), 1.0, num, **options)
    return start * (stop / start) ** t


geomspace = composed(
    "np.geomspace",
    _geomspace,
    kind=_log_kind,
    signature="start, stop, num=50; endpoint=True, dtype!, axis!",
)


def _vander(x, N=None, increasing=False):  # noqa: N803
    """x[:, None] ** (n - 1, ..., 1, 0)"""
    n = length(x, 0) if N is None else N
    powers = build("arange", lift(x.b, n))
    if not increasing:
        powers = build("flip", powers)
    return new_axes(x, (1,), 2) ** powers


vander = composed("np.vander", _vander, signature="x; N=None, increasing=False")

# ---- products of all pairs -----------------------------------------------------------


def _kron(a, b):
    """a block of b for each element of a"""
    rank = max(rank_of(a), rank_of(b))
    if 0 in (rank_of(a), rank_of(b)):
        return a * b
    a, b = (
        new_axes(x, tuple(range(rank - rank_of(x))), rank) if rank_of(x) < rank else x
        for x in (a, b)
    )
    wide = new_axes(a, tuple(range(1, 2 * rank, 2)), 2 * rank)
    narrow = new_axes(b, tuple(range(0, 2 * rank, 2)), 2 * rank)
    sides = [_times(length(a, i), length(b, i)) for i in range(rank)]
    return build("reshape", wide * narrow, *sides, spelling=".reshape")


def _times(m: object, n: object) -> object:
    return m * n  # type: ignore[operator]


kron = composed("np.kron", _kron, signature="a, b")


def _vecdot(a, b, axis=-1):
    """sum(a * b) along an axis"""
    return build("sum", a * b, axis=axis)


vecdot = composed(
    "np.vecdot np.linalg.vecdot",
    _vecdot,
    run=lambda a, b, axis=-1: np.sum(np.multiply(a, b), axis=axis),
    signature="x1, x2; axis=-1",
)

# ---- pieces by condition -------------------------------------------------------------


def _kinds_of(atom: Atom) -> list[Kind]:
    """The kinds of the entries of a list; Python's numbers stay weak."""
    return [as_array_kind(kind) for kind in atom.kind.items]  # type: ignore[union-attr]


def _is_float(kind: Kind) -> bool:
    return infer.numpy_dtype(kind.dtype).kind == "f"  # type: ignore[union-attr]


def _select_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    for arg in args[:2]:
        if not isinstance(arg.kind, (List, Tuple)) or arg.kind.items is None:
            raise BadArguments("`select` takes two lists of a known number of arrays")
    tests, kinds = (_kinds_of(arg) for arg in args[:2])
    kinds += [arg.kind for arg in args[2:]] or [Lit(0).kind]
    dims = infer.broadcast([infer.dims_of(kind) for kind in (*tests, *kinds)])
    return (Array(infer.promote(kinds), dims),)


def _first_true(b: Builder, op: Op, picks: Sequence[object]) -> Handle:
    """The pick of the first condition that holds; the last one is for none."""
    tests, result = lift(b, op.args[0]), lift(b, picks[-1])
    for i in reversed(range(len(picks) - 1)):
        if result.value == 0 and isinstance(picks[i], float):
            continue  # `where` of two numbers would be an array of float64
        test = build("getitem", tests, i, path="[#]")
        result = where(test, lift(b, picks[i]), result)
    return result


def _select_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if all(dot is None for dot in tangents):
        return (None,)
    picks: list[object] = [0.0] * (len(_kinds_of(op.args[1])) + 1)
    if tangents[1] is not None:
        dots = lift(b, tangents[1])
        for i, kind in enumerate(_kinds_of(op.args[1])):
            if _is_float(kind):
                picks[i] = build("getitem", dots, i, path="[#]")
    if len(tangents) > 2 and tangents[2] is not None:
        picks[-1] = lift(b, tangents[2])
    return (full(_first_true(b, op, picks), op.outs[0]).atom,)


def _select_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None:
        return
    y, count = lift(b, op.outs[0]), len(_kinds_of(op.args[1]))
    y_bar = full(y_bar, y)

    def share(i: int) -> Handle:
        picks: list[object] = [0.0] * (count + 1)
        picks[i] = y_bar
        return _first_true(b, op, picks)

    def first_of(i: int) -> Reach:
        """Where the choice is taken: its test holds, and none before it."""
        tests = lift(b, op.args[0])
        found = [
            (build("getitem", tests, k, path="[#]").atom, k == i)
            for k in range(min(i + 1, count))
        ]
        reach = bars.reach(y.atom)  # type: ignore[arg-type]
        for test, holds in reversed(found):
            reach = both(b, reach, test, holds)
        return reach  # type: ignore[return-value]

    if bars.wants(op.args[1]):
        for i, kind in enumerate(_kinds_of(op.args[1])):
            if _is_float(kind):
                choice = build("getitem", lift(b, op.args[1]), i, path="[#]")
                bar = unbroadcast(share(i), choice, y)
                reach = narrowed(b, first_of(i), choice, y)
                bars.add_at(op.args[1], "[#]", (Lit(i),), bar.atom, reach)
    if len(op.args) > 2 and bars.wants(op.args[2]):
        default = lift(b, op.args[2])
        reach = narrowed(b, first_of(count), default, y)
        bars.add(op.args[2], unbroadcast(share(count), default, y).atom, reach)


select = custom(
    "np.select",
    _select_forward,
    _select_backward,
    kind=_select_kind,
    signature="condlist, choicelist, default=0",
    doc="y_bar where the choice was the first to hold",
)
