"""Conditions that tell which elements are read: each comparison, either way, joined."""

from __future__ import annotations

import importlib.util
import re

import numpy as np
import pytest

from s2sad import adjoint

LOOPS = """
import numpy as np

def f(x, c):
    n = len(x)
    for i in range(n):
        for j in range(n):
            if {guard}:
                x[i] += np.sin(x[j])
    return x
"""

# x[j] is final when it is read if j < i in each trip that reads it.
FINAL = (
    "j < i",
    "j + 1 <= i",
    "i > j",
    "i >= j + 1",
    "j == i - 1",
    "not j >= i",
    "not j > i - 1",
    "not i <= j",
    "not i < j + 1",
    "i - 1 == j",
    "not j != i - 1",
    "not i - 1 != j",
    "not not j < i",
    "i - j > 0",
    "-j > -i",
    "2 * j < i * 2",
    "j - i < 0",
    "j <= i and j != i",
    "j < i and c > 0.0",
    "c > 0.0 and j < i",
    "j <= i and c > 0.0 and i != j",
    "not (j >= i or c < 0.0)",
    "not (c < 0.0 or j >= i)",
    "not (j > i or j == i)",
    "not (j >= i or j == 7)",
)
LOST = (
    "j <= i",
    "j < i + 1",
    "i >= j",
    "i > j - 1",
    "j == i",
    "j != i + 1",
    "not j > i",
    "not j >= i + 1",
    "not i < j",
    "not i <= j - 1",
    "not j == i + 1",
    "not not j <= i",
    "i - j >= 0",
    "-j >= -i",
    "2 * j <= i * 2",
    "j < i or c > 0.0",
    "c > 0.0 or j < i",
    "j <= i and j != i + 1",
    "not (j > i or c < 0.0)",
    "not (j >= i and c > 2.0)",
)


def program(guard, folder):
    path = folder / "guarded.py"
    path.write_text(LOOPS.format(guard=guard), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("guarded", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


@pytest.mark.parametrize("guard", FINAL + LOST)
def test_guard(guard, tmp_path):
    """No element is kept if all are final, and the numbers are right in any case."""
    f = program(guard, tmp_path)
    x, x_dot = np.linspace(0.2, 0.9, 4), np.cos(np.arange(4))
    y_bar = np.sin(1.0 + np.arange(4))
    derived = adjoint(f, "x")
    _, x_bar = derived(x, 1.0, y_bar=y_bar)
    y_dot = f((x + 1e-30j * x_dot).astype(complex), 1.0).imag / 1e-30
    np.testing.assert_allclose(x_bar @ x_dot, y_bar @ y_dot, rtol=1e-12)
    kept = re.findall(r"(\w+)_tape = \[\]", derived.source)
    assert ("x_j" in kept) == (guard in LOST)
