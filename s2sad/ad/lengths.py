"""Lengths: those that an operation's operands tell are worked out once more.

A slice `A[k + 1 :]` has a length that is called after the variable of `k + 1`. While a
function is lowered each `k + 1` is a variable of its own; by now they are one, and so
are the lengths: nothing is broadcast where a slice is written to that slice.
"""

from __future__ import annotations

from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Function, Op
from s2sad.ir.walk import clone, statements
from s2sad.rules import TABLE
from s2sad.rules.infer import BadArguments


def renewed(function: Function) -> Function:
    """The same function with variables of its own, whose lengths are known better."""
    made = clone(function)
    for stmt in statements(made.body):
        if isinstance(stmt, Op) and len(stmt.outs) == 1 and vague(stmt):
            renew(stmt)
    return made


def vague(op: Op) -> bool:
    """Is a length unknown, or called after a variable?"""
    kind = op.outs[0].kind
    if not isinstance(kind, Array) or kind.dims is None:
        return False
    return any(dim is None or isinstance(dim, str) and "#" in dim for dim in kind.dims)


def renew(op: Op) -> None:
    out = op.outs[0]
    try:
        (kind,) = TABLE[op.prim].infer(op.args, op.attrs)
    except (BadArguments, KeyError, ValueError):
        return
    old = out.kind
    if not isinstance(kind, Array) or not isinstance(old, Array) or kind.dims is None:
        return
    if (kind.dtype, kind.rank) == (old.dtype, old.rank):
        out.kind = kind
