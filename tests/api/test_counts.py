"""An int from which a count is worked out is no number to vary."""

from __future__ import annotations

import numpy as np

from s2sad import vjp


def windows(x, width):
    n = len(x) - width + 1
    out = np.zeros(n)
    for i in range(n):
        out[i] = np.sum(x[i : i + width])
    return out


def helper(n, x):
    return np.ones(n) * x


def through_a_helper(x, n):
    return np.sum(helper(n + 1, x))


def real_all_the_same(x, k):
    return x * (k + 1)


def test_a_length_less_something():
    y, pullback = vjp(windows, np.arange(4.0), 3)
    np.testing.assert_allclose(y, [3.0, 6.0])
    x_bar, width_bar = pullback(np.ones(2))
    np.testing.assert_allclose(x_bar, [1.0, 2.0, 2.0, 1.0])
    assert width_bar is None


def test_a_callee_counts():
    assert vjp(through_a_helper, 2.0, 3)[1](1.0) == (4.0, None)


def test_an_int_that_is_only_data_is_real():
    assert vjp(real_all_the_same, 2.0, 3)[1](1.0) == (4.0, 2.0)
