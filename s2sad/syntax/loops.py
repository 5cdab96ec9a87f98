"""`for` and `while`: a body that is lowered until what it carries has settled.

The body is lowered once with a guess of what is carried: the names that it assigns, the
storages that it writes into, each with the shape it has before the loop. If the end of
the trip agrees with the guess the result stands; else the guess is widened and the body
is lowered again. A first trip of its own kind (`best = None`) is taken out of the loop.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from s2sad.ir.build import Region
from s2sad.ir.kinds import BOOL, INT, List, Tuple
from s2sad.ir.nodes import FALSE, TRUE, UNDEF, Atom, Block, For, Lit, Var, While
from s2sad.syntax.control import choose, nothing, run_block, run_steps
from s2sad.syntax.expressions import condition, truth
from s2sad.syntax.frame import Frame
from s2sad.syntax.iterate import (
    ONE,
    ZERO,
    Enumerated,
    RangeOf,
    Reversed,
    Sequence,
    Wrapped,
    Zipped,
    known_items,
    sequence_of,
)
from s2sad.syntax.kinds import is_container
from s2sad.syntax.names import assigned
from s2sad.syntax.run import Task
from s2sad.syntax.shapes import (
    Differs,
    NeedsPeel,
    Unset,
    content_leaves,
    content_shape,
    fresh,
    fresh_content,
    leaves,
    shape_of,
    widen,
    widen_content,
)
from s2sad.syntax.state import State
from s2sad.syntax.statements import assign_to, statement
from s2sad.syntax.values import BAD, Poison, Ref, Storage, is_undef

TRIES = 12
FEW = 32  # trips, up to where a loop that cannot stay a loop is unrolled


@dataclass
class Plan:
    """What the loop carries, as guessed so far."""

    names: dict[str, Any] = field(default_factory=dict)
    stores: dict[Storage, Any] = field(default_factory=dict)
    result: Any = None  # shape of a value returned from inside
    poisoned: dict[Storage, Poison] = field(default_factory=dict)


@dataclass
class Trip:
    """One lowering of the body: where it started, what it wrote, where it ended."""

    head: State
    shapes: dict[Any, Any]  # what was carried, as this lowering took it
    params: dict[Any, list[Var]]
    region: Region
    end: State
    test: Block | None = None


def guess(f: Frame, names: Iterable[str], state: State, rebound: set[str]) -> Plan:
    plan = Plan()
    for name in names:
        value = state.env.get(name, UNDEF)
        if isinstance(value, Ref) and name not in rebound:
            continue  # only `x += v`: the name stays, its storage is written
        plan.names[name] = shape_of(f, value)
    return plan


def rebound_names(stmts: list[ast.AST]) -> set[str]:
    """Names that are assigned by more than `x += v`."""
    from s2sad.syntax.names import own_nodes

    augmented = {
        id(node.target) for node in own_nodes(stmts) if isinstance(node, ast.AugAssign)
    }
    others = {
        node.id
        for node in own_nodes(stmts)
        if isinstance(node, ast.Name)
        and not isinstance(node.ctx, ast.Load)
        and id(node) not in augmented
    }
    plain = set(assigned([s for s in stmts if not isinstance(s, ast.AugAssign)]))
    names = {n.id for n in own_nodes(stmts) if isinstance(n, ast.Name)}
    return others | (plain - names)


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
    f.state = head
    params: dict[Any, list[Var]] = {}
    for name, shape in plan.names.items():
        head.env[name] = fresh(f, shape, name, params.setdefault(name, []))
        link(f, head.env[name], base.env.get(name))
    for storage, shape in plan.stores.items():
        vars_ = params.setdefault(storage, [])
        head.store[storage] = fresh_content(f, shape, storage.name, vars_)
    head.store.update(plan.poisoned)
    start = head.fork()
    head.exits = dict.fromkeys(head.exits, FALSE)
    head.result = UNDEF
    block = None
    if test is not None:
        with f.w.block() as testing:
            cond = yield test()
            block = testing.close((TRUE if cond is BAD else cond,))
    with f.w.block() as region:
        yield body()
    return Trip(start, {**plan.names, **plan.stores}, params, region, f.state, block)


def link(f: Frame, new: Any, old: Any) -> None:
    """A storage of the loop's own may be the one from before the loop."""
    if isinstance(new, Ref) and isinstance(old, Ref):
        for other in (old.storage, *old.storage.maybe):
            if other is not new.storage:
                new.storage.maybe.add(other)
                other.maybe.add(new.storage)


