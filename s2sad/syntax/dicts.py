"""Methods of dicts whose keys are known."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from s2sad.ir.kinds import Dict, Table
from s2sad.ir.nodes import Lit
from s2sad.syntax import tables
from s2sad.syntax.displays import dict_entries
from s2sad.syntax.frame import Frame
from s2sad.syntax.iterate import View
from s2sad.syntax.run import Task
from s2sad.syntax.subscripts import Parts, by_key, get_item
from s2sad.syntax.tables import is_dict
from s2sad.syntax.values import BAD, Entries, Known, Pack, Ref

DICTS: dict[str, Callable[..., Task]] = {}


def method(name: str) -> Callable[[Any], Any]:
    def enter(handler: Any) -> Any:
        DICTS[name] = handler
        return handler

    return enter


@method("items")
def items(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return View(base, "items")
    yield


@method("keys")
def keys(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return View(base, "keys")
    yield


@method("values")
def values(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return View(base, "values")
    yield


@method("get")
def get(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    def entry(parts: Parts) -> Any:
        key = f.static(parts.items[0])
        default = args[1] if len(args) > 1 else Lit(None)
        kind = f.kind(base)
        if key is f.NOT_STATIC or not isinstance(kind, Dict):
            return tables.get(f, base, parts.items[0], default, node)
        return get_item(f, base, parts, node) if key in kind.keys else default

    return (yield by_key(f, base, Parts((args[0],), False), entry, node, "expr"))


@method("copy")
def copy_dict(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    found = dict_entries(f, base, node)
    if found is not None:
        return Entries(found)
    whole = f.atom(base, node)
    return BAD if whole is BAD else f.op("copy", (whole,), node)
    yield


@method("update")
def update_dict(
    f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST
) -> Task:
    from s2sad.syntax.builtin_calls import dict_

    mine = dict_entries(f, base, node)
    more = dict_entries(f, args[0], node) if args else {}
    if mine is None or args and isinstance(f.kind(args[0]), Table):
        from s2sad.syntax.comprehensions import dict_of_pairs
        from s2sad.syntax.subscripts import write_item

        if args:
            pairs = View(args[0], "items") if is_dict(f.kind(args[0])) else args[0]
            yield dict_of_pairs(f, pairs, node, base)
        for word, value in kwargs.items():
            write_item(f, base, Parts((Lit(word),), False), value, node)
        return Lit(None)
    if more is None:  # pairs
        made = yield dict_(f, args, {}, node)
        if made is BAD:
            return BAD
        more = made.entries
    if mine is None or more is None or base.path:
        return f.refuse("unknown-structure", node, what=f.text(node))
    new = {**mine, **more, **kwargs}
    f.write(base.storage, Entries({k: f.entry(k, v) for k, v in new.items()}), node)
    return Lit(None)


@method("setdefault")
def setdefault(
    f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST
) -> Task:
    key = f.static(args[0])
    entries = dict_entries(f, base, node)
    if key is f.NOT_STATIC or entries is None or base.path:
        default = args[1] if len(args) > 1 else Lit(None)
        return (yield tables.setdefault(f, base, args[0], default, node))
    if key not in entries:
        value = f.refer(args[1] if len(args) > 1 else Lit(None))
        f.write(base.storage, Entries({**entries, key: value}), node)
        return value
    return get_item(f, base, Parts((args[0],), False), node)


@method("pop")
def pop_entry(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    key = f.static(args[0])
    entries = dict_entries(f, base, node)
    if key is f.NOT_STATIC or entries is None or base.path:
        return (yield tables.pop(f, base, args[0], args[1:], node))
    if key not in entries:
        if len(args) > 1:
            return args[1]
        have = ", ".join(map(repr, entries))
        return f.refuse(
            "missing-key", node, what=f.text(node), key=repr(key), have=have
        )
    value = entries.pop(key)
    f.write(base.storage, Entries(entries), node)
    return value


@method("clear")
def clear(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    if base.path:
        return f.refuse("unknown-structure", node, what=f.text(node))
    f.write(base.storage, Entries({}), node)
    return Lit(None)
    yield


@method("popitem")
def popitem(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    entries = dict_entries(f, base, node)
    if entries is None:
        return tables.popitem(f, base, node)
    if not entries or base.path:
        return f.refuse("dynamic-key", node, what=f.text(node))
    key, value = entries.popitem()
    f.write(base.storage, Entries(entries), node)
    return Pack((as_key(key), value))
    yield


def as_key(key: Any) -> Any:
    return Known(key) if isinstance(key, tuple) else Lit(key)


def merged(f: Frame, left: Any, right: Any, node: ast.AST) -> Any:
    """`a | b` of two dicts; None if one is something else."""
    if not isinstance(f.kind(left), Dict) or not isinstance(f.kind(right), Dict):
        return None
    first, second = dict_entries(f, left, node), dict_entries(f, right, node)
    if first is None or second is None:
        return None
    return Entries({**first, **second})
