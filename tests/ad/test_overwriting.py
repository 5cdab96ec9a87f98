"""Random programs that overwrite arrays: all modes agree, to the second order.

`python -m tests.ad.test_overwriting 1000 2000` tries the programs of more seeds.
"""

from __future__ import annotations

import inspect
import sys
import warnings
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from s2sad import S2sadError, adjoint, tangent, vjp
from tests.ad.overwriting import program

FIRST, SECOND = range(30), range(100, 110)
TINY = 1e-30


def load(text: str, folder: Path, name: str):
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = spec_from_file_location(name, path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


class Case:
    """A program, a point, a direction and a seed; `None` if it can't be run there."""

    def __init__(self, seed: int, folder: Path) -> None:
        rng = np.random.default_rng(seed)
        self.text = program(seed)
        self.f = load(self.text, folder, f"random_{seed}")
        n = int(rng.integers(3, 6))
        self.x, self.y = rng.uniform(-1, 1, (2, n))
        p = rng.permutation(n) if rng.random() < 0.5 else rng.integers(0, n, n)
        self.rest = (n, p, rng.integers(-n, n, n))
        self.x_dot, self.y_dot = rng.normal(size=(2, n))
        self.value = self.expected = None
        try:
            with np.errstate(all="raise"):
                self.value = self.f(self.x.copy(), self.y.copy(), *self.rest)
                moved = self.x + TINY * 1j * self.x_dot, self.y + TINY * 1j * self.y_dot
                self.expected = np.imag(self.f(*moved, *self.rest)) / TINY
        except (IndexError, ValueError, FloatingPointError):
            return
        self.y_bar = rng.normal(size=np.shape(self.value)) if self.value.ndim else 1.3

    @property
    def tame(self) -> bool:
        known = self.expected is not None
        return known and bool(np.all(np.abs([*np.ravel(self.expected)]) < 1e5))

    def near(self, a, b, rtol=1e-7) -> None:
        size = 1 + np.max(np.abs(b), initial=0.0)
        np.testing.assert_allclose(a, b, rtol, rtol * size, err_msg=self.text)

    def first(self) -> None:
        args = (self.x, self.y, *self.rest)
        before = self.x.copy(), self.y.copy()
        value, y_dot = tangent(self.f, (0, 1))(*args, self.x_dot, self.y_dot)
        self.near(value, self.value, 1e-12)
        self.near(y_dot, self.expected)
        value, bars = adjoint(self.f, (0, 1))(*args, self.y_bar)
        self.near(value, self.value, 1e-12)
        along = bars[0] @ self.x_dot + bars[1] @ self.y_dot
        self.near(along, np.sum(self.y_bar * self.expected))
        _, pullback = vjp(self.f, *args, wrt=(0, 1))
        for again in (pullback(self.y_bar), pullback(self.y_bar)):
            self.near(again[0], bars[0], 1e-12)
            self.near(again[1], bars[1], 1e-12)
        np.testing.assert_array_equal((self.x, self.y), before)

    def second(self) -> None:
        first = adjoint(self.f, (0, 1))
        args = (*self.rest, self.y_bar)
        dots = {"x_dot": self.x_dot, "y_dot": self.y_dot}
        _, (_, found) = tangent(first, (0, 1))(self.x, self.y, *args, **dots)
        step = 1e-5
        ends = [
            first(self.x + h * self.x_dot, self.y + h * self.y_dot, *args)[1]
            for h in (step, -step)
        ]
        for k in (0, 1):
            self.near(found[k], (ends[0][k] - ends[1][k]) / (2 * step), 1e-5)
        reverse = adjoint(first, (0, 1))
        seed = np.zeros_like(self.value), (self.x_dot, self.y_dot)
        seed = seed if self.value.ndim else (0.0, seed[1])
        name = list(inspect.signature(reverse).parameters)[-1]
        _, other = reverse(self.x, self.y, *args, **{name: seed})
        for k in (0, 1):
            self.near(other[k], found[k], 1e-8)


def tried(seed: int, folder: Path, second: bool) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        case = Case(seed, folder)
        if not case.tame:
            return "raises"
        try:
            case.second() if second else case.first()
        except S2sadError:
            return "refused"
    return "right"


@pytest.mark.parametrize("seed", FIRST)
def test_first_order(seed, tmp_path):
    tried(seed, tmp_path, second=False)


@pytest.mark.parametrize("seed", SECOND)
def test_second_order(seed, tmp_path):
    tried(seed, tmp_path, second=True)


if __name__ == "__main__":
    found: dict[str, int] = {}
    with TemporaryDirectory() as name:
        for number in range(*map(int, sys.argv[1:3])):
            what = tried(number, Path(name), second=number % 4 == 0)
            found[what] = found.get(what, 0) + 1
    print(found)
