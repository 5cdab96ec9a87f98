"""Calls of the user's functions, each lowered for the shapes of its arguments.

All calls with the same shapes share one function of the program. What a lambda or
nested function captures becomes further parameters; what a callee writes into its
arguments comes back as further results. A recursive callee is lowered again until the
kind of its result has settled.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from s2sad.ir.kinds import Kind, Static
from s2sad.ir.nodes import (
    FALSE,
    NONE,
    TRUE,
    UNDEF,
    Atom,
    Block,
    Call,
    Function,
    Lit,
    Param,
    Var,
)
from s2sad.rules.joins import join_kinds
from s2sad.syntax.entangled import (
    entangled,
    holds_references,
    is_written,
    storages_in,
    writes_parts,
    writes_what_is_shared,
)
from s2sad.syntax.frame import Frame
from s2sad.syntax.functions import body_of, clean, header, start
from s2sad.syntax.inline import (
    holds_object,
    hosted_value,
    inline,
    lives_in,
    makes_function,
    returns_nothing,
)
from s2sad.syntax.kinds import is_reference
from s2sad.syntax.recursion import identity_of, is_endless, less_lengths
from s2sad.syntax.run import Task, run
from s2sad.syntax.shapes import (
    Differs,
    Fixed,
    Held,
    Leaf,
    Listed,
    Mapping,
    NeedsPeel,
    Packed,
    Unset,
    fresh,
    held_kind,
    leaves,
    shape_of,
    widen,
)
from s2sad.syntax.values import (
    BAD,
    Bad,
    Closure,
    Either,
    Entries,
    Items,
    Known,
    Overlay,
    Pack,
    Poison,
    Ref,
    Storage,
    share,
)

DEEPEST = 60  # calls in calls, each with arguments of new kinds


TRIES = 6


def argument_shape(f: Frame, value: Any, literal: bool) -> Any:
    """How an argument is handed over; literal numbers as they are if `literal`."""
    if isinstance(value, Either) and isinstance(value.whole, Var):
        value = value.whole
    if isinstance(value, Var):
        if isinstance(value.kind, Static):
            return Fixed(Known(value.kind.value))
        return Held(Leaf(value.kind)) if is_reference(value.kind) else Leaf(value.kind)
    if isinstance(value, Lit):
        number = type(value.value) in (int, float, complex)
        return Leaf(value.kind) if number and not literal else Fixed(value)
    if isinstance(value, Known):
        return Fixed(value)
    if isinstance(value, Pack):
        if whole(f, value):
            kind = f.kind(value)
            if not value.items:
                return Fixed(value)
            return Held(Leaf(kind)) if holds_references(kind) else Leaf(kind)
        items = tuple(argument_shape(f, item, literal) for item in value.items)
        return Packed(items, value.cls)
    if isinstance(value, Ref):
        content = f.content(value.storage)
        if isinstance(content, Items) and not whole(f, value):
            return Held(
                Listed(tuple(argument_shape(f, v, literal) for v in content.items))
            )
        if isinstance(content, Entries) and not whole(f, value):
            entries = content.entries.items()
            return Held(Mapping({k: argument_shape(f, v, literal) for k, v in entries}))
        return Held(Leaf(f.kind(value)))
    return Fixed(value)


def whole(f: Frame, value: Any) -> bool:
    """Can a container be handed over as one value of the run?"""
    if isinstance(value, Ref):
        value = f.content(value.storage)
    if isinstance(value, Items) and all(item == NONE for item in value.items):
        return True  # places to be filled
    if isinstance(value, (Pack, Items)):
        return all(whole(f, item) for item in value.items)
    if isinstance(value, Entries):
        return bool(value.entries) and all(
            whole(f, item) for item in value.entries.values()
        )
    if isinstance(value, Lit):
        return type(value.value) in (int, float, bool)
    return isinstance(value, Var) and not isinstance(value.kind, Static)


def shape_key(shape: Any) -> Any:
    """A shape as a key: equal for calls that one function serves."""
    if isinstance(shape, Leaf):
        return ("leaf", shape.kind)
    if isinstance(shape, Packed):
        return ("pack", shape.cls, tuple(map(shape_key, shape.items)))
    if isinstance(shape, Held):
        return ("held", shape_key(shape.content))
    if isinstance(shape, Listed):
        return ("list", tuple(map(shape_key, shape.items)))
    if isinstance(shape, Mapping):
        return ("dict", tuple((k, shape_key(v)) for k, v in shape.entries.items()))
    if isinstance(shape, Fixed):
        value = shape.value
        if isinstance(value, Lit):
            return ("lit", value)
        if isinstance(value, Known):
            return ("known", Static(value.value))
        if isinstance(value, Closure):
            captured = (id(value.scope), id(value.node))
            return ("closure", captured, tuple(id(d) for d in value.defaults))
        if isinstance(value, Pack):
            return ("pack", value.cls, ())
        return ("other", id(value))
    return ("unset",)


class Origin(NamedTuple):
    """Where a captured name lives: in a function, or in a comprehension of it."""

    scope: Frame
    overlay: Overlay | None = None


@dataclass(eq=False)
class Summary:
    """A callee that has been lowered, and how to call it."""

    key: str
    callee: Any
    shapes: dict[str, Any]
    args: dict[str, Any] = field(default_factory=dict)  # the values of the first call
    captures: list[tuple[Any, str, Any]] = field(
        default_factory=list
    )  # origin, name, shape
    frame: Frame | None = None
    result: Any = None  # the shape of what it returns; None: not known yet
    value: Any = None  # and the value itself, in its own frame
    writes: list[Storage] = field(default_factory=list)
    write_kinds: list[Kind] = field(default_factory=list)  # what they hold at the end
    sources: dict[Storage, Any] = field(default_factory=dict)  # storage -> parameter
    grown: dict[Any, Kind] = field(default_factory=dict)  # captured, in a deeper call
    parts: set[Storage] = field(default_factory=set)  # storages in what is handed over
    recursed: bool = False
    entangled: bool = False  # its results do not say all that a caller may see
    dead: bool = False  # it always raises
    candidates: list[Summary] = field(default_factory=list)  # where it is entered
    dependents: list[Summary] = field(
        default_factory=list
    )  # lowered on a guess of this
    done: bool = False


def call_function(f: Frame, callee: Any, args: dict[str, Any], node: ast.AST) -> Task:
    """Call a user's function whose parameters have been bound to values."""
    from s2sad.syntax.comprehensions import as_list
    from s2sad.syntax.iterate import LAZY

    alone = f.session.alone is node
    args = {name: f.refer(value) for name, value in args.items()}
    for name, value in args.items():
        if isinstance(value, LAZY) and not static_range(f, value):
            args[name] = f.refer((yield as_list(f, value, node)))
    for value in args.values():
        content = f.content(value.storage) if isinstance(value, Ref) else None
        if isinstance(content, Poison):
            if content.code == "captured-read-back":  # it may only write there, too
                return inline(f, callee, args, node)
            return f.atom(value, node)
    if any(holds_object(f, value) for value in args.values()):
        return inline(f, callee, args, node)
    found = len(f.session.found)
    result = yield call_with(f, callee, args, node, alone, literal=False)
    if len(f.session.found) > found and any(isinstance(v, Lit) for v in args.values()):
        # A number may have to be known while lowering: an axis, a length.
        refused = f.session.found[found:]
        del f.session.found[found:]
        second = yield call_with(f, callee, args, node, alone, literal=True)
        if len(f.session.found) == found:
            return second
        f.session.found[found:] = refused
    if result is BAD and len(f.session.found) == found:
        for storage in (s for value in args.values() for s in storages_in(f, value)):
            if isinstance(f.content(storage), Poison):
                return f.atom(Ref(storage), node)
    return result


