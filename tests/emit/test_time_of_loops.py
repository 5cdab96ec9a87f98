"""A program of many loops over one array takes time in proportion to its lines."""

from __future__ import annotations

import time

import numpy as np

from s2sad import value_and_grad

LOOP = """
    for i{0} in range(len(x)):
        w[i{0}] = w[i{0}] * 0.9 + x[i{0}]
        s += w[i{0}] * w[0]
    s = s * 0.5
"""


def seconds(loops: int) -> float:
    body = "".join(map(LOOP.format, range(loops)))
    text = f"def f(x):\n    w = x.copy()\n    s = 0.0\n{body}    return s + np.sum(w)\n"
    names: dict[str, object] = {"np": np}
    exec(text, names)
    start = time.process_time()
    value_and_grad(names["f"], source=text).prepare(np.ones(4))
    return time.process_time() - start


def test_many_loops(monkeypatch):
    """Versions of `w` are found by looking them up, each copy by one walk."""
    monkeypatch.setenv("S2SAD_CACHE", "0")
    seconds(2)  # what is loaded at first
    assert seconds(150) < 4 * 10 * seconds(15)
