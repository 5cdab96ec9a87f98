"""Shifted writes of a loop's trips, added up for each element (`gathered.py`).

The texts are run by Python, whose arrays raise where an index lies outside; a negative
index would wrap round and give other numbers.
"""

from __future__ import annotations

import re

import numpy as np
import pytest

from s2sad import adjoint, grad, tangent
from tests.emit.test_numba import flat, text_and_function, uncompiled  # noqa: F401


def plate(u, r, n):
    for _ in range(n):
        c = u[1:-1, 1:-1]
        near = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
        u[1:-1, 1:-1] = c + r * (near - 4.0 * c) - 0.01 * c * c * c
    return np.sum(u * u)


def far(u, r, n):
    for _ in range(n):
        t = u[3:, 1:] * u[:-3, :-1] * u[1:-2, 1:]
        u[1:-2, 1:] = np.sin(t) * r
    return np.sum(u**3)


def sides(u, r, n):
    for _ in range(n):
        u[:, 1:-1] = r * (u[:, 2:] * u[:, :-2] - u[:, 1:-1] ** 2)
    return np.sum(u * u)


def corners(u, r, n):
    for _ in range(n):
        around = u[:-2, :-2] + u[:-2, 2:] + u[2:, :-2] + u[2:, 2:]
        u[1:-1, 1:-1] = u[1:-1, 1:-1] * np.exp(-r * around)
    return np.sum(u * u)


def inner_and_outer(u, r, n):
    for _ in range(n):
        for _ in range(2):
            c = u[1:-1, 1:-1]
            u[1:-1, 1:-1] = c * (u[2:, 1:-1] - r * u[1:-1, :-2])
        u[0, :] = u[1, :] * u[-1, :]
    return np.sum(u * u)


def in_a_branch(u, r, n):
    for k in range(n):
        if k % 2:
            c = u[1:-1, 1:-1]
            u[1:-1, 1:-1] = c * c * (u[2:, 1:-1] - r * u[1:-1, :-2] * u[:-2, 1:-1])
        else:
            u[1:, 1:] = np.tanh(u[:-1, 1:] * u[1:, :-1])
    return np.sum(u * u)


def two_arrays(u, r, n):
    v = u * 0.5
    for _ in range(n):
        v[1:-1, 1:-1] = u[2:, 1:-1] * u[:-2, 1:-1] - r * v[1:-1, 2:]
        u[1:-1, 1:-1] = v[1:-1, 2:] * v[1:-1, :-2] + v[1:-1, 1:-1] ** 2
    return np.sum(u * v)


def narrower(u, r, n):
    for k in range(n):  # fewer elements in each trip
        w = u[k : len(u) - k, k : u.shape[1] - k]
        w[1:-1, 1:-1] = r * w[2:, 1:-1] * w[1:-1, :-2] * w[:-2, 1:-1] * w[1:-1, 2:]
    return np.sum(u * u)


PROGRAMS = [
    plate, far, sides, corners, inner_and_outer, in_a_branch, two_arrays, narrower,
]  # fmt: skip
SHAPES = [(6, 5), (4, 4), (3, 3), (5, 3), (3, 6), (2, 2), (2, 5), (0, 4), (4, 0)]


def field(shape):
    return np.random.default_rng(sum(shape)).uniform(0.4, 1.2, shape)


@pytest.mark.parametrize("f", PROGRAMS)
def test_the_same_numbers(uncompiled, f):  # noqa: F811
    for shape in SHAPES:
        for n in (0, 1, 3):
            args = field(shape), 0.3, n
            expected = flat(outcome(grad(f, (0, 1)), args))
            _, run = text_and_function(grad(f, (0, 1), target="numba"), *args)
            for ours, theirs in zip(flat(outcome(run, args)), expected, strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


def outcome(run, args):
    """What it gives, or the kind of exception that it raises."""
    try:
        return run(args[0].copy(), *args[1:])
    except (ValueError, IndexError):
        return -1.0


@pytest.mark.parametrize("f", PROGRAMS[:4])
def test_second_order(uncompiled, f):  # noqa: F811
    args = field((5, 4)), 0.3, 2
    for operator in (tangent, adjoint):
        inner = grad(f, (0, 1))
        usual = operator(inner, (0, 1))
        ours = operator(grad(f, (0, 1)), (0, 1), target="numba")
        seeds = (np.cos(args[0]), 0.7)
        if operator is adjoint:
            seeds = ((np.cos(args[0]), 0.7),)
        expected = usual(*args, *seeds)
        made, run = text_and_function(ours, *args, *seeds)
        found = run(args[0].copy(), *args[1:], *seeds)
        for one, other in zip(flat(found), flat(expected), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-10)


def test_one_loop_for_all_writes(uncompiled):  # noqa: F811
    text, _ = text_and_function(grad(plate, target="numba"), field((6, 5)), 0.3, 2)
    reverse = text[text.index("# reverse") :]
    # What comes back to the element that is read, and the sum of the four others.
    assert reverse.count("] += ") == 2, text
    assert "np.zeros" not in reverse[reverse.index("for ") :], text


@pytest.mark.parametrize("f", [far, sides, corners, inner_and_outer, in_a_branch])
def test_the_write_to_what_a_trip_reads_belongs_to_it(uncompiled, f):  # noqa: F811
    text, _ = text_and_function(grad(f, target="numba"), field((6, 5)), 0.3, 2)
    reverse = text[text.index("# reverse") :]
    assert "u_bar.copy()" not in reverse, text
    assert re.search(r"u_bar\[i_plus_1, j_plus_1\] = |u_bar\[i, j_plus_1\] = ", reverse)


def test_what_is_not_a_number_stays_where_it_is(uncompiled):  # noqa: F811
    u = field((7, 7))
    u[3, 3] = np.nan
    u[0, 0] = np.inf
    args = u, 0.1, 1
    with np.errstate(invalid="ignore", over="ignore"):
        expected = grad(plate)(*args)
        _, run = text_and_function(grad(plate, target="numba"), *args)
        np.testing.assert_allclose(run(u.copy(), 0.1, 1), expected, rtol=1e-12)
