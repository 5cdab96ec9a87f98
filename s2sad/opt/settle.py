"""Take out what a branch or loop does not decide.

    y, z = for i in range n with a = x, b = w:       y = for i in range n with a = x:
        c = mul a, b                            ->       c = mul a, w
        yield c, b                                       yield c
    return y, z                                      return y, w

A carried value that never changes is its initial value. A result that both branches
agree on is that value. A branch on a constant is the branch that is taken.
"""

from __future__ import annotations

from s2sad.ir.nodes import UNDEF, Block, Function, If, Lit, Op, Stmt, Var
from s2sad.ir.walk import blocks
from s2sad.opt.rewrite import Rewriter


def settle(function: Function) -> Function:
    return Settle(function).run(function)


class Settle(Rewriter):
    def __init__(self, function: Function) -> None:
        super().__init__()
        self.depth = depths(function)  # of the block in which each variable is defined
        self.level = 0

    def block(self, block: Block) -> Block:
        self.level += 1
        done = super().block(block)
        self.level -= 1
        return done

    def stmt(self, stmt: Stmt) -> None:
        if isinstance(stmt, If) and self.decided(stmt):
            return
        super().stmt(stmt)

    def enter(self, stmt: Stmt) -> Stmt:
        if isinstance(stmt, If):
            self.agreed(stmt)
        elif not isinstance(stmt, Op):
            self.constant(stmt)
        return stmt

    def decided(self, stmt: If) -> bool:
        """Put the branch that is taken in the place of the statement."""
        cond = self.get(stmt.cond)
        if not isinstance(cond, Lit) or not isinstance(cond.value, bool):
            return False
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
            a, b = self.get(a), self.get(b)
            if a != b or a == UNDEF or out in self.table:
                continue
            if isinstance(a, Lit) or self.depth.get(a, 0) <= self.level:
                self.use(out, a)

    def constant(self, stmt) -> None:
        slots = zip(stmt.outs, stmt.params, stmt.inits, stmt.body.yields, strict=True)
        for out, param, init, end in slots:
            start, end = self.get(init), self.get(end)
            if start == UNDEF or out in self.table:
                continue
            if end == param or end == start:
                self.use(param, start)
                self.use(out, start)


def depths(function: Function) -> dict[Var, int]:
    """How deep the block of each variable is; those of the function's own are at 1."""
    found: dict[Var, int] = {}
    pending = [(function.body, 1)]
    while pending:
        block, level = pending.pop()
        for stmt in block.stmts:
            found.update(dict.fromkeys(stmt.outs, level))
            if not isinstance(stmt, (Op, If)):
                inner = getattr(stmt, "params", ())
                found.update(dict.fromkeys(inner, level + 1))
            pending.extend((inner, level + 1) for inner in blocks(stmt))
            if hasattr(stmt, "index"):
                found[stmt.index] = level + 1
    return found
