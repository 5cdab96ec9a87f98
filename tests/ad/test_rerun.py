"""Helpers called in loops: the loop keeps its state, the reverse half runs them again."""

from __future__ import annotations

import inspect
import math
import tracemalloc

import numpy as np
import pytest

from s2sad import grad
from tests.properties.examine import examine_function

SCALE = 0.7


def pull(u, v, k):
    """A right-hand side with much to keep: numbers."""
    d = u - 0.3 * v
    s, c = math.sin(d), math.cos(d)
    den = 2.0 + k * k - math.cos(2.0 * d)
    p = -k * s * (1.0 + c * c)
    q = v * v * s * c / den
    w = math.exp(-d * d) * math.sin(u + v)
    z = p * q + w * w * c
    return v + 0.1 * z, (p + q * w - s * z) / (den + w * w)


def spread(u, k):
    """The same of arrays, with a stencil that is written in place."""
    lap = np.zeros_like(u)
    lap[1:-1] = u[2:] - 2.0 * u[1:-1] + u[:-2]
    slope = np.zeros_like(u)
    slope[1:-1] = 0.5 * (u[2:] - u[:-2])
    react = u * (1.0 - u) * np.exp(-k * u)
    flux = k * (1.0 + u * u) * lap + 2.0 * k * u * slope * slope
    rate = flux + react - k * np.sin(u) * slope
    return rate / (1.0 + u * u)


def step(u, k, h):
    k1 = spread(u, k)
    k2 = spread(u + 0.5 * h * k1, k)
    k3 = spread(u + 0.5 * h * k2, k)
    k4 = spread(u + h * k3, k)
    return u + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


def runge_kutta_of_numbers(x, y, n):
    h = 0.1
    u, v = x, 0.4
    for _ in range(n):
        u1, v1 = pull(u, v, y)
        u2, v2 = pull(u + 0.5 * h * u1, v + 0.5 * h * v1, y)
        u3, v3 = pull(u + 0.5 * h * u2, v + 0.5 * h * v2, y)
        u4, v4 = pull(u + h * u3, v + h * v3, y)
        u = u + h / 6.0 * (u1 + 2.0 * u2 + 2.0 * u3 + u4)
        v = v + h / 6.0 * (v1 + 2.0 * v2 + 2.0 * v3 + v4)
    return u


def runge_kutta_of_arrays(a, x, n):
    for _ in range(n):
        a = step(a, x, 0.1)
    return np.sum(a * a)


def steps_in_place(a, x, n):
    u = a.copy()
    for _ in range(n):
        u += 0.1 * spread(u, x)
        u[0] = u[-1] * x
    return np.sum(u * u)


def rows_in_place(a, x, n):
    path = np.zeros((n + 1, len(a)))
    path[0] = a
    for i in range(n):
        path[i + 1] = path[i] + 0.1 * spread(path[i], x)
    return np.sum(path * path)


def one_row_behind(m, x, n):
    for i in range(n - 1):
        m[i + 1] += spread(m[i], x)
        m[i, 0] = x * m[i + 1, 1]
    return np.sum(m * m)


def the_argument_itself(u, k):
    if k > 5.0:
        return u
    return spread(u, k)


def aliases_of_the_argument(a, x, n):
    u = a * 1.0
    for i in range(n):
        v = the_argument_itself(u, x + 10.0 * (i == 1))
        u = np.roll(u, 1) * v
        u[0] = v[1] * x
    return np.sum(u * u)


def parted(u, k):
    """Many ways through, and ways out."""
    d = math.sin(u) * k
    if d > 0.2:
        e = math.exp(d) * u
        return e * d + math.cos(e) * k * d
    if d < -0.1:
        e = math.exp(-d) * k
    else:
        e = u * u * k + math.sin(k * d)
    f = e * math.cos(d) + d * math.sin(e)
    return f * e + math.tanh(f * d) * u


def ways_through(x, y, n):
    s = x
    for i in range(2 * n):
        if i % 3 == 2:
            s = parted(y, s)
        else:
            s = s + 0.5 * parted(s, y + 0.3 * i)
    return s


def until_it_is_small(x, y):
    u, v, trips = x, y, 0
    while abs(v) > 0.05 and trips < 7:
        _, v = pull(u, v, y)
        u = u + 0.2 * v
        trips += 1
    return u * v


def left_early(x, y, n):
    u, v = x, y
    for i in range(3 * n):
        u, v = pull(u, v, x)
        if v > 0.2 * i:
            break
        if i == 1:
            continue
        u = u * 1.1
    return u + v


