"""What a loop carries: the body is lowered until a guess of it has settled.

The body is lowered once with a guess: the names that it assigns, the arrays whose
elements it assigns, each with the shape it has before the loop. If the end of the trip
agrees with the guess the result stands; else the guess is widened and the body is
lowered again.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from s2sad.ir.build import Region
from s2sad.ir.kinds import BOOL, Array
from s2sad.ir.nodes import FALSE, TRUE, UNDEF, Atom, Block, Lit, Var
from s2sad.syntax.control import choose, nothing, run_block
from s2sad.syntax.frame import Frame
from s2sad.syntax.given import held
from s2sad.syntax.joins import Unsettled
from s2sad.syntax.kin import Kin
from s2sad.syntax.maybe import sure
from s2sad.syntax.names import assigned, assigned_anew, own_nodes, targets_of
from s2sad.syntax.run import Task
from s2sad.syntax.shapes import (
    Differs,
    Fixed,
    Held,
    NeedsPeel,
    Unset,
    content_leaves,
    content_shape,
    content_with_same,
    fresh,
    fresh_content,
    leaves,
    shape_of,
    widen,
    widen_content,
    with_same,
)
from s2sad.syntax.state import State, held_by
from s2sad.syntax.values import (
    BAD,
    Change,
    Entries,
    Fields,
    Items,
    Pack,
    Poison,
    Ref,
    Storage,
    is_undef,
)

TRIES = 12


@dataclass
class Plan:
    """What the loop carries, as guessed so far."""

    names: dict[str, Any] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)  # assigned before they are read
    stores: dict[Storage, Any] = field(default_factory=dict)
    result: Any = None  # shape of a value returned from inside
    poisoned: dict[Storage, Poison] = field(default_factory=dict)
    unknown: dict[str, Unsettled] = field(default_factory=dict)  # not to be read
    kin: Kin = field(default_factory=Kin)
    marked: set[tuple[Storage, Change]] = field(default_factory=set)  # see `remark`


@dataclass
class Trip:
    """One lowering of the body: where it started, what it wrote, where it ended."""

    head: State
    shapes: dict[Any, Any]  # what was carried, as this lowering took it
    params: dict[Any, list[Var]]
    region: Region
    end: State
    test: Block | None = None


def guess(
    f: Frame, names: Iterable[str], state: State, rebound: set[str], node: ast.AST
) -> Plan:
    plan = Plan()
    for name in names:
        value = state.env.get(name, UNDEF)
        if isinstance(value, Ref) and name not in rebound:
            continue  # `x += v`, `x = step(x)`: the name stays, its storage is written
        plan.names[name] = shape_of(f, value)
        if (*place_of(node), name) in f.stay_none:
            plan.names[name] = Fixed(f.atom(value, node), stays=True)
        if isinstance(value, Ref) and isinstance(plan.names[name], Held):
            content = f.content(value.storage)
            plan.names[name] = Held(
                content_with_same(plan.names[name].content, content)
            )
        elif isinstance(value, Pack):
            plan.names[name] = with_same(plan.names[name], value)
    written = written_into(getattr(node, "body", ()))
    values = [state.env.get(name) for name in written]
    sure = {v.storage for v in values if isinstance(v, Ref) and not v.path}
    for storage, content in state.store.items():
        if storage in sure and storage.of is None and is_array(content):
            plan.stores[storage] = content_shape(f, content)
    return plan


def place_of(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def rebound_names(stmts: list[ast.AST]) -> set[str]:
    """Names that are assigned by more than `x += v`.

    `x = step(x)` may well give back `x` itself, written into: that is tried first.
    """
    nodes = list(own_nodes(stmts))
    augmented = {id(node.target) for node in nodes if isinstance(node, ast.AugAssign)}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            given = {a.id for a in node.value.args if isinstance(a, ast.Name)}
            names_ = [n for t in node.targets for n in getattr(t, "elts", [t])]
            augmented |= {id(n) for n in names_ if getattr(n, "id", None) in given}
    named = [node for node in nodes if isinstance(node, ast.Name)]
    others = {
        node.id
        for node in named
        if not isinstance(node.ctx, ast.Load) and id(node) not in augmented
    }
    plain = set(assigned([s for s in stmts if not isinstance(s, ast.AugAssign)]))
    return others | (plain - {node.id for node in named})


def written_into(stmts: Iterable[ast.AST]) -> set[str]:
    """Names of what elements are assigned to, or which is added to in place."""
    found: set[str] = set()
    for node in own_nodes(stmts, walrus=False):  # expressions write to none
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            base: ast.expr = node
            while isinstance(base, ast.Subscript):
                base = base.value
            if isinstance(base, ast.Name):
                found.add(base.id)
    return found


def carry(
    f: Frame,
    plan: Plan,
    base: State,
    node: ast.AST,
    body: Callable[[], Task],
    test: Any,
) -> Task:
    """Lower the body once under a plan."""
    head = base.fork()
    head.result = UNDEF
    f.state = head
    params: dict[Any, list[Var]] = {}
    shapes = {**plan.names, **dict.fromkeys(plan.new, Unset()), **plan.stores}
    for name in plan.names:
        vars_ = params.setdefault(name, [])
        head.env[name] = fresh(f, shapes[name], name, vars_)
        link(head.env[name], head, base.env.get(name), base)
    for storage, shape in plan.stores.items():
        vars_ = params.setdefault(storage, [])
        head.store[storage] = fresh_content(f, shape, storage.name, vars_)
        link_contents(storage, head, storage, base)
    plan.kin.start(f, plan, base)
    plan.kin.apply(f, plan, head)
    head.store.update(plan.poisoned)
    remark(plan, head)
    head.env.update(plan.unknown)
    start = head.fork()
    head.exits = dict.fromkeys(head.exits, FALSE)
    block = None
    if test is not None:
        with f.w.block() as testing:
            cond = yield test()
            block = testing.close((TRUE if cond is BAD else cond,))
    with f.w.block() as region:
        if test is not None:
            sure(f, cond, True)
        yield body()
    return Trip(start, shapes, params, region, f.state, block)


def remark(plan: Plan, state: State) -> None:
    """What an earlier trip may have replaced, or written into."""
    for storage, change in plan.marked:
        state.store.change(storage, change)


def marks_differ(plan: Plan, base: State, trip: Trip) -> bool:
    """Does a trip replace entries of containers from before the loop?

    Into an array there are no ways that a write could make stale.
    """
    found = {
        (storage, change)
        for storage, mark in trip.end.store.marks.items()
        if storage in base.store and not is_array(base.store[storage])
        for change in mark.differences(trip.head.store.mark(storage))
    }
    new = not found <= plan.marked
    plan.marked |= found
    return new


def is_array(content: Any) -> bool:
    return isinstance(content, Var) and isinstance(content.kind, Array)


def link(new: Any, here: State, old: Any, there: State) -> None:
    """What a storage from before the loop holds, one of the loop's own may hold (which
    may be which is known to `Kin`).
    """
    if isinstance(new, Pack) and isinstance(old, Pack):
        for a, b in zip(new.items, old.items):
            link(a, here, b, there)
    if isinstance(new, Ref) and isinstance(old, Ref) and new.storage is not old.storage:
        new.storage.taken |= old.storage.taken
        link_contents(new.storage, here, old.storage, there)


def link_contents(new: Storage, here: State, old: Storage, there: State) -> None:
    mine, other = here.store.get(new), there.store.get(old)
    if isinstance(mine, Items) and isinstance(other, Items):
        pairs = list(zip(mine.items, other.items))
    elif isinstance(mine, (Entries, Fields)) and isinstance(other, (Entries, Fields)):
        common = mine.entries.keys() & other.entries.keys()
        pairs = [(mine.entries[k], other.entries[k]) for k in common]
    else:
        new.held |= old.held | held_by(old, there)
        return
    for a, b in pairs:
        link(a, here, b, there)


def revise(f: Frame, plan: Plan, base: State, trip: Trip, sure: set[str]) -> bool:
    """Widen the plan by where the trip ended. Does it have to be lowered again?"""
    end = trip.end
    f.state = end
    if end.dead:
        return False
    again = marks_differ(plan, base, trip)
    for name, value in end.env.items():
        if isinstance(value, Unsettled) and name not in plan.unknown:
            plan.unknown[name] = value
            plan.names.pop(name, None)
            plan.new.discard(name)
            again = True
    for name, shape in list(plan.names.items()):
        value = end.env.get(name, UNDEF)
        if name in plan.new:
            if name in f.undef_reads or not is_sole(f, value):
                plan.new.discard(name)
                again = True
            else:
                shape = Unset()  # no matter what it was in the trip before
        with naming(name):
            wider = widen(f, shape, value)
        if wider is not shape:
            plan.names[name] = wider
            # What every trip assigns before it reads it may be of any kind before;
            # what only some trips assign keeps its value in the others.
            if not isinstance(shape, Unset) or name not in sure:
                again = True
            elif name in f.undef_reads:
                again = True
            elif is_sole(f, value):
                plan.new.add(name)
    for name, value in end.env.items():
        if name in plan.names or name in plan.unknown:
            continue
        if not is_still(value, trip.head.env.get(name)):
            plan.names[name] = widen(f, shape_of_before(f, base, name), value)
            again = True
    for storage, before in base.store.items():
        content = end.store.get(storage, before)
        with naming(storage.name):
            again = revise_store(f, plan, base, trip, storage, before, content) or again
    for storage in f.initial:
        if storage in end.store and storage not in base.store:
            base.store[storage] = f.initial[storage]
            again = True
    again = plan.kin.end(f, plan, base, trip.head, end) or again
    if end.exits["return"] != FALSE:
        shape = plan.result or Unset()
        plan.result = widen(f, shape, end.result)
    return again


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Say which name it is of that changes what it is."""
    try:
        yield
    except (Differs, NeedsPeel) as found:
        if found.args or not name:
            raise
        raise type(found)(name) from None


