"""Programs that ask where things are, how many, in what order: what they look up has no
derivative, what they do with it has. And calls that rules are seldom given.
"""

# ruff: noqa: E741

from __future__ import annotations

import bisect
import math

import numpy as np

from s2sad import opaque

PROGRAMS = {}


def program(*points, wrt=None):
    """Enter a function with the arguments it is tried on."""

    def enter(f):
        PROGRAMS[f.__name__] = (f, points, wrt)
        return f

    return enter


X = np.array([0.7, -1.2, 0.4, 1.9, -0.6])
W = np.array([-0.4, 1.7, 0.6, 0.9])
A = np.array([[1.1, -0.3, 0.5], [0.2, 0.9, -0.7]])


# ---- where ---------------------------------------------------------------------------


@program((X,))
def among(x):
    chosen = np.isin(np.arange(5), [1, 3])
    return np.sum(x[chosen] ** 2) - np.sum(np.where(chosen, 0.0, x**3))


@program((X, W))
def bins_of(x, w):
    at = np.digitize(x, np.array([-1.0, 0.0, 1.0]))
    return np.sum(w[at] * x * x)


@program((1.3, W), (-2.0, W))
def bin_of_a_number(x, w):
    at = np.digitize(x, np.array([-1.0, 0.0, 1.0]))
    return w[at] * x**3


@program((X,))
def rows_that_hold(x):
    at = np.argwhere(x > 0.5)
    return np.sum(x[at[:, 0]] ** 3) * len(at)


@program((A,))
def places_that_hold(a):
    rows, columns = np.nonzero(a > 0.3)
    return np.sum(a[rows, columns] ** 2 * (rows + 2 * columns + 1))


@program((A,))
def the_largest(a):
    i, j = np.unravel_index(np.argmax(a), a.shape)
    return a[i, j] ** 2 * a[i, j - 1]


@program((A,))
def several_places(a):
    rows, columns = np.unravel_index(np.array([1, 5]), a.shape)
    return np.sum(a[rows, columns] ** 3)


@program((A,))
def coordinates(a):
    i, j = np.indices(a.shape)
    return np.sum((i - 2 * j + 0.5) * a**2)


@program((A,))
def below_the_diagonal(a):
    return np.sum(np.tri(2, 3) * a**2) + np.sum((np.tri(2) + 1.0) * a[:, 1:] ** 3)


# ---- how many ------------------------------------------------------------------------


@program((X,))
def how_many(x):
    return np.sum(x**2) / np.count_nonzero(x > 0)


@program((A,))
def how_many_of_each_column(a):
    return np.sum(a**2 * np.count_nonzero(a > 0.1, axis=0))


@program((A,))
def how_many_of_each_row(a):
    return np.sum(a**2 * np.count_nonzero(a > 0.1, axis=1, keepdims=True))


@program((X, W[:3]))
def in_each_bin(x, w):
    counts, edges = np.histogram(x, np.array([-2.0, -1.0, 0.0, 2.0]))
    return np.sum(counts * w**2) + edges[1] * x[0] ** 2


@program((X, 0.3))
def nothing_to_add(x, y):
    return sum([], y * y) * x[0] + sum([]) * x[1]


# ---- in equal steps ------------------------------------------------------------------


@program((0.25, 0.5))
def steps(start, step):
    return np.sum(np.sin(np.arange(start, 2.1, step)) * np.arange(4.0))


@program((0.25,))
def steps_of_one(start):
    return np.sum(np.arange(start, 3.0) ** 3)


@program((0.25, 0.5))
def steps_by_the_way(start, step):
    t = np.arange(start * start, 2.0, step)
    return float(t[1] * t[-1] ** 2)


# ---- norms, averages, factors --------------------------------------------------------


@program((X,))
def sparsity(x):
    return np.linalg.norm(x, 0) * x[0] ** 2


@program((X,))
def below_one(x):
    return np.linalg.norm(x, 0.5)


@program((A,))
def cubes(a):
    return np.sum(np.linalg.norm(a, 3, axis=0) ** 2)


@program((A,))
def means_of_columns(a):
    return np.sum(np.average(a, axis=0) ** 2) + np.average(a) ** 3


@program((A,), (np.array([[2.0, 0.4], [-0.3, 1.1]]),))
def values_of_a_full_decomposition(a):
    s = np.linalg.svd(a)[1]
    return s[0] ** 2 * s[1]


@program((A,), (A.T.copy(),))
def values_alone(a):
    _, s, _ = np.linalg.svd(a, full_matrices=False)
    return np.sum(np.log(s))


