"""Add in the branch that has something to add.

    v = if c:                             a.1 = if c:
        yield w                               a.2 = additem a.0[i], w
    else:                                     yield a.2
        yield 0.0                 ->      else:
    a.1 = additem a.0[i], v                   yield a.0

The adjoint of an element that one way alone reads is zero on the other, where nothing
need be added. The addition moves up to the branch, so it waits for nothing that is made
between the two, and nobody else reads the array before or the value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from s2sad.ir.nodes import Atom, Block, Function, If, Op, Stmt, Var
from s2sad.ir.walk import primitives, statements, with_blocks
from s2sad.opt.facts import count_uses, is_derived, number

REACH = 20  # statements between the branch and the addition


def inward(function: Function) -> Function:
    if not {"additem", "If"} <= primitives(function.body):
        return function
    if not any(isinstance(s, If) and has_idle(s) for s in statements(function.body)):
        return function
    body = _block(function.body, count_uses(function))
    return function if body is function.body else replace(function, body=body)


def has_idle(stmt: If) -> bool:
    """Does a branch give a zero?"""
    ends = (*stmt.then.yields, *stmt.orelse.yields)
    return any(number(atom) == 0 for atom in ends)


def _block(block: Block, uses: Mapping[Var, int]) -> Block:
    stmts: list[Stmt] = []
    for stmt in block.stmts:
        if isinstance(stmt, Op):
            if stmt.prim != "additem" or not _taken_in(stmt, stmts, uses):
                stmts.append(stmt)
        elif stmt.inner:
            new = tuple(_block(inner, uses) for inner in stmt.inner)
            stmts.append(with_blocks(stmt, new))
        else:
            stmts.append(stmt)
    if len(stmts) == len(block.stmts):
        if all(a is b for a, b in zip(stmts, block.stmts, strict=True)):
            return block
    return replace(block, stmts=tuple(stmts))


def _taken_in(add: Op, stmts: list[Stmt], uses: Mapping[Var, int]) -> bool:
    """Let a branch before it do the addition, if that is right."""
    base, value, *_ = add.args
    if not is_derived(add) or not _only_here(base, uses) or not _only_here(value, uses):
        return False
    for at in range(len(stmts) - 1, max(len(stmts) - REACH, 0) - 1, -1):
        stmt = stmts[at]
        if isinstance(stmt, If) and value in stmt.outs:
            made = _adding(stmt, add, stmt.outs.index(value))  # type: ignore[arg-type]
            if made is not None:
                stmts[at] = made
            return made is not None
        if any(out in add.args for out in stmt.outs):
            return False  # what it reads is not there yet
    return False


def _only_here(atom: Atom, uses: Mapping[Var, int]) -> bool:
    return isinstance(atom, Var) and uses.get(atom) == 1


def _adding(stmt: If, add: Op, place: int) -> If | None:
    """The branch with the addition in it; `place` is that of what is added.

    The array may be there before the branch, or come out of it.
    """
    base, _, *index = add.args
    zero = [number(branch.yields[place]) == 0 for branch in stmt.inner]
    if stmt.form != "if" or zero[0] == zero[1] or any(i in stmt.outs for i in index):
        return None
    target = stmt.outs.index(base) if base in stmt.outs else place  # type: ignore[arg-type]
    branches = []
    for branch, idle in zip(stmt.inner, zero, strict=True):
        ends, ops = list(branch.yields), branch.stmts
        atom = base if target == place else ends[target]
        if not idle:
            out = add.outs[0].copy()
            args = (atom, ends[place], *index)
            ops, atom = (*ops, Op((out,), add.prim, args, add.attrs, add.span)), out
        ends[target] = atom
        branches.append(Block(ops, _without(ends, target, place), branch.stop))
    outs = list(stmt.outs)
    outs[target] = add.outs[0]
    then, orelse = branches
    left: tuple = _without(outs, target, place)
    return replace(stmt, outs=left, then=then, orelse=orelse)


def _without(items: list, target: int, place: int) -> tuple:
    """Without what is not there any more, unless the array has taken its place."""
    return tuple([item for k, item in enumerate(items) if k != place or k == target])
