"""Dispatch: one derivation per combination of kinds, checks that tell them apart."""

from __future__ import annotations

import inspect
import threading
from collections import namedtuple
from dataclasses import dataclass, replace

import numpy as np
import pytest

from s2sad.analysis.kinds_of import kind_of
from s2sad.api.target import parameters_of
from s2sad.load.dispatch import Bound, Case, Dispatcher, Signature
from s2sad.load.guards import Checks, compile_condition
from s2sad.load.sites import count, site_of


class Fake:
    """A deriver that hands out the function itself and counts."""

    def __init__(self, dims=True):
        self.calls = []

    def __call__(self, function, arguments):
        self.calls.append(dict(arguments))
        kinds = {name: kind_of(value, name) for name, value in arguments.items()}

        def guard(checks):
            for name, kind in kinds.items():
                checks.kind(name, kind)

        return Case(guard, lambda f, _: f)


def dispatcher(function, derive, recipe="fake"):
    box = {}

    def changed(call):
        box["call"] = call

    made = Dispatcher(
        lambda: site_of(
            function.__code__, (recipe, id(derive)), lambda: function.__name__
        ),
        function,
        lambda: Signature(parameters_of(function)),
        derive,
        changed,
    )
    made.refresh()
    return made, lambda *a, **k: box["call"](*a, **k)


def test_one_derivation_per_kind():
    def f(x, n=2):
        return x * n

    derive = Fake()
    _, call = dispatcher(f, derive)
    assert call(3.0) == 6.0 and call(4.0, 5) == 20.0 and call(n=1, x=2.0) == 2.0
    assert len(derive.calls) == 1
    assert call(3) == 6 and len(derive.calls) == 2
    assert call(np.ones(3)).shape == (3,) and len(derive.calls) == 3
    call(np.ones(7))
    assert len(derive.calls) == 3  # lengths are left open
    call(np.ones(1))
    assert len(derive.calls) == 4  # but a length of 1 is not
    call(np.ones((3, 3)))
    call(np.ones(3, "float32"))
    assert len(derive.calls) == 6
    call(2.0), call(np.ones(5)), call(5)
    assert len(derive.calls) == 6


def test_every_style_of_parameter():
    def f(a, /, b, *rest, k, l=4.0, **more):
        return a, b, rest, k, l, more

    derive = Fake()
    _, call = dispatcher(f, derive)
    assert call(1.0, 2.0, k=3.0) == f(1.0, 2.0, k=3.0)
    assert call(1.0, b=2.0, k=3.0, l=1) == f(1.0, b=2.0, k=3.0, l=1)
    assert call(1.0, 2.0, 5.0, 6.0, k=3.0, z=1.0) == f(1.0, 2.0, 5.0, 6.0, k=3.0, z=1.0)
    assert len(derive.calls) == 3
    call(1.0, 2.0, 5.0, 6.0, k=3.0, z=1.0)
    assert len(derive.calls) == 3
    with pytest.raises(TypeError, match="missing"):
        call(1.0, k=2.0)


def test_names_of_the_user_cannot_get_in_the_way():
    def f(type, len, float, isinstance=1.0):
        return type + len + float

    derive = Fake()
    _, call = dispatcher(f, derive)
    assert call(1.0, 2.0, 3.0) == 6.0
    assert call(1.0, 2.0, 3.0) == 6.0 and len(derive.calls) == 1


Point = namedtuple("Point", "x y")


@dataclass
class Layer:
    w: object
    name: str = "relu"


@pytest.mark.parametrize(
    "value, others",
    [
        (1.0, [1, True, 1j, np.float64(1), np.ones(())]),
        (np.float32(1), [1.0, np.float64(1)]),
        ("relu", ["tanh", b"relu", None]),
        (None, [False, 0, 0.0]),
        ((1.0, 2.0), [(1.0,), [1.0, 2.0], (1.0, 2), Point(1.0, 2.0)]),
        (Point(1.0, 2.0), [(1.0, 2.0), Point(1, 2.0)]),
        ([1.0, np.ones(3)], [[1.0, np.ones(1)], [1.0]]),
        (
            {"w": 1.0, "b": 2.0},
            [{"b": 2.0, "w": 1.0}, {"w": 1.0}, {"w": 1.0, "c": 1.0}],
        ),
        ({0: 1.0, (1, 2): 2.0}, [{0: 1.0}]),
        (Layer(1.0), [Layer(1), Layer(1.0, "tanh"), 1.0]),
        (
            np.ones((3, 1)),
            [np.ones((3, 3)), np.ones(3), np.ones((1, 1)), np.ones((3, 1), int)],
        ),
        (np.ones((2, 0)), [np.ones((1, 0))]),
        (slice(1, 2), [slice(1, 3), 1]),
        ([1.0] * 20, [[1.0] * 19 + [1], [1.0] * 3 + ["a"]]),
    ],
)
def test_a_condition_accepts_its_own_kind_only(value, others):
    checks = Checks()
    checks.kind("v", kind_of(value, "v"))
    accepts = compile_condition(checks, "v")
    assert accepts(value)
    for other in others:
        assert not accepts(other)


