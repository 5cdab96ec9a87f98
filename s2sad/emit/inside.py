"""Lists in containers grow where they are.

    row.0 = getitem rows.0[k]
    row.1 = append row.0, v              ->    rows.1 = append rows.0[k], v
    rows.1 = setitem rows.0[k], row.1

    row = rows[k].copy()
    row.append(v)                        ->    rows[k].append(v)
    rows[k] = row

The container is read again after the list has grown, but only to put it back: one write
that goes by the path to the list does it all. What else reads the container, or the
list as it was, must stand before, and nothing else may see the list as it is then.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from s2sad.emit.families import GROWS
from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Atom, Block, Function, Op, Stmt, Var
from s2sad.ir.walk import blocks, statements, stmt_uses, uses, with_blocks, with_stmts


def inside(function: Function) -> Function:
    """The function with such writes by their paths."""
    if not any(
        isinstance(s, Op) and s.prim in GROWS for s in statements(function.body)
    ):
        return function
    counts: dict[Var, int] = {}
    for var in uses(function.body):
        counts[var] = counts.get(var, 0) + 1
    return replace(function, body=_Block(function.body, counts).joined())


class _Block:
    """The statements of one block."""

    def __init__(self, block: Block, counts: dict[Var, int]) -> None:
        self.whole = block
        self.stmts = list(block.stmts)
        self.counts = counts
        self.makers = {
            stmt.outs[0]: at
            for at, stmt in enumerate(self.stmts)
            if isinstance(stmt, Op) and stmt.outs
        }

    def joined(self) -> Block:
        gone: set[int] = set()
        for at, back in enumerate(self.stmts):
            found = self.grown(back) if isinstance(back, Op) else None
            if found is None:
                continue
            look, growth = found
            taken, grows = self.stmts[look], self.stmts[growth]
            self.stmts[growth] = by_path(taken, grows, back)
            gone.add(at)
            if self.counts[taken.outs[0]] == 1:
                gone.add(look)
        kept = [stmt for at, stmt in enumerate(self.stmts) if at not in gone]
        return with_stmts(self.whole, list(map(self.with_inner, kept)))

    def with_inner(self, stmt: Stmt) -> Stmt:
        inner = [_Block(block, self.counts).joined() for block in blocks(stmt)]
        return with_blocks(stmt, tuple(inner))

    def grown(self, back: Op) -> tuple[int, int] | None:
        """Where the list is taken out, and where it grows, that is put back here."""
        if back.prim != "setitem" or isinstance(back.args[0].kind, Array):
            return None
        growth = self.made_at(back.args[1])
        if growth is None or self.counts[back.args[1]] != 1:  # type: ignore[index]
            return None
        grows = self.stmts[growth]
        if grows.prim not in GROWS or "path" in grows.attrs:
            return None
        look = self.made_at(grows.args[0])
        if look is None or (taken := self.stmts[look]).prim != "getitem":
            return None
        base, *place = taken.args
        same = back.args[0] is base and back.args[2:] == tuple(place)
        if not same or taken.attrs["path"] != back.attrs["path"]:
            return None
        before = [var for s in self.stmts[: growth + 1] for var in stmt_uses(s)]
        seen = before.count(base) + 1 == self.counts[base]
        held = before.count(taken.outs[0]) == self.counts[taken.outs[0]]
        return (look, growth) if seen and held else None

    def made_at(self, atom: Atom) -> int | None:
        """Where in the block it is made, by an op."""
        return self.makers.get(atom) if isinstance(atom, Var) else None


def by_path(look: Stmt, growth: Stmt, back: Op) -> Op:
    assert isinstance(growth, Op) and isinstance(look, Op)
    attrs = MappingProxyType({**growth.attrs, "path": look.attrs["path"]})
    args = (look.args[0], *growth.args[1:], *look.args[1:])
    return Op((*back.outs, *growth.outs[1:]), growth.prim, args, attrs, growth.span)
