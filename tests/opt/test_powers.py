"""A power of an array shares the next smaller one with its derivative."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import grad, tangent, value_and_grad, vjp

x = np.array([-1e200, -3.0, -0.0, 0.0, 1e-120, 0.7, 2.5, 1e110, np.inf])


def cubes(x, w):
    return np.sum(w * x**3)


def fourth_powers(x, w):
    return np.sum(w * x**4)


def fifth_beside_fourth(x, w):
    return np.sum(w * x**5 + x**4)


def largest(x, w):
    return np.max(x**3) * np.sum(w)


def in_a_loop(x, w):
    for _ in range(3):
        x = 0.1 * x**3 + w
    return np.sum(x)


PROGRAMS = [cubes, fourth_powers, fifth_beside_fourth, largest, in_a_loop]


def code(f):
    """The text without quotations."""
    return "\n".join(line.partition("#")[0] for line in f.source.splitlines())


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_numbers_are_those_of_level_0(f):
    with np.errstate(all="ignore"):
        for args in ((x[1:-2], np.ones(6)), (x, np.linspace(1.0, 2.0, 9))):
            expected = value_and_grad(f, wrt=(0, 1), optimize=0)(*args)
            found = value_and_grad(f, wrt=(0, 1))(*args)
            np.testing.assert_allclose(found[0], expected[0], rtol=1e-14)
            for a, b in zip(found[1], expected[1]):
                np.testing.assert_allclose(a, b, rtol=1e-13)


def test_the_users_power_shares_what_the_derivative_reads():
    for derive in (value_and_grad, tangent):
        f = derive(cubes)
        f(*(np.ones(3),) * (3 if derive is tangent else 2))
        assert code(f).count("x**2") == 1
        assert "x**3" not in code(f)


def test_of_several_powers_one_is_left_at_most():
    f = value_and_grad(fifth_beside_fourth)
    f(np.ones(3), np.ones(3))
    assert "x**5" not in code(f) and "x**4" not in code(f)
    assert code(f).count("x**3") == 1


def test_level_0_prints_it_as_it_stands():
    f = grad(cubes, wrt=1, optimize=0)
    f(np.ones(3), np.ones(3))
    assert "x**3" in code(f)


def test_what_nobody_differentiates_stays():
    f = value_and_grad(cubes, wrt=1)  # no smaller power is read
    f(np.ones(3), np.ones(3))
    assert "x**3" in code(f) and "x**2" not in code(f)


def test_what_is_compared_stays():
    f = value_and_grad(largest)
    f(np.array([0.3, 0.7, 0.1]), np.ones(3))
    assert "x**3" in code(f)


def test_numbers_stay():
    def cube(x):
        return x**3

    f = value_and_grad(cube)
    assert f(2.0) == (8.0, 12.0)
    assert "x**3" in code(f)


def test_in_two_halves_it_stays():
    y, pullback = vjp(cubes, np.array([1.0, 2.0]), np.ones(2))
    assert y == 9.0
    np.testing.assert_array_equal(pullback(1.0)[0], [3.0, 12.0])
