"""Indices out of bounds raise in compiled code where they raise in Python.

Each program is run as the text for Numba that it becomes, without compiling; reading
outside is an IndexError there anyway, so the texts are looked at, too.
"""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import grad
from tests.emit.test_numba import text_and_function, uncompiled  # noqa: F401

BEFORE, WITHIN = "raise IndexError", "within("


def dot(x, w, n):
    s = 0.0
    for i in range(n):
        s += x[i] * w[i]
    return s


def neighbours(x):
    s = 0.0
    for i in range(1, len(x) - 1):
        s += x[i - 1] * x[i + 1]
    return s


def guarded(x, n):
    s = 0.0
    for i in range(n):
        if i < len(x):
            s += x[i] ** 2
    return s


def searched(x, t):
    k = 0
    while x[k] < t:
        k += 1
    return x[k] * x[k]


def gathered(x, index):
    s = 0.0
    for i in range(len(index)):
        s += x[index[i]] ** 2
    return s


def by_list(x, index):
    return np.sum(x[index] ** 2)


def triangle(A):
    n = len(A)
    L = np.zeros((n, n))
    s = 0.0
    for i in range(n):
        for j in range(i + 1):
            t = A[i, j]
            for k in range(j):
                t -= L[i, k] * L[j, k]
            L[i, j] = t
            s += L[i, j] ** 2
    return s


def numbers(x):
    return x[0] * x[3] + x[-2] ** 2


def zipped(x, y):
    s = 0.0
    for a, b in zip(x, y):
        s += a * b
    return s


def left_early(x, n):
    s = 0.0
    for i in range(n):
        if s > 2.0:
            break
        s += x[i] ** 2
    return s


def no_inner_trip(x, n):
    s = 0.0
    for i in range(n + 1):
        for j in range(i, n):
            s += x[i] * x[j]
    return s


def folded(x, k):
    s = 0.0
    for i in range(len(x)):
        t = 0.0
        for j in range(len(k)):
            if i - j >= 0:
                t += x[i - j] * k[j]
        s += t * t
    return s


def written_beyond(x, n):
    y = np.zeros(3)
    for i in range(n):
        y[i] = x[i] ** 2
    return np.sum(y * y)


def ring(x):
    n = len(x)
    s = 0.0
    for i in range(n):
        s += x[i] * x[(i + 1) % n] ** 2
    return s


def torus(A):
    n, m = A.shape
    s = 0.0
    for i in range(n - 1, -1, -1):
        for j in range(m):
            s += A[i, j] * (A[(i - 1) % n, j] + A[i, (j + 3) % m])
    return s


def delayed(x):
    ring = np.zeros(4)
    s = 0.0
    for i in range(len(x)):
        s += x[i] * ring[i % 4]
        ring[i % 4] = x[i] ** 2
    return s


def too_long_a_ring(x, k):
    """What a remainder is less than, nobody knows here, nor that it is not 0."""
    s = 0.0
    for i in range(k):
        s += x[i % k] ** 2 * x[i % len(x)]
    return s


X = np.linspace(0.2, 1.0, 5)
# the program, arguments, does it raise, what must stand in the text, what must not
CASES = [
    (dot, (X, X, 5), False, BEFORE, WITHIN),
    (dot, (X, X[:4], 5), True, BEFORE, WITHIN),
    (dot, (X, X[:4], 0), False, BEFORE, WITHIN),
    (dot, (X, X, -3), False, BEFORE, WITHIN),
    (neighbours, (X,), False, "", "raise"),
    (guarded, (X, 9), False, WITHIN, ""),
    (searched, (X, 0.5), False, WITHIN, ""),
    (searched, (X, 5.0), True, WITHIN, ""),
    (gathered, (X, np.array([1, 4, -5])), False, WITHIN, ""),
    (gathered, (X, np.array([1, 4, -6])), True, WITHIN, ""),
    (by_list, (X, np.array([1, 4, -5])), False, "all_within(", ""),
    (by_list, (X, np.array([1, 5])), True, "all_within(", ""),
    (triangle, (np.eye(3) + 1.0,), False, BEFORE, WITHIN),
    (triangle, (np.ones((3, 2)),), True, BEFORE, WITHIN),
    (numbers, (X,), False, "if len(x) < 4", WITHIN),
    (numbers, (X[:3],), True, "if len(x) < 4", WITHIN),
    (zipped, (X, X[:3]), False, "", "raise"),
    (left_early, (X * 2, 9), False, WITHIN, ""),
    (left_early, (X * 0.1, 9), True, WITHIN, ""),
    (no_inner_trip, (X, 5), False, "", ""),
    (folded, (X, X[:3]), False, WITHIN, ""),
    (written_beyond, (X, 3), False, BEFORE, ""),
    (ring, (X,), False, "", "raise"),
    (ring, (X[:1],), False, "", "raise"),
    (ring, (X[:0],), False, "", "raise"),
    (torus, (np.outer(X, X[1:]),), False, "", WITHIN),
    (delayed, (X,), False, "", "raise"),
    (too_long_a_ring, (X, 5), False, WITHIN, ""),
    (too_long_a_ring, (X, 6), True, WITHIN, ""),
    (written_beyond, (X, 4), True, BEFORE, ""),
]


@pytest.mark.parametrize(
    ("f", "args", "raises", "there", "absent"),
    CASES,
    ids=[f"{k}-{case[0].__name__}" for k, case in enumerate(CASES)],
)
def test_bounds(uncompiled, f, args, raises, there, absent):  # noqa: F811
    text, run = text_and_function(grad(f, target="numba"), *args)
    assert there in text, text
    assert not absent or absent not in text, text
    if raises:
        with pytest.raises(IndexError):
            grad(f)(*args)
        with pytest.raises(IndexError, match="^index out of bounds$"):  # not NumPy's
            run(*args)
    else:
        np.testing.assert_allclose(run(*args), grad(f)(*args))


def first_row(u, n):
    for _ in range(n):
        u[0, :] = u[-1, :] * 2.0
    return np.sum(u * u)


def test_a_loop_without_a_trip_looks_nothing_up(uncompiled):  # noqa: F811
    u = np.ones((0, 4))
    _, run = text_and_function(grad(first_row, target="numba"), u, 0)
    assert run(u, 0).shape == (0, 4)
    with pytest.raises(IndexError):
        run(u, 1)
