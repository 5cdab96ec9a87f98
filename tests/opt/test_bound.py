"""Divisions of the user's that need no guard, as the derivative divides by the same; and
those that do, where it does not come to that: all is finite there, and no exception."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from s2sad import check_grads, grad, jvp, value_and_grad, vjp

# ---- guarded by nobody ---------------------------------------------------------------


def solar_cell(p, V, I):  # noqa: E741
    iph, i0, rs, rsh, n = p
    total = 0.0
    for k in range(len(V)):
        i = iph
        for _ in range(4):
            e = math.exp((V[k] + i * rs) / (n * 0.5))
            f = iph - i0 * (e - 1.0) - (V[k] + i * rs) / rsh - i
            df = -i0 * e * rs / (n * 0.5) - rs / rsh - 1.0
            i = i - f / df
        total += (i - I[k]) ** 2
    return total / len(V)


def enzyme(p, s, n):
    vmax, km, ki = p
    loss = 0.0
    for _ in range(n):
        s = s - 0.1 * vmax * s / (km + s + s * s / ki)
        loss += s * s
    return loss


def pendulum(p, th, n):
    g, l, m, c = p  # noqa: E741
    w = e = 0.0
    for _ in range(n):
        w = w + 0.1 * (-g / l * math.sin(th) - c * w / m)
        th = th + 0.1 * w
        e += m * l * l * w * w
    return e


def predators(p, start, n):
    a, b, c, d, K = p
    x = start[0]
    y = start[1]
    s = 0.0
    for _ in range(n):
        t = b * x * y / (1 + x / d)
        x = x + 0.01 * (a * x * (1 - x / K) - t)
        y = y + 0.01 * (t - c * y)
        s += x * x + y * y
    return s


EVERYDAY = [
    (
        solar_cell,
        np.array([3.0, 0.1, 0.1, 5.0, 1.1]),
        np.linspace(0, 0.5, 4),
        np.ones(4),
    ),
    (enzyme, np.array([1.0, 0.5, 3.0]), 2.0, 5),
    (pendulum, np.array([9.8, 1.2, 0.5, 0.1]), 0.7, 5),
    (predators, np.array([1.0, 0.5, 0.7, 3.0, 9.0]), np.array([1.0, 2.0]), 6),
]


@pytest.mark.parametrize("case", EVERYDAY, ids=lambda case: case[0].__name__)
def test_parameters_are_pythons_numbers_and_no_division_is_guarded(case):
    f, *args = case
    g = grad(f)
    found = g(*args)
    assert "np.divide" not in g.source and ".tolist()" in g.source
    np.testing.assert_allclose(found, grad(f, optimize=0)(*args), rtol=1e-10)
    check_grads(lambda p: f(p, *args[1:]), (args[0],), order=2)


@pytest.mark.parametrize("case", EVERYDAY, ids=lambda case: case[0].__name__)
def test_types_are_those_of_the_program(case):
    f, *args = case
    y, back = vjp(f, *args)
    assert type(y) is type(f(*args)) is type(value_and_grad(f)(*args)[0])
    tangents = [
        np.ones_like(a) if isinstance(a, np.ndarray) else 1.0 for a in args[:-1]
    ]
    if f is solar_cell:
        tangents.append(np.ones_like(args[-1]))
    else:
        tangents.append(None)
    y, y_dot = jvp(f, tuple(args), tuple(tangents))
    assert type(y) is type(f(*args))


# ---- finite where there is a zero ----------------------------------------------------


def narrow(a, p, n, go):
    """The width of a bell divides what does not vary."""
    s0, x, y = p
    s = 0.0
    for k in range(n):
        d = x - 0.1 * k * y + s0 * y - x * y
        u = d / s0
        s = s + a * a * math.exp(-u * u) * y * x * x + a * y * x
    return s


def broad(a, p, n, go):
    """The quotient goes into what is returned with nothing between."""
    s0, x, y = p
    s = 0.0
    for k in range(n):
        d = x - 0.1 * k * y + s0 * y - x * y
        u = d / s0
        s = s + a * a / (1 + u * u) * y * x * x + a * y * x
    return s


def divided_in_a_branch(a, p, n, go):
    s0, x, y = p
    s = 0.0
    for k in range(n):
        d = x - 0.1 * k * y + s0 * y - x * y
        u = d / s0
        s = s + a * a * math.exp(-u * u) * y * x * x + a * y * x
        if go:
            s = s + a * x / s0 * y
    return s


def divided_over_a_shorter_range(a, p, n, go):
    s0, x, y = p
    s = 0.0
    for k in range(n):
        u = (x - 0.1 * k * y + x * y) / (s0 + 0.1 * k)
        s = s + a * a * math.exp(-u * u) * y * x * x + a * y * x
    for k in range(1, n):
        s = s + a * x / (s0 + 0.1 * k) * y - x * a / (s0 + 0.1 * k)
    return s


def divided_below_the_diagonal(a, p, n, go):
    s0, x, y = p
    s = 0.0
    for i in range(1, n):
        for j in range(n):
            u = (x - 0.1 * i * y + x * y) / (s0 + 0.1 * (n - 1 - j))
            s = s + a * a * math.exp(-u * u) * y * x * x + a * y * x
    for i in range(1, n):
        for j in range(i):
            s = s + a * x / (s0 + 0.1 * (n - 1 - j)) * y - x * a
    return s


def left_before(a, p, n, go):
    s0, x, y = p
    s = 0.0
    for k in range(n):
        d = x - 0.1 * k * y + s0 * y - x * y
        u = d / s0
        s = s + a * a * math.exp(-u * u) * y * x * x + a * y * x
        if s > -1e9:
            break
        s = s + a * x / s0 * y
    return s


def by_what_is_carried(a, p, n, go):
    """Divided by a value of each trip, and by it again where it is not zero."""
    s0, x, y = p
    s, w = 0.0, s0
    for k in range(n):
        u = (x - 0.1 * k * y + x * y) / w
        s = s + a * a * math.exp(-u * u) * y * x * x + a * y * x
        w = w + x * y * 0.5 - 0.01 * y
        s = s + a * x / w * y
    return s


FINITE = [
    narrow,
    broad,
    divided_in_a_branch,
    divided_over_a_shorter_range,
    divided_below_the_diagonal,
    left_before,
    by_what_is_carried,
]


@pytest.mark.parametrize("f", FINITE, ids=lambda f: f.__name__)
@pytest.mark.parametrize("s0", [0.3, 0.0])
def test_what_is_finite_stays_finite(f, s0):
    args = (0.5, np.array([s0, 0.2, 0.1]), 3, False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y = f(*args)
        wanted = grad(f, optimize=0)(*args)
        assert math.isfinite(y) and math.isfinite(wanted)
        for level in (1, 2):
            found = grad(f, optimize=level)(*args)
            assert found == pytest.approx(wanted, rel=1e-12) and type(found) is float
            value, slope = value_and_grad(f, optimize=level)(*args)
            assert value == pytest.approx(y, rel=1e-12) and type(value) is type(y)
            assert slope == pytest.approx(wanted, rel=1e-12)
        y_dot = jvp(f, args, (1.0, None, None, None))[1]
        assert y_dot == pytest.approx(wanted, rel=1e-12)


def test_what_is_printed_before_an_exception_is_printed(capsys):
    def f(p, n):
        a, b = p
        s = 1.0
        for _ in range(n):
            s = s + a * s / b - a * a * s * b + a
            print("trip")
        return s

    g = grad(f)
    g(np.array([0.1, 0.2]), 2)
    assert capsys.readouterr().out == "trip\n" * 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            g(np.array([0.1, 0.0]), 2)
        except ZeroDivisionError:
            pass
    assert capsys.readouterr().out == "trip\n" * 2


# ---- one check, several arrays -------------------------------------------------------


def first_two(p, q):
    a, b = p
    x = q[0]
    y = q[1]
    s = 0.0
    for _ in range(3):
        s = s * a + x * b - y * y * s * x
    return s


def test_another_array_may_be_longer_than_what_is_unpacked():
    args = (np.array([0.1, 0.2]), np.array([0.3, 0.4, 0.5]))
    for level in (0, 1, 2):
        y, g = value_and_grad(first_two, optimize=level)(*args)
        assert y == first_two(*args) and type(y) is np.float64
        np.testing.assert_allclose(g, grad(first_two, optimize=0)(*args), rtol=1e-12)
    check_grads(first_two, args, order=2)
