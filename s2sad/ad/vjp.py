"""Reverse mode: from a function to its adjoint, in the joint or the split shape.

    count trips -> raw reverse half -> prune -> choose what to keep -> cross

The *joint* shape is one function that runs the forward half and then the reverse half,
with every value of the top level still there as a local. The *split* shape is two:
`f_fwd(*args) -> (y, kept)` and `f_rev(kept, y_bar) -> bars`; a pullback can then be
called again, and a callee's two halves can stand apart. Both come from the same plan.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from s2sad.ad.adjoints import Scope, carried_kind, facts_of
from s2sad.ad.checkpoints import Again, made_again, sweep, whole, with_trips
from s2sad.ad.counted import count_trips
from s2sad.ad.cross import Crossing, is_new
from s2sad.ad.donors import shapes_from, use_donors
from s2sad.ad.jvp import closed, tuple_of
from s2sad.ad.keep import Homes, choose, homes
from s2sad.ad.lengths import renewed
from s2sad.ad.once import read_once
from s2sad.ad.prune import prune
from s2sad.ad.refuse import Refusals, place_of
from s2sad.ad.rerun import may_run_again, pays
from s2sad.ad.reverse import Mirrors, Reverse, SplitCallee, reverse_span
from s2sad.ad.seeds import (
    Bound,
    Key,
    Wrt,
    bars_name,
    kind_at,
    like_parameter,
    listing,
    read,
)
from s2sad.ad.telling import Leaf, Telling, flag_var
from s2sad.ad.tries import by_results, flagged, piecemeal
from s2sad.ad.twins import Twins, name_lost, needs
from s2sad.ad.unique import marked
from s2sad.ad.zeros import full
from s2sad.analysis.absent import may_be_absent
from s2sad.analysis.activity import Analyser
from s2sad.errors import refuse
from s2sad.ir.build import Builder
from s2sad.ir.kinds import INT, UNKNOWN, Array, Kind, Scalar, may_vary
from s2sad.ir.nodes import (
    NONE,
    UNDEF,
    Atom,
    Block,
    Call,
    Function,
    Lit,
    Op,
    Param,
    Program,
    Span,
    Stmt,
    Var,
)
from s2sad.ir.walk import clone, free_vars

ONE = Lit(1.0)
Finish = Callable[[Builder, Atom | None, Atom], Atom]
CalleeKey = tuple[str, int, int, tuple[Leaf, ...]]  # masks: arguments, results


def vjp(
    program: Program,
    wrt: Wrt,
    *,
    value: bool = True,
    seed: bool = True,
    aux: bool = False,
    thrifty: bool = True,
) -> Program:
    """The joint adjoint program.

    With `seed`, it takes `y_bar` after the arguments (1.0 by default for a scalar
    result); without, the seed is the number one. With `value`, it returns
    `(y, bars)`, else the bars alone. With `aux`, the primal returns `(y, aux)`:
    only `y` is differentiated, and `aux` is returned too. With `thrifty`, memory is
    worth more than to compute a little again.
    """
    machine = Machine(program, thrifty=thrifty)
    main = machine.joint(wrt, value, seed, aux)
    machine.refusals.check()
    return closed(main, machine.made, machine.program)


def split(program: Program, wrt: Wrt) -> tuple[Program, Program]:
    """The two halves: `f_fwd(*args) -> (y, kept)` and `f_rev(kept, y_bar) -> bars`.

    Kept arguments and results are copied, so the pullback stays right after the caller
    has changed them.
    """
    machine = Machine(program)
    forward, reverse = machine.halves(wrt)
    machine.refusals.check()
    return (
        closed(forward, machine.made, machine.program),
        closed(reverse, machine.made, machine.program),
    )


@dataclass
class Halves:
    """One function taken apart: its forward statements and its closed reverse half."""

    primal: Function
    forward: tuple[Stmt, ...]
    reverse: Block  # its yields are the adjoints asked for
    kept: list[tuple[str, int]]  # names of what loops keep, and the lines of the loops


@dataclass
class Machine:
    """Derives one program; callees are made once per set of active arguments."""

    program: Program
    refusals: Refusals = field(default_factory=Refusals)
    thrifty: bool = True

    def __post_init__(self) -> None:
        self.program, self.loops = with_trips(self.program)
        self.analyser = Analyser(self.program)
        self.made: dict[str, Function] = {}
        self.callees: dict[CalleeKey, SplitCallee] = {}
        self.again: dict[CalleeKey, SplitCallee | None] = {}  # those run again
        self.recursive: set[CalleeKey] = set()  # called while they were being made
        self.olds: dict[Op, Var] = {}  # what the writes of primals take away
        self.swept: list[int] = []  # lines of checkpointed loops
        self.copies = False  # may the caller change arrays between the halves?

    # ---- the joint shape -------------------------------------------------------------

    def joint(self, wrt: Wrt, value: bool, seed: bool, aux: bool) -> Function:
        primal = self.counted(self.program.entry)
        bound = wrt.bind(primal)
        (y,) = primal.results
        name, kind = result_name(y), seed_kind(y.kind)
        y_bar = Var(bars_name(name), kind)
        halves = self._halves(
            primal, bound, {(0, (0,) if aux else ()): y_bar if seed else ONE}
        )
        bars = halves.reverse.yields
        b = Builder()
        b.stmts.extend((*halves.forward, *halves.reverse.stmts))
        result = bars[0] if wrt.single else tuple_of(b, bars)
        if value:
            result = tuple_of(b, (y, result))
        elif aux:
            result = tuple_of(b, (result, read(b, y, (1,))))
        params: tuple[Param, ...] = primal.params
        if seed:
            default = ONE if isinstance(kind, Scalar) else None
            params = bound.join_params(params, [y_bar], default)
        return Function(
            f"{primal.name}_{'vjp' if seed else 'value_and_grad' if value else 'grad'}",
            params,
            b.close((result,)),
            primal.source,
            adjoint_doc(
                primal.name, name, bound, halves.kept, value, seed, aux, self.swept
            ),
        )

    # ---- the split shape -------------------------------------------------------------

    def halves(self, wrt: Wrt) -> tuple[Function, Function]:
        primal = self.counted(self.program.entry)
        bound = wrt.bind(primal)
        (y,) = primal.results
        y_bar = Var(bars_name(result_name(y)), seed_kind(y.kind))
        self.copies = True
        halves = self._halves(primal, bound, {(0, ()): y_bar}, apart=True)
        forward, reverse = self._apart(halves, primal.name, [y_bar])
        bars = reverse.results
        b = Builder()
        for stmt in reverse.body.stmts:
            b.add(stmt)
        result = bars[0] if wrt.single else tuple_of(b, bars)
        doc = f"Reverse half of `{primal.name}`: adjoints of {listing(bound.names())}."
        reverse = replace(reverse, body=b.close((result,)), doc=doc)
        b = Builder()
        for stmt in forward.body.stmts:
            b.add(stmt)
        forward = replace(forward, body=b.close((tuple_of(b, forward.results),)))
        return forward, reverse

    def _apart(
        self, halves: Halves, name: str, seeds: Sequence[Var], flags: Sequence[Var] = ()
    ) -> tuple[Function, Function]:
        """The forward function that returns what it kept, and the reverse one."""
        primal = halves.primal
        taken = {*seeds, *flags}
        given = {v for v in reads_of(halves.reverse) if v not in taken}
        closed = shapes_from(seeds, halves.reverse, given)
        kept = [v for v in reads_of(closed) if v not in taken]
        b = Builder()
        for stmt in halves.forward:
            b.add(stmt)
        results = set(variables(primal.results))
        found = homes(primal)
        values = [
            b.op("copy", (v,), v.kind, v.name)
            if self.copies
            and isinstance(v.kind, Array)
            and (v in results or not is_new(found, v))
            else v
            for v in kept
        ]
        bundle = tuple_of(b, values)
        bundle.name = f"{name}_kept"
        forward = Function(
            f"{name}_fwd",
            primal.params,
            b.close((*primal.results, bundle)),
            primal.source,
            f"Forward half of `{name}`: its result, and what its reverse half reads.",
            own=len(primal.results),
        )
        box = Var("kept", bundle.kind)
        first = next((s.span for s in closed.stmts if s.span), None)
        b = Builder(first)
        absent = may_be_absent(Block(tuple(halves.forward), ()), tapes=True)
        table: dict[Var, Atom] = {
            var: read(b, box, (k,), var.name, absent=var in absent)
            for k, var in enumerate(kept)
        }
        opened = [Param(box), *(Param(var) for var in (*seeds, *flags))]
        inner = renamed(closed, table)
        reverse = Function(
            f"{name}_rev",
            tuple(opened),
            Block((*b.stmts, *inner.stmts), inner.yields),
            primal.source,
            f"Reverse half of `{name}`.",
        )
        return clone(forward), clone(reverse)

    # ---- callees ---------------------------------------------------------------------

    def split(
        self,
        stmt: Call,
        active: frozenset[Var],
        chosen: Collection[Leaf] = (),
        looped: bool = False,
    ) -> SplitCallee | None:
        """The split shape of a callee, for its active arguments and results.

        `chosen` are the places in its results whose reach the caller can tell. A callee
        that is called in a loop (`looped`) may be one that is run again: see `rerun`.
        """
        function = self.program.functions[stmt.function]
        args = tuple(
            k
            for k, (arg, p) in enumerate(zip(stmt.args, function.params, strict=True))
            if arg in active and may_vary(p.var.kind)
        )
        mask = sum(1 << k for k in args)
        passes = self.analyser.passes(stmt.function, mask)
        outs = tuple(
            k for k, out in enumerate(stmt.outs) if out in active and passes[k]
        )
        if not args or not outs:
            return None
        if stmt.function in self.loops:
            args, outs = whole(function, args, outs)
            mask = sum(1 << k for k in args)
        told = tuple(leaf for leaf in chosen if leaf[0] in outs)
        if function.checkpoint:  # its halves call themselves, and pass on seeds alone
            told = ()
        key = (stmt.function, mask, sum(1 << k for k in outs), told)
        if looped and self.thrifty and not self.copies:
            if key not in self.again:
                self.again[key] = self._run_again(key, function, args, outs)
            if (again := self.again[key]) is not None:
                return again
        if key not in self.callees:
            self._make_callee(key, function, args, outs)
        elif self.callees[key].kept.kind == UNKNOWN:
            self.recursive.add(key)
        made = self.callees[key]
        kept = Var(f"{function.name}_kept", made.kept.kind)
        return replace(made, kept=kept)

    def _make_callee(
        self,
        key: CalleeKey,
        original: Function,
        args: tuple[int, ...],
        outs: tuple[int, ...],
    ) -> None:
        stem = self._fresh(key[0])
        kept = Var("kept", UNKNOWN)  # until it is known: recursion
        made = SplitCallee(f"{stem}_fwd", f"{stem}_rev", args, outs, kept, key[-1])
        self.callees[key] = made
        primal = self.counted(original)
        wrt = Wrt(tuple((k, ()) for k in args))
        seeds = seeds_of(primal, outs)
        if original.checkpoint and self._again(
            stem, key[0], original, primal, wrt, seeds, kept
        ):
            return
        flags = flags_of(primal, key[-1])
        bound, telling = wrt.bind(primal), Telling(key[-1], flags)
        telling.suppose(primal, args)
        while True:
            before = dict(self.callees), dict(self.made)
            self.callees[key] = replace(made, reaching=tuple(telling.supposed))
            halves = self._halves(
                primal,
                bound,
                dict(seeds),
                full,
                apart=True,
                telling=telling,
                recursive=lambda: key in self.recursive,
            )
            if key not in self.recursive or telling.holds():
                break
            self.callees, self.made = before
        self.callees[key] = replace(made, reaching=tuple(telling.reaching))
        seeded = list(seeds.values())
        forward, reverse = self._apart(halves, original.name, seeded, flags)
        forward = replace(forward, params=tuple(Param(p.var) for p in forward.params))
        self.made[f"{stem}_fwd"] = forward
        self.made[f"{stem}_rev"] = reverse
        kept.kind = forward.results[-1].kind

    def _run_again(
        self,
        key: CalleeKey,
        original: Function,
        args: tuple[int, ...],
        outs: tuple[int, ...],
    ) -> SplitCallee | None:
        """A callee whose reverse half takes its arguments and runs it again; None if it
        is better to keep what it reads.
        """
        functions = self.program.functions
        if not may_run_again(functions, key[0]):
            return None
        primal = self.counted(original)
        bound = Wrt(tuple((k, ()) for k in args)).bind(primal)
        seeds, flags = seeds_of(primal, outs), flags_of(primal, key[-1])
        telling = Telling(key[-1], flags)
        halves = self._halves(primal, bound, dict(seeds), full, telling=telling)
        taken = [*seeds.values(), *flags]
        read = [var for var in reads_of(halves.reverse) if var not in taken]
        params = [param.var for param in primal.params]
        if not pays(primal, read, functions):
            return None
        made = made_again(halves.forward, halves.reverse, functions, trips=False)
        if made is None or made.states:
            return None
        inside = reads_of(made.both)
        given = tuple(k for k, var in enumerate(params) if var in inside)
        stem = self._fresh(key[0])
        self.made[f"{stem}_vjp"] = clone(
            Function(
                f"{original.name}_vjp",
                tuple(map(Param, (*(params[k] for k in given), *taken))),
                made.both,
                original.source,
                f"Adjoint of `{original.name}` with respect to "
                f"{listing(bound.names())}.",
            )
        )
        reaching = tuple(telling.reaching)
        kept = Var("", NONE.kind)
        return SplitCallee(
            "", f"{stem}_vjp", args, outs, kept, key[-1], reaching, given
        )

    def _again(
        self,
        stem: str,
        key: str,
        original: Function,
        primal: Function,
        wrt: Wrt,
        seeds: dict[tuple[int, Key], Var],
        kept: Var,
    ) -> bool:
        """Halves of a callee that keeps its arguments: the reverse one calls it again.

        False if it must not be called twice.
        """
        halves = self._halves(primal, wrt.bind(primal), dict(seeds), full)
        given = self.program.functions
        making = {made.forward: given[key] for (key, *_), made in self.callees.items()}
        functions = {**given, **making, **self.made}
        trips = key in self.loops
        made = made_again(halves.forward, halves.reverse, functions, trips=trips)
        if made is None:
            return False
        seeded = list(seeds.values())
        inner = made.both
        reads = [var for var in reads_of(inner) if var not in seeded]
        if trips:
            args = [k for k, _ in wrt.places]
            carried = [k for k, _ in seeds]
            sweeping = sweep(stem, primal, made, seeded, args, carried)
            if sweeping is None:
                return False
            self.made[f"{stem}_again"] = sweeping.again
            self.made[f"{stem}_back"] = sweeping.back
            span = original.body.stmts[-1].span
            if span is not None and span.line not in self.swept:
                self.swept.append(span.line)
            reads = list(sweeping.params)
            seeded = [seed.like() for seed in seeded]
            inner = self._from_the_end(stem, reads, seeded, made)
        name, source = original.name, original.source
        first = renewed(original)
        pairs = zip(primal.params, first.params, strict=True)
        here = {old.var: new.var for old, new in pairs}
        b = Builder()
        states = made.draws.states(b, "random_state", here)
        here.update(zip(made.states, states, strict=True))
        for stmt in first.body.stmts:
            b.add(stmt)
        bundle = tuple_of(b, [here[var] for var in reads])
        bundle.name = f"{name}_kept"
        self.made[f"{stem}_fwd"] = Function(
            f"{name}_fwd",
            tuple(Param(p.var) for p in first.params),
            b.close((*first.results, bundle)),
            source,
            f"`{name}`, and its arguments for the reverse half.",
            checkpoint=True,
            own=len(first.results),
        )
        box = Var("kept", bundle.kind)
        b = Builder()
        table: dict[Var, Atom] = {
            var: read(b, box, (k,), var.name) for k, var in enumerate(reads)
        }
        inner = renamed(inner, table)
        self.made[f"{stem}_rev"] = Function(
            f"{name}_rev",
            (Param(box), *map(Param, seeded)),
            Block((*b.stmts, *inner.stmts), inner.yields),
            source,
            f"Reverse half of `{name}`, which it runs again.",
        )
        kept.kind = bundle.kind
        return True

    def _from_the_end(
        self, stem: str, values: Sequence[Var], seeds: Sequence[Var], made: Again
    ) -> Block:
        """Go back over all trips of a loop, with as many values kept as it takes."""
        both, draws = made.both, made.draws
        b = Builder(next((s.span for s in both.stmts if s.span), None))
        *_, start, stop = values
        now = draws.states(b, "now")
        trips = b.op("sub", (stop, start), INT)
        left = b.op("snapshots", (trips,), INT)
        bars = tuple(
            Var(atom.name if isinstance(atom, Var) else "", atom.kind)
            for atom in both.yields
        )
        b.add(Call(bars, f"{stem}_back", (*values, left, *seeds), b.span))
        draws.go_on(b, now)
        return b.close(bars)

    def _fresh(self, base: str) -> str:
        """A stem for the keys of a callee's halves that no other function has."""
        taken = {callee.forward for callee in self.callees.values()}
        taken.update(self.program.functions, self.made)
        stem, number = base, 2
        while not taken.isdisjoint((f"{stem}_fwd", f"{stem}_rev", f"{stem}_vjp")):
            stem, number = f"{base}_{number}", number + 1
        return stem

    # ---- both halves -----------------------------------------------------------------

    def counted(self, function: Function) -> Function:
        primal = marked(renewed(function))
        primal = replace(primal, body=flagged(count_trips(primal.body)))
        primal, olds = name_lost(primal)
        self.olds.update(olds)
        return primal

    def _halves(
        self,
        primal: Function,
        bound: Bound,
        seeds: dict[tuple[int, Key], Atom],
        finish: Finish = like_parameter,
        *,
        apart: bool = False,
        telling: Telling | None = None,
        recursive: Callable[[], bool] = lambda: False,
    ) -> Halves:
        twins = Twins(primal.body, self.olds)
        mirrors = Mirrors(twins=twins.of)
        ends = [
            (*entry_of(primal, place), bar, place[0]) for place, bar in seeds.items()
        ]
        raw = self.raw(primal, bound, ends, finish, twins, mirrors, telling, recursive)
        absent = NONE if apart else UNDEF
        crossing, forward, (reverse,) = self.cross(
            primal, [raw], twins, mirrors, absent
        )
        return Halves(primal, forward, reverse, kept_lines(crossing))

    def raw(
        self,
        primal: Function,
        bound: Bound,
        seeds: Sequence[tuple[Atom, Key, Atom, int]],
        finish: Finish,
        twins: Twins,
        mirrors: Mirrors,
        telling: Telling | None = None,
        recursive: Callable[[], bool] = lambda: False,
    ) -> Block:
        """The raw reverse half, from seeds of values, or of entries of them.

        With each goes the number of the result that it is a seed of.
        """
        results = [atom for atom, *_ in seeds]
        active = self.analyser.activity(primal, bound.roots, results).active
        self.refusals.unknown_calls(primal.body, active)
        self.refusals.check()
        reverse = Reverse(active, self, self.refusals, twins, mirrors)
        reverse.results.update(primal.results)
        scope = Scope(None, set(), active, facts=facts_of(primal.body))
        scope.b.span = end_span(primal)
        if telling:
            scope.facts.flags.update(telling.flags)
        for y, key, bar, number in seeds:  # one value may be several results
            if isinstance(y, Var) and y in active:
                reaches = telling.of(number) if telling else {}
                kind = kind_at(y.kind, key)
                scope.add_place((y, key), kind, bar, reaches.get(key), reaches)
        reverse.block(scope, primal.body)

        def bar_at(var: Var, key: Key) -> Atom:
            bar = scope.leaf(var, key) if var in active else None
            # what stands in a container is what its kind says, for whoever reads it
            made = like_parameter if key and finish is full else finish
            return made(scope.b, bar, read(scope.b, var, key))

        bars = bound.results(scope.b, bar_at)
        if telling:
            args = [k for k, _ in bound.wrt.places]
            bars += telling.tell(scope, primal, args, recursive())
        return scope.b.close(tuple(bars))

    def cross(
        self,
        primal: Function,
        raws: Sequence[Block],
        twins: Twins,
        mirrors: Mirrors,
        absent: Atom,
    ) -> tuple[Crossing, tuple[Stmt, ...], list[Block]]:
        """One forward half, and reverse halves that read no more than they can see."""
        found = homes(primal, apart=absent == NONE, thrifty=self.thrifty)
        found.again = mirrors.again
        lean = [tidied(raw, primal, found, mirrors) for raw in raws]
        each = dict.fromkeys(v for half in lean for v in reads_of(half))
        mirrors.replaced = {
            old: new for old, new in mirrors.replaced.items() if new.outs[-1] in each
        }
        for old, new in mirrors.replaced.items():
            enter_kept(found, old, new.outs[-1])
        needed = [v for v in each if v in found.nested]
        for raw in raws:
            enter_twins(found, raw, twins)
        forced: set[Var] = set()
        while True:
            choice = choose(needed, found, forced)
            halves = lean
            if choice.twins:
                halves = [
                    tidied(raw, primal, found, mirrors, choice.twins) for raw in raws
                ]
            crossing = Crossing(mirrors, found, choice, absent, self.copies)
            forward, tapes = crossing.forward(primal.body)
            closed = [
                crossing.reverse(half, primal.body, dict(tapes)) for half in halves
            ]
            if not crossing.late:
                break
            forced |= crossing.late
        for stmt in piecemeal(found, choice.kept):
            why = "in a loop, its body keeps values in a branch or loop of its own"
            self.refusals.add(refuse("try", place_of(stmt.span), why=why))
        return crossing, forward, closed


