"""What only the trip that left a loop reads is not carried: numbers and texts."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import adjoint


def first_above(x, level):
    for i in range(len(x)):
        if x[i] > level:
            return x[i] * x[i]
    return 3.0 * level


def carried(x, level):
    """What is found is read by later trips as well: it must be carried."""
    found = 1.0
    for i in range(len(x)):
        found = found * x[i]
        if x[i] > level:
            found = found * found
            break
    return found


def pair(x, level):
    for i in range(len(x)):
        for j in range(len(x)):
            if x[i] * x[j] > level:
                return x[i] * x[j] * x[i]
    return level * level


def kept_best(x, level):
    best = level
    for i in range(len(x)):
        if x[i] > 2.0:
            best = best * x[i]
            break
        if x[i] > level:
            best = best + x[i]
    return best


@pytest.mark.parametrize("function", [first_above, carried, pair, kept_best])
@pytest.mark.parametrize("level", [0.1, 1.2, 1.9, 100.0])
def test_gradients(function, level):
    x = np.array([0.5, 1.5, 2.5, 0.3])
    _, (x_bar, level_bar) = adjoint(function, ("x", "level"))(x, level)
    step = 1e-6
    for k in range(len(x)):
        d = np.zeros(len(x))
        d[k] = step
        slope = (function(x + d, level) - function(x - d, level)) / (2 * step)
        assert x_bar[k] == pytest.approx(slope, abs=1e-6)
    slope = (function(x, level + step) - function(x, level - step)) / (2 * step)
    assert level_bar == pytest.approx(slope, abs=1e-6)


def test_nothing_is_cleared():
    text = adjoint(pair, ("x", "level")).show(np.ones(3), 2.0)
    assert "y_bar = 0.0" not in str(text)
