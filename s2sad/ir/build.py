"""Building blocks of IR, statement by statement.

b = Builder()
y = b.op("mul", (x, x), FLOAT, name="y")
with b.block() as then:
    ...
b.add(If(outs, cond, then.close((a,)), orelse.close((c,))))
block = b.close((y,))
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

from s2sad.ir.kinds import Kind
from s2sad.ir.nodes import NO_ATTRS, Atom, Block, Op, Span, Stmt, Var


class Region:
    """The statements of one block while it is being built."""

    def __init__(self) -> None:
        self.stmts: list[Stmt] = []
        self.places: dict[Var, int] = {}  # where each variable is made, of the first
        self.noted = 0  # statements

    def place(self, var: Var) -> int | None:
        """The number of the statement that makes a variable."""
        for at in range(self.noted, len(self.stmts)):
            for out in self.stmts[at].outs:
                self.places[out] = at
        self.noted = len(self.stmts)
        return self.places.get(var)

    def close(self, yields: Sequence[Atom], stop: Atom | None = None) -> Block:
        return Block(tuple(self.stmts), tuple(yields), stop)


class Builder:
    """Appends statements to the innermost open block."""

    def __init__(self, span: Span | None = None) -> None:
        self.span = span
        self._open = [Region()]

    @property
    def stmts(self) -> list[Stmt]:
        return self._open[-1].stmts

    def maker(self, var: Var, near: int) -> Stmt | None:
        """What makes a variable, if it is among the last statements so `near`."""
        for region in reversed(self._open):
            at = region.place(var)
            if at is not None:
                return region.stmts[at] if len(region.stmts) - at <= near else None
            near -= len(region.stmts)
        return None

    def add(self, stmt: Stmt) -> None:
        self._open[-1].stmts.append(stmt)

    def ops(
        self,
        prim: str,
        args: Sequence[Atom],
        kinds: Sequence[Kind],
        names: Sequence[str] = (),
        attrs: Mapping[str, object] | None = None,
    ) -> tuple[Var, ...]:
        """Append an op with an output of each of `kinds`; return the outputs."""
        hints = [*names, *[""] * len(kinds)]
        outs = tuple(Var(name, kind) for kind, name in zip(kinds, hints, strict=False))
        frozen = MappingProxyType(dict(attrs)) if attrs else NO_ATTRS
        self.add(Op(outs, prim, tuple(args), frozen, self.span))
        return outs

    def op(
        self,
        prim: str,
        args: Sequence[Atom],
        kind: Kind,
        name: str = "",
        attrs: Mapping[str, object] | None = None,
    ) -> Var:
        """Append an op with one output; return it."""
        out = Var(name, kind)
        frozen = MappingProxyType(dict(attrs)) if attrs else NO_ATTRS
        self.add(Op((out,), prim, tuple(args), frozen, self.span))
        return out

    @contextmanager
    def reopened(self, region: Region) -> Iterator[Region]:
        """Statements added inside go to a block that is not closed yet."""
        self._open.append(region)
        try:
            yield region
        finally:
            self._open.pop()

    @contextmanager
    def block(self) -> Iterator[Region]:
        """Statements added inside go to a block of its own, which the caller closes."""
        region = Region()
        self._open.append(region)
        try:
            yield region
        finally:
            popped = self._open.pop()
            assert popped is region

    def at(self, span: Span | None) -> At:
        """Statements added inside stand at this place of the user's text."""
        return At(self, span)

    def close(self, yields: Sequence[Atom], stop: Atom | None = None) -> Block:
        """The outermost block, finished."""
        assert len(self._open) == 1, "a block is still open"
        return self._open[0].close(yields, stop)


class At:
    """A place for statements; one is entered for each statement of a program."""

    __slots__ = ("before", "builder", "span")

    def __init__(self, builder: Builder, span: Span | None) -> None:
        self.builder = builder
        self.span = span

    def __enter__(self) -> None:
        self.before, self.builder.span = self.builder.span, self.span

    def __exit__(self, *error: object) -> None:
        self.builder.span = self.before


def free_name(stem: str, taken: Container[str]) -> str:
    """The stem if nobody has it, else the stem with the first number that is free."""
    names = itertools.chain([stem], (f"{stem}_{n}" for n in itertools.count(2)))
    return next(name for name in names if name not in taken)
