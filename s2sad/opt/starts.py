"""Write to new zeros what would be added to them.

    x_bar.0 = zeros_like x                       x_bar.0 = zeros_like x
    x_bar.1 = additem x_bar.0[0], v       ->     x_bar.1 = setitem x_bar.0[0], v
    x_bar.2 = additem x_bar.1[1], w              x_bar.2 = setitem x_bar.1[1], w

    x_bar.3 = for i in range n with x_bar.1 = x_bar.0:
        x_bar.2 = additem x_bar.1[i], v   ->     x_bar.2 = setitem x_bar.1[i], v

Only what differentiation adds, and only where nothing has been written before: at
numbers that differ, of which none counts from the other end, in parts that certainly
do not meet, such as `a[:n]` and `a[n:]`, in another place in each trip
(`analysis/overlap.py`). A loop writes all that it adds, or adds all: its trips may then
come in any order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from s2sad.analysis.lineage import WRITES, Lineage, writes_numbers
from s2sad.analysis.overlap import Access, meet
from s2sad.ir.kinds import Array, List, Scalar
from s2sad.ir.nodes import Block, For, Function, If, Lit, Op, Stmt, Var
from s2sad.ir.paths import Subscript, parse_path
from s2sad.ir.walk import primitives, statements
from s2sad.opt.clears import Readers, readers_of
from s2sad.opt.facts import is_derived, number
from s2sad.opt.forward import fixed
from s2sad.opt.rewrite import Rewriter

ZEROS = ("zeros", "zeros_like")
MANY = 16  # writes: of more, not all pairs are looked at closely
FLOATS = ("float", "float64")


def starts(function: Function) -> Function:
    if "additem" not in primitives(function.body):
        return function
    new = [op for op in statements(function.body) if is_blank(op)]
    return Starts(function, new).run(function) if new else function  # type: ignore


def is_blank(op: Stmt) -> bool:
    """Is it a new array, or list of floats, that holds nothing but zeros?"""
    if not isinstance(op, Op) or not op.outs or not is_derived(op):
        return False
    if isinstance(op.outs[0].kind, Array):
        return op.prim in ZEROS
    if op.prim == "repeated":
        return is_zero(op.args[1])
    return op.prim == "list" and bool(op.args) and all(map(is_zero, op.args))


def is_zero(atom: object) -> bool:
    return isinstance(atom, Lit) and type(atom.value) is float and number(atom) == 0


@dataclass
class Blank:
    """What becomes of zeros: the versions of them alone, and what is written there."""

    versions: set[Var] = field(default_factory=set)
    writes: list[Op] = field(default_factory=list)


class Starts(Rewriter):
    def __init__(self, function: Function, new: list[Op]) -> None:
        super().__init__()
        self.lineage = Lineage(function.body)
        self.readers: Readers = readers_of(function)
        self.first: set[Var] = set()  # versions that are to be written
        for op in new:
            self.first.update(self.found(op, self.followed(op.outs[0])))

    def op(self, op: Op) -> None:
        if op.prim == "additem" and op.outs[0] in self.first:
            self.changed = True
            op = Op(op.outs, "setitem", op.args, op.attrs, op.span)
        self.emit(op)

    def found(self, zeros: Op, blank: Blank) -> Iterator[Var]:
        """Of what is added to zeros, what is the first in its place."""
        depth = len(self.loops(zeros))
        loops: dict[Stmt | None, list[Op]] = {}
        for op in blank.writes:
            if op.prim == "additem":
                around = self.loops(op)[depth:]
                loops.setdefault(around[0] if around else None, []).append(op)
        for loop, added in loops.items():
            first = [op for op in added if self.is_first(op, blank)]
            if loop is None or len(first) == len(added):
                yield from (op.outs[0] for op in first)

    def loops(self, op: Op) -> tuple[Stmt, ...]:
        """The loops that it stands in, outer ones first."""
        return self.lineage.where[self.lineage.block[op]].loops

    # ---- what becomes of zeros -------------------------------------------------------

    def followed(self, start: Var) -> Blank:
        """From version to version, but for those that are something else on one way."""
        found = Blank({start})
        todo = [start]
        while todo:
            var = todo.pop()
            for reader in self.readers.get(var, ()):
                if isinstance(reader, Op) and is_write(reader, var):
                    found.writes.append(reader)
                more = [v for v in self.next(reader, var) if v not in found.versions]
                found.versions.update(more)
                todo += more
        before = 0
        while len(found.versions) != before:
            before = len(found.versions)
            found.versions = {
                var
                for var in found.versions
                if var is start or found.versions.issuperset(self.origins(var))
            }
        return found

    def next(self, reader: Stmt | Block, var: Var) -> list[Var]:
        """The versions that a reader makes of one."""
        if isinstance(reader, Block):
            holder = self.lineage.holder.get(reader)
            slots = [k for k, end in enumerate(reader.yields) if end is var]
            if isinstance(holder, If) and holder.tests:
                return [holder.outs[k] for k in slots]
            if isinstance(holder, For):
                return [v for k in slots for v in (holder.params[k], holder.outs[k])]
            return []
        if isinstance(reader, For):
            slots = [k for k, init in enumerate(reader.inits) if init is var]
            return [v for k in slots for v in (reader.params[k], reader.outs[k])]
        if isinstance(reader, Op) and is_write(reader, var):
            return [reader.outs[0]]
        return []

    def origins(self, var: Var) -> list[object]:
        """All that a version may be, from one step before."""
        made = self.lineage.maker.get(var)
        if made is None:  # what a loop carries
            loop = self.lineage.holder[self.lineage.block[var]]
            assert isinstance(loop, For)
            k = loop.params.index(var)
            return [loop.inits[k], loop.body.yields[k]]
        if isinstance(made, Op):
            return [made.args[0]]
        k = made.outs.index(var)
        if isinstance(made, For):
            return [made.inits[k], made.body.yields[k]]
        assert isinstance(made, If)
        return [made.then.yields[k], made.orelse.yields[k]]

    # ---- is anything there? ----------------------------------------------------------

    def is_first(self, op: Op, blank: Blank) -> bool:
        """Is nothing but zero where it adds, whenever it runs?"""
        if not is_derived(op) or op.args[0] not in blank.versions:
            return False
        if not op.args[2:]:  # all of it is written, as in `a[:, None]`
            return False
        if isinstance(op.args[0].kind, List):
            kind = op.args[1].kind
            if not (isinstance(kind, Scalar) and kind.dtype in FLOATS):
                return False  # another type of number would be seen
        if op.attrs.get("unique"):  # many places, of which each is named once
            return blank.writes == [op] and not self.meets(op, op, blank)
        return fixed(op, 2) and not any(self.meets(w, op, blank) for w in blank.writes)

    def meets(self, other: Op, op: Op, blank: Blank) -> bool:
        """May a write have been where another goes?"""
        if apart(op, other):
            return False
        lineage = self.lineage
        first, then = (Access(o, lineage.where[lineage.block[o]]) for o in (other, op))
        common = []
        for one, two in zip(first.where.loops, then.where.loops, strict=False):
            if one is not two:
                break
            common.append(one)
        if other is op and not common:
            return False
        if op.attrs.get("unique"):
            return True
        if len(blank.writes) > MANY:
            return True
        before = lineage.at[other] < lineage.at[op]
        return meet(lineage, first, then, common, before, blank.versions)


def is_write(op: Op, var: Var) -> bool:
    return op.prim in WRITES and op.args[0] is var and writes_numbers(op)


def apart(a: Op, b: Op) -> bool:
    """Do two writes certainly not meet?"""
    if a.attrs["path"] != b.attrs["path"]:
        return False
    steps = parse_path(str(a.attrs["path"]))
    if len(steps) != 1 or not isinstance(steps[0], Subscript):
        return False
    return any(
        isinstance(item, int) and differ(a.args[2 + item], b.args[2 + item])
        for item in steps[0].items
    )


def differ(a: object, b: object) -> bool:
    """Are they two numbers of places, counted from the same end?"""
    if not isinstance(a, Lit) or not isinstance(b, Lit):
        return False
    if type(a.value) is not int or type(b.value) is not int:
        return False
    return a.value != b.value and (a.value < 0) == (b.value < 0)
