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
from s2sad.opt.facts import has_effect, is_straight

# What defines a variable: a branch or loop, and the place among its results.
Place = tuple[If | For | While, int]


def dce(function: Function, effects: Collection[str] | None = None) -> Function:
    """Only calls of functions in `effects` must stay; of all, where it is None."""
    if is_straight(function):
        return straight(function, effects)
    live = Liveness(function, effects)
    if live.is_all():
        return function
    sweep = Sweep(live)
    body = sweep.block(function.body, [True] * len(function.body.yields))
    return replace(function, body=body) if sweep.changed else function


def straight(function: Function, effects: Collection[str] | None) -> Function:
    """The same without branches and loops: one look at each statement, from the end."""
    body = function.body
    needed = {atom for atom in body.yields if isinstance(atom, Var)}
    kept: list[Stmt] = []
    for stmt in reversed(body.stmts):
        if needed.isdisjoint(stmt.outs) and not must_stay(stmt, effects):
            continue
        kept.append(stmt)
        for atom in stmt.operands:
            if isinstance(atom, Var):
                needed.add(atom)
    if len(kept) == len(body.stmts):
        return function
    return replace(function, body=Block(tuple(reversed(kept)), body.yields, body.stop))


def must_stay(stmt: Stmt, effects: Collection[str] | None) -> bool:
    if isinstance(stmt, Call):
        return effects is None or stmt.function in effects
    return isinstance(stmt, Op) and has_effect(stmt)


class Liveness:
    """The variables and statements that are needed."""

    def __init__(self, function: Function, effects: Collection[str] | None) -> None:
        self.effects = effects
        self.makers: dict[Var, Op | Call] = {}
        self.places: dict[Var, Place] = {}  # of what branches and loops define
        self.parents: dict[Stmt, Stmt | None] = {}
        self.nests: list[If | For | While] = []
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
                if isinstance(stmt, (Op, Call)):
                    for out in stmt.outs:
                        self.makers[out] = stmt
                    if must_stay(stmt, self.effects):
                        effects.append(stmt)
                    continue
                self.nests.append(stmt)
                for k, out in enumerate(stmt.outs):
                    self.places[out] = (stmt, k)
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
            var = self.todo.pop()
            if var in self.makers:
                op = self.makers[var]
                if op not in self.stmts:
                    self.keep(op)
                    self.need(op.args)
            elif var in self.places:  # else it is a parameter
                self.hand_back(self.places[var])

    def hand_back(self, place: Place) -> None:
        """What a branch or loop gives is needed: so is what it is given."""
        stmt, k = place
        self.keep(stmt)
        if isinstance(stmt, If):
            self.need((stmt.then.yields[k], stmt.orelse.yields[k]))
        elif k >= 0 and place not in self.slots:
            self.slots.add(place)
            self.need((stmt.inits[k], stmt.body.yields[k]))

    def is_all(self) -> bool:
        """Is everything needed, so that nothing goes?"""
        if len(self.stmts) < len(self.parents):
            return False
        for stmt in self.nests:
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
            range_ = (stmt.index, stmt.start, stmt.stop, stmt.step)
            how = (stmt.backward, stmt.form, stmt.span)
            return For(outs, *range_, params, inits, body, *how)
        test = self.block(stmt.test, [True])
        return While(outs, params, inits, test, body, stmt.span)


def chosen(items: tuple, kept: Sequence[bool]) -> tuple:
    return tuple([item for item, keep in zip(items, kept, strict=True) if keep])
