"""Entries of a list or dict that change places, and are written afterwards."""

import numpy as np
import pytest

from s2sad import S2sadError, grad, value_and_grad

X = np.array([0.5, 1.2, 0.15, 0.2, 2.0, 0.13, 1.9, 0.8])


def lists(x, n):
    return [[x[i], 2.0 * x[i]] for i in range(n)]


def weighed(rows):
    t = 0.0
    for k, row in enumerate(rows):
        for j, v in enumerate(row):
            t += (k + 1) * (j + 1) * v * v
    return t


def solved_with_pivots(x, n):
    a = [[x[(i + j) % 8] + 3.0 * (i == j) for j in range(n)] for i in range(n)]
    b = [x[i] for i in range(n)]
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(a[i][k]) > abs(a[p][k]):
                p = i
        if p != k:
            a[k], a[p] = a[p], a[k]
            b[k], b[p] = b[p], b[k]
        for i in range(k + 1, n):
            f = a[i][k] / a[k][k]
            for j in range(k, n):
                a[i][j] -= f * a[k][j]
            b[i] -= f * b[k]
    y = [0.0] * n
    for i in range(n - 1, -1, -1):
        s = b[i]
        for j in range(i + 1, n):
            s -= a[i][j] * y[j]
        y[i] = s / a[i][i]
    return sum(v * v for v in y)


def sorted_by_neighbours(x, n):
    rows = lists(x, n)
    for i in range(n - 1):
        if rows[i][0] > rows[i + 1][0]:
            rows[i], rows[i + 1] = rows[i + 1], rows[i]
        rows[i].append(x[i])
    return weighed(rows)


def with_a_third_name(x, n):
    rows = lists(x, n)
    for i in range(n - 1):
        row = rows[i]
        rows[i] = rows[i + 1]
        rows[i + 1] = row
        rows[i][0] *= x[i]
    return weighed(rows)


def three_in_turn(x, n):
    rows = lists(x, n)
    for i in range(n - 2):
        rows[i], rows[i + 1], rows[i + 2] = rows[i + 2], rows[i], rows[i + 1]
        rows[i][0] *= x[i]
    return weighed(rows)


def arrays(x, n):
    rows = [np.ones(2) * x[i] for i in range(n)]
    for i in range(n - 1):
        rows[i], rows[i + 1] = rows[i + 1], rows[i]
        rows[i][0] *= x[i]
        rows[i + 1] += rows[i]
    return sum(np.sum(row) ** 2 * (k + 1) for k, row in enumerate(rows))


class Body:
    def __init__(self, pos):
        self.pos = pos


def objects(x, n):
    bodies = [Body([x[i], x[0]]) for i in range(n)]
    for i in range(n - 1):
        bodies[i], bodies[i + 1] = bodies[i + 1], bodies[i]
        bodies[i].pos[0] *= x[i]
    return weighed([body.pos for body in bodies])


def entries_of_a_dict(x, n):
    d = {}
    for i in range(n):
        d[i] = [x[i]]
    for i in range(n - 1):
        d[i], d[i + 1] = d[i + 1], d[i]
        d[i].append(x[0])
    return sum(sum(v) ** 2 * (k + 1) for k, v in d.items())


def deep_entries(x, n):
    blocks = [[[x[i], x[j]] for j in range(n)] for i in range(n)]
    for i in range(n - 1):
        blocks[i][0], blocks[i + 1][1] = blocks[i + 1][1], blocks[i][0]
        blocks[i][0][0] *= x[i]
    return sum((k + 1) * weighed(rows) for k, rows in enumerate(blocks))


FOLLOWED = [
    solved_with_pivots,
    sorted_by_neighbours,
    with_a_third_name,
    three_in_turn,
    arrays,
    objects,
    entries_of_a_dict,
    deep_entries,
]


def slope(f, n, h=1e-6):
    steps = np.eye(len(X)) * h
    return np.array([(f(X + s, n) - f(X - s, n)) / (2 * h) for s in steps])


@pytest.mark.parametrize("f", FOLLOWED, ids=lambda f: f.__name__)
def test_first_order(f):
    for n in (2, 5, 8):
        value, bar = value_and_grad(f)(X, n)
        assert value == pytest.approx(f(X, n), rel=1e-12)
        assert bar == pytest.approx(slope(f, n), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("f", FOLLOWED, ids=lambda f: f.__name__)
def test_second_order(f):
    seed = np.linspace(0.3, 1.0, len(X))

    def along(x, n):
        return np.sum(grad(f)(x, n) * seed)

    assert grad(along)(X, 4) == pytest.approx(slope(along, 4), rel=1e-4, abs=1e-5)


def one_in_two_places(x, n):
    rows = lists(x, n)
    for i in range(n - 1):
        rows[i], rows[i + 1] = rows[i + 1], rows[i + 1]
        rows[i][0] *= x[i]
    return weighed(rows)


def from_another_list(x, n):
    rows, others = lists(x, n), lists(x, n)
    for i in range(n):
        rows[i], others[i] = others[i], others[i]
        rows[i][0] *= x[i]
    return weighed(rows) + weighed(others)


def third_name_kept(x, n):
    rows = lists(x, n)
    row = rows[0]
    rows[0] = rows[1]
    rows[2] = row
    rows[2][0] *= x[0]
    rows[1][0] *= x[1]
    return weighed(rows)


def index_bound_on_the_way(x, n):
    rows = lists(x, n)
    i = 0
    i, rows[i], rows[1] = 1, rows[1], rows[0]
    rows[1][0] *= x[0]
    return weighed(rows)


@pytest.mark.parametrize(
    "f",
    [one_in_two_places, from_another_list, third_name_kept, index_bound_on_the_way],
    ids=lambda f: f.__name__,
)
def test_what_is_no_exchange_is_right_or_refused(f):
    try:
        value, bar = value_and_grad(f)(X, 5)
    except S2sadError as refused:
        assert "is a bug of s2sad" not in str(refused)
        return
    assert value == pytest.approx(f(X, 5), rel=1e-12)
    assert bar == pytest.approx(slope(f, 5), rel=1e-5, abs=1e-7)


def views_gone_through(x, n):
    m = np.outer(x[:n], x)
    flat = m.ravel()
    for k in (0.5, -1.0):
        rows = [flat[:], np.cos(flat) + 0.0]
        for row in rows:
            row[0] *= k
    return np.sum(flat * flat) + np.sum(m)


def test_a_list_of_views_is_gone_through():
    value, bar = value_and_grad(views_gone_through)(X, 4)
    assert value == pytest.approx(views_gone_through(X, 4), rel=1e-12)
    assert bar == pytest.approx(slope(views_gone_through, 4), rel=1e-5, abs=1e-7)
