"""Lengths of axes as values of the program: a number, or read off an array in scope."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType

from s2sad.ir.kinds import INT, Array, Dim, Tuple
from s2sad.ir.nodes import NO_ATTRS, Atom, Lit, Op, Span, Stmt, Var

PATH = MappingProxyType({"path": "[#]"})
LESS = re.compile(r"~(\w+\.\d+)-(\d+)")
MAX = MappingProxyType({"spelling": "max"})
SHAPE = MappingProxyType({"spelling": ".shape"})


def length_of_dim(
    dim: Dim, scope: Sequence[Var], stmts: list[Stmt], span: Span | None
) -> Atom | None:
    """The length that a kind calls `dim`; None if no array in scope has such an axis.

    What it takes to read it is added to `stmts`.
    """
    if isinstance(dim, int):
        return Lit(dim)
    less = LESS.fullmatch(dim or "")
    if less is not None:  # `~u.0-2`: what a slice leaves of an axis
        whole = length_of_dim(less[1], scope, stmts, span)
        if whole is not None:
            rest, least = Var("", INT), Var("", INT)
            stmts.append(Op((rest,), "sub", (whole, Lit(int(less[2]))), NO_ATTRS, span))
            stmts.append(Op((least,), "py_max", (rest, Lit(0)), MAX, span))
            return least
    named = [var for var in reversed(scope) if var.name]
    named.sort(key=is_tape)  # other arrays tell it as well, and better
    for var in named or scope:
        dims = var.kind.dims if isinstance(var.kind, Array) else None
        if dim is None or not dims or dim not in dims:
            continue
        return length_at(var, dims.index(dim), stmts, span)
    return None


def is_tape(var: Var) -> bool:
    dims = var.kind.dims if isinstance(var.kind, Array) else None
    return bool(dims) and dims[0] is None  # type: ignore[index]


def length_at(var: Var, axis: int, stmts: list[Stmt], span: Span | None = None) -> Var:
    """`len(x)`, or `x.shape[1]`."""
    length = Var("", INT)
    if axis == 0:
        stmts.append(Op((length,), "len", (var,), NO_ATTRS, span))
        return length
    dims = var.kind.dims if isinstance(var.kind, Array) else None
    shape = Var("", Tuple((INT,) * len(dims or ())))
    stmts.append(Op((shape,), "shape", (var,), SHAPE, span))
    stmts.append(Op((length,), "getitem", (shape, Lit(axis)), PATH, span))
    return length


def as_shape(lengths: Sequence[Atom], stmts: list[Stmt], span: Span | None) -> Atom:
    """One length, or a tuple of several."""
    if len(lengths) == 1:
        return lengths[0]
    shape = Var("", Tuple((INT,) * len(lengths)))
    stmts.append(Op((shape,), "tuple", tuple(lengths), NO_ATTRS, span))
    return shape
