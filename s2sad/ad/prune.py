"""Take out of the raw reverse half what no result needs, keeping its mirrors known.

The raw half is pure, so a statement is needed only if one of its outputs is. What is
left tells which forward values must cross.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from s2sad.ad.reverse import Mirrors
from s2sad.ir.nodes import Atom, Block, Call, For, If, Op, Stmt, Var, While
from s2sad.ir.walk import blocks, statements, stmt_uses
from s2sad.rules import TABLE


def prune(block: Block, mirrors: Mirrors) -> Block:
    """The block with only what its yields need."""
    live = variables(block.yields)
    return replace(block, stmts=tuple(_stmts(block.stmts, live, mirrors)))


def variables(atoms: Sequence[Atom]) -> set[Var]:
    return {atom for atom in atoms if isinstance(atom, Var)}


def _stmts(stmts: Sequence[Stmt], live: set[Var], mirrors: Mirrors) -> list[Stmt]:
    kept: list[Stmt] = []
    for stmt in reversed(stmts):
        new = _stmt(stmt, live, mirrors)
        if new is None:
            continue
        kept.append(new)
        if new is not stmt:
            mirrors.renewed(new, stmt)
        live.update(stmt_uses(new))
    kept.reverse()
    return kept


def _stmt(stmt: Stmt, live: set[Var], mirrors: Mirrors) -> Stmt | None:
    if isinstance(stmt, (Op, Call)):
        effect = isinstance(stmt, Op) and TABLE[stmt.prim].effect
        return stmt if effect or any(out in live for out in stmt.outs) else None
    if isinstance(stmt, If):
        slots = [k for k, out in enumerate(stmt.outs) if out in live]
        if not slots and not raises(stmt):
            return None
        then, orelse = (
            prune(replace(arm, yields=pick(arm.yields, slots)), mirrors)
            for arm in (stmt.then, stmt.orelse)
        )
        return replace(stmt, outs=pick(stmt.outs, slots), then=then, orelse=orelse)
    return _loop(stmt, live, mirrors)


def _loop(stmt: For | While, live: set[Var], mirrors: Mirrors) -> Stmt | None:
    wanted = {k for k, out in enumerate(stmt.outs) if out in live}
    if not wanted and not raises(stmt):
        return None
    while True:
        slots = sorted(wanted)
        body = replace(stmt.body, yields=pick(stmt.body.yields, slots))
        body = prune(body, mirrors)
        reads = set(variables(body.yields))
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


def raises(stmt: Stmt) -> bool:
    """Does something in its blocks raise? The raw half has no other effects."""
    return any(
        isinstance(inner, Op) and TABLE[inner.prim].effect
        for block in blocks(stmt)
        for inner in statements(block)
    )


def pick(items: Sequence, slots: Sequence[int]) -> tuple:
    return tuple(items[k] for k in slots)
