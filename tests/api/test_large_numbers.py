"""Compiled code counts up to 2**63: calls with larger whole numbers are Python's."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from s2sad import grad
from s2sad.errors import S2sadWarning

pytest.importorskip("numba")

K = 3


def by_a_global(x):
    s = 0.0
    for _ in range(4):
        s += x * (K * K)
    return s


def by_an_argument(x, n):
    return x * (n * n)


def by_an_entry(x, d):
    return x * (d["n"] * d["m"][0])


def by_a_list(x, items):
    s = 0.0
    for k in range(len(items)):
        s += x * (items[k] * items[k])
    return s


def test_global(monkeypatch):
    df = grad(by_a_global, target="numba")
    for k in (3, 2**30, 2**40, 2**70, -(2**70), 5):
        monkeypatch.setitem(globals(), "K", k)
        assert of(df, 2.0, large=abs(k) >= 2**31) == float(4 * k * k)


@pytest.mark.parametrize(
    ("f", "form"),
    [
        (by_an_argument, lambda n: n),
        (by_an_entry, lambda n: {"n": n, "m": (n, "word")}),
        (by_a_list, lambda n: [n] * 3),
    ],
)
@pytest.mark.filterwarnings("ignore::numba.NumbaPendingDeprecationWarning")
def test_argument(f, form):
    df = grad(f, target="numba")
    for n in (3, 2**40, 2**70, -4, -(2**33), 7):
        want = f(1.0, form(n))
        assert of(df, 2.0, form(n), large=abs(n) >= 2**31) == want


def test_what_is_differentiated_is_a_float_anyway():
    df = grad(by_an_argument, target="numba")
    assert of(df, 2**70, 3, large=False) == 9.0


seen = set()


def of(df, *args, large):
    """The gradient; that Python runs it is said once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = df(*args)
    told = [w for w in caught if issubclass(w.category, S2sadWarning)]
    assert bool(told) == (large and id(df) not in seen)
    if large:
        seen.add(id(df))
    assert type(found) is float
    return found


def test_arrays_keep_to_numpy():
    def f(x, k):
        return np.sum(x * k)

    k = np.array([2**40, 3])
    assert np.array_equal(grad(f, target="numba")(np.ones(2), k), k.astype(float))
