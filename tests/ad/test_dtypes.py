"""A gradient is of its argument's type and dtype, whatever flowed back to it."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import grad, value_and_grad

W = np.ones(2, np.float32)
X = np.ones(2)


def one_branch(w, x, flag):
    if flag:
        y = w * x
    else:
        y = w
    return np.sum(y * w)


def sums(w, x, flag):
    return np.sum(w * x) * (np.sum(w * x * 2) + np.sum(w))


def loop(w, x, flag):
    for _ in range(3):
        w = w * x
    return np.sum(w * w)


@pytest.mark.parametrize("flag", [True, False])
@pytest.mark.parametrize("f", [one_branch, sums, loop])
def test_mixed_precision(f, flag):
    single = grad(f, wrt="w")(W, X, flag)
    assert single.dtype == np.float32
    double = grad(f, wrt="w")(W.astype("float64"), X, flag)
    assert double.dtype == np.float64
    np.testing.assert_allclose(single, double, rtol=1e-6)


def product(a, x):
    total = a
    for z in x:
        total *= z
    return total * total


def test_tapes_of_numpy_scalars():
    first = grad(product, wrt="a")
    second = grad(first, wrt="a")(1.5, 2 * X)
    assert type(first(1.5, 2 * X)) is type(second) is float
    assert second == 32.0


def with_keywords(x, **weights):
    return x * x * weights["a"]


def test_keywords_at_second_order():
    first = value_and_grad(with_keywords, wrt="x")
    assert first(3.0, a=2.0) == (18.0, 12.0)
    assert grad(grad(with_keywords, wrt="x"), wrt="x")(3.0, a=2.0) == 4.0
