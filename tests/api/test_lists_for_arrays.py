"""Lists of numbers where NumPy takes an array: their derivatives are lists of floats."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import adjoint, check_grads, grad, tangent


def outer(x):
    return np.sum(np.outer(x, x) ** 2)


def dot(x):
    return np.dot(x, x) * np.inner(x, x[::-1])


def convolve(x):
    return np.sum(np.convolve(x, x) ** 2)


def sort(x):
    return np.sum(np.sort(x) * np.arange(len(x)))


def joined(x):
    return np.sum(np.concatenate([x, x]) * np.hstack([x[::-1], x]))


def columns(x):
    return np.sum(np.column_stack([x, x]) ** 2)


def tensordot(x):
    return np.sum(np.tensordot(x, x, 0) ** 2)


def pad(x):
    return np.sum(np.pad(x, (1, 2)) ** 2)


def take(x):
    return np.sum(np.take(x, [0, 1, 1]) ** 3)


def einsum(x):
    return np.sum(np.einsum("i,j->ij", x, x) ** 2)


def ufuncs(x):
    return np.sum(np.sin(x) * np.maximum(x, 0.3) + np.add(x, 1.0) ** 2)


def clip(x):
    return np.sum(np.clip(x, 0.25, 0.75) ** 2)


def where(x):
    return np.sum(np.where(np.array(x) > 0.5, x, [2.0 * v for v in x]) ** 2)


def of_rows(x):
    m = np.outer(x, x)
    return sum(np.sum(row * row) for row in m)


PROGRAMS = [
    outer, dot, convolve, sort, joined, columns, tensordot, pad, take, einsum, ufuncs,
    clip, where, of_rows,
]  # fmt: skip
SHORT = [0.31, 0.8, 0.52]
LONG = [0.21 + 0.9 * (0.618 * k % 1.0) for k in range(24)]  # no two are close


@pytest.mark.parametrize("x", [SHORT, LONG], ids=["short", "long"])
@pytest.mark.parametrize("f", PROGRAMS)
def test_a_list_of_floats(f, x):
    check_grads(f, (x,), order=1)
    found = grad(f)(x)
    assert type(found) is list
    assert {type(v) for v in found} == {float}


@pytest.mark.parametrize("f", [outer, dot, of_rows, pad])
def test_second_order(f):
    check_grads(f, (LONG,), order=2, modes=("fwd",))
    seeds = [0.1 * k for k in range(len(LONG))]
    _, forward = tangent(grad(f), 0)(LONG, seeds)
    _, (back, _) = adjoint(tangent(f, 0), (0, 1))(LONG, seeds, (0.0, 1.0))
    assert type(forward) is list and type(back) is list
    np.testing.assert_allclose(forward, back, rtol=1e-9)
