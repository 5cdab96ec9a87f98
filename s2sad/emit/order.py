"""Moving what does not depend on a branch from behind it to before it.

    c, f = if ...: yield x, True        trips.2 = add trips.1, 1
    trips.2 = add trips.1, 1            c, f = if ...: yield x, True
    yield c, trips.2 stop f             yield c, trips.2 stop f

Then the branch comes last in its loop, and its flag can be printed as `break`.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.emit.nest import is_effect
from s2sad.ir.nodes import Block, For, Function, If, Op, Stmt, Var, While
from s2sad.ir.walk import blocks, with_blocks


def branches_last(function: Function) -> Function:
    body = _block(function.body)
    return function if body is function.body else replace(function, body=body)


def _block(block: Block) -> Block:
    stmts: list[Stmt] = []
    changed = False
    for stmt in block.stmts:
        inner = blocks(stmt)
        if inner:
            new = tuple(map(_block, inner))
            if isinstance(stmt, (For, While)):
                new = (*new[:-1], _branch_last(new[-1]))
            if any(a is not b for a, b in zip(new, inner, strict=True)):
                stmt, changed = with_blocks(stmt, new), True
        stmts.append(stmt)
    return Block(tuple(stmts), block.yields, block.stop) if changed else block


def _branch_last(block: Block) -> Block:
    stop = block.stop
    at = next(
        (i for i, s in enumerate(block.stmts) if isinstance(s, If) and stop in s.outs), None
    )
    if at is None or at == len(block.stmts) - 1:
        return block
    branch, rest = block.stmts[at], block.stmts[at + 1 :]
    made = set(branch.outs)
    for stmt in rest:
        if not isinstance(stmt, Op) or is_effect(stmt):
            return block
        if any(isinstance(a, Var) and a in made for a in stmt.args):
            return block
    return Block((*block.stmts[:at], *rest, branch), block.yields, stop)

