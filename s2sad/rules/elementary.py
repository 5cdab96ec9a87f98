"""Exponentials, logarithms, roots, trigonometric and hyperbolic functions.

At a point where a function is finite and its slope is not (sqrt at 0, arcsin at 1),
`pole` gives inf, on Python's floats too. Where the function is infinite as well (log at
0), `quotient` divides as the function's library does: `math.log` has raised before, and
NumPy's division does not raise. Squares are `x * x`: Python's `**` raises on overflow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from s2sad.ir.kinds import FLOAT, INT, Array, Kind, Scalar, is_float_dtype
from s2sad.ir.nodes import Atom
from s2sad.rules import infer
from s2sad.rules.arithmetic import is_python
from s2sad.rules.handles import (
    PI,
    Handle,
    Named,
    build,
    quotient,
)
from s2sad.rules.selecting import choose, nonzero, pole
from s2sad.rules.signature import UFUNC, UFUNC_1
from s2sad.rules.verbs import smooth as declare

LN2 = Named("math.log(2)", math.log(2), "log(2)")
LN10 = Named("math.log(10)", math.log(10), "log(10)")
DEGREE = Named("(math.pi / 180)", math.pi / 180, "pi / 180")
RADIAN = Named("(180 / math.pi)", 180 / math.pi, "180 / pi")


def smooth(spellings, partials, **rest):
    count = partials.__code__.co_argcount - 1
    rest.setdefault("signature", UFUNC if count == 2 else UFUNC_1)
    return declare(spellings, partials, **rest)


def root(x):
    """The square root of what cannot be negative."""
    if isinstance(x, Handle) and is_python(x):
        return sqrt(x, lib="math")
    return sqrt(x)


def over(numerator, denominator):
    """A quotient that is 0 where both are 0."""
    return numerator / nonzero(denominator)


def as_power(x, p):
    """x ** p, by NumPy's power where the function was NumPy's."""
    if isinstance(x, Handle) and x.lib == "np" and is_python(x, p):
        return build("pow", x, p, lib="np")
    return x**p


# ---- exponentials and logarithms -----------------------------------------------------

exp = smooth("np.exp math.exp", lambda y, x: y)
exp2 = smooth("np.exp2 math.exp2", lambda y, x: LN2 * y)
expm1 = smooth("np.expm1 math.expm1", lambda y, x: exp(x))
log = declare(
    "np.log math.log",
    lambda y, x, *base: log_base(y, x, *base) if base else quotient(1, x),
    signature="x, base=None; out!, where!, dtype!",
)
log2 = smooth("np.log2 math.log2", lambda y, x: quotient(1, LN2 * x))
log10 = smooth("np.log10 math.log10", lambda y, x: quotient(1, LN10 * x))
log1p = smooth("np.log1p math.log1p", lambda y, x: quotient(1, 1 + x), safe=0.0)


def log_base(y, x, base):
    """log(x) / log(base)"""
    scale = log(base)
    return 1 / (x * scale), -y / (base * scale)


# exp(a - y), but 0 where both operands are -inf
logaddexp = smooth(
    "np.logaddexp",
    lambda y, a, b: (exp(a - finite(y)), exp(b - finite(y))),
)
logaddexp2 = smooth(
    "np.logaddexp2",
    lambda y, a, b: (exp2(a - finite(y)), exp2(b - finite(y))),
)


def finite(y):
    """y, with 0 for -inf."""
    return choose(y == -math.inf, 0.0, y) if isinstance(y, Handle) else y


# ---- roots ---------------------------------------------------------------------------

sqrt = smooth("np.sqrt math.sqrt", lambda y, x: pole(0.5, y))
cbrt = smooth("np.cbrt math.cbrt", lambda y, x: pole(1, 3 * y * y))
square = smooth("np.square", lambda y, x: 2 * x, kind=infer.same_function)
reciprocal = smooth("np.reciprocal", lambda y, x: -y * y, kind=infer.same_function)
hypot = declare(
    "np.hypot math.hypot",
    lambda y, *x: tuple(over(xi, y) for xi in x),
    signature="*coordinates; out!, where!, dtype!",
)

# ---- powers --------------------------------------------------------------------------
# x ** p at x = 0: 0 for p = 0, infinite for 0 < p < 1; and 0 ** p has slope 0 in p.


def _power_partials(y, x, p):
    """p * x ** (p - 1), y * log(x)"""
    return power_base(y, x, p), power_exponent(y, x, p)


def power_base(y, x, p):
    """d(x ** p) / dx for the kind of exponent that p is."""
    if not isinstance(y, Handle) and not isinstance(x, Handle):
        return p * x ** (p - 1)
    number = p.value
    if number is not None:
        return _literal_power(y, x, number)
    if isinstance(p.kind, (Scalar, Array)) and not is_float_dtype(p.kind.dtype):
        return p * x ** choose(p, p - 1, 0)
    if not all(isinstance(value.kind, Scalar) for value in (x, p)):
        return p * x ** choose(p != 0, p - 1, 1.0)
    if x.lib == "np":
        return choose(p, p * as_power(x, p - 1), 0.0)
    inside = choose((x == 0) & (p < 1), math.inf, p * x ** (p - 1))
    return choose(p, inside, 0.0)


def _literal_power(y, x, p):
    if p in (0, 1, 2):
        return (0, 1, 2 * x)[int(p)]
    if p == 0.5:
        return pole(0.5, y)
    if 0 < p < 1 and isinstance(x.kind, Scalar) and x.lib != "np":
        return choose(x, p * x ** (p - 1), math.inf)
    return p * as_power(x, p - 1)


def power_exponent(y, x, p):
    """d(x ** p) / dp = y log(x), and 0 where x is 0."""
    if not isinstance(y, Handle) and not isinstance(x, Handle):
        return y * log(x)
    if x.value is not None and x.value > 0:
        return y * log(x, lib="math")  # a literal is a number of Python's
    if is_python(x, y):
        return choose(x > 0, y * log(x, lib="math"), choose(x == 0, 0.0, math.nan))
    if is_python(x):
        # a number of Python's does not widen an array of float32
        slope = choose(x > 0, log(x, lib="math"), choose(x == 0, 0.0, math.nan))
        return y * slope
    return y * log(choose(x != 0, x, 1.0))


def _power_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    if attrs.get("lib") == "math":
        return (FLOAT,)
    (kind,) = infer.arithmetic(args, attrs)
    if kind == INT:
        # a negative exponent makes a float of Python's ints
        exponent = args[1]
        negative = getattr(exponent, "value", 0)
        if isinstance(negative, int) and negative < 0:
            return (FLOAT,)
    return (kind,)


def _power(x: object, p: object, modulus: object = None) -> object:
    return pow(x, p) if modulus is None else pow(x, p, modulus)  # type: ignore[call-overload]


pow_ = declare(
    "a ** b  np.power np.pow operator.pow math.pow pow",
    _power_partials,
    kind=_power_kind,
    run=_power,
    signature="base, exp; mod!, out!, where!, dtype!",
)


def _float_power_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    (kind,) = infer.float_function(args, attrs)
    if isinstance(kind, Scalar):
        return (Scalar("float64"),)
    return (Array("float64", kind.dims) if isinstance(kind, Array) else kind,)


float_power = declare(
    "np.float_power", _power_partials, kind=_float_power_kind, signature=UFUNC
)

# ---- trigonometric -------------------------------------------------------------------

sin = smooth("np.sin math.sin", lambda y, x: cos(x))
cos = smooth("np.cos math.cos", lambda y, x: -sin(x))
tan = smooth("np.tan math.tan", lambda y, x: 1 + y * y)
arcsin = smooth(
    "np.arcsin np.asin math.asin", lambda y, x: pole(1, sqrt(1 - x * x)), safe=0.0
)
arccos = smooth(
    "np.arccos np.acos math.acos", lambda y, x: -pole(1, sqrt(1 - x * x)), safe=0.0
)
arctan = smooth("np.arctan np.atan math.atan", lambda y, x: 1 / (1 + x * x))
arctan2 = smooth(
    "np.arctan2 np.atan2 math.atan2",
    lambda y, a, b: (over(b, a * a + b * b), over(-a, a * a + b * b)),
)
sinc = smooth("np.sinc", lambda y, x: over(cos(PI * x) - y, x))
degrees = smooth("np.degrees np.rad2deg math.degrees", lambda y, x: RADIAN)
radians = smooth("np.radians np.deg2rad math.radians", lambda y, x: DEGREE)

# ---- hyperbolic ----------------------------------------------------------------------

sinh = smooth("np.sinh math.sinh", lambda y, x: cosh(x))
cosh = smooth("np.cosh math.cosh", lambda y, x: sinh(x))
tanh = smooth("np.tanh math.tanh", lambda y, x: 1 - y * y)
arcsinh = smooth("np.arcsinh np.asinh math.asinh", lambda y, x: 1 / root(1 + x * x))
arccosh = smooth(
    "np.arccosh np.acosh math.acosh", lambda y, x: pole(1, sqrt(x * x - 1)), safe=2.0
)
arctanh = smooth(
    "np.arctanh np.atanh math.atanh", lambda y, x: quotient(1, 1 - x * x), safe=0.0
)