def is_sole(f: Frame, value: Any) -> bool:
    """Is it a number, or an array that surely nothing else is or holds?"""
    if not isinstance(value, Ref):
        return isinstance(value, (Var, Lit))
    storage = value.storage
    return (
        not value.path
        and storage.of is None
        and not storage.maybe
        and is_array(f.content(storage))
        and held(f, storage) is None
        and storage not in f.session.lent
    )


def is_still(value: Any, before: Any) -> bool:
    if isinstance(value, Ref) and isinstance(before, Ref) and not value.path:
        return value.storage is before.storage and not before.path
    return value is before


def shape_of_before(f: Frame, base: State, name: str) -> Any:
    end, f.state = f.state, base
    try:
        return shape_of(f, base.env.get(name, UNDEF))
    finally:
        f.state = end


def revise_store(
    f: Frame,
    plan: Plan,
    base: State,
    trip: Trip,
    storage: Storage,
    before: Any,
    content: Any,
) -> bool:
    if content is trip.head.store.get(storage):
        return False
    if isinstance(content, Poison):
        new = storage not in plan.poisoned
        plan.poisoned[storage] = content
        plan.stores.pop(storage, None)
        return new
    shape = plan.stores.get(storage)
    if shape is None:
        f.state, end = base, f.state
        shape = content_with_same(content_shape(f, before), before)
        f.state = end
        plan.stores[storage] = widen_content(f, shape, content)
        return True
    wider = widen_content(f, shape, content)
    plan.stores[storage] = wider
    return wider is not shape


