"""The raw reverse half: adjoint statements, in reverse, mirrored region by region.

    y = mul a, b                        b_bar += mul a, y_bar
    if c: ... else: ...         ->      if c: ... else: ...            (both reversed)
    for i in range n: ...               for i in reversed range n: ...

*Raw* means that it names values of the forward half freely, also those of a loop body
or branch that it cannot see from where it stands. `cross` then decides which are kept
and which are computed again.

A `For` is mirrored on the reversed range, or on its counted trips if it can stop early;
a `While` on its counted trips; a call on the reverse form of the callee.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Protocol

from s2sad.ad.adjoints import (
    Place,
    Scope,
    Side,
    bar_of,
    bar_var,
    carried_kind,
    flag_kind,
)
from s2sad.ad.refuse import Refusals
from s2sad.ad.seeds import kind_at, leaves
from s2sad.ad.telling import Leaf, Told, flag_var, reaches_of
from s2sad.ad.tries import decider, never_completes, plain
from s2sad.ad.twins import Twins
from s2sad.ad.zeros import full, handed_over
from s2sad.ir.build import Builder
from s2sad.ir.kinds import INT, UNKNOWN, Array
from s2sad.ir.nodes import (
    NONE,
    UNDEF,
    Atom,
    Block,
    Call,
    For,
    If,
    Lit,
    Op,
    Span,
    Stmt,
    Var,
    While,
)
from s2sad.ir.walk import definitions, uses
from s2sad.rules import TABLE
from s2sad.rules.handles import build, lift


class Callees(Protocol):
    """Makes the split shape of a callee: see `vjp`."""

    def split(
        self,
        stmt: Call,
        active: frozenset[Var],
        chosen: Collection[Leaf] = (),
        looped: bool = False,
    ) -> SplitCallee | None: ...


@dataclass(frozen=True)
class SplitCallee:
    """The two halves of a callee, and which arguments and results take part.

    The reverse half is told where the results in `chosen` reach the end (`Reach`), and
    tells as much of the arguments in `reaching`, after their adjoints. Where `given` is
    known, nothing is kept: it takes these arguments, and runs the callee again.
    """

    forward: str
    reverse: str
    args: tuple[int, ...]
    outs: tuple[int, ...]
    kept: Var
    chosen: tuple[Leaf, ...] = ()
    reaching: tuple[Leaf, ...] = ()
    given: tuple[int, ...] | None = None


@dataclass
class Mirrors:
    """What the reverse half of a function knows of the forward half."""

    of: dict[Stmt, Stmt] = field(default_factory=dict)  # reverse stmt -> forward stmt
    index: dict[Stmt, tuple[Var, Var]] = field(default_factory=dict)
    replaced: dict[Stmt, Stmt] = field(default_factory=dict)  # forward calls
    again: set[Stmt] = field(default_factory=set)  # those that may be run again
    twins: dict[Var, Var] = field(default_factory=dict)  # twin -> version it holds

    def mirror(self, new: Stmt, old: Stmt) -> None:
        """`new` is the mirror of `old`, or of what `old` mirrors."""
        self.of[new] = self.of.get(old, old)

    def renewed(self, new: Stmt, old: Stmt) -> None:
        """`new` stands in the reverse half where `old` stood."""
        self.mirror(new, old)
        if old in self.index:
            self.index[new] = self.index[old]


class Reverse:
    """Builds the raw reverse half of one function."""

    def __init__(
        self,
        active: frozenset[Var],
        callees: Callees,
        refusals: Refusals,
        twins: Twins,
        mirrors: Mirrors,
    ) -> None:
        self.active = active
        self.callees = callees
        self.refusals = refusals
        self.twins = twins
        self.mirrors = mirrors
        self.contexts: dict[Atom, Op] = {}  # how NumPy takes errors, to be made again
        self.read: set[Atom] = set()  # results of regions read right beside them
        self.results: set[Atom] = set()  # what the function returns
        self.empty: set[Atom] = set()  # lists that begin with nothing in them
        # For a list with one more entry: all adjoints, and the number of this one.
        self.entries: dict[Var, tuple[Atom, Atom]] = {}

    # ---- blocks ----------------------------------------------------------------------

    def block(self, scope: Scope, block: Block) -> None:
        ops = [stmt for stmt in block.stmts if isinstance(stmt, Op)]
        outs = {
            out
            for stmt in block.stmts
            if isinstance(stmt, (If, For, While))
            for out in stmt.outs
        }
        if outs:
            self.read |= outs & {a for op in ops if computes(op) for a in op.args}
        self.contexts.update(
            (stmt.outs[0], stmt)
            for stmt in block.stmts
            if isinstance(stmt, Op) and stmt.prim == "errstate"
        )
        self.empty |= {op.outs[0] for op in ops if op.prim == "list" and not op.args}
        for stmt in reversed(block.stmts):
            with scope.b.at(reverse_span(stmt.span)):
                self.stmt(scope, stmt)
                self.twins.undo(scope, stmt)

    def stmt(self, scope: Scope, stmt: Stmt) -> None:
        if isinstance(stmt, Op):
            self.op(scope, stmt)
        elif isinstance(stmt, If):
            self.branch(scope, stmt)
        elif isinstance(stmt, Call):
            self.call(scope, stmt)
        else:
            self.loop(scope, stmt)

    def op(self, scope: Scope, op: Op) -> None:
        if not any(out in self.active for out in op.outs):
            return
        if not any(arg in self.active for arg in op.args):
            return
        if op.outs[0] in self.entries:
            value, path = op.args[1], MappingProxyType({"path": "[#]"})
            of = self.entries[op.outs[0]]
            scope.add(value, scope.b.op("getitem", of, value.kind, attrs=path))
            return
        self.refusals.guard(op, lambda: TABLE[op.prim].vjp(scope.b, plain(op), scope))

    # ---- branches --------------------------------------------------------------------

    def branch(self, scope: Scope, stmt: If) -> None:
        if stmt.form == "with":
            self.within(scope, stmt)
            return
        taken = {
            k: scope.take(out) for k, out in enumerate(stmt.outs) if out in self.active
        }
        reaches = [scope.reach(out) for out in stmt.outs]
        ends = [never_completes(arm) for arm in (stmt.then, stmt.orelse)]
        if ends[0] != ends[1] and not scope.in_loop():
            # the reverse half is only reached by the other way, whose values are locals
            arm = stmt.orelse if ends[0] else stmt.then
            for k, bar in taken.items():
                if bar is not None:
                    scope.add(arm.yields[k], bar, reaches[k])
            if stmt.tests:
                self.twins.enter(scope, scope, stmt, arm)
            self.block(scope, arm)
            return
        arms: list[Scope] = []
        unbound: list[Scope] = []  # ways on which a name that is needed is not assigned
        for arm in (stmt.then, stmt.orelse):
            side = Side(decider(stmt), arm is stmt.then)
            inner = Scope(scope, set(definitions(arm)), self.active, given=side)
            inner.b.span = scope.b.span
            if stmt.tests:
                self.twins.enter(scope, inner, stmt, arm)
            for k, bar in taken.items():
                if bar is not None and arm.yields[k] == UNDEF:
                    if never_completes(arm):
                        unbound.append(inner)
                        break
                    if stmt.outs[k] in self.read:
                        raise_unbound(inner.b, stmt.outs[k])
                        unbound.append(inner)
                        break
                elif bar is not None:
                    inner.add(arm.yields[k], bar, reaches[k])
            if inner not in unbound:
                self.block(inner, arm)
            arms.append(inner)
        places = list(dict.fromkeys(p for arm in arms for p in arm.touched()))
        twins = self.twins.leave(scope, arms, stmt) if stmt.tests else []
        if not places and not twins and not any(arm.b.stmts for arm in arms):
            return
        yields: list[list[Atom]] = [[], []]
        outs = []
        for place in places:
            bars = [arm.bars.get(place, scope.get(place)) for arm in arms]
            first, second = bars
            same = first and second and first.kind == second.kind
            if same and not unbound:
                kind = first.kind  # it may stay lazy
            else:
                kind = carried_kind(kind_at(place[0].kind, place[1]))
                for k, arm in enumerate(arms):
                    if arm in unbound:
                        bars[k] = UNDEF
                    else:
                        bars[k] = arm.filled(arm.b, bars[k], place, kind)
            for k in (0, 1):
                yields[k].append(bars[k])  # type: ignore[arg-type]
            outs.append(bar_var(place, kind))
        flags = {} if unbound else self.flags_of(scope, arms, places)
        for place, flag in flags.items():
            for k, arm in enumerate(arms):
                yields[k].append(arm.flag(place))
            outs.append(flag)
        for twin, ends in twins:
            for k, end in enumerate(ends):
                yields[k].append(end)
            outs.append(twin)
            scope.twins[self.twins.of[twin]] = twin
        then, orelse = (
            arm.b.close(tuple(ys)) for arm, ys in zip(arms, yields, strict=True)
        )
        form = stmt.form if stmt.tests else "if"
        mirrored = If(tuple(outs), decider(stmt), then, orelse, form, scope.b.span)
        scope.b.add(mirrored)
        self.mirrors.mirror(mirrored, stmt)
        scope.leave(arms, flags)
        scope.bars.update(zip(places, outs, strict=False))

    def within(self, scope: Scope, stmt: If) -> None:
        """The block of a `with`, reversed. How NumPy takes errors holds for it, too;
        all other contexts are of the forward half alone.
        """
        inner = Scope(scope, set(definitions(stmt.then)), self.active)
        inner.b.span = scope.b.span
        for out, atom in zip(stmt.outs, stmt.then.yields, strict=True):
            reach = scope.reach(out)
            bar = scope.take(out) if out in self.active else None
            if bar is not None:
                inner.add(atom, bar, reach)
        self.block(inner, stmt.then)
        places = inner.touched()
        if not places:
            return
        bars = [inner.bars[place] for place in places]
        outs = [Var(bar_of(p), bar.kind) for p, bar in zip(places, bars, strict=True)]
        flags = self.flags_of(scope, [inner], places)
        bars += [inner.flag(place) for place in flags]
        outs += flags.values()
        again = self.contexts.get(stmt.cond)
        entry: Atom = NONE
        if again is not None:
            entry = scope.b.op(again.prim, again.args, UNKNOWN, attrs=again.attrs)
        then, orelse = inner.b.close(bars), Block((), (UNDEF,) * len(outs))
        mirrored = If(tuple(outs), entry, then, orelse, "with", scope.b.span)
        scope.b.add(mirrored)
        self.mirrors.mirror(mirrored, stmt)
        scope.leave([inner], flags)
        scope.bars.update(zip(places, outs, strict=False))

    def flags_of(
        self, scope: Scope, blocks: Sequence[Scope], places: Iterable[Place]
    ) -> dict[Place, Var]:
        """Flags for the reach of places that tests inside a mirrored region decide."""
        found = {}
        for place in scope.hidden(blocks, places):
            kind = kind_at(place[0].kind, place[1])
            found[place] = Var("", flag_kind(kind))
        return found

    # ---- loops -----------------------------------------------------------------------

    def loop(self, scope: Scope, stmt: For | While) -> None:
        slots = [
            k
            for k, (param, out) in enumerate(zip(stmt.params, stmt.outs, strict=True))
            if param in self.active or out in self.active
        ]
        numbered = [k for k in slots if isinstance(stmt, For) and self.lists(stmt, k)]
        slots = [k for k in slots if k not in numbered]
        told = Told.by(scope, stmt, slots)
        bars = [scope.take(stmt.outs[k]) for k in slots]
        for k, bar in zip(slots, bars, strict=True):
            out = stmt.outs[k]
            read = out in self.read or (out in self.results and not stmt.body.stop)
            if bar is not None and stmt.inits[k] == UNDEF and read:
                raise_without_trips(scope.b, stmt, out)
        inner = Scope(scope, set(definitions(stmt.body)), self.active, loop=True)
        inner.inner.update(stmt.params)
        if isinstance(stmt, For):
            inner.inner.add(stmt.index)
        inner.b.span = scope.b.span
        for k in numbered:
            self.enter_by_number(scope, inner, stmt, k)

        inits, params = [], []
        for k, bar in zip(slots, bars, strict=True):
            out, param = stmt.outs[k], stmt.params[k]
            name = bar_of((param, ()))
            inits.append(full(scope.b, bar, out, name))
            params.append(bar_var((param, ()), carried_kind(out.kind)))
            yielded = stmt.body.yields[k]
            inner.add(yielded, params[-1], told.inside(k))
        carried = self.twins.start(scope, inner, stmt)
        self.block(inner, stmt.body)
        self.twins.finish(inner, stmt, carried)

        still = told.ends(inner, stmt)
        yields = []
        for k in slots:
            param = stmt.params[k]
            bar = inner.take(param) if param in self.active else None
            donor = stable_donor(param, stmt.outs[k])
            yields.append(full(inner.b, bar, donor, bar_of((param, ()))))
        for place in inner.carried:
            kind = inner.carried[place][0].kind
            yields.append(inner.filled(inner.b, inner.bars[place], place, kind))
        params += [param for param, _ in inner.carried.values()]
        inits += [init for _, init in inner.carried.values()]
        flags = self.flags_of(scope, [inner], inner.carried)
        for place, flag in flags.items():
            inits.append(scope.flag(place))
            params.append(flag.like())
            now = inner.flag(place, inner.reaches[place])
            before = lift(inner.b, params[-1])
            yields.append(build("or_", before, lift(inner.b, now)).atom)
        outs = [*(param.like() for param in params[: -len(flags) or None])]
        for out, param in zip(outs, params, strict=False):
            out.of = param.of
        outs += flags.values()
        outs += (*carried.outs, *told.outs.values())
        params += (*carried.params, *told.params.values())
        inits += (*carried.inits, *told.inits.values())
        body = inner.b.close((*yields, *carried.yields, *still))
        self._mirrored_loop(scope, stmt, outs, params, inits, body)
        self.twins.after(scope, stmt, carried)
        scope.leave([inner], flags)
        for place, out in zip(inner.carried, outs[len(slots) :], strict=False):
            scope.bars[place] = out
        for k, out in zip(slots, outs, strict=False):
            scope.add(stmt.inits[k], out, told.after(k))

    def lists(self, stmt: For, k: int) -> bool:
        """Does a loop make a list: from nothing, one entry a trip, and no more of it?

        The adjoint of an entry then is found by the number of the trip; else it is the
        last of those that are left, each in its turn.
        """
        param, end = stmt.params[k], stmt.body.yields[k]
        if stmt.inits[k] not in self.empty or stmt.body.stop is not None:
            return False
        if stmt.backward or not isinstance(stmt.start, Lit) or stmt.step != Lit(1):
            return False
        made = [s for s in stmt.body.stmts if end in s.outs]
        if not made or not isinstance(made[0], Op) or made[0].prim != "append":
            return False
        read = uses(stmt.body)
        return made[0].args[0] is param and read.count(param) == read.count(end) == 1  # type: ignore[arg-type]

    def enter_by_number(self, scope: Scope, inner: Scope, stmt: For, k: int) -> None:
        """Hand the adjoints of a list's entries to the trips that made them."""
        bar = scope.take(stmt.outs[k])
        if bar is None:
            return
        out, end = stmt.outs[k], stmt.body.yields[k]
        number: Atom = stmt.index
        if stmt.start != Lit(0):
            number = inner.b.op("sub", (number, stmt.start), INT)
        whole = full(scope.b, bar, out, bar_of((stmt.params[k], ())))
        self.entries[end] = (whole, number)  # type: ignore[index]

    def _mirrored_loop(
        self,
        scope: Scope,
        stmt: For | While,
        outs: Sequence[Var],
        params: Sequence[Var],
        inits: Sequence[Atom],
        body: Block,
    ) -> None:
        if not outs:
            return
        b = scope.b
        if isinstance(stmt, For):
            # A number that the user did not want to name may be read here.
            named = stmt.index.name.strip("_") != ""
            index = stmt.index.like() if named else Var("", INT)
            start, step, backward = stmt.start, stmt.step, not stmt.backward
            stop = stmt.stop
            if stmt.body.stop is not None:
                trips = stmt.outs[-1]  # `count_trips` put the counter there
                if (
                    stmt.backward
                ):  # from the far end: only `reversed(range(n))` has a stop
                    start = b.op("sub", (stop, trips), INT)
                else:
                    stop = last_index(b, start, step, trips)
        else:
            index = Var("trip", INT)
            start, stop, step, backward = Lit(0), stmt.outs[-1], Lit(1), False
        mirrored = For(
            tuple(outs),
            index,
            start,
            stop,
            step,
            tuple(params),
            tuple(inits),
            body,
            backward,
            "range",
            b.span,
        )
        b.add(mirrored)
        self.mirrors.mirror(mirrored, stmt)
        if isinstance(stmt, For):
            self.mirrors.index[mirrored] = (stmt.index, index)

    # ---- calls -----------------------------------------------------------------------

    def call(self, scope: Scope, stmt: Call) -> None:
        if not any(out in self.active for out in stmt.outs):
            return
        flags = self.told_of(scope, stmt)
        callee = self.callees.split(stmt, self.active, flags, scope.in_loop())
        if callee is None:
            return
        taken = [scope.take(stmt.outs[k]) for k in callee.outs]
        if all(bar is None for bar in taken):
            return
        first: tuple[Atom, ...] = (callee.kept,)
        if callee.given is not None:
            self.mirrors.again.add(stmt)
            first = tuple(stmt.args[k] for k in callee.given)
        else:
            self.mirrors.replaced[stmt] = replace(
                stmt, function=callee.forward, outs=(*stmt.outs, callee.kept)
            )
        seeds = [
            handed_over(scope.b, bar, stmt.outs[k])
            for k, bar in zip(callee.outs, taken, strict=True)
        ]
        args = [stmt.args[k] for k in callee.args]
        outs = tuple(Var(new_bar(scope, arg), carried_kind(arg.kind)) for arg in args)
        given = (*first, *seeds, *(flags[leaf] for leaf in callee.chosen))
        told = [flag_var("", stmt.args[k], key) for k, key in callee.reaching]
        scope.facts.flags.update(told)
        scope.b.add(Call((*outs, *told), callee.reverse, given, scope.b.span))
        for k, out in zip(callee.args, outs, strict=True):
            arg = stmt.args[k]
            if scope.wants(arg):  # a checkpointed loop has them of all it carries
                assert isinstance(arg, Var)
                reaches = reaches_of(k, callee.reaching, told)
                scope.add_place((arg, ()), arg.kind, out, reaches.get(()), reaches)

    def told_of(self, scope: Scope, stmt: Call) -> dict[Leaf, Atom]:
        """Where results of a call reach the end, as far as that is told by tests."""
        places = {
            (k, key): ((out, key), kind)
            for k, out in enumerate(stmt.outs)
            if out in self.active
            for key, kind in leaves(out.kind)
        }
        if not scope.any_told(place for place, _ in places.values()):
            return {}
        flags = {leaf: scope.told(*there) for leaf, there in places.items()}
        return {leaf: flag for leaf, flag in flags.items() if flag is not None}


