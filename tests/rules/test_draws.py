"""The table of distributions: every function there is, its kind, its slopes."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path

import numpy as np
import pytest

from s2sad.analysis.kinds_of import kind_of
from s2sad.rules import BadArguments
from s2sad.rules.draws import DISTRIBUTIONS, unmoved


def load(name):
    """A module beside this file, also where tests are no packages."""
    full = f"rules_{name}"
    if full not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            full, Path(__file__).with_name(f"{name}.py")
        )
        sys.modules[full] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[full]


harness, holds = load("harness"), load("test_kinds").holds

V = np.array([0.6, 1.4, 0.9])
C = np.array([[0.5], [0.8]])
ONE = (0.7,), (V,), (C,)
PLACE_AND_SCALE = (
    (0.3, 0.7),
    (V, 1.4),
    (0.3, V),
    (C, V),
    (np.array([-1.0]), np.float64(2)),
)
ROWS = np.array([0.3, 0.1]), np.array([[1.2, 0.2], [0.2, 0.7]])
SHARES = np.array([0.2, 0.5, 0.3])

# For each distribution of NumPy's its parameters but `size`.
PARAMETERS = {
    "standard_normal": [()],
    "standard_exponential": [()],
    "random": [()],
    "standard_cauchy": [()],
    "random_sample": [()],
    "ranf": [()],
    "sample": [()],
    "normal": PLACE_AND_SCALE,
    "laplace": PLACE_AND_SCALE,
    "gumbel": PLACE_AND_SCALE,
    "logistic": PLACE_AND_SCALE,
    "lognormal": PLACE_AND_SCALE,
    "uniform": [(0.3, 1.7), (V, 4.0), (0.1, V), (C, V + 1)],
    "exponential": ONE,
    "rayleigh": ONE,
    "weibull": ONE,
    "power": ONE,
    "pareto": ONE,
    "chisquare": ONE,
    "standard_t": ONE,
    "standard_gamma": ONE,
    "poisson": ONE,
    "gamma": [(2.5, 0.7), (V, 0.7), (0.7, V), (C, V)],
    "beta": [(0.5, 0.7), (V, 0.7), (0.7, C)],
    "f": [(3.0, 5.0), (V, 5.0), (3.0, C)],
    "noncentral_chisquare": [(3.0, 0.7), (V, 0.7), (3.0, C)],
    "noncentral_f": [(3.0, 5.0, 0.7), (V, 5.0, C), (3.0, 5.0, V)],
    "vonmises": [(0.3, 0.7), (V, 0.7), (0.3, C)],
    "wald": [(0.3, 0.7), (V, 0.7), (0.3, C)],
    "triangular": [(0.1, 0.3, 1.4), (0.1, 0.3, V), (-V, 0.3, C + 1), (0.1, V, 4.0)],
    "multivariate_normal": [ROWS],
    "dirichlet": [(V,)],
    "binomial": [(5, 0.3), (5, SHARES), (np.array([4, 7]), C / 2)],
    "negative_binomial": [(5, 0.3), (5, SHARES), (np.array([4, 7]), C / 2)],
    "geometric": [(0.3,), (SHARES,)],
    "logseries": [(0.3,), (SHARES,)],
    "zipf": [(2.5,), (V + 1,)],
    "hypergeometric": [(4, 5, 3), (np.array([4, 6]), 5, 3), (4, 5, np.array([2, 1]))],
    "multinomial": [(7, SHARES)],
    "integers": [(7,), (2, 9), (2, np.array([5, 9]))],
    "randint": [(7,), (2, 9), (2, np.array([5, 9]))],
    "choice": [(5,), (V,), (np.array([3, 1, 2]),)],
    "permutation": [(5,), (V,), (C,)],
    "permuted": [(V,), (C,)],
}  # fmt: skip
WITHOUT_SIZE = ("permutation", "permuted")
SIZES = (4, (2, 3))  # that arrays of parameters must broadcast to are tried by name

PYTHON = {
    "random": [()],
    "uniform": [(0.3, 1.7)],
    "gauss": [(0.3, 0.7)],
    "normalvariate": [(0.3, 0.7)],
    "lognormvariate": [(0.3, 0.7)],
    "expovariate": [(0.7,)],
    "gammavariate": [(2.5, 0.7)],
    "weibullvariate": [(0.7, 1.3)],
    "paretovariate": [(2.5,)],
    "betavariate": [(0.5, 0.7)],
    "vonmisesvariate": [(0.3, 0.7)],
    "triangular": [(0.1, 1.4), (0.1, 1.4, 0.3), ()],
    "randint": [(2, 9)],
    "randrange": [(9,), (2, 9), (2, 9, 3)],
    "getrandbits": [(8,)],
    "choice": [([0.3, 0.7],), ([1, 2, 5],), (V,)],
}


def source_of(name):
    """A function that draws the same each time it is called, and its distribution."""
    if name.startswith("random."):
        plain = name.removeprefix("random.")
        return lambda *args, **words: getattr(random.Random(7), plain)(*args, **words)
    if hasattr(np.random.Generator, name):
        make = np.random.default_rng
    else:
        make = np.random.RandomState
    if name in ("ranf", "sample"):
        return lambda *args, **words: make(7).random_sample(*args, **words)
    return lambda *args, **words: getattr(make(7), name)(*args, **words)


CALLS = [
    *((name, args) for name, tried in PARAMETERS.items() for args in tried),
    *((f"random.{name}", args) for name, tried in PYTHON.items() for args in tried),
]


def label(value):
    return value if isinstance(value, str) else None


def kind_and_value(name, args, keywords=(), **options):
    source = source_of(name)
    attrs = {"distribution": name, "keywords": keywords, **options}
    kinds = [kind_of(arg, f"x{i}") for i, arg in enumerate((source, *args))]
    _, _, op = harness.one_op("draw", (source, *args), attrs, kinds)
    return op.outs[0].kind, harness.run("draw")(source, *args, **attrs)


def test_every_function_is_there():
    """But those that write into their argument, or give bytes or tables."""
    others = (
        "bit_generator bytes shuffle spawn multivariate_hypergeometric seed tomaxint "
        "random_integers set_state get_state"
    ).split()
    known = {name for name in DISTRIBUTIONS if not name.startswith("random.")}
    classes = np.random.Generator, np.random.RandomState
    there = {name for each in classes for name in dir(each) if name[0] != "_"}
    assert known == (there - {*others}) | {"ranf", "sample"}
    assert known == {*PARAMETERS, "rand", "randn"}
    assert {f"random.{name}" for name in PYTHON} == set(DISTRIBUTIONS) - known


@pytest.mark.parametrize("name, args", CALLS, ids=label)
def test_kinds_of_draws(name, args):
    kind, value = kind_and_value(name, args)
    assert holds(kind, value), (kind, value)
    if not name.startswith("random.") and name not in WITHOUT_SIZE:
        several = any(np.ndim(arg) for arg in args)
        rows = name in ("multivariate_normal", "dirichlet", "multinomial", "choice")
        for size in () if several and not rows else SIZES:
            kind, value = kind_and_value(name, (*args, size), ("size",))
            assert holds(kind, value), (kind, value)
            if len(args) == len(DISTRIBUTIONS[name].params) - 1:  # in its place
                kind, value = kind_and_value(name, (*args, size))
                assert holds(kind, value), (kind, value)
            assert kind.dims is not None and len(kind.dims) == value.ndim


@pytest.mark.parametrize("name", ["rand", "randn"])
def test_lengths_one_by_one(name):
    for lengths in ((), (3,), (2, 1), (2, 3, 1)):
        kind, value = kind_and_value(name, lengths)
        assert holds(kind, value), (kind, value)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtypes_of_draws(dtype):
    for name in ("standard_normal", "standard_exponential", "random"):
        kind, value = kind_and_value(name, (3, dtype), ("size", "dtype"))
        assert holds(kind, value), (kind, value)
        kind, value = kind_and_value(name, (dtype,), ("dtype",))
        assert np.dtype(kind.dtype) == np.asarray(value).dtype


def test_dtypes_of_integers():
    kind, value = kind_and_value("integers", (9, 3, np.int32), ("size", "dtype"))
    assert holds(kind, value), (kind, value)
    kind, value = kind_and_value("integers", (0, 9, 3, np.int16, True))
    assert holds(kind, value), (kind, value)


MOVED = [
    (name, args)
    for name, args in CALLS
    if DISTRIBUTIONS[name].moves and not any(isinstance(a, (int, list)) for a in args)
]


@pytest.mark.parametrize("name, args", MOVED, ids=label)
def test_slopes_of_draws(name, args):
    """Against differences, the numbers behind the draw as they are."""
    source, params = source_of(name), DISTRIBUTIONS[name].params
    shown = [p in DISTRIBUTIONS[name].moves for p in params[: len(args)]]
    values = [a if yes else harness.Lit(a) for a, yes in zip(args, shown)]
    if all(shown):
        check_draw(source, *args, distribution=name)
        words = params[: len(args)][::-1]
        check_draw(source, *args[::-1], distribution=name, keywords=words)
    elif not any(isinstance(a, np.ndarray) for a in args):
        check_draw(source, *values, distribution=name)
    if not name.startswith("random.") and not any(map(np.ndim, args)) and all(shown):
        check_draw(source, *args, harness.Lit(5), distribution=name)


def check_draw(*args, **attrs):
    harness.check("draw", *args, **attrs)
    harness.check_alone("draw", *args, **attrs)
    harness.check_second("draw", *args, **attrs)


@pytest.mark.parametrize("name", ["normal", "uniform", "laplace", "random.gauss"])
def test_defaults_in_slopes(name):
    """The parameters that are not given are those of the function."""
    if not name.startswith("random.") or sys.version_info >= (3, 11):
        source, params = source_of(name), DISTRIBUTIONS[name].params
        for i in (0, 1):
            attrs = {"distribution": name, "keywords": (params[i],)}
            check_draw(source, 0.6 + i, **attrs)


def test_what_a_draw_does_not_move_with():
    kinds = [kind_of(a, "x") for a in (len, 2.5, 0.7)]
    attrs = {"distribution": "gamma"}
    _, _, op = harness.one_op("draw", (len, 2.5, 0.7), attrs, kinds)
    assert unmoved(op) == [0, 1]
    _, _, op = harness.one_op(
        "draw", (len, 2.5, 0.7), {"distribution": "normal"}, kinds
    )
    assert unmoved(op) == [0]


def test_calls_of_the_library():
    """By a method of the source, or as a function of the library's own source."""
    run = harness.run("draw")
    rng, twin = np.random.default_rng(5), np.random.default_rng(5)
    found = run(rng, 0.3, 0.7, callee=".normal", distribution="normal")
    assert found == twin.normal(0.3, 0.7)
    words = {"distribution": "normal", "keywords": ("size", "loc")}
    np.testing.assert_array_equal(
        run(rng, 3, 0.5, callee=".normal", **words), twin.normal(loc=0.5, size=3)
    )
    np.random.seed(3)
    found = run(0.3, 0.7, callee="np.random.normal", distribution="normal")
    np.random.seed(3)
    assert found == np.random.normal(0.3, 0.7)
    random.seed(3)
    found = run(0.3, 0.7, callee="random.gauss", distribution="random.gauss")
    random.seed(3)
    assert found == random.gauss(0.3, 0.7)


@pytest.mark.parametrize(
    "args, keywords",
    [
        ((0.3, 0.7, 3, 4), ()),
        ((0.3, 0.7), ("places",)),
    ],
)
def test_arguments_that_do_not_fit(args, keywords):
    kinds = [kind_of(a, "x") for a in (len, *args)]
    attrs = {"distribution": "normal", "keywords": keywords}
    with pytest.raises(BadArguments, match="do not fit"):
        harness.one_op("draw", (len, *args), attrs, kinds)


def test_arguments_that_are_missing():
    with pytest.raises(BadArguments, match="mean"):
        harness.one_op(
            "draw", (len,), {"distribution": "multivariate_normal"}, [kind_of(len)]
        )
