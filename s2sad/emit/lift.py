"""Views that are the same in each trip are taken once, before the loop.

    for _ in range(n):                           u_bar_from_2 = u_bar[2:]
        u_bar[2:] += r * u_bar[:-2]       ->     u_bar_but_2 = u_bar[:-2]
                                                 for _ in range(n):
                                                     u_bar_from_2 += r * u_bar_but_2

To take a slice costs as much as to add a hundred numbers, and `a[2:] += v` takes it
twice. The IR reads another version of the array in each trip, so this is known only
when it is known which writes are made in place: as long as nothing gives the array's
name another array, a slice of it is the same piece of memory. Slices alone, with
bounds that the loop does not change, and that every way to the loop assigns: they
raise nothing where the loop runs no trip. A line of the user's that gives a view a
name stays where it is, and so does what would save a view or two.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from s2sad.analysis.absent import may_be_absent
from s2sad.emit.augmented import operator_of
from s2sad.emit.classes import Class
from s2sad.emit.families import UPDATES
from s2sad.emit.nest import is_choice
from s2sad.ir.kinds import Array, Scalar
from s2sad.ir.nodes import Atom, Block, For, If, Op, Stmt, Var, While
from s2sad.ir.paths import Slice, Subscript, parse_path
from s2sad.ir.walk import blocks, statements
from s2sad.opt.facts import is_straight
from s2sad.rules import TABLE

if TYPE_CHECKING:
    from s2sad.emit.plan import Pairs, Plan

Loop = For | While
WORTH = 3  # views less in each trip; `a[2:] += v` takes two
WRITES = ("setitem", "additem")
AUGMENTED = frozenset({"add", "sub", "mul", "div"})


def lift(plan: Plan) -> None:
    """Note in the plan what is taken before each loop, and what then stands for it."""
    if is_straight(plan.function):
        return
    looking = _Lift(plan)
    looking.block(plan.function.body, ())
    for loop, found in looking.found.values():
        if sum(2 if op.prim in WRITES else 1 for op in found) >= WORTH:
            for op in found:
                looking.lift(op, loop)


class _Lift:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.of = plan.classes.of
        self.absent: frozenset[Var] | None = None
        self.bound: dict[int, set[Class]] = {}  # for a loop: what it gives new values
        self.found: dict[int, tuple[Loop, list[Op]]] = {}
        self.views: dict[tuple[object, ...], Var] = {}

    def block(self, block: Block, loops: tuple[Loop, ...]) -> None:
        for stmt in block.stmts:
            inner = (*loops, stmt) if isinstance(stmt, (For, While)) else loops
            for each in blocks(stmt):
                self.block(each, inner)
            if loops and isinstance(stmt, Op) and self.is_candidate(stmt):
                loop = next((each for each in loops if self.stays(stmt, each)), None)
                if loop is not None:
                    self.found.setdefault(id(loop), (loop, []))[1].append(stmt)

    def is_candidate(self, op: Op) -> bool:
        """Is a slice taken of an array that has a name?"""
        if op.prim not in ("getitem", *WRITES) or not is_slice(op):
            return False
        base = op.args[0]
        if not isinstance(base, Var) or base not in self.of or not self.of[base].hint:
            return False
        if op.prim in WRITES and id(op) in self.plan.copies.writes:
            return False
        if op.prim == "setitem" and self.operator_of(op) is None:
            return False  # it says which elements of the array are replaced
        return not self.has_line(op) or self.is_ours(op)

    def operator_of(self, op: Op) -> object:
        return operator_of(op, self.plan.nesting, self.plan.reads)

    def has_line(self, op: Op) -> bool:
        return op.prim == "getitem" and op.outs[0] not in self.plan.nesting.inline

    def is_ours(self, op: Op) -> bool:
        """Is it a view with a line of its own, whose name is nobody else's?"""
        cls = self.of.get(op.outs[0])
        if cls is None or cls.hint or len(cls.members) > 1:
            return False
        return self.plan.copied(op, 0) is None

    def lift(self, op: Op, loop: Loop) -> None:
        base = op.args[0]
        assert isinstance(base, Var)
        reads = (base, *bounds_of(op))
        key = (id(loop), self.of[base], op.attrs["path"], reads[1:])
        if key not in self.views:
            self.views[key] = self.view(op, reads, loop)
        view = self.views[key]
        self.plan.lifted[id(op)] = view
        if self.has_line(op):
            self.plan.undone.add(id(op))
            self.of[op.outs[0]] = self.of[view]

    def view(self, op: Op, reads: tuple[Atom, ...], loop: Loop) -> Var:
        """A view that is taken before a loop."""
        attrs = {"path": op.attrs["path"]}
        (kind,) = TABLE["getitem"].infer(reads, attrs)
        var = Var("", kind)
        ranges = self.plan.ranges
        stretch = ranges.at[id(loop)], ranges.end[id(loop.body)] + 4
        reverse = None if op.span is None else op.span.reverse
        self.of[var] = Class(var, [stretch], False, reverse)
        read = Op((var,), "getitem", reads, attrs, op.span)
        self.plan.lifts.setdefault(id(loop), []).append(read)
        return var

    def stays(self, op: Op, loop: Loop) -> bool:
        """Are the array and the bounds the same ones in every trip?"""
        if id(loop) not in self.plan.ranges.at:
            return False
        if id(loop) not in self.bound:
            self.bound[id(loop)] = set(self.bound_in(loop))
        if self.absent is None:
            missing = may_be_absent(self.plan.function.body)
            self.absent = self.plan.absent.union(missing)
        names = [atom for atom in (op.args[0], *bounds_of(op)) if isinstance(atom, Var)]
        bound = self.bound[id(loop)]
        return all(n in self.of and self.of[n] not in bound for n in names) and (
            self.absent.isdisjoint(names)
        )

    def bound_in(self, loop: Loop) -> Iterator[Class]:
        """The classes whose names are given something else inside."""
        yield from self.moved(self.plan.body_moves(loop))
        if isinstance(loop, For):
            yield from self.classes(loop.index)
        for block in blocks(loop):
            for stmt in statements(block):
                yield from self.given(stmt)

    def given(self, stmt: Stmt) -> Iterator[Class]:
        plan = self.plan
        if isinstance(stmt, Op):
            for out in stmt.outs:
                if not self.in_place(stmt, out):
                    yield from self.classes(out)
        elif isinstance(stmt, If):
            if is_choice(stmt, plan.nesting.inline):
                yield from self.classes(*stmt.outs)
                return
            for branch in blocks(stmt):
                yield from self.moved(plan.branch_moves(stmt, branch))
        elif isinstance(stmt, (For, While)):
            if isinstance(stmt, For):
                yield from self.classes(stmt.index)
            yield from self.moved(plan.start_moves(stmt))
            yield from self.moved(plan.body_moves(stmt))
            yield from self.moved(plan.end_moves(stmt))
        else:
            yield from self.classes(*stmt.outs)

    def in_place(self, op: Op, out: Var) -> bool:
        """Does it leave the array where it is, under the name that it has?"""
        if not isinstance(out.kind, Array):
            return False
        position = self.plan.written_over(op)
        augments = op.prim in AUGMENTED and len(op.args) == 2
        if op.prim in UPDATES:
            if id(op) in self.plan.copies.writes:
                return False
            position = 0
        elif position is None and augments and self.plan.may_augment(op):
            position = 0
        base = op.args[position] if position is not None else None
        return self.one(base, out)

    def moved(self, pairs: Pairs) -> Iterator[Class]:
        for target, source, why in pairs:
            if why is not None or not self.one(source, target):
                yield from self.classes(target)

    def one(self, a: Atom | None, b: Var) -> bool:
        if not isinstance(a, Var) or a not in self.of or b not in self.of:
            return False
        return self.of[a] is self.of[b]

    def classes(self, *atoms: Var) -> Iterator[Class]:
        for var in atoms:
            if var in self.of:
                yield self.of[var]


def bounds_of(op: Op) -> tuple[Atom, ...]:
    return op.args[1:] if op.prim == "getitem" else op.args[2:]


def is_slice(op: Op) -> bool:
    """Is the place a part of an array, along axes that are known?

    Steps have no short word, and are left for the reader to see.
    """
    kind = op.args[0].kind
    if not isinstance(kind, Array) or kind.rank is None:
        return False
    steps = parse_path(str(op.attrs["path"]))
    if len(steps) != 1 or not isinstance(steps[0], Subscript):
        return False
    items, bounds = steps[0].items, bounds_of(op)
    slices = [item for item in items if isinstance(item, Slice) and item.step is None]
    return (
        len(slices) == len(items) <= kind.rank
        and all(map(is_whole, bounds))
        and any(each != Slice(None, None, None) for each in slices)
    )


def is_whole(atom: Atom) -> bool:
    return isinstance(atom.kind, Scalar) and atom.kind.dtype == "int"
