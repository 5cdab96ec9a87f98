"""Primitives on sympy symbols: the formulas that proofs compare. Imported by proofs
only."""

from __future__ import annotations

import functools
import operator

import numpy as np
import sympy as sp


def formula(primitive, values, options):
    """The value of a primitive on symbols, numbers and object arrays of them."""
    known = FORMULAS.get(primitive.name)
    if known is None:
        return primitive.compute(*values, **options)
    if any(isinstance(value, np.ndarray) for value in values):
        return np.frompyfunc(functools.partial(known, **options), len(values), 1)(
            *values
        )
    return known(*values, **options)


def where(test, a, b):
    return sp.Piecewise((a, test), (b, True))


def heaviside(x, h0):
    return sp.Piecewise(
        (sp.Integer(0), x < 0), (h0, sp.Eq(x, 0)), (sp.Integer(1), True)
    )


def hypot(*x):
    return sp.sqrt(sum(xi**2 for xi in x))


def log(x, base=None):
    return sp.log(x) if base is None else sp.log(x) / sp.log(base)


def clip(x, lo, hi):
    x = x if lo is None else sp.Max(x, lo)
    return x if hi is None else sp.Min(x, hi)


FORMULAS = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
    "pos": operator.pos,
    "pow": operator.pow,
    "float_power": operator.pow,
    "mod": sp.Mod,
    "floordiv": lambda a, b: sp.floor(a / b),
    "fmod": lambda a, b: (
        a - b * sp.Piecewise((sp.floor(a / b), a / b > 0), (sp.ceiling(a / b), True))
    ),
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "eq": sp.Eq,
    "ne": sp.Ne,
    "logical_and": sp.And,
    "logical_or": sp.Or,
    "logical_not": sp.Not,
    "not_": sp.Not,
    "isfinite": lambda x: sp.true,
    "isnan": lambda x: sp.false,
    "isinf": lambda x: sp.false,
    "abs": sp.Abs,
    "sign": sp.sign,
    "copysign": lambda a, b: sp.Abs(a) * sp.sign(b),
    "nextafter": lambda a, b: a,
    "heaviside": heaviside,
    "rint": lambda x: sp.floor(x + sp.Rational(1, 2)),
    "floor": sp.floor,
    "ceil": sp.ceiling,
    "float": lambda x: x,
    "maximum": sp.Max,
    "minimum": sp.Min,
    "fmax": sp.Max,
    "fmin": sp.Min,
    "clip": clip,
    "where": where,
    "nan_to_num": lambda x, **options: x,
    "exp": sp.exp,
    "exp2": lambda x: 2**x,
    "expm1": lambda x: sp.exp(x) - 1,
    "log": log,
    "log2": lambda x: sp.log(x) / sp.log(2),
    "log10": lambda x: sp.log(x) / sp.log(10),
    "log1p": lambda x: sp.log(1 + x),
    "logaddexp": lambda a, b: sp.log(sp.exp(a) + sp.exp(b)),
    "logaddexp2": lambda a, b: sp.log(2**a + 2**b) / sp.log(2),
    "sqrt": sp.sqrt,
    "cbrt": lambda x: x ** sp.Rational(1, 3),
    "square": lambda x: x**2,
    "reciprocal": lambda x: 1 / x,
    "hypot": hypot,
    "sin": sp.sin,
    "cos": sp.cos,
    "tan": sp.tan,
    "arcsin": sp.asin,
    "arccos": sp.acos,
    "arctan": sp.atan,
    "arctan2": sp.atan2,
    "sinc": lambda x: sp.sin(sp.pi * x) / (sp.pi * x),
    "degrees": lambda x: x * 180 / sp.pi,
    "radians": lambda x: x * sp.pi / 180,
    "sinh": sp.sinh,
    "cosh": sp.cosh,
    "tanh": sp.tanh,
    "arcsinh": sp.asinh,
    "arccosh": sp.acosh,
    "arctanh": sp.atanh,
    "erf": sp.erf,
    "erfc": sp.erfc,
    "gamma": sp.gamma,
    "lgamma": sp.loggamma,
    "polygamma": lambda x, n=0: sp.polygamma(n, x),
    "ldexp": lambda x, e: x * 2**e,
    "fma": lambda a, b, c: a * b + c,
}
