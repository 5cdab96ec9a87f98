"""Give back a list as it is, rather than a new one of all its entries.

    x_bar.3 = for ... with x_bar.1 = x_bar.0:          x_bar.3 = for ...
    %1 = getitem x_bar.3[0]                      ->    return x_bar.3
    %2 = getitem x_bar.3[1]
    %3 = list %1, %2
    return %3

    %2 = getitem x_bar.3[1]
    %3 = add total, %2                           ->    x_bar.4 = additem x_bar.3[1], ...
    %4 = list %1, %3                                   return x_bar.4

The gradient of a list whose entries have adjoints of their own is made of these; a loop
over the list has them in one already, but for what is added to some of them. That one
is differentiation's own, made here, and nobody else reads it afterwards. All the
elements of an array are `a.tolist()`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from s2sad.analysis.lineage import Lineage
from s2sad.ir.kinds import Array, List, Scalar
from s2sad.ir.nodes import Atom, Function, Lit, Op, Stmt, Var
from s2sad.ir.walk import primitives, statements
from s2sad.opt.dce import dce
from s2sad.opt.facts import count_uses, is_derived
from s2sad.opt.rewrite import Rewriter

ITEM = MappingProxyType({"path": "[#]"})


def whole(function: Function, native: bool = False) -> Function:
    """`native` code makes no list of an array."""
    if "list" not in primitives(function.body):
        return function
    makers = {
        out: stmt
        for stmt in statements(function.body)
        if isinstance(stmt, Op)
        for out in stmt.outs
    }
    uses = count_uses(function)
    found: dict[Var, Entries] = {}
    for out, op in makers.items():
        if op.prim == "list" and is_derived(op):
            held = entries(op, makers, uses)
            if held is None or native and isinstance(held.base.kind, Array):
                continue
            if not held.more or op in function.body.stmts:
                found[out] = held
    if any(isinstance(held.base.kind, List) for held in found.values()):
        lineage = Lineage(function.body)
        found = {out: e for out, e in found.items() if is_ours(e.base, lineage)}
    return dce(_Whole(found).run(function)) if found else function


@dataclass(frozen=True)
class Entries:
    base: Var
    more: Mapping[int, tuple[str, Atom]]  # what is added to some of them, or subtracted


def entries(
    op: Op, makers: Mapping[Var, Stmt], uses: Mapping[Var, int]
) -> Entries | None:
    """The list, or the array, whose entries, all of them in their order, it holds."""
    base: Atom | None = None
    more: dict[int, tuple[str, Atom]] = {}
    for number, atom in enumerate(op.args):
        sign, added, read = parted(atom, Lit(number), makers, uses)
        if read is None or uses[read.outs[0]] > 1:
            return None
        if added is not None:
            more[number] = sign, added
        if base is None:
            base = read.args[0]
        if read.args[0] is not base or read.prim != reads_of(base):
            return None
    if not isinstance(base, Var) or more and not isinstance(base.kind, List):
        return None
    if len(more) > len(op.args) // 2:
        return None
    return Entries(base, more) if uses[base] == len(op.args) == size_of(base) else None


def parted(
    atom: Atom, number: Lit, makers: Mapping[Var, Stmt], uses: Mapping[Var, int]
) -> tuple[str, Atom | None, Op | None]:
    """The read of an entry, and what is added to it or subtracted from it."""

    def entry(atom: Atom) -> Op | None:
        read = makers.get(atom) if isinstance(atom, Var) else None
        if not isinstance(read, Op) or read.args[1:] != (number,):
            return None
        is_item = read.attrs.get("path", "[#]") == "[#]"
        return read if is_item and read.prim in ("item", "getitem") else None

    made = makers.get(atom) if isinstance(atom, Var) else None
    if not isinstance(made, Op) or made.prim not in ("add", "sub"):
        return "", None, entry(atom)
    first, second = made.args
    numbers = isinstance(first.kind, Scalar) and isinstance(second.kind, Scalar)
    if not numbers or uses[made.outs[0]] > 1:
        return "", None, None
    read = entry(first)
    if read is None and made.prim == "add":
        first, second = second, first
        read = entry(first)
    return made.prim, second, read


def reads_of(base: Atom) -> str:
    """How an entry is read: as it is, or as a Python float."""
    return "item" if isinstance(base.kind, Array) else "getitem"


def size_of(base: Var) -> object:
    kind = base.kind
    if isinstance(kind, Array):
        return kind.dims[0] if kind.dims is not None and kind.rank == 1 else None
    return len(kind.items) if isinstance(kind, List) and kind.items else None


def is_ours(base: Var, lineage: Lineage) -> bool:
    """Is a list a version of one that differentiation made at the top level?"""
    if isinstance(base.kind, Array):
        return True
    first = lineage.chain(lineage.body, base).versions[-1]
    made = lineage.maker.get(first)
    return isinstance(made, Op) and made.prim == "list" and is_derived(made)


class _Whole(Rewriter):
    def __init__(self, found: Mapping[Var, Entries]) -> None:
        super().__init__()
        self.found = found

    def op(self, op: Op) -> None:
        held = self.found.get(op.outs[0]) if op.outs else None
        if held is None:
            self.emit(op)
            return
        base = self.get(held.base)
        if isinstance(base.kind, Array):
            self.changed = True
            self.emit(Op(op.outs, "tolist", (base,), span=op.span))
            return
        for number, (sign, value) in held.more.items():
            value = self.get(value)
            if sign == "sub":
                negative = Var("", value.kind)
                self.emit(Op((negative,), "neg", (value,), span=op.span))
                value = negative
            sum_ = held.base.copy()
            self.emit(Op((sum_,), "additem", (base, value, Lit(number)), ITEM, op.span))
            base = sum_
        self.use(op.outs[0], base)
