"""Let stay what would be cleared and then added again.

    v = getitem a.0[1:-1]                 v = getitem a.0[1:-1]
    w = mul k, v                          w = mul k, v
    a.1 = setitem a.0[1:-1], 0.0          a.1 = additem a.0[2:], w
    a.2 = additem a.1[2:], w        ->    %2 = neg w
    %1 = sub v, w                         a.2 = additem a.1[1:-1], %2
    a.3 = additem a.2[1:-1], %1

The adjoint of `u[1:-1] = u[1:-1] + k * (...)` moves out of its place, and most of it
back. Between the two, others may only add to the array, which may as well be done
before or after; nobody reads a version in between. For single elements a write costs
less than an addition in place: `join` serves them.
"""

from __future__ import annotations

from s2sad.analysis.lineage import WRITES
from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Function, Op, Var
from s2sad.ir.walk import statements
from s2sad.opt.facts import count_uses, is_derived
from s2sad.opt.forward import same_place
from s2sad.opt.join import is_clear
from s2sad.opt.summands import REACH, Summands


def stay(function: Function) -> Function:
    ops = [op for op in statements(function.body) if isinstance(op, Op)]
    if not any(op.prim == "setitem" and is_clear(op) for op in ops):
        return function
    adds = [op for op in ops if op.prim == "additem" and is_derived(op)]
    return Stay(function, ops, adds).run(function) if adds else function


class Stay(Summands):
    def __init__(self, function: Function, ops: list[Op], adds: list[Op]) -> None:
        super().__init__(count_uses(function), {o: op for op in ops for o in op.outs})
        self.clears: set[Var] = set()  # versions that need not be made
        self.moved: dict[Var, Var] = {}  # version -> what was moved out, and back there
        for add in adds:
            if isinstance(add.args[1].kind, Array):
                self.look(add)

    def look(self, add: Op) -> None:
        """Note an addition of what the clear above it took away."""
        clear = self.clear_above(add)
        if clear is None or clear.outs[0] in self.clears:
            return
        for moved in self.summands(add.args[1]):
            read = self.makers.get(moved)
            if read is None or read.prim != "getitem" or read.args[0] != clear.args[0]:
                continue
            if isinstance(moved.kind, Array) and same_place(read, 1, clear, 2):
                self.clears.add(clear.outs[0])
                self.moved[add.outs[0]] = moved
                return

    def clear_above(self, add: Op) -> Op | None:
        above = add
        for _ in range(REACH):
            base = above.args[0]
            if not isinstance(base, Var) or self.uses.get(base) != 1:
                return None
            op = self.makers.get(base)
            if op is None or op.prim not in WRITES:
                return None
            if op.prim == "setitem":
                return op if is_clear(op) and same_place(op, 2, add, 2) else None
            above = op
        return None

    # ---- the walk --------------------------------------------------------------------

    def op(self, op: Op) -> None:
        if op.outs and op.outs[0] in self.clears:
            self.use(op.outs[0], op.args[0], rename=False)
            return
        moved = self.moved.get(op.outs[0]) if op.outs else None
        if moved is None:
            self.emit(op)
            return
        self.add_without(op, moved)
