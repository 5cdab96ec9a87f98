"""Loop heads: `for x in xs`, `enumerate` and `zip`, where the loop still is one.

    for i in range %n:            for x, y in zip(xs, ys):
        x = getitem xs[i]             total += x * y
        y = getitem ys[i]

The reads of the items are hidden, and so is the index where nothing else needs it. What
is read in an inner loop as `A[i][j]` is an item of `row`, if that is what the user
called `A[i]`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from s2sad.emit.describe import READS
from s2sad.ir.kinds import Array, List, Scalar, Tuple
from s2sad.ir.nodes import Atom, Block, For, Function, Lit, Op, Stmt, Var
from s2sad.ir.walk import blocks, definitions
from s2sad.opt.facts import is_straight

FORMS = ("each", "enumerate", "zip", "comp")
ITEM = "[#]"


@dataclass(frozen=True)
class Head:
    """What the loop goes through, and the variables that it sets."""

    bases: tuple[Var, ...]
    items: tuple[Var, ...]
    plain: tuple[bool, ...]  # are the items of an array wanted as Python floats?
    numbered: bool  # is the index needed besides?


def loop_heads(function: Function, counts: dict[Var, int]) -> dict[int, Head]:
    """The loops (by id) printed as loops through something; `counts` is brought up to
    date with what is no longer read.
    """
    if is_straight(function):
        return {}
    finder = _Finder(counts)
    finder.block(function.body)
    return finder.found


class _Finder:
    def __init__(self, counts: dict[Var, int]) -> None:
        self.counts = counts
        self.found: dict[int, Head] = {}
        self.makers: dict[Var, Op] = {}
        self.parts: dict[
            tuple[object, ...], Var
        ] = {}  # `A[i]` -> the variable it is in

    def block(self, block: Block) -> None:
        added = []
        for stmt in block.stmts:
            if isinstance(stmt, Op) and len(stmt.outs) == 1:
                self.makers[stmt.outs[0]] = stmt
                if stmt.prim == "getitem" and stmt.outs[0].name:
                    key = (stmt.attrs["path"], *stmt.args)
                    if key not in self.parts:
                        self.parts[key] = stmt.outs[0]
                        added.append(key)
            for inner in blocks(stmt):
                self.block(inner)
            if isinstance(stmt, For) and stmt.form in FORMS:
                self.loop(stmt)
        for key in added:
            del self.parts[key]

    def loop(self, stmt: For) -> None:
        if stmt.start != Lit(0) or stmt.step != Lit(1):
            return
        inside = {*definitions(stmt.body), *stmt.params}
        shortest = self.shortest(stmt.stop)
        reads: dict[Var, Op] = {}
        for op in stmt.body.stmts:
            base = self.base(op, stmt, inside, shortest)
            if base is not None and base not in reads:
                assert isinstance(op, Op)
                reads[base] = op
        if not reads or not shortest.keys() <= reads.keys():
            return
        reads = {base: reads[base] for base in (*shortest, *reads)}  # in their order
        numbered = self.counts.get(stmt.index, 0) > len(reads)
        if len(reads) > 1 and (numbered or stmt.backward):
            return
        if stmt.backward and numbered:
            return
        for base, op in reads.items():
            for atom in op.args:
                self.count(atom, -1)
            self.count(base, 1)
        self.count(stmt.stop, -1)
        items = tuple(op.outs[0] for op in reads.values())
        plain = tuple(op.prim == "item" for op in reads.values())
        self.found[id(stmt)] = Head(tuple(reads), items, plain, numbered)

    def count(self, atom: Atom, by: int) -> None:
        if isinstance(atom, Var):
            self.counts[atom] = self.counts.get(atom, 0) + by

    def shortest(self, stop: Atom) -> dict[Var, None]:
        """Those of which `stop` is the least length; none if there is just one."""
        found: dict[Var, None] = {}
        todo = [stop]
        while todo:
            maker = self.makers.get(todo.pop())  # type: ignore[arg-type]
            if maker is not None and maker.prim == "py_min":
                todo += reversed(maker.args)
            elif maker is not None and maker.prim == "len":
                (of,) = maker.args
                if not isinstance(of, Var):
                    return {}
                found[of] = None
            else:
                return {}
        return found if len(found) > 1 else {}

    def base(
        self, op: Stmt, stmt: For, inside: set[Var], shortest: Collection[Var]
    ) -> Var | None:
        """What an op reads the loop's item of, if it does and that is all of it."""
        if not isinstance(op, Op) or op.prim not in READS or not op.outs[0].name:
            return None
        path = str(op.attrs.get("path", ITEM))
        if not path.endswith(ITEM) or op.args[-1] is not stmt.index:
            return None
        base: Atom | None = op.args[0]
        if path != ITEM:
            base = self.parts.get((path.removesuffix(ITEM), *op.args[:-1]))
        elif len(op.args) != 2:
            return None
        if not isinstance(base, Var) or base in inside:
            return None
        if base in shortest:
            return base
        return base if self.runs_through(stmt.stop, base) else None

    def runs_through(self, stop: Atom, base: Var) -> bool:
        """Is `stop` the length of `base`?"""
        kind = base.kind
        length: object = None
        if isinstance(kind, Array) and kind.dims:
            length = kind.dims[0]
        elif isinstance(kind, (Tuple, List)) and kind.items is not None:
            length = len(kind.items)
        if isinstance(stop, Lit):
            return length is not None and length == stop.value
        if (
            isinstance(stop.kind, Scalar)
            and length is not None
            and stop.kind.size == length
        ):
            return True
        maker = self.makers.get(stop)
        return maker is not None and maker.prim == "len" and maker.args[0] is base
