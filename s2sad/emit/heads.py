"""Loop heads: `for x in xs`, `enumerate` and `zip`, where the loop still is one.

    for i in range %n:            for x, y in zip(xs, ys):
        x = getitem xs[i]             total += x * y
        y = getitem ys[i]
"""

from __future__ import annotations

from dataclasses import dataclass

from s2sad.emit.families import count_uses
from s2sad.ir.kinds import Array, List, Scalar, Tuple
from s2sad.ir.nodes import Atom, For, Function, Lit, Op, Var
from s2sad.ir.walk import definitions, statements


@dataclass(frozen=True)
class Head:
    """What the loop goes through, and the variables that it sets."""

    bases: tuple[Var, ...]
    items: tuple[Var, ...]
    numbered: bool  # is the index needed besides?


def loop_heads(function: Function) -> dict[int, Head]:
    """The loops (by id) that are printed as loops through something."""
    found: dict[int, Head] = {}
    makers: dict[Var, Op] = {}
    for stmt in statements(function.body):
        if isinstance(stmt, Op) and len(stmt.outs) == 1:
            makers[stmt.outs[0]] = stmt
    for stmt in statements(function.body):
        if isinstance(stmt, For) and stmt.form in ("each", "enumerate", "zip"):
            head = _head(stmt, makers)
            if head is not None:
                found[id(stmt)] = head
    return found


def _head(stmt: For, makers: dict[Var, Op]) -> Head | None:
    if stmt.start != Lit(0) or stmt.step != Lit(1):
        return None
    inside = {*definitions(stmt.body), *stmt.params}
    items: dict[Var, Var] = {}
    for op in stmt.body.stmts:
        if not isinstance(op, Op) or op.prim != "getitem" or op.attrs["path"] != "[#]":
            continue
        base, index = op.args
        if index is not stmt.index or not isinstance(base, Var) or base in inside:
            continue
        if not op.outs[0].name or base in items or not runs_through(stmt.stop, base, makers):
            continue
        items[base] = op.outs[0]
    if not items:
        return None
    numbered = count_uses(stmt.body).get(stmt.index, 0) > len(items)
    if stmt.backward and (numbered or len(items) > 1):
        return None
    if numbered and len(items) > 1:
        return None
    return Head(tuple(items), tuple(items.values()), numbered)


def runs_through(stop: Atom, base: Var, makers: dict[Var, Op]) -> bool:
    """Is `stop` the length of `base`?"""
    kind = base.kind
    length: object = None
    if isinstance(kind, Array) and kind.dims:
        length = kind.dims[0]
    elif isinstance(kind, (Tuple, List)) and kind.items is not None:
        length = len(kind.items)
    if isinstance(stop, Lit):
        return length is not None and length == stop.value
    if isinstance(stop.kind, Scalar) and length is not None and stop.kind.size == length:
        return True
    maker = makers.get(stop)
    return maker is not None and maker.prim == "len" and maker.args[0] is base
