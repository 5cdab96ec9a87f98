"""A walk over a function that replaces values on the way.

A pass derives a class and says what becomes of an op: `emit` it, or `use` another atom
for what it defines. Definitions come before uses, so one walk sees every replacement.
What is not touched stays the same object, and so does a function that needs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from s2sad.ir.nodes import Atom, Block, Call, For, Function, If, Op, Stmt, Var, While


class Rewriter:
    def __init__(self) -> None:
        self.table: dict[Var, Atom] = {}
        self.changed = False
        self.stmts: list[Stmt] = []

    def run(self, function: Function) -> Function:
        body = self.block(function.body)
        return replace(function, body=body) if self.changed else function

    # -- for a pass to say

    def op(self, op: Op) -> None:
        """What becomes of an op, whose operands are already replaced."""
        self.emit(op)

    def enter(self, stmt: Stmt) -> Stmt:
        """A look at an `If` or a loop before its blocks."""
        return stmt

    # -- for a pass to use

    def emit(self, stmt: Stmt) -> None:
        self.stmts.append(stmt)

    def use(self, out: Var, atom: Atom) -> None:
        """From here on, `atom` is read in the place of `out`."""
        self.table[out] = atom
        self.changed = True

    def get(self, atom: Atom) -> Atom:
        return self.table.get(atom, atom) if isinstance(atom, Var) else atom

    def all(self, atoms: Iterable[Atom]) -> tuple[Atom, ...]:
        table = self.table
        return tuple([table.get(a, a) if isinstance(a, Var) else a for a in atoms])

    # -- the walk

    def block(self, block: Block) -> Block:
        outer, self.stmts = self.stmts, []
        for stmt in block.stmts:
            self.stmt(stmt)
        stmts, self.stmts = self.stmts, outer
        stop = None if block.stop is None else self.get(block.stop)
        return Block(tuple(stmts), self.all(block.yields), stop)

    def stmt(self, stmt: Stmt) -> None:
        if isinstance(stmt, Op):
            args = self.all(stmt.args)
            if args != stmt.args:
                stmt = Op(stmt.outs, stmt.prim, args, stmt.attrs, stmt.span)
            self.op(stmt)
            return
        if isinstance(stmt, Call):
            self.emit(replace(stmt, args=self.all(stmt.args)))
            return
        stmt = self.enter(stmt)
        if isinstance(stmt, If):
            cond = self.get(stmt.cond)
            then, orelse = self.block(stmt.then), self.block(stmt.orelse)
            self.emit(replace(stmt, cond=cond, then=then, orelse=orelse))
        elif isinstance(stmt, For):
            start, stop, step, *inits = self.all(
                (stmt.start, stmt.stop, stmt.step, *stmt.inits)
            )
            body = self.block(stmt.body)
            bounds = {"start": start, "stop": stop, "step": step}
            self.emit(replace(stmt, **bounds, inits=tuple(inits), body=body))
        elif isinstance(stmt, While):
            inits = self.all(stmt.inits)
            test, body = self.block(stmt.test), self.block(stmt.body)
            self.emit(replace(stmt, inits=inits, test=test, body=body))
