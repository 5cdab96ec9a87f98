"""Adjoints that only the trip that left a loop reads: they need no carrying.

    for i in backward range trips           for i in backward range trips:
        with y_bar.1 = y_bar:
        if x[i] > level:                        if x[i] > level:
            t = mul 2.0, y_bar.1       ->           t = mul 2.0, y_bar
        ...                                     ...
        yield 0.0

The branch that ended the forward loop (`break`, `return`) ran in its last trip alone,
so its mirror runs in the first trip of the reverse loop alone. What nobody else reads
is what the loop started from, and needs no clearing after that trip. If the loop starts
from what a test of "was it left?" chose, it is what the test chose for a loop that was.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.ad.reverse import Mirrors
from s2sad.ir.nodes import TRUE, Atom, Block, Call, For, If, Op, Stmt, Var, While
from s2sad.ir.walk import (
    blocks,
    definitions,
    exits,
    operands,
    statements,
    substitute_operands,
    uses,
    with_blocks,
)

Arms = frozenset[tuple[Stmt, int]]  # branches of the forward half: an If, and which one


def read_once(raw: Block, mirrors: Mirrors) -> Block:
    """The raw reverse half without carrying what only a first trip reads."""
    loops = [stmt for stmt in statements(raw) if isinstance(stmt, For)]
    if not any(leaving(mirrors.of[loop]) for loop in loops):
        return raw
    once = _Once(raw, mirrors)
    for loop in reversed(loops):  # inner loops first
        once.loop(loop)
    return once.block(raw) if once.table else raw


class _Once:
    def __init__(self, raw: Block, mirrors: Mirrors) -> None:
        self.mirrors = mirrors
        self.read = set(uses(raw))
        self.chosen = {
            out: (stmt, k)
            for stmt in statements(raw)
            if isinstance(stmt, If)
            for k, out in enumerate(stmt.outs)
        }
        self.table: dict[Var, Atom] = {}

    # ---- what is read once -----------------------------------------------------------

    def loop(self, loop: For) -> None:
        forward = self.mirrors.of[loop]
        arms = leaving(forward)
        if not arms:
            return
        for k, param in enumerate(loop.params):
            if loop.outs[k] not in self.read and self.is_idle(loop, k, arms):
                self.table[param] = self.start(loop.inits[k], forward)

    def is_idle(self, loop: For, k: int, arms: Arms) -> bool:
        """Is a carried value read in these branches alone, and handed on elsewhere?"""
        others = [end for i, end in enumerate(exits(loop.body)) if i != k]
        todo = [loop.params[k]]
        seen: set[Var] = set()
        while todo:
            var = todo.pop()
            if var in seen:
                continue
            seen.add(var)
            if var in others:
                return False
            if any(self.reads(stmt, var, arms, todo) for stmt in loop.body.stmts):
                return False
        return True

    def reads(self, stmt: Stmt, var: Var, arms: Arms, handed: list[Var]) -> bool:
        """Does a statement read it elsewhere? What a branch hands it on to is noted."""
        forward = self.mirrors.of.get(stmt)
        own = operands(stmt)
        if isinstance(stmt, For) and forward and leaving(forward) <= arms:
            slots = zip(stmt.params, stmt.inits, strict=True)
            own = (stmt.start, stmt.stop, stmt.step)
            own += tuple(init for param, init in slots if param not in self.table)
        if var in own:
            return True
        for side, block in enumerate(blocks(stmt)):
            if (forward, side) in arms:
                continue
            if isinstance(stmt, If):
                pairs = zip(stmt.outs, block.yields, strict=True)
                handed += [out for out, end in pairs if end is var]
            elif var in exits(block):
                return True
            if any(self.reads(inner, var, arms, handed) for inner in block.stmts):
                return True
        return False

    def start(self, init: Atom, forward: Stmt) -> Atom:
        """What the loop starts from, if it was left early."""
        stmt, k = self.chosen.get(init, (None, 0))  # type: ignore[arg-type]
        if stmt is None or stmt.cond not in flags(forward):
            return init
        atom = stmt.then.yields[k]
        return init if atom in set(definitions(stmt.then)) else atom

    # ---- the half without it ---------------------------------------------------------

    def get(self, atom: Atom) -> Atom:
        while isinstance(atom, Var) and atom in self.table:
            atom = self.table[atom]
        return atom

    def block(self, block: Block) -> Block:
        return replace(
            block,
            stmts=tuple(map(self.stmt, block.stmts)),
            yields=tuple(map(self.get, block.yields)),
        )

    def stmt(self, stmt: Stmt) -> Stmt:
        new = with_blocks(stmt, tuple(map(self.block, blocks(stmt))))
        new = substitute_operands(new, self.get)
        if isinstance(new, For):
            kept = [k for k, param in enumerate(new.params) if param not in self.table]
            new = replace(
                new,
                outs=tuple(new.outs[k] for k in kept),
                params=tuple(new.params[k] for k in kept),
                inits=tuple(new.inits[k] for k in kept),
                body=replace(new.body, yields=tuple(new.body.yields[k] for k in kept)),
            )
        if new is not stmt and stmt in self.mirrors.of:
            self.mirrors.renewed(new, stmt)
        return new


def flags(loop: Stmt) -> set[Atom]:
    """The results of a loop that tell whether it was left early."""
    if not isinstance(loop, (For, While)) or not isinstance(loop.body.stop, Var):
        return set()
    pairs = zip(loop.outs, loop.body.yields, strict=True)
    return {out for out, end in pairs if end is loop.body.stop}


def leaving(loop: Stmt) -> Arms:
    """The branches in a loop after which it is left."""
    if not isinstance(loop, (For, While)) or not isinstance(loop.body.stop, Var):
        return frozenset()
    return frozenset(_leaving(loop.body, loop.body.stop))


def _leaving(block: Block, stop: Atom) -> list[tuple[Stmt, int]]:
    """The branches in a block after which `stop` is true."""
    found: list[tuple[Stmt, int]] = []
    for stmt in block.stmts:
        if isinstance(stmt, If) and stmt.cond is stop:
            found.append((stmt, 0))
        if stop not in stmt.outs or isinstance(stmt, (Op, Call)):
            continue
        k = stmt.outs.index(stop)  # type: ignore[arg-type]
        if isinstance(stmt, (For, While)):
            found += leaving(stmt) if stop in flags(stmt) else ()
            continue
        for side, arm in enumerate(blocks(stmt)):
            if arm.yields[k] == TRUE:
                found.append((stmt, side))
            else:
                found += _leaving(arm, arm.yields[k])
    return found
