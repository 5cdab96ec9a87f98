"""Programs that need to know how long an array is: one derivative for each length."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import Unsupported, grad


def named(x):
    d = dict(zip("abc", x))
    return d["a"] * d["b"] ** 2


def test_each_length_has_its_derivative():
    g = grad(named)
    assert g(np.array([1.0, 2.0, 3.0])) == pytest.approx([4.0, 4.0, 0.0])
    assert g(np.array([2.0, 2.0, 3.0, 4.0])) == pytest.approx([4.0, 8.0, 0.0, 0.0])
    assert g(np.array([1.0, 3.0, 3.0])) == pytest.approx([9.0, 6.0, 0.0])


def test_what_is_not_there_is_told():
    with pytest.raises(Unsupported, match="no entry 'b'"):
        grad(named)(np.array([2.0]))


def test_a_long_array_is_not_spread_out():
    with pytest.raises(Unsupported, match="not known"):
        grad(named)(np.arange(1000.0))


def no_length_needed(x):
    total = 0.0
    for v in x:
        total += v * v
    return total


def test_other_programs_serve_all_lengths():
    g = grad(no_length_needed)
    g(np.ones(3))
    before = g.source
    g(np.ones(7))
    assert g.source == before