def static_range(f: Frame, value: Any) -> bool:
    from s2sad.syntax.iterate import RangeOf

    bounds = (
        (value.start, value.stop, value.step) if isinstance(value, RangeOf) else (None,)
    )
    return all(isinstance(bound, Lit) for bound in bounds)


def call_with(
    f: Frame,
    callee: Any,
    args: dict[str, Any],
    node: ast.AST,
    alone: bool,
    literal: bool,
) -> Task:
    shapes = {name: argument_shape(f, value, literal) for name, value in args.items()}
    identity = identity_of(callee)
    for outer in reversed(f.session.active):
        if identity_of(outer.callee) == identity:
            shapes = less_lengths(outer.shapes, shapes)
            if is_endless(shapes):
                return f.refuse("recursion-kinds", node, name=callee_name(callee))
            break
    handed = tuple((name, shape_key(shape)) for name, shape in shapes.items())
    key = (identity, handed, f.session.guarding > 0)
    candidates = f.session.summaries.setdefault(key, [])
    for summary in candidates:
        if not summary.done or fits(f, summary, node):
            return call_or_inline(f, summary, args, node, alone)
    if f.session.depth > DEEPEST:
        return f.refuse("recursion-kinds", node, name=callee_name(callee))
    summary = Summary("", callee, shapes, args, candidates=candidates)
    candidates.append(summary)
    refusals = len(f.session.found)
    f.session.depth += 1
    try:
        summary.key = f.session.key(callee_name(callee))
        f.session.functions[summary.key] = None  # type: ignore[assignment]
        f.session.active.append(summary)
        for _ in range(TRIES):
            del f.session.found[refusals:]
            forget(f, summary)
            before = summary.result, written_sources(summary)
            grow_captured(summary)
            summary.recursed = False
            lower_callee(f, summary, node)
            after = summary.result, written_sources(summary)
            if not summary.recursed:
                break
            if before[0] is not None and before == after and captured_as_left(summary):
                break
        else:
            f.refuse("recursion-kinds", node, name=callee_name(callee))
    finally:
        f.session.depth -= 1
        f.session.active.remove(summary)
        summary.done = True
    if len(f.session.found) > refusals:
        candidates.remove(summary)
        f.session.functions.pop(summary.key, None)
        told = {found.code for found in f.session.found[refusals:]}
        near = told <= {"S2S014", "S2S027"} or hands_captured(f, args)
        if near and not summary.recursed:
            # the caller may know what is a view or one object, or that writes are
            # effects
            del f.session.found[refusals:]
            return inline(f, callee, args, node)
        return BAD
    summary.entangled = entangled(summary)
    stands = alone and not writes_parts(summary)
    if makes_function(summary.value) or summary.entangled and not stands:
        candidates.remove(summary)
        f.session.functions.pop(summary.key, None)
        return in_place(f, summary, args, node)
    return call_or_inline(f, summary, args, node, alone)
    yield