def settle(
    f: Frame,
    names: list[str],
    rebound: set[str],
    node: ast.AST,
    body: Any,
    test: Any = None,
) -> Task:
    """Lower the body until the plan holds; gives the plan and the trip, or None."""
    base = f.state
    plan = guess(f, names, base, rebound, node)
    sure = assigned_anew([*targets_of(node), *getattr(node, "body", ())])
    found = len(f.session.found)
    before = f.undef_reads
    f.loops += 1
    f.session.bases.append(base)
    try:
        for _ in range(TRIES):
            f.undef_reads = {}
            lent = lent_by(f, base)
            trip = yield carry(f, plan, base, node, body, test)
            with f.w.reopen(trip.region):  # what is looked at through a view is there
                again = revise(f, plan, base, trip, sure)
            # what a list was given late in a trip it holds early in the next
            again = lent_by(f, base) != lent or again
            if not again:
                break
            del f.session.found[found:]
        else:
            f.state = base
            f.refuse(
                "kind-changes",
                node,
                name=names[0] if names else "this",
                first="of one kind",
                second="of another",
            )
            return None
    finally:
        f.loops -= 1
        f.session.bases.pop()
        missed = {
            n: at
            for n, at in f.undef_reads.items()
            if isinstance(plan.names.get(n), (Unset, type(None)))
        }
        f.undef_reads = {**before, **missed}
        f.state = base
    if not f.loops:
        for name, at in missed.items():
            f.refuse("undefined", at, name=name)
        f.undef_reads = {}
    return plan, trip


def lent_by(f: Frame, base: State) -> tuple[Any, ...]:
    """What from before the loop containers of the run hold, as far as is known."""
    held = {storage for storage in f.session.escaped if storage in base.store}
    lent = {storage for storage in f.session.lent if storage in base.store}
    frozen = f.session.frozen.keys() & base.store.keys()
    return held, lent, frozen, f.session.shared is None