@program((X, 3.7), (np.array([0.7, 0.3]), -2.2))
def quotients_and_rests(x, a):
    whole, rest = divmod(a, x)
    return np.sum(whole * rest * x)


@program((0.8, 0.3), (-1.4, 0.6))
def quotient_and_rest(a, b):
    whole, rest = divmod(a, b)
    return whole * rest**2 + math.fmod(a, b)


# ---- lengths that are written in the program -----------------------------------------


@program((X[:3],))
def trace_of_three_rows(x):
    a = np.zeros((3, 3))
    a[0] = x
    a[1, 1] = x[0]
    return np.trace(a * a) * x[2]


@program((X[:3],))
def trace_beside_the_diagonal(x):
    a = np.zeros((3, 4)) + x[0]
    return np.trace(a, offset=1) * x[1]


@program((X[:3],))
def rows_repeated(x):
    a = np.zeros((2, 3)) + x
    b = np.repeat(a, [2, 1], axis=0)
    return np.sum(b**2 * np.arange(9.0).reshape(3, 3))


@program((X[:3],))
def diagonal_by_letters(x):
    a = np.zeros((3, 3)) + x
    return np.einsum("ii", a) * x[1] + np.sum(np.einsum("ii->i", a * a))


@program((X[:3],))
def tiles(x):
    a = np.tile(np.array([x[0], x[1] * x[2]]), 3)
    return np.sum(a**2 * np.arange(6.0)) + np.sum(np.tile(a[:2], (2, 2)) ** 3)


@program((X[:4],))
def filters(x):
    w = np.array([x[0], x[1]])
    a = np.array([x[0], x[1], x[2], x[0] * x[3]])
    b = np.convolve(a, w, "valid") * np.convolve(a, w, "same")[:3]
    return np.sum(b) + np.sum(np.convolve(w, a) ** 2) + np.sum(np.correlate(a, w) ** 3)


@program((X[:3],))
def differences_with_ends(x):
    a = np.array([x[0], x[1] * x[2], x[2]])
    b = (
        np.diff(a, prepend=0.25, append=0.5)
        * np.diff(a, n=2, prepend=1.0, append=2.0)[0]
    )
    return np.sum(b**2) + np.sum(np.diff(a, n=2, append=0.75) ** 3)


@program((X[:3],))
def lists_parted_by_a_slice(x):
    a = np.zeros((2, 3, 2)) + np.sin(x[:2])
    b = a[[0, 1], :, [1, 0]] * a[0, :, [1, 0]]
    return np.sum(b * x * np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 4.0]]))


@program((X[:4],))
def sorted_by_what_it_gives(x):
    by_sine = sorted(x, key=np.sin)
    return by_sine[0] * by_sine[1] ** 2 * by_sine[3] ** 3


@program((X[:3],))
def numbers_beside_arrays(x):
    a = np.concatenate([[2.0], x, [x[0] * x[1], 3.0]])
    b = np.hstack([0.5, x, [1.0, x[2]]])
    c = np.vstack([[1.0, 2.0, 3.0], x, [x[0], x[1], 0.0]])
    d = np.column_stack([[1.0, 2.0, 3.0], x])
    return np.sum(a**2 * np.arange(6) * b) + np.sum(c**3 @ d)


# ---- by calls that are kept as they are written --------------------------------------


@opaque
def order_of(n):
    return np.array([2, 0, 1])[:n]


@opaque
def one_before(n) -> int:
    return n - 1


@program((X[:3],))
def an_array_that_is_not_known_to_be_one(x):
    order = order_of(3)
    y = x[order] * np.array([1.0, 2.0, 3.0])
    z = np.zeros(3)
    z[order_of(3)] = x * x
    return np.sum(y * np.array([0.5, 3.0, -1.0])) + np.sum(z * y)


@program((X[:3],))
def axes_in_a_tuple(x):
    a = np.outer(x, x)
    a[np.ix_([0, 2], [1, 2])] += np.outer(x[:2], x[1:])
    return a[np.ix_([2, 0], [0, 2])] @ a[1:, 1:] * x[0]


@program((X, "abcab"))
def numbers_that_calls_give(x, text):
    i = bisect.bisect([0.1, 0.5], 0.3)
    total = x[i] ** 2 * x[one_before(3)]
    total += x[text.count("a")] * x[text.find("c")] ** 2
    total += x[ord("b") - ord("a")] * x[text.index("b")]
    y = x.copy()
    y[one_before(2)] *= x[one_before(1)]
    return total + np.sum(y**2)
