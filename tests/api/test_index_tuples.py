"""An index that is a tuple, handed in: `x[i]` is what it is with its entries written out."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import check_grads, grad, jvp

X = np.arange(1.0, 7.0).reshape(3, 2)


def reads(x, i):
    return np.sum(x[i] * x[i])


def writes_through(x, i):
    x = x * 1.0
    part = x[i]
    part *= 2
    part += x[0, 0]
    return np.sum(x**2) + np.sum(part**2)


def writes_behind(x, i):
    x = x * 1.0
    part = x[i]
    x[i] = x[i] * 3
    part[0] = x[0, 0]
    return np.sum(x**2) + np.sum(part**2)


def adds_in_a_loop(x, i):
    x = x * 1.0
    for _ in range(2):
        part = x[i]
        x[i] += part * 2
        np.add.at(x, i, part)
        x[0] += np.sum(part)
    return np.sum(x**2) + np.sum(part**2)


INDICES = [
    (slice(None), 1),
    (slice(0, 2), slice(0, 2)),
    ([0, 0], [1, 1]),
    (np.array([0, 2, 0]), np.array([1, 1, 1])),
    ([0, 0], 1),
    (0, [0, 1]),
    (slice(None), [1, 1]),
    ((0, 0), (1, 1)),
    ([0, 0],),
    (...,),
    (),
]


@pytest.mark.parametrize("index", INDICES, ids=str)
@pytest.mark.parametrize(
    "f",
    [reads, writes_through, writes_behind, adds_in_a_loop],
    ids=lambda f: f.__name__,
)
def test_as_if_written_out(f, index):
    found = grad(f)(X, index)
    np.testing.assert_allclose(found, slope(f, index), rtol=1e-5, atol=1e-5)
    towards = np.cos(X)
    y_dot = jvp(f, (X, index), (towards,), wrt=0)[1]
    np.testing.assert_allclose(y_dot, np.sum(found * towards), rtol=1e-9)


@pytest.mark.parametrize("index", INDICES[1:4], ids=str)
def test_compiled(index):
    pytest.importorskip("numba")
    found = grad(writes_through, target="numba")(X, index)
    np.testing.assert_allclose(found, grad(writes_through)(X, index), rtol=1e-12)


# ---- indices of no kind known, which may name an element twice -----------------------


def meshed(x, i):
    y = x * 1.0
    y[np.ix_(*i)] *= x[:3, :2]
    y[np.ix_(*i)] += x[0, 1] ** 2
    return np.sum(y * y)


def meshed_anew(x, i):
    y = x * 1.0
    y[np.ix_(*i)] = x[:3, :2] * 2
    return np.sum(y * y)


def multiplied(x, i):
    y = x[:, 0] * 1.0
    np.multiply.at(y, i, x[:, 1])
    return np.sum(y * y)


@pytest.mark.parametrize(
    ("f", "index"),
    [
        (meshed, ([0, 0, 2], [1, 1])),
        (meshed_anew, ([0, 0, 2], [1, 1])),
        (multiplied, ([0, 0, 1],)),
    ],
)
def test_places_that_repeat(f, index):
    found = grad(f)(X, index)
    np.testing.assert_allclose(found, slope(f, index), rtol=1e-5, atol=1e-5)


# ---- grids of rows and columns ---------------------------------------------------


def stiffness(a):
    K = np.zeros((4, 4))
    for i, j in [(0, 1), (1, 2), (2, 3), (0, 3)]:
        K[np.ix_([i, j], [i, j])] += a[i, j] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    free = np.arange(1, 4)
    return np.linalg.solve(K[np.ix_(free, free)] + np.eye(3), a[0][free])[1]


def rows_that_repeat(a):
    K = a * 1.0
    K[np.ix_([0, 0, 2], [1, 2])] *= 2.0
    K[np.ix_([1, 1], [0, 3])] += np.array([[1.0, 2.0], [3.0, 4.0]]) * K[0, 0]
    return np.sum(K**3)


def of_a_mask(a):
    mask = np.array([True, False, True, True])
    return np.sum(a[np.ix_(mask, [0, 2])] ** 3)


def of_three(a):
    both = np.stack((a, a * 2.0))
    return np.sum(both[np.ix_([0, 1], [2, 3], (1, 0, 0))] ** 3)


@pytest.mark.parametrize("f", [stiffness, rows_that_repeat, of_a_mask, of_three])
def test_grids(f):
    a = 0.3 + np.cos(np.arange(16.0)).reshape(4, 4)
    check_grads(f, (a,), order=2)
    df = grad(f)
    for level in (0, 2):
        np.testing.assert_allclose(df(a), grad(f, optimize=level)(a), rtol=1e-12)


def slope(f, index):
    expected = np.zeros_like(X)
    for at in np.ndindex(X.shape):
        step = np.zeros_like(X)
        step[at] = 1e-5
        expected[at] = (f(X + step, index) - f(X - step, index)) / 2e-5
    return expected
