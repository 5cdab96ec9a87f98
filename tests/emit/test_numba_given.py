"""Lists of numbers that compiled code is given: arrays, without a warning of Numba's."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from s2sad import grad

pytest.importorskip("numba")


def looked_up(c, x):
    s = 0.0
    for i in range(len(x)):
        s = s * x[i] + c[i % len(c)] * x[-i] ** 2
    return s


def places(x, c):
    s = 0.0
    for i in c:
        s += x[i] ** 2 * i
    return s


def chosen(x, c):
    s = 0.0
    for i in range(len(c)):
        s += x[i] ** 2 if c[i] else x[i]
    return s


def overwritten(c, x):
    """The caller's list stays as it is."""
    for i in range(1, len(c)):
        c[i] = c[i] * c[i - 1] + x[0]
    return sum(c) * c[-1] * x[1]


def term(c, t):
    s = 0.0
    for k in range(len(c)):
        s = s * t + c[k]
        if s > 100.0:
            s = s / 2.0
    for k in range(len(c)):
        s = s * t - c[k]
        if s > 100.0:
            s = s / 2.0
    return s


def handed_on(c, x):
    s = 0.0
    for v in x:
        s += term(c, v) ** 2
    return s


def settled(p, x):
    return p["a"][0] * x[0] + p["a"][1] * x[1] ** 2 * p["b"]


NUMBERS = [0.3, -0.2, 0.9, 0.4]
ROW = np.array([0.5, 1.5, -0.5, 0.7])
CALLS = {
    "looked up": (looked_up, ((0, 1)), (NUMBERS, ROW)),
    "both lists": (looked_up, ((0, 1)), (NUMBERS, [0.1, 0.2])),
    "long": (looked_up, ((0, 1)), (NUMBERS * 50, [0.1, 0.2, 0.3] * 40)),
    "places": (places, (0,), (ROW, [2, 0, -1, 2])),
    "many places": (places, (0,), (ROW, [2, 0, -1, 2] * 30)),
    "conditions": (chosen, (0,), (ROW, [True, False, True])),
    "overwritten": (overwritten, (0, 1), (NUMBERS, ROW)),
    "overwritten, long": (overwritten, (0, 1), (NUMBERS * 20, ROW)),
    "handed on": (handed_on, (0, 1), (NUMBERS * 20, [0.1, 0.2] * 40)),
    "in a dict": (settled, (1,), ({"a": [1.0, 2.0], "b": 3.0}, ROW)),
}


@pytest.mark.parametrize("f, wrt, args", CALLS.values(), ids=list(CALLS))
def test_numbers(f, wrt, args):
    before = repr(args)
    derived = grad(f, wrt, target="numba")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = derived(*args)
    assert repr(args) == before
    assert "@njit" in derived.source
    for ours, right in zip(found, grad(f, wrt)(*args), strict=True):
        assert type(ours) is type(right)
        np.testing.assert_allclose(ours, right, rtol=1e-12)


def test_an_index_out_of_bounds():
    derived = grad(looked_up, 1, target="numba")
    derived([1.0] * 100, ROW)
    with pytest.raises(IndexError):
        grad(places, target="numba")(ROW, [2, 4])
    with pytest.raises(ZeroDivisionError):
        derived([], ROW)


def test_other_items():
    """What holds other numbers, or more of them, is another call."""
    derived = grad(places, target="numba")
    for c in ([0, 1], [1, 1, 0], [3] * 100, np.array([1, 2]), (1, 2)):
        expected = grad(places)(ROW, c)
        np.testing.assert_allclose(derived(ROW, c), expected, rtol=1e-12)
