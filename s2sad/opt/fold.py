"""Compute what differentiation made of constants.

    %1 = sub 3, 1                     y = mul %2, 2
    y = mul %2, %1           ->
    c = not_ False                    c is True from here on

The user's own constants stay as they are written: `1.0 / 3.0` is an op with a place in
the user's text and literals that have a spelling. Folded is an op whose literals have
none, or which differentiation wrote; and only if the result is exact, so that a proof
with rationals still sees the same number.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from s2sad.ir.nodes import Function, Lit, Op, Var
from s2sad.ir.walk import statements
from s2sad.opt.facts import is_free, number
from s2sad.opt.rewrite import Rewriter

ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
}
COMPARISONS: dict[str, Callable[..., Any]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
}
LARGEST = 2**63  # no numbers that nobody would write


def fold(function: Function) -> Function:
    for stmt in statements(function.body):
        if isinstance(stmt, Op) and stmt.args and not isinstance(stmt.args[0], Var):
            if reads_literals(stmt):
                return Fold().run(function)
    return function


def reads_literals(op: Op) -> bool:
    """Does an op read nothing else? The first one to be folded does."""
    return all(isinstance(arg, Lit) for arg in op.args)


class Fold(Rewriter):
    def op(self, op: Op) -> None:
        found = folded(op)
        if found is None:
            self.emit(op)
        else:
            self.use(op.outs[0], found)


def folded(op: Op) -> Lit | None:
    """The literal that an op computes, if it is one."""
    if len(op.outs) != 1 or not op.args or isinstance(op.args[0], Var):
        return None
    for arg in op.args:
        if not is_free(arg, op):
            return None
    if op.prim == "not_":
        flag = op.args[0].value  # type: ignore[union-attr]
        return Lit(not flag) if isinstance(flag, bool) else None
    values: list[Any] = [number(atom) for atom in op.args]
    if None in values:
        return None
    if op.prim in COMPARISONS and len(values) == 2:
        return Lit(COMPARISONS[op.prim](*values))
    if op.prim not in ARITHMETIC:
        return None
    try:
        result = ARITHMETIC[op.prim](*values)
        exact = ARITHMETIC[op.prim](*map(Fraction, values))
        same = Fraction(result) == exact and abs(result) < LARGEST
    except (ArithmeticError, ValueError):
        return None
    if result == 0 and isinstance(result, float) and op.prim != "neg":
        same = same and str(result)[0] != "-"  # -0.0 is no rational
    lit = Lit(result)
    return lit if same and lit.kind == op.outs[0].kind else None
