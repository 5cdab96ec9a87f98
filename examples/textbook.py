"""The worked examples of the textbooks on automatic differentiation."""

from math import exp, log, sin

import numpy as np


def f(x1, x2):
    return log(x1) + x1 * x2 - sin(x2)


def steps(a):
    b = a * 3
    c = a + 2
    d = b + 4
    e = c * d
    return e


def product(x1, x2):
    return log(x1) + x1 * x2


def sums(x1, x2):
    return (x1 + x2) * (x2 + 1)


def s(x):
    """The logistic function."""
    return 1 / (1 + exp(-x))


def quotient(x1, x2):
    return (x1 + s(x2)) / (s(x1) + (x1 + x2) ** 2)


def matmul(A: np.ndarray, B: np.ndarray):
    return A @ B


def to_three(x: np.ndarray):
    """From R2 to R3."""
    return np.array([x[0] * x[1], np.sin(x[0]), x[1] ** 2])


def polar(p: np.ndarray):
    """From polar to Cartesian coordinates."""
    return np.array([p[0] * np.cos(p[1]), p[0] * np.sin(p[1])])


def spread(a: np.ndarray, c: np.ndarray):
    """`a` of shape (3,) meets every row of `c`, of shape (3, 3)."""
    return a * c
