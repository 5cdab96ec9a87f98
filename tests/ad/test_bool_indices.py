"""One bool as an index stands for no axis, and adds one of length 0 or 1."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import adjoint, grad, tangent


def written_from_a_number(x):
    y = np.zeros(3)
    y[True] = x[0]
    return np.sum(y * y)


def written_from_an_array(x):
    y = x * 1.0
    y[True] = x * 2
    return np.sum(y * y)


def nothing_written(x):
    y = x * 1.0
    y[False] = x[0]
    return np.sum(y * y)


def written_where_a_test_says(x):
    big = x[0] > 0.5
    y = x * 1.0
    y[big] = 3 * x
    y[x[1] > 5.0] *= 7
    return np.sum(y * x)


def read(x):
    return np.sum(x[True] * x) + np.sum(x[False]) + np.sum(x[x[0] > 0.5] ** 2)


def read_rows(x):
    A = np.outer(x, x)
    return np.sum(A[True] * x) + np.sum(A[x[0] > 0.5, 1] * x) + np.sum(A[True, :, 1:])


def of_a_list(x):
    rows = [x * 2, x * 3]
    return np.sum(rows[bool(x[0] > 0.5)]) + np.sum(rows[True] * rows[False])


CASES = [
    written_from_a_number, written_from_an_array, nothing_written,
    written_where_a_test_says, read, read_rows, of_a_list,
]  # fmt: skip


@pytest.mark.parametrize("f", CASES)
@pytest.mark.parametrize("x", [np.array([1.0, 2.0, 3.0]), np.array([0.2, 2.0, -1.0])])
@pytest.mark.parametrize("optimize", [0, 1, 2])
def test_one_bool(f, x, optimize):
    v = np.array([0.3, -0.7, 1.1])
    step = 1e-6
    slope = (f(x + step * v) - f(x - step * v)) / (2 * step)
    y, y_dot = tangent(f, optimize=optimize)(x, v)
    assert (y, y_dot) == pytest.approx((f(x), slope), rel=1e-7)
    y, x_bar = adjoint(f, optimize=optimize)(x)
    assert x_bar.shape == x.shape
    assert (y, x_bar @ v) == pytest.approx((f(x), slope), rel=1e-7)


@pytest.mark.parametrize("f", CASES)
@pytest.mark.filterwarnings("ignore")
def test_under_numba(f):
    pytest.importorskip("numba")
    for x in (np.array([1.0, 2.0, 3.0]), np.array([0.2, 2.0, -1.0])):
        assert grad(f, target="numba")(x) == pytest.approx(grad(f)(x))
