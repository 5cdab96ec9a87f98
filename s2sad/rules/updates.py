"""Places in arrays and containers: read, written, added to."""

from __future__ import annotations

import copy as copying
import functools
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import (
    UNKNOWN,
    Array,
    Dict,
    Kind,
    List,
    Maybe,
    Object,
    Scalar,
    Table,
    Tuple,
    may_vary,
)
from s2sad.ir.nodes import Atom, Op, Var
from s2sad.ir.paths import (
    Attribute,
    Slice,
    Subscript,
    parse_path,
    path_texts,
    read,
    resolve,
)
from s2sad.rules import helpers
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.helpers import add_items
from s2sad.rules.infer import Attrs, like_first
from s2sad.rules.joins import (
    as_run_time,
    as_table,
    elem_kind,
    join_kinds,
    joined_tables,
)
from s2sad.rules.lazy import full, unbroadcast
from s2sad.rules.places import mask_axes, place_kind
from s2sad.rules.primitive import Adjoints, Tangents, Written, taken
from s2sad.rules.reach import Reach, condition, is_one_bool, overwritten
from s2sad.rules.selecting import choose
from s2sad.rules.signature import NOT_STATIC, static
from s2sad.rules.structural import (
    ZERO,
    holder_tangent,
    tangent_or_zero,
    zero_of,
)
from s2sad.rules.verbs import custom


def _getitem_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    return (place_kind(args[0].kind, str(attrs["path"]), args[1:]),)


def _getitem(base: object, *index: object, path: str) -> object:
    return read(base, path, list(index))


def _getitem_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    dot = tangents[0]
    if dot is None or not may_vary(op.outs[0].kind):
        return (None,)
    if isinstance(dot.kind, Scalar) and isinstance(op.args[0].kind, Array):
        return (dot,)  # the same everywhere
    base = full(lift(b, dot), op.args[0])
    index = [lift(b, atom) for atom in op.args[1:]]
    return (build("getitem", base, *index, path=op.attrs["path"]).atom,)


def _getitem_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = bars.take(op.outs[0])
    if y_bar is None or not bars.wants(op.args[0]):
        return
    reach = bars.reach(op.outs[0])
    axes = new_axes(op)
    if axes is None:
        bars.add_at(op.args[0], str(op.attrs["path"]), op.args[1:], y_bar, reach)
        return
    if reach is not None and not is_one_bool(reach):
        test = without_axes(b, condition(b, reach), op.outs[0], axes)
        reach = Reach(((test, True),))
    bars.add(op.args[0], without_axes(b, lift(b, y_bar), op.outs[0], axes), reach)


def new_axes(op: Op) -> tuple[int, ...] | None:
    """The axes that `x[:, None]` adds; None if it does anything but that."""
    x, y = op.args[0].kind, op.outs[0].kind
    steps = parse_path(str(op.attrs["path"]))
    if not isinstance(x, Array) or not isinstance(y, Array) or len(steps) != 1:
        return None
    if x.rank is None or y.rank is None or not isinstance(steps[0], Subscript):
        return None
    items = list(steps[0].items)
    if any(item not in (None, ..., Slice(None, None, None)) for item in items):
        return None
    written = sum(item is not None and item is not ... for item in items)
    rest = [Slice(None, None, None)] * (x.rank - written)
    at = items.index(...) if ... in items else len(items)
    items[at : at + 1] = rest
    axes = tuple(k for k, item in enumerate(items) if item is None)
    return axes if axes and len(items) == y.rank else None


def without_axes(b: Builder, value: Handle, like: Atom, axes: tuple[int, ...]) -> Atom:
    """A value of the shape of `like`, or lazily so, without these axes of length 1."""
    if isinstance(value.kind, Scalar):
        return value.atom
    if not isinstance(value.kind, Array) or value.kind.rank != like.kind.rank:  # type: ignore[attr-defined]
        value = build("full_like", lift(b, like), value)
    axis = axes[0] if len(axes) == 1 else axes
    return build("squeeze", value, axis=axis, spelling=".squeeze").atom


getitem = custom(
    "operator.getitem",
    _getitem_forward,
    _getitem_backward,
    name="getitem",
    kind=_getitem_kind,
    run=_getitem,
    doc="read a place; its adjoint is added into that place",
)


