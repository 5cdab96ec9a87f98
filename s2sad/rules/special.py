"""Error and gamma functions, digits of floats, and `math` over sequences.

`math` has no digamma: `polygamma(x, n)` of our own is its n-th derivative, and its
own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from s2sad.ir.build import Builder
from s2sad.ir.kinds import FLOAT, INT, Kind, Scalar, Tuple
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import helpers, infer
from s2sad.rules.containers import array_operand, as_array_kind, give
from s2sad.rules.elementary import exp, over
from s2sad.rules.handles import Named, build, lift
from s2sad.rules.lazy import full
from s2sad.rules.primitive import (
    Adjoints,
    Tangents,
    taken,
    total,
)
from s2sad.rules.reductions import reduction
from s2sad.rules.signature import UFUNC, UFUNC_1
from s2sad.rules.verbs import custom, flat, smooth

ROOT_PI = Named("math.sqrt(math.pi)", math.sqrt(math.pi), "sqrt(pi)")

FLOATS = infer.always(FLOAT)

# ---- error function ------------------------------------------------------------------

# `math.exp` underflows in silence, so that it serves for -x * x

erf = smooth(
    "math.erf",
    lambda y, x: 2 * exp(-x * x) / ROOT_PI,
    kind=FLOATS,
    signature="x",
)
erfc = smooth(
    "math.erfc",
    lambda y, x: -2 * exp(-x * x) / ROOT_PI,
    kind=FLOATS,
    signature="x",
)

# ---- gamma function ------------------------------------------------------------------

polygamma = smooth(
    "<polygamma>",
    lambda y, x, n=0: polygamma(x, n=n + 1),
    kind=lambda args, attrs: (args[0].kind,),
    run=helpers.polygamma,
    signature="x; n=0",
    doc="the n-th derivative of digamma",
)
gamma = smooth("math.gamma", lambda y, x: y * polygamma(x), kind=FLOATS, signature="x")
lgamma = smooth("math.lgamma", lambda y, x: polygamma(x), kind=FLOATS, signature="x")

# ---- digits of floats ----------------------------------------------------------------


def _ldexp_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    return (
        FLOATS(args, attrs)
        if attrs.get("lib") == "math"
        else infer.float_function(args[:1], {})
    )


ldexp = smooth(
    "np.ldexp math.ldexp",
    lambda y, x, e: (2.0**e, 0),
    kind=_ldexp_kind,
    signature=UFUNC,
)
fma = smooth(
    "math.fma",
    lambda y, a, b, c: (b, a, 1),
    kind=FLOATS,
    signature="x, y, z",
)


def _pair_kind(second):
    def kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
        if attrs.get("lib") == "math":
            return (Tuple((FLOAT, second or FLOAT)),)
        (first,) = infer.float_function(args, attrs)
        if second is None:
            return (Tuple((first, first)),)
        return (Tuple((first, infer.array_or_scalar("int32", infer.dims_of(first)))),)

    return kind


def pair(spellings: str, slope, second: Kind | None):
    """Functions of two results; the first varies, by `slope(results, tangent)`."""

    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        if tangents[0] is None:
            return (None,)
        dot = slope(lift(b, op.outs[0]), full(lift(b, tangents[0]), op.args[0]))
        zero = (
            lift(b, 0.0)
            if isinstance(dot.kind, Scalar)
            else build(
                "zeros_like", build("getitem", lift(b, op.outs[0]), 1, path="[#]")
            )
        )
        return (b.op("tuple", (dot.atom, zero.atom), op.outs[0].kind),)

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        found = bars.item(op.outs[0], 0)
        bars.take(op.outs[0])
        if found is not None and bars.wants(op.args[0]):
            bars.add(op.args[0], slope(lift(b, op.outs[0]), lift(b, found)).atom)

    return custom(
        spellings,
        forward,
        backward,
        kind=_pair_kind(second),
        signature=UFUNC_1,
        doc="the first result varies",
    )


modf = pair("np.modf math.modf", lambda y, dot: dot, None)
frexp = pair(
    "np.frexp math.frexp",
    lambda y, dot: build("ldexp", dot, -build("getitem", y, 1, path="[#]")),
    INT,
)

# ---- sequences -----------------------------------------------------------------------


def _sequence_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    for arg in args:
        infer.refuse_complex([as_array_kind(arg.kind)])
    return (FLOAT,)


fsum = reduction("math.fsum", lambda y, x: 1.0, kind=_sequence_kind, signature="seq")


def _dist_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    p, q = (array_operand(b, arg) for arg in op.args)
    slope = over(p - q, lift(b, op.outs[0]))
    terms = []
    if tangents[0] is not None:
        terms.append(build("sum", slope * array_operand(b, tangents[0])))
    if tangents[1] is not None:
        terms.append(-build("sum", slope * array_operand(b, tangents[1])))
    found = total(terms)
    return (None if found is None else build("float", found).atom,)


def _dist_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None:
        return
    p, q = (array_operand(b, arg) for arg in op.args)
    slope = over(p - q, lift(b, op.outs[0])) * y_bar
    for arg, bar in ((op.args[0], slope), (op.args[1], -slope)):
        if bars.wants(arg):
            give(b, bars, arg, bar)


dist = custom(
    "math.dist",
    _dist_forward,
    _dist_backward,
    kind=_sequence_kind,
    signature="p, q",
    doc="(p - q) / y, and 0 where p is q",
)


def _sumprod_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    p, q = (array_operand(b, arg) for arg in op.args)
    terms = []
    if tangents[0] is not None:
        terms.append(build("dot", full(array_operand(b, tangents[0]), p), q))
    if tangents[1] is not None:
        terms.append(build("dot", p, full(array_operand(b, tangents[1]), q)))
    found = total(terms)
    return (None if found is None else build("float", found).atom,)


def _sumprod_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None:
        return
    p, q = (array_operand(b, arg) for arg in op.args)
    for arg, other in ((op.args[0], q), (op.args[1], p)):
        if bars.wants(arg):
            give(b, bars, arg, other * y_bar)


sumprod = custom(
    "math.sumprod",
    _sumprod_forward,
    _sumprod_backward,
    kind=_sequence_kind,
    signature="p, q",
    doc="q * y_bar, p * y_bar",
)

# ---- of integers: no derivative ------------------------------------------------------

comb = flat("math.comb", kind=infer.always(INT), signature="n, k")
perm = flat("math.perm", kind=infer.always(INT), signature="n, k=None")
factorial = flat("math.factorial", kind=infer.always(INT), signature="x")
gcd = flat("math.gcd", kind=infer.always(INT), name="math_gcd", signature="*integers")
lcm = flat("math.lcm", kind=infer.always(INT), name="math_lcm", signature="*integers")
isqrt = flat("math.isqrt", kind=infer.always(INT), signature="n")
