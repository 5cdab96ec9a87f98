"""Leaving out statements that nothing reads, so that no dead line is printed.

`opt` removes them from what is worth deriving; this is for programs that come here
without it. One pass backwards: what only dead statements read is dead, too.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.emit.nest import is_effect
from s2sad.ir.nodes import Block, Call, Function, Op, Stmt, Var, While
from s2sad.ir.walk import blocks, exits, with_blocks


def prune(function: Function) -> Function:
    body = _block(function.body, set())
    return function if body is function.body else replace(function, body=body)


def _block(block: Block, used: set[Var]) -> Block:
    """The block without dead statements; `used` gains what it reads."""
    used.update(atom for atom in exits(block) if isinstance(atom, Var))
    kept: list[Stmt] = []
    changed = False
    for stmt in reversed(block.stmts):
        if used.isdisjoint(stmt.outs) and not _has_effect(stmt):
            changed = True
            continue
        inner = stmt.inner
        if inner:
            new = tuple(_block(b, used) for b in inner[::-1])[::-1]
            if any(a is not b for a, b in zip(new, inner, strict=True)):
                stmt, changed = with_blocks(stmt, new), True
        for atom in stmt.operands:
            if isinstance(atom, Var):
                used.add(atom)
        kept.append(stmt)
    return Block(tuple(reversed(kept)), block.yields, block.stop) if changed else block


def _has_effect(stmt: Stmt) -> bool:
    """A statement that must stay: an effect, or a loop that might not end."""
    if isinstance(stmt, (Op, Call)):
        return is_effect(stmt)
    if isinstance(stmt, While):
        return True
    return any(_has_effect(inner) for block in blocks(stmt) for inner in block.stmts)
