"""jvp, vjp, hvp and linearize."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest

from s2sad import S2sadError, hvp, jvp, linearize, vjp
from tests.api import functions as fs


def test_jvp():
    y, y_dot = jvp(fs.textbook, (2.0, 5.0), (1.0, None))
    assert (y, y_dot) == (fs.textbook(2.0, 5.0), 5.5)
    assert jvp(fs.textbook, (2, 5), (1, 0))[1] == 5.5
    assert jvp(fs.textbook, (2.0, 5.0), (1.0,), wrt="x1")[1] == 5.5
    A, b = np.arange(6.0).reshape(2, 3), np.ones(3)
    np.testing.assert_allclose(jvp(fs.matrix, (A, b), (None, [1, 0, 0]))[1], A[:, 0])
    assert jvp(fs.product, (2.0,), (1.0,))[1] == 3.0


def test_vjp():
    y, pullback = vjp(fs.textbook, 2.0, 5.0)
    assert pullback(1.0) == (5.5, 2.0 - math.cos(5.0))
    assert pullback(2)[0] == 11.0
    y, pullback = vjp(fs.loop, 0.5, 3)
    x_bar, n_bar = pullback(1.0)
    assert n_bar is None and isinstance(x_bar, float)
    y, pullback = vjp(fs.matrix, np.ones((2, 3)), np.ones(3), wrt=1)
    (b_bar,) = pullback(np.ones(2))
    assert b_bar.tolist() == [2.0] * 3


def test_what_has_no_derivative_gives_none():
    def f(w, labels, name, n):
        return np.sum(w[labels]) * n

    w, labels = np.ones(3), np.array([0, 0, 2])
    y, pullback = vjp(f, w, labels, "name", 2)
    assert [bar is None for bar in pullback(1.0)] == [False, True, True, False]
    assert pullback(1.0)[0].tolist() == [4.0, 0.0, 2.0] and pullback(1.0)[3] == 3.0
    with pytest.raises(S2sadError, match="astype"):
        vjp(lambda w, y: np.sum((w - y) ** 2), np.ones(2), np.array([1, 2]))


def test_a_pullback_stands_alone():
    A, b = np.arange(6.0).reshape(2, 3), np.arange(3.0)
    y, pullback = vjp(lambda A, b: np.sin(A @ b) * 1.0, A, b)
    seed = np.array([1.0, -2.0])
    first = pullback(seed)
    A[:] = 0.0
    b[:] = 0.0
    y[:] = 0.0
    second = pullback(seed)
    for a, c in zip(first, second):
        np.testing.assert_array_equal(a, c)
        assert not np.shares_memory(a, c)
    first[0][:] = 9.0
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(pullback(seed)[1]))
        for _ in range(4)
    ]
    [t.start() for t in threads], [t.join() for t in threads]
    assert all((r == second[1]).all() for r in results)


def test_hvp():
    g, h = hvp(fs.textbook, (2.0, 5.0), (1.0, 0.0), wrt=(0, 1))
    assert g == (5.5, 2.0 - math.cos(5.0)) and h == (-0.25, 1.0)
    x, v = np.array([0.5, 1.5]), np.array([1.0, 2.0])
    g, h = hvp(fs.cubic, (x,), (v,))
    np.testing.assert_allclose(g, 3 * x**2)
    np.testing.assert_allclose(h, 6 * x * v)


def test_linearize():
    y, linear = linearize(fs.textbook, 2.0, 5.0)
    assert y == fs.textbook(2.0, 5.0)
    assert linear(1.0, 0.0) == 5.5 and linear(0, 1) == 2.0 - math.cos(5.0)
    x = np.array([0.5, 1.5])
    y, linear = linearize(fs.pair, x)
    x[:] = 0.0
    np.testing.assert_allclose(linear(np.array([1.0, 0.0])), [1.5, 0.0, math.cos(0.5)])


@pytest.mark.parametrize(
    "call",
    [
        lambda: jvp(fs.textbook, (2.0, 5.0), (1.0,)),
        lambda: jvp(fs.textbook, (2.0, 5.0), (None, None)),
        lambda: jvp(fs.textbook, 2.0, (1.0,)),
        lambda: jvp(fs.total, (np.ones(3),), (np.ones(1),)),
        lambda: jvp(fs.total, (np.ones(3),), (np.ones(2),)),
        lambda: jvp(fs.total, (np.ones(3),), (1.0,)),
        lambda: vjp(fs.pair, np.ones(2))[1](np.ones(2)),
        lambda: vjp(fs.pair, np.ones(2))[1](1.0),
        lambda: hvp(fs.textbook, (2.0, 5.0), (1.0, 0.0)),
        lambda: jvp(fs.of_dict, ({"a": 1.0, "b": 2.0},), ({"a": 1.0},)),
        lambda: jvp(fs.of_dict, ({"a": 1.0, "b": 2.0},), (1.0,)),
    ],
)
def test_seeds_that_do_not_fit(call):
    with pytest.raises(TypeError) as caught:
        call()
    assert isinstance(caught.value, S2sadError)


def fibonacci(x, n):
    a, b = x, 1.0
    for _ in range(n):
        a, b = b, a + b * x
    return a


def rows(a):
    b = a.copy()
    for i in range(3):
        b[i] /= 1.5 + b[i] @ b[i]
        b[i, 0] = b[i, 1] * b[i, 2]
    return b


def grown(x):
    found = []
    total = 0.0
    for v in x:
        total = total + v * v
        found.append(total * np.sin(v))
    return np.array(found)


@pytest.mark.parametrize(
    "f, args, seed",
    [
        (fibonacci, (0.7, 5), 1.0),
        (rows, (np.arange(9.0).reshape(3, 3),), np.ones((3, 3))),
        (grown, (np.arange(3.0),), np.ones(3)),
    ],
)
def test_a_pullback_consumes_nothing(f, args, seed):
    y, pullback = vjp(f, *args, wrt=0)
    first, second = pullback(seed), pullback(seed)
    for a, b in zip(first, second):
        np.testing.assert_array_equal(a, b)
