"""Take shapes, and entries of containers, from values that are still there.

    %1 = getitem t, 0              (t = list h, x in the forward half)      h
    %2 = shape h.1                 (h.1 inside a loop, h outside it)        shape h

The raw reverse half asks some values for nothing but their shape, and takes some out of
lists and tuples that the forward half has just put them into. Neither needs to keep the
value that is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from s2sad.ad.jvp import tuple_of
from s2sad.ad.reverse import Mirrors
from s2sad.analysis.absent import may_be_absent
from s2sad.ir.build import Builder
from s2sad.ir.kinds import Array, Kind
from s2sad.ir.nodes import Atom, Block, Function, Lit, Op, Stmt, Var
from s2sad.ir.walk import (
    blocks,
    mapping,
    primitives,
    reading,
    statements,
    substitute_operands,
    with_blocks,
)
from s2sad.rules import TABLE

# Which operand of a primitive serves for its shape alone.
SHAPE_ONLY = {
    "shape": 0,
    "size": 0,
    "ndim": 0,
    "len": 0,
    "zeros_like": 0,
    "ones_like": 0,
    "full_like": 0,
    "unbroadcast": 1,
}

QUESTIONS = ("shape", "size", "ndim", "len")


def use_donors(
    raw: Block, primal: Function, nested: Collection[Var], mirrors: Mirrors
) -> Block:
    """The raw reverse half with shapes and entries from where they are at hand."""
    if primitives(raw).isdisjoint((*SHAPE_ONLY, "getitem")):
        return raw  # it asks for none
    made = {
        stmt.outs[0]: stmt
        for stmt in statements(primal.body)
        if isinstance(stmt, Op) and stmt.prim in ("tuple", "list", "dict")
    }
    return _Donors(made, donors(primal), lengths(primal), nested, mirrors).block(raw)


def donors(primal: Function) -> dict[Kind, Var]:
    """For each kind that tells the whole shape, a value of the top level with it.

    One that is there whichever way was taken.
    """
    absent = may_be_absent(primal.body)
    at_hand: dict[Kind, Var] = {}
    tops = [param.var for param in primal.params]
    tops += [out for stmt in primal.body.stmts for out in stmt.outs]
    for var in tops:
        if settled(var.kind) and var not in absent:
            at_hand.setdefault(var.kind, var)
    return at_hand


def lengths(primal: Function) -> dict[str, tuple[Var, int]]:
    """For each length that has a name, a parameter and its axis of that length."""
    found: dict[str, tuple[Var, int]] = {}
    for param in primal.params:
        dims = param.var.kind.dims if isinstance(param.var.kind, Array) else None
        for axis, dim in enumerate(dims or ()):
            if isinstance(dim, str):
                found.setdefault(dim, (param.var, axis))
    return found


def shapes_from(seeds: Collection[Var], raw: Block, given: Collection[Var]) -> Block:
    """A reverse half that asks its seeds for shapes, not what would have to be kept."""
    at_hand = {var.kind: var for var in seeds if settled(var.kind)}

    def block(old: Block) -> Block:
        return replace(old, stmts=tuple(map(stmt, old.stmts)))

    def stmt(old: Stmt) -> Stmt:
        if isinstance(old, Op):
            return shaped(old, given, at_hand)
        return with_blocks(old, tuple(map(block, blocks(old))))

    return block(raw) if at_hand else raw


def settled(kind: Kind) -> bool:
    return isinstance(kind, Array) and bool(kind.dims) and None not in (kind.dims or ())


@dataclass
class _Donors:
    made: Mapping[Var, Op]  # containers, by what the forward half put into them
    at_hand: Mapping[Kind, Var]
    lengths: Mapping[str, tuple[Var, int]]
    nested: Collection[Var]
    mirrors: Mirrors
    table: dict[Var, Atom] = field(default_factory=dict)

    def block(self, block: Block) -> Block:
        stmts = [new for stmt in block.stmts for new in self.stmts(stmt)]
        get = mapping(self.table)
        return Block(tuple(stmts), tuple(map(get, block.yields)), block.stop)

    def stmts(self, stmt: Stmt) -> Sequence[Stmt]:
        new = self.stmt(stmt)
        if new is None:
            return ()
        return self.measured(new) or (new,) if isinstance(new, Op) else (new,)

    def measured(self, op: Op) -> list[Stmt]:
        """Zeros as long as the parameters that tell the lengths of the array asked."""
        asked = op.args[0] if op.args else None
        if op.prim != "zeros_like" or asked not in self.nested or op.attrs:
            return []
        kind = asked.kind
        if not isinstance(kind, Array) or not settled(kind) or kind.dtype != "float64":
            return []
        if not all(isinstance(d, int) or d in self.lengths for d in kind.dims or ()):
            return []
        b = Builder(op.span)
        found: list[Atom] = []
        for dim in kind.dims or ():
            if not isinstance(dim, str):
                found.append(Lit(dim))
                continue
            array, axis = self.lengths[dim]
            attrs = {"spelling": ".shape"}
            (whole,) = TABLE["shape"].infer((array,), attrs)
            shape = b.op("shape", (array,), whole, attrs=attrs)
            path = {"path": "[#]"}
            (length,) = TABLE["getitem"].infer((shape, Lit(axis)), path)
            found.append(b.op("getitem", (shape, Lit(axis)), length, attrs=path))
        long = found[0] if len(found) == 1 else tuple_of(b, found)
        b.add(Op(op.outs, "zeros", (long,), op.attrs, op.span))
        return b.stmts

    def stmt(self, stmt: Stmt) -> Stmt | None:
        if not isinstance(stmt, Op):
            inner = tuple(map(self.block, blocks(stmt)))
            new = substitute_operands(with_blocks(stmt, inner), mapping(self.table))
            if new is not stmt:
                self.mirrors.renewed(new, stmt)
            return new
        op = reading(stmt, self.table)
        entry = self.entry(op)
        if entry is None:
            return self.shaped(op)
        self.table[op.outs[0]] = entry
        return None

    def entry(self, op: Op) -> Atom | None:
        """What a read of one literal entry of a container gives, if that is known."""
        holder = self.made.get(op.args[0]) if op.prim == "getitem" else None  # type: ignore[arg-type]
        if holder is None or op.attrs.get("path") != "[#]":
            return None
        key = op.args[1]
        keys = list(holder.attrs.get("keys", range(len(holder.args))))  # type: ignore[call-overload]
        if not isinstance(key, Lit) or key.value not in keys:
            return None
        return holder.args[keys.index(key.value)]

    def shaped(self, op: Op) -> Op:
        return shaped(op, self.nested, self.at_hand)


def shaped(
    op: Op,
    nested: Collection[Var],
    at_hand: Mapping[Kind, Var],
    last: Callable[[Var], Var | None] | None = None,
) -> Op:
    """The op with the shape that it asks for taken from what is at hand.

    Best of all from the `last` version of the same array, which goes by its name.
    """
    position = SHAPE_ONLY.get(op.prim)
    if position is None or position >= len(op.args):
        return op
    asked = op.args[position]
    if not isinstance(asked, Var) or asked not in nested:
        return op
    donor = last(asked) if last is not None and op.prim in QUESTIONS else None
    if donor is None:
        donor = at_hand.get(asked.kind)
    if donor is None:
        return op
    args = list(op.args)
    args[position] = donor
    return replace(op, args=tuple(args))
