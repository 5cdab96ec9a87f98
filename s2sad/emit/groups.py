"""Grouping: what undoes one statement of the user's stands together.

    x = pop tape      # 4            y_bar = ...       # 5
    y_bar = ...       # 5            x = pop tape      # 4
    t = cos x         # 4     ->     t = cos x         # 4
    z_bar = ...       # 5            x_bar = mul ...   # 4
    x_bar = mul ...   # 4

A value that comes back from a tape or is computed again belongs to the statement that
first needs it, and stands before it. Only statements of the reverse half move, never
past one that they read from, nor past another version of a name that they read or set,
so that every update can still be made in place.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from s2sad.emit.families import Families, families
from s2sad.emit.nest import is_effect, kept_reads
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    For,
    Function,
    If,
    Op,
    Span,
    Stmt,
    Var,
    While,
)
from s2sad.ir.walk import blocks, definitions, stmt_uses, with_blocks

Place = tuple[int, int]


def grouped(function: Function) -> Function:
    """The function with the statements of its reverse half in groups."""
    if not any(is_reverse(stmt) for stmt in function.body.stmts):
        return function
    grouping = _Grouping(function)
    for param in function.params:
        grouping.mark(param.var, ())
    body = function.body
    first = kept_reads(function)  # stay at the top, to be unpacked in one line
    rest = [stmt for stmt in body.stmts if stmt not in first]
    body = grouping.block(replace(body, stmts=tuple(rest)))
    return replace(function, body=replace(body, stmts=(*first, *body.stmts)))


def is_reverse(stmt: Stmt) -> bool:
    return stmt.span is not None and stmt.span.reverse


class _Grouping:
    def __init__(self, function: Function) -> None:
        self.function = function
        self.adjoints: set[Var] = set()  # and all that is computed from them

    @cached_property
    def fam(self) -> Families:
        return families(self.function)

    def block(self, block: Block) -> Block:
        done: list[Stmt] = []
        run: list[Stmt] = []
        for stmt in block.stmts:
            if stmt.inner:
                self.enter(stmt)
                stmt = with_blocks(stmt, tuple(map(self.block, stmt.inner)))
            self.note(stmt)
            if is_reverse(stmt):
                run.append(stmt)
                continue
            if run:
                done += self.ordered(run)
                run = []
            done.append(stmt)
        return Block((*done, *self.ordered(run)), block.yields, block.stop)

    # ---- adjoints --------------------------------------------------------------------

    def enter(self, stmt: Stmt) -> None:
        if isinstance(stmt, (For, While)):
            for param, init in zip(stmt.params, stmt.inits, strict=True):
                self.mark(param, (init,))

    def note(self, stmt: Stmt) -> None:
        if isinstance(stmt, (Op, Call)):
            for out in stmt.outs:
                self.mark(out, stmt.args)
        elif isinstance(stmt, If):
            for k, out in enumerate(stmt.outs):
                self.mark(out, (stmt.then.yields[k], stmt.orelse.yields[k]))
        else:
            for k, out in enumerate(stmt.outs):
                self.mark(out, (stmt.body.yields[k],))

    def mark(self, var: Var, sources: Sequence[Atom]) -> None:
        if var.name.endswith("_bar"):
            self.adjoints.add(var)
            return
        for atom in sources:
            if isinstance(atom, Var) and atom in self.adjoints:
                self.adjoints.add(var)
                return

    def is_value(self, stmt: Stmt) -> bool:
        """Is it a value of the forward half that comes back?"""
        if not isinstance(stmt, Op) or not self.adjoints.isdisjoint(stmt.outs):
            return False
        return stmt.prim == "pop" or not is_effect(stmt)

    # ---- order -----------------------------------------------------------------------

    def ordered(self, run: list[Stmt]) -> list[Stmt]:
        if len(run) < 2:
            return run
        before, run = run, self.placed(run)
        places = [place_of(stmt) for stmt in run]
        if is_in_groups(places):
            return run
        after = self.followers(before)
        order = scheduled(places, after, self.ranks(run, places))
        return [run[i] for i in self.sunk(order, run, places, after)]

    def placed(self, run: list[Stmt]) -> list[Stmt]:
        """Values belong to the statement that first reads them."""
        first: dict[Var, int] = {}
        placed = list(run)
        for i in range(len(run) - 1, -1, -1):
            stmt = run[i]
            readers = [first[out] for out in stmt.outs if out in first]
            if readers and isinstance(stmt, Op) and self.is_value(stmt):
                placed[i] = with_span(stmt, placed[min(readers)].span)
            for var in stmt_uses(stmt):
                first[var] = i
        return placed

    def ranks(self, run: list[Stmt], places: list[Place]) -> dict[Place, int]:
        """The groups in the order in which their adjoints come."""
        found: dict[Place, int] = {}
        for values in (False, True):
            for i, place in enumerate(places):
                if self.is_value(run[i]) == values:
                    found.setdefault(place, i)
        return found

    def followers(self, run: list[Stmt]) -> list[set[int]]:
        """The statements that may not come before each of them."""
        after: list[set[int]] = [set() for _ in run]
        writer: dict[Var, int] = {}
        readers: dict[Var, list[int]] = {}
        effect: int | None = None
        for i, stmt in enumerate(run):
            reads = {self.fam.find(var) for var in stmt_uses(stmt)}
            writes = {self.fam.find(var) for var in stmt.outs}
            for inner in blocks(stmt):
                writes |= {self.fam.find(var) for var in definitions(inner)}
            if isinstance(stmt, (For, While)):
                writes |= {self.fam.find(var) for var in stmt.params}
            for family in reads:
                if family in writer:
                    after[writer[family]].add(i)
                readers.setdefault(family, []).append(i)
            for family in writes:
                for j in readers.pop(family, ()):
                    if j != i:
                        after[j].add(i)
                if writer.get(family, i) != i:
                    after[writer[family]].add(i)
                writer[family] = i
            if has_effect(stmt):
                if effect is not None:
                    after[effect].add(i)
                effect = i
        return after

    def sunk(
        self,
        order: list[int],
        run: list[Stmt],
        places: list[Place],
        after: list[set[int]],
    ) -> list[int]:
        """Values wait for the group that needs them."""
        order = list(order)
        for i in reversed(list(order)):
            if not self.is_value(run[i]) or not after[i]:
                continue
            at = order.index(i)
            to = next(k for k in range(at + 1, len(order)) if order[k] in after[i])
            while places[order[to - 1]] == places[order[to]] and to - 1 > at:
                to -= 1
            if to - 1 > at:
                order.insert(to, i)
                del order[at]
        return order


def scheduled(
    places: list[Place], after: list[set[int]], ranks: dict[Place, int]
) -> list[int]:
    """An order that goes on with the place it is at as long as it can."""
    waiting = [0] * len(places)
    for later in after:
        for i in later:
            waiting[i] += 1
    ready: dict[Place, list[int]] = {}
    queue: list[tuple[int, Place]] = []

    def add(i: int) -> None:
        mine = ready.setdefault(places[i], [])
        if not mine:
            heapq.heappush(queue, (ranks[places[i]], places[i]))
        heapq.heappush(mine, i)

    for i, count in enumerate(waiting):
        if not count:
            add(i)
    order: list[int] = []
    while queue:
        _, place = heapq.heappop(queue)
        mine = ready[place]
        while mine:
            i = heapq.heappop(mine)
            order.append(i)
            for follower in after[i]:
                waiting[follower] -= 1
                if not waiting[follower]:
                    add(follower)  # it may put this place in the queue again: no harm
    return order


def with_span(op: Op, span: Span | None) -> Op:
    return Op(op.outs, op.prim, op.args, op.attrs, span)


def is_in_groups(places: list[Place]) -> bool:
    """Does each place come but once?"""
    changes = [p for k, p in enumerate(places) if k == 0 or places[k - 1] != p]
    return len(changes) == len(set(changes))


def place_of(stmt: Stmt) -> Place:
    span: Span | None = stmt.span
    assert span is not None
    return id(span.source), span.line


def has_effect(stmt: Stmt) -> bool:
    inner = blocks(stmt)
    if inner:
        return any(has_effect(s) for block in inner for s in block.stmts)
    return is_effect(stmt) and not (isinstance(stmt, Op) and stmt.prim == "pop")
