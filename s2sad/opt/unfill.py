"""Compute with a number, not with an array full of it.

    %1 = full_like x, -1.0
    %2 = mul a, %1            ->      %2 = mul a, -1.0
    %3 = full_like x, c               %1 = size x
    b = sum %3                        b = mul c, %1
    y = setitem x[i, j], %3           y = setitem x[i, j], c

Only where the other operand has the shape of the result by itself: it has as many axes,
and none of length 1 that the full array would have made longer; and only where the
number is as weak as not to change the type of the result.
"""

from __future__ import annotations

from types import MappingProxyType

from s2sad.analysis.lineage import WRITES
from s2sad.ir.kinds import INT, Array, is_python_scalar
from s2sad.ir.nodes import Atom, Function, Op, Var
from s2sad.opt.facts import is_derived
from s2sad.opt.rewrite import Rewriter
from s2sad.opt.shapes import Shapes, is_whole

ASKED = MappingProxyType({"spelling": ".size"})
OPERATORS = frozenset({"add", "sub", "mul", "div"})


def unfill(function: Function) -> Function:
    return Unfill(function).run(function)


class Unfill(Rewriter):
    def __init__(self, function: Function) -> None:
        super().__init__()
        self.shapes = Shapes(function)
        self.full: dict[Var, Op] = {}

    def op(self, op: Op) -> None:
        if op.prim == "full_like" and "dtype" not in op.attrs and is_derived(op):
            if is_python_scalar(op.args[1].kind):
                self.full[op.outs[0]] = op
        elif op.prim == "sum" and is_derived(op):
            op = self.counted(op)
        elif op.prim in WRITES and is_derived(op):
            op = self.written(op)
        elif op.prim in OPERATORS and "lib" not in op.attrs and is_derived(op):
            op = self.with_number(op)
        self.shapes.note(op)
        self.emit(op)

    def counted(self, op: Op) -> Op:
        """The sum of as many equal numbers as there are elements."""
        full = self.full.get(op.args[0])  # type: ignore[arg-type]
        if full is None or op.attrs or not isinstance(full.args[0].kind, Array):
            return op
        size = Var("", INT)
        self.emit(Op((size,), "size", full.args[:1], ASKED, op.span))
        self.changed = True
        return Op(op.outs, "mul", (full.args[1], size), span=op.span)

    def written(self, op: Op) -> Op:
        """A part of an array is filled with a number as well as with an array."""
        full = self.full.get(op.args[1])  # type: ignore[arg-type]
        if full is None or not isinstance(op.args[0].kind, Array) or not op.args[2:]:
            return op
        self.changed = True
        args = (op.args[0], full.args[1], *op.args[2:])
        return Op(op.outs, op.prim, args, op.attrs, op.span)

    def with_number(self, op: Op) -> Op:
        for at, other in ((0, 1), (1, 0)):
            full = self.full.get(op.args[at])  # type: ignore[arg-type]
            if full is None or not self.decides(op.args[other], full, op):
                continue
            args = list(op.args)
            args[at] = full.args[1]
            self.changed = True
            return Op(op.outs, op.prim, tuple(args), op.attrs, op.span)
        return op

    def decides(self, atom: Atom, full: Op, op: Op) -> bool:
        """Has the other operand the type and shape of the result?"""
        kind, out = atom.kind, op.outs[0].kind
        if not isinstance(kind, Array) or not isinstance(out, Array):
            return False
        if kind.dtype != out.dtype or kind.rank is None or kind.rank != out.rank:
            return False
        return is_whole(kind) or self.shapes.of(atom) == self.shapes.of(full.args[0])
