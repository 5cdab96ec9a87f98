"""Writes that are shifted against one another, as one sum for each element.

    near_bar = np.zeros((m + 4, n + 4))      u_bar[:-2, 1:-1] += near_bar
    for i in range(m):                       u_bar[2:, 1:-1] += near_bar
        for j in range(n):                   u_bar[1:-1, :-2] += near_bar
            near_bar[i + 2, j + 2] = ...     u_bar[1:-1, 2:] += near_bar
    for i in range(m + 2):
        for j in range(n + 2):
            u_bar[i, j] += near_bar[i + 2, j + 1] + near_bar[i, j + 1] + ...

What is written is worked out first, into arrays with a border of zeros, which stay from
trip to trip of the loop around. Then each element is read and written once, where one
pass for each write would do so as often as there are writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from s2sad.emit.numba.loops import ELEMENTWISE, WRITES, Loop, path_of
from s2sad.ir.kinds import BOOL, INT, Array, Scalar
from s2sad.ir.nodes import NO_ATTRS, Atom, Block, If, Lit, Op, Span, Stmt, Var

if TYPE_CHECKING:
    from s2sad.emit.numba.fusion import Fusion, Group

AXES = 2  # along one axis, one pass does as well: `carried.py`


@dataclass(eq=False)
class Border:
    """What is worked out with zeros around it.

    `low` and `high` are the least and the largest shift along each axis, `lengths` what
    the first loop runs over, `arrays` what stands for each value.
    """

    values: frozenset[Var]
    low: tuple[int, ...]
    high: tuple[int, ...]
    lengths: list[Atom] = field(default_factory=list)
    arrays: dict[Var, Var] = field(default_factory=dict)

    @property
    def width(self) -> tuple[int, ...]:
        return tuple(b - a for a, b in zip(self.low, self.high, strict=True))


def border_of(fusion: Fusion, first: Group, writes: Group) -> Border | None:
    """The border that makes one sum of the writes, if they are of that sort."""
    added = [op for op in writes.ops if op.prim in WRITES]
    offsets = [o for found in writes.writes.values() for _, o in found]
    if len(writes.dims) != AXES or 1 in writes.dims or len(writes.writes) != 1:
        return None
    if any(op.prim != "additem" for op in added) or not all(offsets):
        return None
    if any(op.outs[0] in fusion.outer(writes) for op in added[:-1]):
        return None
    ours = {v for v, op in first.made.items() if op.prim in ELEMENTWISE}
    values: set[Var] = set()
    for op in writes.ops:
        for arg in op.args[1:2] if op.prim in WRITES else op.args:
            if isinstance(arg.kind, Scalar) or arg in writes.made:
                continue
            if not isinstance(arg, Var) or arg not in ours or not is_real(arg):
                return None
            values.add(arg)
    within = fusion.inner_uses(first) + fusion.inner_uses(writes)
    if not values or any(fusion.counts[v] != within[v] for v in values):
        return None
    low, high = (tuple(map(f, zip(*offsets))) for f in (min, max))
    return Border(frozenset(values), low, high)


def is_real(var: Var) -> bool:
    return isinstance(var.kind, Array) and var.kind.dtype == "float64"


class Bordered(Loop):
    """Writes the loop that works out what is added, into arrays with a border."""

    def op(self, op: Op, outer: bool, last: Mapping[Var, Var]) -> None:
        border = self.group.border
        assert border is not None
        border.lengths = self.lengths
        out = op.outs[0]
        if out not in border.values:
            super().op(op, outer, last)
            return
        made = self.number(op, tuple(map(self.value, op.args)), "")
        self.values[out] = made
        lengths = [
            wider(self.least(length), 2 * width, self.before, self.span)
            for length, width in zip(self.lengths, border.width, strict=True)
        ]
        wide = border.arrays[out] = Var(out.name, Array("float64", (None, None)))
        index = [self.subscript(axis, width) for axis, width in enumerate(border.width)]
        zeros = self.empty(wide, lengths, "zeros")
        self.put(wide, zeros, "setitem", made, index)


def wider(length: Atom, by: int, stmts: list[Stmt], span: Span | None) -> Atom:
    out = Var("", INT)
    stmts.append(Op((out,), "add", (length, Lit(by)), NO_ATTRS, span))
    return out


class Gathered(Loop):
    """Writes the loop that adds up what comes to each element."""

    def stmts(self) -> list[Stmt] | None:
        group, border = self.group, self.group.border
        assert border is not None
        spans = [op.span for op in group.ops if op.span is not None]
        self.span = next(iter(spans), None)
        narrow, some = Var("", INT), Var("", BOOL)
        self.before.append(
            Op((narrow,), "py_min", tuple(border.lengths), NO_ATTRS, self.span)
        )
        self.before.append(Op((some,), "gt", (narrow, Lit(0)), NO_ATTRS, self.span))
        asked, self.before = self.before, []
        self.lengths = [
            wider(length, width, self.before, self.span)
            for length, width in zip(border.lengths, border.width, strict=True)
        ]
        added = [op for op in group.ops if op.prim in WRITES]
        total: Atom | None = None
        for op in added:
            target = self.fusion.target(op)
            assert target is not None
            self.shifts = [
                high - by
                for high, by in zip(border.high, target.offsets() or (), strict=True)
            ]
            self.values = {}
            value = self.value(op.args[1])
            kind = Scalar("float64")
            total = value if total is None else self.emit("add", (total, value), kind)
        assert total is not None
        base, end = added[0].args[0], added[-1].outs[0]
        index = [self.subscript(axis, by) for axis, by in enumerate(border.low)]
        self.put(end, base, "additem", total, index)
        inside = Var(end.name, end.kind)
        ((_, init, new),) = self.carried
        self.carried = [(inside, init, new)]
        then = Block((*self.before, *self.nest()), (inside,))
        return [*asked, If((end,), some, then, Block((), (base,)), span=self.span)]

    shifts: Sequence[int] = ()

    def value(self, atom: Atom) -> Atom:
        if not isinstance(atom, Var) or isinstance(atom.kind, Scalar):
            return atom
        if atom in self.values:
            return self.values[atom]
        border = self.group.border
        assert border is not None
        made = self.group.made.get(atom)
        if made is not None:  # a multiple of what has been worked out
            args = tuple(map(self.value, made.args))
            found = self.values[atom] = self.number(made, args, "")
            return found
        index = tuple(self.subscript(axis, by) for axis, by in enumerate(self.shifts))
        args = (border.arrays[atom], *index)
        found = self.emit("getitem", args, Scalar("float64"), attrs=path_of(index))
        self.values[atom] = found
        return found