def _written(base: object, path: str, index: Sequence[object], change) -> object:
    """A copy of `base` in which what stands at `path` went through `change(old)`."""
    steps = parse_path(path)

    def descend(value: object, depth: int) -> object:
        step = steps[depth]
        last = depth == len(steps) - 1
        new = copying.copy(value) if not isinstance(value, tuple) else list(value)
        if isinstance(step, Attribute):
            old = getattr(value, step.name, None)
            setattr(new, step.name, change(old) if last else descend(old, depth + 1))
            return new
        key = resolve(step, list(index))
        if last:
            change(None, new, key)
        else:
            new[key] = descend(value[key], depth + 1)  # type: ignore[index]
        return tuple(new) if isinstance(value, tuple) else new  # type: ignore[arg-type]

    return descend(base, 0)


def _setitem(base: object, value: object, *index: object, path: str) -> object:
    def change(old: object, new: object = None, key: object = None) -> object:
        if new is not None:
            new[key] = value  # type: ignore[index]
        return value

    return _written(base, path, index, change)


def _additem(base: object, value: object, *index: object, path: str) -> object:
    def change(old: object, new: object = None, key: object = None) -> object:
        if new is None:
            return add_items(old, value)
        if isinstance(new, np.ndarray):
            np.add.at(new, key, value)  # an index that repeats counts each time
        else:
            new[key] = add_items(new[key], value)  # type: ignore[index]
        return new

    return _written(base, path, index, change)


def _update_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    return (updated_kind(args[0].kind, args[1].kind, str(attrs["path"]), args[2:]),)


def _sum_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    def added(entry: Kind, value: Kind) -> Kind:
        return entry if isinstance(entry, Array) else join_kinds(entry, value)

    kinds = args[0].kind, args[1].kind
    return (updated_kind(*kinds, str(attrs["path"]), args[2:], added),)


def replaced(entry: Kind, value: Kind) -> Kind:
    return value


def updated_kind(
    base: Kind,
    value: Kind,
    path: str,
    index: Sequence[Atom],
    entry_after: Callable[[Kind, Kind], Kind] = replaced,
) -> Kind:
    """The kind of a container after a write; arrays keep theirs."""
    return _written_kind(base, value, parse_path(path), index, entry_after)


def _written_kind(
    base: Kind,
    value: Kind,
    steps: Sequence[Attribute | Subscript],
    index: Sequence[Atom],
    entry_after: Callable[[Kind, Kind], Kind],
) -> Kind:
    """A write into an entry that only the run knows may have gone to any of them."""
    if not steps:
        return entry_after(base, value)
    step, *rest = steps
    if isinstance(base, Maybe):
        base = base.of

    def written(entry: Kind) -> Kind:
        return _written_kind(entry, value, rest, index, entry_after)

    def maybe_written(entry: Kind) -> Kind:
        return join_kinds(entry, written(entry))

    if isinstance(step, Attribute):
        if not isinstance(base, Object):
            return base
        named = dict(zip(base.fields, base.items, strict=True))
        named[step.name] = written(named.get(step.name, UNKNOWN))
        return Object(base.cls, tuple(named), tuple(named.values()))
    if not isinstance(base, (Dict, Table, List, Tuple)) or len(step.items) != 1:
        return base
    (item,) = step.items
    key = static(index[item]) if isinstance(item, int) else NOT_STATIC
    if isinstance(base, Table) or isinstance(base, Dict) and key is NOT_STATIC:
        table = as_table(base)
        entry = written(UNKNOWN if table is None else table.elem)
        new = Table(as_run_time(index[item].kind), entry)  # type: ignore[index]
        return new if table is None else joined_tables(table, new)
    if isinstance(base, Dict):
        entries = dict(zip(base.keys, base.items, strict=True))
        entries[key] = written(entries.get(key, UNKNOWN))
        return Dict(tuple(entries), tuple(entries.values()))
    if isinstance(item, Slice):
        return base if isinstance(base, Tuple) else _spliced(base, item, value, index)
    if base.items is None:
        return List(None, value if base.elem is None else maybe_written(base.elem))
    items = list(base.items)
    if isinstance(key, int) and -len(items) <= key < len(items):
        items[key] = written(items[key])
    elif not isinstance(key, int):
        items = list(map(maybe_written, items))
    return replace(base, items=tuple(items))


def _spliced(base: List, at: Slice, value: Kind, index: Sequence[Atom]) -> Kind:
    """A list after `base[i:j] = value`: of another length, if that is not known."""
    parts = (at.start, at.stop, at.step)
    ends = [None if part is None else static(index[part]) for part in parts]
    new = getattr(value, "items", None)
    if base.items is not None and new is not None and NOT_STATIC not in ends:
        items = list(base.items)
        items[slice(*ends)] = new
        return List(tuple(items))
    kinds = [k for k in (elem_kind(base), elem_kind(value)) if k is not None]
    return List(None, functools.reduce(join_kinds, kinds) if kinds else None)


