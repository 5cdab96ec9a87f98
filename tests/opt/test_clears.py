"""Clears that go and clears that must stay: gradients are right either way."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import adjoint


def forward_only(x, n):
    u = np.zeros(n)
    u[0] = x
    u[1] = x * x
    for i in range(2, n):
        u[i] = u[i - 1] * u[i - 2] + 0.1
    return u[-1]


def wraps(x, n):
    u = np.zeros(n)
    u[-1] = x
    for i in range(0, n):
        u[i] = u[i - 1] * x + 0.1
    return u[-1] + u[0]


def twice(x, n):
    u = np.zeros(n) + x
    for _ in range(2):
        for i in range(1, n):
            u[i] = u[i - 1] * u[i]
    return u[n - 1]


def overwritten(x, n):
    u = np.zeros(n) + x
    u[2] = x * x
    for i in range(1, n):
        u[i] = u[i - 1] * x
    u[0] = u[1] * x
    return u[0] + u[2] + u[-1]


def downwards(x, n):
    u = np.zeros(n) + x
    for i in range(n - 2, -1, -1):
        u[i] = u[i + 1] * u[i] + x
    return u[0] * u[1]


def ends(x, n):
    u = np.zeros(n)
    u[0] = x
    u[-1] = 2 * x
    u[0] = u[-1] * u[0]
    u[1] = u[0] * x
    return u[0] + u[1] * u[-1]


def shifted(x, n):
    u = x + np.linspace(0.1, 0.7, n)
    for _ in range(2):
        u[1:-1] = u[1:-1] + 0.1 * np.sin(u[1:-1]) * u[2:]
    return np.sum(u * u)


@pytest.mark.parametrize(
    "function", [forward_only, wraps, twice, overwritten, downwards, ends, shifted]
)
@pytest.mark.parametrize("n", [3, 5])
def test_gradient(function, n):
    x = 0.8
    _, x_bar = adjoint(function, "x")(x, n)
    slope = (function(x + 1e-6, n) - function(x - 1e-6, n)) / 2e-6
    assert x_bar == pytest.approx(slope, rel=1e-6)


def test_what_is_never_read_again_is_not_cleared():
    derived = adjoint(forward_only, "x")
    derived(0.8, 5)
    assert "] = 0.0" not in derived.source


def test_what_is_added_to_itself_is_not_cleared():
    derived = adjoint(shifted, "x")
    derived(0.8, 5)
    assert "] = 0.0" not in derived.source and "u_bar_inner +=" in derived.source
