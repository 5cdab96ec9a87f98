"""May two reads or writes of an array, in trips that can follow one another, meet?

    for i in range(n):             s = x[j]  with 0 <= j < i
        for j in range(i):         x[i'] = v  with i' >= i
            s -= x[j]              0 <= e < n,  e = j,  e = i'     impossible
        x[i] = s

What is known of the whole numbers in an index, in two trips of the loops around them,
is a system of inequalities: bounds of loops, conditions of branches, and that both
places hold one element. If that is impossible, the places never meet. An index may be
negative, and counts from the far end then; each case is refuted by itself. What is not
understood is taken to be any element at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from s2sad.analysis.affine import (
    ONE,
    Form,
    constant,
    less,
    plus,
    symbol,
)
from s2sad.analysis.lineage import Fact, Lineage, Where, numbers_of_entry
from s2sad.analysis.systems import possible
from s2sad.ir.kinds import Array, Kind, List, Scalar
from s2sad.ir.nodes import FALSE, TRUE, Atom, For, If, Lit, Op, Var, While
from s2sad.ir.paths import Slice, Subscript, parse_path

Loop = For | While
System = tuple[Form, ...]  # forms that are not negative
DEPTH = 8  # of index arithmetic
COUNTS = frozenset(("argmax", "argmin", "len", "count_nonzero", "searchsorted"))

COMPARISONS = {
    # (what holds, what holds if it does not), as alternatives of bounds
    "lt": lambda a, b: ([[less(a, b)]], [[plus(a, b, -1)]]),
    "le": lambda a, b: ([[plus(b, a, -1)]], [[less(b, a)]]),
    "gt": lambda a, b: ([[less(b, a)]], [[plus(b, a, -1)]]),
    "ge": lambda a, b: ([[plus(a, b, -1)]], [[less(a, b)]]),
    "eq": lambda a, b: (
        [[plus(a, b, -1), plus(b, a, -1)]],
        [[less(a, b)], [less(b, a)]],
    ),
    "ne": lambda a, b: (
        [[less(a, b)], [less(b, a)]],
        [[plus(a, b, -1), plus(b, a, -1)]],
    ),
}


@dataclass(frozen=True)
class Access:
    """A read or write of part of an array, and where it stands."""

    op: Op
    where: Where

    @property
    def operands(self) -> tuple[Atom, ...]:
        return self.op.args[1 if self.op.prim in ("getitem", "item") else 2 :]

    @property
    def place(self) -> tuple:
        """All that matters here: the same for many writes of the same place."""
        kind, path = self.op.args[0].kind, self.op.attrs["path"]
        return (self.where.loops, self.where.facts, kind, path, self.operands)


@dataclass
class Trip:
    """One run of the block that an access stands in.

    What is defined in the `shared` loops is the same for both trips looked at.
    """

    lineage: Lineage
    tag: str
    shared: tuple[Loop, ...]
    forms: dict[Atom, Form] = field(default_factory=dict)  # what is known of each
    limits: dict[Loop, list[Form]] = field(default_factory=dict)

    def form(self, atom: Atom) -> Form:
        """The atom as a sum of what is not looked into."""
        found = self.forms.get(atom)
        if found is None:
            found = self.forms[atom] = self._form(atom, 0)
        return found

    def _form(self, atom: Atom, depth: int) -> Form:
        if isinstance(atom, Lit):
            assert type(atom.value) is int
            return constant(atom.value)
        size = atom.kind.size if isinstance(atom.kind, Scalar) else None
        if type(size) is int:
            return constant(size)
        made = self.lineage.maker.get(atom)
        if isinstance(made, Op) and depth < DEPTH and all(map(is_whole, made.args)):
            parts = [self._form(arg, depth + 1) for arg in made.args]
            if made.prim == "add":
                return plus(*parts)
            if made.prim == "sub":
                return plus(*parts, -1)
            if made.prim == "neg":
                return plus({}, parts[0], -1)
            if made.prim == "mul":
                for one, other in (parts, parts[::-1]):
                    if not one.keys() - {ONE}:
                        return plus({}, other, one.get(ONE, 0))
        if isinstance(size, str) and not size.startswith("~"):
            return symbol(("size", size))
        return symbol(self.name(atom))

    def name(self, var: Var) -> object:
        return var if self.is_shared(var) else (var, self.tag)

    def is_shared(self, var: Var) -> bool:
        block = self.lineage.block.get(var)
        loops = () if block is None else self.lineage.where[block].loops
        return loops == self.shared[: len(loops)]

    # ---- what holds here -------------------------------------------------------------

    def bounds(self, loops: Sequence[Loop]) -> list[Form]:
        found: list[Form] = []
        for loop in loops:
            if loop not in self.limits:
                self.limits[loop] = self._limits(loop)
            found += self.limits[loop]
        return found

    def _limits(self, loop: Loop) -> list[Form]:
        """What the index of a loop lies between."""
        step = step_of(loop)
        if step is None:
            return []
        assert isinstance(loop, For)
        if not (is_whole(loop.start) and is_whole(loop.stop)):
            return []
        index = self.form(loop.index)
        start, stop = self.form(loop.start), self.form(loop.stop)
        if step > 0:
            return [plus(index, start, -1), less(index, stop)]
        return [plus(start, index, -1), less(stop, index)]

    def holding(self, fact: Fact) -> list[list[Form]]:
        """A condition as alternatives; the empty one says nothing."""
        cond, holds = fact.cond, fact.holds
        if isinstance(cond, Lit):
            return [[]]
        made = self.lineage.maker.get(cond)
        if isinstance(made, If) and made.form in ("and", "or"):
            return self._joined(made, cond, holds)
        if not isinstance(made, Op):
            return [[]]
        if made.prim == "not_":
            return self.holding(Fact(made.args[0], not holds))
        if made.prim not in COMPARISONS or not all(map(is_whole, made.args)):
            return [[]]
        a, b = map(self.form, made.args)
        return COMPARISONS[made.prim](a, b)[0 if holds else 1]

    def _joined(self, made: If, cond: Var, holds: bool) -> list[list[Form]]:
        """`a and b` that holds, `a or b` that does not: both parts say something."""
        k = made.outs.index(cond)
        ends = made.then.yields[k], made.orelse.yields[k]
        if made.form == "and" and holds and ends[1] in (FALSE, made.cond):
            inner = ends[0]
        elif made.form == "or" and not holds and ends[0] in (TRUE, made.cond):
            inner = ends[1]
        else:
            return [[]]
        parts = self.holding(Fact(made.cond, holds)), self.holding(Fact(inner, holds))
        return [[*a, *b] for a, b in product(*parts)]


def trips_of(lineage: Lineage, shared: tuple[Loop, ...]) -> tuple[Trip, Trip]:
    """The two trips that are in the same trips of some loops; made once."""
    if shared not in lineage.trips:
        pair = Trip(lineage, "first", shared), Trip(lineage, "then", shared)
        lineage.trips[shared] = pair
    first, then = lineage.trips[shared]
    return first, then


def meet(
    lineage: Lineage,
    first: Access,
    then: Access,
    common: Sequence[Loop],
    same: bool,
    versions: Collection[Var] | None = None,
) -> bool:
    """May `then` come to a place of `first`, in the same trip or in a later one?

    `common` are the loops of which a trip is looked at; `same` tells whether it may be
    so in one trip of them all. If all `versions` of the array that follow `first` are
    told, a loop that carries none of them has another array in its next trip.
    """
    cases: list[tuple[tuple[Loop, ...], Loop | None]] = []
    for k, loop in enumerate(common):
        if versions is None or any(param in versions for param in loop.params):
            cases.append((tuple(common[:k]), loop))
    if same:
        cases.append((tuple(common), None))
    return any(known(lineage, first, then, *case) for case in cases)


def apart(lineage: Lineage, first: Op, then: Op) -> bool:
    """Are the places of two ops of one block surely others, whenever it runs?"""
    where = lineage.where[lineage.block[first]]
    a, b = Access(first, where), Access(then, where)
    return not known(lineage, a, b, where.loops, None)


def known(
    lineage: Lineage,
    first: Access,
    then: Access,
    shared: tuple[Loop, ...],
    after: Loop | None,
) -> bool:
    """What is asked of a pair of places, asked once."""
    key = (first.place, then.place, shared, after)
    if key not in lineage.known:
        lineage.known[key] = _meet(lineage, first, then, shared, after)
    return lineage.known[key]


def _meet(
    lineage: Lineage,
    first: Access,
    then: Access,
    shared: tuple[Loop, ...],
    after: Loop | None,
) -> bool:
    a, b = trips_of(lineage, shared)
    if contrary(a, first.where.facts, then.where.facts):
        return False
    system = [*a.bounds(first.where.loops), *b.bounds(then.where.loops)]
    if after is not None:
        system += later(a, b, after)
    base = first.op.args[0].kind
    choices: list[list[list[Form]]] = []
    for trip, access in ((a, first), (b, then)):
        choices += [trip.holding(fact) for fact in access.where.facts]
        choices += elements(trip, access, base)
    system += [symbol(name) for name in counts(lineage, system, choices)]
    system += [form for cases in choices if len(cases) == 1 for form in cases[0]]
    return possible(system, [cases for cases in choices if len(cases) > 1])


def contrary(trip: Trip, first: Sequence[Fact], then: Sequence[Fact]) -> bool:
    """Is one condition, of a trip they share, true there and false here?"""
    return any(
        isinstance(fact.cond, Var)
        and trip.is_shared(fact.cond)
        and Fact(fact.cond, not fact.holds) in then
        for fact in first
    )


def later(a: Trip, b: Trip, loop: Loop) -> Iterator[Form]:
    """That the second trip of a loop comes after the first."""
    step = step_of(loop)
    if step is None:
        return
    assert isinstance(loop, For)
    gap = plus(b.form(loop.index), a.form(loop.index), -1)
    if loop.backward:
        step = -step
    yield plus(gap if step > 0 else plus({}, gap, -1), constant(-abs(step)))


def step_of(loop: Loop) -> int | None:
    """By how much its index goes on, if that is known."""
    if not isinstance(loop, For) or not isinstance(loop.step, Lit):
        return None
    return loop.step.value if type(loop.step.value) is int else None


def counts(
    lineage: Lineage, system: Sequence[Form], choices: Sequence[list[list[Form]]]
) -> list:
    """The symbols that are lengths, or numbers of elements, and so not negative."""
    forms = [*system, *(f for cases in choices for case in cases for f in case)]
    names = dict.fromkeys(name for form in forms for name in form)
    return [name for name in names if _is_count(lineage, name)]


def _is_count(lineage: Lineage, name: object) -> bool:
    if isinstance(name, tuple) and name[0] in ("size", "axis"):
        return True
    var = name[0] if isinstance(name, tuple) else name
    made = lineage.maker.get(var) if isinstance(var, Var) else None
    return isinstance(made, Op) and made.prim in COUNTS


# ---- elements ------------------------------------------------------------------------


def elements(trip: Trip, access: Access, base: Kind) -> list[list[list[Form]]]:
    """What is known of the number of an element along each axis, case by case."""
    found: list[list[list[Form]]] = []
    operands = access.operands
    if isinstance(base, List):
        numbers = numbers_of_entry(base, str(access.op.attrs["path"])) or ()
        if all(is_whole(operands[number]) for number in numbers):
            for axis, number in enumerate(numbers):
                size = symbol(("axis", axis))
                found += _along(trip, number, operands, axis, size)
        return found
    if not isinstance(base, Array):
        return found
    step = parse_path(str(access.op.attrs["path"]))[0]
    if not isinstance(step, Subscript):
        return found
    numbers = [item for item in step.items if isinstance(item, int)]
    if not all(indices(trip, operands[item]) for item in numbers):
        return found  # an array of indices, a mask: any element
    axis = 0
    taken = sum(item is not None and item is not ... for item in step.items)
    for item in step.items:
        if item is None:
            continue
        if item is ...:
            if base.rank is None:
                return found
            axis = base.rank - taken
            continue
        taken -= 1
        found += _along(trip, item, operands, axis, length(base, axis))
        axis += 1
    return found


def _along(
    trip: Trip, item: object, operands: Sequence[Atom], axis: int, size: Form
) -> list[list[list[Form]]]:
    e = symbol(("element", axis))
    inside = [e, less(e, size)]
    if isinstance(item, int):
        cases = []
        for index in map(trip.form, indices(trip, operands[item])):
            from_end = plus(index, size)
            cases.append([*inside, index, plus(e, index, -1), plus(index, e, -1)])
            cases.append(
                [
                    *inside,
                    less(index, constant(0)),
                    plus(e, from_end, -1),
                    plus(from_end, e, -1),
                ]
            )
        return [cases]
    assert isinstance(item, Slice)
    step = None if item.step is None else operands[item.step]
    if step is not None and not (isinstance(step, Lit) and is_positive(step.value)):
        return [[inside]]
    found = [[inside]]
    if item.start is not None and is_whole(operands[item.start]):
        start = trip.form(operands[item.start])
        found.append(
            [
                [start, plus(e, start, -1)],
                [less(start, constant(0)), plus(e, plus(start, size), -1)],
            ]
        )
    if item.stop is not None and is_whole(operands[item.stop]):
        stop = trip.form(operands[item.stop])
        found.append(
            [
                [stop, less(e, stop)],
                [less(stop, constant(0)), less(e, plus(stop, size))],
            ]
        )
    return found


def length(base: Array, axis: int) -> Form:
    dim = base.dims[axis] if base.dims is not None and axis < len(base.dims) else None
    if type(dim) is int:
        return constant(dim)
    if isinstance(dim, str) and not dim.startswith("~"):
        return symbol(("size", dim))
    return symbol(("axis", axis))


def indices(trip: Trip, atom: Atom) -> Sequence[Atom]:
    """The whole numbers that an index is, or lists one by one; none of another."""
    if is_whole(atom):
        return (atom,)
    made = trip.lineage.maker.get(atom) if isinstance(atom, Var) else None
    listed = isinstance(made, Op) and made.prim == "list"
    return made.args if listed and all(map(is_whole, made.args)) else ()  # type: ignore


def is_whole(atom: Atom) -> bool:
    """Is it a whole number, with which index arithmetic is done?"""
    if isinstance(atom, Lit):
        return type(atom.value) is int
    return isinstance(atom.kind, Scalar) and atom.kind.dtype in ("int", "int64")


def is_positive(value: object) -> bool:
    return type(value) is int and value > 0
