"""What the user sums of products along an axis: the product is not made first."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import check_grads, grad, value_and_grad
from tests.benchmarks.measure import peak

RNG = np.random.default_rng(5)
A, B = RNG.normal(size=(5, 4)), RNG.normal(size=(5, 4))
x, w = RNG.normal(size=4), RNG.normal(size=(5, 5))


def rows(A, B):
    return np.sum(np.tanh((A * B).sum(axis=-1)))


def columns(A, B):
    y = np.sum(A * B, axis=0)
    return y @ y


def squares(A, B):
    d = A[:, None, :] - B
    r = np.sum(d * d, axis=2)
    return np.sum(np.sqrt(r + 0.1))


def weights(A, x):
    return np.sum(np.exp(np.sum(A * x, axis=1)))


def with_axes(A, w):
    return np.sum(np.sum(w[:, :, None] * A, axis=1) ** 2)


def named(A, B):
    P = A * B
    return np.sum(np.sum(P, axis=0) ** 2)


PROGRAMS = {
    rows: (A, B),
    columns: (A, B),
    squares: (A, B),
    weights: (A, x),
    with_axes: (A, w),
    named: (A, B),
}


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_the_product_is_not_made_and_the_numbers_are_the_same(f):
    args = PROGRAMS[f]
    derived = value_and_grad(f, (0, 1))
    value, bars = derived(*args)
    assert "einsum" in derived.source or "@" in derived.source
    assert value == pytest.approx(f(*args), rel=1e-14)
    plain = value_and_grad(f, (0, 1), optimize=0)
    expected_bars = plain(*args)[1]
    assert "einsum" not in plain.source.partition("# reverse")[0]
    for found, expected in zip(bars, expected_bars, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    check_grads(f, args, order=2)


def read_twice(A, B):
    P = A * B
    return np.sum(np.sum(P, axis=0) ** 2) + np.max(P)


def whole(A, B):
    return np.sum(A * B) ** 2


def stretched(A, B):
    return np.sum(np.sum(A[:1] * B[:1], axis=0) ** 2)


def with_room(A, B):
    return np.sum((A - np.sum(A * B, axis=1, keepdims=True)) ** 2)


def single(A, B):
    return np.sum(np.sum(A.astype(np.float32) * B, axis=0) ** 2)


@pytest.mark.parametrize("f", [read_twice, whole, stretched, with_room, single])
def test_what_is_read_elsewhere_or_has_axes_of_one_is_right_too(f):
    value, bars = value_and_grad(f, (0, 1))(A, B)
    assert value == pytest.approx(f(A, B), rel=1e-6)
    plain = value_and_grad(f, (0, 1), optimize=0)(A, B)[1]
    for found, expected in zip(bars, plain, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_the_user_s_sum_of_everything_stays_as_it_is_written():
    derived = value_and_grad(whole, (0, 1))
    derived(A, B)
    assert "np.sum(A * B)" in derived.source


def test_no_array_of_empty_axes_goes_wrong():
    none = np.zeros((0, 4))
    for f in (rows, columns, named):
        bars = grad(f, (0, 1))(none, none)
        assert [bar.shape for bar in bars] == [(0, 4), (0, 4)]


def test_less_memory_is_in_use():
    a = RNG.normal(size=(4, 40_000))
    b = RNG.normal(size=40_000)

    def f(a, b):
        return np.sum(np.tanh(np.sum(a * b, axis=1)))

    plain, derived = grad(f, wrt="b", optimize=0), grad(f, wrt="b")
    np.testing.assert_allclose(plain(a, b), derived(a, b), rtol=1e-9)
    assert peak(lambda: derived(a, b)) < 0.5 * peak(lambda: plain(a, b))
