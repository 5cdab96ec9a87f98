"""The diagonal of a matrix is a view that NumPy lets nobody write into: what is an
adjoint, and goes on to be changed or handed out, is a copy.
"""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import grad, tangent

X = np.array([1.0, 2.0, 3.0])


def put_on(x):
    return np.sum(np.diag(x) ** 2)


def overwritten_before(x):
    x = x.copy()
    x[[0, 1, 1]] *= 0.5
    M = np.diag(x)
    return np.sum(M * M)


def put_on_and_taken(x):
    return np.sum(x * np.diag(np.diag(np.outer(x, x))))


def beside_the_diagonal(x):
    w = np.diag(x, 1)
    v = np.diag(w, 1) * x
    v[1:] += x[1:]
    return np.sum(v**2) + np.sum(np.diagonal(w, 1))


@pytest.mark.parametrize("optimize", [0, 1, 2])
@pytest.mark.parametrize(
    "f", [put_on, overwritten_before, put_on_and_taken, beside_the_diagonal]
)
def test_diagonals(f, optimize):
    v, step = np.array([0.3, -0.7, 1.1]), 1e-6
    slope = (f(X + step * v) - f(X - step * v)) / (2 * step)
    x_bar = grad(f, optimize=optimize)(X)
    assert x_bar.flags.writeable and x_bar.base is None
    assert x_bar @ v == pytest.approx(slope, rel=1e-7)
    assert tangent(f, optimize=optimize)(X, v)[1] == pytest.approx(slope, rel=1e-7)
