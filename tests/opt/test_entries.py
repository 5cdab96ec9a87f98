"""Small arrays and lists are made, read and given back as a whole."""

from __future__ import annotations

import math

import numpy as np
import pytest

from s2sad import check_grads, grad, value_and_grad
from tests.harness.values import flat

X = np.linspace(0.4, 0.9, 5)


def line(p, x):
    a, b = p
    s = 0.0
    for v in x:
        s = 0.5 * s * a + b * v
    return s


def of_three(p, x):
    a, b, c = p
    s = 0.0
    for v in x:
        s = s * a + math.sin(c) * v
    return s


def of_a_formula(p, x):
    a, _, c = np.sin(p) * 2
    return a * c * np.sum(x)


def twice(p, x):
    a, b, c = p
    s = a * b
    a, b, c = p * s
    return a * b - c * x[0]


def own_underscore(p, x):
    a, b, c = p
    _ = a * b
    for i in range(3):
        _ += a * x[i] * a
    return _ * _


def in_a_loop(p, x):
    s = 1.0
    for _ in range(3):
        a, b, c = p
        for v in x:
            s = s * a + v * c
    return s


def checked_elsewhere(p, x):
    a, b, c = p
    return a * x[0] + p[0] * p[2] + np.sum(p * b)


def rows(P, x):
    s = 0.0
    for a, _, c in P:
        for v in x:
            s = s * a + v * c
    return s


P = np.array([0.3, 0.8, 0.6])
MATRIX = np.linspace(0.2, 0.9, 6).reshape(2, 3)
PROGRAMS = [
    (line, P[:2]), (of_three, P), (of_a_formula, P), (twice, P), (own_underscore, P),
    (in_a_loop, P), (checked_elsewhere, P), (rows, MATRIX),
]  # fmt: skip


@pytest.mark.parametrize("f, p", PROGRAMS, ids=lambda f: getattr(f, "__name__", ""))
def test_unpacked_arrays(f, p):
    found, plain = value_and_grad(f, (0, 1)), value_and_grad(f, (0, 1), optimize=0)
    (y, slopes), (expected, others) = found(p, X), plain(p, X)
    assert y == pytest.approx(expected) and type(y) is type(f(p, X))
    for slope, other in zip(slopes, others, strict=True):
        np.testing.assert_allclose(slope, other, rtol=1e-12)
        assert slope.dtype == other.dtype and slope.shape == other.shape
    check_grads(f, (p, X), order=2)


@pytest.mark.parametrize("f, p", PROGRAMS[:5], ids=lambda f: getattr(f, "__name__", ""))
def test_another_number_of_entries_is_refused(f, p):
    found = grad(f, (0, 1))
    found(p, X)
    with pytest.raises(ValueError, match="unpack"):
        found(np.append(p, 1.0), X)


def test_what_is_not_read_has_no_name():
    derived = grad(of_three)
    derived(P, X)
    assert "a, _, c = p.tolist()" in derived.source
    assert "p_bar = np.array([a_bar, 0.0, c_bar])" in derived.source


def test_single_precision_stays():
    p, x = P.astype(np.float32), X.astype(np.float32)
    slope = grad(of_three)(p, x)
    assert slope.dtype == np.float32
    np.testing.assert_allclose(slope, grad(of_three)(P, X), rtol=1e-5)


def each(x, y):
    s = 1.0
    for u, v in zip(x, np.sin(y)):
        s = s * u + v
    return s


def counted(x, y):
    s = 1.0
    for i, u in enumerate(x * y):
        s = s * u + i
    return s


def largest(x, y):
    best = x[0]
    for v in x:
        if v > best:
            best = v * y[0]
    return best


def quotients(x, y):
    s = 0.0
    for u in x:
        s += y[0] / u
    return s


LOOPS = [each, counted, largest, quotients]


@pytest.mark.parametrize("f", LOOPS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("count", [1, 2, 5])
def test_loops_through_arrays(f, count):
    x, y = X[:count].copy(), X[:count] + 0.35
    for derived in (grad, value_and_grad):
        found, plain = derived(f, (0, 1)), derived(f, (0, 1), optimize=0)
        np.testing.assert_allclose(flat(found(x, y)), flat(plain(x, y)), rtol=1e-12)
    assert type(value_and_grad(f)(x, y)[0]) is type(f(x, y))


def test_loops_compute_with_python_s_floats():
    derived = grad(each, (0, 1))
    derived(X, X)
    assert "for u, v in zip(x.tolist(), sin_y.tolist()):" in derived.source
    derived = grad(counted)
    derived(X, X)
    assert "for i, u in enumerate(xy.tolist()):" in derived.source


# ---- lists


def arm(angles, lengths):
    x = y = a = 0.0
    for th, l in zip(angles, lengths):
        a += th
        x += l * math.cos(a)
        y += l * math.sin(a)
    return (x - 1.0) ** 2 + y * y


def one_more(angles, lengths):
    return arm(angles, lengths) + angles[0] * lengths[2]


@pytest.mark.parametrize("f", [arm, one_more], ids=lambda f: f.__name__)
def test_lists_are_given_back(f):
    angles, lengths = [0.1, 0.2, 0.3], [1.0, 2.0, 0.5]
    derived = grad(f, (0, 1))
    first, second = derived(angles, lengths)
    assert type(first) is type(second) is list and first is not angles
    expected = grad(f, (0, 1), optimize=0)(angles, lengths)
    np.testing.assert_allclose((first, second), expected, rtol=1e-12)
    again = derived(angles, lengths)
    first[0] = 100.0  # the caller's from now on
    np.testing.assert_allclose(derived(angles, lengths), again)
    if f is arm:
        assert "return angles_bar, lengths_bar" in derived.source
