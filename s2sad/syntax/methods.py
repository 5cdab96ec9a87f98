"""Methods of lists, dicts, strings and arrays."""

from __future__ import annotations

import ast
from collections.abc import Callable
from string import Formatter
from typing import Any

from s2sad.ir.kinds import (
    Array,
    Dict,
    List,
    Object,
    Scalar,
    Static,
    Tape,
    Tuple,
    Unknown,
)
from s2sad.ir.nodes import Lit
from s2sad.rules import method as method_of_rules
from s2sad.syntax.comparisons import sequence
from s2sad.syntax.draws import draw_by_method, is_random
from s2sad.syntax.expressions import dict_entries
from s2sad.syntax.frame import Frame
from s2sad.syntax.iterate import View, known_items
from s2sad.syntax.kinds import describe
from s2sad.syntax.run import Task
from s2sad.syntax.subscripts import Parts, get_item, writable
from s2sad.syntax.values import BAD, Entries, Items, Known, Method, Ref

IN_PLACE = (
    "sort",
    "fill",
    "resize",
    "partition",
    "itemset",
    "put",
    "setfield",
    "byteswap",
)


def call_method(
    f: Frame, callee: Method, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Task:
    base, name = callee.base, callee.name
    kind = f.kind(base)
    if isinstance(base, Ref) and isinstance(kind, (List, Dict, Tape)):
        table = LISTS if isinstance(kind, (List, Tape)) else DICTS
        handler = table.get(name)
        if handler is None:
            return f.refuse("no-method", node, method=name, kind=describe(kind))
        return (yield handler(f, base, args, kwargs, node))
    if isinstance(kind, Tuple):
        return (yield tuple_method(f, base, name, args, node, kwargs))
    if isinstance(kind, Static):
        return (yield static_method(f, kind.value, name, args, kwargs, node, base))
    if name in IN_PLACE and isinstance(kind, Array):
        base_node = getattr(getattr(node, "func", None), "value", node)
        return f.refuse("write-to-write", node, name=f.text(base_node))
    primitive = method_of_rules(kind, name)
    if primitive is not None:
        from s2sad.syntax.calls import call_primitive

        return (
            yield call_primitive(f, primitive, [base, *args], kwargs, node, "." + name)
        )
    if is_random(kind):
        return draw_by_method(f, base, name, args, kwargs, node)
    if isinstance(kind, (Array, Scalar, Dict, List, Object)):
        return f.refuse("no-method", node, method=name, kind=describe(kind))
    if isinstance(kind, Unknown):
        from s2sad.syntax.calls import opaque

        return opaque(f, "." + name, [base, *args], kwargs, node)
    return f.refuse("no-method", node, method=name, kind=describe(kind))


# ---- strings and other static values -------------------------------------------------


def static_method(
    f: Frame,
    value: Any,
    name: str,
    args: list[Any],
    kwargs: Any,
    node: ast.AST,
    base: Any,
) -> Task:
    found = [f.static(arg) for arg in args]
    if isinstance(value, (str, bytes)) and not kwargs:
        if not any(v is f.NOT_STATIC for v in found):
            try:
                result = getattr(value, name)(*found)
            except Exception:
                return f.refuse("no-method", node, method=name, kind="a string")
            return (
                Lit(result)
                if isinstance(result, (str, bytes, bool, int))
                else Known(result)
            )
        if name == "join":
            items = yield known_items(f, args[0], node)
            if items is not None and all(f.is_static(i) for i in items):
                return Lit(value.join(f.static(i) for i in items))
    if isinstance(value, str) and name == "format":
        made = formatted(f, value, args, kwargs, node)
        if made is not None:
            return made
    from s2sad.syntax.calls import opaque

    return opaque(f, "." + name, [base, *args], kwargs, node)


def formatted(f: Frame, text: str, args: list[Any], kwargs: Any, node: ast.AST) -> Any:
    """`"{:.3f}".format(x)` as the f-string that says the same; None where none does."""
    from s2sad.syntax.expressions import text_of

    parts: list[Any] = []
    atoms: list[Any] = []
    try:
        pieces = list(Formatter().parse(text))
    except ValueError:
        return None
    count = 0
    for before, field, spec, conversion in pieces:
        parts.append(before)
        if field is None:
            continue
        if field == "":
            field, count = str(count), count + 1
        given: Any = kwargs.get(field)
        if field.isdigit() and int(field) < len(args):
            given = args[int(field)]
        if given is None or "{" in (spec or ""):
            return None
        atom = f.atom(given, node)
        if atom is BAD:
            return BAD
        parts.append((len(atoms), conversion or "", spec or ""))
        atoms.append(atom)
    return text_of(f, [part for part in parts if part != ""], atoms, node)


def tuple_method(
    f: Frame, base: Any, name: str, args: list[Any], node: ast.AST, kwargs: Any = None
) -> Task:
    if name in ("index", "count") and len(args) == 1:
        items = yield known_items(f, base, node)
        found = [f.static(i) for i in items] if items is not None else [f.NOT_STATIC]
        key = f.static(args[0])
        if key is not f.NOT_STATIC and not any(v is f.NOT_STATIC for v in found):
            if name == "count" or key in found:
                return Lit(getattr(tuple(found), name)(key))
    if name == "_replace" or name == "_asdict":
        from s2sad.syntax.objects import named_tuple_method

        return named_tuple_method(f, base, name, args, kwargs or {}, node)
    return f.refuse("no-method", node, method=name, kind="a tuple")


# ---- lists ---------------------------------------------------------------------------

LISTS: dict[str, Callable[..., Task]] = {}
DICTS: dict[str, Callable[..., Task]] = {}


def on(table: dict[str, Callable[..., Task]], name: str) -> Callable[[Any], Any]:
    def enter(handler: Any) -> Any:
        table[name] = handler
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
    f.write(base.storage, new, node, True, bool(base.path), True)


@on(LISTS, "append")
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
    f.hold(args[0], node)
    attrs = None
    update(f, base, f.op("append", (whole, item), node, attrs, base.storage.name), node)
    return Lit(None)
    yield


@on(LISTS, "extend")
def extend(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    items = yield known_items(f, args[0], node)
    if items is None:
        return f.refuse("list-length", node, name=base.storage.name or f.text(node))
    for item in items:
        yield append(f, base, [item], {}, node)
    return Lit(None)


@on(LISTS, "pop")
def pop(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    where = f.static(args[0]) if args else -1
    known = known_list(f, base)
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
    if where != -1:
        return f.refuse("list-length", node, name=base.storage.name or f.text(node))
    whole = f.atom(base, node)
    if whole is BAD or not writable(f, base, node):
        return BAD
    result = f.op("pop", (whole,), node)
    if result is BAD:
        return BAD
    left, value = result
    left.name = base.storage.name
    update(f, base, left, node)
    return value
    yield


@on(LISTS, "copy")
def copy_list(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    known = known_list(f, base)
    if known is not None:
        return known
    whole = f.atom(base, node)
    return BAD if whole is BAD else f.op("copy", (whole,), node)
    yield


def _rearrange(name: str) -> None:
    @on(LISTS, name)
    def change(
        f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST
    ) -> Task:
        known = known_list(f, base)
        if known is None:
            return f.refuse("list-length", node, name=base.storage.name or f.text(node))
        items = list(known.items)
        if name == "reverse":
            items.reverse()
        elif name == "clear":
            items.clear()
        elif name == "insert":
            where = f.static(args[0])
            if not isinstance(where, int):
                return f.refuse(
                    "list-length", node, name=base.storage.name or f.text(node)
                )
            items.insert(where, f.refer(args[1]))
        else:
            from s2sad.syntax.builtin_calls import sorted_

            made = yield sorted_(f, [base], kwargs, node)
            found = sequence(f, made)
            if found is None:
                return BAD
            items = list(found.items)
        f.write(base.storage, Items(tuple(items)), node)
        return Lit(None)
        yield


for _name in ("reverse", "clear", "insert", "sort"):
    _rearrange(_name)


@on(LISTS, "index")
def index(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    if known_list(f, base) is not None and all(map(f.is_static, args)):
        return (yield tuple_method(f, base, "index", args, node))
    atoms = [f.atom(value, node) for value in (base, *args)]
    if BAD in atoms or len(atoms) != 2:
        return BAD
    return f.op("index_of", atoms, node, {"spelling": ".index"})


@on(LISTS, "count")
def count(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return (yield tuple_method(f, base, "count", args, node))


# ---- dicts ---------------------------------------------------------------------------


@on(DICTS, "items")
def items(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return View(base, "items")
    yield


@on(DICTS, "keys")
def keys(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return View(base, "keys")
    yield


@on(DICTS, "values")
def values(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return View(base, "values")
    yield


@on(DICTS, "get")
def get(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    key = f.static(args[0])
    entries = dict_entries_keys(f, base)
    if key is f.NOT_STATIC or entries is None:
        return f.refuse("dynamic-key", node, what=f.text(node))
    if key in entries:
        return get_item(f, base, Parts((args[0],), False), node)
    return args[1] if len(args) > 1 else Lit(None)
    yield


def dict_entries_keys(f: Frame, base: Ref) -> tuple[Any, ...] | None:
    kind = f.kind(base)
    return kind.keys if isinstance(kind, Dict) else None


@on(DICTS, "copy")
def copy_dict(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    found = dict_entries(f, base, node)
    return BAD if found is None else Entries(found)
    yield


@on(DICTS, "update")
def update_dict(
    f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST
) -> Task:
    mine = dict_entries(f, base, node)
    more = dict_entries(f, args[0], node) if args else {}
    if mine is None or more is None or base.path:
        return f.refuse("unknown-structure", node, what=f.text(node))
    new = {**mine, **more, **kwargs}
    f.write(base.storage, Entries({k: f.entry(k, v) for k, v in new.items()}), node)
    return Lit(None)
    yield


@on(DICTS, "setdefault")
def setdefault(
    f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST
) -> Task:
    key = f.static(args[0])
    entries = dict_entries(f, base, node)
    if key is f.NOT_STATIC or entries is None or base.path:
        return f.refuse("dynamic-key", node, what=f.text(node))
    if key not in entries:
        value = f.refer(args[1] if len(args) > 1 else Lit(None))
        f.write(base.storage, Entries({**entries, key: value}), node)
        return value
    return get_item(f, base, Parts((args[0],), False), node)
    yield


@on(DICTS, "pop")
def pop_entry(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    key = f.static(args[0])
    entries = dict_entries(f, base, node)
    if key is f.NOT_STATIC or entries is None or base.path:
        return f.refuse("dynamic-key", node, what=f.text(node))
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
    yield
