"""Let the next version of a name wait until the last has been read.

    v_bar.1 = mul beta, v_bar.0              w_bar.1 = add w_bar.0, v_bar.0
    w_bar.1 = add w_bar.0, v_bar.0     ->    v_bar.1 = mul beta, v_bar.0
    use v_bar.1                              use v_bar.1

Two versions of a name that are needed at once must be printed under two names. Where
the new one can as well be made after the last reading of the old, it is; so what is
popped may wait until what the loop carries under that name has been read. Only derived
statements move, never an effect, and the user's own order stays.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from s2sad.ir.nodes import Block, Function, Op, Stmt, Var
from s2sad.ir.walk import exits, inner_params, stmt_uses, with_blocks, with_stmts
from s2sad.opt.facts import has_effect


def sink(function: Function) -> Function:
    """The function with overlapping versions of names parted where they can be."""
    return replace(function, body=_block(function.body))


def _block(block: Block, params: Collection[Var] = ()) -> Block:
    stmts = [
        with_blocks(s, tuple(_block(b, inner_params(s)) for b in s.inner))
        if s.inner
        else s
        for s in block.stmts
    ]
    reads = Reads()
    made = {s.outs[0]: s for s in stmts if isinstance(s, Op) and len(s.outs) == 1}
    nested = {a for out, s in made.items() if not out.name for a in variables(s)}
    # from the end: what waits for one statement may make room for another
    for at in range(len(stmts) - 2, -1, -1):
        stmt = stmts[at]
        if not isinstance(stmt, Op):
            continue
        popped = stmt.prim == "pop"
        old = _popped_over(stmt, params) if popped else _replaced(stmt, made)
        if old is None:
            continue
        target = _after(stmts, reads, at, block, old, nested)
        if target > at:
            stmts.insert(target, stmts.pop(at))
    return with_stmts(block, stmts)


class Reads(dict[Stmt, list[Var]]):
    """What each statement reads, found when it is asked."""

    def __missing__(self, stmt: Stmt) -> list[Var]:
        found = self[stmt] = stmt_uses(stmt)
        return found


def _replaced(stmt: Op, made: dict[Var, Op]) -> Var | None:
    """The older version of the result's name that a statement reads, if it may move."""
    if len(stmt.outs) != 1:
        return None
    name = stmt.outs[0].name
    if not name or stmt.span is None or not stmt.span.reverse or has_effect(stmt):
        return None
    todo = list(stmt.args)
    for _ in range(REACH):
        if not todo:
            break
        atom = todo.pop()
        if not isinstance(atom, Var):
            continue
        if atom.name == name:
            return atom
        if not atom.name and atom in made:  # printed in the place where it is read
            todo.extend(made[atom].args)
    return None


def _popped_over(stmt: Op, params: Collection[Var]) -> Var | None:
    """What the loop carries under the name of what is popped."""
    if not stmt.outs[1].name:
        return None
    return next((p for p in params if p.name == stmt.outs[1].name), None)


REACH = 40  # statements that are looked at: far away, a second name does no harm


def variables(op: Op) -> list[Var]:
    return [atom for atom in op.args if isinstance(atom, Var)]


def _after(
    stmts: list[Stmt],
    reads: Reads,
    at: int,
    block: Block,
    old: Var,
    nested: Collection[Var],
) -> int:
    """The last reading of the old version, if the new one is not needed before.

    `nested`: what is read in what may be printed in the place of its own reading.
    """
    news = set(stmts[at].outs)
    if old in exits(block) or not news.isdisjoint(reads[stmts[at + 1]]):
        return at
    olds = {old}
    if old in nested:
        olds |= _nested(stmts[max(0, at - REACH) : at], old)
    last = at
    for index in range(at + 1, min(at + REACH, len(stmts))):
        here = reads[stmts[index]]
        if not news.isdisjoint(here):
            break
        if not olds.isdisjoint(here):
            last = index
            olds.update(_nested(stmts[index : index + 1], *olds))
    return last


def _nested(stmts: list[Stmt], *olds: Var) -> set[Var]:
    """What reads an old version and will be printed in the place of its own reading."""
    found = set(olds)
    for stmt in stmts:
        if isinstance(stmt, Op) and len(stmt.outs) == 1 and not stmt.outs[0].name:
            for atom in stmt.args:
                if isinstance(atom, Var) and atom in found:
                    found.add(stmt.outs[0])
                    break
    return found
