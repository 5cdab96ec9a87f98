"""Operators inside differentiated functions: captured variables stay active."""

from __future__ import annotations

import math

import numpy as np
import pytest

import s2sad
from s2sad import (
    checkpoint,
    derivative,
    differentiable,
    flat,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    linearize,
    opaque,
    stop_gradient,
    value_and_grad,
    vjp,
)

close = pytest.approx


def cube(x):
    return x**3


slope_of_cube = grad(cube)


@differentiable
def square(x):
    return x * x


@opaque
def hidden(x):
    return x * x


@flat
def rounded(x):
    return float(round(x))


def test_a_derived_function_is_called():
    def f(x):
        return slope_of_cube(x) * x

    assert f(2.0) == 24.0
    assert grad(f)(2.0) == close(36.0)
    assert grad(grad(f))(2.0) == close(36.0)


def test_an_operator_is_applied_inside():
    assert grad(lambda x: grad(cube)(x))(2.0) == close(12.0)
    assert grad(lambda x: grad(grad(cube))(x))(2.0) == close(6.0)
    assert grad(lambda x: grad(np.sin)(x))(0.5) == close(-math.sin(0.5))


def test_no_perturbation_confusion():
    # d/dx (x * d/dy (x * y)) = d/dx x*x = 2x: the classic trap gives x
    outer = lambda x: x * derivative(lambda y: x * y)(1.0)
    for operator in (grad, derivative):
        assert operator(outer)(3.0) == close(6.0)
    deep = lambda x: x * grad(lambda y: y * grad(lambda z: x * y * z)(2.0))(3.0)
    assert grad(deep)(5.0) == close(complex_slope(lambda x: x * 2 * 3 * x, 5.0))


def complex_slope(f, x):
    return f(complex(x, 1e-30)).imag / 1e-30


def test_closures_over_active_variables():
    def f(a, x):
        def inner(t):
            return np.sin(a * t) * t

        return grad(inner)(x)

    a, x = 1.3, 0.7
    want = complex_slope(lambda a: np.sin(a * x) + a * x * np.cos(a * x), a)
    assert grad(f, "a")(a, x) == close(want, rel=1e-12)


def test_value_and_grad_inside():
    def f(x):
        y, slope = value_and_grad(cube)(x)
        return y + slope

    assert grad(f)(2.0) == close(24.0)


def test_products_inside():
    def forward(x):
        y, y_dot = jvp(cube, (x,), (1.0,))
        return y + y_dot

    def backward(x):
        y, pullback = vjp(cube, x)
        (bar,) = pullback(2.0)
        return y + bar

    def linear(x):
        y, push = linearize(cube, x)
        return push(x)

    def second(x):
        g, h = hvp(cube, (x,), (1.0,))
        return g + h

    assert grad(forward)(2.0) == close(24.0)
    assert grad(backward)(2.0) == close(12.0 + 24.0)
    assert grad(linear)(2.0) == close(9 * 4.0)
    assert grad(second)(2.0) == close(12.0 + 6.0)


def test_products_inside_with_wrt():
    f = lambda x: jvp(lambda a, b: a * b * b, (x, x), (1.0,), wrt="b")[1]
    assert grad(f)(3.0) == close(12.0)
    g = lambda x: vjp(lambda a, b: a * b * b, x, x, wrt=1)[1](1.0)[0]
    assert grad(g)(3.0) == close(12.0)


def test_jacobians_inside():
    def f(x):
        return np.sum(jacobian(lambda t: t**2 * x)(x))

    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(grad(f)(x), 4 * x)

    def newton(x):
        H = hessian(lambda t: np.sum(t**4))(x)
        return np.sum(np.linalg.solve(H, x))

    np.testing.assert_allclose(grad(newton)(x), -1 / (12 * x**2), rtol=1e-12)


def test_a_step_of_descent_is_differentiated():
    def loss(w, rate):
        return (w - 1.0) ** 2 * rate

    def after(rate):
        w = 0.0
        for _ in range(3):
            w = w - rate * grad(loss)(w, 1.0)
        return loss(w, 1.0)

    want = complex_slope(lambda r: (1 - 2 * r) ** 6, 0.1)
    assert grad(after)(0.1) == close(want, rel=1e-12)


def test_containers_inside():
    f = lambda x: grad(lambda p: p["a"] ** 2 * p["b"])({"a": x, "b": 3.0})["a"]
    assert grad(f)(2.0) == close(6.0)
    g = lambda x: grad(lambda p: p[0] ** 2 * p[1])((x, x))[1]
    assert grad(g)(2.0) == close(4.0)


