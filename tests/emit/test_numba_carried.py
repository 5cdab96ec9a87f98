"""Shifted writes in one pass: the same numbers as array by array, for every length."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import grad
from tests.emit.test_numba import text_and_function, uncompiled  # noqa: F401

pytest.importorskip("numba")


def heat(u, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] = u[1:-1] + 0.2 * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def burgers(u, n):
    """What is kept is read of what is written."""
    u = u.copy()
    for _ in range(n):
        u[1:-1] = u[1:-1] - 0.1 * u[1:-1] * (u[2:] - u[:-2])
    return np.sum(u * u * u)


def upwind(u, n):
    u = u.copy()
    for _ in range(n):
        u[1:] = u[1:] - 0.3 * u[1:] * (u[1:] - u[:-1])
    return np.sum(u * u)


def downwind(u, n):
    u = u.copy()
    for _ in range(n):
        u[:-1] = u[:-1] + 0.3 * np.sin(u[1:] - u[:-1])
    return np.sum(u * u)


def shifted(u, n):
    u = u.copy()
    for _ in range(n):
        u[1:] = 0.9 * u[:-1]
        u[:-1] += 0.5 * u[1:] * u[1:]
    return np.sum(u * u)


def far(u, n):
    """Two elements behind, and three ahead."""
    u = u.copy()
    for _ in range(n):
        u[2:-3] = u[2:-3] * 0.5 + u[:-5] * u[5:]
    return np.sum(u * u)


def rosenbrock(x, n):
    return n * np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def second(x, n):
    return n * np.sum((x[2:] - 2.0 * x[1:-1] + x[:-2]) ** 2)


def third(x, n):
    return n * np.sum((x[3:] - 3.0 * x[2:-1] + 3.0 * x[1:-2] - x[:-3]) ** 3)


def edges(x, n):
    """Others add to the same adjoint before and after."""
    y = np.sum(x[1:] * x[:-1]) + np.sum(x * x)
    return n * y * np.sum((x[1:] - x[:-1]) ** 2)


def two(x, n):
    """Two arrays, one of them read where the other is written."""
    u, v = x.copy(), np.sin(x)
    for _ in range(n):
        u[1:-1] += 0.1 * v[1:-1] * (v[2:] - v[:-2])
        v[1:-1] -= 0.1 * u[1:-1] * (u[2:] - u[:-2])
    return np.sum(u * v)


def leapfrog(x, n):
    old, new = x.copy(), x.copy()
    for _ in range(n):
        old[1:-1] = 2.0 * new[1:-1] - old[1:-1] + 0.2 * (new[2:] - new[1:-1]) ** 2
        old, new = new, old
    return np.sum(new * new) + np.sum(old)


PROGRAMS = [
    heat,
    burgers,
    upwind,
    downwind,
    shifted,
    far,
    rosenbrock,
    second,
    third,
    edges,
    two,
    leapfrog,
]


def compared(f, x, n):
    derived = grad(f, target="numba")
    found, expected = derived(x, n), grad(f)(x, n)
    assert "njit" in derived.source
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_every_length(f, uncompiled):  # noqa: F811
    for length in (0, 1, 2, 3, 4, 5, 6, 7, 12):
        for n in (0, 1, 3):
            x = np.linspace(0.2, 1.3, length) ** 2
            _, function = text_and_function(grad(f, target="numba"), x, n)
            np.testing.assert_allclose(
                function(x, n), grad(f)(x, n), rtol=1e-11, atol=1e-13
            )


@pytest.mark.parametrize("f", [heat, shifted, second], ids=lambda f: f.__name__)
def test_compiled(f):
    for length in (0, 1, 2, 3, 9):
        compared(f, np.linspace(0.2, 1.3, length) ** 2, 2)


def test_one_pass(uncompiled):  # noqa: F811
    derived = grad(heat, target="numba")
    text, _ = text_and_function(derived, np.ones(5), 2)
    assert "np.empty" not in text, text
    assert text.count("for i in range") == 2, text
