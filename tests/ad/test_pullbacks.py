"""A pullback answers the same after the caller has changed what it was made from."""

import numpy as np
import pytest

from s2sad import vjp

X = np.array([0.3, -0.7, 1.2])
M = np.arange(9.0).reshape(3, 3) / 7 - 0.5


def grows(x):
    y = x
    for i in range(2):
        y = np.concatenate([y, y * x[i]])
    return np.sin(y)


def broadcast(a, c):
    y = a
    for i in range(2):
        y = y * c + a[i]
    return y


def stretched(a, y):
    s = a
    for i in range(3):
        s = s * y[i] + a
    return s


def steps(a, x):
    for _ in range(2):
        x = a @ x + np.sin(x)
    return x


def views(a):
    total = 0.0
    for row in a:
        total = total + np.sum(np.sin(row) * row)
    part = a[1:, 0]
    return total * np.sum(part * np.exp(part))


def maybe(x, times):
    y = x
    for k in range(times):
        if k % 2:
            y = y * np.sin(y)
    return y


def nested(x, n):
    if n == 0:
        return np.sum(x * np.sin(x))
    return np.sum(np.cos(x)) * nested(x, n - 1)


CASES = [
    (grows, (X,)),
    (broadcast, (M, X[:, None])),
    (stretched, (X[:1], X)),
    (steps, (M, X)),
    (views, (M,)),
    (maybe, (X, 4)),
    (maybe, (X, 1)),
    (nested, (X, 3)),
]


@pytest.mark.parametrize("f, args", CASES)
def test_overwriting_changes_nothing(f, args):
    args = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
    arrays = [a for a in args if isinstance(a, np.ndarray)]
    y, pullback = vjp(f, *args, wrt=tuple(range(len(arrays))))
    seed = np.ones_like(y)
    first = pullback(seed)
    for array in (*arrays, y):
        if isinstance(array, np.ndarray):
            array[...] = np.nan
    for a, b in zip(first, pullback(seed), strict=True):
        np.testing.assert_array_equal(a, b)


def either(x, v):
    y = x
    if x > 0:
        y = x * v
    return np.sum(y * y)


@pytest.mark.parametrize("x, expected", [(0.5, 3.0), (-0.5, -1.0)])
def test_a_number_or_an_array(x, expected):
    y, pullback = vjp(either, x, np.ones(3), wrt=0)
    assert pullback(1.0)[0] == pullback(1.0)[0] == expected
