"""Builtins that work on the structure of values, decided while lowering."""

from __future__ import annotations

import ast
import bisect
import builtins
import functools
import itertools
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

import numpy as np

from s2sad.ir.kinds import (
    Array,
    Table,
)
from s2sad.ir.nodes import Lit, Var
from s2sad.rules import helpers, lookup
from s2sad.syntax.frame import Frame
from s2sad.syntax.iterate import (
    Enumerated,
    Filtered,
    Mapped,
    RangeOf,
    Reversed,
    Wrapped,
    Zipped,
    known_items,
)
from s2sad.syntax.run import Task
from s2sad.syntax.spelling import is_reachable
from s2sad.syntax.subscripts import Parts
from s2sad.syntax.values import (
    BAD,
    Entries,
    Items,
    Known,
    Pack,
    Partial,
    Ref,
    SliceValue,
)

BUILTINS: dict[Any, Callable[..., Task]] = {}


def builtin(*objects: Any) -> Callable[[Any], Any]:
    def enter(handler: Any) -> Any:
        for value in objects:
            BUILTINS[value] = handler
        return handler

    return enter


def wrong(
    f: Frame, node: ast.AST, name: str, reason: str = "the arguments do not fit"
) -> Any:
    return f.refuse("bad-arguments", node, function=name, reason=reason)