def hands_captured(f: Frame, args: dict[str, Any]) -> bool:
    """Is a container handed over that outlives the call (see `records`)?"""
    storages = (s for value in args.values() for s in storages_in(f, value))
    return any(s.origin == "captured" and s in f.initial for s in storages)


def call_or_inline(
    f: Frame, summary: Summary, args: dict[str, Any], node: ast.AST, alone: bool
) -> Any:
    """A call; where one array comes in twice and is written, its body instead.

    Called `alone`, it is given values that nobody else holds, and is never seen again.
    """
    if summary.done and writes_what_is_shared(f, summary, args, node):
        return in_place(f, summary, args, node)
    if summary.entangled and not alone:
        return in_place(f, summary, args, node)
    return finish_call(f, summary, args, node)


def in_place(f: Frame, summary: Summary, args: dict[str, Any], node: ast.AST) -> Any:
    """The body instead of a call: not of what calls itself, which would not end."""
    if summary.recursed and not makes_function(summary.value):
        return f.refuse("recursion-shares", node, name=callee_name(summary.callee))
    return inline(f, summary.callee, args, node)


def written_sources(summary: Summary) -> list[Any]:
    """The parameters that the callee writes into, as far as it is known by now."""
    return [summary.sources[storage] for storage in summary.writes]


def grow_captured(summary: Summary) -> None:
    """What a call leaves in what it captures, a deeper call may find there."""
    for storage, kind in zip(summary.writes, summary.write_kinds):
        source = summary.sources[storage]
        if isinstance(source, tuple):
            summary.grown[source] = kind


def captured_as_left(summary: Summary) -> bool:
    """Does a deeper call find what it captures as this one did?"""
    found = {(scope, name): held_kind(shape) for scope, name, shape in summary.captures}
    for storage, kind in zip(summary.writes, summary.write_kinds):
        source = summary.sources[storage]
        if source in found and join_kinds(found[source], kind) != found[source]:
            return False
    return True


def forget(f: Frame, summary: Summary) -> None:
    """Functions lowered on a guess of what this one returns are lowered anew."""
    for other in summary.dependents:
        if other in other.candidates:
            other.candidates.remove(other)
            f.session.functions.pop(other.key, None)
    summary.dependents = []


def callee_name(callee: Any) -> str:
    name = callee.name if isinstance(callee, Closure) else callee.__name__
    return clean(name)


