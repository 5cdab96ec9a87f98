"""Methods of lists, and what makes lists longer and shorter.

Where the items are known one by one, so is the result. A list of the run is made again
from what it was: `items.insert(i, v)` is `items = inserted(items, i, v)`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from s2sad.ir.kinds import Array, Scalar, Tuple, Unknown
from s2sad.ir.nodes import Lit, Var
from s2sad.syntax.comparisons import sequence
from s2sad.syntax.frame import Frame
from s2sad.syntax.given import hold, hold_items
from s2sad.syntax.iterate import known_items
from s2sad.syntax.run import Task
from s2sad.syntax.subscripts import child, writable
from s2sad.syntax.values import BAD, Items, Ref

LISTS: dict[str, Callable[..., Task]] = {}


def method(name: str) -> Callable[[Any], Any]:
    def enter(handler: Any) -> Any:
        LISTS[name] = handler
        return handler

    return enter


def known_list(f: Frame, base: Ref) -> Items | None:
    content = f.content(base.storage) if not base.path else None
    return content if isinstance(content, Items) else None


def update(f: Frame, base: Ref, new: Any, node: ast.AST) -> None:
    """Put a changed list back where it was read from."""
    if new is BAD:
        return
    if base.path:
        content = f.content(base.storage)
        new = f.op("setitem", (content, new, *base.operands), node, {"path": base.path})
        if new is BAD:
            return
    f.write(base.storage, new, node, True, bool(base.path), True, base.depth)


@method("append")
def append(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    if len(args) != 1:
        return f.refuse(
            "bad-arguments", node, function=".append", reason="it takes one value"
        )
    known = known_list(f, base)
    if known is not None:
        f.write(base.storage, Items((*known.items, f.refer(args[0]))), node)
        return Lit(None)
    whole, item = f.atom(base, node), f.atom(args[0], node)
    if BAD in (whole, item) or not writable(f, base, node):
        return BAD
    hold(f, args[0], node, base.storage)
    attrs = None
    update(f, base, f.op("append", (whole, item), node, attrs, base.storage.name), node)
    return Lit(None)
    yield


@method("extend")
def extend(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.comprehensions import as_list

    items = yield known_items(f, args[0], node)
    if items is not None:
        for item in items:
            yield append(f, base, [item], {}, node)
        return Lit(None)
    more = f.atom((yield as_list(f, args[0], node)), node)
    whole = of_the_run(f, base, node)
    if BAD not in (more, whole):
        update(f, base, f.op("joined", (whole, more), node), node)
    return Lit(None)


@method("insert")
def insert(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    where = f.static(args[0]) if args else f.NOT_STATIC
    if len(args) != 2 or not is_index(f, where, args):
        return f.refuse("bad-arguments", node, function=".insert", reason=NO_INDEX)
    known = known_list(f, base)
    if known is not None and isinstance(where, int):
        items = list(known.items)
        items.insert(where, f.refer(args[1]))
        f.write(base.storage, Items(tuple(items)), node)
        return Lit(None)
    at, item = f.atom(args[0], node), f.atom(args[1], node)
    whole = of_the_run(f, base, node)
    if BAD in (at, item, whole):
        return BAD
    hold(f, args[1], node, base.storage)
    update(f, base, f.op("inserted", (whole, at, item), node), node)
    return Lit(None)
    yield


@method("pop")
def pop(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    where = f.static(args[0]) if args else -1
    known = known_list(f, base)
    if not is_index(f, where, args):
        return f.refuse("bad-arguments", node, function=".pop", reason=NO_INDEX)
    if known is not None and isinstance(where, int):
        items = list(known.items)
        if not -len(items) <= where < len(items):
            have = f"{len(items)} items"
            return f.refuse(
                "missing-key", node, what=f.text(node), key=where, have=have
            )
        value = items.pop(where)
        f.write(base.storage, Items(tuple(items)), node)
        return value
    whole = of_the_run(f, base, node)
    if whole is BAD:
        return BAD
    if where == -1:
        result = f.op("pop", (whole,), node)
        if result is BAD:
            return BAD
        left, value = result
        left.name = base.storage.name
        update(f, base, left, node)
        return f.alike.taken_out(f, base.storage, value)
    at = f.atom(args[0], node)
    if at is BAD:
        return BAD
    value = f.op("getitem", (whole, at), node, {"path": "[#]"})
    update(f, base, without(f, whole, at, where, node), node)
    return f.alike.taken_out(f, base.storage, value)
    yield


@method("popleft")
def popleft(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return (yield pop(f, base, [Lit(0)], {}, node))


@method("appendleft")
def appendleft(
    f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST
) -> Task:
    return (yield insert(f, base, [Lit(0), *args], {}, node))


@method("rotate")
def rotate(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    steps = f.static(args[0]) if args else 1
    if not isinstance(steps, int):
        return f.refuse("bad-arguments", node, function=".rotate", reason=NO_INDEX)
    for _ in range(abs(steps)):
        value = yield pop(f, base, [Lit(-1 if steps > 0 else 0)], {}, node)
        if value is BAD:
            return BAD
        if steps > 0:
            yield insert(f, base, [Lit(0), value], {}, node)
        else:
            yield append(f, base, [value], {}, node)
    return Lit(None)


@method("remove")
def remove(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    """The first item that is equal to this one goes."""
    known = known_list(f, base)
    wanted = f.static(args[0]) if args else f.NOT_STATIC
    found = [f.static(item) for item in known.items] if known is not None else []
    if wanted is not f.NOT_STATIC and wanted in found:
        before = found[: found.index(wanted)]
        if not any(item is f.NOT_STATIC for item in before):
            assert known is not None
            where = found.index(wanted)
            items = (*known.items[:where], *known.items[where + 1 :])
            f.write(base.storage, Items(items), node)
            return Lit(None)
    whole, value = of_the_run(f, base, node), f.atom(args[0], node)
    if BAD in (whole, value):
        return BAD
    at = f.op("index_of", (whole, value), node, {"spelling": ".index"})
    update(f, base, without(f, whole, at, f.NOT_STATIC, node), node)
    return Lit(None)
    yield


NO_INDEX = "an int is needed to say which item"


def is_index(f: Frame, where: Any, args: list[Any]) -> bool:
    """May this be an index, for all that is known of it?"""
    if where is not f.NOT_STATIC:
        return isinstance(where, int) and len(args) < 3
    kind = f.kind(args[0])
    return isinstance(kind, Unknown) or (
        isinstance(kind, Scalar) and kind.dtype.startswith(("int", "uint", "bool"))
    )


def of_the_run(f: Frame, base: Ref, node: ast.AST) -> Any:
    """The list as one value, about to be another; BAD if it must not be changed."""
    whole = f.atom(base, node)
    if whole is BAD or not writable(f, base, node, True):
        return BAD
    if known_list(f, base) is not None:
        hold_items(f, known_list(f, base).items, node)  # type: ignore[union-attr]
    return whole


def part(f: Frame, whole: Any, start: Any, stop: Any, node: ast.AST) -> Any:
    """`whole[start:stop]`."""
    bounds = tuple(b for b in (start, stop) if b is not None)
    path = f"[{'#' * (start is not None)}:{'#' * (stop is not None)}]"
    return f.op("getitem", (whole, *bounds), node, {"path": path})


def without(f: Frame, whole: Any, at: Any, where: Any, node: ast.AST) -> Any:
    """The list but for its item number `at`, which may count from the end."""
    if where == 0:
        return part(f, whole, Lit(1), None, node)
    if where == -1:
        return part(f, whole, None, Lit(-1), node)
    return f.op("taken_out", (whole, at), node)


def splice(f: Frame, base: Ref, index: Any, value: Any, node: ast.AST) -> None:
    """`items[i:j] = more`: what is before, that, and what is after."""
    bounds = [None if b is None else f.atom(b, node) for b in (index.start, index.stop)]
    kind = f.kind(value)
    if isinstance(kind, Tuple):
        value = Items(tuple(child(f, value, i, node) for i in range(len(kind.items))))
    more, whole = f.atom(value, node), of_the_run(f, base, node)
    if BAD in (*bounds, more, whole):
        return
    if isinstance(more.kind, Array):
        more = f.op("rows", (more,), node)
    start, stop = bounds
    before = (
        f.op("list", (), node) if start is None else part(f, whole, None, start, node)
    )
    if stop is None:
        update(f, base, f.op("joined", (before, more), node), node)
        return
    gone = part(f, whole, start, stop, node)
    lengths = f.op("len", (before,), node), f.op("len", (gone,), node)
    after = part(f, whole, f.op("add", lengths, node), None, node)
    joined = f.op("joined", (before, more), node)
    if BAD not in (after, joined):
        new = f.op("joined", (joined, after), node)
        f.alike.is_once(f, new, more)
        update(f, base, new, node)


def delete_from(f: Frame, base: Ref, index: Any, node: ast.AST) -> None:
    """`del items[i]`, `del items[a:b]`."""
    from s2sad.syntax.subscripts import static_index
    from s2sad.syntax.values import SliceValue

    known, where = known_list(f, base), static_index(f, index)
    if known is not None and where is not f.NOT_STATIC:
        items = list(known.items)
        try:
            del items[where]
        except IndexError:
            have = f"{len(items)} items"
            f.refuse("missing-key", node, what=f.text(node), key=where, have=have)
            return
        f.write(base.storage, Items(tuple(items)), node)
        return
    whole = of_the_run(f, base, node)
    if whole is BAD:
        return
    if not isinstance(index, SliceValue):
        at = f.atom(index, node)
        if at is not BAD:
            update(f, base, without(f, whole, at, where, node), node)
        return
    ends = [None if b is None else f.static(b) for b in (index.start, index.stop)]
    if index.step is not None or None not in ends and ends != [0, 0]:
        f.refuse("del-element", node)
        return
    if index.start is None and index.stop is None:
        update(f, base, f.op("list", (), node), node)
        return
    bound = f.atom(index.stop if index.start is None else index.start, node)
    if bound is not BAD:
        bounds = (bound, None) if index.start is None else (None, bound)
        update(f, base, part(f, whole, *bounds, node), node)


@method("copy")
def copy_list(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    known = known_list(f, base)
    if known is not None:
        return known
    whole = f.atom(base, node)
    return BAD if whole is BAD else f.op("copy", (whole,), node)
    yield


@method("reverse")
def reverse(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    known = known_list(f, base)
    if known is not None:
        f.write(base.storage, Items(known.items[::-1]), node)
        return Lit(None)
    whole = of_the_run(f, base, node)
    if whole is not BAD:
        back = f.op("getitem", (whole, Lit(-1)), node, {"path": "[::#]"})
        update(f, base, back, node)
    return Lit(None)
    yield


@method("clear")
def clear(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    if base.path:
        update(f, base, f.op("list", (), node), node)
    else:
        f.write(base.storage, Items(()), node)
    return Lit(None)
    yield


@method("sort")
def sort(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.sorting import sorted_

    made = yield sorted_(f, [base], kwargs, node)
    found = sequence(f, made)
    if found is not None and not base.path:
        f.write(base.storage, Items(tuple(found.items)), node)
    elif isinstance(made, Var):
        update(f, base, made, node)
    return Lit(None)


@method("index")
def index(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    if known_list(f, base) is not None and all(map(f.is_static, args)):
        from s2sad.syntax.methods import tuple_method

        return (yield tuple_method(f, base, "index", args, node))
    atoms = [f.atom(value, node) for value in (base, *args)]
    if BAD in atoms or len(atoms) != 2:
        return BAD
    return f.op("index_of", atoms, node, {"spelling": ".index"})


@method("count")
def count(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.methods import tuple_method

    return (yield tuple_method(f, base, "count", args, node))
