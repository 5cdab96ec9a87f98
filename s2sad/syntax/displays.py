"""Displays: tuples, lists, dicts and sets as they are written."""

from __future__ import annotations

import ast
from typing import Any

from s2sad.ir.kinds import (
    Dict,
)
from s2sad.ir.nodes import Lit
from s2sad.syntax.cells import name_by_cell
from s2sad.syntax.expressions import expression
from s2sad.syntax.frame import Frame
from s2sad.syntax.records import glance
from s2sad.syntax.run import Task
from s2sad.syntax.values import (
    BAD,
    Entries,
    Items,
    Known,
    Pack,
    Ref,
)


def elements(f: Frame, nodes: list[ast.expr]) -> Task:
    """The values of a display's items, starred ones spread out; None if refused."""
    from s2sad.syntax.iterate import known_items

    items: list[Any] = []
    bad = False
    for node in nodes:
        if isinstance(node, ast.Starred):
            value = yield node.value
            spread = yield known_items(f, value, node)
            if spread is None:
                if value is not BAD:
                    f.refuse("starred-length", node, what=f.text(node.value))
                bad = True
            else:
                items.extend(spread)
            continue
        value = yield node
        if isinstance(value, Ref) and value.mark is not None:
            f.read(value, node)  # the entry as it is now
        bad = bad or value is BAD
        items.append(f.refer(value))
    return None if bad else items


@expression(ast.Tuple)
def tuple_display(f: Frame, node: ast.Tuple) -> Task:
    items = yield elements(f, node.elts)
    return BAD if items is None else Pack(tuple(items))


@expression(ast.List)
def list_display(f: Frame, node: ast.List) -> Task:
    items = yield elements(f, node.elts)
    for item in items or ():
        name_by_cell(node, item)
    return BAD if items is None else Items(tuple(map(f.refer, items)))


@expression(ast.Dict)
def dict_display(f: Frame, node: ast.Dict) -> Task:
    from s2sad.syntax.subscripts import Parts, write_item

    entries: dict[Any, Any] = {}
    made: Any = None  # of the run, from the first key on that is not known
    for key, item in zip(node.keys, node.values):
        place = None if key is None else (yield key)
        value = yield item
        if value is BAD:
            return BAD
        if key is None:
            more = dict_entries(f, value, node)
            if more is None or made is not None:
                return f.refuse("unknown-structure", item, what=f.text(item))
            entries.update(more)
            continue
        found = f.static(place)
        if made is None and found is not f.NOT_STATIC:
            entries[found] = f.entry(found, value)
            continue
        made = f.refer(Entries(entries)) if made is None else made
        write_item(f, made, Parts((place,), False), value, node)
    return Entries(entries) if made is None else made


def dict_entries(f: Frame, value: Any, node: ast.AST) -> dict[Any, Any] | None:
    """The entries of a dict whose keys are known."""
    from s2sad.syntax.subscripts import child

    content = (
        f.content(value.storage) if isinstance(value, Ref) and not value.path else value
    )
    if isinstance(content, Entries):
        return dict(content.entries)
    kind = f.kind(value)
    if isinstance(kind, Dict):
        glance(f, value)
        return {key: child(f, value, key, node) for key in kind.keys}
    return None


@expression(ast.Set)
def set_display(f: Frame, node: ast.Set) -> Task:
    """A set of what is known while lowering, as one that does not change."""
    items = yield elements(f, node.elts)
    if items is None:
        return BAD
    found = [f.static(item) for item in items]
    if getattr(node, "as_list", False):  # it will change (see `as_lists`)
        if len(items) == 1:
            return Items((f.refer(items[0]),))
        if not any(value is f.NOT_STATIC for value in found):
            return Items(tuple(map(Lit, dict.fromkeys(found))))
    if any(value is f.NOT_STATIC for value in found):
        return f.refuse("construct", node, what="a set of values of the run")
    return Known(frozenset(found))
