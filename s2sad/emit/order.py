"""Moving what does not depend on a branch from behind it to before it.

    c, f = if ...: yield x, True        trips.2 = add trips.1, 1
    trips.2 = add trips.1, 1            c, f = if ...: yield x, True
    yield c, trips.2 stop f             yield c, trips.2 stop f

Then the branch comes last in its loop, and its flag can be printed as `break`. A loop
that ends on a condition gets the flag first, in the branches on that condition:

    if c: ...                           f = if c: ...; yield True
    yield x stop c                          else: yield False
                                        yield x stop f

And where the flag is carried, too, for whoever asks after the loop, it is False until
it is set: the branch that goes on need not say so again.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.emit.nest import is_effect
from s2sad.ir.nodes import (
    FALSE,
    TRUE,
    Atom,
    Block,
    For,
    Function,
    If,
    Op,
    Stmt,
    Var,
    While,
)
from s2sad.ir.walk import blocks, with_blocks
from s2sad.opt.facts import is_straight


def branches_last(function: Function) -> Function:
    if is_straight(function):
        return function
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
            if isinstance(stmt, (For, While)):
                told = _told_once(stmt)
                stmt, changed = told, changed or told is not stmt
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
        (i for i, s in enumerate(block.stmts) if isinstance(s, If) and stop in s.outs),
        None,
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


def _told_once(stmt: For | While) -> For | While:
    """A loop that stops on a flag it carries: set in one branch, left in another."""
    body = stmt.body
    stop = body.stop
    if not isinstance(stop, Var) or not body.stmts:
        return stmt
    for k, atom in enumerate(body.yields):
        if atom is not stop or stmt.inits[k] != FALSE:
            continue
        last = body.stmts[-1]
        param = stmt.params[k]
        if isinstance(last, If) and stop in last.outs:
            made = _with_carried(last, last.outs.index(stop), param)
            if made is None:
                continue
            yields = (*body.yields[:k], made.outs[-1], *body.yields[k + 1 :])
            body = Block((*body.stmts[:-1], made), yields, stop)
        else:
            at = [i for i, s in enumerate(body.stmts) if stop in s.outs]
            inner = body.stmts[at[0]] if at else None
            if isinstance(inner, (For, While)):
                j = inner.outs.index(stop)
                if inner.inits[j] == FALSE:
                    inits = (*inner.inits[:j], param, *inner.inits[j + 1 :])
                    stmts = list(body.stmts)
                    stmts[at[0]] = replace(inner, inits=inits)
                    body = Block(tuple(stmts), body.yields, stop)
    return stmt if body is stmt.body else replace(stmt, body=body)


def _with_carried(stmt: If, k: int, param: Var) -> If | None:
    """The `If` with one more result: True where its k-th is, else `param`."""
    branches = []
    for branch in (stmt.then, stmt.orelse):
        atom, stmts = branch.yields[k], branch.stmts
        if atom == TRUE:
            more: Atom = TRUE
        elif atom == FALSE:
            more = param
        else:
            last = stmts[-1] if stmts else None
            if not isinstance(last, If) or atom not in last.outs:
                return None
            inner = _with_carried(last, last.outs.index(atom), param)
            if inner is None:
                return None
            stmts, more = (*stmts[:-1], inner), inner.outs[-1]
        branches.append(Block(stmts, (*branch.yields, more), branch.stop))
    out = Var(param.name, param.kind)
    return replace(stmt, outs=(*stmt.outs, out), then=branches[0], orelse=branches[1])
