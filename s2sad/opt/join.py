"""Join a clear with the addition to the same place that follows it.

    a.1 = setitem a.0[i], 0.0
    a.2 = additem a.1[j], u              a.1 = additem a.0[j], u
    a.3 = additem a.2[i], w       ->     a.2 = setitem a.1[i], w
    return a.3                           return a.2

What stands between them may only add to, or write, other places of the same array, of
which nobody reads a version in between. That `i` and `j` are two places, whenever this
runs, must be certain: two numbers may name one element, if one counts from the far end.
"""

from __future__ import annotations

from s2sad.analysis.lineage import WRITES, Lineage
from s2sad.analysis.overlap import apart
from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Function, Op, Var
from s2sad.ir.walk import statements
from s2sad.opt.facts import count_uses, is_free, number
from s2sad.opt.forward import fixed, same_place
from s2sad.opt.rewrite import Rewriter


def join(function: Function) -> Function:
    adds: list[Op] = []
    clears = 0
    for op in statements(function.body):
        if isinstance(op, Op) and op.prim == "additem":
            adds.append(op)
        elif isinstance(op, Op) and op.prim == "setitem":
            clears += is_clear(op)
    if not adds or not clears:
        return function
    return Join(function, adds).run(function)


class Join(Rewriter):
    def __init__(self, function: Function, adds: list[Op]) -> None:
        super().__init__()
        self.function = function
        self.uses = count_uses(function)
        self.makers: dict[Var, Op] = {
            op.outs[0]: op
            for op in statements(function.body)
            if isinstance(op, Op) and op.prim in WRITES
        }
        self.lineage: Lineage | None = None  # made when it is first asked
        self.joined: set[Op] = set()
        for op in adds:
            self.look(op)
        self.outs = {op.outs[0] for op in self.joined}

    def look(self, add: Op) -> None:
        """Note an addition and the clear above it, if the two are one write."""
        clear = self.clear_above(add)
        if clear is not None and clear not in self.joined:
            self.joined |= {add, clear}

    def clear_above(self, add: Op) -> Op | None:
        if not isinstance(add.args[0].kind, Array) or not fixed(add, 2):
            return None
        above = add
        while True:
            base = above.args[0]
            if not isinstance(base, Var) or self.uses.get(base) != 1:
                return None
            op = self.makers.get(base)
            if op is None or op in self.joined:
                return None
            if is_clear(op) and same_place(op, 2, add, 2):
                return op
            if self.lineage is None:
                self.lineage = Lineage(self.function.body)
            block = self.lineage.block
            if block[op] is not block[add] or not apart(self.lineage, op, add):
                return None
            above = op

    def op(self, op: Op) -> None:
        if op.outs and op.outs[0] in self.outs:
            if op.prim == "setitem":
                self.use(op.outs[0], op.args[0], rename=False)
                return
            self.changed = True
            op = Op(op.outs, "setitem", op.args, op.attrs, op.span)
        self.emit(op)


def is_clear(op: Op) -> bool:
    return number(op.args[1]) == 0 and is_free(op.args[1], op)
