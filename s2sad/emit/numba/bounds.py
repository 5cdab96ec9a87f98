"""Indices that may lie outside their array are looked at before they are used.

    if 0 < n and n - 1 >= len(x):
        raise IndexError("index out of bounds")
    for i in range(n):
        total += x[i] * w[i]

Python raises an IndexError; compiled code would read whatever lies there. What follows
from the ranges of the loops around is not asked: `x[i + 1]` in `range(len(x) - 1)`.
What every trip of a loop reads is asked once, before the loop; the rest where it is
used: `x[within(k, len(x))]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

from s2sad.emit.numba.lengths import length_at
from s2sad.emit.numba.sums import (
    Form,
    Sums,
    built,
    is_whole,
    negative,
    new,
    plus,
)
from s2sad.ir.kinds import INT, Array, Dim, Scalar, Static
from s2sad.ir.nodes import (
    NO_ATTRS,
    Atom,
    Block,
    For,
    Function,
    If,
    Lit,
    Op,
    Span,
    Stmt,
    Var,
    While,
)
from s2sad.ir.paths import Subscript, parse_path
from s2sad.ir.walk import blocks, definitions, inner_params, with_blocks

MESSAGE = "index out of bounds"


def checked(function: Function) -> Function:
    """The function with such questions."""
    return replace(function, body=_Bounds(function).block(function.body))


@dataclass(frozen=True, eq=False)
class _Index:
    """One index of an element, and the axis that it runs along."""

    array: Var
    axis: int
    atom: Atom
    place: int  # among the operands

    @property
    def dim(self) -> Dim:
        assert isinstance(self.array.kind, Array)
        return (self.array.kind.dims or ())[self.axis]


class _Bounds:
    def __init__(self, function: Function) -> None:
        self.scope = [p.var for p in function.params]
        self.loops: list[For] = []
        self.owner: dict[object, For] = {}
        self.asked: set[object] = set()
        self.least: dict[object, int] = {}  # lengths that are known to be so large
        self.plain = True  # may statements stand here?
        self.sums = Sums(function)
        self.form = self.sums.form

    # ---- going through ---------------------------------------------------------------

    def block(self, block: Block) -> Block:
        mark, stmts = len(self.scope), []
        for at, stmt in enumerate(block.stmts):
            stmts += self.stmt(stmt, block.stmts[at:])
            self.scope += stmt.outs
        del self.scope[mark:]
        return replace(block, stmts=tuple(stmts))

    def stmt(self, stmt: Stmt, rest: tuple[Stmt, ...]) -> list[Stmt]:
        before: list[Stmt] = []
        if isinstance(stmt, Op):
            self.op(stmt, rest, before)
            return before
        known, least, plain = set(self.asked), dict(self.least), self.plain
        if isinstance(stmt, For):
            self.owner[stmt.index] = stmt
            self.loops.append(stmt)
            if stmt.body.stop is None:
                self.ask_before(stmt, before)
        inside = {
            *inner_params(stmt),
            *(v for b in blocks(stmt) for v in definitions(b)),
        }
        mark = len(self.scope)
        self.scope += inner_params(stmt)
        inner = []
        for number, block in enumerate(blocks(stmt)):
            test = isinstance(stmt, While) and number == 0
            words = isinstance(stmt, If) and stmt.form != "if"
            self.plain = plain and not test and not words
            inner.append(self.block(block))
            self.least = dict(least)
        made = with_blocks(stmt, tuple(inner))
        self.plain = plain
        del self.scope[mark:]
        if isinstance(stmt, For):
            self.loops.pop()
            if stmt.body.stop is None:  # what held in every trip
                known |= {k for k in self.asked if not inside & set(atoms_in(k))}
        self.asked = known
        return [*before, made]

    def op(self, op: Op, rest: tuple[Stmt, ...], before: list[Stmt]) -> None:
        """The operation, with indices that raise where they are out of bounds."""
        for index in indices(op):
            form = self.form(index.atom)
            several = isinstance(index.atom.kind, Array)
            if not several and self.is_inside(form, self.length(index)):
                continue
            if self.goes_round(index):
                continue
            if form.keys() <= {1} and self.ask_length(index, rest, before):
                continue
            long = length_at(index.array, index.axis, before, op.span)
            name, kind = getattr(index.atom, "name", ""), index.atom.kind
            made = Var(name, kind if several else INT)
            helper = "all_within" if several else "within"
            attrs = MappingProxyType({"helper": helper})
            before.append(Op((made,), "helper", (index.atom, long), attrs, op.span))
            args = list(op.args)
            args[index.place] = made
            op = replace(op, args=tuple(args))
        before.append(op)

    def ask_length(
        self, index: _Index, rest: tuple[Stmt, ...], stmts: list[Stmt]
    ) -> bool:
        """`x[0] * x[3]`: one question for all numbers that index this axis here."""
        length = self.length(index)
        if not self.plain or len(length) != 1 or 1 in length:
            return False
        (sym,) = length
        found = [
            self.form(other.atom)
            for op in rest
            if isinstance(op, Op)
            for other in indices(op)
            if self.length(other) == length
        ]
        numbers = [form.get(1, 0) for form in found if form.keys() <= {1}]
        most = max(n + 1 if n >= 0 else -n for n in numbers)
        if not self.raise_below_zero({**length, 1: -most}, stmts, rest[0].span):
            return False
        self.least[sym] = most
        return True

    def is_inside(self, form: Form, length: Form) -> bool:
        """Is it known that -length <= index < length?"""
        room, depth = plus(length, negative(form)), plus(length, form)
        if not self.at_least(room, 1) and self.key(room) not in self.asked:
            return False
        low = self.at_least(form, 0) or self.at_least(depth, 0)
        return low or self.key(depth) in self.asked

    def goes_round(self, index: _Index) -> bool:
        """Is it a remainder, `x[(i + 1) % n]`, of a number that `x` is as long as?

        Compiled code may take a remainder by zero for zero, so that `n` must be known
        not to be: it is a number, or a loop around it makes trips because of it.
        """
        op = self.sums.makers.get(index.atom)  # type: ignore[arg-type]
        if op is None or op.prim != "mod" or not all(map(is_counted, op.args)):
            return False
        length, period = self.length(index), self.form(op.args[1])
        if not self.at_least(plus(length, negative(period)), 0):
            return False
        return self.at_least(period, 1) or any(
            self.runs_below(loop, period) for loop in self.loops
        )

    def runs_below(self, loop: For, most: Form) -> bool:
        """Do the trips of a loop say that a number is 1 or more?"""
        ends = range_of(loop)
        if ends is None:
            return False
        low, high = (self.form(end) for end in ends[:2])
        least, last = plus(low, {1: ends[2]}), plus(high, {1: ends[3]})
        below = plus(most, negative(plus(last, {1: 1})))
        return self.at_least(least, 0) and self.at_least(below, 0)

    # ---- before a loop ---------------------------------------------------------------

    def ask_before(self, loop: For, stmts: list[Stmt]) -> None:
        """What every trip looks up, for the first and the last of them."""
        if loop.step != Lit(1):
            return
        inside = {loop.index, *loop.params, *definitions(loop.body)}
        asked: list[Stmt] = []
        for op in loop.body.stmts:
            for index in indices(op) if isinstance(op, Op) else ():
                if isinstance(index.atom.kind, Array):
                    continue
                form, length = self.form(index.atom), self.length(index)
                rest = {s: c for s, c in form.items() if s is not loop.index}
                if form.get(loop.index, 0) not in (0, 1) or self.is_inside(
                    form, length
                ):
                    continue
                if inside & {*rest, *length}:
                    continue
                first = last = form
                if loop.index in form:
                    first = plus(rest, self.form(loop.start))
                    last = plus(plus(rest, self.form(loop.stop)), {1: -1})
                room, depth = plus(length, negative(form)), plus(length, form)
                least = plus(plus(length, negative(last)), {1: -1})
                if not self.at_least(room, 1) and self.key(room) not in self.asked:
                    # a loop without a trip could not raise here
                    runs = loop.index in form
                    always = runs and self.at_least(negative(first), 0)
                    where = stmts if always else asked
                    if not self.raise_below_zero(least, where, op.span):
                        continue
                    self.asked.add(self.key(room))
                low = self.at_least(form, 0) or self.at_least(depth, 0)
                if not low and self.key(depth) not in self.asked:
                    if self.raise_below_zero(plus(length, first), asked, op.span):
                        self.asked.add(self.key(depth))
        if any(isinstance(stmt, If) for stmt in asked):
            some = new("lt", (loop.start, loop.stop), stmts, loop.span)
            then = Block(tuple(asked), ())
            stmts.append(If((), some, then, Block((), ()), span=loop.span))

    def raise_below_zero(
        self, form: Form, stmts: list[Stmt], span: Span | None
    ) -> bool:
        """`if <form> < 0: raise IndexError`, with what is subtracted on the right."""
        more: list[Stmt] = []
        left = built({s: c for s, c in form.items() if c > 0}, self.scope, more, span)
        right = built({s: -c for s, c in form.items() if c < 0}, self.scope, more, span)
        if left is None or right is None:
            return False
        bad = new("lt", (left, right), more, span)
        error = Var("", Static(IndexError))
        callee = MappingProxyType({"callee": "IndexError"})
        made = Op((error,), "opaque", (Lit(MESSAGE),), callee, span)
        raised = Op((), "raise", (error,), NO_ATTRS, span)
        stmts += more
        stmts.append(If((), bad, Block((made, raised), ()), Block((), ()), span=span))
        return True

    # ---- sums ------------------------------------------------------------------------

    def length(self, index: _Index) -> Form:
        """The length of the axis; one that has no name is known to nobody else."""
        dim = index.dim
        if isinstance(dim, int):
            return {1: dim}
        return {(index.array, index.axis): 1} if dim is None else {dim: 1}

    def key(self, form: Form) -> object:
        """What tells sums apart: an index stands for the range that it goes through."""
        return frozenset((self.told(sym), count) for sym, count in form.items())

    def told(self, sym: object) -> object:
        loop = self.owner.get(sym)  # type: ignore[call-overload]
        if loop is None:
            return sym
        ends = (self.key(self.form(end)) for end in (loop.start, loop.stop))
        return ("in", *ends, loop.step)

    def at_least(self, form: Form, least: int) -> bool:
        """Does it follow from the ranges of the loops?"""
        for loop in reversed(self.loops):
            count = form.get(loop.index, 0)
            if not count:
                continue
            ends = range_of(loop)
            if ends is None:
                return False
            low, high = (self.form(end) for end in ends[:2])
            worst = plus(low, {1: ends[2]}) if count > 0 else plus(high, {1: ends[3]})
            rest = {s: c for s, c in form.items() if s is not loop.index}
            form = plus(rest, {s: c * count for s, c in worst.items()})
        for sym, count in form.items():  # `zip` ends with the shorter one
            op = self.sums.makers.get(sym)  # type: ignore[call-overload]
            if count < 0 and op is not None and op.prim == "py_min":
                rest = {s: c for s, c in form.items() if s is not sym}
                others = [
                    {s: c * count for s, c in self.form(a).items()} for a in op.args
                ]
                return any(self.at_least(plus(rest, o), least) for o in others)
        total = form.get(1, 0)
        for sym, count in form.items():
            if sym == 1:
                continue
            if count < 0 or not isinstance(sym, (str, tuple)):
                return False
            total += count * self.least.get(sym, 0)
        return total >= least


def indices(op: Op) -> Iterator[_Index]:
    """The ints that an operation looks up in an array."""
    if op.prim not in ("getitem", "setitem", "additem", "item") or not op.args:
        return
    array = op.args[0]
    dims = array.kind.dims if isinstance(array.kind, Array) else None
    if dims is None or not isinstance(array, Var):
        return
    before = 1 if op.prim in ("getitem", "item") else 2
    operands = op.args[before:]
    if op.prim == "item":
        places = [(k, k) for k in range(len(operands)) if len(operands) == len(dims)]
    else:
        places = list(axes_in(str(op.attrs["path"]), operands))
    for axis, place in places:
        if axis < len(dims) and (
            is_whole(operands[place]) or are_whole(operands[place])
        ):
            yield _Index(array, axis, operands[place], before + place)


def axes_in(path: str, operands: tuple[Atom, ...]) -> Iterator[tuple[int, int]]:
    """Each axis that an operand of a path indexes, and the number of the operand."""
    axis = 0
    for step in parse_path(path):
        if not isinstance(step, Subscript) or ... in step.items:
            return
        for item in step.items:
            if isinstance(item, int):
                kind = operands[item].kind
                if isinstance(kind, Array) and not are_whole(operands[item]):
                    return
                yield axis, item
            if item is not None:
                axis += 1
        if not all(isinstance(i, int) and is_whole(operands[i]) for i in step.items):
            return  # what follows counts other axes


def is_counted(atom: Atom) -> bool:
    """Is it a whole number of the kind that Numba counts with?"""
    return isinstance(atom.kind, Scalar) and atom.kind.dtype in ("int", "int64")


def are_whole(atom: Atom) -> bool:
    """Is it an array of ints?"""
    dtype = atom.kind.dtype if isinstance(atom.kind, Array) else ""
    return dtype.startswith(("int", "uint"))


def range_of(loop: For) -> tuple[Atom, Atom, int, int] | None:
    """Atoms for the least and the largest index, and what to add to each."""
    if not isinstance(loop.step, Lit) or type(loop.step.value) is not int:
        return None
    if loop.step.value > 0:
        return loop.start, loop.stop, 0, -1
    return loop.stop, loop.start, 1, 0


def atoms_in(key: object) -> Iterator[object]:
    """Everything that stands somewhere in a key."""
    if isinstance(key, (frozenset, tuple)):
        for part in key:
            yield from atoms_in(part)
    else:
        yield key
