"""Give back a list as it is, rather than a new one of all its entries.

    x_bar.3 = for ... with x_bar.1 = x_bar.0:          x_bar.3 = for ...
    %1 = getitem x_bar.3[0]                      ->    return x_bar.3
    %2 = getitem x_bar.3[1]
    %3 = list %1, %2
    return %3

The gradient of a list whose entries have adjoints of their own is made of these; a loop
over the list has them in one already. That one is differentiation's own, made here,
and nobody else reads it afterwards. All the elements of an array are `a.tolist()`.
"""

from __future__ import annotations

from collections.abc import Mapping

from s2sad.analysis.lineage import Lineage
from s2sad.ir.kinds import Array, List
from s2sad.ir.nodes import Atom, Function, Lit, Op, Stmt, Var
from s2sad.ir.walk import primitives, statements
from s2sad.opt.dce import dce
from s2sad.opt.facts import count_uses, is_derived
from s2sad.opt.rewrite import Rewriter


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
    found: dict[Var, Var] = {}
    for out, op in makers.items():
        if op.prim == "list" and is_derived(op):
            base = entries(op, makers, uses)
            if base is not None and not (native and isinstance(base.kind, Array)):
                found[out] = base
    if any(isinstance(base.kind, List) for base in found.values()):
        lineage = Lineage(function.body)
        found = {out: base for out, base in found.items() if is_ours(base, lineage)}
    return dce(_Whole(found).run(function)) if found else function


def entries(op: Op, makers: Mapping[Var, Stmt], uses: Mapping[Var, int]) -> Var | None:
    """The list, or the array, whose entries, all of them in their order, it holds."""
    base = None
    for number, atom in enumerate(op.args):
        read = makers.get(atom) if isinstance(atom, Var) else None
        if not isinstance(read, Op) or uses[atom] > 1:  # type: ignore[index]
            return None
        if read.args[1:] != (Lit(number),) or read.attrs.get("path", "[#]") != "[#]":
            return None
        if base is None:
            base = read.args[0]
        if read.args[0] is not base or read.prim != reads_of(base):
            return None
    if not isinstance(base, Var):
        return None
    return base if uses[base] == len(op.args) == size_of(base) else None


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
    def __init__(self, found: Mapping[Var, Var]) -> None:
        super().__init__()
        self.found = found

    def op(self, op: Op) -> None:
        base = self.found.get(op.outs[0]) if op.outs else None
        if base is None:
            self.emit(op)
        elif isinstance(base.kind, Array):
            self.changed = True
            self.emit(Op(op.outs, "tolist", self.all((base,)), span=op.span))
        else:
            self.use(op.outs[0], self.get(base))
