"""Classes: which variables of the IR are printed as one variable of the text.

    x.3 = for i in range n with x.1 = x.0:       for i in range(n):
        x.2 = mul r, x.1                             x = r * x
        yield x.2

Out of SSA by coalescing: variables that are linked (`families.links`) or that the user
called the same become one class if no two of them are needed at the same time. Two that
the user named differently stay two. Where linked variables stay apart, the text moves
the value from one to the other.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from heapq import heappop, heappush

from s2sad.emit.families import UPDATES, links
from s2sad.emit.jumps import words_of
from s2sad.emit.nest import Nesting
from s2sad.emit.ranges import Ranges, Stretches, insert, overlap
from s2sad.ir.nodes import Function, Op, Span, Stmt, Var
from s2sad.ir.walk import inner_params, statements


class Class:
    """Variables that share a name, in the order they were found."""

    __slots__ = ("first", "hint", "is_param", "members", "reverse", "stretches")

    def __init__(
        self, var: Var, stretches: Stretches, is_param: bool, reverse: bool | None
    ) -> None:
        self.reverse = reverse  # made in the reverse half? None where that is not known
        self.members = [var]
        self.stretches = stretches
        self.hint = word(var.name)
        self.is_param = is_param
        self.first: dict[str, int] = {}  # of `Heads`: the first one in this class


def misnamed(name: str, span: Span | None) -> bool:
    """Is it called an adjoint, although it is a value of the forward half?"""
    return (
        name.endswith("_bar") and span is not None and name not in words_of(span.source)
    )


def word(name: str) -> str:
    """A name of the IR as an identifier: `f#2_kept` -> `f_2_kept`."""
    if not name or name.isidentifier():
        return name
    text = "".join(c if c.isalnum() else "_" for c in name)
    return text if text.isidentifier() else f"_{text}"


class Classes:
    def __init__(self, ranges: Ranges) -> None:
        self.ranges = ranges
        self.of: dict[Var, Class] = {}
        self.answers: set[Var] = set()

    def add(self, var: Var, span: Span | None = None, is_param: bool = False) -> None:
        reverse = None if span is None else span.reverse
        self.of[var] = made = Class(var, self.ranges.of(var), is_param, reverse)
        if reverse is False and misnamed(var.name, span):
            made.hint = ""

    def same(self, a: Var, b: Var) -> bool:
        return self.of[a] is self.of[b]

    def may_take(self, target: Var, source: Var) -> bool:
        """Not if it would give something else the name of a variable of the user's."""
        one, other = self.of.get(target), self.of.get(source)
        if one is None or other is None:
            return False
        return bool(one.hint) or not other.hint

    def join(self, a: object, b: object) -> bool:
        """Make two variables share a name, if that is possible."""
        one, other = self.of.get(a), self.of.get(b)  # type: ignore[call-overload]
        if one is None or other is None:
            return False  # a literal, or nested
        if one is other:
            return True
        if one.hint and other.hint and one.hint != other.hint:
            return False
        if one.is_param and other.is_param:
            return False
        if not (one.hint and other.hint) and one.reverse != other.reverse:
            if None not in (one.reverse, other.reverse):
                return False  # a value of the forward half is not called `x_bar`
        if len(one.members) < len(other.members):
            one, other = other, one
        few, many = sorted((one.stretches, other.stretches), key=len)
        if overlap(few, many):
            return False
        insert(few, many)
        one.members += other.members
        one.stretches = many
        one.hint = one.hint or other.hint
        one.is_param |= other.is_param
        for name, number in other.first.items():
            one.first[name] = min(number, one.first.get(name, number))
        for var in other.members:
            self.of[var] = one
        return True


