"""Functions that kernels call for what NumPy has and Numba lacks.

They are compiled with the kernel: their source is copied into its module.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from types import FunctionType

import numpy as np

# ---- elements ------------------------------------------------------------------------


def within(i, n):
    """An index into an axis of length `n`; else an IndexError, as in Python."""
    if i >= n or i < -n:
        raise IndexError("index out of bounds")
    return i


def all_within(index, n):
    """An array of such indices."""
    for i in index.flat:
        if i >= n or i < -n:
            raise IndexError("index out of bounds")
    return index


# ---- along the axes of a matrix ------------------------------------------------------


def max_of_rows(x):
    """`x.max(axis=1)`"""
    found = x[:, 0].copy()
    for i in range(x.shape[0]):
        for j in range(1, x.shape[1]):
            if not x[i, j] <= found[i]:
                found[i] = x[i, j]
    return found


def max_of_columns(x):
    """`x.max(axis=0)`"""
    found = x[0].copy()
    for i in range(1, x.shape[0]):
        for j in range(x.shape[1]):
            if not x[i, j] <= found[j]:
                found[j] = x[i, j]
    return found


def min_of_rows(x):
    """`x.min(axis=1)`"""
    found = x[:, 0].copy()
    for i in range(x.shape[0]):
        for j in range(1, x.shape[1]):
            if not x[i, j] >= found[i]:
                found[i] = x[i, j]
    return found


def min_of_columns(x):
    """`x.min(axis=0)`"""
    found = x[0].copy()
    for i in range(1, x.shape[0]):
        for j in range(x.shape[1]):
            if not x[i, j] >= found[j]:
                found[j] = x[i, j]
    return found


def prod_of_rows(x):
    """`x.prod(axis=1)`"""
    found = np.ones(x.shape[0], x.dtype)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            found[i] *= x[i, j]
    return found


def prod_of_columns(x):
    """`x.prod(axis=0)`"""
    found = np.ones(x.shape[1], x.dtype)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            found[j] *= x[i, j]
    return found


def any_of_rows(x):
    """`x.any(axis=1)`"""
    found = np.zeros(x.shape[0], np.bool_)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            if x[i, j]:
                found[i] = True
    return found


def any_of_columns(x):
    """`x.any(axis=0)`"""
    found = np.zeros(x.shape[1], np.bool_)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            if x[i, j]:
                found[j] = True
    return found


def all_of_rows(x):
    """`x.all(axis=1)`"""
    found = np.ones(x.shape[0], np.bool_)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            if not x[i, j]:
                found[i] = False
    return found


def all_of_columns(x):
    """`x.all(axis=0)`"""
    found = np.ones(x.shape[1], np.bool_)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            if not x[i, j]:
                found[j] = False
    return found


# ---- writes --------------------------------------------------------------------------


def add_at(x, index, values):
    """`np.add.at(x, index, values)`, with a value for each index."""
    for k in range(len(index)):
        x[index[k]] += values[k]


def add_each_at(x, index, value):
    """`np.add.at(x, index, value)`, with one value for all of them."""
    for k in range(len(index)):
        x[index[k]] += value


def at_pairs(x, rows, columns):
    """`x[rows, columns]`: the element at each pair."""
    n = pairs_of(rows, columns)
    found = np.empty(n, x.dtype)
    for k in range(n):
        found[k] = x[rows[k % len(rows)], columns[k % len(columns)]]
    return found


def add_at_pairs(x, rows, columns, values):
    """`np.add.at(x, (rows, columns), values)`, with a value for each pair."""
    for k in range(pairs_of(rows, columns)):
        x[rows[k % len(rows)], columns[k % len(columns)]] += values[k]


def add_each_at_pairs(x, rows, columns, value):
    """`np.add.at(x, (rows, columns), value)`, with one value for all pairs."""
    for k in range(pairs_of(rows, columns)):
        x[rows[k % len(rows)], columns[k % len(columns)]] += value


def pairs_of(rows, columns):
    """How many pairs there are, one of them alone being paired with each other."""
    if len(rows) != len(columns) and len(rows) != 1 and len(columns) != 1:
        raise IndexError("shape mismatch: indexing arrays could not be broadcast")
    return len(columns) if len(rows) == 1 else len(rows)


def add_items(x, y):
    """The sums of the items of two lists, one by one."""
    return [a + b for a, b in zip(x, y)]


def fill_where(x, mask, value):
    """`x` with one value wherever the mask says so."""
    return np.where(mask, value, x)


# ---- broadcasting --------------------------------------------------------------------


def unbroadcast_1(x_bar, x):
    """Sum `x_bar` if `x` was stretched from length 1."""
    if len(x) != len(x_bar):
        return np.full(1, np.sum(x_bar))
    return x_bar.copy()


def unbroadcast_2(x_bar, x):
    """Sum `x_bar` over the axes along which `x` was stretched from length 1."""
    y = x_bar.copy()
    if x.shape[0] != y.shape[0]:
        y = y.sum(axis=0).reshape(1, -1)
    if x.shape[1] != y.shape[1]:
        y = y.sum(axis=1).reshape(-1, 1)
    return y


def unbroadcast_3(x_bar, x):
    """Sum `x_bar` over the axes along which `x` was stretched from length 1."""
    y = np.zeros(x.shape, x_bar.dtype)
    for i in range(x_bar.shape[0]):
        for j in range(x_bar.shape[1]):
            for k in range(x_bar.shape[2]):
                a = i if x.shape[0] > 1 else 0
                b = j if x.shape[1] > 1 else 0
                c = k if x.shape[2] > 1 else 0
                y[a, b, c] += x_bar[i, j, k]
    return y


# ---- functions -----------------------------------------------------------------------


def heaviside(x, middle):
    """`np.heaviside(x, middle)`"""
    return np.where(x > 0, 1.0, np.where(x < 0, 0.0, np.where(x == 0, middle, x)))


def heaviside_of_number(x, middle):
    """`np.heaviside(x, middle)` for numbers."""
    if x == 0:
        return middle * 1.0
    return 1.0 if x > 0 else 0.0 * x if x != x else 0.0


def polygamma(x, n):
    """The n-th derivative of digamma, by recurrence and Euler and Maclaurin's formula.

    For negative x by reflection, differentiated for n up to 4.
    """
    if x <= 0 and x == math.floor(x):
        return math.nan
    if x < 0:
        s, c = math.sin(math.pi * x), math.cos(math.pi * x)
        cot = c / s
        csc2 = 1 + cot * cot
        # d^n/dx^n of pi cot(pi x)
        reflected = cot
        if n == 1:
            reflected = -csc2
        elif n == 2:
            reflected = 2 * cot * csc2
        elif n == 3:
            reflected = -csc2 * (4 * cot * cot + 2 * csc2)
        elif n == 4:
            reflected = csc2 * (8 * cot**3 + 16 * cot * csc2)
        sign = 1.0 if n % 2 == 0 else -1.0
        return sign * polygamma_above(1 - x, n) - math.pi ** (n + 1) * reflected
    return polygamma_above(x, n)


def polygamma_above(x, n):
    """The n-th derivative of digamma for positive x."""
    sign = 1.0 if n % 2 == 0 else -1.0
    factorial = 1.0  # of n
    for k in range(2, n + 1):
        factorial *= k
    total = 0.0
    while x < 16 + n:  # psi_n(x) = psi_n(x + 1) - (-1)^n n! / x^(n + 1)
        total -= sign * factorial / x ** (n + 1)
        x += 1
    even = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)  # Bernoulli
    r = 1 / x  # powers of x may be too large for a float
    if n == 0:
        total += math.log(x) - 0.5 * r
        for k in range(1, 8):
            total -= even[k - 1] / (2 * k) * r ** (2 * k)
        return total
    series = factorial / n * r**n + factorial / 2 * r ** (n + 1)
    for k in range(1, 8):
        rising = 1.0  # (2 k + n - 1)! / (2 k)!
        for m in range(2 * k + 1, 2 * k + n):
            rising *= m
        series += even[k - 1] * rising * r ** (2 * k + n)
    return total - sign * series


# ---- running sums and products -------------------------------------------------------


def recurrence_1(a, b):
    """s[i] = a[i] * s[i - 1] + b[i], from s[-1] = 0."""
    s = np.empty_like(b)
    last = 0.0
    for i in range(len(b)):
        last = a[i] * last + b[i]
        s[i] = last
    return s


def exclusive_prod_1(x):
    """The product of all other elements."""
    found = np.ones_like(x)
    before = after = 1.0
    for i in range(len(x)):
        found[i] *= before
        before *= x[i]
    for i in range(len(x) - 1, -1, -1):
        found[i] *= after
        after *= x[i]
    return found


def shift_1(x, by, fill):
    """`x` moved by one place; `fill` comes in at the end that is free."""
    found = np.full_like(x, fill)
    if by > 0:
        found[1:] = x[:-1]
    else:
        found[:-1] = x[1:]
    return found


HELPERS: dict[str, Callable[..., object]] = {
    name: value
    for name, value in globals().items()
    if isinstance(value, FunctionType) and value.__module__ == __name__
}


def needed(names: Iterable[str]) -> list[str]:
    """Some helpers and all that they call, callees first."""
    found: list[str] = []

    def add(name: str) -> None:
        if name in found:
            return
        for other in HELPERS[name].__code__.co_names:
            if other in HELPERS and other != name:
                add(other)
        found.append(name)

    for name in sorted(names):
        add(name)
    return found
