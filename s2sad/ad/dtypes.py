"""Which adjoints may be of another dtype than their kind says.

    w: float32, x: float64        w_bar = mul x, y_bar           float64
                                  w_bar.1 = add w_bar, t         said to be float32

The reverse half gives a sum, a branch and a loop the kind of what it is the adjoint of.
Where precisions are mixed, what is in it may be wider.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from s2sad.ir.kinds import Array, Kind
from s2sad.ir.nodes import Atom, Call, For, If, Op, Stmt, Var, While
from s2sad.ir.walk import blocks
from s2sad.rules import TABLE, BadArguments


def doubtful_dtypes(stmts: Sequence[Stmt]) -> set[Var]:
    """The arrays of the reverse half whose dtype may not be that of their kind."""
    found: set[Var] = set()
    _look(stmts, found)
    return found


def _look(stmts: Sequence[Stmt], found: set[Var]) -> None:
    for stmt in stmts:
        if isinstance(stmt, Op):
            _op(stmt, found)
        elif isinstance(stmt, Call):
            found.update(stmt.outs)
        elif isinstance(stmt, If):
            for arm in blocks(stmt):
                _look(arm.stmts, found)
                _move(stmt.outs, arm.yields, found)
        else:
            _loop(stmt, found)


def _loop(stmt: For | While, found: set[Var]) -> None:
    _move(stmt.params, stmt.inits, found)
    before: int | None = None
    while before != len(found):  # what is found goes round
        before = len(found)
        for block in blocks(stmt):
            _look(block.stmts, found)
        _move(stmt.params, stmt.body.yields, found)
    _move(stmt.outs, stmt.params, found)


def _move(outs: Sequence[Var], atoms: Sequence[Atom], found: set[Var]) -> None:
    pairs = zip(outs, atoms, strict=True)
    found.update(out for out, atom in pairs if atom in found or _other(out, atom.kind))


def _op(op: Op, found: set[Var]) -> None:
    if op.prim == "astype" or not any(isinstance(out.kind, Array) for out in op.outs):
        return
    if any(arg in found for arg in op.args):
        found.update(op.outs)
        return
    try:
        kinds: Collection[Kind] = TABLE[op.prim].infer(op.args, op.attrs)
    except BadArguments:
        return
    pairs = zip(op.outs, kinds, strict=True)
    found.update(out for out, kind in pairs if _other(out, kind))


def _other(out: Var, kind: Kind) -> bool:
    """Is one of them an array of another dtype?"""
    if not isinstance(out.kind, Array) or not isinstance(kind, Array):
        return False
    return out.kind.dtype != kind.dtype
