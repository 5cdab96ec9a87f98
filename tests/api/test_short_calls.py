"""One short specialisation stands behind its own check, without a call in between."""

from __future__ import annotations

import math
import traceback
from types import FunctionType

import numpy as np
import pytest

from s2sad import Unsupported, grad, value_and_grad

SCALE = 3.0


def scaled(x, y=2.0):
    return SCALE * x * y


def inverse(x):
    return 1 / x


def x_bar(x):
    return x * x


def shadowing(x):
    """Its derivative has a variable that is called like the global it relies on."""
    return x_bar(x) * math.sin(x)


def alone(f):
    """The function with code of its own, for which no other test has derived."""
    code = f.__code__.replace()
    return FunctionType(code, f.__globals__, f.__name__, f.__defaults__)


def stands_in(derived, *args):
    return derived._call.__code__.co_filename == (
        derived.specialized(*args).__code__.co_filename
    )


def test_its_own_lines_run():
    slope = grad(alone(inverse))
    assert slope(2.0) == -0.25 and stands_in(slope, 2.0)
    with pytest.raises(ZeroDivisionError) as caught:
        slope(0.0)
    frame = traceback.extract_tb(caught.tb)[-1]
    assert frame.name == "inverse_grad" and frame.line.startswith("x_bar = ")
    assert frame.line in slope.source
    assert len(caught.traceback) == 2  # of this test, and of the derivative


def test_several_are_chosen_from():
    slope = grad(alone(inverse))
    assert slope(2.0) == -0.25 and stands_in(slope, 2.0)
    assert slope(np.float64(2.0)) == -0.25 and not stands_in(slope, 2.0)
    assert slope(2.0) == slope(2) == -0.25


def test_names_that_mean_two_things():
    slope = grad(alone(shadowing))
    for _ in range(2):
        assert slope(2.0) == pytest.approx(4 * math.sin(2) + 4 * math.cos(2))
    assert stands_in(slope, 2.0)
    assert len(slope._dispatch.site.cases) == 1


def test_defaults_and_words():
    slope = grad(alone(scaled))
    assert (slope(1.0), slope(1.0, y=5.0), slope(y=5.0, x=2.0)) == (6.0, 15.0, 15.0)
    assert stands_in(slope, 1.0)


def test_a_global_that_changes(monkeypatch):
    slope = grad(alone(scaled))
    assert slope(1.0) == 6.0
    monkeypatch.setitem(globals(), "SCALE", 4.0)
    assert slope(1.0) == 8.0
    monkeypatch.setitem(globals(), "SCALE", np.float32(2.0))
    assert slope(1.0) == 4.0
    monkeypatch.delitem(globals(), "SCALE")
    with pytest.raises(Unsupported) as caught:
        slope(1.0)
    assert "`SCALE` is not defined" in str(caught.value)
    assert caught.value.__context__ is None  # no NameError of ours


def test_what_a_lambda_captures():
    made = [value_and_grad(lambda w: c * w * w)(3.0) for c in (1.0, 2.0)]
    assert made == [(9.0, 6.0), (18.0, 12.0)]
