"""What is overwritten is put back: how little is kept, and that it is right."""

from __future__ import annotations

import re

import numpy as np
import pytest

from s2sad import adjoint, grad


def product_sweep(u, n):
    for _ in range(n):
        for i in range(1, len(u)):
            u[i] = u[i] * u[i - 1]
    return np.sum(u * u)


def burgers(u, n):
    for _ in range(n):
        for i in range(1, len(u) - 1):
            u[i] -= 0.1 * u[i] * (u[i + 1] - u[i - 1])
    return np.sum(u * u)


def in_branches(u, n):
    for k in range(n):
        for i in range(1, len(u) - 1):
            if (i + k) % 2 == 0:
                u[i] = np.sin(u[i - 1]) * u[i + 1]
            else:
                u[i] += u[i - 1] * u[i + 1]
    return np.sum(u)


def one_branch(u, n):
    for k in range(n):
        for i in range(1, len(u)):
            if u[i] > 0.3:
                u[i] = np.sin(u[i - 1] * u[i])
    return np.sum(u)


def rows(u, n):
    A = np.outer(u, u)
    for _ in range(n):
        for i in range(1, len(A)):
            A[i] *= np.sin(A[i - 1])
    return np.sum(A)


def by_indices(u, n):
    order = np.array([2, 0, 2, 1])
    for k in range(n):
        for i in range(1, len(u)):
            u[order[i]] = np.sin(u[i] * u[i - 1])
    return np.sum(u)


def while_loop(u, n):
    k = n
    while k > 0:
        for i in range(1, len(u)):
            u[i] = np.sin(u[i - 1]) * u[i]
        k -= 1
    return np.sum(u)


def left_early(u, n):
    for _ in range(n + 5):
        for i in range(1, len(u)):
            u[i] = 0.5 * u[i - 1] * u[i]
            if u[i] < 0.01:
                break
        if np.sum(u) < 0.6:
            break
    return np.sum(u * u)


def read_before_it_is_back(u, n):
    """`v` is needed before its array has been put back: it is kept."""
    s = 0.0
    for _ in range(n):
        for i in range(1, len(u)):
            v = u[i - 1]
            u[i - 1] = u[i] * u[i]
            s += v * v * u[i]
    return s


def whole_array_read(u, n):
    s = 0.0
    for i in range(len(u)):
        s += np.sum(u * u)
        u[i] = 0.5 * u[i]
    return s


def two_buffers(u, n):
    v = u.copy()
    for _ in range(n):
        for i in range(1, len(u)):
            v[i] = u[i] * u[i - 1]
            u[i - 1] = np.sin(v[i] * u[i - 1])
    return np.sum(u * v)


SWEEPS = [
    product_sweep,
    burgers,
    in_branches,
    one_branch,
    rows,
    by_indices,
    while_loop,
    left_early,
    read_before_it_is_back,
    whole_array_read,
    two_buffers,
]


@pytest.mark.parametrize("f", SWEEPS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("n", [0, 1, 3])
def test_the_gradient(f, n):
    u = np.linspace(0.9, 0.4, 4)
    step = 1e-30
    if f in COMPARING:
        h = 1e-6
        expected = [
            (f(u + h * unit, n) - f(u - h * unit, n)) / (2 * h) for unit in np.eye(4)
        ]
    else:
        expected = [f(u + 1j * step * unit, n).imag / step for unit in np.eye(4)]
    before = u.copy()
    tolerance = 1e-7 if f in COMPARING else 1e-12
    np.testing.assert_allclose(grad(f)(u, n), expected, tolerance, 1e-9)
    np.testing.assert_allclose(adjoint(f)(u, n)[1], expected, tolerance, 1e-9)
    np.testing.assert_array_equal(u, before)


COMPARING = {one_branch, left_early}  # they compare what varies


def text_of(f) -> str:
    derived = grad(f)
    derived(np.linspace(0.9, 0.4, 4), 2)
    return derived.source


@pytest.mark.parametrize(
    ("f", "tapes"),
    [(product_sweep, 1), (burgers, 1), (in_branches, 2), (rows, 1), (while_loop, 1)],
    ids=lambda case: getattr(case, "__name__", ""),
)
def test_one_element_is_kept_of_each_write(f, tapes):
    assert len(set(re.findall(r"\w+_tape\w*", text_of(f)))) == tapes


@pytest.mark.parametrize("f", SWEEPS, ids=lambda f: f.__name__)
def test_no_array_is_copied_in_a_loop(f):
    """A row that is written over is a piece; no whole array is copied or cleared."""
    inside = [line for line in text_of(f).splitlines() if line.startswith(" " * 8)]
    whole = re.compile(r"\b[a-zA-Z](_bar)?(_2)?\.copy\(\)|zeros_like|full_like")
    assert not [line for line in inside if whole.search(line)]