def _setitem_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    base_dot, value_dot = tangents[:2]
    if base_dot is None and value_dot is None:
        return (None,)
    base = holder_tangent(b, op.args[0], base_dot)
    value = value_dot
    if value is None:
        # a part of an array takes any zero, an entry of a container one of its kind
        part = isinstance(op.args[0].kind, Array) or isinstance(op.args[1].kind, Scalar)
        value = ZERO if part else holder_tangent(b, op.args[1], None)
    return (
        b.op(op.prim, (base, value, *op.args[2:]), op.outs[0].kind, attrs=op.attrs),
    )


def _setitem_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    """The adjoint of the element moves to the value and is cleared."""
    base, value, *index = op.args
    path = str(op.attrs["path"])
    entry = bars.pass_on(op.outs[0], base, path, index)
    if entry is not None:
        _entry_backward(b, value, base, entry, bars)
        return
    y_bar = taken(b, op, bars)
    if y_bar is None:
        return
    y_bar = full(y_bar, op.outs[0])
    there = bars.exchanges(op.outs[0])
    if there is not None:
        moved = build("getitem", y_bar, *(lift(b, atom) for atom in there), path=path)
        back = (y_bar.atom, moved.atom, *index)
        bar = b.op("setitem", back, base.kind, attrs={"path": path})
        bars.add(base, bar, bars.reach(op.outs[0]))
        return
    if isinstance(value, Var) and bars.wants(value):
        places = [lift(b, atom) for atom in index]
        moved = build("getitem", y_bar, *places, path=path)
        if not op.attrs.get("unique") and may_repeat(op.args[0].kind, index):
            # of several writes to one element the last one counts
            moved = choose(_last_writes(y_bar, places, path), moved, 0.0)
        bars.add(value, _to_value(moved, value, b).atom)
    if bars.wants(base):
        cleared = (y_bar.atom, _cleared(b, base, value, path, index), *index)
        bar = b.op("setitem", cleared, base.kind, attrs={"path": path})
        bars.add(base, bar, overwritten(b, bars.reach(op.outs[0]), base, path, index))


def _cleared(
    b: Builder, base: Atom, value: Atom, path: str, index: Sequence[Atom]
) -> Atom:
    """The zero that takes the place of the adjoint of what was overwritten."""
    if isinstance(value.kind, Scalar):
        return ZERO
    if not isinstance(value.kind, Array):
        return zero_of(b, value)
    *before, _ = path_texts(path)
    count = sum(text.count("#") for text in before)
    holder = place_kind(base.kind, "".join(before), index[:count])
    if not isinstance(holder, (List, Table, Dict, Tuple, Object)):
        return ZERO  # part of an array
    old = place_kind(base.kind, path, index)
    same = isinstance(old, Array) and old.dims == value.kind.dims
    if isinstance(holder, Table) or same and None not in (value.kind.dims or (None,)):
        return zero_of(b, value)
    return zero_of(b, b.op("getitem", (base, *index), old, attrs={"path": path}))


def _entry_backward(
    b: Builder, value: Atom, base: Atom, entry: Written, bars: Adjoints
) -> None:
    """The same for an entry of a container, or for a part of an array in one."""
    if entry.bar is None:
        return
    path, left = entry.rest
    if not path:
        if isinstance(value, Var) and bars.wants(value):
            bars.add(value, _to_value(lift(b, entry.bar), value, b).atom)
        return
    places = [lift(b, atom) for atom in left]
    y_bar = lift(b, entry.bar)
    if isinstance(value, Var) and bars.wants(value):
        moved = build("getitem", y_bar, *places, path=path)
        if may_repeat(lift(b, entry.bar).kind, left):
            moved = choose(_last_writes(y_bar, places, path), moved, 0.0)
        bars.add(value, _to_value(moved, value, b).atom)
    if bars.wants(base):
        cleared = build("setitem", y_bar, 0.0, *places, path=path)
        bars.add_at(base, *entry.entry, cleared.atom)


def may_repeat(base: Kind, index: Sequence[Atom]) -> bool:
    """May an index of an array name an element more than once?"""
    if isinstance(base, Array) and any(i.kind == UNKNOWN for i in index):
        return True  # whatever `np.ix_(rows, columns)` gives
    return not isinstance(base, Table) and any(map(_has_many, index))


