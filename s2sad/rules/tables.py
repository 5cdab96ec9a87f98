"""Tables, which are dicts whose keys the run finds: their keys, and what these lead to.

Which keys there are does not vary. The adjoint of a table has a zero for each key that
the table has at the end: more than earlier versions of it have, and nobody reads those.
"""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.ir.build import Builder
from s2sad.ir.kinds import UNKNOWN, Dict, Kind, List, Table
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import helpers
from s2sad.rules.handles import build, lift
from s2sad.rules.infer import Attrs, like_first
from s2sad.rules.joins import as_table
from s2sad.rules.primitive import Adjoints, Tangents
from s2sad.rules.structural import zero_of
from s2sad.rules.verbs import custom, flat


def _table(kind: Kind) -> Table | None:
    return as_table(kind) if isinstance(kind, (Dict, Table)) else None


def _keys_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    table = _table(args[0].kind)
    return (List(None, UNKNOWN if table is None else table.key),)


keys = flat("<keys>", kind=_keys_kind, run=list, doc="list(d): the keys of a dict")


# ---- all entries, as a list ----------------------------------------------------------


def _values_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    table = _table(args[0].kind)
    return (List(None, None if table is None else table.elem),)


def _values_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    keys = build("keys", lift(b, op.args[0]))
    return (b.op("entries", (tangents[0], keys.atom), op.outs[0].kind),)


def _values_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar, table = bars.take(op.outs[0]), op.args[0]
    if y_bar is not None and bars.wants(table):
        keys = build("keys", lift(b, table))
        bars.add(table, b.op("keyed", (y_bar, keys.atom), table.kind))


values = custom(
    "<values>",
    _values_forward,
    _values_backward,
    kind=_values_kind,
    run=lambda table: list(table.values()),
    doc="list(d.values()): what all keys of a dict lead to",
)


# ---- entries by their keys, and back -------------------------------------------------


def _entries_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    return _values_kind(args, attrs)


def _keyed_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    values, keys = (arg.kind for arg in args)
    found = [getattr(kind, "elem", None) or UNKNOWN for kind in (keys, values)]
    return (Table(*found),)


def _turned(other: str):
    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        if tangents[0] is None:
            return (None,)
        return (b.op(op.prim, (tangents[0], op.args[1]), op.outs[0].kind),)

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        y_bar, (x, keys) = bars.take(op.outs[0]), op.args
        if y_bar is not None and bars.wants(x):
            bars.add(x, b.op(other, (y_bar, keys), x.kind))

    return forward, backward


entries = custom(
    "<entries>",
    *_turned("keyed"),
    kind=_entries_kind,
    run=helpers.entries,
    doc="[d[key] for key in keys]",
)

keyed = custom(
    "<keyed>",
    *_turned("entries"),
    kind=_keyed_kind,
    run=lambda values, keys: dict(zip(keys, values)),
    doc="dict(zip(keys, values)): a dict of these entries",
)


# ---- without one of them -------------------------------------------------------------


def _without_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    return (b.op("without", (tangents[0], op.args[1]), op.outs[0].kind),)


def _without_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    """Nothing flows back into what was taken out: its adjoint is there, and zero."""
    y_bar, (table, key) = bars.take(op.outs[0]), op.args
    if y_bar is not None and bars.wants(table):
        elem = table.kind.elem  # type: ignore[attr-defined]
        path = {"path": "[#]"}
        gone = zero_of(b, b.op("getitem", (table, key), elem, attrs=path))
        bars.add(table, b.op("setitem", (y_bar, gone, key), table.kind, attrs=path))


without = custom(
    "<without>",
    _without_forward,
    _without_backward,
    kind=like_first,
    run=helpers.without,
    doc="a dict but for one key",
)
