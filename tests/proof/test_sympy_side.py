"""Claims that sympy decides, and the clock that stops it."""

import time

from s2sad.proof.exact import symbol
from s2sad.proof.sympy_side import Claim, ask

X = symbol("x", 0.7)
VALUES = {"x": 0.7}


def verdict(claim, seconds=20, signs=()):
    return ask([claim], VALUES, dict(signs), seconds)[0]


def test_a_derivative_is_proved():
    assert verdict(Claim(2 * X * (X * X).cos(), None, (X * X).sin(), "x")) == "proved"


def test_a_wrong_one_differs():
    assert verdict(Claim(X.cos(), None, (X * X).sin(), "x")) == "differs"


def test_identities_are_found():
    tanh = X.tanh()
    assert verdict(Claim(1 - tanh * tanh, None, tanh, "x")) == "proved"
    root = (1 - X * X).sqrt()
    assert verdict(Claim(1 / root, None, X.arcsin(), "x")) == "proved"
    assert verdict(Claim(X.sin() ** 2 + X.cos() ** 2, None, X / X, None)) == "proved"


def test_seeds_that_are_zero():
    seed = symbol("d x", 1.0)
    assert ask([Claim(seed * X, seeds=("d x",))], VALUES, {}, 20) == ["proved"]
    assert ask([Claim(seed + X, seeds=("d x",))], VALUES, {}, 20) == ["differs"]


def test_its_time_is_bounded():
    big = X
    for _ in range(200):
        big = (big * big + 1).sin() * big.exp()
    begun = time.monotonic()
    assert verdict(Claim(big, None, big, "x"), seconds=1.0) == "undecided"
    assert time.monotonic() - begun < 4.0
