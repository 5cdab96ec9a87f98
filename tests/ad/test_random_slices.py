"""Random programs of arrays that are shorter or longer than one another: slices, loops
over slices, updates in place, places that are named twice.

What is as long as what, which element of a slice is which of the array, and what need
not be cleared and added again is worked out from the text (`ad/lengths`,
`opt/straighten`, `opt/rescale`, `opt/latest`).
"""

from __future__ import annotations

import random
from types import FunctionType

import numpy as np
import pytest

from s2sad import grad, tangent

PROGRAMS = range(60)
X, R = np.array([0.5, 0.9, -0.3, 0.7, 0.2]), 0.6


class Writer:
    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
        self.longer = {"x": 0}  # than x, by so many
        self.lines = ["n = len(x)", "s = 0.0"]

    def part(self, name: str, more: int) -> str:
        """A slice of an array that is by so many longer than x."""
        cut = self.longer[name] - more
        first = self.r.randint(0, cut)
        last = cut - first
        return f"{name}[{first or ''}:{-last if last else ''}]" if cut else name

    def term(self, more: int) -> str:
        names = [name for name, n in self.longer.items() if n >= more]
        part = self.part(self.r.choice(names), more)
        forms = [
            part,
            f"np.sin({part})",
            f"{part} * r",
            f"{part} ** 2",
            f"({part} + r)",
        ]
        return self.r.choice(forms)

    def value(self, more: int) -> str:
        text = self.term(more)
        for _ in range(self.r.randint(0, 2)):
            text += f" {self.r.choice('+-*')} {self.term(more)}"
        return text

    def new_array(self) -> None:
        name, more = f"a{len(self.longer)}", self.r.randint(-2, 2)
        size = f"n + {more}" if more > 0 else f"n - {-more}" if more else "n"
        if self.r.random() < 0.3:
            self.lines.append(f"m{name} = {size}")
            size = f"m{name}"
        made = [
            "np.zeros({})",
            "np.ones({}) * r",
            "np.full({}, r)",
            "np.arange({}) * 0.1",
        ]
        made.append("np.linspace(0.1, 0.9, {})")
        self.lines.append(f"{name} = {self.r.choice(made).format(size)}")
        self.longer[name] = more

    def statement(self) -> None:
        r, names = self.r, list(self.longer)
        any_of_them, other = r.choice(names), r.choice(names)
        own = [name for name in names[1:] if self.longer[name] >= 0]
        name = r.choice(own) if own else ""
        kind = r.choice(["new", "part", "through", "pairs", "sum", *4 * [""]])
        if kind == "new" or not name:
            self.new_array()
        elif kind == "part":
            more = self.longer[name] - r.randint(0, 2)
            place = self.part(name, more)
            self.lines.append(f"{place} {r.choice(['', '+', '-', '*'])}= {self.value(more)}"
                              if "[" in place else f"{name}[:] = {self.value(more)}")  # fmt: skip
        elif kind == "through":
            first, last = r.randint(0, 2), r.randint(0, 2)
            part = f"{any_of_them}[{first or ''}:{-last if last else ''}]"
            what = r.choice(["v * v", "np.sin(v) * r", "v * s * 0.1"])
            self.lines += [f"for v in {part}:", f"    s = s * 0.9 + {what}"]
        elif kind == "pairs":
            what = r.choice(["u * v", "(u - v) ** 2 * r", "u * u * v"])
            head = f"for u, v in zip({any_of_them}[1:], {other}[:-1]):"
            self.lines += [head, f"    s += {what}"]
        elif kind == "sum":
            value = self.value(min(0, self.longer[any_of_them]))
            self.lines.append(f"s += {r.choice(['np.mean', 'np.sum'])}({value})")
        else:
            self.in_place(name)

    def in_place(self, a: str) -> None:
        r = self.r
        at = r.choice(["np.array([0, 2, 1])", "np.array([1, 1, 2])", "[2, 0, 2]"])
        self.lines += r.choice(
            [
                [f"{a}[{at}] {r.choice(['+', '*', '-', ''])}="
                 f" {r.choice(['x[:3] * r', 'x[1:4]', '2.0', 'r'])}"],
                [f"for _ in range({r.randint(0, 3)}):",
                 f"    {a}[1:-1] = {a}[1:-1] + 0.1 * ({a}[2:]"
                 f" - {r.choice(['2.0', 'r', '0.5 * r'])} * {a}[1:-1] + {a}[:-2])"],
                [f"for i in range(len({a}) - 2, -1, -1):",
                 f"    {a}[i] += 0.3 * {a}[i + 1] {r.choice(['* r', '** 2', '* x[0]'])}"],
            ]
        )  # fmt: skip


def program(seed: int) -> str:
    writer = Writer(seed)
    for _ in range(writer.r.randint(3, 7)):
        writer.statement()
    sums = [f"s += np.sum({name} ** 2) * 0.1" for name in writer.longer]
    body = [*writer.lines, *sums, "return s"]
    return "def slices(x, r):\n" + "".join(f"    {line}\n" for line in body)


@pytest.mark.parametrize("seed", PROGRAMS)
def test_random_slices(seed):
    text = program(seed)
    names: dict[str, object] = {"np": np}
    exec(compile(text, f"<slices {seed}>", "exec"), names)
    f = names["slices"]
    assert isinstance(f, FunctionType)
    if not abs(f(X, R)) < 1e3:
        return  # too large for differences
    step = 1e-6

    def slope(direction, along):
        ends = [f(X + s * step * direction, R + s * step * along) for s in (1, -1)]
        return (ends[0] - ends[1]) / (2 * step)

    expected = [slope(row, 0.0) for row in np.eye(len(X))] + [slope(0.0 * X, 1.0)]
    for level in (0, 1, 2):
        x_bar, r_bar = grad(f, wrt=(0, 1), optimize=level, source=text)(X, R)
        np.testing.assert_allclose(
            [*x_bar, r_bar], expected, rtol=1e-5, atol=1e-6, err_msg=text
        )
    towards = np.cos(np.arange(len(X)))
    _, y_dot = tangent(f, wrt=(0, 1), source=text)(X, R, towards, 0.3)
    along = np.dot(x_bar, towards) + 0.3 * r_bar
    assert np.isclose(y_dot, along, rtol=1e-9, atol=1e-9), text
