"""Tapes and growing lists: push and pop are each other's adjoints."""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.ir.build import Builder
from s2sad.ir.kinds import (
    FLOAT,
    UNKNOWN,
    Kind,
    List,
    Scalar,
    Tape,
)
from s2sad.ir.nodes import Atom, Op, Var
from s2sad.rules import helpers
from s2sad.rules.infer import Attrs, always, like_first
from s2sad.rules.joins import join_kinds
from s2sad.rules.primitive import Adjoints, Tangents, wanted
from s2sad.rules.structural import tangent_or_zero, zero_of
from s2sad.rules.verbs import custom, flat


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
    kinds: tuple[Kind, ...] = (op.args[0].kind, op.args[1].kind)
    if isinstance(y_bar.kind, List) and y_bar.kind.items:
        kinds = _pop_kind((y_bar,), {})  # an item of it may be a NumPy number
    rest, top = b.ops("pop", (y_bar,), kinds)
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
    number = isinstance(top, Var) and isinstance(top.kind, Scalar)
    if number and op.outs[1].kind == FLOAT:
        top = b.op("float", (top,), FLOAT)  # as the list says of its items
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
    if isinstance(grown, List):
        return (List(None, new if grown.elem is None else join_kinds(grown.elem, new)),)
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
