"""Floats of Python's and NumPy's in containers, entry by entry."""

from __future__ import annotations

from s2sad.ir.kinds import FLOAT, INT, Dict, Scalar, Tuple
from s2sad.opt.leaves import joined, refined, weakened

DOUBLE, SINGLE = Scalar("float64"), Scalar("float32")


def pair(a, b):
    return Tuple((a, b))


def named(a, b):
    return Dict(("s", "t"), (a, b))


def test_refined_is_what_was_found():
    assert refined(FLOAT, DOUBLE) == DOUBLE
    assert refined(DOUBLE, FLOAT) == FLOAT
    assert refined(pair(FLOAT, INT), pair(DOUBLE, FLOAT)) == pair(DOUBLE, INT)
    assert refined(pair(FLOAT, FLOAT), DOUBLE) == pair(FLOAT, FLOAT)


def test_joined_is_the_stronger():
    assert joined(FLOAT, DOUBLE) == joined(DOUBLE, FLOAT) == DOUBLE
    assert joined(FLOAT, FLOAT) == FLOAT
    assert joined(SINGLE, DOUBLE) == DOUBLE and joined(DOUBLE, SINGLE) == SINGLE
    one, other = named(FLOAT, DOUBLE), named(DOUBLE, FLOAT)
    assert joined(one, other) == named(DOUBLE, DOUBLE)


def test_weakened_in_any_place():
    assert weakened(FLOAT, DOUBLE) == DOUBLE and weakened(DOUBLE, FLOAT) == DOUBLE
    assert weakened(SINGLE, DOUBLE) == DOUBLE
    deep = named(pair(FLOAT, INT), FLOAT)
    assert weakened(deep, DOUBLE) == named(pair(DOUBLE, INT), DOUBLE)
    assert weakened(deep, INT) == deep
    assert weakened(INT, DOUBLE) == INT
