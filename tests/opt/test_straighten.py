"""Elements of slices are named as those of the array."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import check_grads, grad


def behind(x, y):
    s = x[0]
    for v in x[1:]:
        s = y * s + v * v
    return s


def neighbours(x, y):
    s = 0.0
    for u, v in zip(x[:-1], x[1:]):
        s += (v - u) ** 2 * y
    return s


def of_other_lengths(x, y):
    s = 0.0
    for u, v in zip(x[2:], x[:-1]):
        s += u * v * y
    return s


def rows(x, y):
    s = 0.0
    for r in np.outer(x, x + 1.0)[1:]:
        s += np.sum(r * r) * y
    return s


def numbered(x, y):
    s = 0.0
    for i, v in enumerate(x[2:-1]):
        s += v * v * i * y
    return s


def by_two(x, y):
    s = 0.0
    for v in x[::2]:
        s += v * v * y
    return s


def the_last(x, y):
    s = 0.0
    for v in x[-3:]:
        s += v * v * y
    return s


def turned(x, y):
    s = y
    for v in reversed(x[1:]):
        s = s * v + x[0]
    return s


def written(x, y):
    x = x.copy()
    t = x[1:]
    for i in range(len(t)):
        t[i] = t[i] * y + x[i]
    return np.sum(x * x)


def from_the_far_end(x, y):
    t = x[1:]
    s = 0.0
    for i in range(1, 3):
        s += t[-i] * t[i] * y
    return s


def falling(x, y):
    t = x[:-1]
    s = 0.0
    for i in range(len(t) - 1, -1, -1):
        s = s * y + t[i] ** 2
    return s


def in_a_loop(x, y):
    s = 0.0
    for k in range(3):
        for v in x[k:]:
            s += v * v * y * k
        for v in x[1:-1]:
            s += np.sin(v) * y
    return s


def weights(x, y):
    W = np.outer(x, x)
    h = x * y
    for r in W[1:]:
        h = np.tanh(W @ h + r)
    return np.sum(h)


def nested(x, y):
    A = np.outer(x, x) * y
    s = 0.0
    for r in A[1:]:
        for v in r[:-1]:
            s += v * v
    return s


PROGRAMS = [
    behind, neighbours, of_other_lengths, rows, numbered, by_two, the_last, turned,
    written, from_the_far_end, falling, in_a_loop, weights, nested,
]  # fmt: skip
X = 0.5 + 0.3 * np.sin(1.7 * np.arange(5))


@pytest.mark.parametrize("f", PROGRAMS)
def test_derivatives(f):
    check_grads(f, (X, 0.7), order=2)


@pytest.mark.parametrize("f", PROGRAMS)
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_short_arrays(f, n):
    x = X[:n]
    try:
        f(x, 0.7)
    except (IndexError, ValueError):
        with pytest.raises((IndexError, ValueError)):
            grad(f, wrt=(0, 1), optimize=0)(x, 0.7)
        return
    df = grad(f, wrt=(0, 1))
    df(X, 0.7)
    for a, b in zip(df(x, 0.7), grad(f, wrt=(0, 1), optimize=0)(x, 0.7), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
    if n:
        check_grads(f, (x, 0.7))


@pytest.mark.parametrize("f", PROGRAMS)
def test_under_numba(f):
    pytest.importorskip("numba")
    df = grad(f, wrt=(0, 1), target="numba")
    for a, b in zip(df(X, 0.7), grad(f, wrt=(0, 1))(X, 0.7), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)


@pytest.mark.parametrize("f", [behind, neighbours, numbered, turned, nested])
def test_text(f):
    df = grad(f)
    df(X, 0.7)
    assert "][" not in df.source


def test_an_index_that_is_too_large_is_found_out():
    def beyond(x, n):
        t = x[:-2]
        s = 0.0
        for i in range(n):
            s += t[i] * t[i]
        return s

    for level in (0, 1, 2):
        with pytest.raises(IndexError):
            grad(beyond, optimize=level)(X, 4)
