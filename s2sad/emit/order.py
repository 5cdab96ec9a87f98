"""Moving what does not depend on a branch from behind it to before it.

    c, f = if ...: yield x, True        trips.2 = add trips.1, 1
    trips.2 = add trips.1, 1            c, f = if ...: yield x, True
    yield c, trips.2 stop f             yield c, trips.2 stop f

Then the branch comes last in its loop, and its flag can be printed as `break`. A loop that
ends on a condition gets the flag first, in the branches on that condition:

    if c: ...                           f = if c: ...; yield True
    yield x stop c                          else: yield False
                                        yield x stop f
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.emit.nest import is_effect
from s2sad.ir.nodes import FALSE, TRUE, Block, For, Function, If, Op, Stmt, Var, While
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
                new = (*new[:-1], _branch_last(_with_flag(new[-1])))
            if any(a is not b for a, b in zip(new, inner, strict=True)):
                stmt, changed = with_blocks(stmt, new), True
        stmts.append(stmt)
    return Block(tuple(stmts), block.yields, block.stop) if changed else block


def _with_flag(block: Block) -> Block:
    """The body of a loop with a flag of its own for a condition that ends it."""
    stop = block.stop
    made = {out: stmt for stmt in block.stmts for out in stmt.outs}
    if not isinstance(stop, Var) or not isinstance(made.get(stop), Op) or stop.name:
        return block
    maker = made[stop]
    assert isinstance(maker, Op)
    cond, ends = stop, (TRUE, FALSE)
    if maker.prim == "not_" and isinstance(maker.args[0], Var):
        if any(isinstance(s, If) and s.cond is maker.args[0] for s in block.stmts):
            cond, ends = maker.args[0], (FALSE, TRUE)
    flag = Var("", stop.kind)
    at = [i for i, s in enumerate(block.stmts) if isinstance(s, If) and s.cond is cond]
    stmts = list(block.stmts)
    if at:
        old = stmts[at[-1]]
        assert isinstance(old, If)
        stmts[at[-1]] = replace(
            old,
            outs=(*old.outs, flag),
            then=replace(old.then, yields=(*old.then.yields, ends[0])),
            orelse=replace(old.orelse, yields=(*old.orelse.yields, ends[1])),
        )
    else:
        then, orelse = Block((), ends[:1]), Block((), ends[1:])
        stmts.append(If((flag,), cond, then, orelse, "if", maker.span))
    yields = tuple(flag if atom is stop else atom for atom in block.yields)
    return Block(tuple(stmts), yields, flag)


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

