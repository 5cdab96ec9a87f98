"""`wrt`: every way to say it, and what is said when it cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import S2sadError, grad
from s2sad.api.target import parameters_of
from s2sad.api.wrt import ALL, Attr, Item, Wrt, parse_wrt, place_of
from tests.api import functions as fs


def f(a, b, /, c, *rest, k=1, **more):
    return a


@pytest.mark.parametrize(
    "given, want",
    [
        (0, Wrt((Item(0),), True)),
        (np.int64(1), Wrt((Item(1),), True)),
        ("x", Wrt((Item("x"),), True)),
        ((0, "x"), Wrt((Item(0), Item("x")))),
        ([0], Wrt((Item(0),))),
        (None, ALL),
        ("self.W", Wrt((Item("self", (Attr("W"),)),), True)),
        ("p['b'][-1].w", Wrt((Item("p", ("b", -1, Attr("w"))),), True)),
    ],
)
def test_forms(given, want):
    assert parse_wrt(given) == want
    if given is not None:
        assert parse_wrt(None or given) == want


@pytest.mark.parametrize(
    "item, want",
    [
        (Item(0), (0, ())),
        (Item(2), (2, ())),
        (Item(4), (3, (1,))),
        (Item("k"), (4, ())),
        (Item("other"), (5, ("other",))),
    ],
)
def test_places(item, want):
    assert place_of(item, parameters_of(f), 0, "f") == want


def test_hidden_parameters_are_not_counted():
    assert place_of(Item(0), parameters_of(fs.Spring.energy), 1, "f") == (1, ())
    assert place_of(Item("self"), parameters_of(fs.Spring.energy), 1, "f") == (0, ())


@pytest.mark.parametrize("wrt", [True, 1.5, "x +", "f(x)", "x[i]", (), ("x", None)])
def test_nonsense(wrt):
    with pytest.raises(TypeError) as caught:
        grad(fs.textbook, wrt)
    assert isinstance(caught.value, S2sadError)


def test_argnums():
    assert grad(fs.textbook, argnums=1)(2.0, 0.0) == 1.0
    with pytest.raises(TypeError, match="argnums"):
        grad(fs.textbook, 0, argnums=1)
    with pytest.raises(TypeError, match="argnums"):
        grad(fs.textbook, 0, argnums=0)


@pytest.mark.parametrize(
    "wrt, words",
    [
        ("x_1", "did you mean `x1`"),
        (2, "x1, x2"),
        (-3, "x1, x2"),
        (("x1", 0), "twice"),
    ],
)
def test_unknown(wrt, words):
    with pytest.raises(TypeError, match=words) as caught:
        grad(fs.textbook, wrt)(2.0, 5.0)
    assert isinstance(caught.value, S2sadError) and caught.value.code


def test_unknown_entries():
    with pytest.raises(TypeError, match="w"):
        grad(fs.model, "params['v']")({"w": np.ones(2), "b": 1.0}, np.ones(2))


def test_negative_positions():
    assert grad(fs.textbook, -1)(2.0, 0.0) == 1.0
