"""`grad` of a lambda made anew in each step of a loop: derived once, memory bounded."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np

from s2sad import grad
from s2sad.api import derived as derived_module
from s2sad.load import sites


def loss(w, x):
    return np.mean((x @ w - 1.0) ** 2)


def test_a_gradient_made_in_each_step(monkeypatch):
    calls = []
    real = derived_module.derive
    monkeypatch.setattr(
        derived_module, "derive", lambda *args: calls.append(1) or real(*args)
    )
    rng = np.random.default_rng(0)
    w = np.zeros(3)

    def steps(count, w):
        for _ in range(count):
            x_batch = rng.normal(size=(8, 3))
            w = w - 0.1 * grad(lambda w: loss(w, x_batch))(w)
        return w

    w = steps(3, w)
    gc.collect()
    known = sites.count()
    tracemalloc.start()
    w = steps(100, w)
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    w = steps(300, w)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(calls) == 1 and sites.count() == known
    assert after - before < 50_000
    assert np.all(np.isfinite(w))


def test_sites_go_with_functions_that_are_gone():
    """Functions made by `exec` have code of their own; it takes its sites along."""
    gc.collect()
    known = sites.count()
    for _ in range(20):
        f = grad(eval("lambda x: x * x"), source="lambda x: x * x")
        assert f(3.0) == 6.0
        del f
    gc.collect()
    assert sites.count() <= known + 2
