"""Mark the writes that reach no element twice, though their indices are arrays.

    i = arange n
    b = setitem a[i, i], v      nothing of `v` is lost: its adjoint is `b_bar[i, i]`

Of several writes to one element the last one counts, so that the adjoint has to ask
which that is. Numbers in a row name each place once, and so do a few that differ.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.analysis.distinct import MAKERS, is_unique
from s2sad.ir.nodes import Block, Function, Op, Stmt
from s2sad.ir.walk import blocks, statements, with_blocks


def marked(function: Function) -> Function:
    makers = {
        stmt.outs[0]: stmt
        for stmt in statements(function.body)
        if isinstance(stmt, Op) and stmt.prim in MAKERS
    }
    if not makers:
        return function

    def block(old: Block) -> Block:
        return replace(old, stmts=tuple(map(stmt, old.stmts)))

    def stmt(old: Stmt) -> Stmt:
        if not isinstance(old, Op):
            return with_blocks(old, tuple(map(block, blocks(old))))
        if old.prim != "setitem" or not any(a in makers for a in old.args[2:]):
            return old
        if not all(is_unique(atom, makers) for atom in old.args[2:]):
            return old
        attrs = {**old.attrs, "unique": True}
        return Op(old.outs, old.prim, old.args, attrs, old.span)

    return replace(function, body=block(function.body))
