"""Write to new zeros what would be added to them.

    x_bar.0 = zeros_like x                       x_bar.0 = zeros_like x
    x_bar.1 = additem x_bar.0[0], v       ->     x_bar.1 = setitem x_bar.0[0], v
    x_bar.2 = additem x_bar.1[1], w              x_bar.2 = setitem x_bar.1[1], w

Only what differentiation adds, and only where nothing has been written before: at
numbers that differ, of which none counts from the other end, or in parts that certainly
do not meet (`analysis/overlap.py`), such as `a[:n]` and `a[n:]`.
"""

from __future__ import annotations

from s2sad.analysis.lineage import WRITES, Lineage
from s2sad.analysis.overlap import apart as are_apart
from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Function, Lit, Op, Var
from s2sad.ir.paths import Subscript, parse_path
from s2sad.ir.walk import primitives
from s2sad.opt.facts import is_derived
from s2sad.opt.forward import fixed
from s2sad.opt.rewrite import Rewriter

ZEROS = ("zeros", "zeros_like")
MANY = 8  # writes before: of more, not all pairs are looked at closely


def starts(function: Function) -> Function:
    if primitives(function.body).isdisjoint(ZEROS):
        return function
    return Starts(function).run(function)


class Starts(Rewriter):
    def __init__(self, function: Function) -> None:
        super().__init__()
        self.function = function
        self.lineage: Lineage | None = None  # made when it is first asked
        # arrays that are zero but for what these have written
        self.written: dict[Var, tuple[Op, ...]] = {}

    def op(self, op: Op) -> None:
        made = op
        if op.prim in ZEROS and isinstance(op.outs[0].kind, Array) and is_derived(op):
            self.written[op.outs[0]] = ()
        elif op.prim in WRITES and op.args[0] in self.written:
            before = self.written[op.args[0]]  # type: ignore[index]
            chosen = op.args[2:]  # none where all of it is written, as in `a[:, None]`
            if op.prim == "additem" and is_derived(op) and chosen and fixed(op, 2):
                if all(apart(op, other) or self.apart(op, other) for other in before):
                    self.changed = True
                    made = Op(op.outs, "setitem", op.args, op.attrs, op.span)
            self.written[op.outs[0]] = (*before, op)
        self.emit(made)

    def apart(self, op: Op, other: Op) -> bool:
        """Are they parts that certainly do not meet, as `a[:n]` and `a[n:]`?"""
        if len(self.written[op.args[0]]) > MANY:  # type: ignore[index]
            return False
        if self.lineage is None:
            self.lineage = Lineage(self.function.body)
        block = self.lineage.block.get(op)
        if block is None or self.lineage.block.get(other) is not block:
            return False
        return are_apart(self.lineage, other, op)


def apart(a: Op, b: Op) -> bool:
    """Do two writes certainly not meet?"""
    if a.attrs["path"] != b.attrs["path"]:
        return False
    steps = parse_path(str(a.attrs["path"]))
    if len(steps) != 1 or not isinstance(steps[0], Subscript):
        return False
    return any(
        isinstance(item, int) and differ(a.args[2 + item], b.args[2 + item])
        for item in steps[0].items
    )


def differ(a: object, b: object) -> bool:
    """Are they two numbers of places, counted from the same end?"""
    if not isinstance(a, Lit) or not isinstance(b, Lit):
        return False
    if type(a.value) is not int or type(b.value) is not int:
        return False
    return a.value != b.value and (a.value < 0) == (b.value < 0)
