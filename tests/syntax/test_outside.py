"""What a function takes from outside: objects, modules, guards on all of it."""

from __future__ import annotations

import math
import types
from dataclasses import dataclass

import numpy as np
import pytest
from lowering import agrees, lowered, run

from s2sad.errors import S2sadError
from s2sad.ir.kinds import FLOAT, Array

RATE = 0.5
WEIGHTS = np.array([1.0, 2.0])
MODE = "relu"
settings = types.SimpleNamespace(
    scale=2.0, name="a", inner=types.SimpleNamespace(k=3.0)
)


@dataclass
class Layer:
    w: np.ndarray
    b: float

    def forward(self, x):
        return self.w * x + self.b

    def __call__(self, x):
        return self.forward(x) * 2


class Model:
    bias = 1.5

    def __init__(self):
        self.w = np.array([1.0, 2.0])
        self.layer = Layer(np.array([3.0, 4.0]), 0.5)
        self.activation = np.tanh
        self.mode = "tanh"

    def loss(self, x):
        y = self.layer.forward(x * self.w)
        if self.mode == "tanh":
            y = self.activation(y)
        return self.total(y) + self.bias

    @staticmethod
    def total(y):
        return y.sum()


def helper(x):
    return x * RATE


def twice(x):
    return helper(x) * 2 + WEIGHTS.sum() + (1.0 if MODE == "relu" else 2.0)


def reads_settings(x):
    return x * settings.scale + settings.inner.k * len(settings.name)


def uses_layer(layer, x):
    return layer.forward(x).sum() + layer.b


def makes_layer(w, x):
    layer = Layer(w, 2.0)
    return (layer.w * x).sum() + layer.b


MODEL = Model()


def uses_global_model(x):
    return MODEL.loss(x)


def test_global_guards():
    made = agrees(twice, 2.0)
    found = {(g.path, g.what) for g in made.guards}
    assert (("global", "helper"), "code") in found
    assert (("global", "RATE"), "kind") in found
    assert (("global", "WEIGHTS"), "kind") in found
    assert (("global", "MODE"), "kind") in found
    kinds = {g.path: g.value for g in made.guards}
    assert kinds["global", "RATE"] == FLOAT
    assert isinstance(kinds["global", "WEIGHTS"], Array)


def test_attributes_are_guarded():
    made = agrees(reads_settings, 2.0)
    paths = {g.path for g in made.guards}
    assert ("attr", ("global", "settings"), "scale") in paths
    assert ("attr", ("attr", ("global", "settings"), "inner"), "k") in paths


def test_library_attributes_are_not_guarded():
    def f(x):
        return math.sin(x) + np.pi

    names = {g.path[1] for g in lowered(f, 1.0).guards}
    assert names == {"math", "np"}


def test_closure_values():
    def outer(k, table):
        def inner(x):
            return x * k + table["a"]

        return inner

    made = agrees(outer(2.0, {"a": 3.0}), 2.0)
    assert {g.path for g in made.guards} == {("closure", "k"), ("closure", "table")}


def test_methods():
    agrees(Model.loss, Model(), np.array([0.1, 0.2]))
    agrees(uses_layer, Layer(np.array([1.0, 2.0]), 3.0), 2.0)
    agrees(Layer.__call__, Layer(np.array([1.0, 2.0]), 3.0), 2.0)


def test_dataclass_made_inside():
    agrees(makes_layer, np.array([1.0, 2.0]), 2.0)


def test_global_object():
    agrees(uses_global_model, np.array([0.1, 0.2]))


def test_callable_object_in_closure():
    layer = Layer(np.array([1.0, 2.0]), 3.0)

    def f(x):
        return layer(x).sum()

    agrees(f, 2.0)


def test_unknown_library_function_is_kept():
    def f(x):
        return x * float(np.busday_count("2024-01", "2024-02"))

    made = lowered(f, 1.0)
    ops = [
        s for s in made.program.entry.body.stmts if getattr(s, "prim", "") == "opaque"
    ]
    assert ops and ops[0].attrs["refusal"].code == "S2S110"


def test_function_without_source():
    scope = {}
    exec("def ghost(x):\n    return x * 2\n", scope)
    ghost = scope["ghost"]

    def f(x):
        return ghost(x)

    with pytest.raises(S2sadError, match="source"):
        lowered(f, 1.0)


def test_promoted_int():
    from lowering import signature_of

    from s2sad.syntax.session import lower

    def f(x, n):
        for _ in range(n):
            x = x * 2
        return x

    made = lower(f, signature_of(f, 3, 2), promote=("x",))
    assert made.program.entry.params[0].var.kind == FLOAT
    assert run(made, f, 3, 2) == 12
