"""Comprehensions and generator expressions: spread out, or as the loop they stand for.

What goes over items that are known one by one is spread out, item by item. Anything
else is lowered as Python defines it: an empty list, a loop, an `append`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from s2sad.ir.kinds import Table
from s2sad.ir.nodes import FALSE, TRUE, UNDEF, Lit
from s2sad.syntax.comparisons import truth
from s2sad.syntax.expressions import EXPRESSIONS, expression
from s2sad.syntax.frame import Frame
from s2sad.syntax.iterate import Filtered, Generated, Mapped, RangeOf, known_items
from s2sad.syntax.names import assigned
from s2sad.syntax.run import Task
from s2sad.syntax.spelling import is_reachable
from s2sad.syntax.statements import STATEMENTS, assign_to
from s2sad.syntax.values import BAD, Entries, Items, Known, Overlay, Pack, Ref

SHORT = 8  # numbers of a range, up to where a comprehension over it is spread out


class Given(ast.expr):
    """An expression whose value is at hand."""

    _fields = ()
    value: Any


class Do(ast.stmt):
    """A statement made by lowering itself; `target` is the name that it assigns."""

    _fields = ("target",)
    task: Callable[[], Task]


def given(f: Frame, node: Given) -> Task:
    return node.value
    yield


def do(f: Frame, node: Do) -> Task:
    return (yield node.task())


EXPRESSIONS[Given] = given
STATEMENTS[Do] = do


def at(new: Any, old: ast.AST) -> Any:
    """A made node, and those in it, stand where an old one does."""
    for inner in ast.walk(new):
        if not hasattr(inner, "lineno"):
            ast.copy_location(inner, old)
    return new


# ---- the four forms ------------------------------------------------------------------


@expression(ast.ListComp)
def list_comprehension(f: Frame, node: ast.ListComp) -> Task:
    items = yield spread_out(f, node, node.generators, lambda: element(f, node.elt))
    if items is not None:
        return BAD if BAD in items else Items(tuple(map(f.refer, items)))
    return (yield collected(f, node.generators, node.elt, node))


@expression(ast.GeneratorExp)
def generator(f: Frame, node: ast.GeneratorExp) -> Task:
    return f.refuse("generator-place", node)
    yield


@expression(ast.SetComp)
def set_comprehension(f: Frame, node: ast.SetComp) -> Task:
    items = yield spread_out(f, node, node.generators, lambda: element(f, node.elt))
    found = [f.static(item) for item in items] if items is not None else [f.NOT_STATIC]
    if any(v is f.NOT_STATIC for v in found):
        return f.refuse("construct", node, what="a set of values of the run")
    return Known(frozenset(found))


@expression(ast.DictComp)
def dict_comprehension(f: Frame, node: ast.DictComp) -> Task:
    def pair() -> Task:
        key = yield node.key
        value = yield node.value
        return Pack((key, value))

    written, found, state = len(f.w.stmts), len(f.session.found), f.state.fork()
    pairs = yield spread_out(f, node, node.generators, pair)
    entries: dict[Any, Any] = {}
    for each in pairs or ():
        if each is BAD or BAD in each.items:
            return BAD
        key = f.static(each.items[0])
        if key is f.NOT_STATIC:
            f.take_back(written)
            del f.session.found[found:]
            f.state, pairs = state, None
            break
        entries[key] = f.entry(key, each.items[1])
    if pairs is None:
        return (yield entered(f, node.generators, node.key, node.value, node))
    return Entries(entries)


def entered(
    f: Frame,
    generators: list[ast.comprehension],
    key: ast.expr,
    value: ast.expr,
    node: ast.AST,
) -> Task:
    """The dict that a comprehension makes, by a loop that enters what it finds."""
    made = f.refer(Entries({}))
    return (yield entered_into(f, made, generators, key, value, node))


def entered_into(
    f: Frame,
    made: Ref,
    generators: list[ast.comprehension],
    key: ast.expr,
    value: ast.expr,
    node: ast.AST,
) -> Task:
    name = hidden(f, "entries")
    f.state.env[name] = made
    place = ast.Subscript(ast.Name(name, ast.Load()), key, ast.Store())
    body: list[ast.stmt] = [ast.Assign([place], value)]
    yield run_loop(f, nested(generators, body, node), generators)
    return f.state.env.pop(name, BAD)


def dict_of_pairs(f: Frame, pairs: Any, node: ast.AST, made: Ref | None = None) -> Task:
    """`dict(pairs)`, or `made.update(pairs)`."""
    names = [hidden(f, name) for name in ("key", "entry")]
    target = ast.Tuple([ast.Name(name, ast.Store()) for name in names], ast.Store())
    this = at(ast.comprehension(target, _given(pairs), [], 0), node)
    key, value = (at(ast.Name(name, ast.Load()), node) for name in names)
    made = f.refer(Entries({})) if made is None else made
    return (yield entered_into(f, made, [this], key, value, node))


def dict_from_keys(f: Frame, keys: Any, value: Any, node: ast.AST) -> Task:
    """`dict.fromkeys(keys, value)`"""
    generators, key = generators_of(f, keys, node)
    return (yield entered(f, generators, key, at(_given(value), node), node))


def element(f: Frame, node: ast.expr) -> Task:
    return (yield node)


# ---- spread out ----------------------------------------------------------------------


def spread_out(
    f: Frame,
    node: ast.AST,
    generators: list[ast.comprehension],
    element: Callable[[], Task],
) -> Task:
    """The values of a comprehension one by one; None where a loop has to make them."""
    names = assigned([g.target for g in generators])
    overlay = Overlay(dict.fromkeys(names, UNDEF))
    found = len(f.session.found)
    written, state = len(f.w.stmts), f.state.fork()
    values: list[Any] = []
    f.overlays.append(overlay)
    try:
        whole = yield spread_level(f, generators, 0, element, values, overlay)
    finally:
        f.overlays.pop()
    if whole:
        return values
    f.take_back(written)
    del f.session.found[found:]
    f.state = state
    return None


def spread_level(
    f: Frame,
    generators: list[ast.comprehension],
    level: int,
    element: Callable[[], Task],
    values: list[Any],
    overlay: dict[str, Any],
) -> Task:
    """One `for` of a comprehension; False if it cannot be spread out."""
    if level == len(generators):
        values.append((yield element()))
        return True
    this = generators[level]
    source = yield this.iter
    if source is BAD:
        return False
    items = yield known_items(f, source, this.iter)
    if items is None or isinstance(source, RangeOf) and len(items) > SHORT:
        return False
    for item in items:
        yield assign_to(f, this.target, item, this.target)
        keep = True
        for test in this.ifs:
            value = yield test
            verdict = None if value is BAD else truth(f, value)
            if verdict is None:
                return False
            if not verdict:
                keep = False
                break
        if keep and not (
            yield spread_level(f, generators, level + 1, element, values, overlay)
        ):
            return False
    return True


def spread(f: Frame, value: Generated, node: ast.AST) -> Task:
    """The values of a generator expression one by one, or None."""
    inner = value.node
    before, f.overlays = f.overlays, list(value.overlays)
    try:
        return (
            yield spread_out(f, inner, inner.generators, lambda: element(f, inner.elt))
        )
    finally:
        f.overlays = before


# ---- as loops ------------------------------------------------------------------------


def nested(
    generators: list[ast.comprehension], body: list[ast.stmt], node: ast.AST
) -> ast.stmt:
    """The loops and tests of a comprehension around a body."""
    for this in reversed(generators):
        for test in reversed(this.ifs):
            body = [ast.If(test, body, [])]
        loop = ast.For(_store(this.target), this.iter, body, [], None)
        loop.form = "comp"  # type: ignore[attr-defined]
        body = [loop]
    return at(body[0], node)


def _store(target: ast.expr) -> ast.expr:
    return target


def hidden(f: Frame, name: str) -> str:
    """A name that the user's function does not use."""
    while name in f.locals or name in f.state.env:
        name += "_"
    return name