def coalesce(function: Function, nesting: Nesting, ranges: Ranges) -> Classes:
    classes = Classes(ranges)
    classes.answers = nesting.answers
    for param in function.params:
        classes.add(param.var, is_param=True)
    stmts: list[Stmt] = []
    for stmt in statements(function.body):
        if stmt.inner:
            for var in inner_params(stmt):
                if var not in nesting.jumps.gone:
                    classes.add(var, stmt.span)
        if len(stmt.outs) == 1:
            (out,) = stmt.outs
            if out in nesting.inline:
                continue
            if out in nesting.hidden:
                classes.add(out, stmt.span)
                continue
        if id(stmt) in ranges.at:  # else it is inside a conditional expression
            stmts.append(stmt)
            for var in stmt.outs:
                if var not in nesting.jumps.gone:
                    classes.add(var, stmt.span)

    for stmt in stmts:  # what is updated in place first: a copy there costs most
        if isinstance(stmt, Op) and stmt.prim in UPDATES:
            classes.join(stmt.args[0], stmt.outs[0])
    pairs = [
        (a, b)
        for stmt in stmts
        if stmt.inner or stmt.prim in UPDATES
        for a, b in links(stmt)
        if isinstance(a, Var) and isinstance(b, Var)
    ]
    for a, b in pairs:
        if a.name == b.name != "":
            classes.join(a, b)
    for _ in range(2):  # the second time round, more of them have names
        for a, b in pairs:
            if classes.may_take(a, b):
                classes.join(a, b)
    for stmt in stmts:  # written over, it goes on under the name that it has
        if id(stmt) in nesting.reuse and isinstance(stmt, Op):
            base = stmt.args[nesting.reuse[id(stmt)]]
            if isinstance(base, Var) and classes.may_take(stmt.outs[0], base):
                classes.join(base, stmt.outs[0])
    by_name: dict[str, Heads] = {}
    for var in classes.of:
        if var.name:
            if var.name not in by_name:
                by_name[var.name] = Heads(classes, var.name)
            by_name[var.name].place(var)
    return classes


class Heads:
    """The first members of the classes that variables of one name fall into.

    Each variable joins the first of them that it can. There may be thousands (in
    straight-line code all versions of `a` live on into the reverse half), so those that
    are known to be needed where a variable begins are not asked: they wait in a heap
    for the end of that stretch. The result is that of asking each of them.
    """

    def __init__(self, classes: Classes, name: str) -> None:
        self.classes = classes
        self.name = name
        self.heads: list[Var] = []
        self.free: list[int] = []  # numbers of heads, sorted
        self.busy: list[tuple[int, int]] = []  # until when, and the number
        self.point = 0

    def place(self, var: Var) -> None:
        cls = self.classes.of[var]
        if cls.stretches:
            self.move(cls.stretches[0][0])
        last = cls.first.get(self.name, len(self.heads))
        for number in self.candidates(cls, last):
            if number == last or self.classes.join(self.heads[number], var):
                return
        cls.first[self.name] = len(self.heads)
        self.free.append(len(self.heads))
        self.heads.append(var)

    def candidates(self, cls: Class, last: int) -> Iterator[int]:
        """The heads to ask, up to the one that is in the class already."""
        if not cls.stretches:
            yield from range(min(last + 1, len(self.heads)))
            return
        for number in self.free[: bisect_right(self.free, last)]:
            end = self.until(number)
            if end is None or number == last:
                yield number
            else:
                del self.free[bisect_left(self.free, number)]
                heappush(self.busy, (end, number))
        if last < len(self.heads):
            yield last

    def move(self, point: int) -> None:
        """Go to the place where the next variable begins."""
        if point < self.point:
            self.free, self.busy = list(range(len(self.heads))), []
        self.point = point
        while self.busy and self.busy[0][0] < point:
            insort(self.free, heappop(self.busy)[1])

    def until(self, number: int) -> int | None:
        """Up to where the head is needed, if it is needed at this point."""
        many = self.classes.of[self.heads[number]].stretches
        i = bisect_right(many, (self.point, math.inf)) - 1
        return many[i][1] if i >= 0 and many[i][1] >= self.point else None
