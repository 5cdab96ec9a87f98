"""Lists that begin as whole numbers and are given floats: compiled as lists of floats."""

import warnings

import numpy as np
import pytest

from s2sad import grad, jvp, tangent

pytest.importorskip("numba")

X = np.array([1.2, 0.3, -0.7, 0.9])


def appended(x):
    items = []
    for i in range(len(x)):
        if i == 0:
            items.append(1)
        else:
            items.append(items[-1] * x[i] + x[0])
    s = 0.0
    for v in items:
        s += v * v
    return s


def summed_up(x):
    items = [0]
    for v in x:
        items.append(items[-1] + v * v)
    return items[-1] * items[2]


def as_long_as_x(x):
    items = [0] * len(x)
    for i, v in enumerate(x):
        items[i] = v * v
    s = 0.0
    for v in items:
        s += v * x[0]
    return s


def fill(items, x):
    for i in range(len(x)):
        items[i % 2] = x[i] * x[0]


def filled_by_helper(x):
    items = [0, 0]
    fill(items, x)
    return items[0] * items[1]


def one_of_two(x):
    items = [1, 2]
    if x[0] > 0:
        items[0] = x[1]
    k = 0
    for i in range(len(x)):
        k = (k + 1) % 2
        items[k] = items[k] * 1
    return items[0] * x[0] + items[1]


def nested_lists(x):
    g = [[0, 0], [0, 0]]
    for i in range(len(x)):
        g[i % 2][0] = x[i] * x[0]
    return g[0][0] * g[1][0]


PROGRAMS = [
    appended,
    summed_up,
    as_long_as_x,
    filled_by_helper,
    one_of_two,
    nested_lists,
]


@pytest.mark.parametrize("f", PROGRAMS)
def test_compiled_and_not_are_equal(f):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nested lists run as Python
        compiled = grad(f, target="numba")(X)
        moved = tangent(f, 0, target="numba")(X, X)
    np.testing.assert_allclose(compiled, grad(f)(X))
    np.testing.assert_allclose(moved, jvp(f, (X,), (X,)))
