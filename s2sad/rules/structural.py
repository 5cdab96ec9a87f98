"""Primitives that hold and reach values: places, containers, tapes, effects."""

from __future__ import annotations

import copy as copying
from collections.abc import Mapping, Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import (
    BOOL,
    INT,
    UNKNOWN,
    Array,
    Dict,
    Kind,
    List,
    Object,
    Scalar,
    Static,
    Tape,
    Tuple,
    is_numeric,
    may_vary,
)
from s2sad.ir.nodes import NONE, Atom, Lit, Op, Var
from s2sad.ir.paths import Attribute, parse_path, read, resolve
from s2sad.rules import helpers
from s2sad.rules.handles import Handle, build, choose, full, lift, unbroadcast
from s2sad.rules.infer import Attrs, always, dims_of, like_first
from s2sad.rules.places import place_kind
from s2sad.rules.registry import PRIMITIVES
from s2sad.rules.signature import NOT_STATIC, static
from s2sad.rules.verbs import (
    Adjoints,
    Tangents,
    custom,
    flat,
    linear,
    taken,
    wanted,
)

ZERO = Lit(0.0)
Options = Mapping[str, object]


def zero_of(b: Builder, like: Atom) -> Atom:
    """A zero of the kind of `like`; of containers, item by item."""
    kind = like.kind
    if isinstance(kind, Scalar):
        return ZERO
    if isinstance(kind, Static):
        return NONE
    if isinstance(kind, Array):
        return PRIMITIVES["zeros_like"](lift(b, like)).atom
    if isinstance(kind, (Tuple, Dict, Object)) or (
        isinstance(kind, List) and kind.items is not None
    ):
        return _zeros_inside(b, like, kind)
    return PRIMITIVES["zeros_of"](lift(b, like)).atom


def _zeros_inside(b: Builder, like: Atom, kind: Tuple | List | Dict | Object) -> Atom:
    items = []
    for key, item in zip(_keys(kind), kind.items or (), strict=True):
        attrs = {"path": f".{key}" if isinstance(kind, Object) else "[#]"}
        index = () if isinstance(kind, Object) else (Lit(key),)
        if isinstance(item, (Scalar, Static)):
            items.append(ZERO if isinstance(item, Scalar) else NONE)
        else:
            part = b.op("getitem", (like, *index), item, attrs=attrs)
            items.append(zero_of(b, part))
    prim = {Tuple: "tuple", List: "list", Dict: "dict", Object: "object"}[type(kind)]
    attrs = {}
    if isinstance(kind, Dict):
        attrs = {"keys": kind.keys}
    elif isinstance(kind, Object):
        attrs = {"cls": kind.cls, "fields": kind.fields}
    elif isinstance(kind, Tuple) and kind.cls is not None:
        attrs = {"cls": kind.cls}
    (made,) = PRIMITIVES[prim].infer(items, attrs)
    return b.op(prim, items, made, attrs=attrs)


def _keys(kind: Tuple | List | Dict | Object) -> Sequence[object]:
    if isinstance(kind, Dict):
        return kind.keys
    if isinstance(kind, Object):
        return kind.fields
    return range(len(kind.items or ()))


def tangent_or_zero(b: Builder, arg: Atom, dot: Atom | None) -> Atom:
    """The tangent in the shape of `arg`; what cannot vary has the tangent None."""
    if dot is not None:
        return full(lift(b, dot), arg).atom
    varies = may_vary(arg.kind) or is_numeric(arg.kind)
    return zero_of(b, arg) if varies else NONE


# ---- places --------------------------------------------------------------------------


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
    if y_bar is not None and bars.wants(op.args[0]):
        bars.add_at(op.args[0], str(op.attrs["path"]), op.args[1:], y_bar)


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
            return old + value  # type: ignore[operator]
        if isinstance(new, np.ndarray):
            np.add.at(new, key, value)  # an index that repeats counts each time
        else:
            new[key] = new[key] + value  # type: ignore[index]
        return new

    return _written(base, path, index, change)


