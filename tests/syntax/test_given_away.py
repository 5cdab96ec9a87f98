"""A list that is put into another one may be written where it was not put there."""

import numpy as np
import pytest

from s2sad import S2sadError, grad

X = np.array([0.3, 0.7, -0.2, 0.5, 1.1])


def by_another_name(x, n):
    rows, row = [], [x[0]]
    other = row
    if n > 2:
        rows.append([x[1]])
        row = [x[1]]
    rows.append(other)
    row.append(x[2])
    return sum(sum(r) ** 2 for r in rows) + sum(row)


def on_a_way_of_its_own(x, n):
    rows, row = [], [x[0]]
    for i in range(1, n):
        if x[i] > 0:
            rows.append(row)
        if x[i] > 0.6:
            row = []
        row.append(x[i])
    return sum(sum(r) * len(r) for r in rows)


def what_it_was_is_kept(x, n):
    rows, row = [], [x[0]]
    for i in range(1, n):
        old = row
        if x[i] > 0.4:
            rows.append(row)
            row = []
        row.append(x[i])
        old.append(1.0)
    return sum(sum(r) * len(r) for r in rows)


def put(rows, row):
    rows.append(row)


def by_a_function(x, n):
    rows, row = [], [x[0]]
    for i in range(1, n):
        if x[i] > 0.4:
            put(rows, row)
            row = []
        elif x[i] > 0.2:
            put(rows, row)
        row.append(x[i])
    return sum(sum(r) ** 2 for r in rows) + sum(row)


def in_another_trip(x, n):
    rows, row = [], [x[0]]
    for i in range(1, n):
        if x[i] > 0.45:
            rows.append(row)
        else:
            row.append(x[i])
    return sum(sum(r) ** 2 for r in rows)


def in_another_trip_of_three_ways(x, n):
    rows, row = [], [x[0]]
    for i in range(1, n):
        if x[i] > 0.45:
            rows.append(row)
            row = []
        elif x[i] > 0:
            rows.append(row)
        else:
            row.append(x[i])
    return sum(sum(r) ** 2 for r in rows)


def an_array_in_another_trip(x, n):
    rows, a = [], np.zeros(2)
    for i in range(1, n):
        if x[i] > 0.45:
            if x[i] > 1:
                rows.append(a)
        else:
            a[i % 2] += x[i]
    return sum(np.sum(r) ** 2 for r in rows)


def after_both_ways(x, n):
    rows, row = [], [x[0]]
    if n > 2:
        rows.append(row)
    else:
        row.append(x[1])
    row.append(x[2])
    return sum(sum(r) ** 2 for r in rows) + sum(row)


def by_a_loop_before(x, n):
    rows, row = [], [x[0]]
    for _ in range(2):
        rows.append(row)
    if n > 3:
        rows.append(row)
        row = []
    row.append(x[1])
    return sum(sum(r) ** 2 for r in rows) + sum(row)


def by_a_loop_on_the_other_way(x, n):
    rows, row = [], [x[0]]
    if n > 3:
        for _ in range(2):
            rows.append(row)
    else:
        rows.append(row)
        row = []
    row.append(x[1])
    return sum(sum(r) ** 2 for r in rows) + sum(row)


def by_a_while_on_the_other_way(x, n):
    rows, row = [], [x[0]]
    if n > 3:
        rows.append(row)
        row = []
    else:
        i = 0
        while i < n:
            i += 1
            if i == 1:
                rows.append(row)
    row.append(x[1])
    return sum(sum(r) ** 2 for r in rows) + sum(row)


def by_another_name_there(x, n):
    rows, row = [], [x[0]]
    if n > 3:
        rows.append(row)
        row = []
    elif n > 1:
        other = row
        rows.append(other)
    row.append(x[1])
    return sum(sum(r) ** 2 for r in rows) + sum(row)


@pytest.mark.parametrize(
    "f",
    [
        by_another_name,
        on_a_way_of_its_own,
        what_it_was_is_kept,
        by_a_function,
        in_another_trip,
        in_another_trip_of_three_ways,
        an_array_in_another_trip,
        after_both_ways,
        by_a_loop_before,
        by_a_loop_on_the_other_way,
        by_a_while_on_the_other_way,
        by_another_name_there,
    ],
)
def test_what_may_be_held_is_not_written(f):
    with pytest.raises(S2sadError, match="S2S024"):
        grad(f)(X, 5)
