"""Adjoints while the reverse half is built: where each one stands, and what adds to it.

A *scope* is one block of the reverse half, the mirror of one block of the forward half.
It knows the adjoint, so far, of every place that something in it has added to. A place
is a variable and the entries that lead into it, when it is a container.

An adjoint starts at its first contribution. A place that belongs to an outer block gets
its value from the scope outside: a branch goes on from what stands there, and a loop
carries it as an accumulator, made when it is first touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from types import MappingProxyType

from s2sad.ad.seeds import (
    Key,
    bars_name,
    entries,
    gather,
    is_structure,
    kind_at,
    leaves,
    read,
)
from s2sad.ad.tries import decider, never_completes
from s2sad.ad.zeros import accumulate, full, handed_over
from s2sad.analysis.exchanges import exchanges
from s2sad.ir.build import Builder
from s2sad.ir.kinds import (
    BOOL,
    FLOAT,
    FLOAT64,
    Array,
    Kind,
    List,
    Scalar,
    Table,
    Tape,
    Unknown,
    may_vary,
)
from s2sad.ir.nodes import NONE, UNDEF, Atom, Block, For, If, Lit, Var, While
from s2sad.ir.paths import Attribute, Slice, Subscript, parse_path
from s2sad.rules.handles import build, is_lazy, lift
from s2sad.rules.primitive import Written
from s2sad.rules.reach import EVER, NEVER, Reach, condition, either, placed
from s2sad.rules.structural import zero_kind

Place = tuple[Var, Key]
NOTHING = (UNDEF, NONE)
NOTHING_TOLD: Mapping[Key, Reach] = MappingProxyType({})


@dataclass(frozen=True)
class Side:
    """A branch: of which condition, and is it taken if that is true?"""

    cond: Atom
    then: bool


@dataclass(frozen=True)
class Fork:
    """Where a variable is there: by each branch of a condition, `None` for always."""

    cond: Atom
    then: Way | None
    orelse: Way | None

    @property
    def is_told(self) -> bool:
        """Is there one condition that tells it all, where the variable is visible?"""
        return self.cond != UNDEF and not any(
            isinstance(arm, Fork) for arm in (self.then, self.orelse)
        )


Way = Fork | Lit  # `undef` or `None`: what stands there instead
UNTOLD = Fork(UNDEF, None, UNDEF)  # it depends on the trip


@dataclass(frozen=True)
class Facts:
    """Of the forward half: what not every way through it defines, what is exchanged.

    `flags` are arrays of bool that are as full as what they tell of (`telling`).
    """

    ways: Mapping[Var, Way] = field(default_factory=dict)
    exchanged: Mapping[Var, tuple[Atom, ...]] = field(default_factory=dict)
    flags: set[Var] = field(default_factory=set)


def facts_of(body: Block) -> Facts:
    ways: dict[Var, Way] = {}
    _note_ways(body, ways)
    return Facts(ways, exchanges(body))


def _note_ways(block: Block, ways: dict[Var, Way]) -> None:
    for stmt in block.stmts:
        if isinstance(stmt, If):
            _note_branch(stmt, ways)
        elif isinstance(stmt, (For, While)):
            _note_loop(stmt, ways)


def _note_branch(stmt: If, ways: dict[Var, Way]) -> None:
    _note_ways(stmt.then, ways)
    _note_ways(stmt.orelse, ways)
    if not stmt.tests and (stmt.form == "with" or never_completes(stmt.orelse)):
        ends = stmt.then.yields  # who comes by here comes from there
        for out, atom in zip(stmt.outs, ends, strict=True):
            if atom in ways:
                ways[out] = _renamed(ways[atom], stmt)  # type: ignore[index]
        return
    arms = zip(stmt.then.yields, stmt.orelse.yields, strict=True)
    for out, (a, b) in zip(stmt.outs, arms, strict=True):
        if a in NOTHING and b in NOTHING:
            continue
        there = [_way(atom, ways) for atom in (a, b)]
        if there != [None, None]:
            ways[out] = Fork(decider(stmt), *there)


def _note_loop(stmt: For | While, ways: dict[Var, Way]) -> None:
    """What a loop carries may be missing before the trip that makes it."""
    for param, init in zip(stmt.params, stmt.inits, strict=True):
        if UNDEF in ends_of(_way(init, ways)):
            ways[param] = UNTOLD
    while True:
        if isinstance(stmt, While):
            _note_ways(stmt.test, ways)
        _note_ways(stmt.body, ways)
        missing = [
            param
            for param, end in zip(stmt.params, stmt.body.yields, strict=True)
            if param not in ways and UNDEF in ends_of(_way(end, ways))
        ]
        if not missing:
            break
        ways.update(dict.fromkeys(missing, UNTOLD))
    for out, param in zip(stmt.outs, stmt.params, strict=True):
        if param in ways:
            ways[out] = UNTOLD


def _way(atom: Atom, ways: Mapping[Var, Way]) -> Way | None:
    if isinstance(atom, Var):
        return ways.get(atom)
    return atom if atom in NOTHING else None


def _renamed(way: Way, stmt: If) -> Way:
    """The way by the conditions that a block hands out."""
    if isinstance(way, Lit):
        return way
    ends = stmt.then.yields
    cond = stmt.outs[ends.index(way.cond)] if way.cond in ends else way.cond
    arms = [w if w is None else _renamed(w, stmt) for w in (way.then, way.orelse)]
    return Fork(cond, *arms)


def ends_of(way: Way | None) -> Iterator[Lit | None]:
    """What there may be instead; None for the variable itself."""
    if isinstance(way, Fork):
        yield from ends_of(way.then)
        yield from ends_of(way.orelse)
    else:
        yield way


class Scope:
    """The adjoints in one block of the reverse half.

    `outer` is the scope outside, `locals` the forward variables defined in the mirrored
    block, `loop` whether outer adjoints are carried round.
    """

    def __init__(
        self,
        outer: Scope | None,
        inner: set[Var],
        active: frozenset[Var],
        *,
        loop: bool = False,
        facts: Facts | None = None,
        given: Side | None = None,
    ) -> None:
        self.outer = outer
        self.facts: Facts = facts or (outer.facts if outer else Facts())
        self.given = given  # the branch that this is
        self.inner = inner
        self.active = active
        self.loop = loop
        self.b = Builder()
        self.bars: dict[Place, Atom] = {}
        self.twins: dict[Var, Atom] = dict(outer.twins) if outer else {}
        self.reaches: dict[Place, Reach | None] = {}
        self.carried: dict[Place, tuple[Var, Atom]] = {}  # place -> (param, init)

    def in_loop(self) -> bool:
        return self.loop or (self.outer is not None and self.outer.in_loop())

    # ---- what stands here ------------------------------------------------------------

    def get(self, place: Place) -> Atom | None:
        """The adjoint of a place so far; None where nothing has been added."""
        if place in self.bars:
            return self.bars[place]
        if self.outer is None or place[0] in self.inner:
            return None
        if not self.loop:
            return self.outer.get(place)
        return self._carry(place)

    def _carry(self, place: Place) -> Atom:
        """Make the loop carry the adjoint of an outer place."""
        assert self.outer is not None
        outer = self.outer
        kind = kind_at(place[0].kind, place[1])
        if place not in self.reaches:
            touched = outer.touches(place)
            self.reaches[place] = outer.outer_reach(place) if touched else NEVER
        if isinstance(kind, Tape):
            # each trip goes through the whole tape, from its end
            init = handed_over(outer.b, outer.get(place), read(outer.b, *place))
        else:
            init = outer.filled(outer.b, outer.get(place), place, kind)
        param = Var(bar_of(place), carried_kind(kind))
        if not param.name and not place[1]:
            param.derives(place[0], "_bar")
        self.carried[place] = (param, init)
        self.bars[place] = param
        return param

    def filled(self, b: Builder, bar: Atom | None, place: Place, kind: Kind) -> Atom:
        """An adjoint as full as its place, built with `b`.

        What a branch leaves undefined has no shape: its adjoint is undefined, too.
        """
        var, key = place
        if bar is not None and not is_lazy(bar.kind, kind):
            return bar
        if key and isinstance(kind, Tape):
            return handed_over(b, bar, read(b, var, key))
        way = self.taken(self.facts.ways.get(var))
        if isinstance(way, Fork) and not way.is_told:
            if UNDEF in ends_of(way):
                way = None  # where it is unbound nobody reads its adjoint either
            else:
                way = Fork(b.op("is_", (var, NONE), BOOL), NONE, None)
        if isinstance(kind, Scalar):
            way = None
        return self._full_by(b, way, bar, place, kind)

    def _full_by(
        self, b: Builder, way: Way | None, bar: Atom | None, place: Place, kind: Kind
    ) -> Atom:
        """`full`, on the ways on which there is something to ask for its shape."""
        var, key = place
        if way is None:
            return full(b, bar, read(b, var, key), bar_of(place))
        if isinstance(way, Lit):
            return NONE if key else way
        arms = []
        for arm in (way.then, way.orelse):
            with b.block() as region:
                there = self._full_by(b, self.taken(arm), bar, place, kind)
            arms.append(region.close((there,)))
        out = Var(bar_of(place), carried_kind(kind))
        b.add(If((out,), way.cond, *arms, span=b.span))
        return out

    def taken(self, way: Way | None) -> Way | None:
        """What is left of the forks of a way in the branches that this scope is in."""
        sides = {side.cond: side.then for side in self.branches()}
        while isinstance(way, Fork) and way.cond in sides:
            way = way.then if sides[way.cond] else way.orelse
        return way

    def branches(self) -> Iterator[Side]:
        """The branches that this scope is in."""
        scope: Scope | None = self
        while scope is not None:
            if scope.given is not None:
                yield scope.given
            scope = scope.outer

    def touched(self) -> list[Place]:
        """The outer places that were added to here, in order."""
        return [place for place in self.bars if place[0] not in self.inner]

    # ---- the protocol that rules see -------------------------------------------------

    def wants(self, arg: Atom) -> bool:
        return isinstance(arg, Var) and arg in self.active

    def reach(self, out: Atom, *key: object) -> Reach | None:
        """Where an output reaches the result; None if it always does."""
        return self.reaches.get((out, key))  # type: ignore[arg-type]

    def reached(self, place: Place, reach: Reach | None) -> None:
        """Note one more way to the result; before its adjoint is added."""
        known = place in self.bars or (
            self.outer is not None
            and place[0] not in self.inner
            and self.outer.touches(place)
        )
        if known:
            reach = either(self.outer_reach(place), reach)
        self.reaches[place] = reach

    def touches(self, place: Place) -> bool:
        """Has anything been added to a place, here or outside?"""
        if place in self.bars:
            return True
        outer = self.outer
        return outer is not None and place[0] not in self.inner and outer.touches(place)

    def outer_reach(self, place: Place) -> Reach | None:
        """The reach so far of a place, noted here or outside."""
        if place in self.reaches or self.outer is None:
            return self.reaches.get(place)
        return self.outer.outer_reach(place)

    def leave(self, blocks: Sequence[Scope], flags: Mapping[Place, Var]) -> None:
        """Take over what blocks inside have noted; `flags` hold what is hidden here."""
        for place in dict.fromkeys(p for block in blocks for p in block.reaches):
            if place[0] in blocks[0].inner or place[0] in blocks[-1].inner:
                continue
            if place in flags:
                self.reaches[place] = Reach(((flags[place], True),))
                continue
            noted = [b.reaches[place] for b in blocks if place in b.reaches]
            self.reached(place, reduce(either, noted))

    def hidden(self, blocks: Sequence[Scope], places: Iterable[Place]) -> list[Place]:
        """The places whose reach is told by tests that only blocks inside can read."""
        found = []
        inner = [block.here() for block in blocks]
        for place in places:
            noted = [block.reaches.get(place, NEVER) for block in blocks]
            if self.touches(place):
                noted.append(self.outer_reach(place) or EVER)
            if any(reach in (None, EVER) for reach in noted):
                continue
            pairs = zip(noted, inner, strict=False)
            if not all(reach.known(names) for reach, names in pairs):  # type: ignore[union-attr]
                found.append(place)
        return found

    def flag(self, place: Place, noted: Reach | None = None) -> Atom:
        """Whether a place reaches the result, so far: an array of bool, or one."""
        reach = self.outer_reach(place) if noted is None else noted
        if reach is not None and len(reach.tests) == 1 and self.touches(place):
            ((told, holds),) = reach.tests
            if holds and told in self.facts.flags:
                return told
        test = lift(self.b, False)
        if noted is not None or self.touches(place):
            test = condition(self.b, reach)  # type: ignore[arg-type]
        kind = kind_at(place[0].kind, place[1])
        if not isinstance(kind, Array):
            return test.atom
        known = kind.dims is not None and None not in kind.dims
        if known and getattr(test.kind, "dims", None) == kind.dims:
            return test.atom
        like = lift(self.b, read(self.b, *place))
        return build("full_like", like, test, dtype="bool").atom

    def any_told(self, places: Iterable[Place]) -> bool:
        """Is there one that has an adjoint, and does not always count?"""
        return any(self.touches(p) and self.outer_reach(p) is not None for p in places)

    def told(self, place: Place, kind: Kind) -> Atom | None:
        """Whether a leaf reaches the result, for another function; None if always."""
        var, key = place
        if var in self.facts.ways:
            return None
        if self.touches(place) and self.outer_reach(place) is None:
            return None
        if any(self.touches((var, key[:cut])) for cut in range(len(key))):
            return None  # what holds it got an adjoint as a whole
        flag = self.flag(place)
        return flag if flag.kind == flag_kind(kind) else None

    def here(self) -> set[Var]:
        """What can only be read in this block: forward values, and what it made."""
        made = {out for stmt in self.b.stmts for out in stmt.outs}
        return self.inner | made

    def exchanges(self, out: Var) -> tuple[Atom, ...] | None:
        """Where the places come from, if a write made two of them change places."""
        return self.facts.exchanged.get(out)

    def take(self, out: Atom) -> Atom | None:
        """The adjoint of an output, complete now; it is not added to again."""
        assert isinstance(out, Var)
        if not is_structure(out.kind):
            return self.bars.pop((out, ()), None)
        return self.whole(out)

    def item(self, out: Atom, entry: object) -> Atom | None:
        """The adjoint of one entry of a container."""
        assert isinstance(out, Var)
        return self.whole(out, (entry,))

    def add(self, arg: Atom, bar: Atom, reach: Reach | None = None) -> None:
        """Accumulate into an argument."""
        if self.wants(arg):
            assert isinstance(arg, Var)
            self.add_place((arg, ()), arg.kind, bar, reach)

    def add_at(
        self,
        arg: Atom,
        path: str,
        index: Sequence[Atom],
        bar: Atom,
        reach: Reach | None = None,
    ) -> None:
        """Accumulate into a part of an argument."""
        if not self.wants(arg):
            return
        assert isinstance(arg, Var)
        key, kind, path, index = descend(arg.kind, path, index)
        if not path:
            self.add_place((arg, key), kind, bar, reach)
            return
        place = (arg, key)
        if isinstance(kind, Array):
            base = lift(self.b, read(self.b, *place))
            reach = placed(self.b, reach, base, path, index)
        self.reached(place, reach)
        name = bar_of(place)
        now = self.get(place)
        base = full(self.b, now, read(self.b, *place), name)
        attrs = {"path": path}
        if isinstance(base.kind, Unknown) and set(path.split("[#]")) == {""}:
            # it may be a tuple, which nothing can be written into
            self.bars[place] = self.b.op(
                "add_entry", (base, bar, *index), base.kind, name
            )
            return
        if isinstance(base.kind, List) and has_slice(path):
            # `+=` on a slice of a list would put in more items
            part = self.b.op("getitem", (base, *index), bar.kind, attrs=attrs)
            bar = self.b.op("add_items", (part, bar), bar.kind)
            self.bars[place] = self.b.op(
                "setitem", (base, bar, *index), base.kind, name, attrs
            )
            return
        items = base.kind.elem if isinstance(base.kind, (List, Table)) else None
        if items == FLOAT and isinstance(bar, Var) and isinstance(bar.kind, Scalar):
            bar = self.b.op("float", (bar,), FLOAT)  # as the list says of its items
        bar = self.b.op("additem", (base, bar, *index), base.kind, name, attrs)
        self.bars[place] = bar if name else named(bar, name, place)

    def pass_on(
        self, out: Atom, base: Atom, path: str, index: Sequence[Atom]
    ) -> Written | None:
        """Hand the entries of a container that a write leaves alone to what it was."""
        assert isinstance(out, Var)
        if not is_structure(out.kind):
            return None
        key, kind, rest, left = descend(out.kind, path, index)
        if not key or rest and not isinstance(kind, Array):
            return None
        for other, item in leaves(out.kind):
            if other[: len(key)] == key:
                continue
            bar = self.leaf(out, other)
            if bar is not None and self.wants(base):
                assert isinstance(base, Var)
                reach = self.reach(out, *other)
                self.add_place((base, other), item, bar, reach)
        bar = self.whole(out, key)
        if bar is not None and rest:
            bar = self.filled(self.b, bar, (out, key), kind)
        way = path[: len(path) - len(rest)], tuple(index[: len(index) - len(left)])
        return Written(bar, way, (rest, tuple(left)))

    # ---- places ----------------------------------------------------------------------

    def add_place(
        self,
        place: Place,
        kind: Kind,
        bar: Atom,
        reach: Reach | None = None,
        reaches: Mapping[Key, Reach] = NOTHING_TOLD,
    ) -> None:
        """Accumulate into a place; a container is added entry by entry.

        `reaches` tells of the leaves of a container what `reach` tells of others.
        """
        var, key = place
        if is_structure(kind) and not is_whole(bar.kind):
            for entry, item in entries(kind):
                if may_vary(item):
                    part, way = self._part(bar, entry, item), (*key, entry)
                    self.add_place((var, way), item, part, reaches.get(way), reaches)
            return
        self.reached(place, reach)
        now = self.get(place)
        name = bar_of(place)
        bar = as_number(self.b, as_entries(self.b, bar, kind), kind)
        if now is None:
            self.bars[place] = named(bar, name, place)
            return
        self.bars[place] = named(accumulate(self.b, now, bar, kind), name, place)

    def _part(self, bar: Atom, entry: object, kind: Kind) -> Atom:
        """One entry of a container's adjoint; stacked ones are the rows of an array."""
        if is_structure(bar.kind):
            return read(self.b, bar, (entry,))
        return self.b.op("getitem", (bar, Lit(entry)), kind, attrs={"path": "[#]"})

    def whole(self, var: Var, key: Key = ()) -> Atom | None:
        """The adjoint of a container, or of a part of it, as one value.

        None where nothing has been added. Entries that got nothing are zero.
        """
        kind = kind_at(var.kind, key)
        parts = [p for p in self.bars if p[0] is var and overlap(p[1], key)]
        if not parts:
            outer = self.outer
            if outer is None or var in self.inner:
                return None
        if not is_structure(kind):
            return self.leaf(var, key)
        if parts == [(var, key)] and (self.outer is None or var in self.inner):
            return self.bars[var, key]
        if all(self.leaf(var, path) is None for path, _ in leaves(kind, key)):
            return None

        def filled(path: Key) -> Atom:
            bar = self.leaf(var, path)
            return self.filled(self.b, bar, (var, path), kind_at(var.kind, path))

        return gather(self.b, kind, key, filled)

    def leaf(self, var: Var, key: Key) -> Atom | None:
        """The adjoint of one leaf: its own, and its share of any container's."""
        total = self.get((var, key)) if self._known(var, key) else None
        for cut in range(len(key)):
            holder = (var, key[:cut])
            if holder not in self.bars:
                continue
            part = self.bars[holder]
            for depth in range(cut, len(key)):
                kind = kind_at(var.kind, key[: depth + 1])
                part = self._part(part, key[depth], kind)
            if total is not None:
                part = accumulate(self.b, total, part, kind_at(var.kind, key))
            total = part
        return total

    def _known(self, var: Var, key: Key) -> bool:
        return (var, key) in self.bars or (
            self.outer is not None and var not in self.inner
        )


