"""Containers: every form as local state, argument, result and what is differentiated.

Each program: value and tangent against differences, adjoint against tangent, both
derivatives differentiated again, the caller's containers untouched.
"""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from s2sad import S2sadError, adjoint, tangent
from tests.api import (
    container_entries,
    container_forms,
    container_objects,
    held_in_tuples,
    language_forms,
    mixed_forms,
)
from tests.harness.numeric import Point, check_point, seed_names
from tests.harness.values import direction, leaves, outcome

MODULES = (
    container_entries,
    container_forms,
    container_objects,
    held_in_tuples,
    language_forms,
    mixed_forms,
)
PROGRAMS = [each for module in MODULES for each in module.POINTS]
IDS = [program.__name__ for program, _, _ in PROGRAMS]
assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize(("program", "args", "refused"), PROGRAMS, ids=IDS)
def test_program(program, args, refused):
    point = point_of(program, args)
    pair = tangent(program, point.wrt), adjoint(program, point.wrt)
    rng = np.random.default_rng(0)
    if refused is not None:
        for derived in pair:
            seeds = [direction(v, rng) for v in point.varied()]
            names = seed_names(derived, point.signature, {})
            with pytest.raises(S2sadError) as caught:
                point.call(derived, **dict(zip(names, seeds)))
            assert caught.value.code == refused
        return
    check_point(program, *pair, point, rng)
    expected = outcome(lambda: point.call(program))
    for first in pair:
        names = seed_names(first, point.signature, {})
        varied = point.varied() if first is pair[0] else [expected.value]
        seeds = {n: direction(v, rng) for n, v in zip(names, varied, strict=True)}
        signature = inspect.signature(first)
        inner = Point(signature, {**point.arguments, **seeds}, point.wrt)
        again = tangent(first, point.wrt), adjoint(first, point.wrt)
        check_point(first, *again, inner, rng, rtol=1e-5)


def point_of(program, args) -> Point:
    signature = inspect.signature(program)
    arguments = dict(signature.bind(*args).arguments)
    reals = tuple(name for name, value in arguments.items() if leaves(value))
    return Point(signature, arguments, reals)
