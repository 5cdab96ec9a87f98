"""Mark the writes that reach no element twice, though their indices are arrays.

    i = arange n
    b = setitem a[i, i], v      nothing of `v` is lost: its adjoint is `b_bar[i, i]`

Of several writes to one element the last one counts, so that the adjoint has to ask
which that is. Numbers in a row name each place once, and so do a few that differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from s2sad.ir.kinds import Array, List, Static, Tuple
from s2sad.ir.nodes import Atom, Block, Function, Lit, Op, Stmt, Var
from s2sad.ir.walk import blocks, statements, with_blocks


def marked(function: Function) -> Function:
    makers = {
        stmt.outs[0]: stmt
        for stmt in statements(function.body)
        if isinstance(stmt, Op) and stmt.prim in ("arange", "list", "array", "reshape")
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


def is_unique(atom: Atom, makers: Mapping[Var, Op]) -> bool:
    """Does an index, if it is an array, hold no number twice?"""
    kind = atom.kind
    if isinstance(kind, Static):
        return not isinstance(kind.value, (list, tuple)) or differ(kind.value)
    if not isinstance(kind, (Array, List, Tuple)):
        return True
    if isinstance(kind, Array) and (kind.dtype == "bool" or kind.dims == ()):
        return True
    op = makers.get(atom) if isinstance(atom, Var) else None
    if op is None:
        return False
    if op.prim == "arange":
        return len(op.args) == 1 or len(op.args) == 2 and is_natural(op.args[0])
    if op.prim == "list":
        values = [a.value if isinstance(a, Lit) else None for a in op.args]
        return differ(values)
    return is_unique(op.args[0], makers)


def is_natural(atom: Atom) -> bool:
    return isinstance(atom, Lit) and type(atom.value) is int and atom.value >= 0


def differ(values: object) -> bool:
    """Are they numbers that name different places, all counted from the same end?"""
    if not isinstance(values, (list, tuple)):
        return False
    if not all(type(value) is int for value in values):
        return False
    one_end = len({value < 0 for value in values}) < 2
    return one_end and len(set(values)) == len(values)