def as_entries(b: Builder, bar: Atom, kind: Kind) -> Atom:
    """The adjoint of a list, where a rule gives that of the array it stands for."""
    if not isinstance(kind, List) or not isinstance(bar.kind, Array):
        return bar
    if isinstance(kind.elem, Array):
        return build("rows", lift(b, bar), spelling="list").atom
    return build("tolist", lift(b, bar)).atom


def as_number(b: Builder, bar: Atom, kind: Kind) -> Atom:
    """An adjoint that may be an array for all its kind tells, where that of a number is
    asked for: what a branch hands on that ends with a number on one way.
    """
    if not isinstance(kind, Scalar) or isinstance(bar.kind, Scalar):
        return bar
    if isinstance(bar.kind, Array) and bar.kind.dims is None:
        return b.op("present", (bar,), Scalar(bar.kind.dtype))
    return b.op("present", (bar,), FLOAT64) if type(bar.kind) is Unknown else bar


def is_whole(kind: Kind) -> bool:
    """An adjoint not taken apart: of a list that grows, of what a callee kept."""
    return isinstance(kind, (Unknown, Table)) or (
        isinstance(kind, List) and kind.items is None
    )


def carried_kind(kind: Kind) -> Kind:
    """The kind of an accumulator: an int that was promoted carries a float."""
    kind = zero_kind(kind)
    if isinstance(kind, Scalar) and kind.dtype == "int":
        return Scalar("float")
    return kind


