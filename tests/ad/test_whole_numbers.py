"""Arrays as long as a length and so many more, or less: nothing is broadcast."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import check_grads, grad


def shorter(u, r):
    w = np.zeros(len(u) - 2)
    w[:] = r
    return np.sum(w * u[1:-1] * u[2:])


def by_a_name(u, r):
    n = len(u)
    w = np.ones(n - 1) * r
    return np.sum((w + u[1:]) * u[:-1])


def longer(u, r):
    n = len(u)
    y = np.empty(n + 1)
    y[0] = r
    y[1:] = u * r
    return np.sum(y[:-1] * u + y[1:] * np.cos(u))


def there_and_back(u, r):
    n = len(u) + 2
    m = n - 3
    y = np.full(n, r)
    z = np.ones(m)
    y[1:-1] *= u
    return np.sum(y[2:-1] * z * u[1:]) + np.sum(y[3:] * z)


def spaced(u, r):
    t = np.linspace(0.0, 1.0, len(u) - 1)
    return np.sum(t * np.diff(u) * r)


def counted(u, r):
    n = u.shape[0]
    w = np.arange(n - 1)
    return np.sum(w * np.diff(u) ** 2 * r)


def from_one(u, r):
    inner = np.arange(1, len(u) - 1)
    return np.sum(inner * u[1:-1] ** 2 * r)


def tables(u, r):
    a = np.outer(u, np.sin(u))
    n, k = a.shape
    v = np.zeros((n - 1, k + 1))
    v[:, :-1] = a[1:] * r
    v[:, 1:] += a[:-1]
    return np.sum(v[:, :-1] * a[1:])


def in_a_loop(u, r):
    n = len(u)
    u = u.copy()
    flux = np.zeros(n - 1)
    for _ in range(3):
        flux[:] = r * (u[1:] - u[:-1]) * u[1:]
        u[:-1] += flux * 0.5
    return np.sum(flux * u[1:] * u[:-1])


def helper(n, v):
    return np.ones(n - 1) * v[1:]


def through_a_helper(u, r):
    return np.sum(helper(len(u), u * r) * u[:-1])


def another_number(u, r):
    """As long as something else: `w` is broadcast where that is 1."""
    k = len(u) - 3
    w = np.ones(k) * r
    return np.sum(w * u[:2] * u[1:3])


PLAIN = [
    shorter, by_a_name, longer, there_and_back, spaced, counted, from_one, tables, in_a_loop,
    through_a_helper,
]  # fmt: skip
U = 0.4 + 0.3 * np.sin(np.arange(5) * 1.7)


@pytest.mark.parametrize("f", [*PLAIN, another_number])
def test_derivatives(f):
    check_grads(f, (U, 0.7), order=2)


@pytest.mark.parametrize("f", PLAIN)
def test_nothing_is_broadcast(f):
    df = grad(f, wrt=(0, 1))
    df(U, 0.7)
    assert "unbroadcast" not in df.source


@pytest.mark.parametrize("f", [*PLAIN, another_number])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
def test_short_arrays(f, n):
    """Whatever the program says of them, the derivative says."""
    u = U[:n]
    for level in (0, 1, 2):
        try:
            f(u, 0.7)
        except ValueError:
            with pytest.raises(ValueError):
                grad(f, wrt=(0, 1), optimize=level)(u, 0.7)
        else:
            grad(f, wrt=(0, 1), optimize=level)(U, 0.7)  # the general one comes first
            if n:
                check_grads(f, (u, 0.7))


def of_a_number(n, r):
    x = np.ones(n) * r
    y = np.zeros(n - 1)
    y += x[1:] * x[:-1]
    return np.sum(y * np.diff(x) + y)


def test_a_number_of_the_caller_s():
    df = grad(of_a_number, wrt=1)
    for n in (1, 2, 5):
        step = 1e-6
        slope = (of_a_number(n, 0.7 + step) - of_a_number(n, 0.7 - step)) / (2 * step)
        np.testing.assert_allclose(df(n, 0.7), slope, rtol=1e-7)
    assert "unbroadcast" not in df.source
