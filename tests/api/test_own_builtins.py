"""Modules with a `len`, a `range`, a `sum` of their own, and derivatives that need
Python's: what the text adds means the builtin, what the user wrote the user's."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys

import numpy as np
import pytest

from s2sad import check_grads, grad, value_and_grad

OWN = """
import builtins
import math
import numpy as np
import own_kit

def range(n): return [0]
def len(x): return 2
def zip(*rows): return []
def enumerate(x): return []
def reversed(x): return x
def list(x): return 7
def dict(*x): return 7
def slice(*x): return 7
max = 3.0

def squares(x):
    s = 0.0
    for v in x:
        s = s + v * v
    return s

def own_length(x):
    t = x[0]
    for k in builtins.range(len(x)):
        t = math.sin(t) * x[k]
    return t

def own_number(x):
    s = 0.0
    for k in builtins.range(builtins.len(x)):
        s += max * builtins.max(x[k], 0.5) ** 2
    return s

def of_pairs(x):
    e = [v * v for v in x]
    return builtins.sum(a * b for a, b in builtins.zip(e, x))

def of_array(x):
    y = np.array(x)
    z = np.zeros(4)
    for i in builtins.range(4):
        z[i] = y[i] * y[-1]
    z[1:3] *= 2.0
    return np.sum(z * z)

def of_entries(x):
    d = {"a": x[0], "b": x[1]}
    s = 0.0
    for key in d:
        s = s + d[key] * d[key] * x[2]
    return s

def of_another_module(x):
    return own_kit.scaled(x)

def with_kinds(x):
    rows = [[v, 2.0 * v] for v in x]
    s = 0.0
    for k, row in builtins.enumerate(rows):
        s += row[0] * row[1] * k
    return s
"""
KIT = """
SCALE = 2.0
len = 5.0

def sum(x):
    return x[0] * len

def scaled(x):
    s = 0.0
    for v in x:
        s += SCALE * v * len
    return s * sum(x)
"""
STARS = """
from numpy import *

def entries(x, y):
    z = zeros(3)
    for i in range(3):
        z[i] = x[i] * abs(y)
    return sum(z * z) + max(z) + abs(z).sum() + round(z).max()

def of_list(x):
    return sum([max([v, 0.5]) * abs(v) for v in x]) + pow(x[0], 2)
