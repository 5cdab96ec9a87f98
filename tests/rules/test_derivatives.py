"""Every rule on values: forward against differences, reverse against forward."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest


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


def label(case):
    name, args, attrs = case
    shapes = [getattr(a, "shape", type(a).__name__) for a in args]
    return f"{name}-{shapes}-{attrs}".replace(" ", "")


@pytest.mark.parametrize("case", cases.CASES, ids=map(label, cases.CASES))
def test_jvp_and_vjp(case):
    name, args, attrs = case
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        harness.check(name, *args, **attrs)


def once_each():
    """For each primitive a few cases of the second order, in float64."""
    chosen, count = [], {}
    for case in cases.CASES:
        name, args, _ = case
        single = any(getattr(a, "dtype", None) == np.float32 for a in args)
        empty = any(getattr(a, "size", 1) == 0 for a in args)
        if single or empty or count.get(name, 0) >= 4:
            continue
        count[name] = count.get(name, 0) + 1
        chosen.append(case)
    return chosen


@pytest.mark.parametrize("case", once_each(), ids=map(label, once_each()))
def test_second_order(case):
    name, args, attrs = case
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        harness.check_second(name, *args, **attrs)


@pytest.mark.parametrize("case", once_each(), ids=map(label, once_each()))
def test_one_operand_at_a_time(case):
    name, args, attrs = case
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        harness.check_alone(name, *args, **attrs)
