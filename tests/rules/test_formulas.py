"""Every `smooth` primitive's partials against `sympy.diff` of the primitive itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

from s2sad.rules import TABLE
from s2sad.rules.signature import parse_signature
from s2sad.rules.symbolic import FORMULAS

A, B, C = sp.symbols("a b c", real=True)

# Points where a formula is compared, away from kinks; (0.3,) and (0.3, 0.7) if not named.
POINTS = {
    "arccosh": (1.7,),
    "clip": (0.5, 0.3, 0.7),
    "fma": (0.3, 0.7, 1.1),
    "hypot": (0.3, 0.7),
    "fmod": (0.8, 0.3),
    "mod": (0.8, 0.3),
    "remainder": (0.8, 0.3),
}
INTEGERS = {"ldexp": 1}  # operands that are integers: no slope
STEPS = {"mod", "fmod", "heaviside"}  # made of floor and comparisons
# Other tests add rules for functions of their own, whose names end with "()".
OURS = {name: prim for name, prim in TABLE.items() if "()" not in name}
SMOOTH = sorted(name for name, prim in OURS.items() if prim.verb == "smooth")
# no formula of sympy's: steps between neighbouring floats, rounding to nearest
UNPROVED = {"remainder"}
COMPARISONS = {"lt", "le", "gt", "ge", "eq", "ne"}


def operands(prim):
    point = POINTS.get(prim.name)
    if point is None:
        count = prim.partials.__code__.co_argcount - 1
        point = (0.3, 0.7, 1.1)[:count]
    return point


@pytest.mark.parametrize("name", [name for name in SMOOTH if name not in UNPROVED])
def test_partials_are_the_derivatives(name):
    prim = TABLE[name]
    point = operands(prim)
    symbols = (A, B, C)[: len(point)]
    y = sp.sympify(prim.run(*symbols))
    partials = prim.partials(y, *symbols)
    partials = partials if isinstance(partials, tuple) else (partials,)
    for i, (symbol, partial) in enumerate(zip(symbols, partials)):
        if INTEGERS.get(name) == i:
            continue
        found = sp.sympify(partial)  # `When` gives a Piecewise
        if name not in STEPS and sp.simplify(found - sp.diff(y, symbol)) == 0:
            continue
        # equal as numbers where sympy cannot show it (steps, signs, remainders)
        for factor in (1, sp.Rational(9, 8), sp.Rational(5, 4)):
            here = {s: sp.Rational(str(v)) * factor for s, v in zip(symbols, point)}
            if name in STEPS and factor != 1:  # on the other side of the step
                here[B if factor > sp.Rational(9, 8) else A] *= -1
            assert (
                abs(sp.N(sp.sympify(found).subs(here), 30) - slope(y, symbol, here))
                < 1e-12
            )


def slope(y, symbol, here):
    """The derivative at a point, by differences with many digits."""
    h = sp.Rational(1, 10**15)
    up, down = ({**here, symbol: here[symbol] + step} for step in (h, -h))
    return sp.N((y.subs(up) - y.subs(down)) / (2 * h), 60)


def test_every_primitive_has_a_text():
    for name, prim in OURS.items():
        if not prim.flat:
            assert prim.formula or prim.doc, name


def test_all_of_math():
    from s2sad.rules import lookup

    for name, found in vars(math).items():
        if callable(found) and not name.startswith("_"):
            assert lookup(found) is not None, name


@pytest.mark.parametrize("a, b", [(7, 3), (-7, 3), (7, -3), (0, 3)])
def test_steps_of_symbols_are_those_of_numbers(a, b):
    for name in ("floordiv", "mod", "fmod", "lt", "le", "gt", "ge", "eq", "ne"):
        exact = FORMULAS[name](sp.Rational(a, 2), sp.Rational(b, 2))
        assert float(bool(exact) if name in COMPARISONS else exact) == pytest.approx(
            float(TABLE[name].run(a / 2, b / 2))
        ), name


# Points for what has a formula: on both sides of steps, away from kinks and ties.
UNARY = [(0.3,), (0.7,), (1.7,), (-0.6,), (-1.7,)]
BINARY = [(0.3, 0.7), (1.7, 0.6), (-1.7, 0.6), (1.7, -0.6), (-0.3, -0.7)]
TERNARY = [(0.3, 0.7, 1.1), (1.3, -0.7, 1.1), (0.9, 0.7, 1.1)]
OPERANDS = {2: BINARY, 3: TERNARY}
SPECIAL = {
    "logical_and": [(True, False), (True, True)],
    "logical_or": [(True, False), (False, False)],
    "logical_not": [(True,), (False,)],
    "not_": [(True,), (False,)],
    "where": [(True, 0.3, 0.7), (False, 0.3, 0.7)],
    "ldexp": [(0.3, 2), (-0.7, -1)],
    "heaviside": [*BINARY, (0.0, 0.7)],
    "hypot": BINARY,
    "log": UNARY,
    "arccosh": [(1.3,), (1.7,)],
    "cbrt": [(0.3,), (1.7,)],  # of negative numbers sympy's root is complex
    "lgamma": [(0.3,), (1.7,)],
    "clip": [*TERNARY, (0.3, None, 0.1), (0.3, 0.7, None)],
    "polygamma": [(0.7,), (2.3,), (-0.4,)],
}


def count_of(name):
    found = {"clip": 3, "where": 3, "fma": 3}.get(name)
    return found or len(parse_signature(TABLE[name].signature).operands)


@pytest.mark.parametrize("name", [name for name in FORMULAS if name != "fma"])
def test_formulas_are_the_functions(name):
    """The value on symbols is the value on numbers."""
    prim, asked = TABLE[name], 0
    points = SPECIAL.get(name) or OPERANDS.get(count_of(name), UNARY)
    for point in points:
        try:
            with np.errstate(invalid="raise"):
                number = prim.run(*point)
        except (ValueError, ArithmeticError):
            continue  # not real
        if isinstance(number, complex):
            continue
        exact = [sp.sympify(str(v)) if isinstance(v, float) else v for v in point]
        found = FORMULAS[name](*exact)
        found = bool(found) if isinstance(number, (bool, np.bool_)) else sp.N(found, 20)
        assert complex(found) == pytest.approx(complex(number), rel=1e-12), point
        asked += 1
    assert asked > 1


def test_formulas_of_more_operands():
    for name, values, number in (
        ("log", (0.3, 2.5), math.log(0.3, 2.5)),
        ("hypot", (0.3, 0.7, 1.1), math.hypot(0.3, 0.7, 1.1)),
        ("fma", (0.3, 0.7, 1.1), 0.3 * 0.7 + 1.1),
    ):
        assert float(FORMULAS[name](*map(sp.Float, values))) == pytest.approx(number)
    for n in (1, 2):
        exact = FORMULAS["polygamma"](sp.Rational("0.7"), n=n)
        number = TABLE["polygamma"].run(0.7, n=n)
        assert complex(exact) == pytest.approx(number, rel=1e-12)
