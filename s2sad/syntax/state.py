"""What the abstract run knows at a point of the program: names, store, ways out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from s2sad.ir.build import Builder, Region
from s2sad.ir.nodes import FALSE, UNDEF, Atom, Call, Op, Stmt
from s2sad.syntax.values import (
    Change,
    Entries,
    Fields,
    Items,
    Marks,
    Pack,
    Ref,
    Storage,
)

EXITS = ("return", "break", "continue")


class Store(dict[Storage, Any]):
    """What each storage holds, and how containers of the run are marked."""

    def __init__(self, other: Store | None = None) -> None:
        super().__init__(other or {})
        self.marks: dict[Storage, Marks] = dict(other.marks) if other else {}

    def mark(self, storage: Storage) -> Marks:
        return self.marks.get(storage, Marks())

    def change(self, storage: Storage, *changes: Change) -> None:
        """Entries of this container are replaced, or something in them is, or there are
        more or fewer of them.
        """
        if changes:
            self.marks[storage] = self.mark(storage).after(*changes)

    def join_marks(self, stores: list[Store]) -> None:
        """Where paths meet, a mark stays if it is the same on all."""
        for storage in dict.fromkeys(s for store in stores for s in store.marks):
            first, *others = (store.mark(storage) for store in stores)
            differ = set[Change]().union(*map(first.differences, others))
            self.marks[storage] = first.after(*differ)


def held_by(storage: Storage, state: State) -> set[Storage]:
    """The storages that a container holds, and those that they hold."""
    found: set[Storage] = set()
    work = [state.store.get(storage)]
    while work:
        value = work.pop()
        if isinstance(value, Ref) and value.storage not in found:
            found.add(value.storage)
            work.append(state.store.get(value.storage))
        elif isinstance(value, (Items, Pack)):
            work += value.items
        elif isinstance(value, (Entries, Fields)):
            work += value.entries.values()
    return found


class State:
    """Environment and store. Branches fork it; joins make one of two."""

    __slots__ = ("env", "store", "exits", "result", "dead", "sure", "given")

    def __init__(self) -> None:
        self.env: dict[str, Any] = {}
        self.store = Store()
        # For each way out of the code that is being lowered: has it been taken?
        self.exits: dict[str, Atom] = dict.fromkeys(EXITS, FALSE)
        self.result: Any = UNDEF
        self.dead = False  # nothing here runs: an exception was raised
        # reads of containers that have been tested here: they give no None
        self.sure: frozenset[Any] = frozenset()
        self.given: set[Storage] = set()  # to containers of the run, on the way here

    def fork(self) -> State:
        twin = State()
        twin.env = dict(self.env)
        twin.store = Store(self.store)
        twin.exits = dict(self.exits)
        twin.result = self.result
        twin.dead = self.dead
        twin.sure = self.sure
        twin.given = set(self.given)
        return twin


class Guard:
    """Watches the body of a `try`."""

    foreign = False  # do functions of the user's run in it, which may write?

    def note(self, stmt: Stmt) -> None:
        """This statement may raise."""


class Writer(Builder):
    """A builder that can go back to a block that was left, and knows what is
    visible. `guards` are told of every statement that may raise.
    """

    def __init__(self) -> None:
        super().__init__()
        self.guards: list[Guard] = []

    @contextmanager
    def guarded(self, guard: Guard) -> Iterator[None]:
        """The body of a `try`: operations that may raise have to stay."""
        self.guards.append(guard)
        try:
            yield
        finally:
            self.guards.pop()

    def add(self, stmt: Stmt) -> None:
        if self.guards and isinstance(stmt, (Op, Call)):
            from s2sad.syntax.tries import may_raise

            if may_raise(stmt):
                for guard in self.guards:
                    guard.note(stmt)
                if isinstance(stmt, Op):
                    attrs = MappingProxyType({**stmt.attrs, "guarded": True})
                    stmt = replace(stmt, attrs=attrs)
        super().add(stmt)

    @contextmanager
    def reopen(self, region: Region) -> Iterator[None]:
        self._open.append(region)
        try:
            yield
        finally:
            self._open.pop()

    @property
    def region(self) -> Region:
        return self._open[-1]

    @property
    def visible(self) -> list[Stmt]:
        """The statements so far of every block that is open, outer ones first."""
        return [stmt for region in self._open for stmt in region.stmts]

    def is_open(self, region: Region) -> bool:
        """Is what was defined in this block visible here?"""
        return region in self._open
