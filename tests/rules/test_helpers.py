"""Our own functions that derivatives call, on values of each sort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from s2sad.rules import TABLE, helpers
from tests.harness.values import same


class Pair(NamedTuple):
    a: object
    b: object


@dataclass
class Layer:
    w: object
    parts: object


@dataclass(frozen=True)
class Frozen:
    w: object
    n: int


V = np.array([0.5, 0.7, 0.2])
SINGLE = V.astype(np.float32)


def state():
    return {
        "a": 0.3,
        "b": [V, (0.1, Pair(V * 2, 2))],
        "c": Layer(V * 3, [0.4, {"d": SINGLE}]),
    }


def is_same(x, y):
    """Of one type all the way down, and of the same numbers."""
    assert type(x) is type(y), (x, y)
    if isinstance(x, (list, tuple)):
        assert len(x) == len(y)
        return all(map(is_same, x, y))
    if isinstance(x, dict):
        return list(x) == list(y) and all(is_same(x[k], y[k]) for k in x)
    if hasattr(x, "__dict__"):
        return is_same(vars(x), vars(y))
    return same(x, y) and np.asarray(x).dtype == np.asarray(y).dtype


def test_zeros():
    zero = np.zeros(3)
    expected = {
        "a": 0.0,
        "b": [zero, (0.0, Pair(zero, 0.0))],
        "c": Layer(zero, [0.0, {"d": np.zeros(3, np.float32)}]),
    }
    assert is_same(helpers.zeros_of(state()), expected)
    assert is_same(helpers.zeros_of(np.float32(0.3)), np.float32(0))
    assert is_same(helpers.zeros_of(Frozen(V, 2)), Frozen(zero, 0.0))
    for none in (None, 0.0):
        held = [None, (None, Pair(None, "s")), {"a": None}, Layer(None, [None])]
        found = helpers.zeros_of(held, none)
        part = Pair(none, None)
        assert is_same(found, [none, (none, part), {"a": none}, Layer(none, [none])])


def test_sums_of_containers():
    expected = {
        "a": 0.6,
        "b": [V * 2, (0.2, Pair(V * 4, 4))],
        "c": Layer(V * 6, [0.8, {"d": SINGLE * 2}]),
    }
    x, y = state(), state()
    assert is_same(helpers.add_items(x, y), expected)
    assert is_same(x, state()) and is_same(y, state())
    assert helpers.add_items(None, 0.3) == helpers.add_items(0.3, None) == 0.3
    found = helpers.add_items({"a": None, "b": [1.0, None]}, {"a": 2.0, "b": [None, 3]})
    assert found == {"a": 2.0, "b": [1.0, 3]}
    found = helpers.add_items(Frozen(V, 1), Frozen(V, 2))
    assert is_same(found, Frozen(V * 2, 3))


def test_one_entry_more():
    for x, key, expected in (
        ([0.3, 0.1], (1,), [0.3, 0.6]),
        ((0.3, 0.1), (0,), (0.8, 0.1)),
        (Pair(0.3, 0.1), (1,), Pair(0.3, 0.6)),
        ({"a": 0.3, "b": 0.1}, ("b",), {"a": 0.3, "b": 0.6}),
        ([(0.3, 0.1), 0.2], (0, 1), [(0.3, 0.6), 0.2]),
        ({"a": [0.3, {"b": 0.1}]}, ("a", 1, "b"), {"a": [0.3, {"b": 0.6}]}),
        ((V, 0.1), (0, 1), (V + [0, 0.5, 0], 0.1)),
        (V, (np.array([1, 1]),), V + [0, 1.0, 0]),
        (np.ones((2, 2)), (1, 0), np.array([[1, 1], [1.5, 1]])),
        ([np.ones((2, 2))], (0, 1, 0), [np.array([[1, 1], [1.5, 1]])]),
    ):
        before = helpers.fresh(x)
        assert is_same(helpers.add_entry(x, 0.5, *key), expected), key
        assert is_same(x, before)


def arrays(value):
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    elif hasattr(value, "__dict__"):
        value = list(vars(value).values())
    found = value if isinstance(value, (list, tuple)) else []
    return [array for item in found for array in arrays(item)]


def test_copies_share_nothing():
    x = state()
    y = helpers.fresh(x)
    assert is_same(x, y) and len(arrays(x)) == len(arrays(y)) == 4
    assert not any(np.shares_memory(a, b) for a in arrays(x) for b in arrays(y))
    assert y["c"] is not x["c"] and y["c"].parts is not x["c"].parts
    assert y["b"] is not x["b"]
    assert is_same(helpers.fresh(Pair([V], 2)), Pair([V], 2))


def test_objects_that_are_not_begun():
    found = helpers.made(Frozen, w=V, n=3)
    assert is_same(found, Frozen(V, 3))
    assert is_same(TABLE["object"].run(V, 3, cls=Frozen, fields=("w", "n")), found)


def test_orders():
    x = [0.3, 0.1, 0.7, 0.1]
    for reverse in (False, True):
        order = helpers.order_of(x, reverse)
        assert helpers.picked(x, order) == sorted(x, reverse=reverse)
        assert helpers.put_back(helpers.picked(x, order), order) == x
    assert helpers.repeated(x, 2.0) == [2.0] * 4


def test_words_and_warnings(capsys):
    import warnings

    TABLE["print"].run("a", 2, "-", keywords=("sep",))
    TABLE["print"].run("a", 2)
    TABLE["print"].run("!\n", keywords=("end",))
    assert capsys.readouterr().out == "a-2\na 2\n!\n"
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        TABLE["warn"].run("first")
        TABLE["warn"].run("second", FutureWarning, keywords=("category",))
        TABLE["warn"].run("third", RuntimeWarning)
    assert [(str(w.message), w.category) for w in told] == [
        ("first", UserWarning),
        ("second", FutureWarning),
        ("third", RuntimeWarning),
    ]
    parts = ("x = ", (0, "", ".2f"), ", ", (1, "r", ""), (1, "", ""), ".")
    assert TABLE["fstring"].run(0.333, "s", parts=parts) == "x = 0.33, 's's."


def test_along_the_last_axis():
    rng = np.random.default_rng(3)
    for shape in ((5,), (2, 3), (2, 4, 3)):
        a, b = rng.normal(size=(2, *shape))
        s = np.zeros(shape[:-1])
        for i, found in enumerate(np.moveaxis(helpers.recurrence(a, b), -1, 0)):
            s = a[..., i] * s + b[..., i]
            np.testing.assert_allclose(found, s)
        expected = np.concatenate([np.full((*shape[:-1], 1), 0.5), a[..., :-1]], -1)
        np.testing.assert_array_equal(helpers.shift(a, fill=0.5), expected)
        expected = np.concatenate([a[..., 1:], np.zeros((*shape[:-1], 1))], -1)
        np.testing.assert_array_equal(helpers.shift(a, by=-1), expected)
