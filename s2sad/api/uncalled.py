"""Kinds without a call: what annotations, defaults and use say of each parameter.

An annotation is read, never evaluated. A parameter that is subscripted or asked for its
shape is taken for an array, any other for a real number.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import FunctionType
from typing import Any

from s2sad.api.target import Target, parameters_of

_ARRAYS = ("ndarray", "NDArray", "ArrayLike", "Array")
_WORDS: Mapping[str, object] = {
    "float": 0.5,
    "int": 1,
    "bool": True,
    "str": "",
    "None": None,
}


def example_for(function: FunctionType, target: Target) -> dict[str, object]:
    """A value for each parameter, of the kind that it most likely has."""
    given = dict(target.keywords)
    prefix = list(target.prefix)
    found: dict[str, object] = {}
    for p in parameters_of(function):
        if prefix and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD):
            found[p.name] = prefix.pop(0)
        elif p.name in given:
            found[p.name] = given.pop(p.name)
        elif p.kind is p.VAR_POSITIONAL:
            found[p.name] = tuple(prefix)
        elif p.kind is p.VAR_KEYWORD:
            found[p.name] = given
        else:
            found[p.name] = _value(function, p)
    return found


def _value(function: FunctionType, p: inspect.Parameter) -> object:
    annotation = function.__annotations__.get(p.name)
    if annotation is not None:
        text = annotation if isinstance(annotation, str) else _named(annotation)
        word = text.strip().strip("'\"").rpartition(".")[2]
        if word in _WORDS:
            return _WORDS[word]
        if any(name in text for name in _ARRAYS):
            return _array(text)
    if p.default is not p.empty:
        return p.default
    return _array("") if _subscripted(function, p.name) else 0.5


def _named(annotation: Any) -> str:
    name = getattr(annotation, "__name__", None)
    return name if isinstance(name, str) else str(annotation)


def _array(text: str) -> object:
    import numpy

    return numpy.full(3, 0.5)


def _subscripted(function: FunctionType, name: str) -> bool:
    """Is `name[...]` or `name.shape` in the function?"""
    import ast

    from s2sad.syntax.source import find_source

    tree = ast.parse(find_source(function).text)
    return any(
        isinstance(node, (ast.Subscript, ast.Attribute))
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        for node in ast.walk(tree)
    )
