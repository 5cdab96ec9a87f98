"""Guards against division by zero that NumPy's numbers do not need.

    r = 0.5 / y if y else inf    ->    r = 0.5 / y        # y is NumPy's: no exception

Rules with a pole guard it for every number (`rules/selecting.py`), since what is
NumPy's at first may be read as Python's float at last. What is NumPy's still, when that
is settled, gives infinity by itself.
"""

from __future__ import annotations

import math
from dataclasses import replace

from s2sad.ir.kinds import Scalar, is_python_scalar
from s2sad.ir.nodes import Atom, Block, Function, If, Lit, Op, Stmt, Var
from s2sad.ir.walk import mapping, primitives, substitute_block, with_blocks, with_stmts


def unguard(function: Function) -> Function:
    if "If" not in primitives(function.body):
        return function
    table: dict[Var, Atom] = {}
    body = without_guards(function.body, table)
    if not table:
        return function
    return replace(function, body=substitute_block(body, mapping(table)))


def without_guards(block: Block, table: dict[Var, Atom]) -> Block:
    stmts: list[Stmt] = []
    for stmt in block.stmts:
        if isinstance(stmt, If) and is_idle(stmt):
            stmts += stmt.then.stmts
            table[stmt.outs[0]] = stmt.then.yields[0]
            continue
        if stmt.inner:
            inner = tuple(without_guards(b, table) for b in stmt.inner)
            stmt = with_blocks(stmt, inner)
        stmts.append(stmt)
    return with_stmts(block, stmts)


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