def test_unpickled_arrays_have_dtypes_of_their_own():
    import pickle

    checks = Checks()
    checks.kind("v", kind_of(np.ones(3), "v"))
    accepts = compile_condition(checks, "v")
    assert accepts(pickle.loads(pickle.dumps(np.ones(3))))


def test_closures_made_in_a_loop_share_what_was_derived():
    derive = Fake()

    def make(a):
        def f(w):
            return w * a

        return f

    for a in range(50):
        f = make(float(a))
        _, call = dispatcher(f, derive)
        assert call(2.0) == 2.0 * a
    assert len(derive.calls) == 1


def test_sites_go_with_their_code():
    import gc

    derive = Fake()
    gc.collect()
    before = count()
    for i in range(20):
        scope = {}
        exec(f"def f(x):\n    return x * {i}.0\n", scope)
        _, call = dispatcher(scope["f"], derive)
        call(1.0)
        del scope, call, _
    gc.collect()
    assert count() <= before + 1


def test_code_replaced_in_place_is_derived_again():
    def f(x):
        return x

    def g(x):
        return 2 * x

    class Guarded(Fake):
        def __call__(self, function, arguments):
            case = super().__call__(function, arguments)
            code = function.__code__

            def guard(checks):
                case.guard(checks)
                checks.code(checks.name(Bound(lambda f: f), "f"), code)

            return Case(guard, case.bind)

    derive = Guarded()
    _, call = dispatcher(f, derive)
    assert call(3.0) == 3.0
    f.__code__ = g.__code__
    assert call(3.0) == 6.0 and call(4.0) == 8.0
    assert len(derive.calls) == 2


@pytest.mark.parametrize("parameter", ["x", "SCALE"])
def test_globals_are_read_late(parameter):
    """By their names, also where a parameter has the same one, or where one is gone."""
    scope = {"SCALE": 2.0}
    exec(f"def f({parameter}): return 2.0", scope)

    class Scaled(Fake):
        def __call__(self, function, arguments):
            case = super().__call__(function, arguments)
            value = scope.get("SCALE", 0.0)

            def guard(checks):
                case.guard(checks)
                text = checks.outer("SCALE", Bound(lambda f: f.__globals__))
                checks.kind(text, kind_of(value))

            return replace(case, guard=guard)

    derive = Scaled()
    _, call = dispatcher(scope["f"], derive)
    for value, made in ((2.0, 1), (3.0, 1), (3, 2), (4.0, 2), (4, 2)):
        scope["SCALE"] = value
        assert call(1.0) == 2.0 and len(derive.calls) == made
    del scope["SCALE"]
    for _ in range(2):  # its own condition refuses what is not there
        made += 1
        assert call(1.0) == 2.0 and len(derive.calls) == made


def test_threads_derive_once():
    import time

    def f(x):
        return x + 1

    class Slow(Fake):
        def __call__(self, function, arguments):
            time.sleep(0.05)
            return super().__call__(function, arguments)

    derive = Slow()
    _, call = dispatcher(f, derive)
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(call(1.0))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [2.0] * 8 and len(derive.calls) == 1


def test_many_kinds_stay_bounded():
    def f(x, mode):
        return x

    derive = Fake()
    made, call = dispatcher(f, derive)
    for i in range(60):
        assert call(1.0, str(i)) == 1.0
    assert len(made.site.cases) == 32


def test_casts_and_keywords_and_after():
    def f(x, y, *, seed=1.0):
        return x, y, seed

    def inner(x, y, *, z_bar):
        return x, y, z_bar

    def derive(function, arguments):
        return Case(
            lambda checks: checks.kind("x", kind_of(arguments["x"])),
            lambda f, _: inner,
            casts={"x": float},
            keywords={"seed": "z_bar"},
            after=lambda result, x, y, seed: (result, type(x)),
        )

    _, call = dispatcher(f, derive)
    for _ in range(2):
        (x, y, seed), kind = call(3, 4)
        assert (type(x), y, seed, kind) == (float, 4, 1.0, int)


def test_parameters_are_those_of_the_code():
    def f(a, /, b, c=1, *args, d, e=2, **kwargs):
        x = 1
        return x

    assert inspect.Signature(parameters_of(f)) == inspect.signature(f)