def plain_call(
    f: Frame, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Task:
    """The builtin's own primitive."""
    from s2sad.syntax.calls import call_primitive
    from s2sad.syntax.kept_calls import opaque

    value = getattr(builtins, name)
    primitive = lookup(value)
    if primitive is None:
        return opaque(f, name, args, kwargs, node, value)
    spelling = name if is_reachable(f, name, value) else ""
    return (yield call_primitive(f, primitive, args, kwargs, node, spelling))


# ---- going through things ------------------------------------------------------------


@builtin(range)
def range_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    if not 1 <= len(args) <= 3 or kwargs:
        return wrong(f, node, "range")
    start, stop, step = {
        1: lambda: (Lit(0), args[0], Lit(1)),
        2: lambda: (*args, Lit(1)),
        3: lambda: tuple(args),
    }[len(args)]()
    return RangeOf(start, stop, step)
    yield


@builtin(zip)
def zip_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return Zipped(tuple(args))
    yield


@builtin(enumerate)
def enumerate_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    start = args[1] if len(args) > 1 else kwargs.get("start", Lit(0))
    return Enumerated(args[0], start) if args else wrong(f, node, "enumerate")
    yield


@builtin(reversed)
def reversed_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return Reversed(args[0]) if len(args) == 1 else wrong(f, node, "reversed")
    yield


@builtin(map)
def map_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return Mapped(args[0], tuple(args[1:])) if len(args) > 1 else wrong(f, node, "map")
    yield


@builtin(filter)
def filter_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return Filtered(args[0], args[1]) if len(args) == 2 else wrong(f, node, "filter")
    yield


@builtin(iter)
def iter_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.wrappers import looker_on

    (value,) = args if len(args) == 1 else (None,)
    if isinstance(value, Wrapped) and isinstance(value.part, RangeOf):
        return looker_on(f, value, node)  # a bar, as the text of a derivative has it
    if f.name == "__iter__" and isinstance(value, (Pack, Ref)):
        return value  # what is gone through, if it is
    return f.refuse("generator-place", node)
    yield


@builtin(itertools.product)
def product(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    columns = []
    for arg in args:
        items = yield known_items(f, arg, node)
        if items is None:
            return f.refuse("unknown-iterable", node, what=f.text(node))
        columns.append(items)
    repeat = f.static(kwargs.get("repeat", Lit(1)))
    rows = itertools.product(*columns, repeat=repeat)
    return Items(tuple(Pack(tuple(row)) for row in rows))


# ---- making containers ---------------------------------------------------------------


@builtin(list)
def list_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.comprehensions import as_list

    if not args:
        return Items(())
    if isinstance(f.kind(args[0]), Array):
        items = yield known_items(f, args[0], node)
        if items is not None:
            return Items(tuple(map(f.refer, items)))
    return (yield as_list(f, args[0], node))


@builtin(deque)
def deque_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    """A queue is a list; its bound is kept where it grows (see `as_lists`)."""
    bounded = len(args) > 1 or "maxlen" in kwargs
    if bounded and not getattr(node, "as_list", False):
        return f.refuse("bounded-queue", node)
    return (yield list_(f, args[:1], {}, node))


@builtin(tuple)
def tuple_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    if not args:
        return Pack(())
    items = yield known_items(f, args[0], node)
    if items is None and getattr(node, "run_tuple", False):
        return (yield list_(f, args, kwargs, node))
    if items is None:
        return f.refuse("unknown-structure", node, what=f.text(node))
    return Pack(tuple(map(f.refer, items)))


@builtin(defaultdict)
def defaultdict_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    """What is missing is made where it is read (see `default_dicts`)."""
    return (yield dict_(f, args[1:], kwargs, node))


@builtin(dict)
def dict_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.comprehensions import dict_of_pairs
    from s2sad.syntax.displays import dict_entries

    entries: dict[Any, Any] = {}
    if args:
        found = dict_entries(f, args[0], node)
        if found is None:
            if isinstance(f.kind(args[0]), Table):
                whole = f.atom(args[0], node)
                made = BAD if whole is BAD else f.op("copy", (whole,), node)
                return (yield with_words(f, made, kwargs, node))
            pairs = yield known_items(f, args[0], node)
            found = {}
            for pair in pairs or ():
                both = yield known_items(f, pair, node, 2)
                key = f.static(both[0]) if both and len(both) == 2 else f.NOT_STATIC
                if key is f.NOT_STATIC:
                    pairs = None
                    break
                found[key] = both[1]
            if pairs is None:
                made = yield dict_of_pairs(f, args[0], node)
                return (yield with_words(f, made, kwargs, node))
        entries.update(found)
    entries.update(kwargs)
    return Entries({key: f.entry(key, value) for key, value in entries.items()})


def with_words(f: Frame, made: Any, kwargs: dict[str, Any], node: ast.AST) -> Task:
    """A dict of the run, and what the call of `dict` names beside it."""
    from s2sad.syntax.subscripts import write_item

    if made is BAD or not kwargs:
        return made
    made = f.refer(made)
    for word, value in kwargs.items():
        write_item(f, made, Parts((Lit(word),), False), value, node)
    return made
    yield


# ---- callables, slices, sets, and what is refused ------------------------------------


@builtin(slice)
def slice_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    parts = [None, args[0], None] if len(args) == 1 else [*args, None, None][:3]
    return SliceValue(*parts)
    yield


@builtin(functools.partial)
def partial(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return Partial(args[0], tuple(args[1:]), tuple(kwargs.items()))
    yield


@builtin(eval, exec, compile, globals, locals, vars, setattr, delattr, __import__)
def dynamic(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return f.refuse("dynamic-code", node, what=f.text(node))
    yield


@builtin(np.add.at)
def add_at(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    """`np.add.at(x, index, value)`: as often as the index names an element."""
    from s2sad.syntax.subscripts import add_item

    if len(args) != 3 or kwargs:
        return wrong(f, node, "np.add.at")
    base, index, value = args
    if not (isinstance(base, Ref) and isinstance(f.kind(base), Array)):
        return f.refuse("write-to-write", node, name=f.text(node))
    several = isinstance(index, Pack)
    parts = Parts(index.items if isinstance(index, Pack) else (index,), several)
    add_item(f, base, parts, value, node, node)
    return Lit(None)
    yield


@builtin(set, frozenset)
def set_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    if getattr(node, "as_list", False):  # it will change (see `as_lists`)
        return Items(())
    items = (yield known_items(f, args[0], node)) if args else []
    found = [f.static(item) for item in items] if items is not None else [f.NOT_STATIC]
    if any(v is f.NOT_STATIC for v in found):
        return f.refuse("construct", node, what="a set of values of the run")
    return Known(frozenset(found))


@builtin(next)
def next_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.wrappers import look_on

    if len(args) == 1 and isinstance(args[0], Var) and args[0] in f.session.lookers:
        return look_on(f, args[0], node)
    return f.refuse("generator-place", node)
    yield


@builtin(super)
def super_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.objects import super_of

    found = super_of(f, node) if not args else None
    if found is None:
        return f.refuse("construct", node, what="`super` here")
    return found
    yield


def chosen(name: str) -> Any:
    def handler(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
        items = yield known_items(f, args[0], node)
        count = f.static(args[1]) if len(args) > 1 else None
        if items is None or count is f.NOT_STATIC or len(items) > 16:
            return f.refuse("unknown-iterable", node, what=f.text(node))
        made = getattr(itertools, name)(items, count)
        return Items(tuple(Pack(row) for row in made))

    return handler


for _name in ("combinations", "permutations"):
    BUILTINS[getattr(itertools, _name)] = chosen(_name)


def insort(name: str) -> Any:
    """`bisect.insort(items, v)` is `items.insert(bisect.bisect_right(items, v), v)`."""

    def handler(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
        from s2sad.syntax.lists import insert

        if len(args) != 2 or kwargs or not isinstance(args[0], Ref):
            return wrong(f, node, f"bisect.{name.replace('bisect', 'insort')}")
        atoms = [f.atom(arg, node, lend=False) for arg in args]
        at = BAD if BAD in atoms else f.op(name, atoms, node)
        return BAD if at is BAD else (yield insert(f, args[0], [at, args[1]], {}, node))

    return handler


for _name in ("bisect_right", "bisect_left"):
    BUILTINS[getattr(bisect, _name.replace("bisect", "insort"))] = insort(_name)


@builtin(itertools.chain)
def chain(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    found: list[Any] = []
    for arg in args:
        items = yield known_items(f, arg, node)
        if items is None:
            return f.refuse("unknown-iterable", node, what=f.text(node))
        found += items
    return Items(tuple(found))


@builtin(helpers.made)
def made(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    """An object in the text of a derivative."""
    from s2sad.syntax.values import Fields

    return f.refer(Fields(f.static(args[0]), dict(kwargs)))
    yield


@builtin(dict.fromkeys)
def fromkeys(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.comprehensions import dict_from_keys

    if not args:
        return wrong(f, node, "dict.fromkeys")
    items = yield known_items(f, args[0], node)
    keys = [f.static(item) for item in items] if items is not None else [f.NOT_STATIC]
    value = f.refer(args[1]) if len(args) > 1 else Lit(None)
    if any(key is f.NOT_STATIC for key in keys):
        return (yield dict_from_keys(f, args[0], value, node))
    return Entries(dict.fromkeys(keys, value))
