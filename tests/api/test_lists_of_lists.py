"""Tables as lists of lists, written at places that the run picks."""

import numpy as np
import pytest

from s2sad import grad, jvp


def warped(a, b):
    n, m = len(a), len(b)
    cost = [[float("inf")] * (m + 1) for _ in range(n + 1)]
    cost[0][0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            best = min(cost[i - 1][j], cost[i][j - 1], cost[i - 1][j - 1])
            cost[i][j] = (a[i - 1] - b[j - 1]) ** 2 + best
    return cost[n][m]


def product(A, B):
    C = [[0.0] * len(B[0]) for _ in A]
    for i in range(len(A)):
        for j in range(len(B[0])):
            for k in range(len(B)):
                C[i][j] += A[i][k] * B[k][j]
    return C


def determinant(v):
    x, y = v
    C = product([[x, y], [x * y, 1.0]], [[y, 2.0], [x, x * x]])
    return C[0][0] * C[1][1] - C[0][1] * C[1][0]


def rows_of_arrays(v):
    g = [np.zeros(3) for _ in range(3)]
    for i in range(3):
        g[i][i] += v[0] * v[1]
        g[i][1:] *= v[1]
        g[i] += v[0]
    return sum((r * r).sum() for r in g)


def pyramid(v):
    table = [[0.0 for _ in range(4)] for _ in range(4)]
    for j in range(4):
        table[0][j] = v[j % 2] * (j + 1)
    for i in range(1, 4):
        for j in range(4 - i):
            table[i][j] = table[i - 1][j] * table[i - 1][j + 1] + v[0]
    return table[3][0]


def differences(f, x, step=1e-5):
    units = np.eye(len(x)) * step
    return np.array([(f(x + u) - f(x - u)) / (2 * step) for u in units])


V = np.array([1.3, 0.7])
CASES = [(determinant, V), (rows_of_arrays, V), (pyramid, V)]
CASES += [(lambda a: warped(a, np.array([0.1, 0.9, 0.4])), np.array([0.3, 1.1, 0.2]))]


@pytest.mark.parametrize("f, x", CASES)
def test_gradients(f, x):
    expected = differences(f, x)
    g = grad(f)
    np.testing.assert_allclose(g(x), expected, rtol=1e-6, atol=1e-8)
    d = np.arange(1.0, 1.0 + len(x))
    slope = jvp(f, (x,), (d,))[1]
    np.testing.assert_allclose(slope, expected @ d, rtol=1e-6, atol=1e-8)
    second = differences(lambda t: g(t) @ d, x)
    np.testing.assert_allclose(
        jvp(g, (x,), (d,))[1] @ d, second @ d, rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(
        grad(lambda t: grad(f)(t) @ d)(x), second, rtol=1e-5, atol=1e-6
    )


def test_one_row_three_times():
    def f(x):
        g = [[0.0] * 3] * 3
        for i in range(3):
            g[i][i] += x * (i + 1.0)
        return g[0][1]  # the same row as g[1]

    assert grad(f)(1.0) == 2.0
