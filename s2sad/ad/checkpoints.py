"""`checkpoint`: keep little, compute the rest again.

A checkpointed call keeps its arguments alone; its reverse half makes the call again,
with all that it has to keep, and goes back from there.

A checkpointed loop becomes a call of a function that makes its trips, and the reverse
half a function that goes back over trips from `start` to `stop`:

    few trips:  make them again, keep all, go back
    else:       make the first of them again, up to some in the middle, keep what the
                rest starts from, go back over the rest, then over the first

Where the middle is, the binomial schedule tells (Griewank and Walther, Algorithm 799):
with c values kept, C(c + r, c) trips are gone back over and none made again more than
r times, and once more with its adjoint. As many values are kept as it takes for r = 3.

A range with a step, or reversed, is counted by its trips first. A loop that may be left
early, or changes a list, keeps as any other, and a warning says so.

What the function does besides (it prints, it raises) it does the first time only. Where
it draws random numbers it draws the same again (`redraws.py`), if it can.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from s2sad.ad.lengths import renewed
from s2sad.ad.prune import prune
from s2sad.ad.redraws import Redraws, is_draw, redraws, without_last_draws
from s2sad.ad.refuse import place_of
from s2sad.ad.reverse import Mirrors
from s2sad.ad.tries import without_effects
from s2sad.errors import Diagnostic, refuse
from s2sad.ir.build import Builder, free_name
from s2sad.ir.kinds import BOOL, INT, Array, Scalar
from s2sad.ir.nodes import (
    UNDEF,
    Atom,
    Block,
    Call,
    For,
    Function,
    If,
    Lit,
    Op,
    Param,
    Program,
    Stmt,
    Var,
)
from s2sad.ir.walk import (
    blocks,
    clone_stmt,
    definitions,
    free_vars,
    statements,
    uses,
    with_blocks,
)
from s2sad.rules import TABLE

ONE = Lit(1)

# ---- loops as calls ------------------------------------------------------------------


def with_trips(program: Program) -> tuple[Program, frozenset[str]]:
    """The program with its checkpointed loops as calls, and the functions called."""
    functions = dict(program.functions)
    for key, function in program.functions.items():
        if any(is_marked(stmt) for stmt in statements(function.body)):
            body = _block(function.body, key, function, functions)
            functions[key] = replace(function, body=body)
    loops = frozenset(functions.keys() - program.functions.keys())
    return replace(program, functions=functions), loops


def whole(
    function: Function, args: Sequence[int], outs: Sequence[int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What is active of a loop as a whole: what it carries, at its start and end."""
    count = len(function.params) - 2 - len(function.results)
    both = {k - count for k in args if k >= count} | set(outs)
    free = [k for k in args if k < count]
    return (*free, *(count + k for k in sorted(both))), tuple(sorted(both))


def is_marked(stmt: Stmt) -> bool:
    checkpoint = isinstance(stmt, For) and stmt.form == "checkpoint"
    return checkpoint and not why_kept(stmt)


def why_kept(stmt: For) -> str:
    """Why the loop keeps what it needs on every trip; "" if it keeps little."""
    if stmt.body.stop is not None:
        return "it may be left before its end"
    if UNDEF in stmt.inits:
        return "what it carries has no value before the first trip"
    if not all(isinstance(param.kind, (Scalar, Array)) for param in stmt.params):
        return "it changes a list, a tuple or a dict from trip to trip"
    return ""


def kept_whole(program: Program) -> list[Diagnostic]:
    """A warning for each checkpointed loop of the entry that keeps as any other."""
    found: list[Diagnostic] = []

    def look(block: Block, tried: bool) -> None:
        for stmt in block.stmts:
            if isinstance(stmt, For) and stmt.form == "checkpoint":
                why = "it stands in a `try`" if tried else why_kept(stmt)
                if not why and redraws(stmt.body, program.functions) is None:
                    why = "it draws random numbers that it cannot draw again"
                if why:
                    place = place_of(stmt.span)
                    found.append(refuse("checkpoint-kept", place, reason=why))
            for inner in blocks(stmt):
                look(inner, tried or isinstance(stmt, If) and stmt.form == "try")

    look(program.entry.body, False)
    return found


