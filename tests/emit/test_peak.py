"""The default level writes over matrices, and deletes them, where memory peaks."""

from __future__ import annotations

import re

import numpy as np
import pytest

from s2sad import adjoint, check_grads, grad, value_and_grad
from tests.benchmarks.learning import mixture, mixture_args
from tests.benchmarks.measure import peak
from tests.harness.values import flat

RNG = np.random.default_rng(11)
M = RNG.normal(size=(6, 5))
S = RNG.normal(size=(5, 5)) / 3.0


def layer(X, W):
    H = np.tanh(X @ W)
    R = H @ W.T - X
    return np.mean(R * R)


def distances(X, W):
    D = (X[:, None, :] - W) * np.exp(W)
    r = np.sum(D * D, axis=2)
    return np.sum(np.exp(-r))


def relaxed(X, W, n=3):
    u = np.zeros_like(X)
    for _ in range(n):
        for i in range(1, len(u) - 1):
            u[i] = 0.5 * (u[i - 1] + u[i + 1]) + X[i] @ W
    return np.sum(u * u)


def no_trips(X, W):
    return relaxed(X, W, 0) + np.sum(X * X * X)


def until(X, W):
    u = X.copy()
    s = 0.0
    while s < 3.0:
        u = np.tanh(u @ W) + 0.5
        s += 1.0 + np.sum(u * u) / u.size
    return np.sum(np.exp(u) * X)


def early(X, W):
    u = X * X
    for i in range(4):
        u = np.sin(u @ W)
        if np.sum(u) > 100.0 * i + 50.0:
            return np.sum(u) * 2.0
    return np.sum(u * u)


def branches(X, W):
    u = X @ W
    if np.sum(u) > 0.0:
        v = np.exp(-u * u)
    else:
        v = np.cos(u)
    w = np.tanh(u * v)
    return np.sum((1 - w * w) * v)


def swapped(X, W):
    a, b = X @ W, X * 2.0
    for _ in range(3):
        a, b = b, np.tanh(a * b)
    return np.sum(a * a) + np.sum(b * b * b)


def viewed(X, W):
    u = X @ W
    top = u[1:]
    v = np.exp(-u) * 0.5
    v[1:] += top * top
    return np.sum(v * v) + np.sum(top)


def kept(X, W):
    hist = []
    u = X @ W
    for _ in range(3):
        hist.append(u)
        u = np.tanh(u @ W) * (1.0 + u * u)
    return np.sum(hist[0] * hist[-1]) + np.sum(u)


def sunk(X, W):
    u = X @ W
    v = u.T
    w = np.exp(v) * v * v
    return np.sum(w * v) + np.sum(u)


def product(X, W):
    return (1.0 - np.tanh(X @ W) ** 2) * (X * X) * np.exp(X)


PROGRAMS = [
    layer, distances, relaxed, no_trips, until, early, branches, swapped, viewed, kept,
    sunk,
]  # fmt: skip


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_the_numbers_are_those_of_the_plain_text(f):
    args = (M.copy(), S.copy())
    found = value_and_grad(f, (0, 1))
    expected = value_and_grad(f, (0, 1), optimize=0)(*args)
    for _ in range(2):
        np.testing.assert_allclose(flat(found(*args)), flat(expected), rtol=1e-11)
    np.testing.assert_array_equal(args[0], M)
    np.testing.assert_array_equal(args[1], S)
    check_grads(f, args, order=1 + (f in (layer, swapped)))


def test_a_seed_of_the_caller_s_is_not_written_over():
    seed = RNG.normal(size=M.shape)
    before = seed.copy()
    found, expected = adjoint(product, (0, 1)), adjoint(product, (0, 1), optimize=0)
    np.testing.assert_allclose(
        flat(found(M, S, seed)), flat(expected(M, S, seed)), rtol=1e-11
    )
    np.testing.assert_array_equal(seed, before)


def test_less_is_in_use():
    X, W = RNG.normal(size=(400, 300)), RNG.normal(size=(300, 300)) / 20.0
    found, plain = grad(layer, 1), grad(layer, 1, optimize=0)
    np.testing.assert_allclose(found(X, W), plain(X, W), rtol=1e-9)
    assert peak(lambda: found(X, W)) < 0.75 * peak(lambda: plain(X, W))


def test_what_a_loop_has_carried_is_deleted_behind_it():
    def smoothed(f, n):
        rows, columns = f.shape
        u = np.zeros_like(f)
        for _ in range(n):
            for i in range(1, rows - 1):
                for j in range(columns):
                    u[i, j] = 0.5 * (u[i - 1, j] + u[i + 1, j] + f[i, j])
        return np.sum(u * u)

    found = grad(smoothed)
    for n in (0, 1, 3):
        expected = grad(smoothed, optimize=0)(M, n)
        np.testing.assert_allclose(found(M, n), expected, rtol=1e-12)
    assert re.search(r"u_bar = 2 \* u.*\n    del u\n", found.source)


def test_the_user_s_lines_fall_into_two_at_most():
    found = grad(mixture, (0, 1, 2))
    found(*mixture_args(20, 4, 3))
    forward = found.source.partition("# reverse")[0]
    assert "D = X[:, None, :] - means\n    D *= exp_scales\n" in forward
    assert forward.count("out=") == 1 and "np.exp(t1, out=t1)" in forward
    assert forward.count("del ") == 1 and "del inner" in forward  # for the reverse half


def of_vectors(x, w):
    h = np.tanh(x * w)
    return np.sum((1 - h * h) * np.exp(-x) * h)


def test_vectors_are_not_written_over():
    found = grad(of_vectors, (0, 1))
    found(M[0], S[0])
    assert "out=" not in found.source and "del " not in found.source


def constant_slope(X):
    Y = X + 0.0
    return np.sum(Y * 0.5)


def constant_slope_and_another(X, y):
    Y = X + 0.0
    return np.sum(Y * 0.5) + y * y


@pytest.mark.parametrize("wrt", [(0,), (1,), (0, 1)], ids=str)
def test_a_reverse_half_without_arrays(wrt):
    """Nothing can be given back where nothing is held: this once never ended."""
    y_value, slopes = adjoint(constant_slope_and_another, wrt)(M, 1.5, 2.0)
    assert y_value == pytest.approx(np.sum(M) * 0.5 + 2.25)
    for number, slope in zip(wrt, slopes, strict=True):
        np.testing.assert_array_equal(slope, (np.ones_like(M), 6.0)[number])


def test_a_reverse_half_of_one_number():
    np.testing.assert_array_equal(adjoint(constant_slope)(M, 2.0)[1], np.ones_like(M))
