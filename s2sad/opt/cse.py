"""Compute the same thing once.

    %1 = sub 1.0, x                   %1 = sub 1.0, x
    y = mul r, %1                     y = mul r, %1
    %2 = sub 1.0, x           ->      y_bar = mul r, %1
    y_bar = mul r, %2

A value of an outer block serves the blocks inside it, and so one of the forward half
serves the reverse half. New storage (`zeros`, `tape`, `copy`, ...) is never shared, nor
is an array that is written to later: two accumulators that start equal must stay two.
How a function is spelled does not matter where the results are of the same type.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from s2sad.ir.kinds import Unknown, is_numeric
from s2sad.ir.nodes import Atom, Block, Call, For, Function, Op, Stmt, Var, While
from s2sad.ir.walk import blocks, statements
from s2sad.opt.facts import has_effect, is_derived, may_merge, plain, written_over
from s2sad.opt.rewrite import Rewriter

COMMUTATIVE = frozenset("add mul eq ne logical_and logical_or".split())
IGNORED = ("spelling", "lib")


def cse(function: Function) -> Function:
    return Cse(written_over(function)).run(function)


class Cse(Rewriter):
    def __init__(self, written: set[Var]) -> None:
        super().__init__()
        self.written = written
        self.known: dict[Hashable, Op] = {}
        self.added: list[Hashable] = []
        self.calls = 0  # that may have changed what a global name holds

    def block(self, block: Block) -> Block:
        start = len(self.added)
        done = super().block(block)
        for key in self.added[start:]:  # what a block computes is not there after it
            del self.known[key]
        del self.added[start:]
        return done

    def enter(self, stmt: Stmt) -> Stmt:
        if isinstance(stmt, (For, While)) and any(map(is_call, inside(stmt))):
            self.calls += 1  # those of one trip come before the next
        return stmt

    def emit(self, stmt: Stmt) -> None:
        self.calls += is_call(stmt)
        super().emit(stmt)

    def key(self, op: Op) -> Hashable | None:
        """What the op is known by; None if it must not be merged."""
        if not may_merge(op) or not self.written.isdisjoint(op.outs):
            return None
        return (self.calls, key_of(op)) if op.prim == "free" else key_of(op)

    def op(self, op: Op) -> None:
        key = self.key(op)
        found = None if key is None else self.known.get(key)
        if found is not None:
            # a part of what the user wrote is not called after an adjoint
            rename = is_derived(found) or not is_derived(op)
            for out, atom in zip(op.outs, found.outs, strict=True):
                self.use(out, atom, rename)
            return
        if key is not None:
            self.known[key] = op
            self.added.append(key)
        self.emit(op)


def is_call(stmt: Stmt) -> bool:
    """Does the statement run code that nobody has looked at?"""
    return isinstance(stmt, Call) or (
        isinstance(stmt, Op) and stmt.prim == "opaque" and has_effect(stmt)
    )


def inside(stmt: Stmt) -> Iterator[Stmt]:
    for block in blocks(stmt):
        yield from statements(block)


def key_of(op: Op) -> Hashable | None:
    """What two ops have in common that compute the same; None where that is unclear."""
    kinds = tuple([plain(out.kind) for out in op.outs])
    unclear = any(isinstance(kind, Unknown) for kind in kinds)
    attrs = tuple(
        (key, frozen(value))
        for key, value in op.attrs.items()
        if unclear or key not in IGNORED
    )
    args: tuple[Atom, ...] = op.args
    if op.prim in COMMUTATIVE and all(is_numeric(arg.kind) for arg in args):
        args = tuple(sorted(args, key=id_of))
    key = (op.prim, args, attrs, kinds)
    try:
        hash(key)
    except TypeError:
        return None
    return key


def id_of(atom: Atom) -> int:
    """Any order does: the key is never seen."""
    return id(atom) if isinstance(atom, Var) else hash(atom)


def frozen(value: object) -> Hashable:
    """The value of an attribute as a key; 1, 1.0 and True are three."""
    if isinstance(value, (tuple, list)):
        return (type(value).__name__, *map(frozen, value))
    if isinstance(value, dict):
        return ("dict", *((key, frozen(item)) for key, item in value.items()))
    if isinstance(value, slice):
        return ("slice", frozen(value.start), frozen(value.stop), frozen(value.step))
    return (type(value).__name__, value)
