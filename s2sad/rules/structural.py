"""Zeros, copies and shapes of any value, container or number."""

from __future__ import annotations

import copy as copying
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import (
    BOOL,
    INT,
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
    children,
    elements,
    is_numeric,
    may_vary,
)
from s2sad.ir.nodes import NONE, Atom, Lit, Op
from s2sad.ir.sources import is_source
from s2sad.rules import helpers
from s2sad.rules.handles import build, lift
from s2sad.rules.infer import Attrs, dims_of, like_first
from s2sad.rules.lazy import full
from s2sad.rules.primitive import Adjoints, Tangents
from s2sad.rules.registry import PRIMITIVES
from s2sad.rules.verbs import custom, flat, linear

ZERO = Lit(0.0)
Options = Mapping[str, object]


def zero_of(b: Builder, like: Atom) -> Atom:
    """A zero of the kind of `like`; of containers, item by item."""
    kind = like.kind
    if isinstance(kind, Maybe):
        kind = zero_kind(kind)
    if isinstance(kind, Scalar):
        return ZERO
    if isinstance(kind, Static) or (isinstance(kind, Object) and is_source(kind.cls)):
        return NONE
    if isinstance(kind, Array):
        return PRIMITIVES["zeros_like"](lift(b, like)).atom
    if isinstance(kind, (Tuple, Dict, Object)) or (
        isinstance(kind, List) and kind.items is not None
    ):
        return _zeros_inside(b, like, kind)
    if isinstance(kind, List) and kind.elem is not None:
        if isinstance(zero_kind(kind.elem), Scalar):
            return build("repeated", lift(b, like), ZERO.value).atom
    if isinstance(kind, Table) and isinstance(zero_kind(kind.elem), Scalar):
        return b.op("zero_entries", (like,), zero_kind(kind))
    if _holds_maybe(kind):
        return build("zeros_of", lift(b, like), ZERO.value).atom
    return PRIMITIVES["zeros_of"](lift(b, like)).atom


def zero_kind(kind: Kind) -> Kind:
    """The kind of the zero of what may be None: that of what it else is, if its zero is
    known without looking. Where it is None nobody reads its adjoint.
    """
    if isinstance(kind, Maybe):
        return kind.of if _has_one_zero(kind.of) else kind
    if isinstance(kind, List) and kind.elem is not None:
        return List(None, zero_kind(kind.elem))
    if isinstance(kind, Table):
        return Table(kind.key, zero_kind(kind.elem))
    if isinstance(kind, (Tuple, List, Dict, Object)) and kind.items is not None:
        return replace(kind, items=tuple(map(zero_kind, kind.items)))
    return kind


def _holds_maybe(kind: Kind) -> bool:
    """May None stand where else a number stands?"""
    if isinstance(kind, Maybe):
        return isinstance(kind.of, Scalar)
    return any(map(_holds_maybe, (*children(kind), *elements(kind))))


def _has_one_zero(kind: Kind) -> bool:
    return isinstance(kind, (Scalar, Static)) or (
        isinstance(kind, (Tuple, Object)) and all(map(_has_one_zero, kind.items))
    )


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
    if varies or arg.kind == List(()):  # which is put into another to be filled there
        return zero_of(b, arg)
    return NONE


def holder_tangent(b: Builder, holder: Atom, dot: Atom | None) -> Atom:
    """The same for a container that is about to hold what varies, as yet or not."""
    if dot is None and not is_numeric(holder.kind):
        return zero_of(b, holder)
    return tangent_or_zero(b, holder, dot)


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
    kind=lambda args, attrs: (zero_kind(args[0].kind),),
    run=helpers.zeros_of,
    doc="zeros in the shape of a list or other container",
)


zero_entries = flat(
    "<zero_entries>",
    kind=lambda args, attrs: (zero_kind(args[0].kind),),
    run=lambda x: dict.fromkeys(x, 0.0),
    doc="dict.fromkeys(x, 0.0): a zero for each key",
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
    ".copy copy.copy",
    lambda y_bar, y, x: y_bar,
    moves=True,
    kind=like_first,
    run=_copy,
    signature="a; order!",
)


def _fresh_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    return (b.op("fresh", (tangents[0],), tangents[0].kind),)


def _fresh_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = bars.take(op.outs[0])
    if y_bar is not None and bars.wants(op.args[0]):
        bars.add(op.args[0], y_bar)


def _present_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    dot = tangents[0]
    if dot is None or not isinstance(dot.kind, Maybe):
        return (dot,)
    return (b.op("present", (dot,), dot.kind.of),)


def _present_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = bars.take(op.outs[0])
    if y_bar is not None and bars.wants(op.args[0]):
        # what may be None does not tell of an adjoint that it is smaller
        bars.add(op.args[0], full(lift(b, y_bar), op.outs[0]).atom)


def _present_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    kind = args[0].kind
    return (kind.of if isinstance(kind, Maybe) else kind,)


present = custom(
    "<present>",
    _present_forward,
    _present_backward,
    kind=_present_kind,
    run=lambda value: value,
    signature="value",
    doc="what may be None, where it is not: nothing is computed",
)


fresh = custom(
    "<fresh>",
    _fresh_forward,
    _fresh_backward,
    kind=like_first,
    run=helpers.fresh,
    signature="value",
    doc="a copy that shares nothing",
)
