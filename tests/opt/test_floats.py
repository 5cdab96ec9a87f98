"""Elements read as Python floats: where it serves, and where nobody can tell."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from s2sad import grad, jacrev, value_and_grad, vjp


def running_ratio(a):
    s = 0.0
    for i in range(1, len(a)):
        s = s + a[i - 1] / a[i]
    return s


def running_float(a):
    return float(running_ratio(a))


def relaxed(a):
    u = a.copy()
    for i in range(1, len(u) - 1):
        u[i] = u[i] + 0.1 * (u[i - 1] - 2.0 * u[i] + u[i + 1])
    return np.sum(u * u)


def single(a):
    b = a.astype(np.float32)
    s = 0.0
    for i in range(len(a)):
        s += np.sum(a[i] * a[i] * b)
    return s


def put_into_a_dict(a):
    d = {"x": 0.0}
    for i in range(len(a)):
        d["x"] = a[i] * a[0] * a[1] + d["x"]
    return d["x"]


def listed(a):
    kept = []
    for i in range(len(a)):
        kept.append(a[i] * 2.0 * a[0])
    return kept[-1]


def powers(a):
    s = 0.0
    for i in range(len(a)):
        s += (a[i] * a[i]) ** 2
    return s


def one_of_two(a):
    t = a[0] * a[1] * a[2] if a[0] > a[1] else 1.0
    return t * a[2]


def before(a):
    x = a[0]
    for i in range(len(a)):
        x = x * a[i] + 1.0
    return x


def chosen_beside_a_sum(a):
    total = np.sum(a)
    s = 0.0
    for i in range(len(a)):
        s = s + min(total, 0.1 - a[i] * a[0] * 2.0)
    return s


def least(a):
    m = np.sum(a)
    for i in range(len(a)):
        m = min(m, a[i] * a[0] * 2.0)
    return m


PROGRAMS = [
    running_ratio, running_float, relaxed, single, put_into_a_dict, listed, powers,
    one_of_two, before, chosen_beside_a_sum, least,
]  # fmt: skip


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_values_keep_their_types(f):
    for x in (np.array([0.9, 0.8, 0.3]), np.array([0.1, 0.8, -0.3])):
        value = f(x)
        y, g = value_and_grad(f)(x)
        assert type(y) is type(value) and y == pytest.approx(value)
        steps = 1e-3 if f is single else 1e-6
        d = [(f(x + e) - f(x - e)) / (2 * steps) for e in steps * np.eye(3)]
        np.testing.assert_allclose(g, d, rtol=1e-2 if f is single else 1e-5, atol=1e-6)


def division(a):
    out = np.zeros(2)
    for i in range(2):
        u = a[i] - a[2] * a[i] - a[0] * a[1]
        v = u / a[2]
        out[i] = v * v - u * v + a[0] * v - (a[1] + v) * (a[i] - u)
    return out


def test_a_division_by_zero_gives_what_numpy_gives():
    x = np.array([0.5, 2.0, 0.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y, pullback = vjp(division, x)
        np.testing.assert_array_equal(y, division(x))
    assert "np.divide" in pullback.source


def test_numpys_own_errors_are_left_alone():
    def f(a):
        s = 0.0
        with np.errstate(divide="raise"):
            for i in range(1, len(a)):
                s = s + a[i - 1] * a[i] / a[0]
        return float(s)

    with pytest.raises(FloatingPointError):
        value_and_grad(f)(np.array([0.0, 1.0, 2.0]))


def test_few_operations_outside_loops_stay_as_they_are():
    def f(a):
        return float(a[0] * a[1])

    g = value_and_grad(f)
    g(np.ones(2))
    assert ".item(" not in g.source.split("# reverse")[0]


def test_many_operations_of_few_elements_are_fast():
    def f(a):
        r, s = a[0], a[1]
        q = math.sqrt(r * r + s * s)
        u, v = r / q, s / q
        p = u * v + q * (u - v) * r
        return np.array([p * u + v * q, p * v - u * s])

    rows = jacrev(f)
    rows(np.array([0.3, 0.4]))
    assert "a[0]" not in rows.source.replace("# ", "#").split("#")[0]
    assert "np.divide(" not in rows.source  # its derivative divides by it, too


def test_a_list_of_elements_read_as_floats_is_known_to_hold_floats():
    def f(c, x, i, n):
        for k in range(n):
            c = c * [x[k], 2.0][i]
        return c

    g = grad(f)
    x = np.array([0.5, 3.0, 4.0])
    assert g(0.7, x, 0, 3) == 6.0 and type(g(0.7, x, 0, 3)) is float
    assert g(0.7, x, 1, 3) == 8.0 and "float(" not in g.source