def no_trips(a, x, n):
    u = a
    for _ in range(n - 3):
        u = step(u, x, 0.1)
    return np.sum(u * x)


def in_a_loop_and_outside(x, y, n):
    u, v = pull(x, y, 0.5)
    for _ in range(n):
        u, v = pull(v, u, x)
    _, w = pull(u, v, y)
    return w * u


def loop_in_loop(a, x, n):
    total = 0.0
    for i in range(n):
        u = a[i]
        for j in range(i + 1):
            u, _ = pull(u, x, a[j])
        total = total + u * a[i]
    return total


def one_result_unread(x, y, n):
    s = 0.0
    for i in range(n):
        first, _ = pull(x * i, y, s)
        s = s + first * first
    return s


def with_a_global(u, k):
    d = SCALE * u + k
    e = np.exp(-d * d) * SCALE
    f = np.sin(d * e) * d + e
    g = f * e * np.cos(f) + d
    return g * f / (1.0 + e * d * d) + SCALE * g


def globals_and_closures(a, x, n):
    shift = x * x

    def inner(u):
        return with_a_global(u, shift) * shift

    for _ in range(n):
        a = inner(a) + 0.1 * a
    return np.sum(a)


def poles(u, k):
    """What does not count has a pole: its adjoint must not be NaN."""
    safe = np.where(u > 0.0, u, 1.0)
    r = np.where(u > 0.0, np.log(safe) * k, u * u)
    s = np.sqrt(np.abs(u) + 0.1) * r
    t = np.sin(s * k) + r * s
    return t * s / (1.0 + r * r) + np.cos(t) * r


def choices_behind_poles(a, x, n):
    for _ in range(n):
        a = np.where(a > 0.3, poles(a, x), np.sin(a))
    return np.sum(a)


def pairs(p, k):
    u, v = p
    s, z = pull(u, v, k)
    w = math.sin(s * z) * u
    return (s + w * v, z * w + u)


def tuples(x, y, n):
    p = (x, y)
    for _ in range(n):
        p = pairs(p, x)
    return p[0] * p[1]


def tried(x, y, n):
    s = 0.0
    for i in range(n):
        try:
            u, v = pull(x + i, y, 0.5)
            s = s + u * v
        except ValueError:
            s = s * x
    return s


def within_a_context(a, x, n):
    for _ in range(n):
        with np.errstate(all="ignore"):
            a = spread(a, x) + a
        a = a * 0.5
    return np.sum(a)


def of_single_precision(a, x, n):
    u = a.astype(np.float64) * x
    for i in range(n):
        u = u + 0.1 * spread(u, x + i)
    return u.mean()


def a_row_for_each(m, x, n):
    s = 0.0
    for row in m:
        s = s + np.sum(spread(row, x) * row)
        row[0] = x * s
    return s + np.sum(m)


def from_the_end(a, b, n):
    v = 0.0
    for i in reversed(range(len(a))):
        v, w = pull(a[i], b[i], v)
        b[i] = w * v
    return v * np.sum(b)


