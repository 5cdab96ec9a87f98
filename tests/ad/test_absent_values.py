"""Values that only one branch defines, and recursion, differentiated again and again."""

import math

import numpy as np
import pytest

from s2sad import grad


def power(x, n):
    if n == 0:
        return 1.0
    return x * power(x, n - 1)


def tree(x, n):
    if n <= 0:
        return math.sin(x)
    left = tree(x * 0.9, n - 1)
    right = tree(x + 0.1, n - 2)
    return left * right + x


def is_even(x, n):
    return 1.0 * x if n == 0 else x * is_odd(x, n - 1)


def is_odd(x, n):
    return x * x if n == 0 else math.sin(x) * is_even(x, n - 1)


@pytest.mark.parametrize("f", [power, tree, is_even])
@pytest.mark.parametrize("n", [0, 1, 3])
def test_recursion_to_the_third_order(f, n):
    h = 1e-5
    derived = f
    for _ in range(3):
        before, derived = derived, grad(derived)
        expected = (before(1.3 + h, n) - before(1.3 - h, n)) / (2 * h)
        assert math.isclose(derived(1.3, n), expected, rel_tol=1e-6, abs_tol=1e-7)


def products(x, flag):
    y = x
    if flag:
        t = np.exp(x) * np.sin(x)
        y = t * t * x
    return np.sum(y * y)


def cut(x, k):
    y = x
    if k > 0:
        t = np.outer(x, x)[:k]
        y = np.sum(t * t * np.sin(t), axis=0) * x
    return np.sum(y * y)


def twice(x, flag):
    if flag:
        t = (np.exp(x), np.sin(x))
    y = x * x
    if flag:
        y = y * t[0]
    return np.sum(y)


@pytest.mark.parametrize("f", [products, cut, twice])
@pytest.mark.parametrize("flag", [0, 1])
def test_arrays_of_one_branch(f, flag):
    x = np.array([0.1, 0.2, 0.3])

    def outer(x, flag):
        return np.sum(np.sin(grad(f)(x, flag)))

    found = grad(outer)(x, flag)
    for k, step in enumerate(np.eye(3) * 1e-5):
        expected = (outer(x + step, flag) - outer(x - step, flag)) / 2e-5
        assert math.isclose(found[k], expected, rel_tol=1e-6, abs_tol=1e-8)
