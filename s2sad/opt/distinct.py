"""Add in place where an index names no element twice.

    np.add.at(x_bar, [0, 2], v)                  x_bar[[0, 2]] += v
    rows = np.arange(len(labels))         ->     rows = np.arange(len(labels))
    np.add.at(z_bar, (rows, labels), v)          z_bar[rows, labels] += v

A sum at each of the places, however often it is named, takes several times as long.
"""

from __future__ import annotations

from s2sad.analysis.distinct import MAKERS, are_distinct
from s2sad.ir.kinds import Array, Kind, List
from s2sad.ir.nodes import Function, Op, Var
from s2sad.ir.walk import primitives, statements
from s2sad.opt.facts import is_derived
from s2sad.opt.rewrite import Rewriter


def distinct(function: Function) -> Function:
    if "additem" not in primitives(function.body):
        return function
    makers = {
        stmt.outs[0]: stmt
        for stmt in statements(function.body)
        if isinstance(stmt, Op) and stmt.prim in MAKERS
    }
    return Distinct(makers).run(function) if makers else function


def names_many(kind: Kind) -> bool:
    """Several places by their numbers; a mask names each once."""
    return isinstance(kind, List) or isinstance(kind, Array) and kind.dtype != "bool"


class Distinct(Rewriter):
    def __init__(self, makers: dict[Var, Op]) -> None:
        super().__init__()
        self.makers = makers

    def op(self, op: Op) -> None:
        if op.prim == "additem" and is_derived(op) and "unique" not in op.attrs:
            index = op.args[2:]
            many = any(names_many(atom.kind) for atom in index)
            if many and are_distinct(index, self.makers):
                self.changed = True
                attrs = {**op.attrs, "unique": True}
                op = Op(op.outs, op.prim, op.args, attrs, op.span)
        self.emit(op)