def fits(f: Frame, summary: Summary, node: ast.AST) -> bool:
    """Does what the callee captured have the same shapes here?"""
    for scope, name, shape in summary.captures:
        value = outer_value(f, scope, name, node)
        if shape_key(argument_shape(f, value, False)) != shape_key(shape):
            return False
    return True


def lower_callee(f: Frame, summary: Summary, node: ast.AST) -> None:
    """Lower the callee's body for these shapes into the program."""
    callee = summary.callee
    if isinstance(callee, Closure):
        reading = replace(callee.scope.reading, node=callee.node)
        g = Frame(f.session, reading, callee.name, None, callee.scope)
        g.bound = callee.bound
    else:
        reading = f.session.reading(callee)
        g = Frame(f.session, reading, callee.__name__, callee)
    g.caller = f
    g.summary = summary
    summary.frame = g
    summary.captures = []
    params: list[Var] = []
    for name, shape in summary.shapes.items():
        value = fresh(g, shape, name, params)
        g.state.env[name] = value
        f.session.pins.follow([value], [summary.args.get(name)])
        mark_source(g, summary, value, name)
    run(body_of(g), start(g))
    if g.state.dead:
        result: Any = BAD
    elif g.state.exits["return"] == FALSE or returns_nothing(g):
        result = Lit(None)
    elif g.state.exits["return"] != TRUE:
        g.refuse(
            "missing-return",
            header(reading.node),
            name=callee_name(callee),
            where="",
            value="...",
        )
        result = BAD
    else:
        result = g.state.result
    summary.value = result
    summary.dead = g.state.dead
    shape = result_shape(g, result)
    if isinstance(result, Bad):
        pass
    elif summary.result is None:
        summary.result = shape
    else:
        try:
            with_state = widen(g, summary.result, result)
        except (Differs, NeedsPeel):
            with_state = shape
        summary.result = with_state
    yields: list[Atom] = []
    if not isinstance(result, Bad):
        leaves(g, summary.result, result, reading.node, yields)
    written = [s for s in summary.sources if is_written(g, s)]
    summary.writes = written
    summary.write_kinds = [g.kind(Ref(s)) for s in summary.writes]
    for storage in summary.writes:
        atom = g.atom(Ref(storage), header(reading.node))
        yields.append(Lit(None) if atom is BAD else atom)
    block = Block((*g.prologue, *g.w.stmts), tuple(yields))
    doc = (
        ast.get_docstring(reading.node)
        if isinstance(reading.node, ast.FunctionDef)
        else None
    )
    everything = tuple(Param(var) for var in [*params, *g.captured_vars])
    f.session.functions[summary.key] = Function(
        callee_name(callee), everything, block, reading.source, doc
    )


def mark_source(g: Frame, summary: Summary, value: Any, source: Any) -> None:
    """Remember which parameter a storage of the callee stands for."""
    if isinstance(value, Ref):
        value.storage.origin = "param"
        summary.sources[value.storage] = source
    for storage in storages_in(g, value):
        if storage not in summary.sources:
            storage.origin = "param"
            summary.parts.add(storage)


def result_shape(g: Frame, value: Any) -> Any:
    if isinstance(value, Lit) and type(value.value) in (int, float, complex):
        return Leaf(value.kind)
    if isinstance(value, Pack):
        return Packed(tuple(result_shape(g, item) for item in value.items), value.cls)
    return shape_of(g, value)


def finish_call(f: Frame, summary: Summary, args: dict[str, Any], node: ast.AST) -> Any:
    """Emit the call and take its results apart."""
    atoms: list[Atom] = []
    for name, value in args.items():
        leaves(f, summary.shapes[name], value, node, atoms)
    if not summary.done:
        summary.recursed = True
        active = f.session.active
        summary.dependents += active[active.index(summary) + 1 :]
        if summary.result is None:
            return BAD  # another path tells what it returns
    for scope, name, shape in summary.captures:
        leaves(f, shape, outer_value(f, scope, name, node), node, atoms)
    if UNDEF in atoms:
        return BAD
    if summary.dead and summary.result is None:
        f.w.add(Call((), summary.key, tuple(atoms), f.w.span))
        f.state.dead = True
        return BAD
    outs: list[Var] = []
    made = fresh(f, summary.result, "", outs)
    writes: list[Var] = []
    for storage, kind in zip(summary.writes, summary.write_kinds):
        writes.append(Var(storage.name, kind))
    if summary.done or not isinstance(summary.result, Unset):
        f.w.add(Call((*outs, *writes), summary.key, tuple(atoms), f.w.span))
    for storage, var in zip(summary.writes, writes):
        write_back(f, argument_of(f, summary, storage, args, node), var, node)
    return relate(f, summary, summary.value, made, args, node)


