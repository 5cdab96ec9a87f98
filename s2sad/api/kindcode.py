"""Kinds as plain data, for the headers of cached texts."""

from __future__ import annotations

from typing import Any

from s2sad.ir.kinds import Array, Dict, Kind, List, Scalar, Static, Tuple


def kind_to(kind: Kind) -> list[Any] | None:
    """Numbers, arrays and plain containers of them; None for anything else."""
    if isinstance(kind, Scalar):
        return ["scalar", kind.dtype]
    if isinstance(kind, Array):
        return ["array", kind.dtype, None if kind.dims is None else list(kind.dims)]
    if isinstance(kind, Static) and kind.value is None:
        return ["none"]
    if isinstance(kind, Tuple) and kind.cls is None:
        return _items("tuple", kind.items)
    if isinstance(kind, List) and kind.items is not None:
        return _items("list", kind.items)
    if isinstance(kind, Dict) and all(isinstance(k, (str, int)) for k in kind.keys):
        inner = _items("dict", kind.items)
        return inner and [*inner, list(kind.keys)]
    return None


def _items(word: str, items: tuple[Kind, ...]) -> list[Any] | None:
    inner = [kind_to(item) for item in items]
    return None if None in inner else [word, inner]


def kind_from(data: list[Any]) -> Kind:
    """The kind again."""
    word, *rest = data
    if word == "scalar":
        return Scalar(rest[0])
    if word == "array":
        return Array(rest[0], None if rest[1] is None else tuple(rest[1]))
    if word == "none":
        return Static(None)
    items = tuple(map(kind_from, rest[0]))
    if word == "tuple":
        return Tuple(items)
    return List(items) if word == "list" else Dict(tuple(rest[1]), items)
