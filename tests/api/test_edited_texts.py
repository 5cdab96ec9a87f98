"""A text is edited, and the derivative kept on disk must not serve what came of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import types
from dataclasses import dataclass

import numpy as np
import pytest

from s2sad import grad

PROGRAM = """
import contextlib, dataclasses, functools, typing
from s2sad import checkpoint, grad

class Model:
    scale = N * 1.0
    word = "N"
    def __init__(self, w=1.0): self.w = w
    def method(self, x): return self.w * x ** N
    def by_word(self, x): return x * (2 if self.word == "1" else 5)
    def constant(self, x): return x * self.scale
    def __call__(self, x): return x * N
    def __mul__(self, x): return x * N
    def __getitem__(self, i): return N * i
    def __len__(self): return N
    @property
    def value(self): return self.w * N
    @functools.cached_property
    def kept(self): return self.w * N
    @staticmethod
    def static(x): return x * N
    @classmethod
    def of_class(cls, x): return x * N

class Below(Model):
    def method(self, x): return super().method(x) * 2

class Set:
    @property
    def v(self): return self._v
    @v.setter
    def v(self, x): self._v = x * N

@dataclasses.dataclass
class Config:
    rate: float = N
    more: float = dataclasses.field(default=N, kw_only=True)

class Pair(typing.NamedTuple):
    a: float = N
    def times(self, x): return x * N

M, B, P = Model(3.0), Below(), Pair()
START = N

@functools.lru_cache
def cached(x): return x * N
@checkpoint
def again(x): return x * x * N
def wrapped(function):
    def wrapper(x): return function(x) * 2
    return wrapper
@wrapped
def under(x): return x * N
def plain(a, x): return a * x * N
def filled(x, p=START): return x * p
def square(x): return x * x * N
slope = grad(square)
part = functools.partial(plain, 2.0)
listed = [lambda x: x * N]

def setting(x):
    s = Set()
    s.v = x
    return s.v

PROGRAMS = [
    lambda x: M.method(x), lambda x: M(x), lambda x: M * x, lambda x: M[2] * x,
    lambda x: len(M) * x, lambda x: M.value * x, lambda x: M.kept * x,
    lambda x: M.static(x), lambda x: M.of_class(x), lambda x: B.method(x),
    lambda x: Model(2.0).method(x), lambda x: Model().constant(x),
    lambda x: Model().by_word(x), lambda x: M.by_word(x), setting,
    lambda x: Config().rate * x, lambda x: Config().more * x,
    lambda x: Pair().a * x, lambda x: P.times(x), lambda x: cached(x),
    lambda x: again(x), lambda x: under(x), lambda x: part(x),
    lambda x: filled(x), lambda x: slope(x) * x, lambda x: listed[0](x),
    lambda x: functools.reduce(plain, [x, x]), lambda x: sum(map(square, [x, x])),
]
for number, program in enumerate(PROGRAMS):
    ours = grad(program)(2.0)
    slope_of = (program(2.0 + 1e-5) - program(2.0 - 1e-5)) / 2e-5
    assert abs(ours - slope_of) < 1e-4, (number, ours, slope_of)
"""


def test_what_is_on_disk_is_asked_for_again(tmp_path):
    """Methods, defaults, constants of classes: the second program is another one."""
    environment = {**os.environ, "S2SAD_CACHE_DIR": str(tmp_path / "cache")}
    environment.pop("S2SAD_CACHE", None)
    for number in ("1", "2", "1"):
        path = tmp_path / "program.py"
        path.write_text(re.sub(r"\bN\b", number, PROGRAM))
        done = subprocess.run(
            [sys.executable, "-W", "ignore", str(path)],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]


# ---- in one process ------------------------------------------------------------------


def helper(x, p=3):
    return x**p


def by_helper(x):
    return helper(x)


def test_defaults_of_a_helper(monkeypatch):
    g = grad(by_helper)
    assert g(2.0) == 12.0
    monkeypatch.setattr(helper, "__defaults__", (2,))
    assert g(2.0) == 4.0
    monkeypatch.setattr(helper, "__defaults__", (2.5,))
    assert g(2.0) == pytest.approx(2.5 * 2.0**1.5)


def listed(x, w=[1.0, 2.0], *, by=3.0):  # noqa: B006
    return x * w[0] * x ** len(w) * by


def by_list(x):
    return listed(x)


def test_a_default_that_grows(monkeypatch):
    g = grad(by_list)
    assert g(2.0) == 3 * 3 * 4.0
    monkeypatch.setattr(listed, "__defaults__", ([1.0, 2.0, 3.0],))
    assert g(2.0) == 3 * 4 * 8.0
    monkeypatch.setattr(listed, "__kwdefaults__", {"by": 1})
    assert g(2.0) == 4 * 8.0


class Layer:
    def __init__(self):
        self.w = 2.0

    def act(self, x):
        return self.w * x

    def __call__(self, x):
        return self.act(x) * x


LAYER = Layer()


def through_layer(x):
    return LAYER(x)


def test_methods_that_are_replaced(monkeypatch):
    g, h = grad(through_layer), grad(Layer.__call__, wrt="x")
    assert g(3.0) == h(LAYER, 3.0) == 12.0
    monkeypatch.setattr(Layer, "act", lambda self, x: self.w * x * x)
    assert g(3.0) == h(LAYER, 3.0) == 54.0
    monkeypatch.setattr(LAYER, "act", lambda x: x, raising=False)
    assert g(3.0) == h(LAYER, 3.0) == 6.0
    monkeypatch.delattr(LAYER, "act")
    assert g(3.0) == h(LAYER, 3.0) == 54.0
    monkeypatch.setattr(Layer, "__call__", lambda self, x: self.w * x)
    assert g(3.0) == 2.0


TOOLS = types.SimpleNamespace(f=np.sin)


def by_tools(x):
    return TOOLS.f(x) * 2


def test_functions_of_libraries_that_change_places(monkeypatch):
    g = grad(by_tools)
    assert g(0.5) == pytest.approx(2 * np.cos(0.5))
    monkeypatch.setattr(TOOLS, "f", np.cos)
    assert g(0.5) == pytest.approx(-2 * np.sin(0.5))
    monkeypatch.setattr(TOOLS, "f", lambda x: x * x)
    assert g(0.5) == 2.0


@dataclass
class Rates:
    first: float
    function: object = np.sin


def rated(r, x):
    return r.function(x) * r.first


def test_functions_in_objects():
    g = grad(rated, wrt="x")
    assert g(Rates(2.0), 0.5) == pytest.approx(2 * np.cos(0.5))
    assert g(Rates(2.0, np.cos), 0.5) == pytest.approx(-2 * np.sin(0.5))
