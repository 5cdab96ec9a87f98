"""Guards against division by zero where there is no zero, or no exception.

    r = 0.5 / y if y else inf    ->    r = 0.5 / y        # y is NumPy's: no exception

    f = m / (y * y)                    f = m / (y * y)
    r = 0.5 / y if y else inf    ->    r = 0.5 / y        # the line before has raised

Rules with a pole guard it for every number (`rules/selecting.py`), since what is
NumPy's at first may be read as Python's float at last. What is NumPy's still, when that
is settled, gives infinity by itself. What Python's floats have been divided by is not
zero, and no factor of it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from s2sad.ir.kinds import Scalar, is_python_scalar
from s2sad.ir.nodes import Atom, Block, Function, If, Lit, Op, Stmt, Var
from s2sad.ir.walk import (
    mapping,
    primitives,
    statements,
    substitute_block,
    with_blocks,
    with_stmts,
)
from s2sad.opt.facts import has_effect, number


def unguard(function: Function) -> Function:
    if "If" not in primitives(function.body):
        return function
    work = _Unguard(function)
    body = work.block(function.body)
    if not work.table:
        return function
    return replace(function, body=substitute_block(body, mapping(work.table)))


class _Unguard:
    def __init__(self, function: Function) -> None:
        self.table: dict[Var, Atom] = {}
        self.makers = {
            out: stmt
            for stmt in statements(function.body)
            if isinstance(stmt, Op)
            for out in stmt.outs
        }
        self.divided: set[Var] = set()  # by these, on the way to here

    def block(self, block: Block) -> Block:
        stmts: list[Stmt] = []
        outside = set(self.divided)
        ahead = 0
        for at, stmt in enumerate(block.stmts):
            if at == ahead:  # until something else happens, the order is no matter
                ahead = self.quiet(block.stmts, at)
            if isinstance(stmt, If) and (is_idle(stmt) or self.has_raised(stmt)):
                stmts += stmt.then.stmts
                self.table[stmt.outs[0]] = stmt.then.yields[0]
                continue
            if stmt.inner:
                stmt = with_blocks(stmt, tuple(map(self.block, stmt.inner)))
            stmts.append(stmt)
        self.divided = outside
        return with_stmts(block, stmts)

    def quiet(self, stmts: Sequence[Stmt], at: int) -> int:
        """Note what is divided by in a stretch without effects; where it ends."""
        while at < len(stmts):
            stmt = stmts[at]
            at += 1
            if isinstance(stmt, Op) and not has_effect(stmt):
                if stmt.prim == "div" and raises_at_zero(stmt):
                    self.note(stmt.args[1])
            elif not isinstance(stmt, If) or stmt.form != "expr":
                break
        return at

    def note(self, divisor: Atom) -> None:
        """A product that is not zero has no factor that is."""
        todo = [divisor]
        while todo:
            atom = todo.pop()
            if not isinstance(atom, Var) or atom in self.divided:
                continue
            self.divided.add(atom)
            made = self.makers.get(atom)
            if made is not None and made.prim in ("mul", "neg", "abs", "sqrt"):
                todo += made.args
            elif made is not None and made.prim == "pow":
                power = number(made.args[1])
                if power is not None and power > 0:
                    todo.append(made.args[0])

    def has_raised(self, stmt: If) -> bool:
        """Would a division before it have raised if there were a zero here?"""
        return (
            stmt.form == "expr"
            and len(stmt.outs) == 1
            and stmt.cond in self.divided
            and not stmt.orelse.stmts
            and stmt.orelse.yields == (Lit(math.inf),)
        )


def raises_at_zero(div: Op) -> bool:
    """Is it a division of Python's numbers?"""
    return "lib" not in div.attrs and all(
        isinstance(atom.kind, Scalar) and is_python_scalar(atom.kind)
        for atom in div.args
    )


def is_idle(stmt: If) -> bool:
    """Is what is computed infinite by itself where the test does not hold?"""
    if stmt.form != "expr" or len(stmt.outs) != 1 or not is_numpys(stmt.cond):
        return False
    then, orelse = stmt.then, stmt.orelse
    if orelse.stmts or orelse.yields != (Lit(math.inf),) or not then.stmts:
        return False
    value: Atom = stmt.cond
    for op in then.stmts:
        if not isinstance(op, Op) or "lib" in op.attrs or value not in op.args:
            return False
        number = op.args[1] if op.args[0] is value else op.args[0]
        if not isinstance(number, Lit):
            return False
        first = op is then.stmts[0]
        if op.prim not in (("div", "pow") if first else ("mul",)):
            return False
        if not sends_zero_to_infinity(op, value, number.value):
            return False
        value = op.outs[0]
    return then.yields == (value,)


def sends_zero_to_infinity(op: Op, value: Atom, number: object) -> bool:
    if not isinstance(number, (int, float)):
        return False
    if op.prim == "div":
        return op.args[1] is value and number > 0
    if op.prim == "pow":
        return op.args[0] is value and number < 0
    return number > 0


def is_numpys(atom: Atom) -> bool:
    return isinstance(atom.kind, Scalar) and not is_python_scalar(atom.kind)
