"""Bodies of a `try` that raise in each call of their kinds, and several handlers."""

from __future__ import annotations

import pytest

from s2sad import Unsupported, grad, tangent, value_and_grad


def otherwise(x, d):
    try:
        z = x / d["k"]
    except KeyError:
        z = x**2
    else:
        z = z * 2
    return z


def beyond_the_end(x, d):
    try:
        z = [1.0, x][len(d) + 5]
    except IndexError:
        z = x**2
    else:
        z = z * 2
    return z


def raised_at_once(x, d):
    try:
        raise KeyError("a")
    except KeyError as error:
        z = x**2 * len(error.args)
    else:
        z = x
    return z


def several(x, d):
    try:
        z = x / d["k"]
    except ValueError:
        z = x**3
    except (KeyError, ZeroDivisionError):
        z = x**2
    else:
        z = z * 2
    finally:
        x = x * 2
    return z + x


def any_other(x, d):
    try:
        z = x / d["k"]
    except (KeyError, ValueError):
        z = x**2
    except Exception:
        z = x**4
    return z


@pytest.mark.parametrize("d", [{}, {1: 2.0}, {"k": 2.0}, {"k": 0.0}], ids=str)
@pytest.mark.parametrize(
    "f",
    [otherwise, beyond_the_end, raised_at_once, several, any_other],
    ids=lambda f: f.__name__,
)
def test_as_python_goes(f, d):
    if f is otherwise and d.get("k") == 0.0:
        return  # nobody catches the division
    x = 1.3
    slope = (f(x + 1e-6, d) - f(x - 1e-6, d)) / 2e-6
    for optimize in (0, 1, 2):
        y, x_bar = value_and_grad(f, wrt="x", optimize=optimize)(x, d)
        assert y == pytest.approx(f(x, d), rel=1e-14)
        assert x_bar == pytest.approx(slope, rel=1e-7)
        y_dot = tangent(f, wrt="x", optimize=optimize)(x, d, 1.0)[1]
        assert y_dot == pytest.approx(x_bar, rel=1e-12)


def behind_a_finally(x, d):
    try:
        try:
            z = x / d["k"]
        finally:
            x = x * 2
    except KeyError:
        z = x**2
    return z


def test_a_finally_that_a_handler_sees():
    """What it assigned was lost; it is not followed yet, and said so."""
    with pytest.raises(Unsupported) as caught:
        grad(behind_a_finally, wrt="x")(1.3, {})
    assert caught.value.code == "S2S060"
