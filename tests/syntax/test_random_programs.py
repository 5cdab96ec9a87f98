"""Random programs: the IR computes what Python computes, or the program is refused."""

from __future__ import annotations

import random
import warnings

import numpy as np
import pytest
from lowering import compare, run

from s2sad.errors import S2sadError
from s2sad.ir.kinds import FLOAT, INT, Array
from s2sad.ir.verify import verify_program
from s2sad.syntax.session import Signature, Text, lower

NUMBERS = ["x", "y", "z", "u"]
ARRAYS = ["a", "b", "c"]


class Writer:
    """Writes a function of a number, an array and a count."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.known: set[str] = {"x", "a"}
        self.arrays: set[str] = {"a"}
        self.loops = 0

    def pick(self, *ways):
        return self.random.choice(ways)

    def number(self, depth: int = 2) -> str:
        names = sorted(self.known - self.arrays - {"l"})
        if depth == 0 or self.random.random() < 0.3:
            return self.pick(*names, "0.5", "2.0", "1.5")
        sub = lambda: self.number(depth - 1)
        array = self.pick(*sorted(self.arrays))
        return self.pick(
            lambda: f"({sub()} + {sub()})",
            lambda: f"({sub()} * {sub()})",
            lambda: f"({sub()} - {sub()})",
            lambda: f"np.sin({sub()})",
            lambda: f"({sub()} if {self.test()} else {sub()})",
            lambda: f"{array}[{self.index()}]",
            lambda: f"{array}.sum()",
            lambda: f"max({sub()}, {sub()})",
            lambda: f"helper({sub()}, {sub()})",
            lambda: f"sum(v * {sub()} for v in {array})",
        )()

    def index(self) -> str:
        loop = [f"i{k}" for k in range(self.loops)]
        return self.pick("0", "1", "-1", *loop)

    def test(self) -> str:
        op = self.pick("<", ">", "<=")
        simple = f"{self.number(1)} {op} {self.number(1)}"
        if self.random.random() < 0.2:
            return f"{simple} {self.pick('and', 'or')} not {self.number(1)} > 1"
        return simple

    def array(self) -> str:
        array = self.pick(*sorted(self.arrays))
        return self.pick(
            f"{array} * {self.number(1)}", f"np.cos({array})", f"{array}.copy()",
            f"{array}[::-1] + 1.0", "np.zeros(3)", array, f"{array}[:]",
            f"np.array([{self.number(1)}, {self.number(1)}, 1.0])",
        )  # fmt: skip

    def block(self, indent: int, size: int, in_loop: bool) -> None:
        for _ in range(size):
            self.statement(indent, in_loop)

    def add(self, indent: int, text: str) -> None:
        self.lines.append("    " * indent + text)

    def statement(self, indent: int, in_loop: bool) -> None:
        roll = self.random.random()
        if roll < 0.3:
            name = self.pick(*NUMBERS)
            op = self.pick("=", "=", "+=", "*=") if name in self.known else "="
            self.add(indent, f"{name} {op} {self.number()}")
            if indent == 1:
                self.known.add(name)
        elif roll < 0.42:
            name = self.pick(*ARRAYS)
            self.add(indent, f"{name} = {self.array()}")
            if indent == 1:
                self.known.add(name)
                self.arrays.add(name)
        elif roll < 0.54:
            name = self.pick(*sorted(self.arrays))
            op = self.pick("=", "+=", "*=")
            where = self.pick(f"{name}[{self.index()}]", f"{name}[1:]", name)
            if where == name and op == "=":
                op = "+="
            self.add(indent, f"{where} {op} {self.number(1)}")
        elif roll < 0.6:
            a, b = sorted(self.known - self.arrays - {"l"})[:1] * 2
            first = self.pick(*sorted(self.arrays))
            second = self.pick(*sorted(self.arrays))
            both = self.pick((a, b), (first, second))
            self.add(indent, f"{both[0]}, {both[1]} = {both[1]}, {both[0]}")
        elif roll < 0.74 and indent < 4:
            self.add(indent, f"if {self.test()}:")
            self.block(indent + 1, self.pick(1, 2), in_loop)
            if self.random.random() < 0.5:
                self.add(indent, "else:")
                self.block(indent + 1, self.pick(1, 2), in_loop)
        elif roll < 0.88 and indent < 4:
            self.loop(indent)
        elif roll < 0.93 and in_loop:
            self.add(indent, f"if {self.test()}:")
            self.add(
                indent + 1, self.pick("break", "continue", f"return {self.number(1)}")
            )
        elif roll < 0.96:
            self.add(indent, f"if {self.test()}:")
            self.add(indent + 1, f"return {self.number(1)}")
        else:
            self.add(indent, f"l.append({self.number(1)})")

    def loop(self, indent: int) -> None:
        name = f"i{self.loops}"
        kind = self.random.random()
        if kind < 0.6:
            self.add(
                indent,
                f"for {name} in {self.pick('range(n)', 'range(2)', 'range(2, 0, -1)')}:",
            )
        elif kind < 0.8:
            array = self.pick(*sorted(self.arrays))
            self.add(indent, f"for {name}, v{self.loops} in enumerate({array}):")
        else:
            self.add(indent, f"w{self.loops} = 0")
            self.add(indent, f"while w{self.loops} < n:")
            self.add(indent + 1, f"w{self.loops} += 1")
            self.add(indent + 1, f"{name} = w{self.loops} - 1")
        self.loops += 1
        self.block(indent + 1, self.pick(1, 2, 3), True)
        self.loops -= 1
        if self.random.random() < 0.2:
            self.add(indent, "else:")
            self.block(indent + 1, 1, False)

    def program(self) -> str:
        self.add(0, "def f(x, a, n):")
        self.add(1, "a = a * 1.0")
        self.add(1, "l = [x]")
        self.block(1, 8, False)
        arrays = " + ".join(f"{a}.sum()" for a in sorted(self.arrays))
        numbers = " + ".join(sorted(self.known - self.arrays))
        self.add(1, f"return {arrays} + {numbers} + sum(l) + len(l)")
        return "\n".join(self.lines) + "\n"


def helper(x, y):
    if x > y:
        return x - y
    return x * y


SCOPE = {"np": np, "helper": helper}
SIGNATURE = Signature((("x", FLOAT), ("a", Array("float64", ("a.0",))), ("n", INT)))
POINTS = [(0.7, np.array([0.5, -1.0, 2.0]), 3), (-1.2, np.array([1.0, 0.25, -0.5]), 2)]


def attempt(seed: int) -> str:
    text = Writer(seed).program()
    scope = dict(SCOPE)
    exec(text, scope)
    func = scope["f"]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            made = lower(func, SIGNATURE, source=Text(text))
        except S2sadError as exc:
            codes = {d.code for d in exc.diagnostics}
            return "refused " + " ".join(sorted(codes))
        verify_program(made.program)
        for point in POINTS:
            try:
                want = func(*point)
            except (IndexError, UnboundLocalError, OverflowError, ValueError):
                continue
            compare_numbers(run(made, func, *point), want, text)
    return "right"


def compare_numbers(got, want, text) -> None:
    try:
        compare(got, want)
    except AssertionError as exc:
        raise AssertionError(f"{exc}\n{text}") from None


@pytest.mark.parametrize("start", range(0, 400, 50))
def test_random_programs(start):
    ends = [attempt(seed) for seed in range(start, start + 50)]
    assert ends.count("right") >= 30, ends
