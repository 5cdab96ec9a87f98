"""One bool as an index stands for no axis, and adds one of length 0 or 1; a list of
bools is a mask.
"""

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


def put_into_less_axes(x):
    y = np.ones(3)
    y[:] = x[x[0] > 0.5] if x[0] > 0.5 else x
    z = np.ones(3)
    z[:] = np.outer(x, x)[:1]
    w = np.ones(3)
    w[:2] = np.outer(x, x)[None, 1:2, 1:]
    return np.sum(y * y) + np.sum(z * x) + np.sum(w * w * x)


def lists_of_bools(x):
    """As a mask, not as many as there are in the list."""
    A = np.outer(x, x)
    some = [True, False, True]
    found = np.mean(x[[True, False, True]] ** 2) + np.mean(x[some] ** 2)
    found += np.mean(x[[x[0] > 0.5, x[1] > 5.0, True]] ** 2)
    found += np.mean(A[[True, False, True], [0, 1]] ** 2) + np.mean(A[:, some] ** 2)
    corner = [[True, False, False], [False, True, False], [False, False, True]]
    return found + np.mean(A[corner] ** 2) + np.mean(A[some] ** 3)


def written_by_lists_of_bools(x):
    y = x * 2
    y[[True, False, True]] = x[:2] * x[1:]
    y[[x[0] > 0.5, False, True]] *= 3
    y[[False, False, True]] += x[2]
    return np.mean(y**2)


CASES = [
    put_into_less_axes, lists_of_bools, written_by_lists_of_bools, written_from_a_number, written_from_an_array, nothing_written,
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
