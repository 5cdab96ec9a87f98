"""Comprehensions are written as such (`emit/comprehensions.py`, `emit/heads.py`)."""

from __future__ import annotations

import builtins
import math

import numpy as np
import pytest

from s2sad import check_grads, grad, value_and_grad

N = 24  # more than are written out one by one


def softmax(x):
    top = max(x)
    e = [math.exp(v - top) for v in x]
    s = sum(e)
    p = [v / s for v in e]
    return p[0] * p[1]


def table(x):
    t = [[0.0] * (len(x) + 1) for _ in range(len(x))]
    for i in range(len(x)):
        for j in range(len(x)):
            t[i][j + 1] = t[i][j] * x[i] + x[j]
    return sum([row[-1] for row in t])


def layer(x):
    weights = [[a * b for b in x] for a in x]
    out = [math.tanh(sum(w * v for w, v in zip(row, x)) + x[0]) for row in weights]
    return sum(v * v for v in out)


def unequal(x):
    return sum(a * b * c for a, b, c in zip(x, x[3:], x[1:-4]))


def with_itself(x):
    return sum(a * b for a, b in zip(x, x)) + sum(a * b for a, b in zip(x, x[1:]))


def numbered(x):
    y = [v * k for k, v in enumerate(x)]
    z = [v / k for k, v in enumerate(y, 3)]
    return sum(a * b for a, b in zip(y, z))


def from_one(x):
    d = [x[i] - x[i - 1] for i in range(1, len(x))]
    b = [x[i] * d[i] for i in reversed(range(len(d)))]
    return sum(v * w for v, w in zip(d, b))


def filtered(x):
    y = [v * v for v in x if v > 0.7]
    return sum(y) + sum(v for v in y if v < 1.0)


def choices(x):
    y = [v * v if v > 0.7 else math.sin(v) for v in x]
    return sum(v * w for v, w in zip(y, x))


def pairs(x):
    both = [(v, v * v) for v in x]
    return sum(a * b for a, b in both)


def same_names(x):
    v = 3.0
    i = 2
    y = [v * i for v in x]
    z = [v + w * i for i, w in enumerate(y)]
    return sum(i * v for i in z) + y[i] * v


def shadowed(x):
    sum = 2.0
    range = [v * sum for v in x]
    zip = max(range)
    total = 0.0
    for v in range:
        total = total + v * v * zip
    return total


def in_a_loop(x):
    for _ in [0, 1, 2]:
        s = sum(v * v for v in x)
        x = [v / s + math.sin(v) for v in x]
    return sum(x)


def in_a_branch(x):
    if x[0] > 0.1:
        y = [v * v for v in x]
    else:
        y = [math.sin(v) for v in x]
    return sum(a * b for a, b in zip(x, y))


def two_at_once(x):
    places = [(i, j) for i in range(len(x)) for j in range(i)]
    products = [a * b for a in x for b in x[:2]]
    rows = [[v * w for v in row for w in row[:2]] for row in [x, x[1:]]]
    total = 0.0
    for i, j in places:
        total = total + x[i] * x[j]
    return total + sum(p * p for p in products) + sum(sum(row) for row in rows)


def goes_on(x):
    found = [x[0]]
    for k in [1, 2]:
        found.extend([v * k for v in x])
    found += [v * v for v in found]
    return sum(v * w for v, w in zip(found, found[1:]))


def counted(x):
    n = len(x) // 2
    weights = [1.5] * n
    nothing = [0.0] * (n - 40)
    k = sum(1 for v in x if v > 0.5)
    return sum(w * v for w, v in zip(weights, x)) * k + len(nothing)


def twice_used(x):
    rows = [[v * w for w in x[:3]] for v in x]
    return sum(r[0] * r[1] for r in rows) + sum(sum(r) for r in rows)


def a_wide_one(x):
    something, another, one_more = x[0], x[1], x[2]
    values = [
        math.sin(value * something) * math.cos(value * another)
        + math.exp(-value * one_more)
        for value in x
    ]
    return sum(value * value for value in values)


def of_rows(x):
    m = np.outer(x, x)
    norms = [np.sum(row * row) for row in m]
    lengths = [math.sqrt(v) for v in norms]
    return sum(a * b for a, b in zip(lengths, norms))


def any_and_all(x):
    y = [v * v for v in x]
    if any(v > 1.5 for v in y) and all(v > -1.0 for v in y):
        return sum(v for v in y) * max(v * w for v, w in zip(x, y))
    return sum(y)


def once_for_a_row(x):
    rows = [[v * w for w in x] for v in x]
    unit = [sum(v / sum(row) for v in row) * math.sqrt(sum(row)) for row in rows]
    scaled = [[v / max(row) for v in row] for row in rows]
    return sum(unit) + sum(row[1] * row[2] for row in scaled)


def helper(values, k):
    return [v**k for v in values]


def through_a_helper(x):
    return sum(a * b for a, b in zip(helper(x, 2), helper(helper(x, 3), 2)))


PROGRAMS = [
    softmax, table, layer, unequal, with_itself, numbered, from_one, filtered, choices,
    pairs, same_names, shadowed, in_a_loop, in_a_branch, counted, two_at_once, goes_on, twice_used, a_wide_one,
    of_rows, any_and_all, once_for_a_row, through_a_helper,
]  # fmt: skip
AT = [0.4 + 0.9 * math.sin(2.0 * k) ** 2 for k in range(N)]


@pytest.mark.parametrize("f", PROGRAMS)
def test_derivatives(f):
    check_grads(f, (AT,), order=2)


@pytest.mark.parametrize("f", PROGRAMS)
def test_levels(f):
    usual = grad(f)(AT)
    for level in (0, 2):
        np.testing.assert_allclose(grad(f, optimize=level)(AT), usual, rtol=1e-12)


EXPECTED = {
    softmax: ["e = [math.exp(v - top) for v in x]", "p = [v / s for v in e]"],
    table: ["t = [[0.0] * (len(x) + 1) for _ in range(len(x))]"],
    layer: ["weights = [[a * b for b in x] for a in x]", "zip(row, x))"],
    numbered: ["y = [v * k for k, v in enumerate(x)]"],
    choices: ["y = [v * v if v > 0.7 else math.sin(v) for v in x]"],
    in_a_branch: ["y = [v * v for v in x]", "y = [math.sin(v) for v in x]"],
    counted: ["weights = [1.5] * n"],
}


@pytest.mark.parametrize("f", EXPECTED)
def test_the_users_own_words(f):
    made = grad(f, optimize=0)
    made(AT)
    for words in EXPECTED[f]:
        assert words in made.source, made.source


def test_what_is_kept_of_a_row_is_named_after_it():
    made = grad(once_for_a_row)
    made(AT)
    for words in ("Keeps max_row once", "sum_row = sum(row)"):
        assert words in made.source, made.source


def test_a_sum_that_is_another(monkeypatch):
    """The text runs where `sum` is the user's own."""
    monkeypatch.setitem(globals(), "sum", len)
    total = grad(sums_by_another_name)
    np.testing.assert_allclose(total(AT), [2.0 * v for v in AT])
    y, _ = value_and_grad(sums_by_another_name)(AT)
    assert math.isclose(y, math.fsum(v * v for v in AT))


def sums_by_another_name(x):
    return builtins.sum(v * v for v in x)
