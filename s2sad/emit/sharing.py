"""Sharing: which values may lie in the same memory, and what must be copied for it.

    b = setitem a[i], v       b[i] = v: `a` itself changes, and all that shares with it

A write is made in place if nothing that is read later may share memory with what it
changes: not the old version, no view of it, no tape it was pushed to, no argument of
the caller's. Otherwise the smallest piece is copied: the view, the pushed value, the
value a loop starts from, or at last the whole array before the write.

Memory is told apart by *symbols*, one for each place in the program that allocates,
each parameter and each value carried by a loop. A variable has a set of them for its
own buffer and one for what it holds. Two values carried by a loop are taken to be apart
unless something makes them meet, so that a swap of two buffers costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from s2sad.analysis.absent import may_be_absent
from s2sad.emit.classes import Classes
from s2sad.emit.families import UPDATES as WRITES
from s2sad.emit.nest import Nesting
from s2sad.emit.ranges import Ranges
from s2sad.emit.spelling import BINARY, PREFIX
from s2sad.ir.kinds import (
    Array,
    Dict,
    Kind,
    List,
    Object,
    Scalar,
    Table,
    Tape,
    Tuple,
    Unknown,
)
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    For,
    Function,
    If,
    Lit,
    Op,
    Stmt,
    Var,
    While,
)
from s2sad.ir.paths import Slice, Step, Subscript, parse_path
from s2sad.ir.sources import is_source
from s2sad.ir.walk import definitions
from s2sad.rules import TABLE
from s2sad.rules.einsum import is_view as is_turned
from s2sad.rules.streams import State

Edge = tuple[object, ...]  # (id of statement, where in it)

# Primitives whose result may be, or look into, their first operand.
VIEWS = frozenset(
    """
    transpose reshape ravel swapaxes expand_dims squeeze broadcast_to moveaxis rollaxis
    atleast_1d atleast_2d atleast_3d asarray asanyarray ascontiguousarray require view
    diagonal diag flip flipud fliplr rot90 real imag astype stop_gradient
    split array_split hsplit vsplit dsplit matrix_transpose permute_dims identity
    real_if_close broadcast_arrays nan_to_num trim_zeros unstack unbroadcast
    """.split()
)


def may_view(op: Op) -> bool:
    """May the result of a call look into the memory of its first operand?"""
    if op.prim == "einsum":
        return is_turned(op.args, op.attrs)
    if op.prim == "matrix_power":
        return op.attrs.get("n") == 1  # the matrix itself
    if op.prim == "array":
        return "copy" in op.attrs  # perhaps no copy: the array itself
    if op.prim == "diag" and isinstance(op.outs[0].kind, Array):
        return op.outs[0].kind.rank != 2  # a vector is put into a new matrix
    return op.prim in VIEWS


READ_ONLY = frozenset({"broadcast_to", "broadcast_arrays", "diagonal", "diag"})
HOLDERS = frozenset({"tuple", "list", "dict", "object"})
NEW = frozenset({"tape", "zeros_like", "zeros_of", "zero_entries"})

EXTERNAL = 1  # the symbol of memory that others know of: never written


def is_mutable(kind: Kind) -> bool:
    """May a value of this kind be changed by somebody who holds it?

    A source of random numbers is never copied: it would draw the same again.
    """
    if isinstance(kind, (Scalar, Array)):  # nearly always
        return isinstance(kind, Array)
    if isinstance(kind, Object) and (is_source(kind.cls) or kind.cls is State):
        return False
    if isinstance(kind, (List, Dict, Table, Object, Tape, Unknown)):
        return True
    return isinstance(kind, Tuple) and any(map(is_mutable, kind.items))


def holds(kind: Kind) -> bool:
    """May it hold other values that can be changed?"""
    if isinstance(kind, (Tape, Table)):
        return is_mutable(kind.elem)
    if isinstance(kind, List) and kind.items is None:
        return kind.elem is None or is_mutable(kind.elem)
    if isinstance(kind, Unknown):
        return True
    if isinstance(kind, (List, Tuple, Dict, Object)):
        return any(map(is_mutable, kind.items or ()))
    return False


@dataclass
class Copies:
    """What has to be copied, with the reason that the text gives."""

    edges: dict[Edge, str] = field(default_factory=dict)
    writes: dict[int, str] = field(default_factory=dict)  # id of a setitem or additem
    apart: set[int] = field(default_factory=set)  # ids of sums not made in place

    def parts(self) -> tuple[dict[Edge, str], dict[int, str], set[int]]:
        return dict(self.edges), dict(self.writes), set(self.apart)


class Sharing:
    """What each variable's memory may be, given the copies decided on so far."""

    def __init__(
        self,
        function: Function,
        nesting: Nesting,
        ranges: Ranges,
        classes: Classes,
        copies: Copies,
        may_augment: Callable[[Op], bool],
    ) -> None:
        self.top = function
        self.absent = may_be_absent(function.body)
        self.nesting = nesting
        self.ranges = ranges
        self.classes = classes
        self.copies = copies
        self.may_augment = may_augment
        self.own: dict[Var, int] = {}
        self.inner: dict[Var, int] = {}
        self.share: list[int] = [EXTERNAL]  # symbol -> the symbols it may share with
        self.related = 0  # how often some were found to share
        self.symbols: dict[tuple[object, str], int] = {}
        self.sources: dict[Var, dict[tuple[Var, Edge | None], None]] = {}
        self.writes: dict[
            int, tuple[Op, int]
        ] = {}  # and the position of what it changes
        self.pushes: set[Edge] = set()
        self.makers: dict[Var, Op] = {}
        self.parts: dict[tuple[int, str, object], Var] = {}
        self.doubtful: list[tuple[Op, str]] = []
        self.walked: set[Var] = set()  # what lies above them has been looked at
        self.outside: dict[Edge, str] = {}  # a copy before a loop that saves others
        self.loops: tuple[int, ...] = ()  # ids of the loops around, outer first
        self.born: list[tuple[int, ...]] = [()]  # symbol -> the loops around its place
        # where something is put into what holds it, and in which loops
        self.entries: dict[Edge, tuple[int, ...]] = {}

    # ---- symbols ---------------------------------------------------------------------

    def symbol(self, key: object, part: str = "") -> int:
        """The mask of the symbol made for a variable."""
        number = self.symbols.get((key, part))
        if number is None:
            number = self.symbols[key, part] = len(self.share)
            self.share.append(1 << number)
            self.born.append(self.loops)
        return 1 << number

    def relate(self, symbol: int, mask: int) -> None:
        """Let a symbol share with others."""
        number = symbol.bit_length() - 1
        if mask | self.share[number] == self.share[number]:
            return
        self.related += 1
        self.share[number] |= mask
        for other in bits(mask):
            if other:  # all share with EXTERNAL what they like; it is nobody's
                self.share[other] |= symbol

    def reach(self, mask: int) -> int:
        found = 0
        for number in bits(mask):
            found |= self.share[number]
        return found

    # ---- values ----------------------------------------------------------------------

    def all_of(self, atom: Atom) -> int:
        if isinstance(atom, Lit):
            return 0
        return self.own.get(atom, 0) | self.inner.get(atom, 0)

    def come(
        self, var: Var, atom: Atom, edge: Edge | None, *, into: str = "as"
    ) -> None:
        """`var` gets the memory of `atom`: as itself, in what it holds, or out of it.

        Cut by a copy, it gets memory of its own; the copy of a tape is shallow.
        """
        if isinstance(atom, Lit):
            return
        own, inner = self.own.get(atom, 0), self.inner.get(atom, 0)
        if edge is not None and edge in self.copies.edges:
            made = self.symbol((var, edge))
            if isinstance(atom.kind, Tape):
                own = made
            else:
                own, inner = made, (self.symbol((var, edge), "inner") if inner else 0)
            cut = True
        else:
            cut = False
        if into == "as":
            if is_mutable(var.kind):
                self.own[var] = self.own.get(var, 0) | own
                self.inner[var] = self.inner.get(var, 0) | inner
        elif into == "in":
            self.inner[var] = self.inner.get(var, 0) | own | inner
            if edge is not None and own:
                self.entries[edge] = self.loops
        elif is_mutable(var.kind):
            held = inner if holds(atom.kind) else own
            self.own[var] = self.own.get(var, 0) | held
            self.inner[var] = self.inner.get(var, 0) | (held if holds(var.kind) else 0)
        if not cut and (own or inner):
            self.sources.setdefault(var, {})[atom, edge] = None

    def edge(self, atom: Atom, *place: object) -> Edge | None:
        """Where a value is handed on and may be copied: not if there may be none."""
        return None if atom in self.absent else place

    def fresh(self, var: Var) -> None:
        if is_mutable(var.kind):
            self.own[var] = self.own.get(var, 0) | self.symbol(var)

    def external(self, var: Var) -> None:
        if is_mutable(var.kind):
            self.own[var] = self.symbol(var)
            self.relate(self.own[var], EXTERNAL)
            if holds(var.kind):
                self.inner[var] = self.symbol(var, "inner")
                self.relate(self.inner[var], EXTERNAL)

    # ---- the walk --------------------------------------------------------------------

    def function(self, function: Function) -> None:
        for param in function.params:
            self.external(param.var)
        self.block(function.body)

    def block(self, block: Block) -> None:
        for stmt in block.stmts:
            if isinstance(stmt, Op):
                self.op(stmt)
            elif isinstance(stmt, Call):
                for out in stmt.outs:  # results of our functions share with nothing
                    self.fresh(out)
                    if holds(out.kind):
                        self.inner[out] = self.symbol(out, "inner")
            elif isinstance(stmt, If):
                self.block(stmt.then)
                self.block(stmt.orelse)
                self.join(stmt)
            else:
                self.loop(stmt)

    def op(self, op: Op) -> None:
        for out in op.outs:
            self.makers[out] = op
        if op.prim in WRITES:
            self.write(op)
            return
        over = self.nesting.reuse.get(id(op))
        if over is not None and id(op) not in self.copies.apart:
            self.come(op.outs[0], op.args[over], None)
            self.writes[id(op)] = (op, over)
            return
        if op.prim in ("add", "sub", "mul", "div") and op.outs:
            if id(op) not in self.copies.apart and isinstance(op.outs[0].kind, Array):
                # a number that an array is added to makes a new one
                if is_mutable(op.args[0].kind) and self.may_augment(op):
                    self.come(op.outs[0], op.args[0], None)
                    self.writes[id(op)] = (op, 0)
                    return
        mutable = [out for out in op.outs if is_mutable(out.kind)]
        if not mutable:
            return
        out = mutable[0]
        if op.prim == "getitem":
            if is_list_slice(op):
                self.fresh(out)
                if holds(out.kind):
                    self.come(out, op.args[0], (id(op), 0), into="in")
            elif is_view(op):
                self.come(out, op.args[0], (id(op), 0), into="out")
            else:
                self.fresh(out)
        elif op.prim in HOLDERS:
            if op.prim != "tuple":
                self.fresh(out)
            for k, arg in enumerate(op.args):
                self.come(out, arg, (id(op), k), into="in")
        elif op.prim == "free":
            self.external(out)
        elif op.prim == "opaque":
            for out in mutable:
                self.external(out)
        elif op.prim == "copy" and holds(out.kind):
            self.fresh(out)  # shallow: what it holds is shared
            self.come(out, op.args[0], (id(op), 0), into="in")
        elif op.prim in LISTERS:
            self.fresh(out)
            if holds(out.kind):
                for k, arg in enumerate(op.args):
                    self.come(out, arg, (id(op), k), into="in")
        elif may_view(op) and holds(out.kind):
            self.views_of(op, out)
        elif may_view(op):
            for out in mutable:
                self.come(out, op.args[0], (id(op), 0))
                if op.prim in READ_ONLY and (id(op), 0) not in self.copies.edges:
                    self.own[out] = self.own.get(out, 0) | self.symbol(out)
                    self.relate(self.symbol(out), EXTERNAL)
        else:
            for out in mutable:
                self.fresh(out)
                if isinstance(out.kind, Array) or allocates(op.prim):
                    continue
                for k, arg in enumerate(op.args):  # min(a, b) of two arrays, sorted
                    self.come(out, arg, (id(op), k))
                    self.come(out, arg, (id(op), k), into="in")

    def views_of(self, op: Op, out: Var) -> None:
        """Several views in one result: of one array cut up, or of one operand each."""
        self.fresh(out)
        for k, arg in enumerate(op.args if op.prim in READ_ONLY else op.args[:1]):
            self.come(out, arg, (id(op), k), into="in")
            if op.prim in READ_ONLY and (id(op), k) not in self.copies.edges:
                made = self.symbol(out, "inner")
                self.inner[out] = self.inner.get(out, 0) | made
                self.relate(made, EXTERNAL)

    def write(self, op: Op) -> None:
        base, out = op.args[0], op.outs[0]
        if is_remade(op):  # nothing is written; what the tuple holds is shared
            self.come(out, base, (id(op), 0), into="in")
            if op.prim == "setitem":
                self.come(out, op.args[1], (id(op), 1), into="in")
            return
        if id(op) in self.copies.writes:
            self.fresh(out)
            if isinstance(base, Var) and isinstance(base.kind, Tape):
                self.inner[out] = self.inner.get(base, 0)
            elif holds(out.kind):
                self.inner[out] = self.symbol(out, "inner")
        else:
            self.come(out, base, None)
        self.writes[id(op)] = (op, 0)
        if op.prim == "pop":
            self.come(op.outs[1], base, (id(op), 0), into="out")
        elif op.prim in ("push", "append") or holds(out.kind):
            if op.prim not in ("additem", "taken_out"):
                at = value_of(op)
                self.come(out, op.args[at], (id(op), at), into="in")
            if op.prim == "push":
                self.pushes.add((id(op), 1))

    def join(self, stmt: If) -> None:
        """What a branch ends with: the memory of either way.

        Two results that are apart on each way may still have the same names of memory,
        one on this way and one on that: `if full: rows.append(row); row = []`. They get
        symbols of their own, which meet where those of a way do.
        """
        ways: list[list[Var]] = []
        for branch, word in ((stmt.then, "then"), (stmt.orelse, "else")):
            ways.append([])
            for k, out in enumerate(stmt.outs):
                way = self.part(stmt, word, k, Var("", out.kind))
                self.own[way] = self.inner[way] = 0
                atom = branch.yields[k]
                self.come(way, atom, self.edge(atom, id(stmt), word, k))
                for source in self.sources.get(way, {}):
                    self.sources.setdefault(out, {})[source] = None
                ways[-1].append(way)
        entries: list[tuple[Var, Edge, str]] = []
        cross = self.cross(ways)
        for k, (out, *ends) in enumerate(zip(stmt.outs, *ways, strict=True)):
            if not is_mutable(out.kind):
                continue
            edge = (id(stmt), "out", k)
            for table, part in ((self.own, ""), (self.inner, "inner")):
                mask = table.get(ends[0], 0) | table.get(ends[1], 0)
                if not cross or not mask:
                    table[out] = table.get(out, 0) | mask
                    continue
                table[out] = self.symbol(out, part)
                places = (self.born[number] for number in bits(mask))
                self.born[table[out].bit_length() - 1] = min(places, key=len)
                entries.append((out, edge, part))
        mine = 0
        for out, _, part in entries:
            mine |= self.symbol(out, part)
        for way in ways:
            masks = [self.masks(way[e[1][2]], e[2]) for e in entries]  # type: ignore[index]
            self.meet(entries, masks, mine, 0)

    def cross(self, ways: Sequence[Sequence[Var]]) -> bool:
        """Are two values apart on each of the ways, and not from one way to another?"""
        masks = [[self.all_of(var) for var in way] for way in ways]
        either = [here | there for here, there in zip(*masks, strict=True)]
        return any(
            self.reach(either[i]) & either[j]
            and not any(self.reach(way[i]) & way[j] for way in masks)
            for i in range(len(either))
            for j in range(i)
        )

    def loop(self, stmt: For | While) -> None:
        """Carried values are apart until something makes them meet."""
        entries: list[tuple[Var, Edge, str]] = []
        for k, (param, init) in enumerate(zip(stmt.params, stmt.inits, strict=True)):
            if not is_mutable(param.kind) and not is_mutable(stmt.outs[k].kind):
                continue
            started = Var(
                "", param.kind if is_mutable(param.kind) else stmt.outs[k].kind
            )
            started = self.part(stmt, "init", k, started)
            self.come(started, init, self.edge(init, id(stmt), "init", k))
            self.own[param] = self.symbol(param)
            entries.append((param, (id(stmt), "init", k), ""))
            if holds(started.kind):
                self.inner[param] = self.symbol(param, "inner")
                entries.append((param, (id(stmt), "init", k), "inner"))
            for source in self.sources.get(started, {}):
                self.sources.setdefault(param, {})[source] = None
        mine = 0
        for param, _, part in entries:
            mine |= self.symbol(param, part)
        starts = [self.masks(self.part(stmt, "init", e[1][2]), e[2]) for e in entries]
        self.meet(entries, starts, mine, 0)
        outside, self.loops = self.loops, (*self.loops, id(stmt))
        while True:
            known = len(self.share), self.related
            if isinstance(stmt, While):
                self.block(stmt.test)
            self.block(stmt.body)
            ends = []
            for param, edge, part in entries:
                number = edge[2]
                assert isinstance(number, int)
                again = self.part(
                    stmt, "yield", number, Var("", stmt.outs[number].kind)
                )
                self.own[again] = self.inner[again] = 0
                end = stmt.body.yields[number]
                self.come(again, end, self.edge(end, id(stmt), "yield", number))
                for source in self.sources.get(again, {}):
                    self.sources.setdefault(param, {})[source] = None
                ends.append(self.masks(again, part))
            local = self.local_symbols(stmt)
            self.meet(entries, ends, mine, local)
            if known == (len(self.share), self.related):
                break
        self.loops = outside
        for param, out in zip(stmt.params, stmt.outs, strict=True):
            if param in self.own:
                self.own[out] = self.own[param]
                self.inner[out] = self.inner.get(param, 0)
                self.sources.setdefault(out, {})[param, None] = None

    def part(self, stmt: Stmt, word: str, k: object, made: Var | None = None) -> Var:
        """The stand-in for what a carried value starts from, or goes on as."""
        key = (id(stmt), word, k)
        if key not in self.parts:
            assert made is not None
            self.parts[key] = made
        return self.parts[key]

    def masks(self, var: Var, part: str) -> int:
        return self.inner.get(var, 0) if part else self.own.get(var, 0)

    def meet(
        self,
        entries: list[tuple[Var, Edge, str]],
        masks: list[int],
        mine: int,
        local: int,
    ) -> None:
        """Relate carried symbols as their values are."""
        reached = [self.reach(mask) for mask in masks]
        for (param, _, part), far in zip(entries, reached, strict=True):
            outside = far & ~mine & ~local
            self.relate(self.symbol(param, part), outside)
        for i, (param, _, part) in enumerate(entries):
            for j in range(i):
                if reached[i] & masks[j] or reached[j] & masks[i]:
                    other = self.symbol(entries[j][0], entries[j][2])
                    self.relate(self.symbol(param, part), other)

    def local_symbols(self, stmt: For | While) -> int:
        """The symbols of what is allocated inside: last round's are other memory."""
        inside = set(definitions(stmt.body))
        if isinstance(stmt, While):
            inside |= set(definitions(stmt.test))
        mask = 0
        for (key, _), number in self.symbols.items():
            var = key[0] if isinstance(key, tuple) else key
            if var in inside:
                mask |= 1 << number
        return mask


