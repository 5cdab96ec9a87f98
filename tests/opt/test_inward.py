"""Additions that move into branches: whatever reads or writes the array between."""

import numpy as np
import pytest

from s2sad import check_grads, grad, value_and_grad

X = np.array([0.4, -0.7, 1.2, 0.35, -0.2])


def one_way(x, level):
    total = 0.0
    for i in range(len(x)):
        if x[i] > level:
            total += x[i] ** 2
    return total


def until_found(x, level):
    for i in range(len(x)):
        hit = None
        if x[i] > level:
            hit = x[i] - level * x[i]
        if hit is not None:
            return hit * hit * x[i - 1]
    return x[0] * level


def both_ways(x, level):
    total = 0.0
    for i in range(1, len(x)):
        if x[i] > level:
            total += x[i] * x[i - 1]
        elif x[i - 1] < level:
            total -= x[i - 1] ** 3
    return total


def swapped(x, level):
    x = x.copy()
    for i in range(len(x) - 1):
        if x[i] > x[i + 1]:
            x[i], x[i + 1] = x[i + 1] * level, x[i]
    return np.sum(x * np.arange(1.0, 6.0))


def swapped_ends(x, level):
    """`x[0]` and `x[n - 1]` may be the same element."""
    total = 0.0
    for n in (1, 3, 5):
        y = x[:n].copy()
        if y[0] > level:
            y[0], y[n - 1] = y[n - 1] * level, y[0] ** 2
        total += np.sum(y * y)
    return total


def index_of_the_branch(x, level):
    total = 0.0
    for i in range(len(x)):
        v = x[i]
        j = 0
        if v > level:
            j = i
            v = v * x[j]
        total += x[j] * v
    return total


def rows(x, level):
    A = np.outer(x, x)
    total = 0.0
    for i in range(len(x)):
        row = A[i]
        if row[0] > level:
            total += np.sum(row**2)
        else:
            row[1] = level * x[i]
    return total + np.sum(A)


def maximum(x, level):
    best = x[0]
    for v in x:
        if v > best:
            best = v * level
    return best


def nested(x, level):
    total = 0.0
    for i in range(len(x)):
        if x[i] > 0:
            if x[i] > level:
                total += x[i] ** 2
            else:
                x = x.copy()
                x[i] = x[i] * level
        total += x[2] * x[i]
    return total


def read_between(x, level):
    state = np.zeros(2)
    total = 0.0
    for i in range(len(x)):
        k = i % 2
        state[k] += x[i]
        if state[k] > level:
            total += state[k] ** 2
        state[1 - k] = 0.5 * state[0] + state[1] * x[i]
    return total + np.sum(state)


PROGRAMS = [
    one_way, until_found, both_ways, swapped, swapped_ends, index_of_the_branch,
    rows, maximum, nested, read_between,
]  # fmt: skip


@pytest.mark.parametrize("f", PROGRAMS)
@pytest.mark.parametrize("level", [0.25, 0.9, -2.0, 5.0])
def test_the_numbers_are_those_of_differences(f, level):
    check_grads(f, (X, level), order=2)
    plain = grad(f, (0, 1), optimize=0)(X, level)
    for made, whole in zip(grad(f, (0, 1))(X, level), plain):
        np.testing.assert_allclose(made, whole, rtol=1e-12, atol=1e-14)


def test_a_branch_that_adds_nothing_is_not_printed():
    slope = value_and_grad(one_way)
    slope(X, 0.25)
    reverse = slope.source.partition("# reverse")[2]
    assert "else" not in reverse and "_bar = 0.0" not in reverse