# ---- small questions -----------------------------------------------------------------


def reverse_span(span: Span | None) -> Span | None:
    if span is None or span.reverse:
        return replace(span, again=False) if span is not None and span.again else span
    place = (span.line, span.col, span.end_line, span.end_col)
    return Span(span.source, *place, True, span.derived)


def new_bar(scope: Scope, arg: Atom) -> str:
    """`x_bar`, if this starts it; what is only added to it needs no name."""
    known = isinstance(arg, Var) and scope.get((arg, ())) is None
    return bar_of((arg, ())) if isinstance(arg, Var) and known else ""


def raise_unbound(b: Builder, out: Var) -> None:
    """What reading a name does on a way that has not assigned it."""
    text = (
        f"cannot access local variable {out.name!r} "
        "where it is not associated with a value"
    )
    attrs = {"callee": "UnboundLocalError", "keywords": (), "effect": False}
    error = b.op("opaque", (Lit(text),), UNKNOWN, attrs=attrs)
    b.ops("raise", (error,), ())


def computes(op: Op) -> bool:
    """Does Python complain if an operand is unbound? A tape and zeros made for an
    adjoint hold nothing in its place.
    """
    made = op.span is not None and op.span.reverse and op.prim == "zeros_like"
    return op.prim != "push" and not made


