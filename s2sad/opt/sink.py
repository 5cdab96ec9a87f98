"""Let the next version of a name wait until the last has been read.

    v_bar.1 = mul beta, v_bar.0              w_bar.1 = add w_bar.0, v_bar.0
    w_bar.1 = add w_bar.0, v_bar.0     ->    v_bar.1 = mul beta, v_bar.0
    use v_bar.1                              use v_bar.1

Two versions of a name that are needed at once must be printed under two names. Where the
new one can as well be made after the last reading of the old, it is. Only derived
statements move, never an effect, and the user's own order stays.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.ir.nodes import Block, Function, Op, Stmt, Var
from s2sad.ir.walk import blocks, exits, stmt_uses, with_blocks
from s2sad.opt.facts import has_effect


def sink(function: Function) -> Function:
    """The function with overlapping versions of names parted where they can be."""
    return replace(function, body=_block(function.body))


def _block(block: Block) -> Block:
    stmts = [with_blocks(s, tuple(map(_block, blocks(s)))) for s in block.stmts]
    # from the end: what waits for one statement may make room for another
    for at in range(len(stmts) - 2, -1, -1):
        stmt = stmts[at]
        if not _movable(stmt):
            continue
        target = _after(stmts, at, block)
        if target > at:
            stmts.insert(target + 1, stmt)
            del stmts[at]
    return replace(block, stmts=tuple(stmts))


def _movable(stmt: Stmt) -> bool:
    if not isinstance(stmt, Op) or len(stmt.outs) != 1 or has_effect(stmt):
        return False
    derived = stmt.span is not None and stmt.span.reverse
    return derived and _replaced(stmt) is not None


def _replaced(op: Op) -> Var | None:
    """The older version of the result's name among the operands."""
    name = op.outs[0].name
    for arg in op.args:
        if name and isinstance(arg, Var) and arg.name == name:
            return arg
    return None


REACH = 40  # statements that are looked at: far away, a second name does no harm


def _after(stmts: list[Stmt], at: int, block: Block) -> int:
    """The last reading of the old version, if the new one is not needed before."""
    op = stmts[at]
    assert isinstance(op, Op)
    old, new = _replaced(op), op.outs[0]
    if old in exits(block):
        return at
    olds = {old, *_nested(stmts[max(0, at - REACH) : at], old)}
    last = at
    for index in range(at + 1, min(at + REACH, len(stmts))):
        reads = set(stmt_uses(stmts[index]))
        if new in reads:
            break
        if not olds.isdisjoint(reads):
            last = index
            olds.update(_nested(stmts[index : index + 1], *olds))
    return last


def _nested(stmts: list[Stmt], *olds: Var) -> set[Var]:
    """What reads an old version and will be printed in the place of its own reading."""
    found = set(olds)
    for stmt in stmts:
        if isinstance(stmt, Op) and len(stmt.outs) == 1 and not stmt.outs[0].name:
            if not found.isdisjoint(stmt_uses(stmt)):
                found.add(stmt.outs[0])
    return found