def argument_of(
    f: Frame, summary: Summary, storage: Storage, args: dict[str, Any], node: ast.AST
) -> Any:
    """The caller's value that a parameter's storage stands for."""
    source = summary.sources[storage]
    if isinstance(source, tuple):
        return outer_value(f, source[0], source[1], node)
    return args[source]


def write_back(f: Frame, ref: Any, var: Var, node: ast.AST) -> None:
    """The callee wrote into this argument."""
    if not isinstance(ref, Ref):
        return  # a temporary that nobody else holds
    content: Any = var
    if ref.path:
        base = f.content(ref.storage)
        content = f.op("setitem", (base, var, *ref.operands), node, {"path": ref.path})
        if content is BAD:
            return
    f.write(ref.storage, content, node, level=ref.depth)


def relate(
    f: Frame, summary: Summary, inner: Any, made: Any, args: Any, node: ast.AST
) -> Any:
    """What the callee returns may be, or may overlap, one of its arguments."""
    if isinstance(inner, Pack) and isinstance(made, Pack):
        items = [
            relate(f, summary, a, b, args, node)
            for a, b in zip(inner.items, made.items)
        ]
        return Pack(tuple(items), made.cls)
    if isinstance(inner, Ref) and isinstance(made, Ref):
        sources, lent = summary.sources, f.session.lent
        if inner.storage in lent:
            lent[made.storage] = lent[inner.storage]
        if inner.storage in sources and not inner.path:
            given = argument_of(f, summary, inner.storage, args, node)
            if isinstance(given, Ref):
                return given
        for storage in (inner.storage, *inner.storage.maybe):
            if storage in sources:
                given = argument_of(f, summary, storage, args, node)
                if isinstance(given, Ref):
                    made.storage.maybe.add(given.storage)
                    given.storage.maybe.add(made.storage)
            for other in storage.shares:
                if other in sources:
                    given = argument_of(f, summary, other, args, node)
                    if isinstance(given, Ref):
                        share(made.storage, given.storage)
    return made


def outer_value(f: Frame, origin: Origin, name: str, node: ast.AST) -> Any:
    """A name of the function `origin.scope`, as seen from `f`, which it called."""
    from s2sad.syntax.resolve import resolve

    if f is origin.scope:
        if origin.overlay is not None:
            return origin.overlay[name]
        return resolve(f, name, node)
    known = f.captured.get((origin, name))
    if known is not None:
        return known
    if lives_in(f, origin.scope):
        return hosted_value(f, name, origin.scope, node)
    if f.host is not None:
        f.host.state.store = f.state.store
        return outer_value(f.host, origin, name, node)
    if f.caller is None:
        return f.refuse("construct", node, what=f"the function that holds `{name}`")
    there = outer_value(f.caller, origin, name, node)
    return capture(f, origin, name, there, node)


def capture(f: Frame, scope: Origin, name: str, there: Any, node: ast.AST) -> Any:
    """A further parameter for a captured value."""
    if there is BAD:
        return BAD
    if isinstance(there, Either) and there.whole is None:
        return f.refuse("construct", node, what="calling a function chosen elsewhere")
    caller = f.caller
    assert caller is not None and f.summary is not None
    shape = argument_shape(caller, there, False)
    if isinstance(there, Known) and there.atom is not None:
        shape = Fixed(Known(there.value))
    grown = f.summary.grown.get((scope, name))
    if grown is not None and isinstance(shape, Held):
        known = held_kind(shape)
        wider = join_kinds(known, grown)
        shape = shape if wider == known else Held(Leaf(wider))
    vars_: list[Var] = []
    before = f.state
    here = fresh(f, shape, name, vars_)
    if isinstance(here, Ref):
        f.initial[here.storage] = before.store.pop(here.storage)
    mark_source(f, f.summary, here, (scope, name))
    f.captured_vars += vars_
    f.summary.captures.append((scope, name, shape))
    f.captured[(scope, name)] = here
    return here
