"""Recursion on parts of an array: one function for every length.

    def total(v):
        if len(v) == 1: return v[0]
        m = len(v) // 2
        return total(v[:m]) + total(v[m:])

Each call has arguments of other lengths than the one further out. Lengths that differ
from one depth to the next are taken to be unknown, so that the kinds settle.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any

from s2sad.ir.kinds import Array, Kind, Scalar, children, elements
from s2sad.rules.joins import join_kinds
from s2sad.syntax.shapes import Held, Leaf, Listed, Mapping, Packed

MANY = 500  # kinds in the arguments of a recursive call: they grow with every call


def identity_of(callee: Any) -> Any:
    """What tells one function of the user's from another, here and now."""
    if isinstance(callee, FunctionType):
        return callee
    return id(callee.node), id(callee.scope)


def less_lengths(outer: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    """The shapes of the arguments of a recursive call, as calls at every depth have
    them; `outer` are those of the call further out.
    """
    return {
        name: _shape(outer[name], shape) if name in outer else shape
        for name, shape in shapes.items()
    }


def _shape(outer: Any, shape: Any) -> Any:
    if isinstance(outer, Leaf) and isinstance(shape, Leaf):
        if _alike(outer.kind, shape.kind):
            return Leaf(join_kinds(outer.kind, shape.kind))
    if isinstance(outer, Held) and isinstance(shape, Held):
        return Held(_shape(outer.content, shape.content))
    if isinstance(outer, Packed) and isinstance(shape, Packed):
        if outer.cls is shape.cls and len(outer.items) == len(shape.items):
            return Packed(tuple(map(_shape, outer.items, shape.items)), shape.cls)
    if isinstance(outer, Listed) and isinstance(shape, Listed):
        if len(outer.items) == len(shape.items):
            return Listed(tuple(map(_shape, outer.items, shape.items)))
    if isinstance(outer, Mapping) and isinstance(shape, Mapping):
        if outer.cls is shape.cls and list(outer.entries) == list(shape.entries):
            inner = less_lengths(outer.entries, shape.entries)
            return Mapping(inner, shape.cls)
    return shape


def _alike(a: Kind, b: Kind) -> bool:
    """Do two kinds differ in nothing but lengths?"""
    if isinstance(a, Array) and isinstance(b, Array):
        return a.dtype == b.dtype and a.rank == b.rank
    if isinstance(a, Scalar) and isinstance(b, Scalar):
        return a.dtype == b.dtype
    inner_a, inner_b = (*children(a), *elements(a)), (*children(b), *elements(b))
    if not inner_a or type(a) is not type(b) or len(inner_a) != len(inner_b):
        return a == b
    named = ("cls", "keys", "fields")
    same = all(getattr(a, name, None) == getattr(b, name, None) for name in named)
    return same and all(map(_alike, inner_a, inner_b))


def is_endless(shapes: dict[str, Any]) -> bool:
    """Have the arguments of a recursive call grown beyond what anybody writes?"""
    work, count = list(shapes.values()), 0
    while work and count < MANY:
        each = work.pop()
        count += 1
        if isinstance(each, Leaf):
            work.append(each.kind)
        elif isinstance(each, Held):
            work.append(each.content)
        elif isinstance(each, (Packed, Listed)):
            work += each.items
        elif isinstance(each, Mapping):
            work += each.entries.values()
        elif isinstance(each, Kind):
            work += (*children(each), *elements(each))
    return count >= MANY
