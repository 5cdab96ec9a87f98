"""Sums of products that the reverse half makes again, and sums added in place."""

import numpy as np
import pytest

from s2sad import check_grads, grad


def distances(p, v, n):
    for _ in range(n):
        d = p[None, :, :] - p[:, None, :]
        r2 = np.sum(d * d, axis=2) + 0.1
        v = v + 0.1 * np.sum((1.0 / (r2 * np.sqrt(r2)))[:, :, None] * d, axis=1)
        p = p + 0.1 * v
    return np.sum(p * p)


def last_axis(p, v, n):
    for _ in range(n):
        s = np.sum(p * v, axis=-1)
        p = p * np.sin(s)[:, None] + v
    return np.sum(p * v)


def along_the_first(p, v, n):
    for _ in range(n):
        s = (p * p).sum(axis=0)
        p = p / (1.0 + s) + np.tanh(s) * v
    return np.sum(p)


def keeps_the_axis(p, v, n):
    for _ in range(n):
        p = p / np.sqrt(1.0 + np.sum(p * v * v, axis=1, keepdims=True) ** 2)
    return np.sum(p * v)


def overwritten(p, v, n):
    p = p.copy()
    for i in range(n):
        s = np.sum(p * p, axis=1)
        p[i] = p[i] * np.sin(s[i]) + v[i]
        p *= np.cos(s)[:, None]
    return np.sum(p * p)


def in_a_branch(p, v, n):
    for i in range(n):
        if i % 2:
            s = np.sum(p * v, axis=1)
            p = p * np.exp(-s * s)[:, None]
        else:
            p = np.sin(p)
    return np.sum(p * v)


def of_one_row(p, v, n):
    """Of two arrays that are not of the same shape."""
    for _ in range(n):
        s = np.sum(p * v[0], axis=1)
        p = p + np.outer(np.sin(s), v[1])
    return np.sum(p * p)


RNG = np.random.default_rng(8)
PROGRAMS = [
    distances,
    last_axis,
    along_the_first,
    keeps_the_axis,
    overwritten,
    in_a_branch,
    of_one_row,
]
SHAPES = [(3, 2), (2, 3), (5, 1), (2, 2)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_gradients(f, shape):
    p, v = RNG.standard_normal((2, *shape))
    order = 2 if shape == (3, 2) else 1
    check_grads(lambda p, v: f(p, v, 2), (p, v), order=order)
    plain = grad(f, (0, 1), optimize=0)(p, v, 2)
    for level in (1, 2):
        for a, b in zip(grad(f, (0, 1), optimize=level)(p, v, 2), plain, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("f", [distances, last_axis], ids=lambda f: f.__name__)
@pytest.mark.parametrize("n", [0, 1])
def test_few_trips_and_no_rows(f, n):
    p, v = RNG.standard_normal((2, 3, 2))
    check_grads(lambda p, v: f(p, v, n), (p, v))
    none = np.zeros((0, 2))
    for found in grad(f, (0, 1))(none, none, 2):
        assert found.shape == (0, 2)


def test_squared_distances_are_not_kept():
    derived = grad(distances, (0, 1))
    derived(*RNG.standard_normal((2, 3, 2)), 2)
    assert "r2_tape" not in derived.source
    assert 'r2 = np.einsum("ijk,ijk->ij", d, d) + 0.1' in derived.source


# ---- added in place ------------------------------------------------------------------


def named_apart(x, y, n):
    """Lengths with different names, which the sum makes equal."""
    for _ in range(n):
        x = x + np.sin(y) * x
        y = y + x * x
    return np.sum(x * y)


def one_is_a_row(x, y, n):
    for _ in range(n):
        x = x + np.sin(y)
        y = y * np.cos(x).sum(axis=0)
    return np.sum(x * x) + np.sum(y)


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("f", [named_apart, one_is_a_row], ids=lambda f: f.__name__)
def test_smaller_ones_are_not_added_to(f, rows):
    x = RNG.standard_normal((3, 2))
    y = RNG.standard_normal((rows, 2) if f is named_apart and rows != 2 else 2)
    before = x.copy(), y.copy()
    check_grads(lambda x, y: f(x, y, 2), (x, y))
    for level in (0, 1, 2):
        found = grad(f, (0, 1), optimize=level)(x, y, 2)
        assert [a.shape for a in found] == [x.shape, y.shape]
    for a, b in zip((x, y), before, strict=True):
        np.testing.assert_array_equal(a, b)