def revise(f: Frame, plan: Plan, base: State, trip: Trip) -> bool:
    """Widen the plan by where the trip ended. Does it have to be lowered again?"""
    end = trip.end
    f.state = end
    again = False
    if end.dead:
        return False
    for name, shape in list(plan.names.items()):
        value = end.env.get(name, UNDEF)
        wider = widen(f, shape, value)
        if wider is not shape:
            plan.names[name] = wider
            # A name that the body assigns before it reads it may be of any kind before.
            again = again or not isinstance(shape, Unset) or name in f.undef_reads
    for name, value in end.env.items():
        if name not in plan.names and value is not trip.head.env.get(name):
            plan.names[name] = widen(f, shape_of_before(f, base, name), value)
            again = True
    for storage, before in base.store.items():
        content = end.store.get(storage, before)
        again = revise_store(f, plan, trip, storage, before, content) or again
    for storage in f.initial:
        if storage in end.store and storage not in base.store:
            base.store[storage] = f.initial[storage]
            again = True
    if end.exits["return"] != FALSE:
        shape = plan.result or Unset()
        plan.result = widen(f, shape, end.result)
    return again


def shape_of_before(f: Frame, base: State, name: str) -> Any:
    end, f.state = f.state, base
    try:
        return shape_of(f, base.env.get(name, UNDEF))
    finally:
        f.state = end


