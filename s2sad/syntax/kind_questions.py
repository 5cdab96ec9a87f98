"""Builtins that ask what a value is: its length, its class, its attributes."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from s2sad.ir.kinds import (
    Array,
    Dict,
    Kind,
    List,
    Object,
    Scalar,
    Static,
    Table,
    Tuple,
)
from s2sad.ir.nodes import Lit
from s2sad.syntax.builtin_calls import builtin, plain_call, wrong
from s2sad.syntax.frame import Frame
from s2sad.syntax.iterate import (
    LAZY,
    RangeOf,
    known_items,
)
from s2sad.syntax.records import glance
from s2sad.syntax.run import Task
from s2sad.syntax.values import (
    Closure,
    Known,
    Method,
    Partial,
)


@builtin(len)
def len_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.iterate import sequence_of

    if len(args) != 1:
        return wrong(f, node, "len")
    value = args[0]
    kind = f.kind(value)
    if isinstance(value, LAZY):
        items = yield known_items(f, value, node)
        if items is not None:
            return Lit(len(items))
        sequence = yield sequence_of(f, value, node)
        return wrong(f, node, "len") if sequence is None else sequence.length
    glance(f, value)
    if isinstance(kind, (Tuple, List)) and kind.items is not None:
        return Lit(len(kind.items))
    if isinstance(kind, Dict):
        return Lit(len(kind.keys))
    if isinstance(kind, Static):
        try:
            return Lit(len(kind.value))  # type: ignore[arg-type]
        except TypeError:
            return wrong(f, node, "len")
    return (yield plain_call(f, "len", args, kwargs, node))


def class_of(kind: Kind) -> type | None:
    """The Python type of values of a kind."""

    if isinstance(kind, Scalar):
        plain = {"float": float, "int": int, "bool": bool, "complex": complex}
        return plain.get(kind.dtype) or np.dtype(kind.dtype).type
    if isinstance(kind, Array):
        return np.ndarray
    if isinstance(kind, Tuple):
        return kind.cls or tuple
    if isinstance(kind, List):
        return list
    if isinstance(kind, (Dict, Table)):
        return dict
    if isinstance(kind, Object):
        return kind.cls
    return type(kind.value) if isinstance(kind, Static) else None


def type_of(f: Frame, value: Any) -> type | None:
    if isinstance(value, (Closure, Partial, Method)):
        return type(len_)
    if isinstance(value, RangeOf):
        return range
    return class_of(f.kind(value))


@builtin(isinstance)
def isinstance_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    classes = f.static(args[1]) if len(args) == 2 else f.NOT_STATIC
    cls = type_of(f, args[0]) if args else None
    if classes is f.NOT_STATIC or cls is None:
        return (yield plain_call(f, "isinstance", args, kwargs, node))
    try:
        return Lit(issubclass(cls, classes))
    except TypeError:
        return wrong(f, node, "isinstance")


@builtin(issubclass)
def issubclass_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    found = [f.static(a) for a in args]
    if any(v is f.NOT_STATIC for v in found) or len(found) != 2:
        return wrong(f, node, "issubclass")
    try:
        return Lit(issubclass(*found))
    except TypeError as exc:
        return wrong(f, node, "issubclass", str(exc))
    yield


@builtin(type)
def type_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    cls = type_of(f, args[0]) if len(args) == 1 else None
    if cls is None:
        return f.refuse("dynamic-code", node, what=f.text(node))
    return Known(cls, cls.__name__ if cls.__module__ == "builtins" else "")
    yield


@builtin(callable)
def callable_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    if isinstance(args[0], (Closure, Partial, Method)):
        return Lit(True)
    value = f.static(args[0])
    if value is f.NOT_STATIC:
        cls = type_of(f, args[0])
        return Lit(cls is not None and any("__call__" in vars(c) for c in cls.__mro__))
    return Lit(callable(value))
    yield


@builtin(hasattr)
def hasattr_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    name = f.static(args[1]) if len(args) == 2 else f.NOT_STATIC
    if not isinstance(name, str):
        return f.refuse("dynamic-attribute", node, what=f.text(node))
    value = f.static(args[0])
    if value is not f.NOT_STATIC:
        return Lit(hasattr(value, name))
    kind = f.kind(args[0])
    if isinstance(kind, Object):
        from s2sad.syntax.objects import has_field

        return Lit(has_field(f, args[0], kind, name))
    cls = class_of(kind)
    if cls is None:
        return (yield plain_call(f, "hasattr", args, kwargs, node))
    return Lit(hasattr(cls, name))


@builtin(getattr)
def getattr_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.attributes import get_attribute

    name = f.static(args[1]) if len(args) > 1 else f.NOT_STATIC
    if not isinstance(name, str):
        return f.refuse("dynamic-attribute", node, what=f.text(node))
    if len(args) == 3:
        there = yield hasattr_(f, args[:2], {}, node)
        if isinstance(there, Lit) and not there.value:
            return args[2]
    found = ast.copy_location(ast.Attribute(ast.Constant(None), name, ast.Load()), node)
    return get_attribute(f, args[0], found)
