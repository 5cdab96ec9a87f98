"""What is compared is not written in other words: an ulp decides which is the largest."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import check_grads, grad, value_and_grad
from tests.harness.values import flat

RNG = np.random.default_rng(39)
X, v = 0.5 * RNG.normal(size=(6, 5)), 0.5 * RNG.normal(size=5)


def largest(X, v, n):
    """The factor of `X` was taken out, and then no element was the largest."""
    s = 0.0
    a = X
    for _ in range(n):
        a = np.tanh(X - np.max((a + X) + a * v, axis=1, keepdims=True))
        s = s + np.sum(a * a)
    return s


def of_what_does_not_change(X, v, n):
    s = 0.0
    for i in range(n):
        r = 0.3 * X * (0.7 * v) + X * v
        s = s + (i + 1.0) * np.sum((X - np.max(r, axis=1, keepdims=True)) ** 2)
    return s


def of_sums(X, v, n):
    s = 0.0
    for _ in range(n):
        d = X[:, None, :] - v * X
        r = np.sum(d * d, axis=2)
        s = s + np.sum(np.exp(X[:, :1] - np.min(r, axis=1, keepdims=True)))
        v = v * 0.9
    return s


def of_powers(X, v, n):
    s = 0.0
    for _ in range(n):
        top = np.max(X**3 * v, axis=0)
        s = s + np.sum(top * top) + np.sum(X**2 * v)
        v = v + 0.1 * X[0]
    return s


def picked(X, v, n):
    s = 0.0
    for _ in range(n):
        r = X * v + X * 0.3
        s = s + np.sum(np.where(r >= np.max(r, axis=1, keepdims=True), r * r, 0.0))
        v = np.sin(v)
    return s


PROGRAMS = [largest, of_what_does_not_change, of_sums, of_powers, picked]


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_the_largest_is_found_again(f, level):
    for seed in range(4):
        draw = np.random.default_rng(seed)
        args = 0.5 * draw.normal(size=(6, 5)), 0.5 * draw.normal(size=5), 3
        found = value_and_grad(f, (0, 1), optimize=level)(*args)[1]
        for k, bar in enumerate(found):
            np.testing.assert_allclose(bar, slopes(f, args, k), rtol=1e-5, atol=1e-6)


def slopes(f, args, k):
    """By central differences."""
    found = np.zeros_like(args[k])
    for place in np.ndindex(found.shape):
        ends = []
        for step in (1e-6, -1e-6):
            moved = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
            moved[k][place] += step
            ends.append(f(*moved))
        found[place] = (ends[0] - ends[1]) / 2e-6
    return found


def test_second_order():
    check_grads(lambda X, v: largest(X, v, 2), (X, v), order=2)


def test_what_nothing_compares_is_still_written_in_other_words():
    def f(X, v, n):
        s = 0.0
        for _ in range(n):
            s = s + np.sum(np.tanh(X + X * v))
        return s

    found = grad(f, (0, 1))
    np.testing.assert_allclose(
        flat(found(X, v, 2)), flat(grad(f, (0, 1), optimize=0)(X, v, 2)), rtol=1e-12
    )
    assert "1 + v" in found.source
