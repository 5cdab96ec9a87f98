"""Which whole numbers of a program may need more than 64 bits, and are seen."""

from __future__ import annotations

import pytest

from s2sad.analysis.magnitudes import outgrown
from s2sad.ir.kinds import FLOAT, INT
from s2sad.syntax.session import Signature, lower


def counted(x, n):
    s, c = 0.0, 0
    for i in range(n):
        c += i % 3
        s += x * c * (i + 1)
    return s


def halved(x, n):
    lo, hi, s = 0, n, 0.0
    while hi - lo > 1:
        mid = (lo + hi) // 2
        s += x * mid
        if s > 3:
            hi = mid
        else:
            lo = mid
    return s


def congruent(x, n):
    seed, s = 1, 0.0
    for _ in range(n):
        seed = (1103515245 * seed + 12345) % 2**31
        s += x * seed
    return s


def only_a_place(x, n):
    s, size = 0.0, 1
    while size < n:
        for i in range(0, n, size):
            s += x
        size *= 2
    return s


def factorial(x, n):
    s, fact = 0.0, 1
    for i in range(1, n):
        fact *= i
        s += x / fact
    return s


def doubled(x, n):
    a, b, s = 0, 1, 0.0
    for _ in range(n):
        a, b = b, a + b
        s += x / b
    return s


def cubed(x, n):
    s = 0.0
    for i in range(n):
        s += x * i**3
    return s


def power(x, n):
    return x * 2**n


def growing_inside(x, n):
    s, c = 0.0, 1
    for i in range(n):
        for _ in range(i):
            c = c + c
        s += x * c
    return s


SMALL = [counted, halved, congruent, only_a_place]
LARGE = [factorial, doubled, cubed, power, growing_inside]


def found(f):
    program = lower(f, Signature((("x", FLOAT), ("n", INT)))).program
    return outgrown(program.entry)


@pytest.mark.parametrize("f", SMALL, ids=lambda f: f.__name__)
def test_small(f):
    assert not found(f)


@pytest.mark.parametrize("f", LARGE, ids=lambda f: f.__name__)
def test_large(f):
    assert found(f)
