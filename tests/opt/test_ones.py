"""The derivative of `x * log(x)` is `log(x) + 1`: in sums with the logarithm alone."""

from __future__ import annotations

import math
import re
import warnings

import numpy as np
import pytest

from s2sad import check_grads, grad


def entropy(p):
    return -np.sum(p * np.log(p))


def by_loop(p):
    h = 0.0
    for v in p:
        h -= v * math.log(v)
    return h


def divergence(p):
    return np.sum(p * np.log(p / np.array([0.3, 0.3, 0.4])))


def against_a_mean(p):
    return np.sum(p * (np.log(p) - np.log(np.mean(p))))


def mixing(p):
    return np.sum(p * np.log(p) + (1 - p) * np.log(1 - p))


P = np.array([0.2, 0.3, 0.5])


@pytest.mark.parametrize(
    "f",
    [entropy, by_loop, divergence, against_a_mean, mixing],
    ids=lambda f: f.__name__,
)
def test_no_number_is_divided_by_itself(f):
    g = grad(f)
    found = g(P)
    wanted = grad(f, optimize=0)(P)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    assert found.dtype == wanted.dtype
    assert not re.search(r"(?<!\w)(p|v) / (\1(?![\w.])|p_over)", g.source)
    check_grads(f, (P,), order=2)
    single = P.astype(np.float32)
    assert g(single).dtype == np.float32


def test_a_number_keeps_its_type():
    def f(x):
        return x * math.log(x)

    assert grad(f)(0.3) == math.log(0.3) + 1.0 and type(grad(f)(0.3)) is float
    slope = grad(lambda x: x * np.log(x))(np.float64(0.3))
    assert type(slope) is np.float64


@pytest.mark.parametrize("x", [0.0, math.inf, math.nan])
def test_no_finite_slope_where_there_is_none(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        slope = grad(entropy)(np.array([x, 0.5, 0.5]))
    assert not math.isfinite(slope[0]) and np.isfinite(slope[1:]).all()


def test_what_stands_alone_is_not_one():
    def f(x, y):
        return x * math.log(y) / x

    with pytest.raises(ZeroDivisionError):
        grad(f, wrt="y")(0.0, 2.0)