# ---- small things --------------------------------------------------------------------


def seeds_of(primal: Function, outs: Sequence[int]) -> dict[tuple[int, Key], Var]:
    """The adjoints of these results, as the reverse half of a callee is given them."""
    results = {k: primal.results[k] for k in outs}
    return {
        (k, ()): Var(bars_name(result_name(atom)), seed_kind(atom.kind))
        for k, atom in results.items()
    }


def flags_of(primal: Function, told: Sequence[Leaf]) -> list[Var]:
    """What it is told of where they reach the end."""
    results = primal.results
    return [flag_var(result_name(results[k]), results[k], path) for k, path in told]


def tidied(
    raw: Block,
    primal: Function,
    found: Homes,
    mirrors: Mirrors,
    twins: Collection[Var] = frozenset(),
) -> Block:
    """The raw reverse half with what the results need, and with these twins."""
    half = by_results(prune(raw, mirrors, twins), primal.body, mirrors)
    half = read_once(half, mirrors)
    return prune(use_donors(half, primal, found.nested, mirrors), mirrors, twins)


def enter_twins(found: Homes, raw: Block, twins: Twins) -> None:
    """Tell which arrays can be put back, and what that takes."""
    if not twins.of:
        return
    found.olds = set(twins.olds.values())
    found.mirrors_of = twins.of
    found.twin_needs = needs(raw, twins.of)
    for twin in found.twin_needs:
        found.twins_of.setdefault(twins.of[twin], []).append(twin)


