"""Functions that the tests of this folder differentiate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import sin as sine
from typing import NamedTuple

import numpy as np

SCALE = 2.0


def textbook(x1, x2):
    """The function of the textbooks."""
    return math.log(x1) + x1 * x2 - math.sin(x2)


def product(x, y=3.0, *, z=1.0):
    return x * y * z


def scaled(x):
    return SCALE * x * x


def total(x):
    return np.sum(x * x)


def cubic(x):
    return np.sum(x**3)


def pair(x):
    return np.array([x[0] * x[1], x[1] ** 2, np.sin(x[0])])


def elementwise(x):
    return np.exp(-x) * np.sin(x)


def matrix(A, b):
    return A @ b


def model(params, x):
    return np.sum(params["w"] * x) + params["b"]


def with_aux(x):
    return x * x, x + 1.0


def loop(x, n):
    for i in range(n):
        x = x * x * 0.5 + i
    return x


def branches(x):
    if x > 1.0:
        y = x * x
    else:
        y = -x
    return y


def imported(x):
    return sine(x) * x


def many(*xs):
    y = 1.0
    for x in xs:
        y = y * x
    return y


def keywords(**options):
    return options["a"] * options["b"]


def noisy(x):
    print("called")
    return x * x


class Point(NamedTuple):
    x: float
    y: float


@dataclass
class Weights:
    w: np.ndarray
    b: float
    name: str = "linear"


def of_point(p):
    return p.x * p.y + p.x


def of_weights(m, x):
    return np.sum(m.w * x) + m.b


def of_dict(p):
    return p["a"] * p["b"]


def of_list(items, k):
    return items[0] * items[1] * k


class Spring:
    def __init__(self, k):
        self.k = k

    def energy(self, x):
        return 0.5 * self.k * x * x

    def __call__(self, x):
        return self.k * x**3


def recursive(x, n):
    if n == 0:
        return x
    return np.sin(recursive(x, n - 1)) + x
