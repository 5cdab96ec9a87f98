"""Drop what nobody needs.

    t.0 = tape
    y, t.2, s = for i in range n with a = x, t.1 = t.0, b = 0.0:
        t.2 = push t.1, a                              y = for i in range n with a = x:
        c = mul a, 2.0                          ->         c = mul a, 2.0
        d = add b, c                                       yield c
        yield c, t.2, d                                return y
    return y

Needed are the results, what has an effect, and what these read; that is found from its
ends backwards, so a carried value that only feeds itself goes, and with it a tape that
nobody pops. A branch or loop stays if it has a result or a statement that is needed.
The implicit exceptions of what goes (a domain, an index, a division) go as well.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from s2sad.ir.nodes import Atom, Block, Call, For, Function, If, Op, Stmt, Var, While
from s2sad.opt.facts import has_effect

# What defines a variable: a statement and the place among its results.
Place = tuple[Stmt, int]


def dce(function: Function, effects: Collection[str] | None = None) -> Function:
    """Only calls of functions in `effects` must stay; of all, where it is None."""
    live = Liveness(function, effects)
    if live.is_all():
        return function
    sweep = Sweep(live)
    body = sweep.block(function.body, [True] * len(function.body.yields))
    return replace(function, body=body) if sweep.changed else function


class Liveness:
    """The variables and statements that are needed."""

    def __init__(self, function: Function, effects: Collection[str] | None) -> None:
        self.effects = effects
        self.places: dict[Var, Place] = {}
        self.parents: dict[Stmt, Stmt | None] = {}
        self.vars: set[Var] = set()
        self.stmts: set[Stmt] = set()
        self.slots: set[Place] = set()  # of loops: carried values that are needed
        self.todo: list[Var] = []
        self.need(function.body.yields)
        self.survey(function.body)
        self.spread()

    def survey(self, body: Block) -> None:
        """Note where everything is defined; what has an effect is needed."""
        effects: list[Stmt] = []
        pending: list[tuple[Block, Stmt | None]] = [(body, None)]
        while pending:
            block, parent = pending.pop()
            for stmt in block.stmts:
                self.parents[stmt] = parent
                for k, out in enumerate(stmt.outs):
                    self.places[out] = (stmt, k)
                if not stmt.inner:
                    if self.must_stay(stmt):
                        effects.append(stmt)
                    continue
                params = () if isinstance(stmt, If) else stmt.params
                for k, param in enumerate(params):
                    self.places[param] = (stmt, k)
                if isinstance(stmt, For):
                    self.places[stmt.index] = (stmt, -1)
                for inner in stmt.inner:
                    pending.append((inner, stmt))
        for stmt in effects:
            self.keep(stmt)
            self.need(stmt.operands)

    def must_stay(self, stmt: Op | Call) -> bool:
        if isinstance(stmt, Call):
            return self.effects is None or stmt.function in self.effects
        return has_effect(stmt)

    def need(self, atoms: Sequence[Atom]) -> None:
        for atom in atoms:
            if isinstance(atom, Var) and atom not in self.vars:
                self.vars.add(atom)
                self.todo.append(atom)

    def keep(self, stmt: Stmt | None) -> None:
        """The statement stays, and so do those around it, with what controls them."""
        while stmt is not None and stmt not in self.stmts:
            self.stmts.add(stmt)
            if isinstance(stmt, If):
                self.need((stmt.cond,))
            elif isinstance(stmt, (For, While)):
                self.controlled(stmt)
            stmt = self.parents[stmt]

    def controlled(self, stmt: For | While) -> None:
        """A loop stays: its trips must be as many."""
        if isinstance(stmt, For):
            self.need((stmt.start, stmt.stop, stmt.step))
        else:
            self.need(stmt.test.yields)
        if stmt.body.stop is not None:
            self.need((stmt.body.stop,))

    def spread(self) -> None:
        while self.todo:
            place = self.places.get(self.todo.pop())
            if place is None:
                continue  # a parameter
            stmt, k = place
            self.keep(stmt)
            if isinstance(stmt, (Op, Call)):
                self.need(stmt.args)
            elif isinstance(stmt, If):
                self.need((stmt.then.yields[k], stmt.orelse.yields[k]))
            elif k >= 0 and place not in self.slots:
                self.slots.add(place)
                self.need((stmt.inits[k], stmt.body.yields[k]))

    def is_all(self) -> bool:
        """Is everything needed, so that nothing goes?"""
        if len(self.stmts) < len(self.parents):
            return False
        for stmt in self.parents:
            if not stmt.inner:
                continue
            if isinstance(stmt, If):
                kept = self.vars.issuperset(stmt.outs)
            else:
                kept = all([(stmt, k) in self.slots for k in range(len(stmt.outs))])
            if not kept:
                return False
        return True


class Sweep:
    """The function without what is not needed."""

    def __init__(self, live: Liveness) -> None:
        self.live = live
        self.changed = False

    def block(self, block: Block, kept: Sequence[bool]) -> Block:
        stmts = []
        for stmt in block.stmts:
            if stmt not in self.live.stmts:
                self.changed = True
            else:
                stmts.append(self.stmt(stmt) if stmt.inner else stmt)
        return Block(tuple(stmts), chosen(block.yields, kept), block.stop)

    def stmt(self, stmt: Stmt) -> Stmt:
        if isinstance(stmt, (Op, Call)):
            return stmt
        if isinstance(stmt, If):
            kept = [out in self.live.vars for out in stmt.outs]
        else:
            kept = [(stmt, k) in self.live.slots for k in range(len(stmt.outs))]
        self.changed = self.changed or not all(kept)
        outs = chosen(stmt.outs, kept)
        if isinstance(stmt, If):
            then, orelse = self.block(stmt.then, kept), self.block(stmt.orelse, kept)
            return If(outs, stmt.cond, then, orelse, stmt.form, stmt.span)
        params, inits = chosen(stmt.params, kept), chosen(stmt.inits, kept)
        body = self.block(stmt.body, kept)
        if isinstance(stmt, For):
            return replace(stmt, outs=outs, params=params, inits=inits, body=body)
        test = self.block(stmt.test, [True])
        return replace(
            stmt, outs=outs, params=params, inits=inits, test=test, body=body
        )


def chosen(items: tuple, kept: Sequence[bool]) -> tuple:
    return tuple([item for item, keep in zip(items, kept, strict=True) if keep])