def raise_without_trips(b: Builder, loop: For | While, out: Var) -> None:
    """The same of a name that only the loop assigns, if it has not run."""
    if isinstance(loop, While):
        empty = lift(b, loop.outs[-1]) == 0
    else:
        ends = (loop.start, loop.stop, loop.step)
        known = [end.value for end in ends if isinstance(end, Lit)]
        if len(known) == 3 and len(range(*known)) > 0:  # type: ignore[call-overload]
            return
        start, stop, step = (lift(b, end) for end in ends)
        if step.value is None:
            empty = (stop - start) * step <= 0
        else:
            empty = stop <= start if step.value > 0 else stop >= start  # type: ignore[operator]
    with b.block() as then:
        raise_unbound(b, out)
    b.add(If((), empty.atom, then.close(()), Block(), span=b.span))


def stable_donor(param: Var, out: Var) -> Var:
    """Whose shape the adjoint of a loop parameter has, from outside if it can be."""
    known = isinstance(param.kind, Array) and param.kind.dims is not None
    same = known and param.kind == out.kind and None not in (param.kind.dims or ())
    return out if same else param


def last_index(b, start: Atom, step: Atom, trips: Atom) -> Atom:
    """Where a range that ran so many trips would have stopped."""
    if start == Lit(0) and step == Lit(1):
        return trips
    span = b.op("mul", (trips, step), INT) if step != Lit(1) else trips
    return span if start == Lit(0) else b.op("add", (start, span), INT)
