"""Ints that have to be known beforehand: axes and the like, from wherever they come."""

import numpy as np
import pytest

from s2sad import Unsupported, adjoint, grad, jvp

X = np.arange(1.0, 7.0).reshape(2, 3)


def by_axis(axis):
    return 2 * X.sum(axis=axis, keepdims=True) * np.ones_like(X)


def squares(x, axis):
    return (np.sum(x, axis=axis) ** 2).sum()


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_an_argument_is_known_by_value(axis):
    np.testing.assert_allclose(grad(squares)(X, axis), by_axis(axis))
    y, (x_bar, axis_bar) = adjoint(squares, wrt=None)(X, axis)
    assert y == squares(X, axis) and axis_bar is None
    np.testing.assert_allclose(x_bar, by_axis(axis))


def test_other_values_are_other_specialisations():
    derived = grad(squares)
    for axis in (0, 1, 0, -1, 1):
        np.testing.assert_allclose(derived(X, axis), by_axis(axis))


def through(x, k):
    def helper(v, axis):
        return squares(v, axis - 1)

    return 3.0 * helper(x, k) + helper(x.T, k)


@pytest.mark.parametrize("k", [1, 2])
def test_what_is_worked_out_of_it_in_a_helper(k):
    expected = 3.0 * by_axis(k - 1) + by_axis(2 - k)
    np.testing.assert_allclose(grad(through)(X, k), expected)


def captured(axis):
    return lambda x: (x.sum(axis=axis) ** 2).sum()


def test_a_captured_one():
    for axis in (0, 1, 0):
        np.testing.assert_allclose(grad(captured(axis))(X), by_axis(axis))


def which(i):
    return lambda a, b: grad(lambda s, t: s * t * t, wrt=i)(a, b)


def test_the_argument_to_vary():
    assert grad(which(0), wrt=1)(2.0, 3.0) == 6.0
    assert grad(which(1), wrt=1)(2.0, 3.0) == 4.0


def test_a_count_still_goes_by_kind():
    def power(x, n):
        y = 1.0
        for _ in range(n):
            y = y * x
        return y

    derived = grad(power)
    assert [derived(2.0, n) for n in (0, 1, 5)] == [0.0, 1.0, 80.0]
    assert "1 specialisation" in repr(derived)


def test_one_that_the_run_decides_is_refused():
    with pytest.raises(Unsupported, match="must be known before the program runs"):
        grad(lambda x: x.sum(axis=int(x[0, 0] > 0)).sum())(X)


def total(s, n):
    return sum(s**i for i in range(n))


def test_an_int_beside_what_is_differentiated_stays_an_int():
    def through_star(*a):
        return total(*a)

    def slope(*a):
        return jvp(total, a, (1.0, None))[1]

    assert grad(through_star, wrt=0)(2.0, 4) == 17.0
    assert grad(slope, wrt=0)(2.0, 4) == 14.0
    assert grad(lambda a: total(*a), wrt="a[0]")((2.0, 4)) == 17.0
