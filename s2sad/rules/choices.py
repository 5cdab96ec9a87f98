"""Choices: the larger, the smaller, the selected; steps between slopes.

At a tie `maximum` and `minimum` give each side 0.5. A selection flows back by
selection, never by a product with 0, so that what was not chosen cannot leak.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import UNKNOWN, Array, Kind, Unknown
from s2sad.ir.nodes import Atom, Lit, Op
from s2sad.rules import infer
from s2sad.rules.arithmetic import sign_of
from s2sad.rules.compare import isfinite, isnan
from s2sad.rules.elementary import smooth
from s2sad.rules.handles import Handle, lift
from s2sad.rules.lazy import full, settled, unbroadcast
from s2sad.rules.primitive import Adjoints, Tangents, taken
from s2sad.rules.reach import both, narrowed
from s2sad.rules.registry import BadArguments
from s2sad.rules.selecting import When, choose
from s2sad.rules.verbs import custom
from s2sad.rules.verbs import smooth as declare

# ---- steps ---------------------------------------------------------------------------

heaviside = smooth("np.heaviside", lambda y, x, h0: (0, When(x == 0)))
copysign = smooth(
    "np.copysign math.copysign",
    lambda y, a, b: (sign_of(a) * copysign(1.0, b), 0),
)
nextafter = smooth("np.nextafter math.nextafter", lambda y, a, b: (1, 0))

# ---- the larger and the smaller ------------------------------------------------------


def step(x):
    """0 below, 0.5 at and 1 above 0."""
    return heaviside(x, 0.5)


maximum = smooth(
    "np.maximum", lambda y, a, b: (step(a - b), step(b - a)), kind=infer.same_function
)
minimum = smooth(
    "np.minimum", lambda y, a, b: (step(b - a), step(a - b)), kind=infer.same_function
)


def unless_nan(a, b, slope):
    """The slope of `a` where fmax and fmin pass over NaNs."""
    return choose(isnan(b), 1.0, choose(isnan(a), 0.0, slope))


fmax = smooth(
    "np.fmax",
    lambda y, a, b: (unless_nan(a, b, step(a - b)), unless_nan(b, a, step(b - a))),
    kind=infer.same_function,
)
fmin = smooth(
    "np.fmin",
    lambda y, a, b: (unless_nan(a, b, step(b - a)), unless_nan(b, a, step(a - b))),
    kind=infer.same_function,
)


def _clip_partials(y, x, lo, hi):
    """as minimum(maximum(x, lo), hi)"""
    no_lo, no_hi = (isinstance(v, Handle) and v.atom == Lit(None) for v in (lo, hi))
    lower = x if no_lo else maximum(x, lo)
    below = 1 if no_hi else step(hi - lower)
    x_slope = (1 if no_lo else step(x - lo)) * (1 if no_hi else step(hi - x))
    return (
        x_slope,
        0 if no_lo else step(lo - x) * below,
        0 if no_hi else step(lower - hi),
    )


def _clip_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    return infer.same_function([arg for arg in args if arg != Lit(None)], attrs)


clip = declare(
    "np.clip .clip",
    _clip_partials,
    kind=_clip_kind,
    signature="a, a_min=None, a_max=None; out!, where!, dtype!",
    binder=None,
)

# ---- choices -------------------------------------------------------------------------


def _where_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    if len(args) != 3:
        raise BadArguments("`np.where` is supported with three arguments")
    kinds = infer.kinds_of(args)
    infer.refuse_complex(kinds[1:])
    if any(isinstance(kind, Unknown) for kind in kinds):
        return (UNKNOWN,)
    dims = infer.broadcast([infer.dims_of(kind) for kind in kinds])
    return (Array(infer.promote(kinds[1:]), dims),)


def _where_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[1] is None and tangents[2] is None:
        return (None,)
    dots = [lift(b, 0.0 if dot is None else dot) for dot in tangents[1:]]
    found = where(lift(b, op.args[0]), *dots)
    return (settled(found, lift(b, op.outs[0]), op.args).atom,)


def _where_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None:
        return
    test, *choices = op.args
    out = lift(b, op.outs[0])
    if settled(where(lift(b, test), y_bar, 0.0), out, op.args).prim == "full_like":
        y_bar = full(y_bar, out)
    picks = (lambda: (y_bar, 0.0), lambda: (0.0, y_bar))
    whole = bars.reach(op.outs[0])
    for atom, pick, chosen in zip(choices, picks, (True, False), strict=True):
        if bars.wants(atom):
            arg = lift(b, atom)
            bar = where(lift(b, test), *pick())
            reach = narrowed(b, both(b, whole, test, chosen), arg, out)
            bars.add(atom, unbroadcast(bar, arg, out).atom, reach)


where = custom(
    "np.where",
    _where_forward,
    _where_backward,
    kind=_where_kind,
    run=np.where,
    signature="condition, x, y",
    doc="selects; what is not chosen gets 0",
)

nan_to_num = smooth(
    "np.nan_to_num",
    lambda y, x, **options: When(isfinite(x)),
    kind=infer.same_function,
    signature="x; copy!, nan=0.0, posinf=None, neginf=None",
)
