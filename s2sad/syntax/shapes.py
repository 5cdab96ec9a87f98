"""The shape of what a loop carries: which parts of a value change from trip to trip.

    shape = Leaf(kind)            a number or array: a parameter of the loop
          | Fixed(value)          the same on every trip, known while lowering
          | Unset                 not assigned before the loop
          | Packed(shapes)        a tuple, item by item
          | Made(closure, shapes) a function made inside, by the values of its defaults
          | Held(content)         a reference to a storage of the loop's own
          | Same(ref, otherwise)  a reference to one storage, before the loop and in it
          | Listed / Mapping      a list or dict whose items are known one by one

The shape is guessed from what stands before the loop, and widened by what stands at the
end of a trip until the two agree.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Any

from s2sad.ir.kinds import Kind, List, Maybe, Scalar, Static, Tuple
from s2sad.ir.nodes import UNDEF, Atom, Lit, Var
from s2sad.rules.joins import elem_kind, join_kinds
from s2sad.syntax.frame import Frame
from s2sad.syntax.kinds import is_reference, join_atoms
from s2sad.syntax.values import (
    BAD,
    Bad,
    Closure,
    Either,
    Entries,
    Fields,
    Items,
    Known,
    Pack,
    Poison,
    Ref,
    Storage,
    is_undef,
    same,
)


class NeedsPeel(Exception):
    """The first trip is of its own kind (`best = None` before the loop)."""


class Differs(Exception):
    """No shape covers both values; the argument is the name that has them."""


@dataclass(frozen=True, eq=False)
class Leaf:
    kind: Kind
    start: Lit | None = None  # a literal that it starts from


@dataclass(frozen=True, eq=False)
class Fixed:
    value: Any
    stays: bool = False  # None, which may stay so while other trips give it a value


@dataclass(frozen=True, eq=False)
class Unset:
    pass


@dataclass(frozen=True, eq=False)
class Packed:
    items: tuple[Any, ...]
    cls: type | None


@dataclass(frozen=True, eq=False)
class Made:
    closure: Closure
    defaults: tuple[Any, ...]
    kw_defaults: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Held:
    content: Any


@dataclass(frozen=True, eq=False)
class Same:
    """What a container holds, while it is what it was; else `otherwise`."""

    ref: Ref
    otherwise: Held


@dataclass(frozen=True, eq=False)
class Listed:
    items: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Mapping:
    entries: dict[Any, Any]
    cls: type | None = None  # of an object, whose fields these are


def shape_of(f: Frame, value: Any) -> Any:
    """The shape of a value in the current state."""
    if is_undef(value):
        return Unset()
    if isinstance(value, Var):
        if isinstance(value.kind, Static):
            return Fixed(value)
        return Held(Leaf(value.kind)) if is_reference(value.kind) else Leaf(value.kind)
    if isinstance(value, Lit):
        if isinstance(value.kind, Scalar):
            return Leaf(value.kind, value)
        return Fixed(value)
    if isinstance(value, Known) and type(value.value) in (bool, int, float):
        return Leaf(Lit(value.value).kind)
    if isinstance(value, Either) and isinstance(value.whole, Var):
        return shape_of(f, value.whole)
    if isinstance(value, Pack):
        return Packed(tuple(shape_of(f, item) for item in value.items), value.cls)
    if isinstance(value, Closure) and (value.defaults or value.kw_defaults):
        return Made(value, *(tuple(shape_of(f, v) for v in vs) for vs in given(value)))
    if isinstance(value, Ref):
        if value.path:
            return Held(Leaf(f.kind(value)))
        return Held(content_shape(f, f.content(value.storage)))
    return Fixed(value)


def given(closure: Closure) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    return closure.defaults, closure.kw_defaults


def with_same(shape: Any, value: Any) -> Any:
    """The shape of a container from before the loop, its entries taken to stay.

    What they hold is carried by itself.
    """
    if isinstance(shape, Held) and isinstance(value, Ref) and not value.path:
        return Same(value, shape)
    if isinstance(shape, Packed):
        return Packed(tuple(map(with_same, shape.items, value.items)), shape.cls)
    return shape


def content_with_same(shape: Any, content: Any) -> Any:
    """The same for the content of a storage."""
    if isinstance(shape, Listed):
        return Listed(tuple(map(with_same, shape.items, content.items)))
    if isinstance(shape, Mapping):
        entries = {
            k: with_same(s, content.entries[k]) for k, s in shape.entries.items()
        }
        return Mapping(entries, shape.cls)
    return shape


def content_shape(f: Frame, content: Any) -> Any:
    if isinstance(content, Items):
        return Listed(tuple(shape_of(f, item) for item in content.items))
    if isinstance(content, (Entries, Fields)):
        return Mapping(
            {key: shape_of(f, item) for key, item in content.entries.items()},
            getattr(content, "cls", None),
        )
    if isinstance(content, (Var, Lit)):
        return Leaf(content.kind)
    return Fixed(content)


def widen(f: Frame, shape: Any, value: Any) -> Any:
    """The shape, or a wider one that covers this value (in the current state) too."""
    if isinstance(value, Bad) or is_undef(value):
        return shape
    if isinstance(shape, Unset):
        return shape_of(f, value)
    if isinstance(shape, Leaf):
        return widen_leaf(f, shape, value)
    if isinstance(shape, Fixed):
        return widen_fixed(f, shape, value)
    if isinstance(shape, Same):
        if same(shape.ref, value):
            return shape
        return widen(f, shape.otherwise, value)
    if isinstance(shape, Made):
        if not isinstance(value, Closure) or not shape.closure.is_again(value):
            raise Differs
        old = shape.defaults, shape.kw_defaults
        new = [
            tuple(widen(f, s, v) for s, v in zip(shapes, values))
            for shapes, values in zip(old, given(value))
        ]
        still = all(all(map(_is, a, b)) for a, b in zip(old, new))
        return shape if still else Made(value, *new)
    if isinstance(shape, Packed):
        if isinstance(value, Pack) and len(value.items) == len(shape.items):
            items = tuple(widen(f, s, v) for s, v in zip(shape.items, value.items))
            return (
                shape if all(map(_is, items, shape.items)) else Packed(items, shape.cls)
            )
        kind = f.kind(value)
        if isinstance(kind, Tuple) and len(kind.items) == len(shape.items):
            mine = Tuple(tuple(map(held_kind, shape.items)), shape.cls)
            joined = join_kinds(mine, kind)
            return leaf(joined, value)
        raise Differs
    if isinstance(value, Ref):
        if value.path:
            content: Any = Leaf(join_kinds(f.kind(value), held_kind(shape)))
            return shape if content.kind == held_kind(shape) else Held(content)
        inner = widen_content(f, shape.content, f.content(value.storage))
        return shape if inner is shape.content else Held(inner)
    kind = f.kind(value)
    if isinstance(kind, Static) and not isinstance(held_kind(shape), Maybe):
        raise NeedsPeel
    joined = join_kinds(held_kind(shape), kind)
    return shape if joined == held_kind(shape) else Held(Leaf(joined))


def leaf(kind: Kind, value: Any, start: Lit | None = None) -> Leaf | Held:
    """The shape of a value of this kind, after one that may be held by reference."""
    held = is_reference(kind) or isinstance(value, Ref)
    return Held(Leaf(kind)) if held else Leaf(kind, start)


def held_kind(shape: Any) -> Kind:
    """The kind of everything that a shape covers."""
    from s2sad.ir.kinds import UNKNOWN, Dict, Object

    if isinstance(shape, Held):
        return held_kind(shape.content)
    if isinstance(shape, Same):
        return held_kind(shape.otherwise)
    if isinstance(shape, Leaf):
        return shape.kind
    if isinstance(shape, Packed):
        return Tuple(tuple(map(held_kind, shape.items)), shape.cls)
    if isinstance(shape, Fixed) and isinstance(shape.value, (Lit, Var)):
        return shape.value.kind
    if isinstance(shape, Listed):
        return List(tuple(map(held_kind, shape.items)))
    if isinstance(shape, Mapping) and shape.cls is not None:
        items = tuple(map(held_kind, shape.entries.values()))
        return Object(shape.cls, tuple(shape.entries), items)
    if isinstance(shape, Mapping):
        return Dict(tuple(shape.entries), tuple(map(held_kind, shape.entries.values())))
    return UNKNOWN


def widen_leaf(f: Frame, shape: Leaf, value: Any) -> Any:
    kind = f.kind(value)
    if kind == shape.kind:
        return shape
    none = isinstance(shape.kind, Maybe) and isinstance(value, Lit)
    if isinstance(kind, Static) and not isinstance(kind.value, (bool, int, float)):
        if not none:
            raise NeedsPeel
    if shape.start is not None and not f.session.starts:
        joined = join_atoms(shape.start, Var("", kind))
        joined = (
            join_kinds(joined, shape.kind)
            if type(joined) is type(shape.kind)
            else joined
        )
    else:
        joined = join_kinds(shape.kind, kind)
    if joined == shape.kind:
        return shape
    return leaf(joined, value, shape.start)


def widen_fixed(f: Frame, shape: Fixed, value: Any) -> Any:
    if same(shape.value, value) or isinstance(shape.value, Bad):
        return shape
    old = shape.value
    if shape.stays:
        kind = join_kinds(old.kind, f.kind(value))
        if isinstance(kind, Maybe):
            return leaf(kind, value)
    if isinstance(old, (Lit, Known)) or isinstance(old, Var):
        raise NeedsPeel
    raise Differs


def widen_content(f: Frame, shape: Any, content: Any) -> Any:
    if isinstance(content, Bad):
        return shape
    if isinstance(shape, Fixed):
        return content_shape(f, content) if isinstance(shape.value, Bad) else shape
    if isinstance(content, Poison):
        return Fixed(content)
    if isinstance(shape, Listed) and isinstance(content, Items):
        if len(shape.items) == len(content.items):
            items = tuple(widen(f, s, v) for s, v in zip(shape.items, content.items))
            return shape if all(map(_is, items, shape.items)) else Listed(items)
    if isinstance(shape, Mapping) and isinstance(content, (Entries, Fields)):
        if tuple(shape.entries) == tuple(content.entries):
            entries = {
                k: widen(f, s, content.entries[k]) for k, s in shape.entries.items()
            }
            if all(entries[k] is shape.entries[k] for k in entries):
                return shape
            return Mapping(entries, shape.cls)
    old, new = held_kind(shape), content_kind(f, content)
    if isinstance(old, List) and isinstance(new, List):
        first, second = elem_kind(old), elem_kind(new)
        elem = (
            first
            if second is None
            else second
            if first is None
            else join_kinds(first, second)
        )
        joined: Kind = List(None, elem)
    else:
        joined = join_kinds(old, new)
    if isinstance(shape, Leaf) and joined == old:
        return shape
    return Leaf(joined)


def _is(a: object, b: object) -> bool:
    return a is b


def content_kind(f: Frame, content: Any) -> Kind:
    return content.kind if isinstance(content, (Var, Lit)) else f.kind(content)


# ---- entering and leaving ------------------------------------------------------------


def fresh(f: Frame, shape: Any, name: str, vars_: list[Var]) -> Any:
    """A value of this shape made of new variables, which are added to `vars_`."""
    if isinstance(shape, Leaf):
        var = Var(name, shape.kind)
        vars_.append(var)
        return var
    if isinstance(shape, Fixed):
        return shape.value
    if isinstance(shape, Same):
        return shape.ref
    if isinstance(shape, Made):
        defaults = tuple(fresh(f, item, "", vars_) for item in shape.defaults)
        words = tuple(fresh(f, item, "", vars_) for item in shape.kw_defaults)
        return replace(shape.closure, defaults=defaults, kw_defaults=words)
    if isinstance(shape, Packed):
        return Pack(tuple(fresh(f, item, "", vars_) for item in shape.items), shape.cls)
    if isinstance(shape, Held):
        storage = Storage(name)
        f.state.store[storage] = fresh_content(f, shape.content, name, vars_)
        return Ref(storage)
    return UNDEF


def fresh_content(f: Frame, shape: Any, name: str, vars_: list[Var]) -> Any:
    if isinstance(shape, Listed):
        only = name if len(shape.items) == 1 else ""  # `total[0]` (see `cells`)
        return Items(tuple(fresh(f, item, only, vars_) for item in shape.items))
    if isinstance(shape, Mapping):
        made = {k: fresh(f, s, str(k), vars_) for k, s in shape.entries.items()}
        return Entries(made) if shape.cls is None else Fields(shape.cls, made)
    return fresh(f, shape, name, vars_)


def leaves(f: Frame, shape: Any, value: Any, node: ast.AST, out: list[Atom]) -> None:
    """The atoms of a value at the leaves of a shape; emits what it takes to
    have them.
    """
    if isinstance(shape, Leaf):
        if is_undef(value) or isinstance(value, Bad):
            out.append(UNDEF)
            return
        atom = f.atom(value, node)
        out.append(UNDEF if atom is BAD else atom)
    elif isinstance(shape, Packed):
        items = value.items if isinstance(value, Pack) else (UNDEF,) * len(shape.items)
        for inner, item in zip(shape.items, items):
            leaves(f, inner, item, node, out)
    elif isinstance(shape, Made):
        shapes = (*shape.defaults, *shape.kw_defaults)
        values = (UNDEF,) * len(shapes)
        if isinstance(value, Closure):
            values = (*value.defaults, *value.kw_defaults)
        for inner, item in zip(shapes, values):
            leaves(f, inner, item, node, out)
    elif isinstance(shape, Held):
        if isinstance(value, Ref) and not value.path:
            content_leaves(f, shape.content, f.content(value.storage), node, out)
        else:
            content_leaves(f, shape.content, value, node, out)


def content_leaves(
    f: Frame, shape: Any, content: Any, node: ast.AST, out: list[Atom]
) -> None:
    if isinstance(shape, Listed):
        items = (
            content.items if isinstance(content, Items) else (UNDEF,) * len(shape.items)
        )
        for inner, item in zip(shape.items, items):
            leaves(f, inner, item, node, out)
    elif isinstance(shape, Mapping):
        entries = getattr(content, "entries", {})
        for key, inner in shape.entries.items():
            leaves(f, inner, entries.get(key, UNDEF), node, out)
    elif isinstance(shape, Leaf) and isinstance(content, Poison):
        out.append(UNDEF)
    else:
        leaves(f, shape, content, node, out)
