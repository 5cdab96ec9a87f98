"""Views taken before a loop: only where they are the same piece of memory in each trip.

Every program gives what it gives at level 0, where views stay in the loops: derivatives
of both modes and of second order, and no view is lifted that must not be.
"""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import adjoint, grad, hessian, tangent
from tests.harness.values import flat


def smoothed(u, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] += 0.1 * (u[2:] - 2.0 * u[1:-1] + u[:-2]) * u[1:-1]
    return np.sum(u * u)


def rebound(u, n):
    """`u` is another array in each trip."""
    for _ in range(n):
        u = u * 1.1
        u[1:-1] += 0.1 * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def rebound_at_times(u, n):
    u = u.copy()
    for i in range(n):
        u[1:-1] += 0.1 * (u[2:] - 2.0 * u[1:-1] + u[:-2]) * u[1:-1]
        if i % 2:
            u = np.sin(u)
    return np.sum(u * u)


def swapped(u, n):
    v = np.cos(u)
    u = u.copy()
    for _ in range(n):
        v[1:-1] += 0.1 * (u[2:] - 2.0 * u[1:-1] + u[:-2]) * v[1:-1]
        u, v = v, u
    return np.sum(u * v)


def moving_bound(u, n):
    u = u.copy()
    k = len(u)
    for _ in range(n):
        u[1:k] += 0.1 * (u[: k - 1] - 2.0 * u[1:k]) * u[1:k] + np.sum(u[:k])
        k -= 1
    return np.sum(u * u)


def inner_bound(u, n):
    u = u.copy()
    for i in range(1, n + 1):
        for _ in range(2):
            u[:i] += 0.1 * u[:i] * u[-i:] + 0.2 * u[:i] ** 2 * np.sum(u[1:-1])
    return np.sum(u * u)


def names_of_ours(u, n):
    u = u.copy()
    u_inner = 2.0
    u_from_2 = u[2:]
    for _ in range(n):
        u[1:-1] += 0.1 * (u[2:] - u_inner * u[1:-1] + u[:-2]) * u[1:-1]
        u_inner = u_inner * 0.9
    return np.sum(u * u) + u_inner + np.sum(u_from_2)


def last_view(u, n):
    """A name for a view that outlives the loop, which may run no trip."""
    u = u.copy()
    c = u[:2]
    for _ in range(n):
        c = u[1:-1]
        u[1:-1] = c * 0.5 + u[2:] * u[:-2] + u[2:] * c
    return np.sum(c) + np.sum(u)


def planes(u, n):
    u = u.reshape(-1, 2).copy()
    for _ in range(n):
        u[1:, :] += u[:-1, :] * u[1:, ::-1] + u[1:, :1] * u[:-1, :1]
    return np.sum(u**3)


def until(u, n):
    u = u.copy()
    while np.sum(u[1:] * u[:-1]) < 50.0 * n:
        u[1:] += 0.3 * u[:-1] * u[1:] + 0.1
        u[:-1] += 0.1
    return np.sum(u * u)


def chosen(u, n):
    v = u.copy()
    w = u * 2.0
    for i in range(n):
        a = v if i % 2 else w
        t = a[1:] * a[:-1] + a[1:] + a[:-1]
        v[1:] = t
    return np.sum(v * w)


def bound_of_trips(u, n):
    """Without a trip, `k` is nothing that could be read before the second loop."""
    u = u.copy()
    for i in range(n):
        k = i + 1
    for _ in range(n):
        u[:k] += u[1 : k + 1] * u[:k]
        u[:k] *= u[0]
    return np.sum(u * u)


def unequal(u, n):
    """Without a trip, nobody finds out that these do not fit."""
    v, a, b = np.sin(u), u[1:], u[2:]
    for _ in range(n - n):
        v = v + a * b
    return np.sum(v * v)


PROGRAMS = [
    bound_of_trips, unequal, smoothed, rebound, rebound_at_times, swapped, moving_bound, inner_bound,
    names_of_ours, last_view, planes, until, chosen,
]  # fmt: skip


@pytest.mark.parametrize("trips", [0, 1, 3])
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_same_as_at_level_0(f, trips):
    x = np.array([0.3, 0.5, 0.2, 0.7, 0.6, 0.4])
    before = x.copy()
    seed = np.cos(np.arange(6.0))
    for a, b in (
        (grad(f)(x, trips), grad(f, optimize=0)(x, trips)),
        (grad(f, optimize=2)(x, trips), grad(f, optimize=0)(x, trips)),
        (tangent(f)(x, trips, seed), tangent(f, optimize=0)(x, trips, seed)),
        (adjoint(f)(x, trips, 0.7), adjoint(f, optimize=0)(x, trips, 0.7)),
        (hessian(f)(x, trips), hessian(f, optimize=0)(x, trips)),
    ):
        np.testing.assert_allclose(flat(a), flat(b), rtol=1e-11, atol=1e-12)
    again = grad(grad_sum(f))(x, trips)
    np.testing.assert_allclose(again, hessian(f)(x, trips) @ np.ones(6), rtol=1e-9)
    np.testing.assert_array_equal(x, before)


def grad_sum(f):
    def summed(x, n):
        return np.sum(grad(f)(x, n))

    return summed


@pytest.mark.parametrize("size", [0, 1, 2])
def test_short_arrays(size):
    x = np.linspace(0.3, 0.5, size)
    np.testing.assert_allclose(grad(rebound)(x, 2), grad(rebound, optimize=0)(x, 2))


def test_what_is_lifted():
    text = grad(smoothed).prepare(np.ones(5), 3).source
    assert text.count("u_inner = u[1:-1]\n    u_from_2 = u[2:]") == 1
    assert "u_inner += 0.1 * (u_from_2" in text
    plain = grad(smoothed, optimize=0).prepare(np.ones(5), 3).source
    assert "u[1:-1] += 0.1 * (u[2:]" in plain


@pytest.mark.parametrize("f", [rebound, rebound_at_times, swapped, moving_bound])
def test_what_stays(f):
    text = grad(f).prepare(np.ones(5), 3).source
    forward = text.split("# reverse")[0]
    assert "    u_inner = u[1:-1]\n    " not in forward.split("for ")[0]
    assert "u_from_2 =" not in forward and "u_to_k" not in forward
