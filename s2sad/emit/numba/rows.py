"""Writes that are shifted against one another, row by row.

    for i in range(m):                       u_bar[1:-1, :-2] += t
        for j in range(n):                   u_bar[1:-1, 2:] += t
            u_bar[i + 1, j] += t[i, j]
        for j in range(n):
            u_bar[i + 1, j + 2] += t[i, j]

In one loop each trip would wait for what the last one wrote; so each write has an
innermost loop of its own, which the machine runs several elements at a time, while the
row is still at hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from s2sad.emit.numba.loops import WRITES, Loop, path_of
from s2sad.ir.kinds import INT
from s2sad.ir.nodes import Atom, Block, For, Lit, Op, Stmt, Var


class Rows(Loop):
    """Writes the loop of a group of writes, and multiples of what they write."""

    def op(self, op: Op, outer: bool, last: Mapping[Var, Var]) -> None:
        if op.prim not in WRITES:
            return  # worked out where it is written
        done, self.body = self.body, []
        self.elements, self.shifted, self.worked_out = {}, {}, {}
        self.values = {}
        self.index[self.axes[-1]] = Var("ijk"[len(self.axes) - 1], INT)
        self.write(op, last)
        self.body = [*done, *self.body]

    def value(self, atom: Atom) -> Atom:
        made = self.group.made.get(atom) if isinstance(atom, Var) else None
        if made is None or made.prim in WRITES or atom in self.values:
            return super().value(atom)
        assert isinstance(atom, Var)
        found = self.number(made, tuple(map(self.value, made.args)), atom.name)
        self.values[atom] = found
        return found

    def put(
        self, out: Var, init: Atom, prim: str, value: Atom, index: Sequence[Atom]
    ) -> None:
        """The innermost loop of one write."""
        k = self.carry(out, init, init.kind)
        version = self.carried[k][2]
        start, new = Var(out.name, out.kind), Var(out.name, out.kind)
        args = (start, value, *index)
        self.body.append(Op((new,), prim, args, path_of(index), self.span))
        axis = self.axes[-1]
        here = self.index[axis]
        assert isinstance(here, Var)
        end = Var(out.name, out.kind)
        loop = For(
            (end,), here, Lit(0), self.lengths[axis], Lit(1), (start,), (version,),
            Block(tuple(self.body), (new,)), span=self.span,
        )  # fmt: skip
        self.body = [loop]
        self.carried[k] = (*self.carried[k][:2], end)

    def nest(self) -> list[Stmt]:
        if len(self.axes) > 1:
            self.axes = self.axes[:-1]
            return super().nest()
        return self.flat()

    def flat(self) -> list[Stmt]:
        """One loop after the other: there is no axis around them."""
        table: dict[Var, Atom] = {}
        for (out, init, end), start in zip(self.carried, self.starts, strict=True):
            table[start] = init
            table[end] = out
        stmts: list[Stmt] = []
        for stmt in self.body:
            assert isinstance(stmt, For)
            (end,), (begin,) = stmt.outs, stmt.inits
            out = table.get(end, end)
            assert isinstance(begin, Var) and isinstance(out, Var)
            stmts.append(replace(stmt, outs=(out,), inits=(table.get(begin, begin),)))
        return stmts
