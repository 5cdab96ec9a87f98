"""Loops of the reverse half that may go forwards, and those that may not."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import grad

numba = pytest.importorskip("numba")


def spread(x, k):
    """Each trip adds to its neighbours, and clears its own place."""
    y = np.zeros(len(x))
    for i in range(1, len(x) - 1):
        y[i] = k[i] * (x[i + 1] - 2.0 * x[i] + x[i - 1])
    return np.sum(y * y)


def chain(x):
    """What a trip reads the next one clears: backwards only."""
    y = x.copy()
    for i in range(1, len(y)):
        y[i] = y[i] * y[i - 1]
    return np.sum(y)


def twice(x):
    """`-1` is the last place, which a later trip meets again."""
    y = x.copy()
    n = len(x)
    for i in range(-n, n):
        y[i] = y[i] * y[i] + 0.1
    return np.sum(y)


def weights(w, x):
    """Numbers that are added up may be in any order; a product may not."""
    s, p = 0.0, 1.0
    for i in range(len(x)):
        s += w[i] * x[i]
        p *= x[i]
    return s * p


def halves(x):
    """One place is read, another written, in the same trip."""
    y = np.zeros(2 * len(x))
    for i in range(len(x)):
        y[2 * i] = x[i] * 3.0
        y[2 * i + 1] = y[2 * i] * x[i]
    return np.sum(y * y)


def under(A):
    """A triangle: the inner loop starts where the outer one stands."""
    B = A.copy()
    for i in range(len(A)):
        for j in range(i, len(A)):
            B[i, j] = B[i, j] * A[j, i]
    return np.sum(B * B)


def angles(x, k):
    """What is added up so far is handed to each trip: backwards only."""
    s = a = 0.0
    for t, length in zip(x, k):
        a += t
        s += length * np.cos(a)
    return s


def twisted(x, k):
    """The same through an inner loop."""
    s = a = 0.0
    for i in range(len(x)):
        for j in range(len(k)):
            a += x[i] * k[j]
        s += np.cos(a) * x[i]
    return s


def levels(x, k):
    """One sum is handed on to the other."""
    s = a = b = 0.0
    for i in range(len(x)):
        a += x[i] * k[i]
        b += a
        s += b * b * k[i]
    return s


POINTS = [
    (spread, (np.linspace(0.3, 1.0, 7), np.linspace(1.0, 2.0, 7))),
    (chain, (np.linspace(0.5, 1.2, 6),)),
    (twice, (np.linspace(0.1, 0.4, 4),)),
    (weights, (np.linspace(0.1, 0.9, 5), np.linspace(0.7, 1.4, 5))),
    (halves, (np.linspace(0.1, 0.9, 5),)),
    (angles, (np.linspace(0.3, 1.0, 7), np.linspace(1.0, 2.0, 7))),
    (twisted, (np.linspace(0.3, 1.0, 5), np.linspace(1.0, 2.0, 3))),
    (levels, (np.linspace(0.3, 1.0, 5), np.linspace(1.0, 2.0, 5))),
    (under, (np.linspace(0.2, 1.0, 9).reshape(3, 3),)),
]


@pytest.mark.parametrize("f, args", POINTS, ids=lambda p: getattr(p, "__name__", ""))
def test_numbers(f, args):
    wrt = tuple(range(len(args)))
    expected = grad(f, wrt)(*args)
    found = grad(f, wrt, target="numba")(*args)
    for ours, right in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, right, rtol=1e-12)


@pytest.mark.parametrize(
    "f, args, count",
    [(POINTS[0][0], POINTS[0][1], 0), (POINTS[1][0], POINTS[1][1], 1)],
    ids=["spread", "chain"],
)
def test_only_what_must_goes_backwards(f, args, count):
    derived = grad(f, target="numba")
    derived(*args)
    assert derived.source.count(", -1)") == count, derived.source
