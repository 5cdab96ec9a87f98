"""Parts of a new adjoint are written, not added, only where they cannot meet."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import grad


def neighbours(x, n):
    a = x * x
    return np.sum(np.sin(a[:n])) + np.sum(np.cos(a[n:]) * 0.3)


def three_parts(x, n):
    a = x * x
    m = 2 * n
    return np.sum(np.sin(a[:n])) + np.sum(a[n:m] ** 3) + np.sum(np.cos(a[m:]))


def of_a_length(x, n):
    a = x * x
    k = max(n, 0)
    return (
        np.sum(np.sin(a[:k])) + np.sum(a[k : 3 * k] ** 3) + np.sum(np.cos(a[3 * k :]))
    )


def across(x, n):
    a = x * x
    return np.sum(np.sin(a[n:])) + np.sum(a[: n + 1] ** 3) + np.sum(np.cos(a[::2]))


def ends(x, n):
    a = x * x
    return np.sin(a[0]) * n + a[-1] ** 3 + np.sum(np.cos(a[1:-1]))


def columns(x, n):
    a = np.outer(x, x)
    return np.sum(np.sin(a[:, :n])) + np.sum(a[n:, n:] ** 3) + np.sum(np.cos(a[:n, n:]))


PROGRAMS = [neighbours, three_parts, of_a_length, across, ends, columns]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_wherever_the_parts_begin(f):
    plain, found = grad(f, optimize=0), grad(f)
    for length in (1, 2, 5):
        x = np.linspace(0.3, 1.1, length)
        for n in range(-7, 8):
            np.testing.assert_allclose(found(x, n), plain(x, n), rtol=1e-12)


def test_parts_that_follow_one_another_are_written():
    for f, added in ((neighbours, 0), (of_a_length, 1), (three_parts, 1), (across, 2)):
        derived = grad(f)
        derived(np.ones(5), 2)
        assert derived.source.count("] +=") == added, derived.source
