"""Parts of a new adjoint are written, not added, only where they cannot meet."""

from __future__ import annotations

import math

import numpy as np
import pytest

from s2sad import check_grads, grad


def neighbours(x, n):
    a = x * x
    return np.sum(np.sin(a[:n])) + np.sum(np.cos(a[n:]) * 0.3)


def three_parts(x, n):
    a = x * x
    m = 2 * n
    return np.sum(np.sin(a[:n])) + np.sum(a[n:m] ** 3) + np.sum(np.cos(a[m:]))


def of_a_length(x, n):
    a = x * x
    k = max(n, 0)
    return (
        np.sum(np.sin(a[:k])) + np.sum(a[k : 3 * k] ** 3) + np.sum(np.cos(a[3 * k :]))
    )


def across(x, n):
    a = x * x
    return np.sum(np.sin(a[n:])) + np.sum(a[: n + 1] ** 3) + np.sum(np.cos(a[::2]))


def ends(x, n):
    a = x * x
    return np.sin(a[0]) * n + a[-1] ** 3 + np.sum(np.cos(a[1:-1]))


def columns(x, n):
    a = np.outer(x, x)
    return np.sum(np.sin(a[:, :n])) + np.sum(a[n:, n:] ** 3) + np.sum(np.cos(a[:n, n:]))


PROGRAMS = [neighbours, three_parts, of_a_length, across, ends, columns]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_wherever_the_parts_begin(f):
    plain, found = grad(f, optimize=0), grad(f)
    for length in (1, 2, 5):
        x = np.linspace(0.3, 1.1, length)
        for n in range(-7, 8):
            np.testing.assert_allclose(found(x, n), plain(x, n), rtol=1e-12)


def test_parts_that_follow_one_another_are_written():
    for f, added in ((neighbours, 0), (of_a_length, 1), (three_parts, 1), (across, 2)):
        derived = grad(f)
        derived(np.ones(5), 2)
        assert derived.source.count("] +=") == added, derived.source


# ---- in loops: x may be an array or a list


def each_once(x, n):
    s = 0.0
    for i in range(len(x)):
        s += x[i] ** 3 * n
    return s


def taken(x, n):
    s = 1.0
    for v in x:
        s = s * 0.5 + v * v * n
    return s


def from_both_ends(x, n):
    s = 0.0
    for i in range(len(x)):
        s += x[i] ** 2 * x[-1 - i]
    return s * n


def from_the_far_end(x, n):
    s = 0.0
    for i in range(len(x)):
        s += math.sin(x[-1 - i]) * (i + n)
    return s


def round_and_round(x, n):
    s = 0.0
    for i in range(2 * len(x) + n):
        s += x[i % len(x)] ** 3
    return s


def pairs(x, n):
    s = 0.0
    for i in range(len(x) - 1):
        s += x[i] ** 2 * x[i + 1] * n
    return s


def halves(x, n):
    s = 0.0
    m = len(x) // 2
    for i in range(m):
        s += x[i] ** 2 * n
    for i in range(m, len(x)):
        s += x[i] ** 3
    return s


def one_by_one(x, n):
    s = 0.0
    for i in range(len(x)):
        s += x[i] ** 2 * n
    for i in range(len(x)):
        s += x[i] ** 3
    return s


def again_and_again(x, n):
    s = 1.0
    for _ in range(n + 2):
        for i in range(len(x)):
            s = 0.3 * s + x[i] ** 2 * s
    return s


def on_one_way(x, n):
    s = 0.0
    for i in range(len(x)):
        if x[i] > 0.63:
            s += x[i] ** 3 * n
        elif i > 0:
            s -= x[i] * x[0]
    return s


def until(x, n):
    s, i = 0.0, 0
    while i < len(x) and s < 1.5 + n:
        s += x[i] ** 2
        i += 1
    return s + x[0] * n


def steps(x, n):
    s = 0.0
    for i in range(0, len(x), 2):
        s += x[i] ** 2 * n
    for i in range(1, len(x), 2):
        s += x[i] ** 3
    return s


def first_and_rest(x, n):
    s = x[0] ** 2 * n
    for i in range(1, len(x)):
        s = s * x[i]
    return s


def to_and_fro(x, n):
    s = 0.0
    for i in range(-len(x), len(x)):
        s += x[i] ** 2 * (i + n)
    return s


def stopped(x, n):
    s = 0.0
    for i in range(len(x)):
        if s > 0.8:
            break
        s += x[i] ** 2 * n
    return s


LOOPS = [
    each_once, taken, from_both_ends, from_the_far_end, round_and_round, pairs, halves,
    one_by_one, again_and_again, on_one_way, until, steps, first_and_rest, to_and_fro,
    stopped,
]  # fmt: skip
WRITTEN = [each_once, taken, from_the_far_end, stopped]  # nothing is added there


@pytest.mark.parametrize("f", LOOPS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("container", [np.array, list], ids=lambda c: c.__name__)
def test_in_loops(f, container):
    plain, found = grad(f, optimize=0), grad(f)
    for length in (1, 2, 3, 5, 12):
        x = container(np.linspace(0.3, 1.1, length).tolist())
        for n in (0, 1, 3):
            np.testing.assert_allclose(found(x, n), plain(x, n), rtol=1e-12)
    check_grads(lambda x: f(x, 2), (container(np.linspace(0.3, 1.1, 9).tolist()),))


@pytest.mark.parametrize("f", WRITTEN, ids=lambda f: f.__name__)
@pytest.mark.parametrize("x", [np.ones(5), [1.0] * 5, [1.0] * 40], ids=repr)
def test_each_place_of_its_own_is_written(f, x):
    derived = grad(f)
    derived(x, 2)
    assert "x_bar[" in derived.source and "] +=" not in derived.source, derived.source


def rows_of_each(W, n):
    s = 0.0
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            s += W[i, j] ** 2 * W[i, j - 1] * n
    return s


def every_element(W, n):
    s = 0.0
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            s += math.exp(W[i, j]) * n
    return s


def diagonals(W, n):
    s = 0.0
    for i in range(W.shape[0]):
        for j in range(W.shape[1] - i):
            s += W[i, i + j] ** 2 * (j + n)
    return s


def columns_in_turn(W, n):
    s = 0.0
    for _ in range(n):
        for j in range(W.shape[1]):
            s = s + np.sum(W[:, j] ** 2) * s + 0.1
    return s


def whole_rows(W, n):
    s = 0.0
    for i, row in enumerate(W):
        s += row @ row * (i + n)
    return s


MATRICES = [rows_of_each, every_element, diagonals, columns_in_turn, whole_rows]


@pytest.mark.parametrize("f", MATRICES, ids=lambda f: f.__name__)
def test_in_loops_over_matrices(f):
    plain, found = grad(f, optimize=0), grad(f)
    for shape in ((1, 1), (2, 3), (3, 2), (4, 4), (0, 3), (3, 0)):
        W = np.linspace(0.2, 0.7, shape[0] * shape[1]).reshape(shape)
        for n in (0, 1, 2):
            np.testing.assert_allclose(found(W, n), plain(W, n), rtol=1e-12)
    assert ("] +=" in found.source) == (f in (rows_of_each, columns_in_turn))
