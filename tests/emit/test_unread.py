"""`_` stands for what nobody reads, unless the program has something of that name."""

import numpy as np
import pytest

from s2sad import check_grads, grad

A = np.array([0.3, 0.5, 0.9])
_ = 3.0


def with_global(x):
    a, b, c = x
    return a * c * _


def with_parameter(x, _=2.0):
    a, b, c = x
    s = 0.0
    for i in range(4):
        s += a * c * _ * a * a * c
    return s


def with_trips(x):
    s = x[0]
    for i in range(3):
        s = s * x[1] * np.sin(_ * s)
    return s


def with_list(x):
    w = [_ * x[0] for i in range(3)]
    w.append(_)
    return w[0] * w[2] * w[3]


def with_its_own(x):
    a, _, b = x
    s = 0.0
    for i in range(3):
        s = s * a + _ * b
    for _ in range(3):
        s = s * a + _
    return s


def helper(v, _=2.0):
    s = v
    for i in range(30):
        s = np.sin(s * v * _)
    return s, v * _


def with_helper(x):
    a, b = helper(x[0])
    return a + helper(x[1], b)[0] * _


FUNCTIONS = (
    with_global, with_parameter, with_trips, with_list, with_its_own, with_helper,
)  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_names_of_one_underscore(function):
    check_grads(function, (A,), order=2)
    found = grad(function)(A)
    for optimize in (0, 2):
        np.testing.assert_allclose(grad(function, optimize=optimize)(A), found)
    pytest.importorskip("numba")
    np.testing.assert_allclose(grad(function, target="numba")(A), found)


def test_it_is_written_where_it_is_free():
    def f(x):
        a, b, c = x
        s = 0.0
        for i in range(3):
            s = s * a + c
        return s

    df = grad(f)
    df(A)
    assert "_, c = x" in df.source
    assert "for _ in range(3)" in df.source
