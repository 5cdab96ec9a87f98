"""Loops back through a tape that is as long as there were trips."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import adjoint, grad, tangent, vjp


def root(a, x):
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


def at_times(a, x):
    """A branch keeps what the other does not."""
    n = 0
    while x < 40.0:
        if n % 2:
            x = x * x * a
        else:
            x = x + a
        n = n + 1
    return x


def nested(a, x):
    while x < 30.0:
        y = x
        while y < 5.0:
            y = y * y + a
        x = x * a + np.sin(y)
    return x


def left_early(a, x):
    for i in range(20):
        x = x * x / a + 0.1 * i
        if x > 3.0:
            break
    return x * a


def whole(a, x):
    """A tape of numbers that are no floats, beside one that is."""
    k = 1
    while k < 40:
        x = x * np.cos(a * k)
        k = 3 * k + 1
    return x


def vectors(a, x):
    u = np.array([x, a])
    while np.sum(u) < 50.0:
        u = u * u[::-1] + a
    return np.sum(u)


def twice(a, x):
    """The second loop goes on where the first one ended."""
    while x < 4.0:
        x = x * x * a
    while x < 90.0:
        x = x * x - a
    return x


PROGRAMS = [root, at_times, nested, left_early, whole, vectors, twice]


@pytest.mark.parametrize("a, x", [(1.7, 1.4), (1.3, 2.0), (1.2, 100.0)])
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_same_as_at_level_0(f, a, x):
    found = grad(f, ("a", "x"))(a, x)
    np.testing.assert_allclose(found, grad(f, ("a", "x"), optimize=0)(a, x), rtol=1e-12)
    y, y_dot = tangent(f, ("a", "x"))(a, x, 0.3, -0.7)
    assert y_dot == pytest.approx(0.3 * found[0] - 0.7 * found[1], rel=1e-9, abs=1e-9)
    y, pullback = vjp(f, a, x)
    for _ in range(2):  # nothing is consumed
        np.testing.assert_allclose(pullback(1.0), found, rtol=1e-12)
    plain, wrt = adjoint(f, ("a", "x")), ("a", "x")
    assert plain(a, x, 1.0)[0] == f(a, x)
    second = grad(lambda a, x: grad(f, "x")(a, x), wrt)(a, x)
    other = grad(lambda a, x: grad(f, "x", optimize=0)(a, x), wrt, optimize=0)(a, x)
    np.testing.assert_allclose(second, other, rtol=1e-9, atol=1e-11)


def test_the_tape_is_gone_through():
    text = grad(root).prepare(2.0, 1.5).source
    assert "for x in reversed(x_tape):" in text and "trips" not in text
