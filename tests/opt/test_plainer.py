"""What a specialist would write otherwise: sums of equal numbers, products turned
round, loops that fall, columns put side by side."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import adjoint, check_grads, grad
from tests.harness.values import flat

V, W = np.array([0.4, 1.3, 0.9]), np.array([0.3, 0.7, 1.9])
A, B = np.outer(V, W[:2]) + 0.1, np.outer(W, V) - 0.3


def likelihood(p, x):
    return 0.5 * np.sum((x - p[0]) ** 2 / p[1] + np.log(2 * np.pi * p[1]))


def gram(a, b):
    return np.sum((a.T @ (b @ a)) ** 3)


def product_of_turned(a, b):
    return np.sum((a.T @ b.T).T ** 2 * 0.5)


def backwards(p, x):
    y = x * p
    for i in range(len(x) - 2, -1, -1):
        y[i] = y[i] * y[i + 1]
    return y[0]


def between(p, x):
    y = x * p
    n = len(x)
    for k in range(n - 1, 0, -1):
        y[k - 1] += y[k] ** 2 * p[k]
    return y[0] * y[1]


def by_two(p, x):
    s = 0.0
    for i in range(2, -1, -2):
        s = s * p[i] + x[i]
    return s


def columns(p, x):
    return np.sum(np.column_stack((p, x, p * x))[:, 1:] ** 3)


def tables_and_columns(p, x):
    return np.sum(np.column_stack((p, np.outer(p, x), x)) ** 3)


def rows(p, x):
    return np.sum(np.vstack((p, np.outer(p, x), x)) ** 3)


def layers(a, b):
    return np.sum(np.dstack((b, b.T, a @ a.T)) ** 3)


def flat_layers(p, x):
    return np.sum(np.dstack((p, x)) ** 3)


PROGRAMS = [
    (likelihood, (V, W)), (gram, (A, B)), (product_of_turned, (A, B)),
    (backwards, (V, W)), (between, (V, W)), (by_two, (V, W)), (columns, (V, W)),
    (tables_and_columns, (V, W)), (rows, (V, W)), (layers, (A, B)),
    (flat_layers, (V, W)),
]  # fmt: skip
IDS = [f.__name__ for f, _ in PROGRAMS]


@pytest.mark.parametrize("f, args", PROGRAMS, ids=IDS)
def test_derivatives(f, args):
    check_grads(f, args, order=2)


EXPECTED = {
    likelihood: ("x.size", "full_like"),
    gram: ("@", ".T).T"),
    backwards: ("for i in range(", "reversed"),
    between: ("for k in range(1, ", "reversed"),
    by_two: ("reversed(range(2, -1, -2))", "range(0"),
    columns: ("[:, 1]", "reshape"),
    rows: ("[0]", "t2[:1]"),
    layers: ("[:, :, 1]", "reshape"),
}


@pytest.mark.parametrize("f, args", PROGRAMS, ids=IDS)
def test_text(f, args):
    if f in EXPECTED:
        df = grad(f, wrt=(0, 1))
        df(*args)
        wanted, unwanted = EXPECTED[f]
        assert wanted in df.source and unwanted not in df.source


def half_the_squares(x, y):
    return 0.5 * (x * x + y * y)


def half_a_square(x, y):
    r = x - y
    return 0.5 * r * r


def a_third(x, y):
    return 3.0 * (x * x + y * y) * (1.0 / 3.0)


@pytest.mark.parametrize("f", [half_the_squares, half_a_square, a_third])
def test_twice_the_half(f):
    for x, y in ((0.3, 0.8), (np.array([0.3, 1.2]), np.array([0.8, 0.1]))):
        derived = adjoint(f, (0, 1))
        found = derived(x, y, np.ones_like(x) if isinstance(x, np.ndarray) else 1.0)
        plain = adjoint(f, (0, 1), optimize=0)(x, y, np.ones_like(x))
        np.testing.assert_allclose(flat(found), flat(plain), rtol=1e-15)
        for slope in found[1]:
            assert not np.shares_memory(slope, x) and not np.shares_memory(slope, y)
    derived = grad(f, (0, 1))
    derived(0.3, 0.8)
    if f is not a_third:
        assert (
            "0.5" not in derived.source and "2" not in derived.source.split("return")[1]
        )


def test_least_and_largest_of_floats():
    def limited(gains, n):
        kp, ki = gains
        u = 0.0
        for _ in range(n):
            u += max(-1.0, min(1.0, kp - ki * u)) * 0.1
        return u

    gains = np.array([0.7, 0.4])
    derived = grad(limited)
    plain = grad(limited, optimize=0)
    np.testing.assert_allclose(derived(gains, 5), plain(gains, 5), rtol=1e-13)
    assert "kp, ki = gains.tolist()" in derived.source
