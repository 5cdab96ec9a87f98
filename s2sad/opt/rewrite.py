"""A walk over a function that replaces values on the way.

A pass derives a class and says what becomes of an op: `emit` it, or `use` another atom
for what it defines. Definitions come before uses, so one walk sees every replacement.
What is not touched stays the same object, and so does a function that needs nothing. A
name is not lost: what has none takes that of the value in whose place it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from operator import is_

from s2sad.ir.nodes import Atom, Block, Call, For, Function, If, Op, Stmt, Var, While
from s2sad.ir.walk import reading, with_blocks, with_operands


class Rewriter:
    looks_at_ops = True  # else a pass rewrites branches and loops alone

    def __init__(self) -> None:
        self.table: dict[Var, Atom] = {}
        self.names: dict[Var, str] = {}
        self.changed = False
        self.stmts: list[Stmt] = []

    def run(self, function: Function) -> Function:
        body, params = self.block(function.body), function.params
        if self.names:
            table = {var: var.copy(name) for var, name in self.names.items()}
            body = renamed(body, table)
            params = tuple(replace(p, var=table.get(p.var, p.var)) for p in params)
        if not self.changed:
            return function
        return replace(function, params=params, body=body)

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

    def use(self, out: Var, atom: Atom, rename: bool = True) -> None:
        """From here on, `atom` is read in the place of `out`."""
        self.table[out] = atom
        self.changed = True
        if rename and out.name and isinstance(atom, Var) and not atom.name:
            self.names.setdefault(atom, out.name)

    def get(self, atom: Atom) -> Atom:
        return self.table.get(atom, atom) if isinstance(atom, Var) else atom

    def all(self, atoms: Iterable[Atom]) -> tuple[Atom, ...]:
        table = self.table
        if not table:
            return tuple(atoms)
        return tuple([table.get(a, a) if isinstance(a, Var) else a for a in atoms])

    # -- the walk

    def block(self, block: Block) -> Block:
        outer, self.stmts = self.stmts, []
        op = self.op if self.looks_at_ops else self.stmts.append
        table = self.table
        for stmt in block.stmts:
            if isinstance(stmt, Op):
                op(reading(stmt, table) if table else stmt)
            else:
                self.stmt(stmt)
        stmts, self.stmts = self.stmts, outer
        stop = None if block.stop is None else self.get(block.stop)
        yields = self.all(block.yields)
        if stop is block.stop and same(stmts, block.stmts):
            if same(yields, block.yields):
                return block
        return Block(tuple(stmts), yields, stop)

    def stmt(self, stmt: Stmt) -> None:
        if isinstance(stmt, Op):
            self.op(reading(stmt, self.table))
            return
        if stmt.inner:
            stmt = self.enter(stmt)
        operands = self.all(stmt.operands)
        inner: tuple[Block, ...] = ()
        for block in stmt.inner:  # no comprehension: it would be one more frame
            inner += (self.block(block),)
        if not same(operands, stmt.operands):
            stmt = with_operands(stmt, operands)
        self.emit(with_blocks(stmt, inner))


def same(new: Sequence[object], old: Sequence[object]) -> bool:
    """Are they the same objects?"""
    return len(new) == len(old) and all(map(is_, new, old))


# ---- names ---------------------------------------------------------------------------


def renamed(block: Block, table: Mapping[Var, Var]) -> Block:
    """The block with other variables, where they are defined and read."""

    def of(atoms: tuple) -> tuple:
        return tuple([table.get(a, a) if isinstance(a, Var) else a for a in atoms])

    def go(block: Block) -> Block:
        stop = None if block.stop is None else of((block.stop,))[0]
        return Block(tuple(map(one, block.stmts)), of(block.yields), stop)

    def one(stmt: Stmt) -> Stmt:
        outs = of(stmt.outs)
        if isinstance(stmt, Op):
            return Op(outs, stmt.prim, of(stmt.args), stmt.attrs, stmt.span)
        if isinstance(stmt, Call):
            return replace(stmt, outs=outs, args=of(stmt.args))
        if isinstance(stmt, If):
            (cond,) = of((stmt.cond,))
            then, orelse = go(stmt.then), go(stmt.orelse)
            return replace(stmt, outs=outs, cond=cond, then=then, orelse=orelse)
        inits, params, body = of(stmt.inits), of(stmt.params), go(stmt.body)
        if isinstance(stmt, While):
            test = go(stmt.test)
            return While(outs, params, inits, test, body, stmt.span)
        index, start, stop, step = of((stmt.index, stmt.start, stmt.stop, stmt.step))
        range_ = (index, start, stop, step)
        how = (stmt.backward, stmt.form, stmt.span)
        return For(outs, *range_, params, inits, body, *how)

    return go(block)
