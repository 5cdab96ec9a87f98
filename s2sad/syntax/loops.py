"""`for` and `while`: counted loops, loops over things, trips unrolled or peeled.

What a loop carries is found in `carry.py`. A first trip of its own kind (`best = None`
before the loop) is taken out of the loop; what has to be known one by one is unrolled.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from s2sad.ir.kinds import (
    INT,
    Array,
    Dict,
    List,
    Table,
    Tuple,
)
from s2sad.ir.nodes import FALSE, TRUE, UNDEF, Atom, Block, For, Lit, Var, While
from s2sad.syntax.carry import after_loop, finish, rebound_names, settle
from s2sad.syntax.comparisons import condition, truth
from s2sad.syntax.control import Way, choose, run_block, run_steps
from s2sad.syntax.entangled import storages_in
from s2sad.syntax.frame import Frame
from s2sad.syntax.iterate import (
    ONE,
    ZERO,
    Enumerated,
    Filtered,
    Generated,
    Mapped,
    RangeOf,
    Reversed,
    Sequence,
    View,
    Wrapped,
    Zipped,
    known_items,
    sequence_of,
)
from s2sad.syntax.kinds import is_container
from s2sad.syntax.maybe import may_be_none
from s2sad.syntax.names import assigned
from s2sad.syntax.run import Task
from s2sad.syntax.shapes import (
    Differs,
    NeedsPeel,
)
from s2sad.syntax.state import State, held_by
from s2sad.syntax.statements import assign_to, statement
from s2sad.syntax.tails import Tail, tail_of
from s2sad.syntax.values import (
    BAD,
    LENGTH,
    Closure,
    Items,
    Poison,
    Ref,
    Storage,
    root,
)
from s2sad.syntax.wrappers import look_on, looker_on

FEW = 32  # trips, up to where a loop that cannot stay a loop is unrolled


# ---- for -----------------------------------------------------------------------------


@statement(ast.For)
def for_(f: Frame, node: ast.For) -> Task:
    before, undo = undoing(f)
    tail = yield tail_of(f, node)
    if tail is not None:
        yield for_each(f, node, tail)
        if tail.stays(f, before):
            return
        undo()
    value = yield node.iter
    if f.is_lost(value):
        f.atom(value, node.iter)
        return
    lists = listed_in(f, value)
    before, undo = undoing(f)
    yield for_each(f, node, value)
    touched = any(inside(f, before, each) for each in lists)
    if touched or any(replaced(f, before, each) for each in lists):
        # what is read on a trip is what is there then, not what was there before
        undo()
        if not touched:
            for each in lists:
                atom = f.atom(Ref(each), node.iter)
                if atom is not BAD and isinstance(f.content(each), Items):
                    f.write(each, atom, node.iter, False, False, False)
        yield for_each(f, node, value, touched)
    for ref in refs_gone_through(f, value):
        now = f.state.store.mark(ref.storage).of(LENGTH, ref.depth)
        was = before.store.mark(ref.storage).of(LENGTH, ref.depth)
        if was is not now and not f.state.dead:
            name = "" if ref.path else ref.storage.name
            f.refuse("view-grows", node.iter, name=name or f.text(node.iter))


def undoing(f: Frame) -> tuple[State, Callable[[], None]]:
    """The state here, and how to get back to it."""
    before, found, written = f.state.fork(), len(f.session.found), len(f.w.stmts)
    escaped = dict(f.session.escaped), f.session.shared

    def undo() -> None:
        del f.session.found[found:]
        f.take_back(written)
        f.state = before.fork()
        f.session.escaped, f.session.shared = escaped

    return before, undo


def listed_in(f: Frame, value: Any) -> list[Storage]:
    """The lists and dicts that a `for` goes through, but for entries of others."""
    return [ref.storage for ref in refs_gone_through(f, value) if not ref.path]


def refs_gone_through(f: Frame, value: Any) -> list[Ref]:
    """The lists and dicts that a `for` goes through."""
    if isinstance(value, (Reversed, Wrapped, Enumerated)):
        return refs_gone_through(f, value.part)
    if isinstance(value, Zipped):
        return [each for part in value.parts for each in refs_gone_through(f, part)]
    if isinstance(value, View):
        return refs_gone_through(f, value.base)
    if isinstance(value, Ref) and isinstance(f.kind(value), (List, Dict, Table)):
        return [value]
    return []


def gone_through(f: Frame, value: Any) -> list[Storage]:
    """What a `for` reads its items from: lists, dicts, and arrays or parts of them."""
    if isinstance(value, (Reversed, Wrapped, Enumerated)):
        return gone_through(f, value.part)
    if isinstance(value, Zipped):
        return [each for part in value.parts for each in gone_through(f, part)]
    if isinstance(value, Ref) and isinstance(f.kind(value), Array):
        return [value.storage]
    return listed_in(f, value)


def asked_for(value: Any, node: ast.For) -> list[ast.AST]:
    """What is worked out when an item is asked for, and not before the loop."""
    if isinstance(value, (Reversed, Wrapped, Enumerated)):
        return asked_for(value.part, node)
    if isinstance(value, Zipped):
        return [tree for part in value.parts for tree in asked_for(part, node)]
    if isinstance(value, Generated):
        return [value.node]
    if isinstance(value, (Mapped, Filtered)):
        made = isinstance(value.callee, Closure)
        return [node.iter, value.callee.node] if made else [node.iter]
    return []


def replaced(f: Frame, before: State, storage: Storage) -> bool:
    """Have items of a list, known one by one before the loop, been replaced in it?"""
    was = before.store.get(storage)
    now = f.state.store.get(storage)
    return isinstance(was, Items) and now is not was and not f.state.dead


def changed(f: Frame, before: State, storage: Storage) -> bool:
    return f.state.store.get(storage) is not before.store.get(storage)


def inside(f: Frame, before: State, storage: Storage) -> bool:
    """Has one of the arrays that a list or dict holds been written into?"""
    return not f.state.dead and any(
        f.state.store.get(root(each)) is not before.store.get(root(each))
        for each in held_by(storage, before)
    )


def for_each(f: Frame, node: ast.For, value: Any, one_by_one: bool = False) -> Task:
    names = list(assigned([node.target, *node.body], f.walrus))
    if value is BAD:
        for name in names:
            f.state.env[name] = BAD
        return
    found = len(f.session.found)
    base = f.state.fork()
    if one_by_one or item_by_item(f, value):
        items = yield known_items(f, value, node.iter)
        if items is not None and len(items) <= FEW:
            yield unrolled(f, node, items, value)
            return
    escaped = dict(f.session.escaped), f.session.shared
    spec = yield trips_of(f, value, node)
    refused: list[Any] = []
    if spec is not None:
        written = len(f.w.stmts)
        try:
            yield as_fits(
                f,
                lambda: counted(f, node, spec, names),
                lambda: peeled(f, node, spec, names),
            )
        except Differs as differs:
            name = differs.args[0] if differs.args else names[0]
            f.refuse(
                "kind-changes", node, name=name, first="one thing", second="another"
            )
        refused = f.session.found[found:]
        if not refused:
            return
        f.take_back(written)
    del f.session.found[found:]
    f.state = base.fork()
    f.session.escaped, f.session.shared = escaped
    items = yield known_items(f, value, node.iter)
    if items is not None and (len(items) <= FEW or not refused):
        yield unrolled(f, node, items, value)
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

    Nothing can be added to one item of a tuple: its adjoint is kept item by item, and
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
    lookers = []
    while isinstance(value, (Reversed, Wrapped)):
        backward ^= isinstance(value, Reversed)
        if isinstance(value, Wrapped) and value.made is not None:
            with f.at(node):
                lookers.append(looker_on(f, value, node.iter))
        value = value.part
    if isinstance(value, RangeOf):
        start, stop, step = (
            f.atom(v, node) for v in (value.start, value.stop, value.step)
        )
        if BAD in (start, stop, step):
            return None
        item = watched(f, lookers, itself, node)
        return Trips(start, stop, step, backward, item, value.form)
    if isinstance(value, Tail):
        sequence = yield sequence_of(f, value.base, node)
        item = watched(f, lookers, sequence.at, node)
        return Trips(value.start, value.stop, ONE, backward, item, "range")
    sequence = yield sequence_of(f, value, node)
    if sequence is None:
        return None
    assert isinstance(sequence, Sequence)
    item = watched(f, lookers, sequence.at, node)
    return Trips(ZERO, sequence.length, ONE, backward, item, sequence.form)


def watched(f: Frame, lookers: list[Any], item: Any, node: ast.For) -> Any:
    """The items, each announced to those who only look on."""

    def announced(index: Atom) -> Task:
        for steps in lookers:
            look_on(f, steps, node.iter)
        return (yield item(index))

    return announced if lookers else item


def itself(index: Atom) -> Task:
    return index
    yield


def counted(
    f: Frame, node: ast.For, spec: Trips, names: list[str], first: Any = None
) -> Task:
    """The loop as a `For`."""
    index = Var(hint_of(node.target, spec), INT)
    if all(isinstance(end, Lit) and end.value >= 0 for end in (spec.start, spec.step)):
        f.session.from_zero.add(index)
    f.session.pins.follow([index], [spec.start, spec.stop, spec.step])
    length = getattr(spec.stop.kind, "size", None)
    if isinstance(length, str):  # unrolled, it may be what is missing
        f.session.lengths.add(length)

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
        return For(
            outs,
            index,
            start,
            spec.stop,
            spec.step,
            params,
            inits,
            block,
            spec.backward,
            getattr(node, "form", spec.form),
            span,
        )

    yield finish(f, plan, trip, f.state, node, make, node.orelse)


def hint_of(target: ast.expr, spec: Trips) -> str:
    if spec.form in ("range", "checkpoint") and isinstance(target, ast.Name):
        return target.id
    if spec.form == "enumerate" and isinstance(target, ast.Tuple):
        if isinstance(target.elts[0], ast.Name):
            return target.elts[0].id
    return "i"


def unrolled(f: Frame, node: ast.For, items: list[Any], value: Any = None) -> Task:
    """One copy of the body per item, which is read when its trip comes."""
    sources, before = gone_through(f, value), f.state.fork()
    asked = [n for tree in asked_for(value, node) for n in ast.walk(tree)]
    names = {each.id for each in asked if isinstance(each, ast.Name)}
    watched = [s for n in names for s in storages_in(f, before.env.get(n))]
    # a generator's first iterable is worked out before the loop, and calls but once
    bases = [each.generators[0].iter for each in asked if hasattr(each, "generators")]
    kept = {base.id for base in bases if isinstance(base, ast.Name)}
    once = len(kept) < len(bases) or any(isinstance(each, ast.Call) for each in asked)

    def step(i: int, item: Any) -> Task:
        bound = {n for n in names if f.state.env.get(n) is not before.env.get(n)}
        again = bound or any(changed(f, before, each) for each in watched)
        if again and (once or bound & kept):
            item = f.refuse("generator-place", node.iter)
        elif again or any(changed(f, before, each) for each in sources):
            lost = [s for s in sources if isinstance(f.content(s), Poison)]
            if any([f.atom(Ref(each), node.iter) is BAD for each in lost]):
                item = BAD
            else:
                now = yield known_items(f, value, node.iter)
                item = now[i] if now is not None and i < len(now) else None
                if item is None:
                    what = f.text(node.iter)
                    item = f.refuse("unknown-iterable", node.iter, what=what)
        with f.at(node):
            yield assign_to(f, node.target, item, node)
        yield run_block(f, node.body)

    steps = [lambda i=i, item=item: step(i, item) for i, item in enumerate(items)]
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


class StillNone(Exception):
    """The first trip does not decide of what kind these names are."""


def as_fits(f: Frame, count: Way, peel: Way) -> Task:
    """A loop as it is; or its first trip for itself, if that leaves another kind than
    it found; or with what is None, and may stay so, carried as it is.
    """
    base, written, found = f.state, len(f.w.stmts), len(f.session.found)

    def afresh() -> None:
        del f.session.found[found:]
        f.take_back(written)
        f.state = base.fork()

    for way in (count, peel, count):
        f.state = base.fork()
        try:
            yield way()
            return
        except (NeedsPeel, StillNone):
            afresh()
        except Differs:
            if not f.stay_none:
                raise
            afresh()
    yield peel()


def check_first_trip(
    f: Frame, node: ast.For | ast.While, names: list[str], before: dict[str, Any]
) -> None:
    """Has the first trip given each name that was None a value of one kind?"""
    place = node.lineno, node.col_offset
    none = {
        (*place, name)
        for name in names
        if f.static(before.get(name, UNDEF)) is None
        and may_be_none(f, f.state.env.get(name, UNDEF))
    }
    if not none <= f.stay_none:
        f.stay_none |= none
        raise StillNone


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

    before = dict(f.state.env)

    def others() -> Task:
        check_first_trip(f, node, names, before)
        try:
            yield counted(f, bare(node), spec, names, second)
        except (NeedsPeel, Differs) as differs:
            f.refuse(
                "kind-changes",
                node,
                name=differs.args[0] if differs.args else names[0],
                first="of one kind",
                second="of another",
            )

    def run() -> Task:
        yield run_steps(f, [first_trip, others], node)
        yield close_steps(f, node.orelse, node)

    known = truth(f, test) if test is not BAD else None
    ends = f.static(spec.start), f.static(spec.stop)
    if all(isinstance(end, int) for end in ends):
        known = ends[0] < ends[1] if step > 0 else ends[0] > ends[1]
    if known is True or test is BAD:
        yield run()
    elif known is False:
        yield run_block(f, node.orelse)
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
    def ways() -> Task:
        return as_fits(f, lambda: counted_while(f, node), lambda: peeled_while(f, node))

    base, written, found = f.state, len(f.w.stmts), len(f.session.found)
    try:
        try:
            f.state = base.fork()
            yield ways()
        except TestWrites:
            f.session.acting.add(node.test)
            del f.session.found[found:]
            f.take_back(written)
            f.state = base.fork()
            yield ways()
    except Differs as problem:
        name = problem.args[0] if problem.args else "this"
        f.refuse("kind-changes", node, name=name, first="one thing", second="another")


class TestWrites(Exception):
    """The test of a loop writes: what it wrote when it failed is there behind it."""


def counted_while(f: Frame, node: ast.While) -> Task:
    names = list(assigned([node.test, *node.body], f.walrus))
    walrus = any(isinstance(n, ast.NamedExpr) for n in ast.walk(node.test))
    walrus = walrus or node.test in f.session.acting
    always = isinstance(node.test, ast.Constant) and bool(node.test.value)
    if walrus and leaves_outer(node.orelse):
        what = (
            "`break` or `continue` in the `else` of a `while` that assigns in its test"
        )
        f.refuse("construct", node, what=what)
        return

    def test() -> Task:
        if walrus or always:
            return TRUE
        before = dict(f.state.store)
        with f.at(node):
            value = yield node.test
            if value is BAD:
                return BAD
            if any(f.state.store.get(key) is not was for key, was in before.items()):
                raise TestWrites
            known = truth(f, value)
            return Lit(known) if known is not None else condition(f, value, node.test)

    def body() -> Task:
        if not walrus:
            yield run_block(f, node.body)
            return
        # `while (x := g()) > 0`: the test is the start of the trip, and where it fails
        # the `else` runs, before the loop is left
        leave = ast.copy_location(ast.Break(), node)
        check = ast.If(ast.UnaryOp(ast.Not(), node.test), [*node.orelse, leave], [])
        ast.copy_location(check, node)
        ast.copy_location(check.test, node.test)
        yield run_block(f, [check, *node.body])

    rebound = rebound_names([node.test, *node.body])
    settled = yield settle(f, names, rebound, node, body, test)
    if settled is None:
        return
    plan, trip = settled

    def make(outs: Any, params: Any, inits: Any, block: Block) -> While:
        return While(outs, params, inits, trip.test, block, f.reading.span(node))

    yield finish(f, plan, trip, f.state, node, make, [] if walrus else node.orelse)
    if always and trip.end.exits["break"] == FALSE and "return" in f.state.exits:
        if f.state.exits["return"] != FALSE:
            f.state.exits["return"] = TRUE  # the loop ends in no other way


def leaves_outer(stmts: list[ast.stmt]) -> bool:
    """Is there a `break` or `continue` for the loop around these statements?"""
    work: list[ast.AST] = list(stmts)
    while work:
        node = work.pop()
        if isinstance(node, ast.Break | ast.Continue):
            return True
        if isinstance(node, ast.For | ast.While):
            work.extend(node.orelse)
        elif not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            work.extend(ast.iter_child_nodes(node))
    return False


def peeled_while(f: Frame, node: ast.While) -> Task:
    """The first trip for itself, then the loop."""

    def first_trip() -> Task:
        yield run_block(f, node.body)

    before = dict(f.state.env)

    def others() -> Task:
        check_first_trip(f, node, list(before), before)
        try:
            yield counted_while(f, bare(node))
        except (NeedsPeel, Differs) as found:
            f.refuse(
                "kind-changes",
                node,
                name=found.args[0] if found.args else "this",
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
