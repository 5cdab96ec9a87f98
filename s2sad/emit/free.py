"""Deleting large arrays that are dead, where less memory is then in use (`del t`).

    t = X @ W                       t = X @ W
    y = np.tanh(t)                  y = np.tanh(t)
    z = np.exp(y) * V         ->    del t
                                    z = np.exp(y) * V

A name keeps its array to the end of the function, or until it is given another one. At
`optimize=2` a `del` stands where that would make the most memory that is in use at once
larger than it must be, and nowhere else: the peak is estimated with a thousand for a
length that is not known, and ten for those of third and further axes: points in space,
channels. The default level deletes in the reverse half of programs that
hold many arrays at once, if they would then hold a fifth less: what is freed is used
again at once, where new memory has to be fetched page by page. Only names that one
block defines and reads, and whose memory has no other name: what shares some goes
together, and what loops carry or tapes hold stays.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from s2sad.emit.classes import Class
from s2sad.emit.lift import AUGMENTED
from s2sad.emit.nest import is_choice
from s2sad.emit.plan import Plan
from s2sad.emit.reuse import is_large, makes_new, reads_of
from s2sad.ir.kinds import Array, Kind, Scalar
from s2sad.ir.nodes import Atom, Block, For, If, Op, Stmt, Var, While
from s2sad.ir.walk import blocks

LENGTH, FURTHER = 1000, 10  # of an axis that is not known: the first two, the others
VIEWS = frozenset({"getitem", "transpose", "reshape", "expand_dims", "squeeze"})
WORTH = 0.05  # of the peak: less is not worth a line
MUCH, MANY = 0.2, 12  # of the peak, and how many there are, for the default level


def size_of(kind: Kind) -> int:
    if not isinstance(kind, Array) or not kind.dims or not is_large(kind):
        return 0
    lengths = [LENGTH if axis < 2 else FURTHER for axis in range(len(kind.dims))]
    known = [d if isinstance(d, int) else n for d, n in zip(kind.dims, lengths)]
    return math.prod(known)


@dataclass(eq=False)
class Memory:
    """Names that may share memory: where they are needed, and may be deleted."""

    classes: list[Class] = field(default_factory=list)
    size: int = 0
    simple: bool = True
    needed: list[tuple[int, int]] = field(default_factory=list)  # points
    last: Stmt | None = None  # the statement that reads it last
    held: set[int] = field(default_factory=set)  # points where it is dead, and named


def deletions(plan: Plan, *, few: bool = False) -> dict[int, list[Class]]:
    """For statements, by id: the names that are deleted after them.

    With `few`, in the reverse half alone, and not in loops, where the next trip gives
    the names something else; and only where there are many, and much is gained.
    """
    if not any(size_of(var.kind) for var in plan.classes.of):
        return {}
    run = _Run(plan, few)
    run.block(plan.function.body, ())
    memories = run.memories()
    held = [m for m in memories if m.held]
    if not held:
        return {}
    usage = {
        point: transient + sum(m.size for m in memories if covers(m, point))
        for point, transient in run.points.items()
    }
    for memory in held:
        for point in memory.held:
            usage[point] += memory.size
    chosen: list[Memory] = []
    first = peak = max(usage.values())
    if few and first < MANY * max(memory.size for memory in memories):
        return {}
    while True:
        left, lower = [m for m in held if m not in chosen], dict(usage)
        trial: list[Memory] = []
        while (top := max(lower.values())) > (1 - WORTH) * peak:
            point = next(p for p, used in lower.items() if used == top)
            there = [m for m in left if point in m.held and m not in trial]
            if not there:
                break
            trial.append(max(there, key=lambda m: m.size))
            for each in trial[-1].held:
                lower[each] -= trial[-1].size
        if top > (1 - WORTH) * peak:
            break
        chosen, usage, peak = chosen + trial, lower, top
    found: dict[int, list[Class]] = {}
    if few and peak > (1 - MUCH) * first:
        return found
    for memory in memories:
        if memory in chosen:
            found.setdefault(id(memory.last), []).extend(memory.classes)
    return found


def covers(memory: Memory, point: int) -> bool:
    return any(start <= point <= end for start, end in memory.needed)


class _Run:
    def __init__(self, plan: Plan, few: bool) -> None:
        self.plan = plan
        self.few = few
        self.nesting = plan.nesting
        self.points: dict[int, int] = {}  # of each statement: what it makes meanwhile
        self.home: dict[Var, Block] = {}
        self.around: dict[int, tuple[Stmt, ...]] = {}  # of a block: the loops around
        self.roots: dict[int, list[Stmt]] = {}
        self.shared: list[tuple[Class, Class]] = []
        self.kept: set[Class] = set()  # carried, on a tape, or in a container
        self.new: set[Class | None] = set()  # the function's own, not its caller's

    # ---- the walk --------------------------------------------------------------------

    def block(self, block: Block, around: tuple[Stmt, ...]) -> None:
        self.around[id(block)] = around
        self.roots[id(block)] = roots = self.nesting.roots(block)
        for stmt in roots:
            point = self.plan.ranges.at.get(id(stmt))
            if point is None:
                continue
            if isinstance(stmt, Op):
                self.op(stmt, block)
                self.points[point] = self.working(stmt)
                continue
            self.points[point] = 0
            self.keep((*stmt.outs, *reads_of(stmt)))
            if isinstance(stmt, If) and is_choice(stmt, self.nesting.inline):
                continue
            if isinstance(stmt, (For, While)):
                self.keep((*stmt.params, *stmt.inits, *stmt.body.yields))
            for inner in blocks(stmt):
                self.keep(inner.yields)
                self.block(inner, (*around, stmt))

    def op(self, op: Op, block: Block) -> None:
        for out in op.outs:
            self.home[out] = block
            if makes_new(op) or op.prim not in VIEWS:
                self.new.add(self.class_of(out))
        over = self.plan.written_over(op)
        if not op.outs:
            self.keep(tuple(self.sources(op)))
        elif over is not None:
            self.share(op.outs[0], op.args[over])
        elif op.prim in ("setitem", "additem") and isinstance(op.args[0].kind, Array):
            self.share(op.outs[0], op.args[0])
        elif op.prim == "tuple" or not isinstance(op.outs[0].kind, Array):
            if not is_number(op):
                self.keep((*op.outs, *self.sources(op)))
        elif not makes_new(op):
            for source in self.sources(op):
                if isinstance(source.kind, Array):
                    self.share(op.outs[0], source)
                elif not isinstance(source.kind, Scalar):
                    self.keep(op.outs)  # it holds the array, too

    def sources(self, op: Op) -> Iterator[Var]:
        """The variables whose memory the result may have, nested operations through."""
        for atom in op.args:
            inner = self.nesting.inline.get(atom) if isinstance(atom, Var) else None
            if inner is None:
                if isinstance(atom, Var):
                    yield atom
            elif not isinstance(inner, Op):
                yield from self.nesting.leaves(atom)
            elif not makes_new(inner):
                yield from self.sources(inner)

    def share(self, a: Atom, b: Atom) -> None:
        one, other = self.class_of(a), self.class_of(b)
        if one is not None and other is not None and one is not other:
            self.shared.append((one, other))

    def keep(self, atoms: tuple[Atom, ...]) -> None:
        for atom in atoms:
            for var in self.nesting.leaves(atom):
                cls = self.class_of(var)
                if cls is not None and isinstance(var.kind, Array):
                    self.kept.add(cls)

    def class_of(self, atom: Atom) -> Class | None:
        return self.plan.classes.of.get(atom) if isinstance(atom, Var) else None

    def working(self, op: Op) -> int:
        """What is made for a statement while it runs, its result with it."""
        most, result = self.made(op)
        return most - result if self.in_place(op) else most

    def in_place(self, op: Op) -> bool:
        if self.plan.written_over(op) is not None:
            return True
        added = op.prim in AUGMENTED and len(op.args) == 2 and len(op.outs) == 1
        return (
            added and isinstance(op.args[0].kind, Array) and self.plan.may_augment(op)
        )

    def made(self, op: Op) -> tuple[int, int]:
        """The most at once for an expression, and what its value takes."""
        most = now = 0
        for atom in op.args:
            inner = self.nesting.inline.get(atom) if isinstance(atom, Var) else None
            if isinstance(inner, Op):
                inside, left = self.made(inner)
                most, now = max(most, now + inside), now + left
        result = size_of(op.outs[0].kind) if op.outs and makes_new(op) else 0
        return max(most, now + result), result

    # ---- what shares memory ----------------------------------------------------------

    def memories(self) -> list[Memory]:
        of: dict[Class, Memory] = {}
        for var, cls in self.plan.classes.of.items():
            memory = of.setdefault(cls, Memory())
            if cls not in memory.classes:
                memory.classes.append(cls)
                memory.needed += cls.stretches
            memory.size = max(memory.size, size_of(var.kind))
            known = var in self.home
            memory.simple &= known and cls not in self.kept and not cls.is_param
        for a, b in self.shared:
            one, other = of[a], of[b]
            if one is other:
                continue
            one.classes += other.classes
            one.needed += other.needed
            one.size = max(one.size, other.size)
            one.simple &= other.simple
            for cls in other.classes:
                of[cls] = one
        found: list[Memory] = []
        for memory in dict.fromkeys(of.values()):
            given = any(cls.is_param for cls in memory.classes)
            if memory.size and (not given or self.new.intersection(memory.classes)):
                found += self.parts(memory) if memory.simple else [memory]
        return found

    def parts(self, memory: Memory) -> list[Memory]:
        """What it is in each block: what one block gives a name ends there."""
        homes: dict[int, tuple[Block, list[Class]]] = {}
        for cls in memory.classes:
            for var in cls.members:
                block = self.home[var]
                homes.setdefault(id(block), (block, []))[1].append(cls)
        ends = {key: self.plan.ranges.end[key] for key in homes}
        found = []
        for key, (block, classes) in homes.items():
            here = [
                (start, end)
                for start, end in memory.needed
                if min((e for e in ends.values() if e >= end), default=0) == ends[key]
            ]
            part = replace(memory, classes=list(dict.fromkeys(classes)), needed=here)
            part.held = set()
            if here:
                self.settle(part, block)
                found.append(part)
        return found

    def settle(self, memory: Memory, block: Block) -> None:
        """Where it is read last, and from where on its names only hold it."""
        if any(self.few or isinstance(stmt, If) for stmt in self.around[id(block)]):
            return
        at = self.plan.ranges.at
        first = min(start for start, _ in memory.needed)
        end = max(end for _, end in memory.needed)
        if end >= self.plan.ranges.end[id(block)]:
            return
        memory.needed = [(first, end)]
        places = [at[id(s)] for s in self.roots[id(block)] if id(s) in at]
        reading = [s for s in self.roots[id(block)] if at.get(id(s), end + 1) <= end]
        after = [place for place in places if place > end]
        loops = self.around[id(block)]
        if not reading or not after and not loops:
            return
        span = reading[-1].span
        if self.few and not (span is not None and span.reverse):
            return
        memory.last = reading[-1]
        # in a loop, until the next trip has given all its names something else
        begin = at[id(loops[0])] if loops else end
        begun = [
            [start for start, _ in cls.stretches if first <= start <= end]
            for cls in memory.classes
        ]
        late = max(min(starts, default=first) for starts in begun)
        memory.held = {
            point
            for point in self.points
            if point > end or loops and begin <= point <= late
        }


def is_number(op: Op) -> bool:
    """Does it give a number, which shares memory with nothing?"""
    return all(isinstance(out.kind, Scalar) for out in op.outs)