def finish(
    f: Frame,
    plan: Plan,
    trip: Trip,
    base: State,
    node: ast.AST,
    make: Any,
    orelse: list[ast.stmt],
) -> Task:
    """Close the body, append the loop, and go on with what it leaves."""
    end = trip.end
    f.state = end
    yields: list[Atom] = []
    inits: list[Atom] = []
    params = carried(f, plan, trip)
    with f.w.reopen(trip.region):
        end_leaves(f, plan, end, node, yields, params)
    f.state = base
    start_leaves(f, plan, base, node, inits)
    flags = ways_out(f, end, orelse, params, inits, yields)
    if plan.result is not None:
        vars_: list[Var] = []
        fresh(f, plan.result, "", vars_)
        params += vars_
        inits += [UNDEF] * len(vars_)
        f.state = end
        with f.w.reopen(trip.region):
            if end.dead or is_undef(end.result):
                yields += [UNDEF] * len(vars_)
            else:
                leaves(f, plan.result, end.result, node, yields)
        f.state = base
    stop = None
    f.state = end
    with f.w.reopen(trip.region):
        leaving = [end.exits[e] for e in ("break", "return") if end.exits[e] != FALSE]
        if leaving and not end.dead:
            stop = leaving[0]
            if len(leaving) > 1 and TRUE not in leaving:
                stop = f.op("or_", tuple(leaving), node)
            elif TRUE in leaving:
                stop = TRUE
    f.state = base
    block = trip.region.close(yields, stop)
    outs: list[Var] = []
    after = base.fork()
    f.state = after
    for name, shape in plan.names.items():
        after.env[name] = fresh(f, shape, name, outs)
        link(after.env[name], after, base.env.get(name), base)
        link(after.env[name], after, end.env.get(name), end)
    for storage, shape in plan.stores.items():
        after.store[storage] = fresh_content(f, shape, storage.name, outs)
        link_contents(storage, after, storage, base)
        link_contents(storage, after, storage, end)
    results: list[Var] = []
    if plan.result is not None:
        after.result = fresh(f, plan.result, "", results)
        link(after.result, after, end.result, end)
    plan.kin.apply(f, plan, after)
    after.store.update(plan.poisoned)
    remark(plan, after)
    after.env.update(plan.unknown)
    exits = {exit_: Var("", BOOL) for exit_ in flags}
    outs += (*exits.values(), *results)
    f.w.add(make(tuple(outs), tuple(params), tuple(inits), block))
    if "return" in exits:
        after.exits["return"] = exits["return"]
    if orelse:
        yield after_loop(f, exits, orelse, node)


def carried(f: Frame, plan: Plan, trip: Trip) -> list[Var]:
    """The parameters of the loop; what the body assigns before it reads it has new
    ones.
    """
    found: list[Var] = []
    for slot, shape in {**plan.names, **plan.stores}.items():
        if isinstance(trip.shapes.get(slot, Unset()), Unset):
            name = slot if isinstance(slot, str) else slot.name
            with f.on(f.state.fork(), trip.region):
                fresh(f, shape, name, found)
        else:
            found += trip.params[slot]
    return found


def after_loop(
    f: Frame, exits: dict[str, Var], orelse: list[ast.stmt], node: ast.AST
) -> Task:
    """`else` of a loop: run where no `break` was."""
    if "break" not in exits and "return" not in exits:
        yield run_block(f, orelse)
        return
    flag: Any = None
    for var in exits.values():
        flag = var if flag is None else f.op("or_", (flag, var), node)

    def otherwise() -> Task:
        f.state.exits["return"] = FALSE
        yield run_block(f, orelse)

    yield choose(f, flag, nothing, otherwise, node)


def ways_out(
    f: Frame,
    end: State,
    orelse: list[ast.stmt],
    params: list[Var],
    inits: list[Atom],
    yields: list[Atom],
) -> list[str]:
    """Flags that the code after the loop reads: was it left by this way?"""
    flags = []
    for exit_ in ("return", "break"):
        if end.exits[exit_] == FALSE or end.dead or (exit_ == "break" and not orelse):
            continue
        flags.append(exit_)
        params.append(Var("", BOOL))
        inits.append(FALSE)
        yields.append(end.exits[exit_])
    return flags


def end_leaves(
    f: Frame, plan: Plan, end: State, node: ast.AST, out: list[Atom], params: list[Var]
) -> None:
    if end.dead:
        out += params
        return
    for name, shape in plan.names.items():
        leaves(f, shape, end.env.get(name, UNDEF), node, out)
    for storage, shape in plan.stores.items():
        content_leaves(f, shape, f.content(storage), node, out)


def start_leaves(
    f: Frame, plan: Plan, base: State, node: ast.AST, out: list[Atom]
) -> None:
    for name, shape in plan.names.items():
        leaves(f, shape, base.env.get(name, UNDEF), node, out)
    for storage, shape in plan.stores.items():
        content_leaves(f, shape, f.content(storage), node, out)
