"""What the abstract run knows at a point of the program: names, store, ways out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from s2sad.ir.build import Builder, Region
from s2sad.ir.nodes import FALSE, UNDEF, Atom, Stmt
from s2sad.syntax.values import Storage

EXITS = ("return", "break", "continue")


class State:
    """Environment and store. Branches fork it; joins make one of two."""

    __slots__ = ("env", "store", "exits", "result", "dead")

    def __init__(self) -> None:
        self.env: dict[str, Any] = {}
        self.store: dict[Storage, Any] = {}
        # For each way out of the code that is being lowered: has it been taken?
        self.exits: dict[str, Atom] = dict.fromkeys(EXITS, FALSE)
        self.result: Any = UNDEF
        self.dead = False  # nothing here runs: an exception was raised

    def fork(self) -> State:
        twin = State()
        twin.env = dict(self.env)
        twin.store = dict(self.store)
        twin.exits = dict(self.exits)
        twin.result = self.result
        twin.dead = self.dead
        return twin


class Writer(Builder):
    """A builder that can go back to a block that was left, and knows what is
    visible.
    """

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