def newton_root(a):
    x = 1.0
    while abs(x * x - a) > 1e-12:
        x = x - (x * x - a) / derivative(lambda z: z * z - a)(x)
    return x


def slope_at(f, x):
    return grad(f)(x)


def test_in_loops_and_through_helpers():
    assert grad(newton_root)(2.0) == close(0.5 / math.sqrt(2.0))
    f = lambda x: sum(grad(lambda z: z**3 * i)(x) for i in range(3))
    assert grad(f)(2.0) == close(36.0)
    assert grad(lambda x: slope_at(lambda z: z**4, x))(2.0) == close(48.0)
    deep = lambda x: slope_at(lambda y: slope_at(lambda z: z**3 * y * x, y), x)
    assert grad(deep)(2.0) == close(108.0)


def test_differentiable_inside():
    assert grad(lambda x: square(x) * x)(2.0) == close(12.0)
    assert grad(lambda x: square.grad(x) * x)(2.0) == close(8.0)


def test_marks():
    assert grad(lambda x: stop_gradient(x) * x)(3.0) == 3.0
    assert grad(lambda x: rounded(x) * x)(3.2) == 3.0
    assert stop_gradient(2.0) == 2.0 and hidden(3.0) == 9.0
    for f in (lambda x: hidden(x), lambda x: float(hidden(x)) * x):
        for operator in (grad, derivative, jacobian):
            with pytest.raises(s2sad.NoRule):
                operator(f)(2.0)
    assert grad(lambda x, n: float(x * hidden(n)), "x")(2.0, 3.0) == 9.0

    def looped(x):
        for _ in checkpoint(range(3)):
            x = x * x
        return x

    assert grad(looped)(1.1) == close(8 * 1.1**7)


def scaled_or_filled(x, k, s):
    if k % 2:
        return x * s
    return np.full(3, s)


def by_a_helper(x, s, n):
    held = [np.sin(s), x * s, scaled_or_filled(((x * s) * s), n % 3, np.max(x))]
    return np.sum(held[-1]) + s


@pytest.mark.parametrize("n", [0, 1])
def test_what_is_too_wide_to_return_is_named_on_each_way(n):
    x, x_dot = np.array([0.531, -0.713, 1.217]), np.array([0.3, -0.2, 0.5])

    def slope(x, s, n):
        return jvp(by_a_helper, (x, s, n), (x_dot, 0.4, None))[1]

    found = jvp(grad(slope, wrt=(0, 1)), (x, 0.7, n), (x_dot, 0.4, None))[0]
    step = 1e-6
    for i, unit in enumerate(np.eye(3)):
        up, down = (slope(x + h * unit, 0.7, n) for h in (step, -step))
        assert found[0][i] == close((up - down) / (2 * step), abs=1e-6)
    up, down = (slope(x, 0.7 + h, n) for h in (step, -step))
    assert found[1] == close((up - down) / (2 * step), abs=1e-6)


def first_entry_grown(params, x):
    params["w"][0] *= x[1]
    params["b"] = params["w"] * x
    return np.sum(params["w"] * params["b"])


def entries_in_turn(rows, x):
    rows[0][1] = x[0] * rows[1][2]
    rows[1] = rows[1] * rows[0]
    return np.sum(rows[0] * rows[1])


X = np.array([0.531, -0.713, 1.217])


@pytest.mark.parametrize("form", ["named", "starred"])
@pytest.mark.parametrize(
    ("f", "held"),
    [
        (first_entry_grown, {"w": X * 2, "b": X + 1}),
        (entries_in_turn, [X * 2, X + 1]),
    ],
)
def test_the_derivative_of_what_writes_into_a_container(f, held, form):
    """It writes into none that it is given: what is read afterwards is as it was."""
    keys = list(held) if isinstance(held, dict) else range(len(held))
    seed = {k: X[::-1] for k in keys} if isinstance(held, dict) else [X[::-1]] * 2

    def slope(held, x):
        return jvp(f, (held, x), (seed, None))[1] + np.sum(held[keys[0]])

    def starred(*args):
        return jvp(f, args, (seed, None))[1] + np.sum(args[0][keys[0]])

    outer = slope if form == "named" else starred
    found = grad(outer)(held, X)

    def moved(k, step):
        new = {j: held[j] * 1.0 for j in keys}
        new[k] = new[k] + step
        given = new if isinstance(held, dict) else list(new.values())
        first = np.sum(new[keys[0]])
        return jvp(f, (given, X), (seed, None))[1] + first

    for k in keys:
        for i, unit in enumerate(np.eye(3)):
            up, down = (moved(k, h * unit) for h in (1e-5, -1e-5))
            assert found[k][i] == close((up - down) / 2e-5, abs=1e-6)
