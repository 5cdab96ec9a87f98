"""Lists that a loop makes, one entry a trip: their adjoints are found by number."""

from __future__ import annotations

import math

import numpy as np
import pytest

from s2sad import adjoint, check_grads, grad

N = 24  # more than are written out one by one


def squares(x):
    e = [math.exp(v) for v in x]
    s = sum(e)
    p = [v / s for v in e]
    return sum(a * b * b for a, b in zip(p, x))


def table(x):
    rows = [[a * b for b in x] for a in x]
    return sum(math.sin(c) for row in rows for c in row)


def ragged(x):
    rows = [[x[j] * x[i] for j in range(i + 1)] for i in range(len(x))]
    total = 0.0
    for row in rows:
        total = total + row[-1] * row[0] * len(row)
    return total


def of_arrays(x):
    y = np.array(x)
    rows = [y * math.cos(v) for v in x]
    total = rows[0] * 1.0
    for row in rows:
        total = total * 0.5 + row * row
    return np.sum(total)


def overwritten_rows(x):
    y = np.array(x)
    rows = []
    for v in x:
        rows.append(y * v)
    for i in range(1, len(rows)):
        rows[i] *= rows[i - 1]
        rows[i][0] = 2.0
    return np.sum(rows[-1]) + np.sum(rows[3])


def from_two(x):
    found = []
    for i in range(2, len(x)):
        found.append(x[i] * x[i - 2])
    return sum(v * v for v in found)


def every_second(x):
    found = []
    for i in range(0, len(x), 2):
        found.append(x[i] ** 3)
    return sum(v * w for v, w in zip(found, x))


def the_other_way(x):
    found = []
    for v in reversed(x):
        found.append(v * v)
    return sum(v * w for v, w in zip(found, x))


def not_from_nothing(x):
    found = [x[0], 2.0]
    for v in x:
        found.append(v * v)
    return sum(v * w * w for v, w in zip(found, x))


def recurrence(x):
    path = [x[0]]
    for v in x:
        path.append(math.sin(path[-1]) + v)
    return sum(path) * path[3]


def own_entries_read(x):
    path = []
    for v in x:
        path.append(v * v)
        total = path[0] * path[-1]
    return total + sum(path)


def some_of_them(x):
    found = []
    for v in x:
        if v > 0.7:
            found.append(v * v)
    return sum(v * v for v in found)


def two_at_a_time(x):
    found = []
    for v in x:
        found.append(v * v)
        found.append(v)
    return sum(v * w for v, w in zip(found, x)) + found[-1] ** 2


def left_early(x):
    found = []
    for v in x:
        found.append(v * v)
        if len(found) > 20:
            break
    return sum(v * w for v, w in zip(found, x))


def changed_behind(x):
    found = [v * v for v in x]
    found.append(x[0])
    last = found.pop(0)
    found[2] = last * found[2]
    found.reverse()
    return sum(v * w for v, w in zip(found, x))


def rows_under_a_name(x):
    rows = []
    for v in x:
        row = [v * w for w in x]
        row[0] = v
        row[1] = v * v
        rows.append(row)
    return sum(r[0] * r[1] + r[2] for r in rows)


def in_a_helper(x):
    def cubes(values):
        return [v**3 for v in values]

    return sum(a * b for a, b in zip(cubes(x), cubes(cubes(x))))


def again_and_again(x):
    for _ in range(3):
        x = [math.sin(a + b) for a, b in zip(x, x[1:] + x[:1])]
    return sum(v * v for v in x)


def while_it_lasts(x):
    found = []
    i = 0
    while i < len(x):
        found.append(x[i] * x[i - 1])
        i += 1
    return sum(v * v for v in found)


def pairs(x):
    both = [(v, v * v) for v in x]
    return sum(a * b for a, b in both) + both[2][1]


def keys(x):
    found = [{"v": v, "w": [v * v, 1.0]} for v in x]
    return sum(d["v"] * d["w"][0] for d in found)


PROGRAMS = [
    squares, table, ragged, of_arrays, overwritten_rows, from_two, every_second,
    the_other_way, not_from_nothing, recurrence, own_entries_read, some_of_them,
    two_at_a_time, left_early, changed_behind,
    rows_under_a_name, in_a_helper, again_and_again, while_it_lasts, pairs, keys,
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


@pytest.mark.parametrize("f", [squares, table, from_two, pairs])
def test_nothing_is_taken_off_or_copied(f):
    made = grad(f)
    made(AT)
    reverse = made.source.split("# reverse")[1]
    assert not any(word in reverse for word in ("pop(", "copy(", "fresh(")), reverse


def test_the_callers_seed_stays_as_it_is():
    def rows(x):
        return [[v * w for w in x] for v in x]

    made = adjoint(rows)
    seed = [[0.1 * i - j for i in range(N)] for j in range(N)]
    before = [list(row) for row in seed]
    _, x_bar = made(AT, seed)
    assert seed == before
    for k in range(N):
        expected = sum(seed[k][i] * AT[i] + seed[i][k] * AT[i] for i in range(N))
        assert math.isclose(x_bar[k], expected, rel_tol=1e-12)
