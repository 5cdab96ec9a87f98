"""Write an index that is a list of numbers where it is used.

    %1 = list p, k                            A.1 = getitem A.0, [p, k]
    A.1 = getitem A.0, %1               ->    A_dot.1 = getitem A_dot.0, [p, k]
    A_dot.1 = getitem A_dot.0, %1

Tangents and adjoints are read and written at the places of the primal; the list is as
short as a name for it would be.
"""

from __future__ import annotations

from collections import Counter

from s2sad.ir.kinds import Scalar
from s2sad.ir.nodes import Function, Op, Var
from s2sad.ir.walk import statements, uses
from s2sad.opt.brackets import FIRST
from s2sad.opt.rewrite import Rewriter


def indices(function: Function) -> Function:
    lists = {
        stmt.outs[0]: stmt
        for stmt in statements(function.body)
        if isinstance(stmt, Op) and stmt.prim == "list" and is_index(stmt)
    }
    if not lists:
        return function
    as_index = Counter(
        atom
        for stmt in statements(function.body)
        if isinstance(stmt, Op) and stmt.prim in FIRST
        for atom in stmt.args[FIRST[stmt.prim] :]
        if atom in lists
    )
    if not as_index:
        return function
    total = Counter(var for var in uses(function.body) if var in as_index)
    only = {var: lists[var] for var, count in total.items() if as_index[var] == count}
    return Indices(only).run(function) if only else function


def is_index(op: Op) -> bool:
    return all(isinstance(atom.kind, Scalar) for atom in op.args)


class Indices(Rewriter):
    def __init__(self, lists: dict[Var, Op]) -> None:
        super().__init__()
        self.lists = lists

    def op(self, op: Op) -> None:
        if op.outs and op.outs[0] in self.lists and not op.outs[0].name:
            self.changed = True
            return
        args = list(op.args)
        for number, atom in enumerate(args):
            made = self.lists.get(atom) if isinstance(atom, Var) else None
            if made is not None and not made.outs[0].name:
                args[number] = again = made.outs[0].copy()
                self.emit(Op((again,), "list", made.args, made.attrs, op.span))
        if args != list(op.args):
            op = Op(op.outs, op.prim, tuple(args), op.attrs, op.span)
        self.emit(op)
