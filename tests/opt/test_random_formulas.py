"""Random formulas of a reverse half: written otherwise they are the same, and no dearer."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from s2sad.ir.interp import interpret
from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Function, Op, Program
from s2sad.ir.parser import parse_program
from s2sad.ir.printer import show
from s2sad.ir.verify import verify_program
from s2sad.ir.walk import statements
from s2sad.opt.contract import contract
from s2sad.opt.regroup import regroup
from s2sad.opt.simplify import simplify
from s2sad.rules import TABLE

HEAD = "func f(a: float, b: float, c: float, x: float64[n], y: float64[n], A: float64[m, n], z: float64[m]):"
NUMBERS = ("2", "0.5", "-1", "3", "0.25", "-2.0", "10")
VALUES = (
    1.25,
    0.75,
    -1.5,
    np.array([0.5, 1.5, -2.0]),
    np.array([1.0, -0.25, 3.0]),
    np.linspace(-1.0, 2.0, 6).reshape(2, 3),
    np.array([1.5, -0.5]),
)


class Writer:
    """Lines of a formula; what is made is read once, or sometimes twice."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.lines: list[str] = []
        self.again: dict[int, list[str]] = {0: [], 1: [], 2: []}

    def new(self, text: str, rank: int) -> str:
        name = f"%{len(self.lines)}"
        self.lines.append(f"    {name} = {text}")
        self.again[rank].append(name)
        return name

    def value(self, rank: int, depth: int) -> str:
        pick = self.rng.random()
        if depth == 0 or pick < 0.1:
            return self.rng.choice(("abc", "xy", "A")[rank])
        if pick < 0.2 and self.again[rank]:
            return self.rng.choice(self.again[rank])
        if pick < 0.3 and rank == 2:
            column = self.column(depth - 1)
            return self.new(
                f"mul A, {self.new(f'getitem {column}[:, None]', 3 - 1)}", 2
            )
        if pick < 0.4:
            return self.new(f"neg {self.value(rank, depth - 1)}", rank)
        if pick < 0.55:
            number = self.rng.choice(NUMBERS)
            return self.new(f"mul {number}, {self.value(rank, depth - 1)}", rank)
        if pick < 0.62:
            number = self.rng.choice(("2", "3", "8"))
            return self.new(f"div {self.value(rank, depth - 1)}, {number}", rank)
        if pick < 0.67:
            other = self.rng.choice(("abc", "xy", "x")[rank])
            return self.new(f"div {self.value(rank, depth - 1)}, {other}", rank)
        first = self.value(rank, depth - 1)
        if pick < 0.85:
            second = self.value(self.rng.randint(0, rank), depth - 1)
            pair = (first, second) if self.rng.random() < 0.5 else (second, first)
            return self.new(f"mul {pair[0]}, {pair[1]}", rank)
        prim = self.rng.choice(("add", "sub"))
        return self.new(f"{prim} {first}, {self.value(rank, depth - 1)}", rank)

    def column(self, depth: int) -> str:
        """Of as many elements as there are rows."""
        name = "z"
        for _ in range(depth):
            if self.rng.random() < 0.5:
                name = self.new(f"mul {self.rng.choice(NUMBERS)}, {name}", 3)
            elif self.rng.random() < 0.5:
                name = self.new(f"mul {name}, z", 3)
        return name


def formula(seed: int, summed: bool = False) -> Program:
    writer = Writer(seed)
    writer.again[3] = []
    rank = seed % 2 + 1 if summed else seed % 3
    last = writer.value(rank, 6)
    if summed:
        axis = (
            f" axis={writer.rng.randrange(rank)}" if writer.rng.random() < 0.6 else ""
        )
        last = writer.new(f"sum {last}{axis}", 0)
    text = "\n".join((HEAD, *writer.lines, f"    return {last}"))
    return verify_program(parse_program(text, lambda *op: TABLE[op[0]].infer(*op[1:])))


def read_alone(program: Program) -> Program:
    """Without what no result reads."""
    from s2sad.opt.dce import dce

    return Program(program.main, {k: dce(f) for k, f in program.functions.items()})


def price(function: Function) -> int:
    """How many elements are computed; a number costs less than any array."""
    total = 0
    for op in statements(function.body):
        assert isinstance(op, Op)
        kind = op.outs[0].kind
        if op.prim != "getitem":
            dims = kind.dims if isinstance(kind, Array) else None
            lengths = [dim if isinstance(dim, int) else 1000 for dim in dims or ()]
            total += 500 + math.prod(lengths) if dims else 50
    return total


def agree(before: Program, after: Program) -> None:
    verify_program(after)
    told = show(before.entry) + show(after.entry)
    (one,), (other,) = (
        interpret(p, VALUES, lambda prim: TABLE[prim].run) for p in (before, after)
    )
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9, err_msg=told)


# What all these formulas take, as they are written otherwise, and how many operations
# there are in them: less is welcome.
TAKEN = {
    0: (60182450, 368),
    60: (40191700, 333),
    120: (40241400, 366),
    180: (43195550, 349),
}


@pytest.mark.parametrize("start", TAKEN)
def test_formulas_written_otherwise(start):
    taken = operations = 0
    for seed in range(start, start + 60):
        before = read_alone(formula(seed))
        entry = regroup(before.entry)
        after = read_alone(Program("f", {"f": entry}))
        agree(before, after)
        assert price(after.entry) <= price(before.entry), show(after.entry)
        taken += price(after.entry)
        operations += len(after.entry.body.stmts)
    assert taken <= TAKEN[start][0]
    assert operations <= TAKEN[start][1]


@pytest.mark.parametrize("one", [contract, simplify])
def test_sums_of_formulas(one):
    for seed in range(120):
        before = read_alone(formula(seed, summed=True))
        agree(before, Program("f", {"f": one(before.entry)}))
