"""What a loop need not repeat comes before it, unless that could raise."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from s2sad import adjoint, tangent
from tests.harness.numeric import Point, check_point


def lengths_that_a_trip_compares(v, u, n):
    w = np.zeros(n)
    for i in range(n):
        w += v * u[i]
    return np.sum(w)


def lengths_that_are_known(v, u, n):
    w = np.zeros_like(v)
    for i in range(n):
        w += v * u[i]
    return np.sum(w)


@pytest.mark.parametrize("f", [lengths_that_a_trip_compares, lengths_that_are_known])
@pytest.mark.parametrize("n", [3, 0])
def test_no_trip_no_error(f, n):
    values = {"v": np.array([0.3, -1.2, 0.8]), "u": np.array([1.1, 0.4, -0.6]), "n": n}
    point = Point(inspect.signature(f), values, ("v", "u"))
    check_point(
        f, tangent(f, point.wrt), adjoint(f, point.wrt), point, np.random.default_rng(0)
    )


def test_products_of_known_lengths_come_first():
    back = adjoint(lengths_that_are_known, ("v", "u"))
    back(np.ones(3), np.ones(3), 3)
    before, _, loop = back.source.partition("# reverse")[2].partition("    for ")
    assert "v * w_bar" in before
    assert "v * w_bar" not in loop
