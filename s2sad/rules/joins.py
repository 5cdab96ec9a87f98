"""The kind of a value that is one of two: after a branch, or picked at run time."""

from __future__ import annotations

import functools

import numpy as np

from s2sad.ir.kinds import (
    UNKNOWN,
    Array,
    Dict,
    Dim,
    Kind,
    List,
    Maybe,
    Object,
    Scalar,
    Static,
    Table,
    Tuple,
    Unknown,
    children,
    elements,
)
from s2sad.ir.nodes import Lit

NONE = Static(None)
_ORDER = {"bool": 0, "int": 1, "float": 2, "complex": 3}


@functools.lru_cache(maxsize=1024)
def join_dtypes(a: str, b: str) -> str:
    """The dtype of a number that has one of two."""
    if a == b:
        return a
    if a in _ORDER and b in _ORDER:
        return a if _ORDER[a] > _ORDER[b] else b
    if a in _ORDER or b in _ORDER:  # Python's numbers are weak
        weak, strong = (a, b) if a in _ORDER else (b, a)
        example = {"bool": True, "int": 1, "float": 1.0, "complex": 1j}[weak]
        return np.result_type(np.dtype(strong), example).name
    return np.result_type(np.dtype(a), np.dtype(b)).name


def join_dim(a: Dim, b: Dim) -> Dim:
    return a if a == b and type(a) is type(b) else None


def join_kinds(a: Kind, b: Kind) -> Kind:
    """What is known of a value that is of kind `a` or of kind `b`."""
    if a == b:
        return a
    if NONE in (a, b) or isinstance(a, Maybe) or isinstance(b, Maybe):
        return _join_with_none(a, b)
    if isinstance(a, Static):
        a = as_run_time(a)
    if isinstance(b, Static):
        b = as_run_time(b)
    if isinstance(a, Scalar) and isinstance(b, Scalar):
        size = join_dim(a.size, b.size) if a.dtype == b.dtype else None
        return Scalar(join_dtypes(a.dtype, b.dtype), size)
    if isinstance(a, Array) and isinstance(b, Array):
        dtype = join_dtypes(a.dtype, b.dtype)
        if a.dims is None or b.dims is None or len(a.dims) != len(b.dims):
            return Array(dtype, None)
        return Array(dtype, tuple(map(join_dim, a.dims, b.dims)))
    if isinstance(a, (Scalar, Array)) and isinstance(b, (Scalar, Array)):
        return Array(join_dtypes(a.dtype, b.dtype), None)
    return _join_containers(a, b)


def _join_with_none(a: Kind, b: Kind) -> Kind:
    """None or the other; what that is must be known."""
    kinds = [k.of if isinstance(k, Maybe) else as_run_time(k) for k in (a, b)]
    kinds = [k for k in kinds if k != NONE]
    if {type(k) for k in kinds} == {Scalar, Array}:
        return UNKNOWN
    of = functools.reduce(join_kinds, kinds)
    if isinstance(of, (Unknown, Static)) or _holds_maybe(of):
        return UNKNOWN
    return Maybe(of)


def _holds_maybe(kind: Kind) -> bool:
    """Does it hold a container that may be None? What recursion returns would, without
    an end.
    """
    inside = (*children(kind), *elements(kind))
    return any(
        isinstance(k, Maybe) and bool(children(k.of)) or _holds_maybe(k) for k in inside
    )


def _join_containers(a: Kind, b: Kind) -> Kind:
    if isinstance(a, Tuple) and isinstance(b, Tuple):
        if a.cls is b.cls and len(a.items) == len(b.items):
            return Tuple(tuple(map(join_kinds, a.items, b.items)), a.cls)
    elif isinstance(a, List) and isinstance(b, List):
        if a.items is not None and b.items is not None and len(a.items) == len(b.items):
            return List(tuple(map(join_kinds, a.items, b.items)))
        left, right = elem_kind(a), elem_kind(b)
        if left is None or right is None:
            return List(None, left or right)
        return List(None, join_kinds(left, right))
    elif isinstance(a, Dict) and isinstance(b, Dict) and a.keys == b.keys:
        return Dict(a.keys, tuple(map(join_kinds, a.items, b.items)))
    elif isinstance(a, (Dict, Table)) and isinstance(b, (Dict, Table)):
        return joined_tables(a, b)
    elif isinstance(a, Object) and isinstance(b, Object) and a.cls is b.cls:
        if a.fields == b.fields:
            return Object(a.cls, a.fields, tuple(map(join_kinds, a.items, b.items)))
    return UNKNOWN


def joined_tables(a: Dict | Table, b: Dict | Table) -> Kind:
    """Dicts with other keys, where what these lead to has one kind."""
    both = [table for table in map(as_table, (a, b)) if table is not None]
    if not both:
        return UNKNOWN
    first, last = both[0], both[-1]
    key, elem = join_kinds(first.key, last.key), join_kinds(first.elem, last.elem)
    return Table(key, elem) if is_one_kind(elem) else UNKNOWN


def is_one_kind(elem: Kind) -> bool:
    """May values of this kind be the entries of a table?"""
    if elem == NONE or isinstance(elem, Maybe):
        return True
    return not isinstance(elem, (Static, Unknown))


def as_table(kind: Dict | Table) -> Table | None:
    """A dict as one whose keys are those that the run finds; None: it has none yet."""
    if isinstance(kind, Table):
        return kind
    if not kind.keys:
        return None
    keys = functools.reduce(join_kinds, map(key_kind, kind.keys))
    return Table(keys, functools.reduce(join_kinds, kind.items))


def key_kind(key: object) -> Kind:
    """The kind of a key that is known."""
    if isinstance(key, tuple):
        return Tuple(tuple(map(key_kind, key)))
    return as_run_time(Lit(key).kind)


def as_run_time(kind: Kind) -> Kind:
    """A static bool or number, as the number it is."""
    if isinstance(kind, Static) and isinstance(kind.value, (bool, int, float)):
        return Lit(kind.value).kind
    return kind


def elem_kind(kind: Kind) -> Kind | None:
    """The kind of any item of a list or tuple; None where there is none."""
    if isinstance(kind, List) and kind.items is None:
        return kind.elem
    items = getattr(kind, "items", None) or ()
    return functools.reduce(join_kinds, items) if items else None
