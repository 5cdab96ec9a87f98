"""Specialisations for lengths that are equal in a call, or few, and their guards."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from s2sad import adjoint, check_grads, grad

RNG = np.random.default_rng(3)


def inner(u, c):
    m = np.zeros((len(u), len(u))) + c
    return np.sum(u[1:-1, 1:-1] * m[1:-1, 1:-1] ** 2)


def test_equal_lengths_are_not_compared():
    gradient = grad(inner, ("u", "c"))
    gradient(np.ones((4, 4)), 2.0)
    assert "unbroadcast" not in gradient.source


def test_other_lengths_get_another_text():
    """The same derived function, with shapes that broadcast and shapes that do not."""
    gradient = grad(inner, ("u", "c"))
    for shape in [(4, 4), (3, 5), (4, 4), (3, 3), (5, 5), (3, 4)]:
        u = RNG.normal(size=shape)
        u_bar, c_bar = gradient(u, 2.0)
        expected = np.zeros(shape)
        expected[1:-1, 1:-1] = 4.0
        assert np.allclose(u_bar, expected) and u_bar.shape == shape
        assert np.isclose(c_bar, 4.0 * np.sum(u[1:-1, 1:-1]))
    check_grads(inner, (RNG.normal(size=(3, 6)), 0.7), order=2)


def step(state, rate, n):
    for _ in range(n):
        x, v = state
        state = state + rate * np.array([v, -x])
    return state


def test_a_few_elements_are_known_one_by_one():
    derived = adjoint(step, ("state", "rate"))
    _, (state_bar, _) = derived(np.array([1.0, 0.0]), 0.1, 3, np.array([1.0, 1.0]))
    assert "unbroadcast" not in derived.source and "x, v = state" in derived.source
    turn = np.linalg.matrix_power(np.eye(2) + 0.1 * np.array([[0, 1], [-1, 0]]), 3)
    assert np.allclose(state_bar, turn.T @ np.ones(2))


def shifted(x, y):
    if np.sum(x) == 3.0:
        return np.sum(x)
    return np.sum(np.concatenate([x, x])[: len(y)] * y)


def test_a_warning_is_given_once():
    """What is derived twice warns once."""
    gradient = grad(shifted, ("x", "y"))
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        gradient(np.arange(4.0), np.arange(4.0))
    assert len(raised) == 1
    for m, n in [(4, 4), (2, 3), (3, 2), (1, 2), (5, 1), (2, 2)]:
        x, y = RNG.normal(size=m), RNG.normal(size=n)
        check_grads(shifted, (x, y), order=1)


def test_compiled_lengths_are_not_compared():
    pytest.importorskip("numba")
    derived = grad(fitted, ("p", "y"), target="numba")
    args = np.array([1.1, 0.4]), np.array([0.3, -0.2]), RNG.normal(size=(5, 2))
    expected = grad(fitted, ("p", "y"))(*args)
    for ours, right in zip(derived(*args), expected, strict=True):
        assert np.allclose(ours, right)
    assert "@njit" in derived.source and "unbroadcast" not in derived.source


def slope(y, p):
    return np.array([p[0] * y[0] - p[1] * y[0] * y[1], p[1] * y[0] * y[1] - y[1]])


def fitted(p, y, data):
    loss = 0.0
    for row in data:
        y = y + 0.1 * slope(y + 0.05 * slope(y, p), p)
        loss += np.sum((y - row) ** 2)
    return loss
