"""Each program of `looked_up.py` in each mode, to second order."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from s2sad import adjoint, tangent
from tests.api.looked_up import PROGRAMS
from tests.harness.numeric import Point, check_point, seed_names
from tests.harness.values import direction, leaves, outcome

every = pytest.mark.parametrize("name", list(PROGRAMS))


def points(name):
    f, calls, wrt = PROGRAMS[name]
    signature = inspect.signature(f)
    for args in calls:
        named = dict(zip(signature.parameters, args, strict=True))
        varied = wrt or tuple(n for n, value in named.items() if leaves(value))
        yield f, Point(signature, named, varied)


@every
def test_first_order(name):
    rng = np.random.default_rng(1)
    for f, point in points(name):
        check_point(f, tangent(f, point.wrt), adjoint(f, point.wrt), point, rng)


@every
def test_second_order(name):
    rng = np.random.default_rng(2)
    for f, point in points(name):
        first = adjoint(f, point.wrt)
        expected = outcome(lambda p=point, f=f: p.call(f))
        (y_bar,) = seed_names(first, point.signature, {})
        inner = point.holding(**{y_bar: direction(expected.value, rng)})
        pair = tangent(first, point.wrt), adjoint(first, point.wrt)
        check_point(first, *pair, inner, rng, rtol=1e-5)
