"""Lengths: those that an operation's operands tell are worked out once more.

A slice `A[k + 1 :]` has a length that is called after the variable of `k + 1`. While a
function is lowered each `k + 1` is a variable of its own; by now they are one, and so
are the lengths: nothing is broadcast where a slice is written to that slice.

Lengths that an operation needs to be equal get one name: where `x * y` is computed on
every way through the function, and neither axis is of length 1, they are as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from s2sad.ir.kinds import (
    Array,
    Dict,
    Dim,
    List,
    Object,
    Scalar,
    Tape,
    Tuple,
    with_lengths,
)
from s2sad.ir.nodes import Function, Op
from s2sad.ir.walk import clone, definitions, statements
from s2sad.rules import TABLE
from s2sad.rules.infer import BadArguments

SQUARE = ("solve", "inv", "det", "cholesky", "eigh", "eigvalsh", "slogdet")


def renewed(function: Function) -> Function:
    """The same function with variables of its own, whose lengths are known better."""
    made = clone(function)
    for stmt in statements(made.body):
        if isinstance(stmt, Op) and len(stmt.outs) == 1 and vague(stmt):
            renew(stmt)
    same = Equal(made)
    if same.names:
        for var in (*(p.var for p in made.params), *definitions(made.body)):
            if isinstance(var.kind, (Array, Scalar, Tuple, List, Dict, Object, Tape)):
                var.kind = with_lengths(var.kind, same.rename)
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


# ---- equal lengths -------------------------------------------------------------------


class Equal:
    """Which names of lengths are names of one length, as far as that is certain."""

    def __init__(self, function: Function) -> None:
        self.names: dict[str, str] = {}
        for stmt in function.body.stmts:
            if isinstance(stmt, Op) and any(
                isinstance(a.kind, Array) for a in stmt.args
            ):
                for pair in compared(stmt):
                    self.join(*pair)

    def join(self, a: Dim, b: Dim) -> None:
        if not isinstance(a, str) or not isinstance(b, str) or "~" in (a[0], b[0]):
            return
        a, b = self.find(a), self.find(b)
        if a != b:
            self.names[b] = a

    def find(self, name: str) -> str:
        while name in self.names:
            name = self.names[name]
        return name

    def rename(self, dim: str) -> str:
        """Also where it is part of the name of a slice's length."""
        for name in self.names:
            mark, words = dim[: dim[0] == "~"], dim.removeprefix("~")
            if re.match(re.escape(name) + r"(?![\w.])", words):
                return mark + self.find(name) + words.removeprefix(name)
        return dim


def compared(op: Op) -> Iterator[tuple[Dim, Dim]]:
    """Axes that must be equally long, or else it raises: if neither has length 1."""
    kinds = [arg.kind for arg in op.args]
    shapes = [k.dims for k in kinds if isinstance(k, Array) and k.dims is not None]
    if op.prim == "matmul" and len(shapes) == 2 and all(shapes):
        a, b = shapes
        yield a[-1], b[max(len(b) - 2, 0)]
    elif op.prim in SQUARE and shapes and len(shapes[0]) == 2:
        yield shapes[0]
        if op.prim == "solve" and len(shapes) == 2 and len(shapes[1]) in (1, 2):
            yield shapes[0][0], shapes[1][0]
    elif op.prim == "where" or getattr(TABLE.get(op.prim), "verb", "") == "smooth":
        for a, b in zip(shapes, shapes[1:]):
            yield from zip(reversed(a), reversed(b), strict=False)