def _update_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    return (updated_kind(args[0].kind, args[1].kind, str(attrs["path"]), args[2:]),)


def updated_kind(base: Kind, value: Kind, path: str, index: Sequence[Atom]) -> Kind:
    """The kind of a container after a write; arrays keep theirs."""
    steps = parse_path(path)
    if isinstance(base, Array) or len(steps) != 1:
        return base
    (step,) = steps
    if isinstance(step, Attribute):
        if not isinstance(base, Object):
            return base
        named = dict(zip(base.fields, base.items, strict=True)) | {step.name: value}
        return Object(base.cls, tuple(named), tuple(named.values()))
    if len(step.items) != 1 or not isinstance(step.items[0], int):
        return base
    key = static(index[step.items[0]])
    if isinstance(base, Dict):
        if key is NOT_STATIC:
            return base
        entries = dict(zip(base.keys, base.items, strict=True)) | {key: value}
        return Dict(tuple(entries), tuple(entries.values()))
    if isinstance(base, List) and base.items is not None and isinstance(key, int):
        items = list(base.items)
        if -len(items) <= key < len(items):
            items[key] = value
        return List(tuple(items))
    return base


def _setitem_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    base_dot, value_dot = tangents[:2]
    if base_dot is None and value_dot is None:
        return (None,)
    base = tangent_or_zero(b, op.args[0], base_dot)
    value = value_dot
    if value is None:
        value = (
            ZERO
            if is_numeric(op.args[1].kind)
            else tangent_or_zero(b, op.args[1], None)
        )
    return (
        b.op(op.prim, (base, value, *op.args[2:]), op.outs[0].kind, attrs=op.attrs),
    )


def _setitem_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    """The adjoint of the element moves to the value and is cleared."""
    y_bar = taken(b, op, bars)
    if y_bar is None:
        return
    base, value, *index = op.args
    path = op.attrs["path"]
    y_bar = full(y_bar, op.outs[0])
    if isinstance(value, Var) and bars.wants(value):
        places = [lift(b, atom) for atom in index]
        moved = build("getitem", y_bar, *places, path=path)
        if any(_may_repeat(atom.kind) for atom in index):
            # of several writes to one element the last one counts
            moved = choose(_last_writes(y_bar, places, path), moved, 0.0)
        bars.add(value, _to_value(moved, value, b).atom)
    if bars.wants(base):
        zero = ZERO if is_numeric(value.kind) else zero_of(b, value)
        cleared = (y_bar.atom, zero, *index)
        bars.add(base, b.op("setitem", cleared, base.kind, attrs={"path": path}))


def _may_repeat(kind: Kind) -> bool:
    """Is an index of this kind an array of integers?"""
    if isinstance(kind, Array):
        return kind.dtype != "bool" and kind.dims != ()
    return isinstance(kind, (List, Tuple))


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
    if not isinstance(value.kind, (Scalar, Array)):
        return moved
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
    base = tangent_or_zero(b, op.args[0], base_dot)
    return (
        b.op(
            "additem", (base, value_dot, *op.args[2:]), op.outs[0].kind, attrs=op.attrs
        ),
    )


def _additem_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None:
        return
    base, value, *index = op.args
    if isinstance(value, Var) and bars.wants(value):
        whole = full(y_bar, op.outs[0])
        moved = build(
            "getitem", whole, *(lift(b, a) for a in index), path=op.attrs["path"]
        )
        bars.add(value, _to_value(moved, value, b).atom)
    if bars.wants(base):
        bars.add(base, y_bar.atom)


additem = custom(
    "<additem>",
    _additem_forward,
    _additem_backward,
    kind=_update_kind,
    run=_additem,
    doc="add into a place; its adjoint is read there, and nothing is cleared",
)

# ---- tapes: push and pop are each other's adjoints -----------------------------------


def _tape_elem(kind: Kind) -> Kind:
    if isinstance(kind, Tape):
        return kind.elem
    if isinstance(kind, List):
        return kind.items[-1] if kind.items else kind.elem or UNKNOWN
    return UNKNOWN


