"""Deleting large arrays that are dead, where less memory is then in use (`del t`).

    t = X @ W                       t = X @ W
    y = np.tanh(t)                  y = np.tanh(t)
    z = np.exp(y) * V         ->    del t
                                    z = np.exp(y) * V

A name keeps its array to the end of the function, or until it is given another one. A
`del` stands where that would make the most memory that is in use at once larger than it
must be, and nowhere else: the peak is estimated with a thousand for a length that is
not known, ten for those of further axes (points in space, channels), and what NumPy
does itself: in `x * y * 2.0` the second product goes where the first is. At
`optimize=2` wherever it helps; at the default level where there is much to gain, see
`peak`, and else only if a fifth less is then in use: in the reverse half of programs
that hold many arrays at once, where what is freed is used again at once and new memory
has to be fetched page by page; and in gradients that hold some, if one line does. Only
names whose memory has no other name: what shares some goes together, what one block
gives a name ends there, what loops of the function's top level carry goes behind them,
and what tapes and branches hand on stays.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from s2sad.emit.augmented import operator_of
from s2sad.emit.classes import Class
from s2sad.emit.lift import AUGMENTED
from s2sad.emit.nest import is_choice
from s2sad.emit.plan import Plan
from s2sad.emit.reuse import COMMUTE, is_large, makes_new, reads_of
from s2sad.ir.kinds import Array, Kind, Scalar, Tape
from s2sad.ir.nodes import UNDEF, Atom, Block, For, Function, If, Op, Stmt, Var, While
from s2sad.ir.walk import blocks

LENGTH, FURTHER = 1000, 10  # of an axis that is not known: the first two, the others
TRIPS = 16  # of a loop that keeps something
VIEWS = frozenset({"getitem", "transpose", "reshape", "expand_dims", "squeeze"})
ELIDED = frozenset({"add", "sub", "mul", "div", "neg"})
ELIDES = 2**15  # numbers, of float64: NumPy does so from 256 KiB on
WORTH = 0.05  # of the peak: less is not worth a line
MUCH, MANY = 0.2, 12  # of the peak, and how many there are, for the default level
SOME = 5  # how many there are, where one line is enough


def size_of(kind: Kind, short: Collection[object] = ()) -> int:
    """How many numbers, about; `short` are the lengths of further axes."""
    if isinstance(kind, Tape):
        return TRIPS * size_of(kind.elem, short)
    if not isinstance(kind, Array) or not kind.dims or not is_large(kind):
        return 0
    return math.prod(
        dim if isinstance(dim, int) else FURTHER if axis > 1 or dim in short else LENGTH
        for axis, dim in enumerate(kind.dims)
    )


def further(variables: Iterable[Var]) -> set[object]:
    """The lengths of axes that are some array's third, or come after it."""
    kinds = [var.kind for var in variables]
    return {
        dim
        for kind in kinds
        if isinstance(kind, Array) and kind.dims is not None
        for dim in kind.dims[2:]
    }


@dataclass(eq=False)
class Memory:
    """Names that may share memory: where they are needed, and may be deleted."""

    classes: list[Class] = field(default_factory=list)
    size: int = 0
    simple: bool = True  # one block defines and reads it
    outer: bool = True  # or loops carry it
    needed: list[tuple[int, int]] = field(default_factory=list)  # points
    last: Stmt | None = None  # the statement that reads it last
    held: set[int] = field(default_factory=set)  # points where it is dead, and named


@dataclass(frozen=True)
class Usage:
    """How much is in use at each point of the text, and what is deleted for that."""

    at: dict[int, int] = field(default_factory=dict)
    deleted: dict[int, list[Class]] = field(default_factory=dict)  # see `deletions`
    largest: int = 0  # array
    least: int = 0  # of the peak: what is named and read later
    short: Collection[object] = ()  # the lengths of further axes

    @property
    def peak(self) -> int:
        return max(self.at.values(), default=0)


def deletions(plan: Plan, *, few: bool = False) -> dict[int, list[Class]]:
    """For statements, by id: the names that are deleted after them.

    With `few`, only what is worth it at the default level, and not in loops, where the
    next trip gives the names something else.
    """
    return usage(plan, few=few).deleted


