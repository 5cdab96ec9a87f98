"""What is an array later on is an array from the start.

    total.2 = for row in rows with total.0 = 0       total = np.zeros(rows.shape[1])
        total.1 = add total.0, row                   for row in rows:
                                                         total += row

Python lets a name be a number first and an array then; what is compiled has one type
for each name.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np

from s2sad.emit.numba.lengths import as_shape, length_of_dim
from s2sad.emit.numba.operations import Misfitting
from s2sad.ir.kinds import Array, Scalar
from s2sad.ir.nodes import (
    NO_ATTRS,
    Atom,
    Block,
    For,
    Function,
    If,
    Lit,
    Op,
    Span,
    Stmt,
    Var,
    While,
)
from s2sad.ir.walk import blocks, with_blocks

DTYPES = {"float32": np.float32, "int64": np.int64, "bool": np.bool_}


def full_starts(function: Function) -> Function:
    work = _Starts([p.var for p in function.params])
    return replace(function, body=work.block(function.body))


class _Starts:
    def __init__(self, scope: list[Var]) -> None:
        self.scope = scope

    def block(self, block: Block) -> Block:
        mark, stmts = len(self.scope), []
        for stmt in block.stmts:
            stmts += self.stmt(stmt)
            self.scope += stmt.outs
        del self.scope[mark:]
        return replace(block, stmts=tuple(stmts))

    def stmt(self, stmt: Stmt) -> list[Stmt]:
        if isinstance(stmt, Op):
            return [stmt]
        before: list[Stmt] = []
        if isinstance(stmt, (For, While)):
            pairs = zip(stmt.params, stmt.inits, strict=True)
            inits = [self.full(p, init, before, stmt.span) for p, init in pairs]
            stmt = replace(stmt, inits=tuple(inits))
        elif isinstance(stmt, If):
            stmt = self.branches(stmt)
        mark = len(self.scope)
        if isinstance(stmt, (For, While)):
            self.scope += stmt.params
        stmt = with_blocks(stmt, tuple(map(self.block, blocks(stmt))))
        del self.scope[mark:]
        return [*before, stmt]

    def branches(self, stmt: If) -> If:
        arms = []
        for arm in (stmt.then, stmt.orelse):
            more: list[Stmt] = []
            pairs = zip(stmt.outs, arm.yields, strict=True)
            yields = tuple(self.full(o, a, more, stmt.span) for o, a in pairs)
            arms.append(replace(arm, stmts=(*arm.stmts, *more), yields=yields))
        return replace(stmt, then=arms[0], orelse=arms[1])

    def full(self, var: Var, start: Atom, stmts: list[Stmt], span: Span | None) -> Atom:
        """The number that a name starts as, in the form of what the name is later."""
        kind = var.kind
        if not isinstance(kind, Array) or not isinstance(start.kind, Scalar):
            return start
        found = [
            length_of_dim(d, self.scope, stmts, span) for d in kind.dims or (None,)
        ]
        lengths = [length for length in found if length is not None]
        if len(lengths) < len(found) or not kind.dims:
            misfit = Misfitting(f"`{var.name or 'a value'}` is a number, then an array")
            misfit.span = span
            raise misfit
        shape = as_shape(lengths, stmts, span)
        out = Var(var.name, kind)
        dtype = DTYPES.get(kind.dtype)
        attrs = NO_ATTRS if dtype is None else MappingProxyType({"dtype": dtype})
        zero = isinstance(start, Lit) and start.value == 0
        args = (shape,) if zero else (shape, start)
        prim = "zeros" if zero else "full"
        stmts.append(Op((out,), prim, args, attrs, span))
        return out
