"""Compiled code that knows how many columns an array has: two, three or four."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import adjoint, grad, hessian, jacobian, value_and_grad

pytest.importorskip("numba")

pytestmark = pytest.mark.filterwarnings("error:.*S2S206")  # all of it is compiled


def energy(p, q, mass):
    d = p[None, :, :] - p[:, None, :]
    r2 = np.sum(d * d, axis=2) + 0.5
    return np.sum(mass / np.sqrt(r2)) + np.sum(p * q)


def moved(p, v, n):
    for _ in range(n):
        v = v - 0.1 * p * np.sum(p * p, axis=1)[:, None]
        p = p + 0.1 * v
    return np.sum(p * p)


def along_rows(p, w):
    total = 0.0
    for row in p:
        total += row[0] * w[1] + np.sum(row * w) ** 2
    return total


def squared(A):
    return np.sum((A @ A) ** 2)


def doubled(A):
    return A * A * 2.0


def table(n, m):
    rng = np.random.default_rng(10 * n + m)
    return rng.uniform(0.5, 1.5, (n, m))


def same(ours, theirs):
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)
        assert np.shape(one) == np.shape(other)


widths = "53 52 44 33 67 25 13 31 03 40"
WIDTHS = [(int(a), int(b)) for a, b in widths.split()]


def test_one_derivative_for_arrays_of_all_widths():
    compiled, plain = (grad(energy, (0, 1, 2), **o) for o in ({"target": "numba"}, {}))
    for n, m in [*WIDTHS, *WIDTHS[:3]]:
        args = table(n, m), table(n, m) + 1.0, np.linspace(1.0, 2.0, n)
        same(compiled(*args), plain(*args))


def test_other_layouts_of_few_columns():
    compiled, plain = grad(moved, (0, 1), target="numba"), grad(moved, (0, 1))
    p = table(5, 3)
    for a in (p, np.asfortranarray(p), p[::-1], table(3, 5).T, table(5, 6)[:, ::2]):
        for n in (0, 1, 3):
            same(compiled(a, p, n), plain(a, p, n))


def test_widths_that_differ_raise():
    compiled = value_and_grad(energy, target="numba")
    mass = np.ones(5)
    compiled(table(5, 3), table(5, 3), mass)
    for q in (table(5, 2), table(4, 3), table(5, 4)):
        with pytest.raises(ValueError, match="broadcast"):
            compiled(table(5, 3), q, mass)


def test_a_width_that_meets_a_length():
    compiled, plain = grad(along_rows, (0, 1), target="numba"), grad(along_rows, (0, 1))
    for m in (3, 2, 5, 4):
        args = table(4, m), np.linspace(0.5, 1.0, m)
        same(compiled(*args), plain(*args))
    with pytest.raises(ValueError, match="broadcast|lengths"):
        value_and_grad(along_rows, target="numba")(table(4, 3), np.ones(2))
    with pytest.raises(IndexError):
        value_and_grad(along_rows, target="numba")(table(4, 3), np.ones(1))


def test_second_order():
    for n in (2, 3, 5):
        A = table(n, n)
        found = hessian(squared, target="numba")(A)
        np.testing.assert_allclose(found, hessian(squared)(A), rtol=1e-9)
    p = table(3, 2)
    found = jacobian(doubled, target="numba")(p)
    np.testing.assert_allclose(found, jacobian(doubled)(p), rtol=1e-12)


def test_containers():
    def loss(params, x):
        return np.sum(np.tanh(x @ params["W"] + params["b"]) ** 2)

    compiled, plain = grad(loss, target="numba"), grad(loss)
    for k in (2, 3, 6):
        params = {"W": table(4, k), "b": np.linspace(0.0, 1.0, k)}
        ours, theirs = compiled(params, table(5, 4)), plain(params, table(5, 4))
        same(tuple(ours.values()), tuple(theirs.values()))


def test_the_text_itself_raises():
    kernel = adjoint(doubled, target="numba").specialized(table(5, 3), table(5, 3))
    for shape in ((5, 2), (5, 4)):
        with pytest.raises(ValueError, match="other lengths"):
            kernel(np.ones(shape), np.ones(shape))
