"""Programs that overwrite: each form of `writing.py`, in each mode, to second order.

Values, tangents, adjoints, tangents of adjoints and adjoints of adjoints are held
against differences and each other; no argument and no seed may be changed.
"""

from __future__ import annotations

import copy
import inspect

import numpy as np
import pytest

from s2sad import adjoint, grad, jvp, tangent, vjp
from tests.api import (  # noqa: F401  enter their programs, too
    algorithms,
    begun_otherwise,
    bound_on_some_ways,
    changing_roles,
    keyed_forms,
    status_forms,
    unranked_forms,
)
from tests.api.writing import PROGRAMS
from tests.harness.numeric import Point, check_point, seed_names
from tests.harness.values import direction, is_real, leaves, outcome, same

every = pytest.mark.parametrize("name", list(PROGRAMS))


def points(name):
    f, calls, wrt = PROGRAMS[name]
    signature = inspect.signature(f)
    for args in calls:
        named = dict(zip(signature.parameters, copy.deepcopy(args), strict=True))
        varied = wrt or tuple(n for n, v in named.items() if leaves(v))
        yield f, Point(signature, named, varied)


@every
def test_first_order(name):
    rng = np.random.default_rng(1)
    for f, point in points(name):
        check_point(f, tangent(f, point.wrt), adjoint(f, point.wrt), point, rng)


@every
def test_arguments_are_not_changed(name):
    rng = np.random.default_rng(2)
    for f, point in points(name):
        derived = tangent(f, point.wrt)
        seeds = [direction(value, rng) for value in point.varied()]
        given = copy.deepcopy((dict(point.arguments), seeds))
        bound = inspect.BoundArguments(point.signature, given[0])
        names = seed_names(derived, point.signature, {})
        derived(*bound.args, **bound.kwargs, **dict(zip(names, given[1], strict=True)))
        assert same(given, (dict(point.arguments), seeds))


@every
def test_second_order(name):
    rng = np.random.default_rng(3)
    for f, point in points(name):
        first = adjoint(f, point.wrt)
        expected = outcome(lambda p=point, f=f: p.call(f))
        (y_bar,) = seed_names(first, point.signature, {})
        inner = point.holding(**{y_bar: direction(expected.value, rng)})
        pair = tangent(first, point.wrt), adjoint(first, point.wrt)
        check_point(first, *pair, inner, rng, rtol=1e-5)


@pytest.mark.parametrize("f", bound_on_some_ways.FUNCTIONS)
def test_halves_hand_on_what_is_missing(f):
    """What one half keeps for the other may never have been assigned."""
    _, calls, _ = PROGRAMS[f.__name__]
    for x, s, n in calls:
        bars = grad(f, wrt=("x", "s"))(x, s, n)
        _, pullback = vjp(f, x, s, n, wrt=("x", "s"))
        assert same(pullback(1.0), bars)

        def tangent_of(x, s, n=n):
            return jvp(f, (x, s, n), (np.cos(x), 0.3, None))[1]

        def gradient_of(x, s, n=n):
            x_bar, s_bar = grad(f, wrt=("x", "s"))(x, s, n)
            return np.sum(x_bar * np.cos(x)) + 0.3 * s_bar

        for of in (tangent_of, gradient_of):
            signature = inspect.signature(of)
            point = Point(signature, {"x": x, "s": s}, ("x", "s"))
            pair = tangent(of, ("x", "s")), adjoint(of, ("x", "s"))
            check_point(of, *pair, point, np.random.default_rng(4), rtol=1e-5)


def test_programs_vary_what_they_return():
    """Each program returns real numbers and does not raise."""
    for name in PROGRAMS:
        for f, point in points(name):
            made = outcome(lambda p=point, f=f: p.call(f))
            assert not made.raised, (name, made.raised)
            assert leaves(made.value) or is_real(made.value), name
