"""Calls that share arrays with their caller in a way that results cannot tell.

A callee becomes a function of the program: what it writes into an array it is given
comes back as a further result. That says all there is to say where each array comes in
by one way and nothing that it returns or stores is a window on it. Else the body is
lowered in place, where names share storages as they do in Python:

    mix(x, x), mix(x[1:], x)    one array comes in twice, and is written into
    scale([x, y])               an array in a container is written into
    table["x"] = x              an array is put into a container of the caller's
    return x[1:]                what is returned is a view of an argument
    return WEIGHTS              or an array of the module
    return rows, rows[0]        one part of what is returned is in another
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from s2sad.ir.kinds import Array, Kind, List, Table, children
from s2sad.syntax.frame import Frame
from s2sad.syntax.kinds import is_reference
from s2sad.syntax.values import (
    Entries,
    Fields,
    Items,
    Pack,
    Partial,
    Poison,
    Ref,
    Storage,
    all_held,
    root,
)

if TYPE_CHECKING:
    from s2sad.syntax.callees import Summary


def storages_in(f: Frame, value: Any) -> Iterator[Storage]:
    """Every storage that a value leads to."""
    if isinstance(value, Ref):
        yield root(value.storage)
        content = f.content(value.storage)
        if not isinstance(content, Ref):
            yield from storages_in(f, content)
    elif isinstance(value, (Pack, Items)):
        for item in value.items:
            yield from storages_in(f, item)
    elif isinstance(value, (Entries, Fields)):
        for item in value.entries.values():
            yield from storages_in(f, item)
    elif isinstance(value, Partial):
        for item in (*value.args, *dict(value.kwargs).values()):
            yield from storages_in(f, item)


def is_written(g: Frame, storage: Storage) -> bool:
    """Did the callee write into it, or into what may be it?"""
    return storage in g.written or isinstance(g.content(storage), Poison)


def entangled(summary: Summary) -> bool:
    """Is there more to a call, whatever its arguments, than its results say?"""
    g = summary.frame
    assert g is not None
    if writes_parts(summary):
        return True
    if any(
        not isinstance(k, Array) and holds_references(k) for k in summary.write_kinds
    ):
        return True
    return leads_in(g, summary, summary.value, whole=True) or overlaps(g, summary.value)


def overlaps(g: Frame, value: Any) -> bool:
    """May two parts of what is returned be the same array, or hold the same?"""
    seen: set[Storage] = set()
    parts = list(storages_in(g, value))
    if len(parts) > 1 and not g.session.given_on.isdisjoint(parts):
        return True
    for storage in parts:
        near = {storage, *storage.maybe, *storage.shares, *all_held(storage)}
        if near & seen:
            return True
        seen |= near
    return False


def writes_parts(summary: Summary) -> bool:
    """Does the callee write into an array that a container hands over?"""
    g = summary.frame
    assert g is not None
    return any(is_written(g, storage) for storage in summary.parts)


def holds_references(kind: Kind) -> bool:
    """Is it a container in which arrays or containers may be?"""
    if isinstance(kind, List) and kind.items is None:
        return kind.elem is None or is_reference(kind.elem)
    if isinstance(kind, Table):
        return is_reference(kind.elem)
    return any(map(is_reference, children(kind)))


def leads_in(g: Frame, summary: Summary, value: Any, whole: bool = False) -> bool:
    """Is this a view of an argument, or a container that holds one?

    `whole`: an argument itself, or a tuple of such, is told by the call (`relate`).
    """
    if isinstance(value, Ref):
        base = root(value.storage)
        if base in summary.parts:
            return True
        if base in summary.sources:
            return bool(value.path) or not whole or base is not value.storage
        if value.storage.maybe & summary.parts or base.outlives:
            return True
        if all_held(value.storage) & (summary.parts | summary.sources.keys()):
            return True
        content = g.content(value.storage)
        return leads_in(g, summary, content)
    if isinstance(value, Pack):
        return any(leads_in(g, summary, item, whole) for item in value.items)
    if isinstance(value, Items):
        return any(leads_in(g, summary, item) for item in value.items)
    if isinstance(value, (Entries, Fields)):
        return any(leads_in(g, summary, item) for item in value.entries.values())
    return False


def writes_what_is_shared(
    f: Frame, summary: Summary, args: dict[str, Any], node: ast.AST
) -> bool:
    """Does the callee write into an array that reaches it by another way, too?"""
    from s2sad.syntax.callees import argument_of, outer_value

    if not summary.writes:
        return False
    ways: dict[Any, set[Storage]] = {
        name: set(storages_in(f, value)) for name, value in args.items()
    }
    for scope, name, _ in summary.captures:
        value = outer_value(f, scope, name, node)
        ways[(scope, name)] = set(storages_in(f, value))
    for storage in summary.writes:
        source = summary.sources[storage]
        given = argument_of(f, summary, storage, args, node)
        mine = set(storages_in(f, given))
        if any(each.origin == "captured" for each in mine):
            return True  # it outlives the call: see `records`
        near = mine.union(*(each.maybe for each in mine)) if mine else mine
        for way, storages in ways.items():
            if way != source and storages & near:
                return True
    return False
