"""Kinds and rules where lengths are known numbers: kinds of results are the results'."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from s2sad.analysis.kinds_of import kind_of
from s2sad.ir.interp import interpret
from s2sad.ir.kinds import FLOAT, INT, Array, List, Scalar, Tuple
from s2sad.ir.nodes import Lit
from s2sad.rules.updates import updated_kind


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


harness, cases = load("harness"), load("cases")
WITH_ARRAYS = [
    case for case in cases.CASES if any(isinstance(a, np.ndarray) for a in case[1])
]
OF_THE_CHECK = ("numeric", "rtol", "atol", "unknown")
NAMES = sorted({name for name, *_ in WITH_ARRAYS})


def known(value, name=""):
    """The kind of a value whose lengths are numbers."""
    kind = kind_of(value, name)
    return Array(kind.dtype, value.shape) if isinstance(kind, Array) else kind


def holds(kind, value) -> bool:
    """Is the value of this kind?"""
    if isinstance(kind, Array) and kind.dims == ():
        return np.ndim(value) == 0  # NumPy often gives its scalar
    if isinstance(kind, Array):
        if not isinstance(value, np.ndarray) or value.dtype.name != kind.dtype:
            return False
        if kind.dims is None:
            return True
        assert all(n is None or isinstance(n, (int, str)) for n in kind.dims), kind
        return len(kind.dims) == value.ndim and all(
            n == m for n, m in zip(kind.dims, value.shape) if isinstance(n, int)
        )
    if isinstance(kind, Scalar):
        sort = {"float": "f", "int": "iu", "bool": "b", "complex": "c"}.get(kind.dtype)
        dtype = np.asarray(value).dtype
        named = dtype.kind in sort if sort else dtype.name == kind.dtype
        return np.ndim(value) == 0 and named
    if isinstance(kind, Tuple):
        pairs = zip(kind.items, value)
        return len(kind.items) == len(value) and all(holds(k, v) for k, v in pairs)
    if isinstance(kind, List) and kind.items is not None:
        pairs = zip(kind.items, value)
        return len(kind.items) == len(value) and all(holds(k, v) for k, v in pairs)
    return True


@pytest.mark.parametrize("name", NAMES)
def test_kinds_of_results(name):
    for _, args, attrs in (case for case in WITH_ARRAYS if case[0] == name):
        values = [a.value if isinstance(a, Lit) else a for a in args]
        kinds = [known(v, f"x{i}") for i, v in enumerate(values)]
        own = {k: v for k, v in attrs.items() if k not in OF_THE_CHECK}
        _, xs, op = harness.one_op(name, args, own, kinds)
        b = harness.Builder()
        b.add(op)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ys = interpret(harness.function(xs, b, op.outs), values, harness.run)
        for out, y in zip(op.outs, ys, strict=True):
            assert holds(out.kind, y), (out.kind, y, args, attrs)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_rules_where_lengths_are_known(name, monkeypatch):
    monkeypatch.setattr(harness, "kind_of", known)
    for _, args, attrs in (case for case in WITH_ARRAYS if case[0] == name):
        harness.check(name, *args, unknown=False, **attrs)


@pytest.mark.parametrize("at, changed", [(0, 0), (1, 1), (-1, 1), (-2, 0)])
def test_a_list_has_the_kind_of_what_was_written(at, changed):
    kinds = [INT, INT]
    base = List(tuple(kinds))
    kinds[changed] = FLOAT
    assert updated_kind(base, FLOAT, "[#]", (Lit(at),)) == List(tuple(kinds))


@pytest.mark.parametrize("at", [2, -3])
def test_a_write_outside_of_a_list_changes_no_kind(at):
    base = List((INT, INT))
    assert updated_kind(base, FLOAT, "[#]", (Lit(at),)) == base
