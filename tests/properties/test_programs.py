"""Programs at random: each derivative is right, to second order.

pytest tests/properties                 sixty programs, the same every time
pytest tests/properties --campaign      thousands, others every time
"""

from __future__ import annotations

import hashlib
import inspect
import linecache

import numpy as np
import pytest
from hypothesis import Phase, assume, given, note, seed, settings

from tests.harness.numeric import Point, check_point, differences, seed_names
from tests.harness.values import direction, flat, outcome
from tests.properties.programs import programs

WRT = ("x", "y", "a", "b")
VALUES = {
    "x": 0.37,
    "y": -0.81,
    "a": np.array([0.23, 1.19, -0.58]),
    "b": np.array([-0.94, 0.41, 0.66]),
    "n": 3,
}


def defined(text: str):
    """The function `program` of that text, whose source can be found."""
    filename = f"<program {hashlib.sha256(text.encode()).hexdigest()[:12]}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    space = {"__name__": "random_program"}
    exec(compile(text, filename, "exec"), space)
    return space["program"]


def smooth(point: Point, function) -> bool:
    """Do differences with a large and with a small step agree, so no kink is near?"""
    rng = np.random.default_rng(11)
    along = [direction(value, rng) for value in point.varied()]
    far, near = differences(lambda h: point.call(function, point.moved(along, h)))
    if far.shape != near.shape or not np.all(np.isfinite(far)):
        return False
    scale = max(1.0, np.max(np.abs(far), initial=0.0))
    return scale < 1e4 and np.max(np.abs(far - near), initial=0.0) < 1e-6 * scale


def examine(text: str) -> None:
    """First and second derivatives of the program in `text`."""
    from s2sad import adjoint, tangent

    program = defined(text)
    point = Point(inspect.signature(program), VALUES, WRT)
    value = outcome(lambda: point.call(program))
    assert value.raised is None, f"the generator is wrong: {value.raised}\n{text}"
    assume(not isinstance(value.value, int))  # a sum of nothing has no derivative
    assume(smooth(point, program))
    note(text)
    forward, reverse = tangent(program, WRT), adjoint(program, WRT)
    check_point(program, forward, reverse, point, np.random.default_rng(5), rtol=1e-5)
    (y_bar,) = seed_names(reverse, point.signature, {})
    rng = np.random.default_rng(6)
    inner = point.holding(**{y_bar: direction(value.value, rng)})
    assume(np.all(np.isfinite(flat(inner.call(reverse)))) and smooth(inner, reverse))
    pair = tangent(reverse, WRT), adjoint(reverse, WRT)
    check_point(reverse, *pair, inner, rng, rtol=1e-4)


@pytest.mark.parametrize("part", range(4))
def test_programs(part):
    """Fifteen programs in each part, so that several workers share them."""

    @seed(part)
    @settings(max_examples=15, phases=[Phase.generate, Phase.shrink])
    @given(programs())
    def each(text):
        examine(text)

    each()


@pytest.mark.campaign
@given(programs())
def test_many_programs(text):
    examine(text)