def enter_kept(found: Homes, call: Stmt, kept: Var) -> None:
    """The value that a callee keeps lives where the call stands."""
    beside = call.outs[0]
    found.block[kept] = found.block[beside]
    found.depth[kept] = found.depth[beside]
    found.stmt[kept] = None
    if beside in found.nested:
        found.nested.add(kept)


def entry_of(primal: Function, place: tuple[int, Key]) -> tuple[Atom, Key]:
    """The value that stands at a place of the result, and where in it the place is."""
    number, key = place
    atom = primal.results[number]
    ops = [op for op in primal.body.stmts if isinstance(op, Op) and op.outs]
    made = {op.outs[0]: op for op in ops}
    while key and isinstance(atom, Var) and atom in made:
        if made[atom].prim != "tuple":
            break
        atom, key = made[atom].args[key[0]], key[1:]  # type: ignore[call-overload]
    return atom, key


def kept_lines(crossing: Crossing) -> list[tuple[str, int]]:
    found = crossing.found
    lines: list[tuple[str, int]] = []
    for var in crossing.taped:
        stmt, _ = found.parents[found.block[var]]
        line = stmt.span.line if stmt.span else 0
        lines.append((var.name, line))
    return lines


def reads_of(block: Block) -> list[Var]:
    """The variables a block reads and does not define, in order of first use."""
    return list(free_vars(block))


