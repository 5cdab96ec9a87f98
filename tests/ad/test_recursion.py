"""Recursion by hand that returns tuples, lists and dicts, to the third order."""

import numpy as np
import pytest

from s2sad import derivative, grad, hessian, jvp


def pair(k, x):
    if k == 0:
        return x, 1.0
    y, z = pair(k - 1, x * x)
    return y * z, z + x


def product_of_pair(x):
    a, b = pair(3, x)
    return a * b


def pair_by_loop(x):
    powers = [x, x * x, x * x * x * x]
    y, z = powers[2] * powers[2], 1.0
    for p in reversed(powers):
        y, z = y * z, z + p
    return y * z


def listed(k, x):
    if k == 0:
        return [x, 1.0]
    r = listed(k - 1, x * x)
    return [r[0] * r[1], r[1] + x]


def product_of_list(x):
    r = listed(3, x)
    return r[0] * r[1]


def keyed(k, x):
    if k == 0:
        return {"a": x, "b": 1.0}
    r = keyed(k - 1, x * x)
    return {"a": r["a"] * r["b"], "b": r["b"] + x}


def product_of_dict(x):
    r = keyed(3, x)
    return r["a"] * r["b"]


def backward(k, x, y_bar, z_bar):
    """The adjoint of `pair`, written by hand."""
    if k == 0:
        return y_bar
    y, z = pair(k - 1, x * x)
    s = backward(k - 1, x * x, y_bar * z, y_bar * y + z_bar)
    return z_bar + 2 * x * s


def inner(k, x):
    if k == 0:
        return (x, (x * x, 2.0))
    a, (b, c) = inner(k - 1, x + 1.0)
    return b * c, (a, b)


def of_inner(x):
    return inner(4, x)[1][0]


def of_inner_by_loop(x):
    x = x + 4.0
    a, b, c = x, x * x, 2.0
    for _ in range(4):
        a, b, c = b * c, a, b
    return b


def branches(k, x):
    if k == 0:
        return x, x * x
    a, b = branches(k - 1, x / 2.0)
    c, d = branches(k - 1, x + 1.0)
    return a * d, b + c


def of_branches(x):
    a, b = branches(2, x)
    return a * b


def of_branches_by_hand(x):
    def one(x):
        h, i = x / 2.0, x + 1.0
        return h * i * i, h * h + i

    a, b = one(x / 2.0)
    c, d = one(x + 1.0)
    return a * d * (b + c)


PAIRS = [
    (product_of_pair, pair_by_loop),
    (product_of_list, pair_by_loop),
    (product_of_dict, pair_by_loop),
    (of_inner, of_inner_by_loop),
    (of_branches, of_branches_by_hand),
]


@pytest.mark.parametrize("f, g", PAIRS, ids=[f.__name__ for f, _ in PAIRS])
def test_as_by_a_loop(f, g):
    x = 1.1
    close = lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-10)  # noqa: E731
    close(f(x), g(x))
    close(grad(f)(x), grad(g)(x))
    close(jvp(f, (x,), (1.0,))[1], grad(g)(x))
    close(grad(grad(f))(x), grad(grad(g))(x))
    close(jvp(grad(f), (x,), (1.0,))[1], grad(grad(g))(x))
    close(grad(derivative(f))(x), grad(grad(g))(x))
    close(grad(grad(grad(f)))(x), derivative(derivative(derivative(g)))(x))
    assert type(grad(grad(f))(x)) is float


def test_an_adjoint_written_by_hand():
    f = lambda x: backward(3, x, 1.0, 0.0)  # noqa: E731
    first = lambda x: pair(3, x)[0]  # noqa: E731
    np.testing.assert_allclose(f(1.1), grad(first)(1.1), rtol=1e-12)
    np.testing.assert_allclose(grad(f)(1.1), grad(grad(first))(1.1), rtol=1e-11)
    found, expected = grad(grad(f))(1.1), grad(grad(grad(first)))(1.1)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_arrays():
    x = np.array([1.1, 0.9])
    f = lambda x: np.sum(product_of_pair(x))  # noqa: E731
    g = lambda x: np.sum(pair_by_loop(x))  # noqa: E731
    np.testing.assert_allclose(grad(f)(x), grad(g)(x), rtol=1e-11)
    np.testing.assert_allclose(hessian(f)(x), hessian(g)(x), rtol=1e-10)