def _has_many(atom: Atom) -> bool:
    """Is an index an array of integers?"""
    kind = atom.kind
    if isinstance(kind, Array):
        return kind.dtype != "bool" and kind.dims != ()
    return isinstance(kind, (List, Tuple)) and not mask_axes(atom)


def _last_writes(y_bar: Handle, places: Sequence[Handle], path: object) -> Handle:
    """Where a write is the last to its element: number them, see which stay."""
    there = build("getitem", y_bar, *places, path=path)
    count = build("size", there, spelling=".size")
    shape = build("shape", there, spelling=".shape")
    order = build("reshape", build("arange", count), shape, spelling=".reshape")
    written = build("setitem", build("zeros_like", y_bar), order, *places, path=path)
    return build("getitem", written, *places, path=path) == order


def _to_value(moved, value: Atom, b: Builder):
    """The adjoint of a place, in the shape of the value that was broadcast into it."""
    kind, place = value.kind, moved.kind
    if not isinstance(kind, (Scalar, Array)):
        return moved
    if isinstance(kind, Array) and isinstance(place, Array):
        more = (kind.rank or 0) - (place.rank or 0)  # axes of length 1: `w[:] = A[:1]`
        if more > 0 and place.rank:
            axes = 0 if more == 1 else tuple(range(more))
            moved = build("expand_dims", moved, axis=axes)
    return unbroadcast(moved, lift(b, value))


setitem = custom(
    "operator.setitem",
    _setitem_forward,
    _setitem_backward,
    name="setitem",
    kind=_update_kind,
    run=_setitem,
    doc="write a place; its adjoint moves to the value and is cleared",
)


def _additem_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    base_dot, value_dot = tangents[:2]
    if value_dot is None:
        return (base_dot,)
    base = holder_tangent(b, op.args[0], base_dot)
    return (
        b.op(
            "additem", (base, value_dot, *op.args[2:]), op.outs[0].kind, attrs=op.attrs
        ),
    )


def _additem_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    base, value, *index = op.args
    entry = bars.pass_on(op.outs[0], base, str(op.attrs["path"]), index)
    if entry is not None:
        if entry.bar is not None:
            _share_backward(b, value, base, entry, bars)
        return
    y_bar = taken(b, op, bars)
    if y_bar is None:
        return
    if isinstance(value, Var) and bars.wants(value):
        whole = full(y_bar, op.outs[0])
        moved = build(
            "getitem", whole, *(lift(b, a) for a in index), path=op.attrs["path"]
        )
        bars.add(value, _to_value(moved, value, b).atom)
    if bars.wants(base):
        bars.add(base, y_bar.atom)


def _share_backward(
    b: Builder, value: Atom, base: Atom, entry: Written, bars: Adjoints
) -> None:
    """The same for an entry of a container, or for a part of an array in one."""
    assert entry.bar is not None
    path, left = entry.rest
    if isinstance(value, Var) and bars.wants(value):
        moved = lift(b, entry.bar)
        if path:
            moved = build("getitem", moved, *(lift(b, a) for a in left), path=path)
        bars.add(value, _to_value(moved, value, b).atom)
    if bars.wants(base):
        bars.add_at(base, *entry.entry, entry.bar)


def _add_entry_forward(
    b: Builder, op: Op, tangents: Tangents
) -> tuple[Atom | None, ...]:
    base, value, *keys = op.args
    if tangents[0] is None and tangents[1] is None:
        return (None,)
    base_dot = tangent_or_zero(b, base, tangents[0])
    if tangents[1] is None:
        return (base_dot,)
    return (b.op("add_entry", (base_dot, tangents[1], *keys), op.outs[0].kind),)


def _add_entry_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = bars.take(op.outs[0])
    if y_bar is None:
        return
    base, value, *keys = op.args
    if bars.wants(value):
        attrs = {"path": "[#]" * len(keys)}
        bars.add(value, b.op("getitem", (y_bar, *keys), value.kind, attrs=attrs))
    if bars.wants(base):
        bars.add(base, y_bar)


add_entry = custom(
    "<add_entry>",
    _add_entry_forward,
    _add_entry_backward,
    kind=like_first,
    run=helpers.add_entry,
    signature="x, value, *keys",
    doc="add to an entry of what may be a tuple; its adjoint is read there",
)

additem = custom(
    "<additem>",
    _additem_forward,
    _additem_backward,
    kind=_sum_kind,
    run=_additem,
    doc="add into a place; its adjoint is read there, and nothing is cleared",
)
