"""Containers made of their items: tuples, lists, dictionaries, objects."""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.ir.build import Builder
from s2sad.ir.kinds import (
    INT,
    Array,
    Dict,
    Kind,
    List,
    Object,
    Scalar,
    Tuple,
)
from s2sad.ir.nodes import Atom, Lit, Op
from s2sad.rules.infer import Attrs
from s2sad.rules.primitive import Adjoints, Tangents, wanted
from s2sad.rules.structural import tangent_or_zero
from s2sad.rules.verbs import custom, flat


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
            bars.add(op.args[i], bar, bars.reach(op.outs[0], keys[i]))
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
