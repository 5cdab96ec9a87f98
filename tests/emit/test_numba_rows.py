"""Loops in loops for Numba: writes that are shifted, arrays that stay from trip to trip.

Each program is run as the text for Numba that it becomes, without compiling.
"""

from __future__ import annotations

import re

import numpy as np
import pytest

from s2sad import adjoint, grad, tangent
from tests.emit.test_numba import text_and_function, uncompiled  # noqa: F401
from tests.harness.values import leaves


def heat(u, r, n):
    for _ in range(n):
        u[1:-1] = u[1:-1] + r * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def plate(u, r, n):
    for _ in range(n):
        c = u[1:-1, 1:-1]
        near = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
        u[1:-1, 1:-1] = c + r * (near - 4.0 * c) - 0.01 * c * c * c
    return np.sum(u * u)


def box(u, n):
    for _ in range(n):
        u[1:, 1:, 1:] += 0.1 * (u[:-1, :-1, :-1] * u[1:, :-1, 1:] - u[1:, 1:, 1:] ** 2)
    return np.sum(np.sin(u))


def two_writes(u, n):
    for _ in range(n):
        t = u[1:-1] * u[1:-1]
        u[1:-1] = 0.5 * t
        u[2:] += 0.1 * t
        u[:-2] -= t
    return np.sum(u * u)


def moved_along(u, n):
    for _ in range(n):
        u[1:] = u[:-1]
        u[0] = u[0] * u[-1]
    return np.sum(u * u)


def moved_and_added(u, v, n):
    for _ in range(n):
        u[1:] += v[:-1] * v[1:]
        u[:-1] += v[1:] * v[1:]
        v[1:] = u[:-1]
        v[:-1] += u[:-1] * u[1:]
    return np.sum(u * v)


def kept_by_trip(u, n):
    total = 0.0
    before = u
    for _ in range(n):
        t = 0.5 * before + before * before
        total += np.sum(t * u)
        before = t
    return total


def both_live(u, n):
    a, b = u, 2.0 * u
    for _ in range(n):
        a, b = b - 0.1 * a * b, a
    return np.sum(a * b)


def in_a_branch(u, n):
    for k in range(n):
        if k % 2:
            t = u * u
            u[1:] += t[:-1]
            u[:-1] -= 0.5 * t[1:]
        else:
            u[:] = np.sin(u)
    return np.sum(u)


def collected(u, n):
    rows = np.zeros((n, len(u)))
    for k in range(n):
        u = u + 0.1 * np.sin(u) * u
        rows[k] = u
        u[0] = 0.0
    return np.sum(rows[0] * rows[-1])


def pairs(p, w, n):
    for _ in range(n):
        d = p[None, :, :] - p[:, None, :]
        r = np.sum(d * d, axis=2) + 0.1
        p = p + 0.1 * np.sum((w / r)[:, :, None] * d, axis=1)
    return np.sum(p * p)


def overwritten_operand(x, y):
    d = x[:, None] - y
    y += np.sum(d * d, axis=0)
    return np.sum(d * y)


def chosen(x, m):
    d = x[:, None] - m
    e = np.where(d > 0.2, d * d, -d)
    return np.sum(np.exp(-e).sum(axis=1) * np.sum(d > 0.0, axis=1))


def early_exit(u, n):
    for _ in range(n):
        t = u * u
        u[1:] -= 0.3 * t[:-1]
        u[:-1] += 0.2 * t[1:]
        if np.sum(u) > 3.0:
            break
    return np.sum(u * u)


def while_small(u):
    while np.sum(u * u) < 4.0:
        t = 0.5 * u * u
        u[1:] += t[:-1]
        u[:-1] += t[1:] + 0.3
    return np.sum(u * u * u)


U = np.linspace(0.1, 0.9, 7)
P = np.linspace(-0.7, 0.8, 12).reshape(4, 3) ** 2
CASES = [
    (heat, (U, 0.1, 4)),
    (heat, (U, 0.1, 0)),
    (heat, (U[:2], 0.1, 3)),
    (plate, (np.sin(np.arange(30.0)).reshape(6, 5), 0.1, 3)),
    (plate, (np.ones((2, 5)), 0.1, 3)),
    (box, (np.sin(np.arange(60.0)).reshape(3, 4, 5), 2)),
    (two_writes, (U, 3)),
    (moved_along, (U, 3)),
    (moved_and_added, (U, U[::-1].copy(), 2)),
    (kept_by_trip, (U, 3)),
    (both_live, (U, 5)),
    (in_a_branch, (U, 4)),
    (collected, (U, 3)),
    (pairs, (P, np.array([1.0, 2.0, 0.5, 1.5]), 3)),
    (pairs, (P[:0], np.ones(0), 3)),
    (overwritten_operand, (U[:3], U[:4] * 2)),
    (chosen, (U, U[:4] * 2)),
    (early_exit, (U, 9)),
    (while_small, (U,)),
]


def flat(value):
    """All numbers of a result, one after the other."""
    return np.concatenate([np.ravel(x) for x in leaves(value).values()])


@pytest.mark.parametrize("operator", [adjoint, tangent])
@pytest.mark.parametrize(("f", "args"), CASES, ids=lambda v: getattr(v, "__name__", ""))
def test_loops_are_right(uncompiled, f, args, operator):  # noqa: F811
    varied = tuple(k for k, a in enumerate(args) if not isinstance(a, int))
    seeds = [np.cos(np.asarray(args[k]) + k) for k in varied]
    seeds = [0.7 if s.ndim == 0 else s for s in seeds]
    more = [1.3] if operator is adjoint else seeds
    copies = [np.copy(a) if isinstance(a, np.ndarray) else a for a in args]
    wanted = flat(operator(f, varied)(*copies, *more))
    _, run = text_and_function(operator(f, varied, target="numba"), *args, *more)
    copies = [np.copy(a) if isinstance(a, np.ndarray) else a for a in args]
    np.testing.assert_allclose(
        flat(run(*copies, *more)), wanted, rtol=1e-10, atol=1e-13
    )


@pytest.mark.parametrize(
    ("f", "args"), CASES[:8], ids=lambda v: getattr(v, "__name__", "")
)
def test_second_order(uncompiled, f, args):  # noqa: F811
    twice = tangent(grad(f, 0))
    wanted = flat(twice(*args, np.cos(args[0])))
    ours = tangent(grad(f, 0), target="numba")
    _, run = text_and_function(ours, *args, np.cos(args[0]))
    copies = [np.copy(a) if isinstance(a, np.ndarray) else a for a in args]
    np.testing.assert_allclose(flat(run(*copies, np.cos(args[0]))), wanted, rtol=1e-9)


def test_arrays_stay_from_trip_to_trip(uncompiled):  # noqa: F811
    text, _ = text_and_function(grad(plate, target="numba"), *CASES[3][1])
    body = text[text.index("def plate_grad") :]
    inside = [row for row in body.splitlines() if row.startswith(" " * 8)]
    assert not any("np.empty" in row or "np.zeros" in row for row in inside), text
    assert body.count("for k in range") == 4, text  # one for all shifted writes


def test_what_is_large_and_cheap_is_not_kept(uncompiled):  # noqa: F811
    text, _ = text_and_function(grad(pairs, target="numba"), *CASES[13][1])
    assert not re.search(r"\bd(_bar)? = np.empty", text), text
