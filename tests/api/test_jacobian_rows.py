"""Jacobians by rows: one function, right to the second order, for results of all kinds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from s2sad import jacfwd, jacrev

X = np.array([0.9, 0.8, 0.3])
Y = np.array([0.2, 0.7, -1.3])


def matrix_by_elements(x):
    A = np.zeros((2, len(x)))
    for i in range(len(x)):
        A[0, i] = x[i] * x[i]
        A[1, i] = math.sin(x[i]) * (A[0, i - 1] if i > 0 else 1.0)
    return A


def early_return(x):
    if x[0] > 10.0:
        return x * 2.0
    for i in range(1, len(x)):
        x[i] *= x[i - 1]
    return x


def two_numbers(x):
    u = x[0] * x[1]
    v = math.exp(u) if u > 0.1 else u * u
    return u, v


def numbers_of_branches(x):
    if x[0] > x[1]:
        a, b = x[0] * x[2], 2.0
    else:
        a, b = 1.0, x[1] * x[1]
    return np.array([a, b, a * b])


def trips_that_vary(x):
    while x[0] < 2.0:
        x = x * (1.0 + 0.5 * x[1] ** 2)
    return x


def written_through_a_view(x):
    y = x[1:]
    y[0] = y[0] * y[1]
    return x


def one_number_twice(x):
    u = math.tanh(x[0] + x[1])
    return np.array([u, u, 3.0, 1])


def nothing(x):
    return x[:0] * 2.0


def rotation(x):
    c, s = math.cos(x[0]), math.sin(x[1])
    return np.array([[c, -s], [s, c * x[2]]])


def closure(x):
    k = x[2]

    def g(t):
        return t * k

    return np.array([g(x[0]), g(g(x[1]))])


def growing(x):
    r = [0.0]
    for i in range(len(x)):
        r.append(r[-1] * 0.5 + x[i])
    return np.array(r)


def polynomial(a, b):
    s = 0.0
    for _ in range(3):
        s = s * a + b
    return s, s * b


def helper(x):
    p, q = polynomial(x[0], x[1])
    return np.array([p, q, x[2]])


def slices_and_lists(x):
    z = np.zeros((2, 3))
    z[:, 1] = x[:2]
    z[1, [0, 2]] = x[2]
    return z


def entries(x):
    return {"a": x * x[0], "b": x[1] * x[2]}


PROGRAMS = [
    matrix_by_elements, early_return, two_numbers, numbers_of_branches,
    trips_that_vary, written_through_a_view, one_number_twice, nothing, rotation,
    closure, growing, helper, slices_and_lists, entries,
]  # fmt: skip


def flat(value):
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple):
        return np.concatenate([flat(item) for item in value])
    return np.asarray(value, float).ravel()


def differences(f, x, h):
    steps = h * np.eye(len(x))
    columns = [(flat(f(x + s)) - flat(f(x - s))) / (2 * h) for s in steps]
    return np.stack(columns, -1).ravel()


@pytest.mark.parametrize("x", [X, Y], ids=["x", "y"])
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_rows_and_columns(f, x):
    rows, columns = jacrev(f), jacfwd(f)
    first = differences(f, x, 1e-6)
    np.testing.assert_allclose(flat(rows(x.copy())), first, atol=1e-5)
    np.testing.assert_allclose(flat(columns(x.copy())), first, atol=1e-5)
    second = differences(rows, x, 1e-5)
    for twice in (jacrev(rows), jacfwd(rows), jacrev(columns)):
        np.testing.assert_allclose(flat(twice(x.copy())), second, atol=1e-4)


@pytest.mark.parametrize("f", PROGRAMS[:-1], ids=lambda f: f.__name__)
def test_one_function(f):
    rows = jacrev(f)
    rows(X.copy())
    assert rows.source.count("def ") == 1 and "kept" not in rows.source


def test_numbers_have_sweeps_of_their_own():
    def f(x, k):
        r = math.sqrt(x[0] * x[0] + x[1] * x[1])
        return np.array([k * x[0] / r, k * x[1] / r])

    rows = jacrev(f, (0, 1))
    J, by_k = rows(X, 2.0)
    forward = jacfwd(f, (0, 1))(X, 2.0)
    np.testing.assert_allclose(J, forward[0])
    np.testing.assert_allclose(by_k, forward[1])
    assert "y_bar" not in rows.source and "for " not in rows.source
    assert "J[0, 1]" in rows.source  # written where it stands


def test_rows_among_indices_of_arrays():
    """The number of a row would turn the axes of what an index array names."""

    def f(A, i):
        return np.array([np.sum(A[:, i] ** 2), np.sum(A[i] * A[0])])

    A, i = np.arange(12.0).reshape(4, 3), np.array([2, 0, 2])
    np.testing.assert_allclose(jacrev(f)(A, i), jacfwd(f)(A, i))