def variables(atoms: Sequence[Atom]) -> list[Var]:
    return [atom for atom in atoms if isinstance(atom, Var)]


def renamed(block: Block, table: dict[Var, Atom]) -> Block:
    from s2sad.ir.walk import mapping, substitute_block

    return substitute_block(block, mapping(table))


def result_name(atom: Atom) -> str:
    """How the result is called: by its own name, else `y`."""
    name = atom.name if isinstance(atom, Var) else ""
    return name or "y"


def seed_kind(kind: Kind) -> Kind:
    """The kind of a cotangent of such a result."""
    if isinstance(kind, Scalar):
        return carried_kind(kind)
    return kind


def end_span(function: Function) -> Span | None:
    for stmt in reversed(function.body.stmts):
        if stmt.span is not None:
            return reverse_span(stmt.span)
    return None


def adjoint_doc(
    name: str,
    result: str,
    bound: Bound,
    kept: Sequence[tuple[str, int]],
    value: bool,
    seed: bool,
    aux: bool,
    loops: Sequence[int] = (),
) -> str:
    bars = [bars_name(text) for text in bound.short_names()]
    listed = (
        bars[0] if bound.wrt.single else f"({', '.join(bars)}{',' * (len(bars) == 1)})"
    )
    kind = "Adjoint" if seed else "Gradient"
    answer = f"{result}, {listed}" if value else f"{listed}, aux" if aux else listed
    if value and not seed:
        kind = "Value and gradient"
    names = listing(bound.names())
    first = f"{kind} of `{name}` with respect to {names}.  Returns {answer}."
    by_line: dict[int, list[str]] = {}
    for var, line in kept:
        by_line.setdefault(line, []).append(var or "a temporary")
    notes = [
        f"Keeps {listing(list(dict.fromkeys(names)))} "
        f"once per iteration of line {line}."
        for line, names in by_line.items()
    ]
    notes += [
        f"Keeps `snapshots(n)` values of the n trips of line {line} at a time, and "
        "makes\nnone of them more than four times again."
        for line in loops
    ]
    return "\n\n".join([first, *(["\n".join(notes)] if notes else [])])