def counted(stmt: For) -> tuple[list[Stmt], For]:
    """The loop as one over the numbers of its trips, and what that needs before it.

    for i in reversed(range(a, b, s)):      trips = -((a - b) // s)
        ...                                 last = trips - 1
                                            for trip in range(trips):
                                                i = a + (last - trip) * s
    """
    if stmt.step == ONE and not stmt.backward:
        return [], stmt
    before, b = Builder(stmt.span), Builder(stmt.span)
    count = trips_of(before, stmt)
    number: Atom = (trip := Var("trip", INT))
    if stmt.backward:
        last = before.op("sub", (count, ONE), INT, "last")
        number = b.op("sub", (last, trip), INT)
    steps = b.op("mul", (number, stmt.step), INT)
    b.add(Op((stmt.index,), "add", (stmt.start, steps), span=stmt.span))
    body = replace(stmt.body, stmts=(*b.stmts, *stmt.body.stmts))
    changed = {"index": trip, "start": Lit(0), "stop": count, "step": ONE}
    return before.stmts, replace(stmt, **changed, body=body, backward=False)  # type: ignore[arg-type]


def trips_of(b: Builder, stmt: For) -> Atom:
    """How many trips there are; what is below 0 stands for none."""
    ends = {Lit(1): (stmt.stop, stmt.start), Lit(-1): (stmt.start, stmt.stop)}
    if stmt.step in ends:
        far, near = ends[stmt.step]  # type: ignore[index]
        return far if near == Lit(0) else b.op("sub", (far, near), INT, "trips")
    span = b.op("sub", (stmt.start, stmt.stop), INT)
    whole = b.op("floordiv", (span, stmt.step), INT)
    return b.op("neg", (whole,), INT, "trips")


def _block(
    block: Block, key: str, function: Function, functions: dict[str, Function]
) -> Block:
    stmts: list[Stmt] = []
    for stmt in block.stmts:
        if isinstance(stmt, If) and stmt.form == "try":
            stmts.append(stmt)  # an exception tells where its loops were left
            continue
        inner = tuple(_block(b, key, function, functions) for b in blocks(stmt))
        stmt = with_blocks(stmt, inner)
        if is_marked(stmt):
            before, stmt = counted(stmt)  # type: ignore[arg-type]
            stmts += [*before, *_cut(stmt, key, function, functions)]
        else:
            stmts.append(stmt)
    return replace(block, stmts=tuple(stmts))


def _cut(
    stmt: For, key: str, function: Function, functions: dict[str, Function]
) -> Iterable[Stmt]:
    own = {stmt.index, *stmt.params}
    free = [var for var in free_vars(stmt.body) if var not in own]
    table = {var: var.like(name=var.name or "value") for var in free}
    carried = [var.like(name=var.name or "value") for var in stmt.params]
    lo, hi = Var("start", INT), Var("stop", INT)
    loop = replace(stmt, start=lo, stop=hi, inits=tuple(carried), form="range")
    made = clone_stmt(loop, dict(table))
    name = free_name(f"{key}_trips", functions)
    params = tuple(Param(var) for var in (*table.values(), *carried, lo, hi))
    functions[name] = Function(
        f"{function.name}_trips", params, Block((made,), made.outs), function.source,
        f"Trips of a loop of `{function.name}`.", True,
    )  # fmt: skip
    args = (*free, *stmt.inits, stmt.start, stmt.stop)
    return [Call(stmt.outs, name, args, stmt.span)]


# ---- calls made again ----------------------------------------------------------------


@dataclass(frozen=True)
class Again:
    """Both halves of a function as one, for a second run.

    `states` are values it reads: what each source in `draws` drew next the first time.
    """

    both: Block
    draws: Redraws
    states: tuple[Var, ...]


def made_again(
    forward: tuple[Stmt, ...],
    reverse: Block,
    functions: Mapping[str, Function],
    *,
    trips: bool,
) -> Again | None:
    """Both halves as one, for a second run; None if it must not be run twice.

    Behind what it draws again the sources are put back, but for the `trips` of a loop:
    that is done once, at their end.
    """
    called = {s.function for s in statements(Block(forward)) if isinstance(s, Call)}
    if any(has_effects(functions, key, set()) for key in called):
        return None
    draws = redraws(Block(forward), functions)
    if draws is None:
        return None
    states = draws.kept()
    quiet = without_effects(Block(forward), is_draw)
    b = Builder(next((s.span for s in reverse.stmts if s.span), None))
    now = [] if trips else draws.states(b, "now")
    draws.go_on(b, states)
    first = len(b.stmts)
    last = quiet.stmts
    if not trips:
        draws.go_on(b, now)
        last = without_last_draws(quiet.stmts, reverse, draws)
    stmts = (*b.stmts[:first], *last, *b.stmts[first:], *reverse.stmts)
    both = prune(Block(stmts, reverse.yields), Mirrors(), lasting=draws.keys)
    gone = set(definitions(Block(forward))) - set(definitions(quiet))
    return None if not gone.isdisjoint(uses(both)) else Again(both, draws, states)


