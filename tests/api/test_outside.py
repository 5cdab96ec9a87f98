"""Names of other modules, closures of helpers, other processes: read late, kept apart."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from s2sad import grad
from tests.api import elsewhere

RATE = 10.0
h = elsewhere.make(5.0)


def f(x):
    return elsewhere.scale(x) * RATE + h(x)


def want(x):
    a = h.__closure__[0].cell_contents
    return math.cos(x) * elsewhere.RATE * elsewhere.settings.k * RATE + 2 * a * x


def test_every_name_is_read_where_it_belongs(monkeypatch):
    slope = grad(f)
    here = sys.modules[__name__]

    def agree(cases):
        assert slope(0.5) == pytest.approx(want(0.5), rel=1e-14)
        assert len(slope._dispatch.site.cases) == cases

    agree(1)
    monkeypatch.setattr(elsewhere, "RATE", 4.0)
    agree(1)
    monkeypatch.setattr(elsewhere.settings, "k", 1.0, raising=False)
    agree(1)
    monkeypatch.setattr(here, "RATE", 1.0)
    agree(1)
    monkeypatch.setattr(here, "h", elsewhere.make(7.0))
    agree(1)
    monkeypatch.setattr(elsewhere, "RATE", 4)
    agree(2)
    monkeypatch.setattr(elsewhere, "scale", lambda x: x)
    assert slope(0.5) == 8.0


SCRIPT = """
import sys
from tests.api import functions as fs
from s2sad import grad, vjp, jacobian
import numpy as np
print(grad(fs.textbook, (0, 1))(2.0, 5.0))
print(grad(fs.scaled)(3.0))
y, pullback = vjp(fs.matrix, np.ones((2, 3)), np.ones(3))
print(pullback(np.ones(2))[1])
print(jacobian(fs.pair)(np.ones(2)))
fs.SCALE = np.float64(1.0)
print(grad(fs.scaled)(3.0))
print("s2sad.ad" in sys.modules, file=sys.stderr)
"""


def test_a_second_process_finds_what_the_first_one_made(tmp_path):
    env = {**os.environ, "S2SAD_CACHE_DIR": str(tmp_path / "cache"), "S2SAD_CACHE": "1"}
    runs = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env=env,
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
        for _ in range(2)
    ]
    assert runs[0].stdout == runs[1].stdout
    assert [run.stderr.strip() for run in runs] == ["True", "False"]


def test_looking_loads_little():
    script = (
        "import sys; from s2sad import grad; grad(abs); repr(grad(abs));"
        "print([m for m in ('libcst', 'sympy', 'rich', 's2sad.rules') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.stdout == "[]\n"


class Law:
    factor = 2.0

    @classmethod
    def scaled(cls, x):
        return cls.factor * x


def by_a_class(x):
    return Law.scaled(x[0]) * x[1]


def by_a_ufunc(x):
    np.add.at(x, [0, 0], 1.0)
    return x[0] * x[1]


def by_a_dict(x):
    return dict.fromkeys("ab", x[0])["b"] * x[1]


@pytest.mark.parametrize("f", [by_a_class, by_a_ufunc, by_a_dict])
def test_methods_that_every_read_makes_anew_are_derived_once(f):
    slope = grad(f)
    for _ in range(3):
        slope(np.array([2.0, 3.0]))
    assert len(slope._dispatch.site.cases) == 1


def test_a_class_method_that_is_replaced_is_derived_again(monkeypatch):
    slope = grad(by_a_class)
    assert slope(np.array([2.0, 3.0]))[0] == 6.0
    monkeypatch.setattr(Law, "scaled", classmethod(lambda cls, x: cls.factor * x * x))
    assert slope(np.array([2.0, 3.0]))[0] == 24.0
    monkeypatch.setattr(Law, "factor", 1.0)
    assert slope(np.array([2.0, 3.0]))[0] == 12.0
