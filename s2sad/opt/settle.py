"""Take out what a branch or loop does not decide.

    y, z = for i in range n with a = x, b = w:       y = for i in range n with a = x:
        c = mul a, b                            ->       c = mul a, w
        yield c, b                                       yield c
    return y, z                                      return y, w

A carried value that never changes is its initial value. A result that both branches
agree on is that value. A branch on a constant is the branch that is taken, and so is
one on a condition that a branch around it has decided, and one on the number of a loop
that counts from one.
"""

from __future__ import annotations

from s2sad.ir.nodes import NONE, UNDEF, Block, For, Function, If, Lit, Op, Stmt, Var
from s2sad.opt.facts import is_straight
from s2sad.opt.rewrite import Rewriter


def settle(function: Function) -> Function:
    return function if is_straight(function) else Settle().run(function)


class Settle(Rewriter):
    looks_at_ops = False

    def __init__(self) -> None:
        super().__init__()
        self.sides: dict[Block, tuple[Var, bool]] = {}  # under which condition it runs
        self.known: dict[Var, bool] = {}  # what is decided at this point of the walk

    def block(self, block: Block) -> Block:
        side = self.sides.get(block)
        if side is None or side[0] in self.known:
            return super().block(block)
        self.known[side[0]] = side[1]
        done = super().block(block)
        del self.known[side[0]]
        return done

    def stmt(self, stmt: Stmt) -> None:
        if isinstance(stmt, If) and self.decided(stmt):
            return
        super().stmt(stmt)

    def enter(self, stmt: Stmt) -> Stmt:
        if isinstance(stmt, If):
            self.agreed(stmt)
            cond = self.get(stmt.cond)
            if stmt.tests and isinstance(cond, Var):
                self.sides[stmt.then] = cond, True
                self.sides[stmt.orelse] = cond, False
        elif not isinstance(stmt, Op):
            self.constant(stmt)
            if isinstance(stmt, For) and counts_from_one(stmt):
                self.sides[stmt.body] = stmt.index, True
        return stmt

    def decided(self, stmt: If) -> bool:
        """Put the branch that is taken in the place of the statement."""
        cond = self.get(stmt.cond)
        if stmt.tests and isinstance(cond, Var) and cond in self.known:
            cond = Lit(self.known[cond])
        if stmt.form == "with" and cond == NONE:
            taken = stmt.then
        elif stmt.form == "try" or not isinstance(cond, Lit):
            return False
        elif not isinstance(cond.value, bool):
            return False
        else:
            taken = stmt.then if cond.value else stmt.orelse
        for inner in taken.stmts:
            self.stmt(inner)
        for out, atom in zip(stmt.outs, taken.yields, strict=True):
            self.use(out, self.get(atom))
        self.changed = True
        return True

    def agreed(self, stmt: If) -> None:
        pairs = zip(stmt.outs, stmt.then.yields, stmt.orelse.yields, strict=True)
        for out, a, b in pairs:
            value = self.get(a)  # of both branches, so it was there before them
            if value == self.get(b) and value != UNDEF:
                self.use(out, value)

    def constant(self, stmt) -> None:
        slots = zip(stmt.outs, stmt.params, stmt.inits, stmt.body.yields, strict=True)
        for out, param, init, end in slots:
            start, end = self.get(init), self.get(end)
            if start == UNDEF:
                continue
            if end == param or end == start:
                self.use(param, start)
                self.use(out, start)


def counts_from_one(loop: For) -> bool:
    """Is its number never zero, as it starts above and rises?"""
    return all(
        isinstance(atom, Lit) and type(atom.value) is int and atom.value > 0
        for atom in (loop.start, loop.step)
    )
