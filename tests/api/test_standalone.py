"""Emitted files stand alone: they run where s2sad cannot be imported, and agree."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys

import numpy as np
import pytest

from s2sad import Unsupported, adjoint, grad, value_and_grad

USERS = '''
"""A module of the user's."""

import math as m
from math import exp
from numpy import sin as sine
import numpy
import numpy.linalg as la
from typing import NamedTuple

SCALE, LIMIT, NAMES = 2.5, (1, 2), ["a", "b"]
WEIGHTS = numpy.array([1.0, 2.0, 3.0])


class State(NamedTuple):
    x: float
    v: float


def imported(x: float, n: int = 3):
    total = 0.0
    for i in range(n):
        total += exp(-x * SCALE) * i + m.log(x) * LIMIT[1]
    return total


def arrays(x, y):
    return numpy.sum(sine(x) * y + numpy.maximum(x, y)) + la.norm(x)


def weighted(x):
    return numpy.sum(WEIGHTS * x**2)


def branches(x):
    if x > 0:
        return [x * x for name in NAMES][0]
    return numpy.sum(numpy.where(x, x, -x))


def step(s: State, h):
    return State(s.x + h * s.v, s.v - h * s.x)


def states(x):
    s = State(x, x * x)
    for _ in range(3):
        s = step(s, 0.1)
    return s.x * s.v


def maker(a):
    def inner(x):
        return a * x * x

    return inner


closed = maker(3.0)
'''

CASES = [
    (grad, "imported", (1.5,)),
    (value_and_grad, "arrays", (np.array([1.0, 2.0, 3.0]), np.ones((2, 3)))),
    (grad, "weighted", (np.array([1.0, 2.0, 3.0]),)),
    (grad, "branches", (2.0,)),
    (adjoint, "imported", (1.5,)),
    (grad, "states", (0.5,)),
    (grad, "closed", (2.0,)),
]


@pytest.fixture
def users(tmp_path, monkeypatch):
    (tmp_path / "users_module.py").write_text(USERS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "users_module", raising=False)
    yield importlib.import_module("users_module")
    sys.modules.pop("users_module", None)


def plain(value):
    if isinstance(value, np.ndarray):
        return value.tolist()
    return list(map(plain, value)) if isinstance(value, tuple) else float(value)


RUN = """
import json, sys
sys.modules["s2sad"] = None
sys.path.insert(0, {folder!r})
import numpy
from emitted import {name}

def plain(value):
    if isinstance(value, numpy.ndarray):
        return value.tolist()
    return list(map(plain, value)) if isinstance(value, tuple) else float(value)

args = [numpy.array(a) if isinstance(a, list) else a for a in {args!r}]
print(json.dumps(plain({name}(*args))))
"""


def run_alone(folder, name, args):
    code = RUN.format(folder=str(folder), name=name, args=list(map(plain, args)))
    command = [sys.executable, "-I", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "operator, name, args", CASES, ids=[f"{o.__name__}-{n}" for o, n, _ in CASES]
)
def test_a_file_of_its_own(users, tmp_path, operator, name, args):
    derived = operator(getattr(users, name))
    derived.emit(tmp_path / "emitted.py", *args)
    made = derived.specialized(*args).__name__
    assert run_alone(tmp_path, made, args) == plain(derived(*args))


def test_what_has_no_text_is_refused(tmp_path):
    weights = np.array([1.0, 2.0])
    path = tmp_path / "emitted.py"
    with pytest.raises(Unsupported, match="`weights` cannot be named") as refused:
        grad(lambda x: np.sum(weights * x * x)).emit(path, np.ones(2))
    assert refused.value.code == "S2S126" and not path.exists()


EMIT = """
import sys
sys.path.insert(0, {folder!r})
from users_module import arrays
import numpy
from s2sad import grad
slope = grad(arrays)
args = numpy.array([1.0, 2.0, 3.0]), numpy.ones((2, 3))
slope(*args)
slope.emit({path!r})
print("s2sad.ad" in sys.modules)
"""


def test_from_the_cache(users, tmp_path, monkeypatch):
    """A text that another process made is emitted without deriving it again."""
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("S2SAD_CACHE", raising=False)
    texts = []
    for loaded in ("True\n", "False\n"):
        path = tmp_path / "emitted.py"
        code = EMIT.format(folder=str(tmp_path), path=str(path))
        run = subprocess.run([sys.executable, "-c", code], capture_output=True)
        assert run.stdout.decode() == loaded, run.stderr
        texts.append(path.read_text())
    assert texts[0] == texts[1]


def test_the_target_module_is_what_is_shown(users, tmp_path, capsys):
    shown = grad(users.imported, target="module")
    path = tmp_path / "emitted.py"
    shown.emit(path, 1.5)
    assert shown.source == path.read_text() and "from math import exp" in shown.source
    shown.show(1.5)
    assert capsys.readouterr().out == shown.source
    assert shown(1.5) == grad(users.imported)(1.5)


def test_other_targets_are_refused():
    with pytest.raises(TypeError, match="'python', 'numba' or 'module'"):
        grad(np.sin, target="fortran")