def _push_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    tape = args[0].kind
    if isinstance(tape, Tape) and tape.elem == UNKNOWN:
        return (Tape(args[1].kind),)
    return (tape,)


def _pop_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    kind = args[0].kind
    if isinstance(kind, List) and kind.items:
        return (List(kind.items[:-1]), kind.items[-1])
    return (kind, _tape_elem(kind))


def _push_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    tape_dot, value_dot = tangents
    if tape_dot is None and value_dot is None:
        return (None,)
    if tape_dot is None:
        tape_dot = zero_of(b, op.args[0])
    value = tangent_or_zero(b, op.args[1], value_dot)
    return (b.op(op.prim, (tape_dot, value), op.outs[0].kind),)


def _push_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = bars.take(op.outs[0])
    if y_bar is None:
        return
    rest, top = b.ops("pop", (y_bar,), (op.args[0].kind, op.args[1].kind))
    if bars.wants(op.args[0]):
        bars.add(op.args[0], rest)
    if isinstance(op.args[1], Var) and bars.wants(op.args[1]):
        bars.add(op.args[1], top)


def _pop_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None, None)
    return b.ops("pop", (tangents[0],), [out.kind for out in op.outs])


def _pop_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    rest_bar, top_bar = bars.take(op.outs[0]), bars.take(op.outs[1])
    if not bars.wants(op.args[0]) or (rest_bar is None and top_bar is None):
        return
    if rest_bar is None:
        rest_bar = zero_of(b, op.outs[0])
    top = tangent_or_zero(b, op.outs[1], top_bar)
    bars.add(op.args[0], b.op("push", (rest_bar, top), op.args[0].kind))


tape = flat("<tape>", kind=always(Tape(UNKNOWN)), run=lambda: [], doc="an empty tape")

push = custom(
    "<push>",
    _push_forward,
    _push_backward,
    kind=_push_kind,
    run=lambda tape, value: [*tape, value],
    doc="put on a tape; its adjoint is popped",
)

pop = custom(
    "<pop>",
    _pop_forward,
    _pop_backward,
    kind=_pop_kind,
    run=lambda tape: (list(tape[:-1]), tape[-1]),
    doc="take from a tape; its adjoint is pushed",
)


def _append_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    grown, new = args[0].kind, args[1].kind
    if isinstance(grown, List) and grown.items is not None:
        return (List((*grown.items, new)),)
    if isinstance(grown, List) and grown.elem in (None, UNKNOWN):
        return (List(None, new),)
    return (grown,)


append = custom(
    "<append>",
    _push_forward,
    _push_backward,
    kind=_append_kind,
    run=lambda items, value: [*items, value],
    doc="grow a list; its adjoint is popped",
)


def _add_items_forward(
    b: Builder, op: Op, tangents: Tangents
) -> tuple[Atom | None, ...]:
    pairs = zip(op.args, tangents, strict=True)
    if all(dot is None for dot in tangents):
        return (None,)
    dots = [tangent_or_zero(b, arg, dot) for arg, dot in pairs]
    return (b.op("add_items", dots, op.outs[0].kind),)


def _add_items_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = bars.take(op.outs[0])
    if y_bar is not None:
        for i in wanted(op, bars):
            bars.add(op.args[i], y_bar)


add_items = custom(
    "<add_items>",
    _add_items_forward,
    _add_items_backward,
    kind=like_first,
    run=helpers.add_items,
    doc="sums of two containers, item by item: adjoints of what is read twice",
)

# ---- containers ----------------------------------------------------------------------


def _item_kind(atom: Atom) -> Kind:
    """A literal int stays known inside a container: `(2, n)` is a shape."""
    if isinstance(atom, Lit) and type(atom.value) is int:
        return Scalar("int", atom.value)
    return atom.kind


def _items_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if all(dot is None for dot in tangents):
        return (None,)
    pairs = zip(op.args, tangents, strict=True)
    dots = [tangent_or_zero(b, arg, dot) for arg, dot in pairs]
    return (b.op(op.prim, dots, op.outs[0].kind, attrs=op.attrs),)