def flag_kind(kind: Kind) -> Kind:
    """The kind of what tells, element by element, whether such a value counts."""
    return Array("bool", kind.dims) if isinstance(kind, Array) else BOOL


def bar_of(place: Place) -> str:
    """`x_bar`; `w_bar` for the entry "w" of a container."""
    var, key = place
    last = key[-1] if key else var.name
    if isinstance(last, str) and last.isidentifier():
        return bars_name(last)
    return bars_name("_".join(map(str, (var.name, *key)))) if var.name else ""


def bar_var(place: Place, kind: Kind) -> Var:
    """A variable for the adjoint of a place, where branches or trips meet."""
    made = Var(bar_of(place), kind)
    var, key = place
    if not key:
        made.derives(var, "_bar")
    return made


def named(bar: Atom, name: str, place: Place) -> Atom:
    """Name a fresh, unnamed value for what it is the adjoint of."""
    if isinstance(bar, Var) and not bar.name:
        bar.name = name
        var, key = place
        if not key and (name or bar.of is None):
            bar.derives(var, "_bar")
    return bar


def descend(
    kind: Kind, path: str, index: Sequence[Atom]
) -> tuple[Key, Kind, str, Sequence[Atom]]:
    """Follow a path through containers of known structure as far as literals lead."""
    key: list[object] = []
    operands = list(index)
    steps = parse_path(path)
    done = 0
    for step in steps:
        if not is_structure(kind):
            break
        if isinstance(step, Attribute):
            entry: object = step.name
        else:
            assert isinstance(step, Subscript)
            first = step.items[0]
            if step.is_tuple or not isinstance(first, int):
                break
            atom = index[first]
            if not isinstance(atom, Lit):
                break
            entry = atom.value
            if isinstance(entry, int) and entry < 0:
                entry += len(entries(kind))
            operands.pop(0)
        kind = dict(entries(kind))[entry]
        key.append(entry)
        done += 1
    rest = rest_of(path, done)
    return tuple(key), kind, rest, operands


def rest_of(path: str, steps: int) -> str:
    """The path without its first steps."""
    for _ in range(steps):
        if path[0] == ".":
            end = next((k for k, c in enumerate(path) if k and c in ".["), len(path))
            path = path[end:]
        else:
            path = path[path.index("]") + 1 :]
    return path


def overlap(a: Key, b: Key) -> bool:
    return all(x == y for x, y in zip(a, b, strict=False))


def has_slice(path: str) -> bool:
    """Does a path end in a slice?"""
    step = parse_path(path)[-1]
    return isinstance(step, Subscript) and isinstance(step.items[0], Slice)
