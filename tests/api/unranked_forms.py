"""Values that are a number on one way and an array on another, or of either rank.

What helpers return from several places, what a key or an index picks, what a loop
makes larger: their kind has no rank, their adjoint may be a number of Python's.
"""

from __future__ import annotations

import numpy as np

from tests.api.writing import program

X = np.array([0.53, 1.217, -0.711, 0.937])


def number_or_product(x, k, s):
    if k % 2:
        return x * s
    return s


def matrix_or_row(k, s, x):
    if k % 2:
        return np.outer(x, x) * s
    return x * s


@program((X, 0.7, 0), (X, 0.7, 1), (X, 0.7, 4))
def means_of_what_may_be_a_number(x, s, n):
    t = x[0] * 0
    for k in range(n):
        v = number_or_product(x, k, s)
        w = v * x
        t = t + np.sum(w) * np.mean(v)
    return t


@program((X, 0.7, 0), (X, 0.7, 4))
def picked_by_word(x, s, n):
    q = {"a": x, "b": s, "m": np.outer(x, x)}
    t = 0.0
    for k in ["a", "b", "m", "a", "m"][:n]:
        t = t + np.mean(q[k] * x[1]) * np.max(q[k])
    return t


@program((X, 0.7, 2), (X, 0.7, 3))
def mean_of_rows_or_numbers(x, s, n):
    m = matrix_or_row(n, s, x).mean(axis=0)
    return np.sum(m) * x[1] + np.sum(m * m)


@program((X, 0.7, 2), (X, 0.7, 3))
def writes_into_rows_or_numbers(x, s, n):
    v = matrix_or_row(n, s, x)
    v[0] = s
    v[1] *= x[0]
    v[-1] += v[0]
    return np.sum(v)


@program((X, 0.7, 0), (X, 0.7, 1), (X, 0.7, 3))
def number_that_becomes_an_array(x, s, n):
    v = s
    for i in range(n):
        v = v * x if i == 1 else v * s
    return np.sum(v) + np.mean(v * s)


@program((X, 0.7, 1), (X, 0.7, 2), (X, 0.7, 3))
def sum_of_a_product_on_one_way(x, s, k):
    t = s
    for i in range(3):
        v = matrix_or_row(k, s, x) if k > 1 else s
        t = v if i % 2 else np.sum(v * (x - s))
    return np.sum(np.full((4, 4), np.mean(t + s)))


@program((X, 0.7, 0), (X, 0.7, 1), (X, 0.7, 3))
def row_or_mean(x, s, n):
    t = x[0] * s
    for i in range(2):
        t = x if n > 0 else t
    v = np.sin(t) if n > 1 else np.mean(t + np.maximum(x, s) @ x)
    v = v * s
    t = t + np.linalg.norm(v + 3.0)
    return np.sum(t) + s


def nothing_or_row(x, k):
    if k < 2:
        return None
    return x * 0.5


@program((X, 0.7, 0), (X, 0.7, 1), (X, 0.7, 2))
def means_of_nothing_or_a_row(x, s, k):
    b = nothing_or_row(np.maximum(x, s)[::-1] + x - np.full(4, s), k)
    if b is None:
        b = np.sum(x * (x + x))
    v = np.maximum(x * x * s, np.sum(np.tanh(b))) if k else s
    return np.sum(v * x[0]) + 0.3 * np.mean(v) + 0.3 * np.mean(b)


@program((X, 0.7, 1), (X, 0.7, 3))
def means_of_nothing_or_a_sum(x, s, k):
    b = nothing_or_row(x * np.sum(x), k)
    if b is None:
        b = np.tanh(np.maximum(x, s) - x)
    return 0.3 * np.mean(b) + s


def nothing_number_or_row(x, k, s):
    if k < 1:
        return None
    return s if k < 2 else x * s


@program((X, 0.7, 0), (X, 0.7, 1), (X, 0.7, 3))
def of_no_known_kind(x, s, n):
    v = nothing_number_or_row(x, n, s)
    if v is None:
        v = 1.0
    y = np.maximum(v + s, x[1] * v)
    return float(np.sum(y)) * float(np.mean(y) * np.sum(v)) * x[0]


@program((X, 0.7))
def columns_of_no_known_kind(x, s):
    w = np.hanning(4)
    z = np.maximum(w, s)
    m = w[:, None] * x
    return float(np.sum(z * z) + np.sum(m) + z[1])


@program((X, 0.7, 0), (X, 0.7, 1))
def number_or_row_kept(x, s, n):
    v = x.copy()
    for _ in range(n):
        v = s
    t = np.full((4, 4), np.sum(v * x))
    for i in range(2):
        t = t + v * t
        v = np.sin(v) * (i + 1)
    return np.sum(t) + np.mean(v)