"""
AT = [0.4 + 0.3 * k for k in range(4)]


@pytest.fixture
def module(tmp_path, monkeypatch):
    """The module of a text, by its name."""
    monkeypatch.syspath_prepend(tmp_path)
    made = []

    def load(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        importlib.invalidate_caches()
        made.append(name)
        return importlib.import_module(name)

    yield load
    for name in made:
        sys.modules.pop(name, None)


NAMES = ["squares", "own_length", "own_number", "of_pairs", "of_array", "of_entries"]
NAMES += ["of_another_module", "with_kinds"]


@pytest.mark.parametrize("name", NAMES)
def test_builtins_of_the_module(module, name):
    module("own_kit", KIT)
    f = getattr(module("own", OWN), name)
    check_grads(f, (AT,), order=2)
    usual = grad(f)(AT)
    assert any(usual)
    for level in (0, 2):
        np.testing.assert_allclose(grad(f, optimize=level)(AT), usual, rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_under_numba(module, name):
    pytest.importorskip("numba")
    module("own_kit", KIT)
    f = getattr(module("own", OWN), name)
    value, found = value_and_grad(f, target="numba")(AT)
    np.testing.assert_allclose(value, f(AT), rtol=1e-12)
    np.testing.assert_allclose(found, grad(f)(AT), rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_in_a_file_of_its_own(module, name):
    module("own_kit", KIT)
    f = getattr(module("own", OWN), name)
    df = grad(f, target="module")
    expected = df(AT)
    alone = module("alone", df.source)
    np.testing.assert_allclose(getattr(alone, f"{name}_grad")(AT), expected)


def test_a_star_import_keeps_the_words_of_the_user(module):
    stars = module("stars", STARS)
    x = np.array([0.5, -1.5, 2.0])
    check_grads(stars.entries, (x, -0.7), order=2)
    check_grads(stars.of_list, (AT,), order=2)
    df = grad(stars.entries)
    df(x, -0.7)
    assert "abs(y)" in df.source and "zeros(3)" in df.source
    assert "builtin_" not in df.source


def test_a_name_that_is_given_later(module):
    own = module("later", "def f(x):\n    return [v * v for v in x][1] * x[0]\n")
    long = module("long", OWN.partition("def range")[0].replace("import own_kit", "")
                  + "def f(x):\n    s = 0.0\n    for v in x:\n        s += v * v\n"
                    "    return s\n")  # fmt: skip
    for f in (own.f, long.f):
        before = grad(f)(AT * 6)
        for name, value in (("len", lambda x: 1), ("range", lambda n: [0]), ("sum", 3)):
            f.__globals__[name] = value
        np.testing.assert_allclose(grad(f)(AT * 6), before)
        np.testing.assert_allclose(grad(lambda x, f=f: f(x))(AT * 6), before)


def test_names_of_parameters():
    def f(range, len):
        s = 0.0
        for i in np.arange(3):
            s = s + range[i] * len * i
        return s

    def g(x, list, slice):
        y = np.zeros(5)
        for i in range(1, 4):
            y[i] = x[i] * list
        y[1:3] *= slice
        return np.sum(y * y)

    check_grads(f, (np.array([1.0, 2.0, 3.0]), 2.0), order=2)
    check_grads(g, (np.linspace(0.5, 1.5, 5), 2.0, 3.0), order=2)


def test_names_of_an_enclosing_function():
    def range(n):
        return [0]

    def len(x):
        return 2

    def f(x):
        s = 0.0
        for v in x:
            s += v * v * len(x)
        return s if range(3) else 0.0

    check_grads(f, (AT * 5,), order=2)
    np.testing.assert_allclose(grad(f)(AT * 5), [4.0 * v for v in AT * 5])


def test_a_helper_reads_what_the_caller_calls_otherwise():
    def f(exp, x):
        return helper(x) * exp

    check_grads(f, (0.7, 0.3), order=2)


def helper(v):
    return exp(v) * log(v + 1.0)


def log(v):
    return np.log(v) * 2.0


exp = np.exp


PROCESS = """
import sys
sys.path.insert(0, {folder!r})
import plain
{change}
from s2sad import grad
print(grad(plain.f)([0.5, 1.0, 2.0] * 7))
"""


def test_what_the_cache_holds_serves_a_module_that_has_changed(tmp_path):
    (tmp_path / "plain.py").write_text(
        "def f(x):\n    s = 0.0\n    for v in x:\n        s += v * v\n    return s\n"
    )
    told = []
    for change in ("", "plain.len = lambda x: 2; plain.range = lambda n: [0]"):
        text = PROCESS.format(folder=str(tmp_path), change=change)
        env = {**os.environ, "S2SAD_CACHE_DIR": str(tmp_path / "kept")}
        env.pop("S2SAD_CACHE", None)
        done = subprocess.run(
            [sys.executable, "-c", text], env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        told.append(done.stdout)
    assert told[0] == told[1] == f"{[1.0, 2.0, 4.0] * 7}\n"


LIBRARY = """
import math
import numpy as np
from numpy import *

near = {"abs": math.cos, "float": math.sin, "min": np.maximum, "pow": math.atan2}
near["round"] = math.exp
globals().update(near)

def of_numbers(x):
    s = 0.0
    for i in range(3):
        s += abs(x[i]) * float(x[i]) + min(x[i], 0.6) * round(x[i]) + pow(x[i], 2.0)
    return s

def of_a_matrix(x):
    m = np.outer(x, x)
    s = 0.0
    for i in range(2):
        s += sum(m * m) * max(x)
    return s

def made(abs, sum):
    def in_cells(x):
        s = 0.0
        for i in range(3):
            s += abs(x[i]) * sum(x)
        return s
    return in_cells

in_cells = made(math.cos, np.prod)

class shim:
    sin = math.cos

def calling(math, np):
    def in_modules(x):
        s = 0.0
        for i in range(3):
            s += math.sin(x[i]) * np.sqrt(x[i])
        return s
    return in_modules

in_modules = calling(shim, math)
"""


@pytest.mark.parametrize(
    "name", ["of_numbers", "of_a_matrix", "in_cells", "in_modules"]
)
def test_functions_of_libraries_by_names_of_builtins(module, name):
    f = getattr(module("near", LIBRARY), name)
    x = np.array([0.4, 0.7, 0.9])
    check_grads(f, (x,), order=2)
    expected = grad(f)(x)
    np.testing.assert_allclose(grad(f, optimize=0)(x), expected)
    pytest.importorskip("numba")
    np.testing.assert_allclose(grad(f, target="numba")(x), expected)
