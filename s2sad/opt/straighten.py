"""Name an element of a slice as one of the array.

    %1 = getitem x[1:]                        %1 = len x
    n = len %1                                n = sub %1, 1
    for i in range n                          for i in range n
        v = getitem x[1:][i]          ->          %2 = add i, 1
        ...                                       v = getitem x[%2]
        x_bar.2 = additem x_bar.1[1:][i], w       x_bar.2 = additem x_bar.1[%2], w

`for v in x[1:]` and `zip(x[:-1], x[1:])` go through slices; each `x[1:][i]` makes one
anew. Only where a loop goes through that very slice: else an index may count from the
far end, or be too large, which has to be found out. A range may end below its start.
"""

from __future__ import annotations

import re

from s2sad.ir.kinds import INT, Array, Scalar
from s2sad.ir.nodes import NO_ATTRS, Atom, For, Function, Lit, Op, Stmt, Var
from s2sad.ir.walk import statements
from s2sad.opt.brackets import FIRST
from s2sad.opt.facts import count_uses
from s2sad.opt.rewrite import Rewriter
from s2sad.rules import TABLE

OF_A_SLICE = re.compile(r"\[(#?):(#?)\]\[#(?=[\],])")
SLICE = re.compile(r"\[(#?):(#?)\]")


def straighten(function: Function) -> Function:
    found = statements(function.body)
    if not any(is_of_a_slice(stmt) or is_slice(stmt) for stmt in found):
        return function
    return Straighten(function).run(function)


def is_of_a_slice(stmt: Stmt) -> bool:
    if not isinstance(stmt, Op) or stmt.prim not in FIRST:
        return False
    return OF_A_SLICE.search(str(stmt.attrs["path"])) is not None


def is_slice(stmt: Stmt) -> bool:
    if not isinstance(stmt, Op) or stmt.prim != "getitem":
        return False
    return SLICE.fullmatch(str(stmt.attrs["path"])) is not None


class Straighten(Rewriter):
    def __init__(self, function: Function) -> None:
        super().__init__()
        self.uses = count_uses(function)
        self.makers = {
            stmt.outs[0]: stmt
            for stmt in statements(function.body)
            if isinstance(stmt, Op) and len(stmt.outs) == 1
        }
        self.stops: dict[Var, int] = {}  # how often a number is where a loop ends
        self.rising: dict[Atom, For] = {}  # the loop of an index that is not negative
        for stmt in statements(function.body):
            if isinstance(stmt, For):
                if isinstance(stmt.stop, Var):
                    self.stops[stmt.stop] = self.stops.get(stmt.stop, 0) + 1
                if is_natural(stmt.start) and is_natural(stmt.step):
                    self.rising[stmt.index] = stmt

    def op(self, op: Op) -> None:
        if op.prim == "len" and self.ends_loops(op.outs[0]):
            self.length(op)
            return
        while is_of_a_slice(op):
            made = self.of_the_array(op)
            if made is None:
                break
            op = made
        self.emit(op)

    # ---- how many --------------------------------------------------------------------

    def ends_loops(self, out: Var) -> bool:
        """Is it read by heads of loops alone?"""
        return 0 < self.stops.get(out, 0) == self.uses[out]

    def length(self, op: Op) -> None:
        found = self.whole(op)
        if found is None:
            self.emit(op)
            return
        self.changed = True
        base, less = found
        (kind,) = TABLE["len"].infer((base,), NO_ATTRS)
        whole = Var("", kind)
        self.emit(Op((whole,), "len", (base,), op.attrs, op.span))
        out = Var(op.outs[0].name, INT)  # no length: it may be negative
        self.emit(Op((out,), "sub", (whole, Lit(less)), NO_ATTRS, op.span))
        self.use(op.outs[0], out)

    def whole(self, op: Op) -> tuple[Atom, int] | None:
        """The array of whose slice it is the length, and how many that leaves out."""
        read = self.makers.get(op.args[0])  # type: ignore[arg-type]
        if read is None or read.prim != "getitem":
            return None
        cut = self.cut(read, SLICE.fullmatch(str(read.attrs["path"])))
        if cut is None or not isinstance(read.args[0].kind, Array):
            return None
        return self.get(read.args[0]), sum(cut)

    def cut(self, op: Op, found: re.Match[str] | None) -> tuple[int, int] | None:
        """How many a slice leaves out before and after, if the text tells."""
        if found is None:
            return None
        bounds = self.bounds(op, found)
        before = bounds.pop(0) if found[1] else Lit(0)
        after = bounds.pop(0) if found[2] else Lit(0)
        if not is_natural(before) or not isinstance(after, Lit):
            return None
        if type(after.value) is not int or (found[2] and after.value >= 0):
            return None
        return before.value, -after.value  # type: ignore[union-attr,return-value]

    def bounds(self, op: Op, found: re.Match[str]) -> list[Atom]:
        """The operands of a part of the path, and all that come after."""
        first = FIRST[op.prim] + found.string[: found.start()].count("#")
        return list(op.args[first:])

    # ---- which one -------------------------------------------------------------------

    def of_the_array(self, op: Op) -> Op | None:
        path = str(op.attrs["path"])
        found = OF_A_SLICE.search(path)
        assert found is not None
        rest = self.bounds(op, found)
        before = op.args[: len(op.args) - len(rest)]
        index, *rest = rest[bool(found[1]) + bool(found[2]) :]
        cut = self.cut(op, found)
        if cut is None or not isinstance(op.args[0].kind, Array):
            return None
        if index not in self.rising or not self.goes_through(op, found, index):
            return None
        self.changed = True
        if cut[0]:
            moved = Var("", INT)
            self.emit(Op((moved,), "add", (index, Lit(cut[0])), NO_ATTRS, op.span))
            index = moved
        path = f"{path[: found.start()]}[#{path[found.end() :]}"
        attrs = {**op.attrs, "path": path}
        return Op(op.outs, op.prim, (*before, index, *rest), attrs, op.span)

    def goes_through(self, op: Op, found: re.Match[str], index: Atom) -> bool:
        """Has the loop of this index no more trips than the slice has elements?"""
        path = found.string[: found.end()].removesuffix("[#")
        first = FIRST[op.prim]
        operands = op.args[first : first + path.count("#")]
        (kind,) = TABLE["getitem"].infer((op.args[0], *operands), {"path": path})
        stop = self.rising[index].stop
        least = self.makers.get(stop)  # type: ignore[arg-type]
        ends = least.args if least is not None and least.prim == "py_min" else (stop,)
        dims = getattr(kind, "dims", None)
        return bool(dims) and dims[0] is not None and dims[0] in map(size_of, ends)


def size_of(atom: Atom) -> object:
    """The length that a whole number is known to be."""
    if isinstance(atom, Lit):
        return atom.value
    return atom.kind.size if isinstance(atom.kind, Scalar) else None


def is_natural(atom: Atom) -> bool:
    return isinstance(atom, Lit) and type(atom.value) is int and atom.value >= 0
