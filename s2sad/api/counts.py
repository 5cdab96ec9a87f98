"""Which ints of a program are counts, indices or axes, and not numbers to vary."""

from __future__ import annotations

from s2sad.ir.nodes import Call, For, Function, Op, Program, Stmt, Var
from s2sad.ir.walk import statements

# The first operands of these are data; all others say where, how many, or which axis.
_PLACES = {"getitem": 1, "setitem": 2, "additem": 2}
_SHAPES = frozenset(
    "zeros ones full empty eye identity arange linspace tile repeat split".split()
)


def is_count(program: Program, var: Var, function: Function | None = None) -> bool:
    """Does something use this parameter as a count, an index or a shape?"""
    function = function or program.entry
    return any(_counts(program, var, stmt) for stmt in statements(function.body))


def _counts(program: Program, var: Var, stmt: Stmt) -> bool:
    if isinstance(stmt, For):
        return var in (stmt.start, stmt.stop, stmt.step)
    if isinstance(stmt, Op) and var in stmt.args:
        if stmt.prim in _PLACES:
            return var in stmt.args[_PLACES[stmt.prim] :]
        return stmt.prim in _SHAPES or stmt.prim == "tuple"
    if isinstance(stmt, Call) and var in stmt.args:
        callee = program.functions[stmt.function]
        inner = callee.params[stmt.args.index(var)].var
        return callee is not program.entry and is_count(program, inner, callee)
    return False
