"""Take out of the raw reverse half what no result needs, keeping its mirrors known.

The raw half is pure, so a statement is needed only if one of its outputs is. What is
left tells which forward values must cross.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from s2sad.ad.reverse import Mirrors
from s2sad.ir.nodes import Atom, Block, Call, For, If, Op, Stmt, Var, While
from s2sad.ir.walk import (
    blocks,
    definitions,
    exits,
    statements,
    stmt_uses,
    uses,
)
from s2sad.rules import TABLE


def prune(
    block: Block,
    mirrors: Mirrors,
    wanted: Collection[Var] = frozenset(),
    lasting: Collection[str] = frozenset(),
) -> Block:
    """The block with only what its yields need, the twins that are wanted, and the
    calls of functions in `lasting`, which do something besides.
    """
    return _Prune(mirrors, wanted, lasting).block(block)


def variables(atoms: Sequence[Atom]) -> set[Var]:
    return {atom for atom in atoms if isinstance(atom, Var)}


class _Prune:
    def __init__(
        self, mirrors: Mirrors, wanted: Collection[Var], lasting: Collection[str]
    ) -> None:
        self.mirrors = mirrors
        self.wanted = wanted
        self.lasting = lasting

    def block(self, block: Block) -> Block:
        live = variables(exits(block))
        return Block(tuple(self.stmts(block.stmts, live)), block.yields, block.stop)

    def is_live(self, out: Var, live: set[Var]) -> bool:
        return out in live or out in self.wanted

    def stmts(self, stmts: Sequence[Stmt], live: set[Var]) -> list[Stmt]:
        kept: list[Stmt] = []
        for stmt in reversed(stmts):
            new = self.stmt(stmt, live)
            if new is None:
                continue
            kept.append(new)
            if new is not stmt:
                self.mirrors.renewed(new, stmt)
            if isinstance(new, Op):
                for atom in new.args:
                    if isinstance(atom, Var):
                        live.add(atom)
            else:
                live.update(stmt_uses(new))
        kept.reverse()
        return kept

    def stmt(self, stmt: Stmt, live: set[Var]) -> Stmt | None:
        if isinstance(stmt, (Op, Call)):
            for out in stmt.outs:
                if out in live or out in self.wanted:
                    return stmt
            return stmt if self.lasts(stmt) else None
        if isinstance(stmt, If):
            slots = [k for k, out in enumerate(stmt.outs) if self.is_live(out, live)]
            if not slots and not self.acts(stmt) and not self.inside(stmt):
                return None
            then, orelse = (
                self.block(replace(arm, yields=pick(arm.yields, slots)))
                for arm in (stmt.then, stmt.orelse)
            )
            return replace(stmt, outs=pick(stmt.outs, slots), then=then, orelse=orelse)
        return self.loop(stmt, live)

    def inside(self, stmt: Stmt) -> bool:
        """Is a twin that is wanted made in its blocks?"""
        if not self.wanted:
            return False
        made = (var for block in blocks(stmt) for var in definitions(block))
        return any(var in self.wanted for var in made)

    def acts(self, stmt: Stmt) -> bool:
        """Does something in its blocks raise, say, or draw a number?"""
        inner = (inner for block in blocks(stmt) for inner in statements(block))
        return any(map(self.lasts, inner))

    def lasts(self, stmt: Stmt) -> bool:
        if isinstance(stmt, Op):
            return bool(stmt.attrs.get("effect", TABLE[stmt.prim].effect))
        return isinstance(stmt, Call) and stmt.function in self.lasting

    def loop(self, stmt: For | While, live: set[Var]) -> Stmt | None:
        wanted = {
            k
            for k, out in enumerate(stmt.outs)
            if self.is_live(out, live) or stmt.params[k] in self.wanted
        }
        if not wanted and not self.acts(stmt) and not self.inside(stmt):
            return None
        while True:
            slots = sorted(wanted)
            body = replace(stmt.body, yields=pick(stmt.body.yields, slots))
            body = self.block(body)
            reads = variables(exits(body))
            if isinstance(stmt, While):
                reads.update(uses(stmt.test))
            for inner in body.stmts:
                reads.update(stmt_uses(inner))
            grown = wanted | {k for k, p in enumerate(stmt.params) if p in reads}
            if grown == wanted:
                break
            wanted = grown
        return replace(
            stmt,
            outs=pick(stmt.outs, slots),
            params=pick(stmt.params, slots),
            inits=pick(stmt.inits, slots),
            body=body,
        )


def pick(items: Sequence, slots: Sequence[int]) -> tuple:
    return tuple(items[k] for k in slots)
