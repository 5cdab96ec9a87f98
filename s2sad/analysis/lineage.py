"""Which version of an array, or a list of numbers, comes from which, by which writes.

    a.3 = for i in range n with a.1 = a.0:       a.3 comes from a.0
        a.2 = setitem a.1[i], v                  by this write
        yield a.2

An array that is written to goes from version to version: through `setitem` and
`additem`, round loops, through branches. Where each version is made of the one before
it and nothing else, what the last one holds is what an earlier one held, apart from the
places written since.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from s2sad.ir.kinds import UNKNOWN, Array, Kind, List, Scalar
from s2sad.ir.nodes import Atom, Block, For, If, Op, Stmt, Var, While
from s2sad.ir.paths import Subscript, parse_path
from s2sad.ir.walk import blocks, inner_params

WRITES = ("setitem", "additem")


@dataclass(frozen=True)
class Fact:
    """A condition that holds, or does not, wherever a block runs."""

    cond: Atom
    holds: bool


@dataclass(frozen=True)
class Where:
    """Where a statement stands: in which loops, outer ones first, under which facts."""

    block: Block
    loops: tuple[For | While, ...]
    facts: tuple[Fact, ...]


@dataclass
class Lineage:
    """The versions of the arrays of one function, and where all of it stands.

    `at` counts statements in the order of the text; a loop or branch stands where it
    begins, and what it gives where it ends.
    """

    body: Block
    where: dict[Block, Where] = field(default_factory=dict)
    block: dict[Var | Stmt, Block] = field(default_factory=dict)
    maker: dict[Var, Stmt] = field(default_factory=dict)
    holder: dict[Block, Stmt] = field(default_factory=dict)
    at: dict[Var | Stmt, int] = field(default_factory=dict)
    known: dict[Hashable, bool] = field(default_factory=dict)  # see `overlap`
    trips: dict[tuple, Any] = field(default_factory=dict)  # by the loops they share

    def __post_init__(self) -> None:
        self._enter(Where(self.body, (), ()))
        self._chains: dict[tuple[Block, Atom], Chain] = {}

    def _enter(self, here: Where) -> None:
        self.where[here.block] = here
        for stmt in here.block.stmts:
            self.block[stmt] = here.block
            self.at[stmt] = len(self.at)
            for block in blocks(stmt):
                self.holder[block] = stmt
                loops, facts = here.loops, here.facts
                if isinstance(stmt, If) and stmt.tests:
                    facts = (*facts, Fact(stmt.cond, block is stmt.then))
                elif isinstance(stmt, (For, While)):
                    loops = (*loops, stmt)
                if isinstance(stmt, (For, While)) and block is stmt.body:
                    for var in inner_params(stmt):
                        self.block[var] = block
                        self.at[var] = self.at[stmt]
                self._enter(Where(block, loops, facts))
            for var in stmt.outs:
                self.block[var] = here.block
                self.maker[var] = stmt
                self.at[var] = len(self.at)

    # ---- back from a version ---------------------------------------------------------

    def chain(self, block: Block, end: Atom) -> Chain:
        """The versions that one comes from, back to the first that the block has."""
        key = (block, end)
        if key not in self._chains:
            found = self._chains[key] = Chain()
            atom = end
            while isinstance(atom, Var):
                found.versions.append(atom)
                if self.block.get(atom) is not block or atom not in self.maker:
                    break
                before = self._before(self.maker[atom], atom, found.writes)
                if before is None:
                    break
                atom = before
        return self._chains[key]

    def _before(self, stmt: Stmt, out: Var, writes: list[Op]) -> Atom | None:
        """The version that a statement makes this one of, if it does."""
        if isinstance(stmt, Op):
            if stmt.prim not in WRITES or not writes_numbers(stmt):
                return None
            writes.append(stmt)
            return stmt.args[0]
        if isinstance(stmt, (For, While)):
            k = stmt.outs.index(out)
            if k >= len(stmt.params):
                return None
            inner = self.chain(stmt.body, stmt.body.yields[k])
            if stmt.params[k] not in inner.versions:
                return None
            writes += inner.writes
            return stmt.inits[k]
        if isinstance(stmt, If) and stmt.tests:
            k = stmt.outs.index(out)
            arms = [self.chain(arm, arm.yields[k]) for arm in blocks(stmt)]
            firsts = [arm.versions[-1] if arm.versions else None for arm in arms]
            first = firsts[0]
            if first is not firsts[1] or first is None:
                return None
            if self.block.get(first) in blocks(stmt):
                return None
            writes += [write for arm in arms for write in arm.writes]
            return first
        return None

    # ---- on from a version -----------------------------------------------------------

    def later(self, version: Var) -> list[tuple[Var, tuple[Op, ...]]]:
        """The versions of the top level that this one becomes, the last one first.

        With each, the writes that may stand between the two; some may come before.
        """
        writes: dict[Op, None] = {}
        now = version
        while (block := self.block.get(now, self.body)) is not self.body:
            out = self._leaves(now, block, writes)
            if out is None:
                return []
            now = out
        found = [(now, tuple(writes))]
        while (after := self._next(now, writes)) is not None:
            now = after
            found.append((now, tuple(writes)))
        return found[::-1]

    def _leaves(self, now: Var, block: Block, writes: dict[Op, None]) -> Var | None:
        """What the version becomes where its block ends."""
        stmt = self.holder[block]
        if isinstance(stmt, While) and block is stmt.test:
            return None
        if isinstance(stmt, If) and not stmt.tests:
            return None
        for k, end in enumerate(block.yields):
            chain = self.chain(block, end)
            if now not in chain.versions:
                continue
            if not isinstance(stmt, If) and stmt.params[k] not in chain.versions:  # type: ignore[union-attr]
                continue
            writes.update(dict.fromkeys(chain.writes))
            return stmt.outs[k]
        return None

    def _next(self, now: Var, writes: dict[Op, None]) -> Var | None:
        """The next version at the top level, if there is one and no more."""
        found = self._after.get(now, ())
        if len(found) != 1:
            return None
        ((out, through),) = found
        writes.update(dict.fromkeys(through))
        return out

    @cached_property
    def _after(self) -> dict[Atom, list[tuple[Var, list[Op]]]]:
        """What the top level makes of each version, and by which writes."""
        found: dict[Atom, list[tuple[Var, list[Op]]]] = {}
        for stmt in self.body.stmts:
            if isinstance(stmt, Op) and stmt.prim not in WRITES:
                continue
            for out in stmt.outs:
                through: list[Op] = []
                before = self._before(stmt, out, through)
                if isinstance(before, Var):
                    found.setdefault(before, []).append((out, through))
        return found


def writes_numbers(op: Op) -> bool:
    """Does a write put numbers into an array, or one into a list, perhaps of lists?
    Lengths stay as they are.
    """
    if isinstance(op.outs[0].kind, Array):
        return True
    numbers = numbers_of_entry(op.args[0].kind, str(op.attrs["path"]))
    return numbers is not None and isinstance(op.args[1].kind, Scalar)


def numbers_of_entry(kind: Kind, path: str) -> list[int] | None:
    """Of a path to a number in lists of lists: which operand stands in each step."""
    found: list[int] = []
    for step in parse_path(path):
        if not isinstance(kind, List) or not isinstance(step, Subscript):
            return None
        if len(step.items) != 1 or not isinstance(step.items[0], int):
            return None
        found.append(step.items[0])
        kinds = {kind.elem} if kind.items is None else set(kind.items)
        kind = kinds.pop() or UNKNOWN if len(kinds) == 1 else UNKNOWN
    return found if isinstance(kind, Scalar) else None


@dataclass
class Chain:
    """Versions, the latest first, and the writes that made them."""

    versions: list[Var] = field(default_factory=list)
    writes: list[Op] = field(default_factory=list)
