"""Which arrays of a reverse half may be wider than their kind says."""

from __future__ import annotations

import pytest

from s2sad.ad.dtypes import doubtful_dtypes
from s2sad.ir.parser import parse_function
from s2sad.rules import TABLE

OP = """
func f(x: float64[3], w: float32[3]):
    a: float32[3] = mul w, x
    b: float32[3] = mul w, w
    c: float32[3] = astype a dtype='float32'
    d: float32[3] = add b, a
    e = sum a
    return d
"""
CALL = """
func f(x: float64[3]):
    a, b = call g x
    return a
"""
BRANCH = """
func f(x: float64[3], w: float32[3], c: bool):
    y: float32[3] = if c:
        a: float32[3] = mul w, x
        yield a
    else:
        yield w
    return y
"""
OTHER_BRANCH = """
func f(x: float64[3], w: float32[3], c: bool):
    y: float32[3] = if c:
        yield w
    else:
        a: float32[3] = mul w, x
        yield a
    z: float32[3] = if c:
        yield w
    else:
        yield w
    return y
"""
START = """
func f(x: float64[3], w: float32[3], n: int):
    y: float32[3] = for i in range n with a: float32[3] = x:
        yield a
    return y
"""
ROUND = """
func f(x: float64[3], w: float32[3], n: int):
    z: float32[3], y: float32[3] = for i in range n with b: float32[3] = w, a: float32[3] = w:
        c: float32[3] = mul w, x
        yield a, c
    return y
"""
INSIDE = """
func f(x: float64[3], w: float32[3], n: int):
    y: float32[3] = for i in range n with a: float32[3] = w:
        c: float32[3] = mul w, x
        d: float32[3] = mul w, w
        yield d
    return y
"""
EXPECTED = [
    (OP, "a d"),
    (CALL, "a b"),
    (BRANCH, "a y"),
    (OTHER_BRANCH, "a y"),
    (START, "a y"),
    (ROUND, "a b c y z"),
    (INSIDE, "c"),
]


@pytest.mark.parametrize(("text", "names"), EXPECTED)
def test_what_is_found(text, names):
    function = parse_function(text, lambda *op: TABLE[op[0]].infer(*op[1:]))
    found = doubtful_dtypes(function.body.stmts)
    assert sorted(var.name for var in found) == names.split()
