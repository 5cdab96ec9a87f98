"""Name places in arrays in one pair of brackets.

    v = getitem A[i][j]                          v = getitem A[i, j]
    A_bar.1 = additem A_bar.0[i][j], v_bar  ->   A_bar.1 = additem A_bar.0[i, j], v_bar

A loop over rows and over what is in them reads `A[i][j]`; so would a person write it
only where the user does.
"""

from __future__ import annotations

from s2sad.ir.kinds import Array, Scalar
from s2sad.ir.nodes import Atom, Function, Op
from s2sad.ir.paths import Slice, Subscript, parse_path
from s2sad.ir.walk import primitives
from s2sad.opt.facts import is_derived
from s2sad.opt.rewrite import Rewriter

FIRST = {"getitem": 1, "setitem": 2, "additem": 2}  # operand of a path


def brackets(function: Function) -> Function:
    if primitives(function.body).isdisjoint(FIRST):
        return function
    return Brackets().run(function)


class Brackets(Rewriter):
    def op(self, op: Op) -> None:
        if op.prim in FIRST and is_derived(op):
            path = one_step(op)
            if path:
                self.changed = True
                attrs = {**op.attrs, "path": path}
                op = Op(op.outs, op.prim, op.args, attrs, op.span)
        self.emit(op)


def one_step(op: Op) -> str:
    """The path of an op in one step, if all that it names are numbers and slices."""
    path = str(op.attrs["path"])
    base, operands = op.args[0].kind, op.args[FIRST[op.prim] :]
    if "][" not in path or not isinstance(base, Array) or base.rank is None:
        return ""
    steps = parse_path(path)
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        if not isinstance(step, Subscript):
            return ""
        if not all(is_plain(item, operands, last) for item in step.items):
            return ""
    joint = path.replace("][", ", ")
    return joint if len(steps) <= base.rank else ""


def is_plain(item: object, operands: tuple[Atom, ...], last: bool) -> bool:
    """An index, or in the last step a slice: each takes one axis."""
    if isinstance(item, Slice):
        return last
    if not isinstance(item, int):
        return False
    kind = operands[item].kind
    return isinstance(kind, Scalar) and kind.dtype == "int"