PROGRAMS = [
    runge_kutta_of_numbers, runge_kutta_of_arrays, steps_in_place, rows_in_place,
    one_row_behind, aliases_of_the_argument, ways_through, until_it_is_small,
    left_early, no_trips, in_a_loop_and_outside, loop_in_loop, one_result_unread,
    globals_and_closures, choices_behind_poles, tuples, tried, within_a_context,
    of_single_precision, a_row_for_each, from_the_end,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_derivatives(program):
    wrt = tuple(name for name in inspect.signature(program).parameters if name != "n")
    examine_function(program, wrt, second="both", count=4)


# ---- which are run again, and what is kept -------------------------------------------


def lorenz(s, rho):
    x, y, z = s
    return np.array([10.0 * (y - x), x * (rho - z) - y, x * y - 2.5 * z])


def butterfly(s, rho, n):
    for _ in range(n):
        k = lorenz(s + 0.005 * lorenz(s, rho), rho)
        s = s + 0.01 * k
    return s[0]


def test_a_loop_keeps_its_state():
    numbers = grad(runge_kutta_of_numbers)
    numbers(0.3, 0.4, 3)
    assert "Keeps u, v once per iteration" in numbers.source
    arrays = grad(runge_kutta_of_arrays, wrt=("a", "x"))
    arrays(np.ones(5), 0.3, 3)
    assert "Keeps a (len(a) floats) once per iteration" in arrays.source
    points = grad(butterfly)
    points(np.ones(3), 20.0, 3)
    assert "Keeps s (3 floats) once per iteration" in points.source
    assert "s_bar = np.array([x_bar, y_bar, z_bar])" in points.source
    for derived in (numbers, arrays, points):
        main = derived.source[derived.source.rindex("\ndef ") :]
        assert "kept" not in main


def test_memory_does_not_grow_with_what_a_helper_computes():
    a = np.linspace(0.1, 0.9, 1000)
    arrays = grad(runge_kutta_of_arrays, wrt=("a", "x"))
    arrays(a, 0.3, 2)
    tracemalloc.start()
    arrays(a, 0.3, 100)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * 100 * a.nbytes  # a state for each trip, and one step's values


def test_gradients_by_numbers_are_floats():
    _, slope = grad(runge_kutta_of_arrays, wrt=("a", "x"))(np.ones(4), 0.3, 3)
    assert type(slope) is float


said: list[float] = []


def aloud(u, k):
    said.append(u)
    d = math.sin(u) * k
    e = math.exp(-d * d) * d + math.cos(k * u)
    f = d * e + u * math.tanh(e)
    g = f * d * u - e * math.sin(f)
    return g * f + math.cos(g * d) * e


def with_a_loop(u, k):
    for _ in range(3):
        u, k = pull(u, k, 0.3)
        u = u * math.sin(k) + math.cos(u * k) * k
        k = k * math.exp(-u * u) + math.sin(k + u)
    return u * k


def into_the_argument(u, k):
    d = np.sin(u) * k
    e = np.exp(-d * d) * d
    f = np.cos(e * d) * e + d
    u[0] = f[0] * e[1] * k
    return f * e * d + np.sin(f * e)


def by_itself(u, k):
    if k < 0.1:
        return u
    v, w = pull(u, k, 0.3)
    return by_itself(v * w + math.sin(v), 0.5 * k) * math.cos(w) * v


def told_once(x, n):
    for _ in range(n):
        x = aloud(x, 0.5)
    return x


def loops_inside(x, n):
    for _ in range(n):
        x = with_a_loop(x, 0.5)
    return x


def arguments_written(a, n):
    for _ in range(n):
        a = into_the_argument(a, 0.7) + a
    return np.sum(a)


def recursion(x, n):
    for _ in range(n):
        x = by_itself(x, 0.7)
    return x


KEPT = [told_once, loops_inside, arguments_written, recursion]


@pytest.mark.parametrize("program", KEPT, ids=lambda f: f.__name__)
def test_what_must_run_once_runs_once(program):
    first = next(iter(inspect.signature(program).parameters))
    examine_function(program, (first,), second="jvp", count=3)
    start = np.array([0.3, 0.4, 0.5]) if first == "a" else 0.3
    said.clear()
    derived = grad(program)
    derived(start, 4)
    assert len(said) == 4 * (program is told_once)
    assert f"{program.__name__}_grad" in derived.source
    assert "_kept = " in derived.source


def redefined(x, n):
    for _ in range(n):
        x = helper_of_today(x) + 0.1 * x
    return x


def helper_of_today(u):
    v, w = pull(u, 0.4, u)
    return v * math.sin(w) + w * math.cos(v)


def helper_of_tomorrow(u):
    v, w = pull(0.4, u, 0.2)
    return v * math.cos(w) - w * math.cos(v)


def test_a_helper_that_is_redefined_is_run_as_it_is_now(monkeypatch):
    slope = grad(redefined)
    for helper in (helper_of_today, helper_of_tomorrow):
        monkeypatch.setitem(globals(), "helper_of_today", helper)
        steps = [redefined(0.3 + e, 3) for e in (1e-6, -1e-6)]
        assert slope(0.3, 3) == pytest.approx((steps[0] - steps[1]) / 2e-6, rel=1e-7)
        assert helper_of_today is helper


SWITCH = {"k": 0.6}


def switched(u):
    v, w = pull(u, SWITCH["k"], 0.3)
    return v * math.sin(w) + w * math.cos(v) * SWITCH["k"]


def by_a_table(x, n):
    for _ in range(n):
        x = switched(x) + 0.1 * x
    return x


def test_globals_are_read_at_each_call(monkeypatch):
    slope = grad(by_a_table)
    for k in (0.6, 0.9):
        monkeypatch.setitem(SWITCH, "k", k)
        steps = [by_a_table(0.3 + e, 3) for e in (1e-6, -1e-6)]
        assert slope(0.3, 3) == pytest.approx((steps[0] - steps[1]) / 2e-6, rel=1e-7)
