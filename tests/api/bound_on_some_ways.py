"""Names that only some ways through a program assign, and that only those read.

A flag tells which way was taken, so that nothing shows which branch assigned them; a
loop may make no trip, or assign them in a later one only.
"""

from __future__ import annotations

import numpy as np

from tests.api.writing import PROGRAMS, program

X = np.array([-0.3, 0.2, -0.5])
CALLS = tuple((X, 0.7, n) for n in (3, 1, 0))


@program(*CALLS)
def number_spread_out(x, s, n):
    found = False
    if n > 0:
        if s > 0:
            m = np.full(3, s)
            found = True
    if found:
        return np.sum(m * 1.1) + x[0]
    return s * x[1]


@program(*CALLS)
def copied_and_written(x, s, n):
    found = False
    if n > 0:
        if s > 0:
            m = x.copy()
            m[1] = s
            found = True
    if found:
        return np.sum(m * 1.1) + x[0]
    return s * x[1]


@program(*CALLS)
def more_axes(x, s, n):
    found = False
    if n > 0:
        if s > 0:
            m = np.outer(x, x) + s
            found = True
    if found:
        return np.sum(m * 1.1, axis=0)[0] + np.sum(m)
    return s * x[1]


@program(*CALLS)
def elements_read_in_a_loop(x, s, n):
    found = False
    if n > 0:
        if s > 0:
            m = np.full(3, s)
            found = True
    t = x[0]
    if found:
        for i in range(3):
            t = t + m[i] * x[i] * (i + 1)
    return t


@program(*CALLS)
def list_of_arrays(x, s, n):
    found = False
    if n > 0:
        if s > 0:
            m = [x * s, np.full(3, s)]
            found = True
    t = x[0]
    if found:
        t = t + np.sum(m[1]) * 3.0 + np.sum(m[0] * x)
    return t


@program(*CALLS)
def list_read_in_each_trip(x, s, n):
    found = False
    if n > 0:
        if s > 0:
            m = [x * s, np.full(3, s)]
            found = True
    t = x[0]
    for i in range(3):
        if found:
            t = t + np.sum(m[1]) * 3.0 + m[0][i] * 2
    return t


@program(*CALLS)
def made_in_a_loop(x, s, n):
    found = False
    for j in range(n):
        if s > 0:
            m = np.full(3, s * (j + 1))
            found = True
        if found:
            t = np.sum(m) * 3.0
    if found:
        t = t + np.mean(m)
    else:
        t = s * 2
    return t


@program(*CALLS)
def last_number_seen(x, s, n):
    found = False
    t = x[0]
    for j in range(n):
        if x[j] > 0:
            m = x[j] * s
            found = True
        if found:
            t = t + m * m * x[j]
    return t


@program(*CALLS)
def last_array_seen(x, s, n):
    found = False
    t = x[0]
    for j in range(n):
        if x[j] > 0:
            m = x * s
            found = True
        if found:
            t = t + np.sum(m * m * x[j])
            m = m * 1.1
    return t


@program(*CALLS)
def written_since_it_was_seen(x, s, n):
    found = False
    t = x[0]
    for j in range(n):
        if x[j] > 0:
            if s > 0.1:
                m = np.full(2, s)
                found = True
        if found:
            t = t + np.sum(m * x[j])
            m[0] = m[0] * t
    return t


@program(*CALLS)
def written_after_the_loop(x, s, n):
    for j in range(n):
        m = np.full(2, s * x[j])
    t = s
    if n > 0:
        t += np.sum(m * m)
        m[0] = t
        t += np.prod(m)
    return t


def bent(x, j):
    return np.where(x > 0, x * (j + 1), x)


@program(*CALLS, (X, 0.7, 2))
def of_changing_length(x, s, n):
    found = False
    t = x[0]
    for j in range(n):
        if x[j] > 0:
            m = bent(x[: j + 1], j)
            if s > 0.1:
                m = np.append(m, s)
                found = True
        if found:
            t = t + np.sum(m * x[j])
            m = m * t
    return t


@program(*CALLS)
def first_trip_begins_it(x, s, n):
    t = s
    for j in range(n):
        if j == 0:
            p = x * s
        else:
            p = x + 0.5 * p * p
        t = t + np.sum(p)
    return t


@program(*CALLS)
def recurrence_of_the_last_trip(x, s, n):
    t = s
    for j in range(n):
        p = x * (j + s)
        p[1:] += p[:-1] * s
    if t > 0 and n > 1:
        q = p * p
        t = q.sum() + p[0]
    return t


@program(*CALLS, (X, 0.7, 2))
def the_one_before(x, s, n):
    i = 0
    while i < n:
        if i > 0:
            before = now  # noqa: F821  the trip before has assigned it
        now = np.sin(x * (s + i))
        i += 1
    if n > 1:
        return np.sum(now - before) * np.sum(before[0])
    return s


@program(*CALLS)
def one_of_several_returns(x, s, n):
    if s < 0.1:
        return np.cos(s)
    if n > 0:
        if x[1] > s:
            return np.log(2.0 + s)
    m = np.outer(x, x) * 0.25
    if n > 1:
        return np.var(m)
    return (1.5 + m[-1, -1] ** 2) ** s + np.sum(m * 1.1)


FUNCTIONS = [f for f, *_ in PROGRAMS.values() if f.__module__ == __name__]
