"""Kinds of values, in the questions and words of lowering."""

from __future__ import annotations

from s2sad.ir.kinds import (
    PYTHON_SCALARS,
    Array,
    Dict,
    Kind,
    List,
    Maybe,
    Object,
    Scalar,
    Static,
    Table,
    Tuple,
    Unknown,
)
from s2sad.ir.nodes import Atom, Lit
from s2sad.rules.joins import join_dtypes, join_kinds


def join_atoms(a: Atom, b: Atom) -> Kind:
    """The kind of a loop's value that starts as `a` and goes on as `b`.

    A literal start takes on what it becomes: nothing flows back into a constant, so its
    shape does not matter.
    """
    if isinstance(a, Lit) and isinstance(a.kind, Scalar) and isinstance(b.kind, Array):
        return Array(join_dtypes(a.kind.dtype, b.kind.dtype), b.kind.dims)
    return join_kinds(a.kind, b.kind)


def is_container(kind: Kind) -> bool:
    return isinstance(kind, (Tuple, List, Dict, Table, Object))


def is_reference(kind: Kind) -> bool:
    """Is a value of this kind bound by reference?"""
    if isinstance(kind, Maybe):
        return is_reference(kind.of)
    return isinstance(kind, Array) or is_container(kind)


def holds_references(kind: Kind) -> bool:
    """Is it a container of arrays, or of containers?"""
    if isinstance(kind, Table) or (isinstance(kind, List) and kind.items is None):
        return kind.elem is not None and is_reference(kind.elem)
    return is_container(kind) and any(map(is_reference, kind.items or ()))  # type: ignore[attr-defined]


def may_view(kind: Kind) -> bool:
    """Is it an array, or may one be in it? The numbers of a shape look into nothing."""
    if isinstance(kind, (Tuple, List)) and kind.items is not None:
        return any(map(may_view, kind.items))
    return is_reference(kind)


def is_weak(kind: Kind) -> bool:
    return isinstance(kind, Scalar) and kind.dtype in PYTHON_SCALARS


def describe(kind: Kind) -> str:
    """The kind in the words of a diagnostic."""
    if isinstance(kind, Scalar):
        return f"a number ({kind.dtype})"
    if isinstance(kind, Array):
        return f"an array of {kind.dtype}"
    if isinstance(kind, Static):
        value = kind.value
        if value is None:
            return "None"
        if isinstance(value, str):
            return "a string"
        if isinstance(value, bool):
            return "a bool"
        return f"a {type(value).__name__}"
    if isinstance(kind, Maybe):
        return f"None or {describe(kind.of)}"
    if isinstance(kind, Unknown):
        return "a value of unknown kind"
    if isinstance(kind, Object):
        return f"a {kind.cls.__name__}"
    return f"a {type(kind).__name__.lower()}"
