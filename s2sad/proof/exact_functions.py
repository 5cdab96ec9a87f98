"""Elementwise functions on exact numbers, by NumPy's names, alone and on arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from s2sad.proof.exact import (
    PI,
    NotSymbolic,
    Num,
    apply,
    constant,
    is_finite,
    lift,
)


def exact_array(value: Any) -> Any:
    """A value with its floats made exact."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        made = np.empty(value.shape, dtype=object)
        for index in np.ndindex(*value.shape):
            made[index] = constant(value[index].item())
        return made
    if isinstance(value, np.ndarray) and value.dtype == object and value.ndim == 0:
        return value[()]
    if isinstance(value, (float, np.floating)):
        return constant(float(value))
    if isinstance(value, tuple) and type(value) is not tuple:
        return type(value)(*map(exact_array, value))  # slogdet and other named results
    if isinstance(value, (tuple, list)):
        return type(value)(map(exact_array, value))
    return value


# ---- elementwise functions -----------------------------------------------------------

Scalars = Callable[..., Any]


def op(name: str) -> Scalars:
    return lambda x: apply(name, lift(x))


def _log(x: Any, base: Any = None) -> Num:
    top = apply("log", lift(x))
    return top if base is None else top / apply("log", lift(base))


def _logaddexp(a: Any, b: Any) -> Num:
    return apply("log", apply("exp", lift(a)) + apply("exp", lift(b)))


def _heaviside(x: Any, at_zero: Any) -> Num:
    return constant(0) if x < 0 else constant(1) if x > 0 else lift(at_zero)


def hypot(*parts: Any) -> Num:
    return apply("sqrt", sum((lift(p) * p for p in parts), constant(0)))


def _copysign(a: Any, b: Any) -> Num:
    size = apply("abs", lift(a))
    return size if b >= 0 else -size


def _fmod(a: Any, b: Any) -> Num:
    return lift(a) - lift(b) * math.trunc(lift(a) / b)


def _sinc(x: Any) -> Num:
    if x == 0:
        return constant(1)
    return apply("sin", PI * x) / (PI * x)


def _finite(x: Any) -> bool:
    return is_finite(lift(x))


def _nan(x: Any) -> bool:
    return lift(x).args == ("nan",)


def _inf(x: Any) -> bool:
    return lift(x).args in (("inf",), ("-inf",))


def _two(x: Any, y: Any) -> tuple[Num, Num]:
    return lift(x), lift(y)


# By NumPy's names. In `math` the inverse functions have shorter ones.
ELEMENTWISE: dict[str, Scalars] = {
    **{
        name: op(name)
        for name in "sin cos tan sinh cosh tanh exp sqrt cbrt abs sign".split()
    },
    "absolute": op("abs"),
    "fabs": op("abs"),
    "arcsin": op("asin"),
    "arccos": op("acos"),
    "arctan": op("atan"),
    "arcsinh": op("asinh"),
    "arccosh": op("acosh"),
    "arctanh": op("atanh"),
    "log": _log,
    "log2": lambda x: _log(x, 2),
    "log10": lambda x: _log(x, 10),
    "log1p": lambda x: _log(lift(x) + 1),
    "exp2": lambda x: constant(2) ** lift(x),
    "expm1": lambda x: apply("exp", lift(x)) - 1,
    "square": lambda x: lift(x) ** 2,
    "reciprocal": lambda x: 1 / lift(x),
    "negative": lambda x: -x,
    "positive": lambda x: x,
    "deg2rad": lambda x: lift(x) * PI / 180,
    "radians": lambda x: lift(x) * PI / 180,
    "rad2deg": lambda x: lift(x) * 180 / PI,
    "degrees": lambda x: lift(x) * 180 / PI,
    "sinc": _sinc,
    "floor": lambda x: math.floor(lift(x)),
    "ceil": lambda x: math.ceil(lift(x)),
    "trunc": lambda x: math.trunc(lift(x)),
    "fix": lambda x: math.trunc(lift(x)),
    "rint": lambda x: round(lift(x)),
    "conjugate": lambda x: x,
    "conj": lambda x: x,
    "real": lambda x: x,
    "nan_to_num": lambda x: x,
    # two operands
    "add": lambda x, y: lift(x) + y,
    "subtract": lambda x, y: lift(x) - y,
    "multiply": lambda x, y: lift(x) * y,
    "divide": lambda x, y: lift(x) / y,
    "true_divide": lambda x, y: lift(x) / y,
    "floor_divide": lambda x, y: lift(x) // y,
    "mod": lambda x, y: lift(x) % y,
    "remainder": lambda x, y: lift(x) % y,
    "fmod": _fmod,
    "power": lambda x, y: lift(x) ** y,
    "float_power": lambda x, y: lift(x) ** y,
    "arctan2": lambda x, y: apply("atan2", *_two(x, y)),
    "hypot": hypot,
    "logaddexp": _logaddexp,
    "logaddexp2": lambda x, y: _log(constant(2) ** lift(x) + constant(2) ** lift(y), 2),
    "maximum": lambda x, y: x if x >= y else y,
    "fmax": lambda x, y: x if x >= y else y,
    "minimum": lambda x, y: x if x <= y else y,
    "fmin": lambda x, y: x if x <= y else y,
    "copysign": _copysign,
    "heaviside": _heaviside,
}
TESTS: dict[str, Scalars] = {
    "isfinite": _finite,
    "isnan": _nan,
    "isinf": _inf,
    "signbit": lambda x: x < 0,
    "logical_not": lambda x: not x,
    "logical_and": lambda x, y: bool(x) and bool(y),
    "logical_or": lambda x, y: bool(x) or bool(y),
    "logical_xor": lambda x, y: bool(x) != bool(y),
}


def spread_out(name: str, function: Scalars, test: bool = False) -> Callable:
    """A function of numbers as a function of arrays."""

    def spread(*args: Any, out: Any = None, where: Any = True, **options: Any) -> Any:
        if where is not True or set(options) - {"dtype", "casting", "axis"}:
            raise NotSymbolic(f"np.{name} with {', '.join(options) or 'where'}")
        if not any(isinstance(arg, (np.ndarray, list, tuple)) for arg in args):
            result = function(*(exact_array(arg) for arg in args))
        else:
            result = np.frompyfunc(function, len(args), 1)(*args)
            result = result.astype(bool) if test else result
        if out is None:
            return exact_array(result)
        target = out[0] if isinstance(out, tuple) else out
        target[...] = result
        return target

    spread.__name__ = name
    return spread
