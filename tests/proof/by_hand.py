"""Derivatives written by hand, in the shape of generated ones, for testing the checkers."""

from __future__ import annotations

import inspect
from math import cos, log, sin

import numpy as np


class Derived:
    """What `check` needs of a derived function."""

    def __init__(self, function):
        self.function = function
        self.__signature__ = inspect.signature(function)

    def __call__(self, *args, **kwargs):
        return self.function(*args, **kwargs)

    def specialized(self, *args, **kwargs):
        return self.function


def operators(jvp, vjp):
    return {
        "tangent": lambda f, wrt: Derived(jvp),
        "adjoint": lambda f, wrt: Derived(vjp),
    }


def f(x1, x2):
    return log(x1) + x1 * x2 - sin(x2)


def f_jvp(x1, x2, x1_dot, x2_dot):
    y_dot = x1_dot / x1 + x2 * x1_dot + (x1 - cos(x2)) * x2_dot
    return log(x1) + x1 * x2 - sin(x2), y_dot


def f_vjp(x1, x2, y_bar=1.0):
    y = log(x1) + x1 * x2 - sin(x2)
    return y, (y_bar / x1 + x2 * y_bar, (x1 - cos(x2)) * y_bar)


def f_vjp_wrong(x1, x2, y_bar=1.0):
    y = log(x1) + x1 * x2 - sin(x2)
    return y, (y_bar / x1 + x2 * y_bar, (x1 + cos(x2)) * y_bar)


def f_jvp_wrong(x1, x2, x1_dot, x2_dot):
    y_dot = x1_dot / x1 + x2 * x1_dot + (x1 + cos(x2)) * x2_dot
    return log(x1) + x1 * x2 - sin(x2), y_dot


def product(A, B):
    return A @ B


def product_jvp(A, B, A_dot, B_dot):
    return A @ B, A_dot @ B + A @ B_dot


def product_vjp(A, B, y_bar):
    return A @ B, (y_bar @ B.T, A.T @ y_bar)


def size(x):
    return abs(x)


def size_jvp(x, x_dot):
    return abs(x), np.sign(x) * x_dot


def size_vjp(x, y_bar=1.0):
    return abs(x), (np.sign(x) * y_bar,)


def hinge(x):
    return max(x, 0.0)


def hinge_jvp(x, x_dot):
    return max(x, 0.0), x_dot if x >= 0 else 0.0


def hinge_vjp(x, y_bar=1.0):
    return max(x, 0.0), (y_bar if x >= 0 else 0.0,)


def branch(x):
    if x > 1.0:
        return x * x
    return 2.0 * x - 1.0


def branch_jvp(x, x_dot):
    if x > 1.0:
        return x * x, 2 * x * x_dot
    return 2.0 * x - 1.0, 2.0 * x_dot


def branch_vjp(x, y_bar=1.0):
    if x > 1.0:
        return x * x, (2 * x * y_bar,)
    return 2.0 * x - 1.0, (2.0 * y_bar,)


def loop(x, n):
    y = x
    for i in range(n):
        y = 0.5 * y + x / 3 - i
    return y


def loop_jvp(x, n, x_dot):
    y, y_dot = x, x_dot
    for i in range(n):
        y, y_dot = 0.5 * y + x / 3 - i, 0.5 * y_dot + x_dot / 3
    return y, y_dot


def loop_vjp(x, n, y_bar=1.0):
    y = x
    for i in range(n):
        y = 0.5 * y + x / 3 - i
    x_bar = 0.0
    for i in reversed(range(n)):
        x_bar += y_bar / 3
        y_bar = 0.5 * y_bar
    return y, (x_bar + y_bar,)
