"""Unpacking an array whose length the text leaves open: the run checks it."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import adjoint, tangent


def area(p):
    a, b = 2 * p
    return a * b


def of_three(p):
    a, b, c = p
    return a * b * c


def in_a_loop(rows):
    total = 0.0
    for a, b in rows:
        total += a * b
    return total


@pytest.mark.parametrize(
    ("function", "x"),
    [
        (area, np.ones(3)),
        (of_three, np.ones(2)),
        (of_three, np.ones(4)),
        (in_a_loop, np.ones((2, 3))),
    ],
)
def test_another_number_of_items_raises_what_python_raises(function, x):
    with pytest.raises(ValueError, match="unpack"):
        function(x)
    with pytest.raises(ValueError, match="unpack"):
        adjoint(function)(x)
    with pytest.raises(ValueError, match="unpack"):
        tangent(function)(x, np.ones_like(x))


def test_as_many_as_there_are():
    y, x_bar = adjoint(of_three)(np.array([2.0, 3.0, 5.0]))
    assert y == 30.0
    np.testing.assert_allclose(x_bar, [15.0, 10.0, 6.0])