def usage(plan: Plan, *, few: bool = False, halves: bool = False) -> Usage:
    """What is in use where. With `halves`, the peak of the reverse half is lowered by
    itself, too: what NumPy needs there for its own work is not known.
    """
    if not any(is_array(var) and size_of(var.kind) for var in plan.classes.of):
        return Usage()
    run = _Run(plan, few)
    run.block(plan.function.body, ())
    memories = run.memories()
    held = [m for m in memories if m.held]
    used = {
        point: sum(m.size for m in memories if covers(m, point)) for point in run.points
    }
    least = max(used.values(), default=0)
    for point, transient in run.points.items():
        used[point] += transient
    for memory in held:
        for point in memory.held:
            used[point] += memory.size
    ours = {var: cls for var, cls in plan.classes.of.items() if not cls.is_param}
    sizes = (size_of(var.kind, run.short) for var in ours if is_array(var))
    largest = max(sizes, default=0)
    plain = Usage(used, {}, largest, least, run.short)
    if not held:
        return plain
    if few:
        found = worth_it(used, held, largest, goes_back(plan.function))
        if found is None:
            return plain
        chosen, lower = found
    else:
        chosen, lower = lowered(used, held)
        back = {p: lower[p] for p in lower if p in run.backward}
        if halves and back:
            more, _ = lowered(back, [m for m in held if m not in chosen])
            chosen += more
            for memory in more:
                for point in memory.held:
                    lower[point] -= memory.size
    deleted: dict[int, list[Class]] = {}
    for memory in memories:
        if memory in chosen:
            deleted.setdefault(id(memory.last), []).extend(memory.classes)
    return Usage(lower, deleted, largest, least, run.short)


def worth_it(
    used: dict[int, int], held: list[Memory], largest: int, back: bool
) -> tuple[list[Memory], dict[int, int]] | None:
    """What is to be deleted at the default level, and what is then in use."""
    first = max(used.values())
    limit = (1 - MUCH) * first
    if first >= MANY * largest:
        late = [memory for memory in held if is_reverse(memory.last)]
        chosen, lower = lowered(used, late)
        if max(lower.values()) <= limit:
            return chosen, lower
    if back and first >= SOME * largest:
        for memory in held:
            lower = {p: n - memory.size * (p in memory.held) for p, n in used.items()}
            if len(memory.classes) == 1 and max(lower.values()) <= limit:
                return [memory], lower
    return None


def goes_back(function: Function) -> bool:
    """Is there a reverse half, for which arrays are held?"""
    return any(map(is_reverse, function.body.stmts))


def is_reverse(stmt: Stmt | None) -> bool:
    return stmt is not None and stmt.span is not None and stmt.span.reverse


def lowered(
    used: dict[int, int], held: list[Memory]
) -> tuple[list[Memory], dict[int, int]]:
    """What is to be deleted for the peak to be lower, and what is then in use."""
    chosen: list[Memory] = []
    peak = max(used.values())
    while peak > 0:
        left, lower = [m for m in held if m not in chosen], dict(used)
        trial: list[Memory] = []
        while (top := max(lower.values())) > (1 - WORTH) * peak:
            point = next(p for p, size in lower.items() if size == top)
            there = [m for m in left if point in m.held and m not in trial]
            if not there:
                return chosen, used
            trial.append(max(there, key=lambda m: m.size))
            for each in lower.keys() & trial[-1].held:
                lower[each] -= trial[-1].size
        chosen, used, peak = chosen + trial, lower, top
    return chosen, used


def is_array(var: Var) -> bool:
    return isinstance(var.kind, Array)


def covers(memory: Memory, point: int) -> bool:
    return any(start <= point <= end for start, end in memory.needed)


