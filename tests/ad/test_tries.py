"""What stands in a `try` is run again for tangents, without what raised or might have."""

from __future__ import annotations

import math

import pytest

from s2sad import adjoint, grad, jvp, tangent


def guards_in_a_loop(x, n):
    z = 0.0
    try:
        for i in range(n):
            q = x * 1.5 + i
            if x < 0.0:
                raise ValueError("negative")
            else:
                y = math.sin(q) * x
            z = z + y * q
        if x > 5.0:
            raise ValueError("large")
        else:
            w = z * x
        z = w * w
    except ValueError:
        z = x * x * x
    return z


def guards_the_other_way(x, n):
    z = x
    try:
        for i in range(n):
            q = z * 0.5
            if x >= 0.0:
                p = math.cos(q)
                if i < 10:
                    y = p * x
                else:
                    raise ValueError("many")
            else:
                raise ValueError("negative")
            z = z + y * q + p
    except ValueError:
        z = x * x
    return z * z


@pytest.mark.parametrize("f", [guards_in_a_loop, guards_the_other_way])
@pytest.mark.parametrize(
    ("x", "n"), [(0.7, 3), (0.7, 0), (0.7, 12), (-0.7, 2), (6.0, 1)]
)
def test_in_both_modes(f, x, n):
    step = 1e-6
    slope = (f(x + step, n) - f(x - step, n)) / (2 * step)
    assert tangent(f, "x")(x, n, 1.0) == pytest.approx((f(x, n), slope), rel=1e-7)
    assert adjoint(f, "x")(x, n, 1.0) == pytest.approx((f(x, n), slope), rel=1e-7)
    first = grad(f)
    bend = (first(x + step, n) - first(x - step, n)) / (2 * step)
    assert jvp(first, (x, n), (1.0, None))[1] == pytest.approx(bend, rel=1e-6)
    assert grad(first)(x, n) == pytest.approx(bend, rel=1e-6)


def three_handlers(x):
    try:
        y = 1.0 / x
        return y * x * x
    except ValueError:
        return x * 2
    except ZeroDivisionError:
        return x * 3
    except (OverflowError, KeyError):
        return x * 4


@pytest.mark.parametrize(("x", "slope"), [(1.5, 1.0), (0.0, 3.0)])
def test_which_of_three_handlers_is_known_behind_them(x, slope):
    assert tangent(three_handlers)(x, 1.0) == (three_handlers(x), slope)
    assert adjoint(three_handlers)(x) == (three_handlers(x), slope)
    assert tangent(tangent(three_handlers), 0)(x, 1.0, 1.0)[1] == (slope, 0.0)