def has_effects(functions: Mapping[str, Function], key: str, seen: set[str]) -> bool:
    """Does a function do something besides that must not be done again, itself or
    through others?
    """
    if key in seen or key not in functions:
        return False
    seen.add(key)
    for stmt in statements(functions[key].body):
        if isinstance(stmt, Call) and has_effects(functions, stmt.function, seen):
            return True
        if isinstance(stmt, Op) and stmt.prim != "raise" and not is_draw(stmt):
            if stmt.attrs.get("effect", TABLE[stmt.prim].effect):
                return True
    return False


@dataclass(frozen=True)
class Sweep:
    """`again` makes trips of a loop again, `back` goes back over them; both take these
    parameters of the loop and the states of what it draws from, first of all.
    """

    again: Function
    back: Function
    params: tuple[Var, ...]


def sweep(
    stem: str,
    primal: Function,
    made: Again,
    seeds: Sequence[Var],
    args: Sequence[int],
    carried: Sequence[int],
) -> Sweep | None:
    """How to go back over a loop; None if it must not be run again.

    `made` makes trips and goes back at once: from `seeds`, the adjoints of the results
    in `carried`, to those of the parameters in `args`, which are what the loop reads,
    what it carries, where it starts and stops.
    """
    both, draws, streams = made.both, made.draws, made.states
    quiet = without_effects(primal.body, is_draw)
    gone = set(definitions(primal.body)) - set(definitions(quiet))
    if not gone.isdisjoint(uses(quiet)):
        return None
    *values, start, stop = (param.var for param in primal.params)
    count = len(values) - len(primal.results)
    kinds = [values[k].kind for k in args if k < count]
    if not all(isinstance(kind, (Scalar, Array)) for kind in kinds):
        return None
    quiet, state = what_trips_need(quiet, both, values[count:], draws.keys)
    free = tuple(values[:count])
    title = f"Trips of `{primal.name.removesuffix('_trips')}`"
    bars = tuple(Var(getattr(bar, "name", ""), bar.kind) for bar in both.yields)
    left = Var("spare", INT)  # how many values may be kept yet
    b = Builder(next((s.span for s in both.stmts if s.span and s.span.reverse), None))
    trips = b.op("sub", (stop, start), INT, "trips")
    most = b.op("py_max", (left, ONE), INT)
    test = b.op("le", (trips, most), BOOL)
    with b.block() as few:
        for stmt in both.stmts:
            b.add(stmt)

    def call(name: str, outs: Sequence[Var], *given: Atom) -> tuple[Var, ...]:
        made = tuple(out.like() for out in outs)
        b.add(Call(made, f"{stem}_{name}", given, b.span))
        return made

    with b.block() as many:
        part = b.op("binomial_split", (trips, left), INT)
        middle = b.op("add", (start, part), INT, "middle")
        fewer = b.op("sub", (left, ONE), INT)
        given = (*state, *streams)
        reached = call("again", given, *free, *given, start, middle)
        rest = call("back", bars, *free, *reached, middle, stop, fewer, *seeds)
        handed = [rest[list(args).index(count + k)] for k in carried]
        first = call("back", bars, *free, *given, start, middle, left, *handed)
        total = [
            near if k >= count else b.op("add", (far, near), far.kind, far.name)
            for k, far, near in zip(args, rest, first, strict=True)
        ]
    b.add(If(bars, test, few.close(both.yields), many.close(total), span=b.span))
    params = (*free, *state, *streams, start, stop)
    ran = Builder(b.span)
    draws.go_on(ran, streams)
    for stmt in quiet.stmts:
        ran.add(stmt)
    trips_made = ran.close((*quiet.yields, *draws.states(ran, "random_state")))
    again = Function(
        f"{primal.name}_again", tuple(map(Param, params)), trips_made, primal.source,
        f"{title}, made again.",
    )  # fmt: skip
    back = Function(
        f"{primal.name}_back", tuple(map(Param, (*params, left, *seeds))),
        b.close(bars), primal.source, f"{title}, gone back over: their adjoints.",
    )  # fmt: skip
    return Sweep(renewed(again), renewed(back), params)


def what_trips_need(
    quiet: Block, both: Block, state: Sequence[Var], drawing: Collection[str]
) -> tuple[Block, tuple[Var, ...]]:
    """The trips with only those results that going back reads, and they themselves."""
    read = set(uses(both))
    needed = {k for k, var in enumerate(state) if var in read}
    while True:
        slots = sorted(needed)
        yields = tuple(quiet.yields[k] for k in slots)
        part = prune(replace(quiet, yields=yields), Mirrors(), lasting=drawing)
        read = set(uses(part))
        grown = needed | {k for k, var in enumerate(state) if var in read}
        if grown == needed:
            return part, tuple(state[k] for k in slots)
        needed = grown
