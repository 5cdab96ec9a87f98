"""Updates of places that may be named twice: their adjoints stay where they are."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import check_grads, grad


def added(x, y, at):
    y = y.copy()
    y[at] += x * x
    return np.sum(y**3)


def added_and_scaled(x, y, at):
    y = y.copy()
    y[at] -= x
    y[at] *= 2.0
    return np.sum(y**3)


def scaled_by_what_is_active(x, y, at):
    y = y.copy()
    y[at] *= x
    y[at] /= 1.0 + x * x
    return np.sum(y**3)


def grids(x, y, at):
    K = np.outer(y, y)
    K[np.ix_(at, at)] += np.outer(x, x)
    K[np.ix_(at, at)] *= -0.5
    return np.sum(K**3)


def in_a_loop(x, y, at):
    y = y.copy()
    for k in range(2):
        y[at + k] += x * y[k]
    return np.sum(y**3)


def of_powers(x, y, at):
    y = y.copy()
    y[at] = y[at] ** 2 * x
    return np.sum(y * y)


def set_and_added(x, y, at):
    y = y.copy()
    y[at] = x
    y[at] += x[0]
    y[at[::-1]] += y[at]
    return np.sum(y**3)


def another_place(x, y, at):
    y = y.copy()
    y[at] = y[at[::-1]] * 2.0 + x
    return np.sum(y**3)


PROGRAMS = [
    added, added_and_scaled, scaled_by_what_is_active, grids, in_a_loop, of_powers,
    set_and_added, another_place,
]  # fmt: skip
X, Y = np.array([0.3, 0.7, 0.2]), np.array([0.5, 0.1, 0.9, 1.2])
PLACES = [np.array([0, 2, 1]), np.array([1, 1, 2]), np.array([2, 2, 2])]


@pytest.mark.parametrize("at", PLACES, ids=str)
@pytest.mark.parametrize("f", PROGRAMS)
def test_derivatives(f, at):
    def of_floats(x, y):
        return f(x, y, at)

    check_grads(of_floats, (X, Y), order=2)
    df = grad(f, wrt=(0, 1))
    for a, b in zip(df(X, Y, at), grad(of_floats, wrt=(0, 1))(X, Y), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
    for level in (0, 2):
        others = grad(f, wrt=(0, 1), optimize=level)(X, Y, at)
        for a, b in zip(df(X, Y, at), others, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)


def test_text():
    df = grad(added_and_scaled, wrt=(0, 1))
    df(X, Y, PLACES[0])
    assert "np.add.at" not in df.source
    assert "y_2_bar[at] = 2.0 * y_2_bar[at]" in df.source
