"""Methods: who knows what a method does; those of strings and tuples."""

from __future__ import annotations

import ast
from string import Formatter
from typing import Any

from s2sad.ir.kinds import (
    Array,
    Dict,
    List,
    Object,
    Scalar,
    Static,
    Table,
    Tape,
    Tuple,
    Unknown,
)
from s2sad.ir.nodes import Lit
from s2sad.rules import method as method_of_rules
from s2sad.syntax.array_writes import METHODS
from s2sad.syntax.dicts import DICTS
from s2sad.syntax.draws import draw_by_method, is_random
from s2sad.syntax.frame import Frame
from s2sad.syntax.iterate import known_items
from s2sad.syntax.kinds import describe
from s2sad.syntax.lists import LISTS
from s2sad.syntax.records import METHODS as RECORDED
from s2sad.syntax.records import is_recorded, record
from s2sad.syntax.run import Task
from s2sad.syntax.values import BAD, Known, Method, Ref

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
    base, name = f.refer(callee.base), callee.name  # `{"a": x}.items()`
    kind = f.kind(base)
    if name in RECORDED and not kwargs and is_recorded(f, base):
        return record(f, base, name, args, node)
    if isinstance(base, Ref) and isinstance(kind, (List, Dict, Table, Tape)):
        table = LISTS if isinstance(kind, (List, Tape)) else DICTS
        handler = table.get(name)
        if handler is None:
            return f.refuse("no-method", node, method=name, kind=describe(kind))
        return (yield handler(f, base, args, kwargs, node))
    if isinstance(kind, Tuple):
        return (yield tuple_method(f, base, name, args, node, kwargs))
    if isinstance(kind, Static):
        return (yield static_method(f, kind.value, name, args, kwargs, node, base))
    if isinstance(base, Ref) and isinstance(kind, Array) and name in METHODS:
        return (yield METHODS[name](f, base, args, kwargs, node))
    if name in IN_PLACE and isinstance(kind, Array):
        base_node = getattr(getattr(node, "func", None), "value", node)
        return f.refuse("write-to-write", node, name=f.text(base_node))
    if name == "tolist" and isinstance(kind, Array):
        f.session.lengths.update(d for d in kind.dims or () if isinstance(d, str))
    primitive = method_of_rules(kind, name)
    if primitive is not None:
        from s2sad.syntax.calls import call_primitive

        return (
            yield call_primitive(f, primitive, [base, *args], kwargs, node, "." + name)
        )
    if is_random(kind):
        return draw_by_method(f, base, name, args, kwargs, node)
    if isinstance(kind, (Array, Scalar, Dict, Table, List, Object)):
        return f.refuse("no-method", node, method=name, kind=describe(kind))
    if isinstance(kind, Unknown):
        from s2sad.syntax.kept_calls import opaque

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
    if isinstance(value, frozenset):
        return (yield set_method(f, value, name, args, node))
    if isinstance(value, str) and name == "format":
        made = formatted(f, value, args, kwargs, node)
        if made is not None:
            return made
    from s2sad.syntax.kept_calls import opaque

    return opaque(f, "." + name, [base, *args], kwargs, node)


def _holds(f: Frame, found: Any) -> bool:
    return isinstance(found, list) and any(v is f.NOT_STATIC for v in found)


CHANGES = "add discard remove pop clear update".split()


def set_method(f: Frame, value: Any, name: str, args: list[Any], node: ast.AST) -> Task:
    """What is asked of a set, or made of it: not what changes it."""
    found = []
    for arg in args:
        static = f.static(arg)
        if static is f.NOT_STATIC:
            items = yield known_items(f, arg, node)
            static = [f.static(item) for item in items or [arg]]
        found.append(static)
    if name in CHANGES or name.endswith("_update"):
        return f.refuse("construct", node, what="changing a set")
    if any(v is f.NOT_STATIC or _holds(f, v) for v in found):
        return f.refuse("no-method", node, method=name, kind="a set")
    try:
        made = getattr(value, name)(*found)
    except Exception:
        return f.refuse("no-method", node, method=name, kind="a set")
    return Known(made) if isinstance(made, frozenset) else Lit(made)


def formatted(f: Frame, text: str, args: list[Any], kwargs: Any, node: ast.AST) -> Any:
    """`"{:.3f}".format(x)` as the f-string that says the same; None where none does."""
    from s2sad.syntax.formatting import text_of

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
