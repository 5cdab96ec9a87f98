"""Every composition of operators to the third order, against one another and differences.

A program takes one argument, a number, an array or a container, and gives a number.
Each order is compared with extrapolated differences of the order before it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest

from s2sad import (
    derivative,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacrev,
    jvp,
    linearize,
    value_and_grad,
    vjp,
)

V = np.array([0.7, 0.3, -0.4])
M = np.array([[0.7, 0.3], [-0.4, 0.9]])


class Pair(NamedTuple):
    w: object
    b: object


# ---- programs ------------------------------------------------------------------------


def ways_out(x):
    for i in range(5):
        x = x * 1.5
        if x > 2:
            return x**3
        if i == 3:
            continue
        x = x + math.cos(x)
    return x


def counted(x):
    y, k = x, 0
    while y < 10:
        y = y * y + 1.0
        k += 1
        if k > 4:
            break
    else:
        y = y * x
    return y / x


def closures(x):
    def inner(z):
        return z * x + math.sin(x * z)

    return inner(x) + inner(2.0) * inner(x * x)


def perturbed(x):
    return x * derivative(lambda y: x * y * y)(x)


def gradients_inside(x):
    return grad(lambda z: grad(lambda w: w**3 * z * x)(z) * x)(x)


def pullback_inside(x):
    y, pull = vjp(lambda z, w: z * w * x, x, x * x)
    a, b = pull(x)
    return y + a * b


def linear_inside(x):
    y, f = linearize(lambda z: z**3 * x, x)
    return f(x) * y + f(2.0)


def hessian_inside(x):
    H = hessian(lambda z: np.sum(z**3) * np.sum(x * z))(x)
    return np.sum(H * H)


def jacobians_inside(x):
    forward = np.sum(jacfwd(lambda z: z * x * z)(x))
    return forward + np.sum(jacrev(lambda z: np.outer(z, x))(x))


def steps_inside(x):
    w = x
    for _ in range(2):
        w = w - 0.1 * grad(lambda v: np.sum((v - x) ** 2 + 0.1 * v**4))(w)
    return np.sum(w**2)


def layers(p):
    h = np.tanh(p["w"] @ p["b"]) * p["s"]
    return np.sum(h * h) + p["s"] ** 3


def nested(p):
    a, v, (s, m) = p
    return a * np.sum(np.sin(v)) * s + np.sum(m @ m) * a * a


def fields(p):
    return p.w**3 * np.sum(p.b**2) + np.sum(np.exp(p.b * p.w))


def written(x):
    y = np.zeros(4)
    for i in range(3):
        y[i + 1] = y[i] * x[i] + np.sin(x[i])
    y[1:] *= y[:-1]
    return np.sum(y**2)


def repeated(x, n):
    if n == 0:
        return x
    return repeated(np.sin(x) * x, n - 1) + x * n


def recursion(x):
    return np.sum(repeated(x, 3) ** 2)


def averaged(x):
    return np.sum(np.average(x, weights=x * x) * x) + np.linalg.norm(x, np.inf) ** 3


def placed(m):
    return np.sum(np.take_along_axis(m, np.argsort(m, axis=1), axis=1) ** 2 * m)


def pairs_inside(x):
    def pair(k, v):
        if k == 0:
            return v, np.sum(v)
        a, s = pair(k - 1, v * x)
        return a * s, s + np.sum(a)

    a, s = pair(2, x)
    return np.sum(a) * s


def vector_or_matrix(x):
    y = x if x[0] > 5 else np.outer(x, x)
    return np.sum(np.sin(y @ x) ** 2)


PROGRAMS = [
    (ways_out, 0.7),
    (counted, 0.7),
    (closures, 0.7),
    (perturbed, 0.7),
    (gradients_inside, 0.7),
    (pullback_inside, 0.7),
    (linear_inside, 0.7),
    (hessian_inside, V),
    (jacobians_inside, V),
    (steps_inside, V),
    (layers, {"w": M, "b": V[:2], "s": 0.5}),
    (nested, [0.5, V, (0.3, M)]),
    (fields, Pair(0.5, V)),
    (written, V),
    (recursion, V),
    (averaged, V),
    (placed, M),
    (pairs_inside, V),
    (vector_or_matrix, V),
]

# ---- values of any shape -------------------------------------------------------------


def vector(x):
    if isinstance(x, dict):
        x = list(x.values())
    if isinstance(x, (list, tuple)):
        return np.concatenate([vector(item) for item in x])
    return np.ravel(np.asarray(x, float))


def shaped(x, v):
    """The numbers of `v` in the structure of x."""
    left = list(v)

    def take(x):
        if isinstance(x, dict):
            return {key: take(item) for key, item in x.items()}
        if isinstance(x, (list, tuple)):
            items = [take(item) for item in x]
            return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
        if isinstance(x, np.ndarray):
            found = [left.pop(0) for _ in range(x.size)]
            return np.array(found).reshape(x.shape)
        return float(left.pop(0))

    return take(x)


def dot(a, b):
    if isinstance(a, dict):
        return sum(dot(a[key], b[key]) for key in b)
    if isinstance(a, (list, tuple)):
        return sum(dot(p, q) for p, q in zip(a, b))
    return np.sum(a * b)


def slope(g, x, d):
    """The derivative of g at x along d, by differences extrapolated twice."""
    at = vector(x)

    def central(h):
        up, down = (vector(g(shaped(x, at + s * h * d))) for s in (1, -1))
        return (up - down) / (2 * h)

    a, b, c = (central(h) for h in (2e-3, 1e-3, 5e-4))
    return (64 * c - 20 * b + a) / 45


def same(found, expected):
    found, expected = vector(found), vector(expected)
    scale = max(1.0, np.max(np.abs(expected)))
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-5 * scale)


@pytest.mark.parametrize("f, x", PROGRAMS, ids=[f.__name__ for f, _ in PROGRAMS])
def test_to_the_third_order(f, x):
    rng = np.random.default_rng(5)
    d, e = rng.normal(size=(2, vector(x).size))
    dx, ex = shaped(x, d), shaped(x, e)

    first = grad(f)(x)
    same(vector(first) @ d, slope(f, x, d))
    same(value_and_grad(lambda x: (f(x), x), has_aux=True)(x)[1], first)
    same(jvp(f, (x,), (dx,))[1], vector(first) @ d)
    pull = vjp(f, x)[1]
    same(pull(2.0)[0], 2 * vector(first))
    same(pull(1.0)[0], first)
    same(linearize(f, x)[1](dx), vector(first) @ d)

    def product(x):
        return hvp(f, (x,), (dx,))[1]

    second = slope(grad(f), x, d)
    same(product(x), second)
    same(jvp(grad(f), (x,), (dx,))[1], second)
    same(grad(lambda x: jvp(f, (x,), (dx,))[1])(x), second)
    same(grad(lambda x: dot(grad(f)(x), dx))(x), second)
    same(vjp(grad(f), x)[1](dx)[0], second)
    same(linearize(grad(f), x)[1](dx), second)
    if isinstance(x, np.ndarray):
        for outer, inner in ((jacfwd, jacfwd), (jacrev, jacrev), (jacrev, jacfwd)):
            same(outer(inner(f))(x).reshape(d.size, d.size) @ d, second)

    third = slope(product, x, e)
    same(jvp(product, (x,), (ex,))[1], third)
    same(hvp(lambda x: jvp(f, (x,), (dx,))[1], (x,), (ex,))[1], third)
    same(grad(lambda x: dot(grad(lambda x: dot(grad(f)(x), dx))(x), ex))(x), third)
    twice = lambda x: jvp(lambda x: jvp(f, (x,), (dx,))[1], (x,), (ex,))[1]  # noqa: E731
    same(grad(twice)(x), third)
