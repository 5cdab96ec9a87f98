"""No optimisation changes a number beyond rounding: every fixture, on every level.

The derivatives at `optimize=0`, at `optimize=2`, and with no pass run at all give what
those of the default level give, print the same, and raise the same.
"""

from __future__ import annotations

import copy
import random
from typing import Any

import numpy as np
import pytest

from s2sad import adjoint, opt, tangent
from s2sad.api import compose
from tests.harness.cases import arguments, case, names, tangents
from tests.harness.numeric import Point, seed_names
from tests.harness.values import Outcome, direction, flat, outcome

LEVELS = (0, 2, "none")


@pytest.fixture
def without_passes(monkeypatch):
    """Text made from what differentiation gives, as it stands."""

    def as_it_is(program, *options, **more):
        return program

    for room in (opt, compose):
        monkeypatch.setattr(room, "optimise", as_it_is)
    monkeypatch.setattr(opt, "refine", as_it_is)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", names())
def test_every_level_gives_the_same(name, level, request):
    program = case(name)
    point = program.points[0]
    expected = outcomes(program.function, point, 1)
    if level == "none":
        request.getfixturevalue("without_passes")
    found = outcomes(program.function, point, level)
    for one, other in zip(found, expected, strict=True):
        assert one.raised == other.raised
        assert one.printed == other.printed
        if one.raised is None:
            a, b = flat(one.value), flat(other.value)
            assert a.shape == b.shape
            scale = np.max(np.abs(b[np.isfinite(b)]), initial=1.0)
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12 * scale)


def outcomes(function: Any, point: Point, level: int | str) -> list[Outcome]:
    """What the tangent and the adjoint of a program give at a point."""
    # a recipe of its own, or what was derived with the passes would serve
    bare: dict[str, Any] = {"optimize": 0, "debug": True}
    options = bare if level == "none" else {"optimize": level}
    value = performed(lambda: point.call(function)).value
    made = []
    for operator in (tangent, adjoint):
        derived = operator(function, point.wrt, **options)
        seeds = {**point.seeds, **tangents(derived, point)}
        if operator is adjoint:
            wanted = seed_names(derived, point.signature, point.seeds)
            rng = np.random.default_rng(1)
            seeds.update((name, direction(value, rng)) for name in wanted[:1])
        made.append(called(derived, point, seeds))
    return made


def called(derived: Any, point: Point, seeds: dict[str, Any]) -> Outcome:
    args, kwargs, seeds = copy.deepcopy((*arguments(point), seeds))
    return performed(lambda: derived(*args, **kwargs, **seeds))


def performed(call: Any) -> Outcome:
    """The outcome of a call, with the same random draws each time."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    return outcome(call)
