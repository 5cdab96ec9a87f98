"""Elements of a matrix by a row and a column each, which Numba does not know."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import value_and_grad

pytest.importorskip("numba")

RNG = np.random.default_rng(5)


def likelihood(W, X, labels):
    """The loss of every classifier."""
    Z = X @ W
    Z = Z - np.max(Z, axis=1)[:, None]
    lse = np.log(np.sum(np.exp(Z), axis=1))
    return -np.mean(Z[np.arange(len(X)), labels] - lse)


def chosen(A, i, j):
    """Pairs may come twice, and a single row goes with each column."""
    return np.sum(A[i, j] ** 2 * np.arange(1.0, 4.0))


def last(A, i, j):
    return np.sum(np.sin(A[i, j])) + A[0, 0]


A = RNG.normal(size=(3, 4))
X = RNG.normal(size=(6, 3))
CALLS = {
    "labels": (likelihood, A, X, np.array([0, 3, 1, 1, -1, 2])),
    "labels in a list": (likelihood, A, X, [0, 3, 1, 1, -1, 2]),
    "twice": (chosen, A, np.array([0, 2, 0]), np.array([1, -1, 1])),
    "one row": (chosen, A, np.array([2]), np.array([1, -1, 1])),
    "one column": (chosen, A, np.array([2, 0, 2]), np.array([1])),
    "summed": (last, A, np.array([0, 2, 0]), np.array([1, -1, 1])),
    "none": (last, A, np.zeros(0, int), np.zeros(0, int)),
}


@pytest.mark.parametrize("f, x, i, j", CALLS.values(), ids=list(CALLS))
def test_numbers(f, x, i, j):
    derived = value_and_grad(f, target="numba")
    value, x_bar = derived(x, i, j)
    assert "@njit" in derived.source
    expected, expected_bar = value_and_grad(f)(x, i, j)
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    np.testing.assert_allclose(x_bar, expected_bar, rtol=1e-12, atol=1e-15)


def test_pairs_that_are_none():
    derived = value_and_grad(last, target="numba")
    derived(A, np.array([0, 2, 0]), np.array([1, -1, 1]))
    with pytest.raises(IndexError):
        derived(A, np.array([0, 3, 0]), np.array([1, -1, 1]))
    with pytest.raises(IndexError):
        derived(A, np.array([0, 2, 0]), np.array([1, 4, 1]))
    with pytest.raises(IndexError):
        derived(A, np.array([0, 2, 0]), np.array([1, 2]))
