"""Functions of the user's that are called what a derivative would be called."""

import math

import numpy as np
import pytest

from s2sad import (
    derivative,
    grad,
    hessian,
    jacfwd,
    jacrev,
    jvp,
    linearize,
    value_and_grad,
    vjp,
)


def step(x, n):
    if n == 0:
        return x
    return step(x * x, n - 1) * math.sin(x) * step_fwd(2.0, n)


def step_fwd(c, n):
    return c if n == 0 else step_fwd(c * 0.5, n - 1) + 1.0


def step_rev(c, n):
    return c if n == 0 else step_rev(c * 0.5, n - 1) + 2.0


def step_jvp(c, n):
    return c if n == 0 else step_jvp(c * 0.5, n - 1) + 3.0


def inactive_names(x):
    return step(x, 3) * step_rev(3.0, 2) * step_jvp(3.0, 2)


def walk(x, n):
    return x if n == 0 else walk_fwd(x * x, n - 1) * math.sin(x)


def walk_fwd(x, n):
    return x * 3.0 if n == 0 else walk_rev(x + 1.0, n - 1) * x


def walk_rev(x, n):
    return x * 5.0 if n == 0 else walk(x * 0.5, n - 1) * walk_jvp(x, n - 1)


def walk_jvp(x, n):
    return x * 7.0 if n == 0 else walk(x * 0.25, n - 1) + x * x


def active_names(x):
    return walk(x, 6)


def f(x):
    return f_grad(x, 2) * f_vjp(x, 2) + f_jvp(x, 2) * f_fwd(x, 2) + f_rev(x, 2)


def f_grad(x, n):
    return x if n == 0 else math.sin(f_grad(x, n - 1))


def f_vjp(x, n):
    return x * x if n == 0 else math.sin(f_vjp(x, n - 1))


def f_jvp(x, n):
    return x + 1.0 if n == 0 else math.sin(f_jvp(x, n - 1))


def f_fwd(x, n):
    return x * 3.0 if n == 0 else math.sin(f_fwd(x, n - 1))


def f_rev(x, n):
    return x * 0.5 if n == 0 else math.sin(f_rev(x, n - 1))


def turn(x, n):
    return x if n == 0 else math.sin(turn(x, n - 1))


def turn_fwd(x, n):
    return x if n == 0 else math.cos(turn_fwd(x, n - 1))


def turn_2_rev(x, n):
    return x if n == 0 else math.exp(-turn_2_rev(x, n - 1))


def turn_jvp(x, n):
    return x if n == 0 else math.cosh(turn_jvp(x, n - 1))


def turn_jvp_0(x, n):
    return x * 2.0 if n == 0 else math.tanh(turn_jvp_0(x, n - 1))


def turn_jvp_1(x, n):
    return x * x if n == 0 else math.atan(turn_jvp_1(x, n - 1))


def numbered_names(x):
    """What would be numbered has a name with a number already."""
    return turn(x, 2) * turn_fwd(x, 2) * turn_2_rev(x, 2)


def numbers_below_two(x):
    return turn(x, 2) * turn_jvp(x, 1) * turn_jvp_0(x, 2) * turn_jvp_1(x, 2)


@pytest.mark.parametrize(
    "g", [inactive_names, active_names, numbered_names, numbers_below_two, f]
)
def test_nothing_is_mixed_up(g):
    def slope(h, x, step=1e-3):
        central = lambda e: (h(x + e) - h(x - e)) / (2 * e)  # noqa: E731
        a, b, c = central(step), central(step / 2), central(step / 4)
        return (64 * c - 20 * b + a) / 45

    x = 0.7
    first, second = slope(g, x), slope(grad(g), x)
    close = lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-8)  # noqa: E731
    for operator in (grad, derivative, jacrev, jacfwd):
        close(operator(g)(x), first)
    close(value_and_grad(g)(x)[1], first)
    close(jvp(g, (x,), (1.0,))[1], first)
    close(vjp(g, x)[1](1.0)[0], first)
    close(linearize(g, x)[1](1.0), first)
    for operator in (grad, derivative, jacrev):
        close(operator(grad(g))(x), second)
        close(operator(derivative(g))(x), second)
    close(hessian(g)(x), second)
    close(linearize(grad(g), x)[1](1.0), second)
    close(vjp(grad(g), x)[1](1.0)[0], second)


def halves_fwd(n, k):
    """Not a forward half, but a helper that is called like one."""
    total = 0
    for i in range(n):
        total += i * i
        if total > 100:
            total -= 7
        if total > 90:
            total -= 8
        if total > 80:
            total -= 9
        if total > 70:
            total -= 5
    if k > 1:
        extra = total + k
    return total, extra


def calls_halves(x, n, k):
    a, b = halves_fwd(n, k)
    c, d = halves_fwd(n + 1, k)
    y = x * a * c
    if k > 0:
        y = y * b + d
    return y


def test_a_helper_called_like_a_forward_half_raises_what_it_raises():
    """What is not bound is None only among what a forward half has kept."""
    slope = value_and_grad(calls_halves)
    y, bar = slope(0.5, 3, 2)
    assert y == calls_halves(0.5, 3, 2)
    assert bar == 2 * (y - halves_fwd(4, 2)[1])
    for call in (calls_halves, slope):
        with pytest.raises(UnboundLocalError):
            call(0.5, 3, 0)