def revise_store(
    f: Frame, plan: Plan, trip: Trip, storage: Storage, before: Any, content: Any
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
        plan.stores[storage] = widen_content(f, content_shape(f, before), content)
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
    plan = guess(f, names, base, rebound)
    found = len(f.session.found)
    before = f.undef_reads
    f.loops += 1
    try:
        for _ in range(TRIES):
            f.undef_reads = {}
            trip = yield carry(f, plan, base, node, body, test)
            again = revise(f, plan, base, trip)
            if not again:
                break
            del f.session.found[found:]
        else:
            f.state = base
            f.refuse("kind-changes", node, name=names[0] if names else "this",
                     first="of one kind", second="of another")  # fmt: skip
            return None
    finally:
        f.loops -= 1
        missed = {n: at for n, at in f.undef_reads.items() if isinstance(plan.names.get(n), (Unset, type(None)))}  # fmt: skip
        f.undef_reads = {**before, **missed}
        f.state = base
    if not f.loops:
        for name, at in missed.items():
            f.refuse("undefined", at, name=name)
        f.undef_reads = {}
    return plan, trip


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
        link(f, after.env[name], base.env.get(name))
        link(f, after.env[name], end.env.get(name))
    for storage, shape in plan.stores.items():
        after.store[storage] = fresh_content(f, shape, storage.name, outs)
    after.store.update(plan.poisoned)
    twins(plan, after)
    exits = {exit_: Var("", BOOL) for exit_ in flags}
    outs += exits.values()
    if plan.result is not None:
        after.result = fresh(f, plan.result, "", outs)
    f.w.add(make(tuple(outs), tuple(params), tuple(inits), block))
    if "return" in exits:
        after.exits["return"] = exits["return"]
    if orelse:
        yield after_loop(f, exits, orelse, node)


def carried(f: Frame, plan: Plan, trip: Trip) -> list[Var]:
    """The parameters of the loop; what the body assigns before it reads it has new ones."""
    found: list[Var] = []
    for slot, shape in {**plan.names, **plan.stores}.items():
        if isinstance(trip.shapes.get(slot, Unset()), Unset):
            name = slot if isinstance(slot, str) else slot.name
            with f.on(f.state.fork(), trip.region):
                fresh(f, shape, name, found)
        else:
            found += trip.params[slot]
    return found


def twins(plan: Plan, state: State) -> None:
    """Two names that the loop binds may have been given one array."""
    held = [state.env[n].storage for n in plan.names if isinstance(state.env[n], Ref)]
    for storage in held:
        for other in held:
            if other is not storage and storage.maybe & other.maybe:
                storage.maybe.add(other)


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


def end_leaves(f: Frame, plan: Plan, end: State, node: ast.AST, out: list[Atom], params: list[Var]) -> None:  # fmt: skip
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


# ---- for -----------------------------------------------------------------------------


@statement(ast.For)
def for_(f: Frame, node: ast.For) -> Task:
    value = yield node.iter
    names = list(assigned([node.target, *node.body]))
    if value is BAD:
        for name in names:
            f.state.env[name] = BAD
        return
    found = len(f.session.found)
    base = f.state.fork()
    if item_by_item(f, value):
        items = yield known_items(f, value, node.iter)
        if items is not None and len(items) <= FEW:
            yield unrolled(f, node, items)
            return
    spec = yield trips_of(f, value, node)
    refused: list[Any] = []
    if spec is not None:
        written = len(f.w.stmts)
        try:
            yield counted(f, node, spec, names)
        except NeedsPeel:
            del f.session.found[found:]
            del f.w.stmts[written:]
            f.state = base.fork()
            yield peeled(f, node, spec, names)
            return
        except Differs:
            f.refuse(
                "kind-changes", node, name=names[0], first="one thing", second="another"
            )
        refused = f.session.found[found:]
        if not refused:
            return
        del f.w.stmts[written:]
    del f.session.found[found:]
    f.state = base.fork()
    items = yield known_items(f, value, node.iter)
    if items is not None and (len(items) <= FEW or not refused):
        yield unrolled(f, node, items)
        if spec is None or len(f.session.found) == found:
            return
    if refused:  # unrolled it is no better: what was wrong with the loop is told
        f.session.found[found:] = refused
    elif items is None and len(f.session.found) == found:
        f.refuse("unknown-iterable", node.iter, what=f.text(node.iter))
    f.state = base
    for name in names:
        f.state.env[name] = BAD


def item_by_item(f: Frame, value: Any) -> bool:
    """Does this go through a tuple, or containers in a list?

    Nothing can be added to one item of a tuple, so its adjoint is kept item by item, and
    so is the tuple.
    """
    if isinstance(value, (Reversed, Wrapped, Enumerated)):
        return item_by_item(f, value.part)
    if isinstance(value, Zipped):
        return any(item_by_item(f, part) for part in value.parts)
    kind = f.kind(value)
    if isinstance(kind, (Tuple, List)) and kind.items is not None:
        if isinstance(kind, Tuple):
            return not all(
                isinstance(item, Lit) for item in getattr(value, "items", [None])
            )
        return any(is_container(item) for item in kind.items)
    return False


@dataclass(frozen=True, eq=False)
class Trips:
    """The numbers a `For` counts through, and the value that each stands for."""

    start: Atom
    stop: Atom
    step: Atom
    backward: bool
    item: Callable[[Atom], Task]
    form: str


def trips_of(f: Frame, value: Any, node: ast.For) -> Task:
    """How a `For` runs over the value; None where it has to be unrolled."""
    backward = False
    while isinstance(value, (Reversed, Wrapped)):
        backward ^= isinstance(value, Reversed)
        value = value.part
    if isinstance(value, RangeOf):
        start, stop, step = (
            f.atom(v, node) for v in (value.start, value.stop, value.step)
        )
        if BAD in (start, stop, step):
            return None
        return Trips(start, stop, step, backward, itself, "range")
    sequence = yield sequence_of(f, value, node)
    if sequence is None:
        return None
    assert isinstance(sequence, Sequence)
    return Trips(ZERO, sequence.length, ONE, backward, sequence.at, sequence.form)


def itself(index: Atom) -> Task:
    return index
    yield


def counted(
    f: Frame, node: ast.For, spec: Trips, names: list[str], first: Any = None
) -> Task:
    """The loop as a `For`."""
    index = Var(hint_of(node.target, spec), INT)

    def body() -> Task:
        with f.at(node):
            item = yield spec.item(index)
            yield assign_to(f, node.target, item, node)
        yield run_block(f, node.body)

    settled = yield settle(
        f, names, rebound_names([node.target, *node.body]), node, body
    )
    if settled is None:
        return
    plan, trip = settled
    start = spec.start if first is None else first

    def make(outs: Any, params: Any, inits: Any, block: Block) -> For:
        span = f.reading.span(node)
        return For(outs, index, start, spec.stop, spec.step, params, inits, block,
                   spec.backward, getattr(node, "form", spec.form), span)  # fmt: skip

    yield finish(f, plan, trip, f.state, node, make, node.orelse)


def hint_of(target: ast.expr, spec: Trips) -> str:
    if spec.form == "range" and isinstance(target, ast.Name):
        return target.id
    if spec.form == "enumerate" and isinstance(target, ast.Tuple):
        if isinstance(target.elts[0], ast.Name):
            return target.elts[0].id
    return "i"


def unrolled(f: Frame, node: ast.For, items: list[Any]) -> Task:
    """One copy of the body per item."""

    def step(item: Any) -> Task:
        with f.at(node):
            yield assign_to(f, node.target, item, node)
        yield run_block(f, node.body)

    steps = [lambda item=item: step(item) for item in items]
    yield run_steps(f, steps, node)
    yield close_steps(f, node.orelse, node)


def close_steps(f: Frame, orelse: list[ast.stmt], node: ast.AST) -> Task:
    """A `break` ends here; `else` runs where there was none."""
    broke = f.state.exits["break"]
    f.state.exits["break"] = FALSE
    if not orelse or broke == TRUE or f.state.dead:
        return
    if broke == FALSE and f.state.exits["return"] == FALSE:
        yield run_block(f, orelse)
    else:
        exits = {"break": broke, "return": f.state.exits["return"]}
        left = {k: v for k, v in exits.items() if v != FALSE}
        if TRUE not in left.values():
            yield after_loop(f, left, orelse, node)


def peeled(f: Frame, node: ast.For, spec: Trips, names: list[str]) -> Task:
    """The first trip for itself, then the loop over the others."""
    step = f.static(spec.step)
    if spec.backward or not isinstance(step, int) or not step:
        f.refuse(
            "kind-changes",
            node,
            name=names[0],
            first="of one kind",
            second="of another",
        )
        return
    test = f.op("lt" if step > 0 else "gt", (spec.start, spec.stop), node)
    second = f.op("add", (spec.start, spec.step), node)

    def first_trip() -> Task:
        with f.at(node):
            item = yield spec.item(spec.start)
            yield assign_to(f, node.target, item, node)
        yield run_block(f, node.body)

    def others() -> Task:
        try:
            yield counted(f, bare(node), spec, names, second)
        except (NeedsPeel, Differs):
            f.refuse(
                "kind-changes",
                node,
                name=names[0],
                first="of one kind",
                second="of another",
            )

    def run() -> Task:
        yield run_steps(f, [first_trip, others], node)
        yield close_steps(f, node.orelse, node)

    known = truth(f, test) if test is not BAD else None
    if known is True or test is BAD:
        yield run()
    else:
        yield choose(f, test, run, lambda: run_block(f, node.orelse), node)


def bare(node: Any) -> Any:
    """The loop without its `else`."""
    twin = type(node)(**{name: getattr(node, name) for name in node._fields})
    twin.orelse = []
    return ast.copy_location(twin, node)


# ---- while ---------------------------------------------------------------------------


@statement(ast.While)
def while_(f: Frame, node: ast.While) -> Task:
    found = len(f.session.found)
    base = f.state.fork()
    written = len(f.w.stmts)
    try:
        yield counted_while(f, node)
    except NeedsPeel:
        del f.session.found[found:]
        del f.w.stmts[written:]
        f.state = base
        yield peeled_while(f, node)
    except Differs:
        f.refuse("kind-changes", node, name="this", first="one thing", second="another")


def counted_while(f: Frame, node: ast.While) -> Task:
    names = list(assigned([node.test, *node.body]))
    walrus = any(isinstance(n, ast.NamedExpr) for n in ast.walk(node.test))
    always = isinstance(node.test, ast.Constant) and bool(node.test.value)

    def test() -> Task:
        if walrus or always:
            return TRUE
        with f.at(node):
            value = yield node.test
            if value is BAD:
                return BAD
            known = truth(f, value)
            return Lit(known) if known is not None else condition(f, value, node.test)

    def body() -> Task:
        if not walrus:
            yield run_block(f, node.body)
            return
        # `while (x := g()) > 0`: the test is the start of the trip
        check = ast.If(ast.UnaryOp(ast.Not(), node.test), [ast.Break()], [])
        ast.copy_location(check, node)
        ast.copy_location(check.test, node.test)
        ast.copy_location(check.body[0], node)
        yield run_block(f, [check, *node.body])

    rebound = rebound_names([node.test, *node.body])
    settled = yield settle(f, names, rebound, node, body, test)
    if settled is None:
        return
    plan, trip = settled

    def make(outs: Any, params: Any, inits: Any, block: Block) -> While:
        return While(outs, params, inits, trip.test, block, f.reading.span(node))

    yield finish(f, plan, trip, f.state, node, make, node.orelse)
    if always and trip.end.exits["break"] == FALSE and "return" in f.state.exits:
        if f.state.exits["return"] != FALSE:
            f.state.exits["return"] = TRUE  # the loop ends in no other way


def peeled_while(f: Frame, node: ast.While) -> Task:
    """The first trip for itself, then the loop."""

    def first_trip() -> Task:
        yield run_block(f, node.body)

    def others() -> Task:
        try:
            yield counted_while(f, bare(node))
        except (NeedsPeel, Differs):
            f.refuse(
                "kind-changes",
                node,
                name="this",
                first="of one kind",
                second="of another",
            )

    def run() -> Task:
        yield run_steps(f, [first_trip, others], node)
        yield close_steps(f, node.orelse, node)

    with f.at(node):
        value = yield node.test
        known = None if value is BAD else truth(f, value)
        cond = (
            condition(f, value, node.test)
            if known is None and value is not BAD
            else TRUE
        )
    if known is False:
        yield run_block(f, node.orelse)
    elif known is True or cond is BAD:
        yield run()
    else:
        yield choose(f, cond, run, lambda: run_block(f, node.orelse), node)