# New lists of what other lists, or arrays, hold.
LISTERS = frozenset(
    "py_sorted picked put_back joined order_of tolist rows repeated "
    "keys values entries keyed without".split()
)


def value_of(op: Op) -> int:
    """The position of what a write puts there."""
    return 2 if op.prim == "inserted" else 1


def allocates(prim: str) -> bool:
    """Is the result always new, whatever its kind?"""
    if prim in BINARY or prim in PREFIX or prim in NEW:
        return True
    known = TABLE.get(prim)
    return known is not None and known.verb in ("smooth", "bilinear")


def is_list_slice(op: Op) -> bool:
    """Is it a new list of some of the items of one?"""
    if not isinstance(op.args[0].kind, List):
        return False
    steps = parse_path(str(op.attrs["path"]))
    return len(steps) == 1 and any(
        isinstance(item, Slice) for item in getattr(steps[0], "items", ())
    )


def is_remade(op: Op) -> bool:
    """Is what is written an entry of a tuple, so that another tuple is made?

    Where the run decides which entry it is, or a list holds the tuple, a variable of
    the text is written to, as ever.
    """
    if op.prim not in ("setitem", "additem"):
        return False
    kind = op.args[0].kind
    for step in parse_path(str(op.attrs["path"])):
        key = entry_of(op, step)
        if not isinstance(kind, Tuple) or key is None:
            return False
        kind = kind.items[key]
    return True


def entry_of(op: Op, step: Step) -> int | None:
    """Which entry of a tuple a step of a write's path means; None: the run decides."""
    if not isinstance(step, Subscript) or len(step.items) != 1:
        return None
    (number,) = step.items
    atom = op.args[2 + number] if isinstance(number, int) else None
    key = atom.value if isinstance(atom, Lit) else None
    return key if isinstance(key, int) else None


def is_view(op: Op) -> bool:
    """Does a `getitem` look into its base (or take out what it holds)?"""
    if not isinstance(op.args[0].kind, (Array, Scalar)):
        return True
    return not any(isinstance(atom.kind, (Array, List)) for atom in op.args[1:])


def bits(mask: int) -> list[int]:
    """The numbers of the bits that are set."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