def run_loop(f: Frame, loop: ast.stmt, generators: list[ast.comprehension]) -> Task:
    """Run the loop; the names of the comprehension are its own."""
    names = assigned([g.target for g in generators])
    before = {name: f.state.env[name] for name in names if name in f.state.env}
    yield loop
    for name in names:
        f.state.env.pop(name, None)
    f.state.env.update(before)


def collected(
    f: Frame, generators: list[ast.comprehension], elt: ast.expr, node: ast.AST
) -> Task:
    """The list that a comprehension makes, by a loop that appends."""
    name = hidden(f, "items")
    f.bind(name, Items(()), node)
    f.state.env[name].storage.name = ""
    append = ast.Attribute(ast.Name(name, ast.Load()), "append", ast.Load())
    body: list[ast.stmt] = [ast.Expr(ast.Call(append, [elt], []))]
    yield run_loop(f, nested(generators, body, node), generators)
    return f.state.env.pop(name, BAD)


def as_list(f: Frame, value: Any, node: ast.AST) -> Task:
    """`list(value)`."""
    if isinstance(value, Generated):
        inner = value.node
        items = yield spread(f, value, node)
        if items is None:
            before, f.overlays = f.overlays, list(value.overlays)
            made = yield collected(f, inner.generators, inner.elt, inner)
            f.overlays = before
            return made
        return BAD if BAD in items else Items(tuple(map(f.refer, items)))
    items = yield known_items(f, value, node)
    if items is not None:
        return BAD if BAD in items else Items(tuple(map(f.refer, items)))
    if isinstance(f.kind(value), Table):
        from s2sad.syntax.tables import keys_of

        return keys_of(f, value, node)
    if isinstance(value, (Ref,)):
        from s2sad.rules import lookup
        from s2sad.syntax.calls import call_primitive

        primitive = lookup(list)
        if primitive is not None:
            spelling = "list" if is_reachable(f, "list", list) else ""
            return (yield call_primitive(f, primitive, [value], {}, node, spelling))
    generators, elt = generators_of(f, value, node)
    return (yield collected(f, generators, elt, node))


