"""Primitives on sympy symbols: the formulas that proofs compare. Imported by proofs only."""

from __future__ import annotations

import sympy as sp


def formula(primitive, values, options):
    """The value of a primitive on symbols, numbers and object arrays of them."""
    known = FORMULAS.get(primitive.name)
    if known is not None:
        return known(*values, **options)
    return primitive.compute(*values, **options)


def where(test, a, b):
    return sp.Piecewise((a, test), (b, True))


FORMULAS = {
    "where": where,
}
