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
from s2sad.ir.nodes import Atom, Function, Op, Var
from s2sad.ir.walk import statements
from s2sad.opt.facts import count_uses, is_derived
from s2sad.opt.forward import same_place
from s2sad.opt.join import is_clear
from s2sad.opt.rewrite import Rewriter

Makers = dict[Var, Op]
REACH = 40  # additions to the array, and summands, that are looked at


def stay(function: Function) -> Function:
    ops = [op for op in statements(function.body) if isinstance(op, Op)]
    if not any(op.prim == "setitem" and is_clear(op) for op in ops):
        return function
    adds = [op for op in ops if op.prim == "additem" and is_derived(op)]
    return Stay(function, ops, adds).run(function) if adds else function


class Stay(Rewriter):
    def __init__(self, function: Function, ops: list[Op], adds: list[Op]) -> None:
        super().__init__()
        self.uses = count_uses(function)
        self.makers: Makers = {out: op for op in ops for out in op.outs}
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

    def summands(self, atom: Atom) -> list[Var]:
        """What is added up to this, with a plus."""
        found: list[Var] = []
        todo = [atom]
        while todo and len(found) < REACH:
            part = todo.pop()
            if not isinstance(part, Var):
                continue
            found.append(part)
            op = self.makers.get(part)
            if op is None or not is_derived(op) or self.uses.get(part) != 1:
                continue
            if op.prim == "add":
                todo += op.args
            elif op.prim == "sub":
                todo.append(op.args[0])
        return found

    # ---- the walk --------------------------------------------------------------------

    def op(self, op: Op) -> None:
        if op.outs and op.outs[0] in self.clears:
            self.use(op.outs[0], op.args[0], rename=False)
            return
        moved = self.moved.get(op.outs[0]) if op.outs else None
        if moved is None:
            self.emit(op)
            return
        left = self.without(op.args[1], moved, op)
        if left is None:
            self.use(op.outs[0], op.args[0], rename=False)
            return
        self.changed = True
        args = (op.args[0], left, *op.args[2:])
        self.emit(Op(op.outs, "additem", args, op.attrs, op.span))

    def without(self, total: Atom, part: Var, at: Op) -> Atom | None:
        """The sum without one summand; None if nothing is left."""
        if total == part:
            return None
        op = self.makers[total]  # type: ignore[index]
        a, b = op.args
        if part not in self.summands(a):
            a, b = b, a
        left, rest = self.without(a, part, at), self.get(b)
        if left is None:
            return rest if op.prim == "add" else self.new("neg", at, rest)
        return self.new(op.prim, at, left, rest)

    def new(self, prim: str, at: Op, *args: Atom) -> Atom:
        kind = next((a.kind for a in args if isinstance(a.kind, Array)), args[0].kind)
        out = Var("", kind)
        self.emit(Op((out,), prim, args, span=at.span))
        return out
