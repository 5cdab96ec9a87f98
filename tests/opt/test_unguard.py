"""Guards that nothing needs are gone; where there is a zero, all is as it was."""

from __future__ import annotations

import math

import numpy as np
import pytest

from s2sad import check_grads, grad


def inverse_distance(x, y):
    r = math.sqrt(x * x + y * y)
    return x / r


def gravity(x, y):
    r = math.sqrt(x * x + y * y)
    return x / r**3 + y / (r * r)


def bodies(xs, ys):
    energy = 0.0
    for i in range(len(xs)):
        for j in range(i):
            dx, dy = xs[i] - xs[j], ys[i] - ys[j]
            energy -= 1.0 / math.sqrt(dx * dx + dy * dy)
    return energy


def bond(rate, coupon):
    price = 0.0
    for t in range(1, 7):
        price += coupon / (1 + rate) ** t
    return price


def steps_of_two(x, y):
    s = 0.0
    for k in range(3, 9, 2):
        s += x**k * y
    return s


def from_zero(x, y):
    s = 0.0
    for k in range(4):
        s += x**k * y
    return s


def backwards(x, y):
    s = 0.0
    for k in range(3, -1, -1):
        s += x**k * y
    return s


def on_one_way(x, y):
    r = math.sqrt(x * x + y * y)
    s = x / r if x > 0.0 else 1.0
    return s + r


def caught(x, y):
    r = math.sqrt(x * x + y * y)
    try:
        s = x / r
    except ZeroDivisionError:
        s = 0.0
    return s + r


def of_arrays(x, y):
    r = np.sqrt(np.sum(x * x) + y)
    return y / r


SCALARS = [
    inverse_distance, gravity, bond, steps_of_two, from_zero, backwards, on_one_way,
    caught,
]  # fmt: skip


@pytest.mark.parametrize("f", SCALARS, ids=lambda f: f.__name__)
def test_the_same_number(f):
    for x, y in ((0.3, 0.8), (-0.4, 1.5), (1.2, -0.7)):
        found, plain = grad(f, (0, 1))(x, y), grad(f, (0, 1), optimize=0)(x, y)
        np.testing.assert_allclose(found, plain, rtol=1e-13)
    check_grads(f, (0.3, 0.8), order=2)


@pytest.mark.parametrize("f", SCALARS, ids=lambda f: f.__name__)
def test_the_same_at_zero(f):
    def outcome(level):
        try:
            return grad(f, (0, 1), optimize=level)(0.0, 0.0)
        except ArithmeticError as error:
            return type(error)

    found, plain = outcome(1), outcome(0)
    if isinstance(plain, type):
        assert found is plain
    else:
        np.testing.assert_array_equal(found, plain)


def test_no_guard_after_a_division():
    for f, args in (
        (inverse_distance, (0.3, 0.8)),
        (gravity, (0.3, 0.8)),
        (bodies, ([0.1, 0.5, 0.9], [0.3, 0.2, 0.7])),
        (bond, (0.03, 5.0)),
        (steps_of_two, (0.3, 0.8)),
    ):
        derived = grad(f)
        derived(*args)
        assert " if " not in derived.source, derived.source
    check_grads(bodies, ([0.1, 0.5, 0.9], [0.3, 0.2, 0.7]), order=2)


def test_a_guard_where_a_division_may_not_have_been():
    for f in (on_one_way, caught, from_zero, backwards):
        derived = grad(f)
        derived(0.3, 0.8)
        assert " if " in derived.source, derived.source


def test_numpys_numbers_have_none():
    derived = grad(of_arrays)
    derived(np.ones(3), 0.5)
    assert " if " not in derived.source