def _items_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    keys: Sequence[object] = range(len(op.args))
    if op.prim == "dict":
        keys = op.attrs["keys"]  # type: ignore[assignment]
    elif op.prim == "object":
        keys = op.attrs["fields"]  # type: ignore[assignment]
    for i in wanted(op, bars):
        bar = bars.item(op.outs[0], keys[i])
        if bar is not None:
            bars.add(op.args[i], bar)
    bars.take(op.outs[0])


def _tuple_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    return (Tuple(tuple(map(_item_kind, args)), attrs.get("cls")),)  # type: ignore[arg-type]


def _tuple(*items: object, cls: type | None = None) -> object:
    return items if cls is None else cls(*items)


tuple_ = custom(
    "<tuple>",
    _items_forward,
    _items_backward,
    kind=_tuple_kind,
    run=_tuple,
    doc="each item its own",
)


def _list_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    return (List(tuple(map(_item_kind, args))),)


list_ = custom(
    "<list>",
    _items_forward,
    _items_backward,
    kind=_list_kind,
    run=lambda *items: list(items),
    doc="each item its own",
)


def _dict_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    return (Dict(tuple(attrs["keys"]), tuple(arg.kind for arg in args)),)  # type: ignore[arg-type]


def _dict(*items: object, keys: Sequence[object]) -> object:
    return dict(zip(keys, items, strict=True))


dict_ = custom(
    "<dict>",
    _items_forward,
    _items_backward,
    kind=_dict_kind,
    run=_dict,
    doc="each item its own",
)


def _object_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    kinds = tuple(arg.kind for arg in args)
    return (Object(attrs["cls"], tuple(attrs["fields"]), kinds),)  # type: ignore[arg-type]


def _object(*items: object, cls: type, fields: Sequence[str]) -> object:
    made = object.__new__(cls)
    for name, item in zip(fields, items, strict=True):
        object.__setattr__(made, name, item)
    return made


object_ = custom(
    "<object>",
    _items_forward,
    _items_backward,
    kind=_object_kind,
    run=_object,
    doc="each field its own",
)


def _len_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    kind = args[0].kind
    if isinstance(kind, Array) and kind.dims:
        return (Scalar("int", kind.dims[0]),)
    if isinstance(kind, (Tuple, Dict)) or (
        isinstance(kind, List) and kind.items is not None
    ):
        return (Scalar("int", len(kind.items or ())),)
    return (INT,)


len_ = flat("len", kind=_len_kind, run=len, name="len", signature="x")

# ---- zeros, copies, shapes of adjoints -----------------------------------------------


def _zeros_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    kind = args[0].kind
    if "dtype" in attrs and isinstance(kind, (Array, Scalar)):
        return (Array(np.dtype(attrs["dtype"]).name, dims_of(kind)),)  # type: ignore[call-overload]
    return (Scalar("float") if kind in (INT, BOOL) else kind,)


zeros_like = flat(
    "np.zeros_like",
    kind=_zeros_kind,
    signature="a; dtype=None, order!, subok!, shape!",
)
zeros_of = flat(
    "<zeros_of>",
    name="zeros_of",
    kind=like_first,
    run=helpers.zeros_of,
    doc="zeros in the shape of a list or other container",
)


def _unbroadcast_transpose(y_bar, y, x_bar, x):
    """y_bar, broadcast again"""
    if isinstance(y_bar.kind, Scalar):
        return y_bar
    return build("full_like", x_bar, y_bar)


unbroadcast_ = linear(
    "<unbroadcast>",
    _unbroadcast_transpose,
    kind=lambda args, attrs: (args[1].kind,),
    run=helpers.unbroadcast,
    doc="sum over the axes along which x was broadcast",
)


def _copy(x: object) -> object:
    return x.copy() if hasattr(x, "copy") else copying.copy(x)  # type: ignore[attr-defined]


copy = linear(
    "np.copy .copy copy.copy",
    lambda y_bar, y, x: y_bar,
    kind=like_first,
    run=_copy,
    signature="a; order!",
)