class _Run:
    def __init__(self, plan: Plan, few: bool) -> None:
        self.plan = plan
        self.few = few
        self.nesting = plan.nesting
        self.short = further((*plan.classes.of, *plan.nesting.inline))
        self.points: dict[int, int] = {}  # of each statement: what it makes meanwhile
        self.backward: set[int] = set()  # those of the reverse half
        self.home: dict[Var, Block] = {}
        self.around: dict[int, tuple[Stmt, ...]] = {}  # of a block: the loops around
        self.roots: dict[int, list[Stmt]] = {}
        self.shared: list[tuple[Class, Class]] = []
        self.kept: set[Class] = set()  # on a tape, in a container, out of a branch
        self.carried: set[Class] = set()  # by loops
        self.bound: set[Class] = set()  # for certain, behind the loops that carry it
        views = [op for ops in plan.lifts.values() for op in ops]
        self.keep(tuple(op.args[0] for op in views))
        self.new: set[Class | None] = set()  # the function's own, not its caller's

    # ---- the walk --------------------------------------------------------------------

    def block(self, block: Block, around: tuple[Stmt, ...]) -> None:
        self.around[id(block)] = around
        self.roots[id(block)] = roots = self.nesting.roots(block)
        for stmt in roots:
            point = self.plan.ranges.at.get(id(stmt))
            if point is None:
                continue
            if is_reverse(stmt):
                self.backward.add(point)
            if isinstance(stmt, Op):
                self.op(stmt, block)
                self.points[point] = self.working(stmt)
                continue
            self.points[point] = 0
            if isinstance(stmt, (For, While)):
                self.carry(stmt, around)
            else:
                self.keep((*stmt.outs, *reads_of(stmt)))
            if isinstance(stmt, If) and is_choice(stmt, self.nesting.inline):
                continue
            for inner in blocks(stmt):
                if isinstance(stmt, If):
                    self.keep(inner.yields)
                self.block(inner, (*around, stmt))

    def carry(self, loop: For | While, around: tuple[Stmt, ...]) -> None:
        """Note what a loop hands on from trip to trip: it may go behind the loop."""
        named = (*loop.params, *loop.inits, *loop.body.yields, *loop.outs)
        self.carried.update(self.classes_of(named))
        ends = zip(loop.params, loop.inits, loop.body.yields, loop.outs, strict=True)
        for param, *others in ends:
            for other in others:
                for var in self.nesting.leaves(other):
                    self.share(param, var)
        if not around:
            starts = zip(loop.params, loop.inits, strict=True)
            there = tuple(param for param, init in starts if init != UNDEF)
            self.bound.update(self.classes_of(there))

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
        self.kept.update(self.classes_of(atoms))

    def classes_of(self, atoms: tuple[Atom, ...]) -> Iterator[Class]:
        """Of the arrays that these are made of."""
        for atom in atoms:
            for var in self.nesting.leaves(atom):
                cls = self.class_of(var)
                if cls is not None and is_array(var):
                    yield cls

    def class_of(self, atom: Atom) -> Class | None:
        return self.plan.classes.of.get(atom) if isinstance(atom, Var) else None

    def working(self, op: Op) -> int:
        """What is made for a statement while it runs, its result with it."""
        if op.prim == "setitem":
            found = operator_of(op, self.nesting, self.plan.reads)
            if found is not None:  # `a[i] *= v`
                return self.needed((found[1],))[0]
        return self.operands(op)[0] if self.in_place(op) else self.made(op)[0]

    def in_place(self, op: Op) -> bool:
        if self.plan.written_over(op) is not None:
            return True
        added = op.prim in AUGMENTED and len(op.args) == 2 and len(op.outs) == 1
        return (
            added and isinstance(op.args[0].kind, Array) and self.plan.may_augment(op)
        )

    def made(self, op: Op) -> tuple[int, int]:
        """The most at once for an expression, and what its value takes."""
        most, now = self.operands(op)
        result = 0
        if op.outs and makes_new(op):
            result = size_of(op.outs[0].kind, self.short)
        if result and self.is_elided(op):
            return max(most, now), result
        return max(most, now + result), result

    def operands(self, op: Op) -> tuple[int, int]:
        """The most at once for what an operation reads, and what that takes."""
        return self.needed(op.args)

    def needed(self, atoms: tuple[Atom, ...]) -> tuple[int, int]:
        most = now = 0
        for atom in atoms:
            inner = self.nesting.inline.get(atom) if isinstance(atom, Var) else None
            if isinstance(inner, Op):
                inside, left = self.made(inner)
                most, now = max(most, now + inside), now + left
        return most, now

    def is_elided(self, op: Op) -> bool:
        """Does NumPy write into a large operand that has no name (`x * y * 2.0`)?"""
        if op.prim not in ELIDED or "lib" in op.attrs:
            return False
        kind = op.outs[0].kind
        if size_of(kind, self.short) < ELIDES:
            return False
        if not all(a.kind == kind or isinstance(a.kind, Scalar) for a in op.args):
            return False
        first = op.args[: 2 if op.prim in COMMUTE else 1]
        inner = (self.nesting.inline.get(a) for a in first if a.kind == kind)  # type: ignore
        return any(isinstance(made, Op) and makes_new(made) for made in inner)

    # ---- what shares memory ----------------------------------------------------------

    def memories(self) -> list[Memory]:
        of: dict[Class, Memory] = {}
        for var, cls in self.plan.classes.of.items():
            memory = of.setdefault(cls, Memory())
            if cls not in memory.classes:
                memory.classes.append(cls)
                memory.needed += cls.stretches
            memory.size = max(memory.size, size_of(var.kind, self.short))
            ours = cls not in self.kept and not cls.is_param
            memory.simple &= ours and var in self.home and cls not in self.carried
            memory.outer &= ours and (var in self.home or cls in self.carried)
        for a, b in self.shared:
            one, other = of[a], of[b]
            if one is other:
                continue
            one.classes += other.classes
            one.needed += other.needed
            one.size = max(one.size, other.size)
            one.simple &= other.simple
            one.outer &= other.outer
            for cls in other.classes:
                of[cls] = one
        found: list[Memory] = []
        for memory in dict.fromkeys(of.values()):
            given = any(cls.is_param for cls in memory.classes)
            if memory.size and (not given or self.new.intersection(memory.classes)):
                found += self.parts(memory) if memory.simple else [memory]
                if not memory.simple and memory.outer and self.is_bound(memory):
                    self.settle(memory, self.plan.function.body)
        return found

    def is_bound(self, memory: Memory) -> bool:
        """Is each of its names given something at the function's top level?"""
        body = self.plan.function.body
        return all(
            cls in self.bound or any(self.home.get(v) is body for v in cls.members)
            for cls in memory.classes
        )

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
