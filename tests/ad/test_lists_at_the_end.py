"""Elements of lists that nobody writes again are read where they stand at the end."""

import math

import numpy as np
import pytest

from s2sad import grad, value_and_grad, vjp

X = np.array([0.5, 1.2, 0.15, 0.2, 2.0, 0.13, 1.9, 0.8])
PROGRAMS, KEPT = [], {}


def program(kept):
    """`kept`: is a tape needed?"""

    def enter(f):
        PROGRAMS.append(f)
        KEPT[f.__name__] = kept
        return f

    return enter


@program(False)
def back_substitution(x, n):
    a = [[x[(i + j) % 8] + 3.0 * (i == j) for j in range(n)] for i in range(n)]
    y = [0.0] * n
    for i in range(n - 1, -1, -1):
        s = x[i]
        for j in range(i + 1, n):
            s -= a[i][j] * y[j]
        y[i] = s / a[i][i]
    return sum(v * v for v in y)


@program(False)
def cholesky(x, n):
    a = [[x[i] * x[j] + 2.0 * (i == j) for j in range(n)] for i in range(n)]
    low = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            s = a[i][j]
            for k in range(j):
                s -= low[i][k] * low[j][k]
            if i == j:
                low[i][j] = math.sqrt(s)
            else:
                low[i][j] = s / low[j][j]
    return sum(low[i][i] * (i + 1.0) for i in range(n))


@program(True)  # which way was taken
def table_of_sums(x, n):
    t = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            if i == 0 or j == 0:
                t[i][j] = x[i] * x[j]
            else:
                t[i][j] = t[i - 1][j] * t[i][j - 1] + x[i]
    return t[n - 1][n - 1]


@program(False)
def recurrence(x, n):
    u = [1.0] * n
    u[0] = x[0]
    for i in range(1, n):
        u[i] = u[i - 1] * x[i] + math.sin(u[i - 1])
    return u[n - 1]


@program(True)
def several_sweeps(x, n):
    u = [x[i] for i in range(n)]
    for t in range(3):
        for i in range(1, n):
            u[i] = u[i] * u[i - 1]
    return sum(u)


@program(True)
def from_the_far_end(x, n):
    u = [x[i] for i in range(n)]
    for i in range(n):
        u[-1] = u[-1] * u[i] + 0.1
    return sum(u)


@program(True)
def written_by_a_test(x, n):
    u = [x[i] for i in range(n)]
    t = 0.0
    for i in range(n - 1):
        t += u[i] * u[i + 1]
        if x[i] > 0.4:
            u[i + 1] = u[i] * x[i]
    return t + sum(u)


@program(True)
def rows_of_other_lengths(x, n):
    rows = [[x[i]] for i in range(n)]
    for i in range(1, n):
        rows[i][0] = rows[i - 1][0] * x[i]
        rows[i] = [rows[i][0], x[0]]
    return sum(sum(row) ** 2 for row in rows)


@program(True)
def grown_on_the_way(x, n):
    u = [x[0]]
    for i in range(1, n):
        u[i - 1] = u[i - 1] * x[i]
        u.append(u[i - 1] * x[0])
    return sum(v * v for v in u)


@program(True)
def left_early(x, n):
    u = [1.0] * n
    for i in range(1, n):
        u[i] = u[i - 1] * x[i] + 1.0
        if u[i] > 2.0:
            break
        u[i] = u[i] * u[i]
    return sum(u)


@program(True)
def overwritten_later(x, n):
    u = [1.0] * n
    for i in range(1, n):
        u[i] = u[i - 1] * x[i] + math.sin(u[i - 1])
    for i in range(n):
        u[i] = u[i] * u[i]
    return sum(u)


@program(True)
def of_whole_numbers_first(x, n):
    u = [0] * n
    for i in range(n):
        u[i] = x[i] * x[i]
        if i > 0:
            u[i] = u[i] * u[i - 1]
    return sum(v * (k + 1) for k, v in enumerate(u))


def slope(f, n, h=1e-6):
    steps = np.eye(len(X)) * h
    return np.array([(f(X + s, n) - f(X - s, n)) / (2 * h) for s in steps])


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("level", [0, 1, 2])
def test_first_order(f, level):
    for n in (2, 5, 8):
        value, bar = value_and_grad(f, optimize=level)(X, n)
        assert value == pytest.approx(f(X, n), rel=1e-12)
        assert bar == pytest.approx(slope(f, n), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_second_order(f):
    seed = np.linspace(0.3, 1.0, len(X))

    def along(x, n):
        return np.sum(grad(f)(x, n) * seed)

    assert grad(along)(X, 4) == pytest.approx(slope(along, 4), rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_what_is_kept(f):
    derived = grad(f)
    derived(X, 5)
    assert KEPT[f.__name__] or "tape" not in derived.source


def test_a_result_may_be_written_before_the_pullback():
    def f(x, n):
        u = [1.0] * n
        for i in range(1, n):
            u[i] = u[i - 1] * x[i] + math.sin(u[i - 1])
        return u

    def last(x, n):
        return f(x, n)[n - 1]

    y, pullback = vjp(f, X, 5)
    y[1] = y[2] = 100.0
    (bar, *_) = pullback([0.0, 0.0, 0.0, 0.0, 1.0])
    assert bar == pytest.approx(slope(last, 5), rel=1e-5, abs=1e-7)
