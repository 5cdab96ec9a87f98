"""Divisions by zero that raise in any case, now or later.

    u = a / b if b else np.divide(a, b)        u = a / b
    ...                                   ->   ...
    a_bar = u_bar / b                          a_bar = u_bar / b

A division of the user's is bound to raise if the same call divides by the same number
elsewhere, whenever it comes to this one: nothing is gained by a guard. Numbers are the
same if they are computed alike, of what stays as it is, of indices that go over the
same range, or of what was kept in the mirrored trip. The exception comes earlier than
it would; where that could be seen, by what is printed on the way, it is not bound to.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from s2sad.ir.nodes import Atom, Block, For, Function, If, Lit, Op, Stmt, Var
from s2sad.ir.walk import primitives, statements
from s2sad.opt.facts import has_effect, is_of_user, may_merge

Way = tuple[Hashable, ...]  # the loops and branches around a statement


@dataclass(frozen=True)
class Division:
    op: Op
    divisor: int  # numbers that are the same, but for their sign, have the same
    way: Way
    place: int  # of the statement of the function that it is, or is in


def bound(function: Function) -> dict[Var, list[Op]]:
    """For quotients of the user's: the divisions of the derivative by the same number.

    Each of them is made whenever the quotient is, if its own operands let it.
    """
    walk = _Numbers(function)
    loud = [at for at, stmt in enumerate(function.body.stmts) if is_loud(stmt)]
    others: dict[int, list[Division]] = {}
    for division in walk.divisions:
        if not is_of_user(division.op):
            others.setdefault(division.divisor, []).append(division)
    found: dict[Var, list[Op]] = {}
    for own in walk.divisions:
        if not is_of_user(own.op):
            continue
        after = [
            other.op
            for other in others.get(own.divisor, ())
            if set(other.way) <= set(own.way)
            and not any(own.place <= at <= other.place for at in loud)
            and not any(other.place <= at <= own.place for at in loud)
        ]
        if after:
            found[own.op.outs[0]] = after
    return found


def is_loud(stmt: Stmt) -> bool:
    """May anything be seen of it before the call returns?"""
    inside = statements(Block((stmt,)))
    return any(s.prim == "Call" or isinstance(s, Op) and has_effect(s) for s in inside)


@dataclass(frozen=True)
class Filled:
    """A tape that has got one value in each trip of some loops."""

    start: Atom  # what it was before
    value: int
    trips: tuple[Hashable, ...]  # the ranges of the loops, from the outermost on


class _Numbers:
    """Numbers for values: equal ones, or negative ones, for equal or negated values."""

    def __init__(self, function: Function) -> None:
        self.table: dict[Hashable, int] = {}
        self.numbers: dict[Var, int] = {}
        self.filled: dict[Var, Filled] = {}
        self.loops: list[For] = []  # that are being gone through
        self.divisions: list[Division] = []
        self.place = 0
        for self.place, stmt in enumerate(function.body.stmts):
            self.block(Block((stmt,)), ())

    def block(self, block: Block, way: Way) -> None:
        for stmt in block.stmts:
            if isinstance(stmt, Op):
                self.op(stmt, way)
            elif isinstance(stmt, If):
                cond = self.of(stmt.cond) if stmt.tests else id(stmt)
                self.block(stmt.then, (*way, ("if", cond, True)))
                self.block(stmt.orelse, (*way, ("if", cond, False)))
            elif isinstance(stmt, For) and stmt.body.stop is None:
                self.loop(stmt, way)
            else:
                for inner in stmt.inner:
                    self.block(inner, (*way, id(stmt)))

    def loop(self, loop: For, way: Way) -> None:
        trips = self.trips(loop)
        held = primitives(loop.body)
        if "pop" not in held or "push" not in held:
            turned = loop.backward != ("pop" in held) and not held.isdisjoint(TAPES)
            self.numbers[loop.index] = self.named("index", trips, turned)
        self.loops.append(loop)
        self.block(loop.body, (*way, trips))
        self.loops.pop()
        for out, param, init, end in zip(
            loop.outs, loop.params, loop.inits, loop.body.yields, strict=True
        ):
            tape = self.filled.get(end) if isinstance(end, Var) else None
            if tape is not None and tape.start is param:
                self.filled[out] = Filled(init, tape.value, (trips, *tape.trips))

    def trips(self, loop: For) -> Hashable:
        """What loops have in common that go over the same range, as deeply nested."""
        ends = (loop.start, loop.stop, loop.step)
        return ("for", len(self.loops), *map(self.of, ends))

    def op(self, op: Op, way: Way) -> None:
        if op.prim == "push":
            tape, value = op.args
            self.filled[op.outs[0]] = Filled(tape, self.of(value), ())
        elif op.prim == "pop" and len(op.args) == 1:
            value = self.popped(op)
            if value is not None:
                self.numbers[op.outs[1]] = value
        elif len(op.outs) == 1 and may_merge(op):
            self.numbers[op.outs[0]] = self.made(op)
        if op.prim == "div":
            divisor = abs(self.of(op.args[1]))
            self.divisions.append(Division(op, divisor, way, self.place))

    def popped(self, op: Op) -> int | None:
        """The number of what was put there, in the trip that this one mirrors."""
        tape: Atom = op.args[0]
        rest: Var = op.outs[0]
        trips: list[Hashable] = []
        depth = len(self.loops)
        for loop in reversed(self.loops):
            depth -= 1
            if tape not in loop.params:
                break
            slot = loop.params.index(tape)
            if loop.body.yields[slot] is not rest:
                return None
            ends = (loop.start, loop.stop, loop.step)
            trips.insert(0, ("for", depth, *map(self.of, ends)))
            tape, rest = loop.inits[slot], loop.outs[slot]
        made = self.filled.get(tape) if isinstance(tape, Var) else None
        if made is None or not trips or made.trips != tuple(trips):
            return None
        return made.value

    def made(self, op: Op) -> int:
        """By what it is computed of; signs are put before it."""
        numbers = [self.of(arg) for arg in op.args]
        if op.prim == "neg":
            return -numbers[0]
        if op.prim in ("mul", "div"):
            a, b = numbers
            sign = 1 if (a < 0) == (b < 0) else -1
            parts = (abs(a), abs(b))
            return sign * self.named(
                op.prim, *parts if op.prim == "div" else sorted(parts)
            )
        if op.prim in ("add", "sub"):
            a, b = numbers if op.prim == "add" else (numbers[0], -numbers[1])
            a, b = sorted((a, b), key=abs)
            return self.named("add", a, b) if a > 0 else -self.named("add", -a, -b)
        if op.prim in ("getitem", "item") and not is_path(op):
            return self.named("element", *numbers)
        return self.named(op.prim, *numbers, *sorted(map(repr, op.attrs.items())))

    def of(self, atom: Atom) -> int:
        """The number of a value; what is not known to be another's has its own."""
        if isinstance(atom, Lit):
            value = atom.value
            if type(value) not in (int, float):
                return self.named("literal", type(value), repr(value))
            size = self.named("literal", abs(value))  # type: ignore[arg-type]
            return -size if value < 0 else size  # type: ignore[operator]
        if atom not in self.numbers:
            self.numbers[atom] = self.named(id(atom))
        return self.numbers[atom]

    def named(self, *what: Hashable) -> int:
        return self.table.setdefault(what, len(self.table) + 1)


TAPES = frozenset(("push", "pop"))


def is_path(op: Op) -> bool:
    """Is it a read of more, or of other things, than one element of an array?"""
    path = str(op.attrs.get("path", "[#]"))
    return path.strip("[]#, ") != "" or path.count("[") != 1
