"""`replace`, `asdict`, `fields` of dataclasses: what is made of the fields."""

from __future__ import annotations

import ast
import dataclasses
from typing import Any

from s2sad.ir.kinds import (
    Array,
    Dict,
    List,
    Object,
    Table,
    Tuple,
)
from s2sad.syntax.builtin_calls import builtin, wrong
from s2sad.syntax.frame import Frame
from s2sad.syntax.run import Task
from s2sad.syntax.values import (
    BAD,
    Entries,
    Known,
    Pack,
)


def fields_of(f: Frame, value: Any) -> Any:
    """The fields of a dataclass or of an object of one; None of all else."""
    cls = f.static(value)
    if cls is f.NOT_STATIC or not isinstance(cls, type):
        kind = f.kind(value)
        cls = kind.cls if isinstance(kind, Object) else None
    return dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else None


@builtin(dataclasses.replace)
def replace(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.objects import construct, field_named

    found = fields_of(f, args[0]) if len(args) == 1 else None
    if found is None:
        return wrong(f, node, "dataclasses.replace")
    given = dict(kwargs)
    for each in found:
        if each.init and each.name not in given:
            given[each.name] = field_named(f, args[0], each.name, node)
    if BAD in given.values():
        return BAD
    cls = f.kind(args[0]).cls  # type: ignore[attr-defined]
    return (yield construct(f, Known(cls, cls.__name__), [], given, node))


@builtin(dataclasses.asdict)
def asdict(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.objects import field_named

    found = fields_of(f, args[0]) if len(args) == 1 and not kwargs else None
    if found is None:
        return wrong(f, node, "dataclasses.asdict")
    entries = {}
    for each in found:
        value = field_named(f, args[0], each.name, node)
        kind = f.kind(value)
        if isinstance(
            kind, (Tuple, List, Dict, Table, Object)
        ):  # copied all the way down
            return wrong(f, node, "dataclasses.asdict", "it holds containers")
        atom = f.atom(value, node) if isinstance(kind, Array) else value
        if atom is BAD:
            return BAD
        copied = f.op("copy", (atom,), node) if isinstance(kind, Array) else atom
        entries[each.name] = f.refer(copied)
    return Entries(entries)
    yield


@builtin(dataclasses.fields)
def fields(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    found = fields_of(f, args[0]) if len(args) == 1 else None
    if found is None:
        return wrong(f, node, "dataclasses.fields")
    return Pack(tuple(Known(each) for each in found))
    yield