def repeated(f: Frame, items: Items, count: Any, node: ast.AST) -> Task:
    """`[x] * n`."""
    name = hidden(f, "i")
    trips = _given(RangeOf(Lit(0), count, Lit(1)))
    this = ast.comprehension(ast.Name(name, ast.Store()), trips, [], 0)
    return (
        yield collected(f, [at(this, node)], at(_given(items.items[0]), node), node)
    )


def _given(value: Any) -> Given:
    node = Given()
    node.value = value
    return node


def generators_of(
    f: Frame, value: Any, node: ast.AST
) -> tuple[list[ast.comprehension], ast.expr]:
    """What a lazy value goes through, as the `for` parts and element of a
    comprehension.
    """
    if isinstance(value, Generated):
        return value.node.generators, value.node.elt
    if isinstance(value, Mapped) and len(value.parts) == 1:
        generators, elt = generators_of(f, value.parts[0], node)
        return generators, at(ast.Call(_given(value.callee), [elt], []), node)
    if isinstance(value, Filtered):
        generators, elt = generators_of(f, value.part, node)
        test = elt
        if f.static(value.callee) is not None:
            test = at(ast.Call(_given(value.callee), [elt], []), node)
        last = generators[-1]
        tested = ast.comprehension(last.target, last.iter, [*last.ifs, test], 0)
        return [*generators[:-1], tested], elt
    name = hidden(f, "item")
    target = ast.Name(name, ast.Store())
    this = at(ast.comprehension(target, _given(value), [], 0), node)
    return [this], at(ast.Name(name, ast.Load()), node)


def accumulate(
    f: Frame, value: Any, start: Any, step: Callable[[Any, Any], Task], node: ast.AST
) -> Task:
    """`total = step(total, item)` for each item."""
    if isinstance(value, (Generated, Mapped, Filtered)):
        items = yield known_items(f, value, node)
        if items is not None:
            total = start
            for item in items:
                total = yield step(total, item)
            return total
    name = hidden(f, "total")
    f.bind(name, start, node)
    holder = Do()
    holder.target = ast.Name(name, ast.Store())
    generators, elt = generators_of(f, value, node)

    def one() -> Task:
        item = yield elt
        total = f.lookup_local(name)
        result = BAD if item is BAD else (yield step(total, item))
        f.bind(name, result, node)

    holder.task = one
    yield run_loop(f, nested(generators, [holder], node), generators)
    return f.state.env.pop(name, BAD)


def search(f: Frame, name: str, value: Any, node: ast.AST) -> Task:
    """`any(...)` and `all(...)`: stop at the first that decides."""
    flag = hidden(f, "found")
    f.bind(flag, FALSE if name == "any" else TRUE, node)
    generators, elt = generators_of(f, value, node)
    test = elt if name == "any" else ast.UnaryOp(ast.Not(), elt)
    decide = ast.Assign([ast.Name(flag, ast.Store())], ast.Constant(name == "any"))
    body: list[ast.stmt] = [ast.If(test, [decide, ast.Break()], [])]
    if len(generators) > 1:  # a `break` would leave the inner loop only
        op = ast.Or() if name == "any" else ast.And()
        both = ast.BoolOp(op, [ast.Name(flag, ast.Load()), elt])
        body = [ast.Assign([ast.Name(flag, ast.Store())], both)]
    yield run_loop(f, nested(generators, body, node), generators)
    return f.state.env.pop(flag, BAD)
