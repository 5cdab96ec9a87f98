"""Whole numbers as sums: `len(u) - 2` is once the length of an axis, and -2.

Two that are equal as sums are equal, whatever they are called; and one that is made of
lengths alone is known wherever an array with these axes is at hand.
"""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.emit.numba.lengths import length_at, length_of_dim
from s2sad.ir.kinds import BOOL, INT, Array, Dim, Scalar
from s2sad.ir.nodes import NO_ATTRS, Atom, Function, Lit, Op, Span, Stmt, Var
from s2sad.ir.walk import statements

Form = dict[object, int]  # a sum: what it is made of -> how often; 1 -> the constant


class Sums:
    """The whole numbers of a function."""

    def __init__(self, function: Function) -> None:
        self.makers = {
            out: stmt
            for stmt in statements(function.body)
            if isinstance(stmt, Op)
            for out in stmt.outs
        }

    def form(self, atom: Atom | Dim) -> Form:
        """A whole number as a sum of what it is made of."""
        if isinstance(atom, Lit):
            return {1: int(atom.value)} if type(atom.value) is int else {atom: 1}  # type: ignore[call-overload]
        if not isinstance(atom, Var):
            return {atom: 1}
        size = atom.kind.size if isinstance(atom.kind, Scalar) else None
        if isinstance(size, str):
            return {size: 1}
        op = self.makers.get(atom)
        if op is None:
            return {atom: 1}
        if op.prim in ("add", "sub") and all(is_whole(a) for a in op.args):
            left, right = map(self.form, op.args)
            return plus(left, right if op.prim == "add" else negative(right))
        found = axis_of(op, self.makers)
        if found is not None:
            array, axis = found
            dims = array.kind.dims if isinstance(array.kind, Array) else None
            if dims and dims[axis] is not None:
                dim = dims[axis]
                return {1: dim} if isinstance(dim, int) else {dim: 1}
            return {(array, axis): 1}
        return {atom: 1}


def new(prim: str, args: tuple[Atom, ...], stmts: list[Stmt], span: Span | None) -> Var:
    out = Var("", BOOL if prim == "lt" else INT)
    stmts.append(Op((out,), prim, args, NO_ATTRS, span))
    return out


def built(
    form: Form, scope: Sequence[Var], stmts: list[Stmt], span: Span | None
) -> Atom | None:
    """The sum as a number of the program; None if a length is not at hand."""
    made: Atom | None = None
    for sym, count in form.items():
        if sym == 1:
            continue
        part: Atom | None = sym if isinstance(sym, Var) else None
        if isinstance(sym, str):
            part = length_of_dim(sym, scope, stmts, span)
        elif isinstance(sym, tuple) and sym[0] in scope:
            part = length_at(*sym, stmts, span)
        if part is None:
            return None
        if count != 1:
            part = new("mul", (Lit(count), part), stmts, span)
        made = part if made is None else new("add", (made, part), stmts, span)
    constant = form.get(1, 0)
    if made is None:
        return Lit(constant)
    if not constant:
        return made
    prim = "add" if constant > 0 else "sub"
    return new(prim, (made, Lit(abs(constant))), stmts, span)


def plus(a: Form, b: Form) -> Form:
    found = dict(a)
    for sym, count in b.items():
        found[sym] = found.get(sym, 0) + count
    return {sym: count for sym, count in found.items() if count}


def negative(form: Form) -> Form:
    return {sym: -count for sym, count in form.items()}


def is_whole(atom: Atom) -> bool:
    dtype = atom.kind.dtype if isinstance(atom.kind, Scalar) else ""
    return dtype.startswith(("int", "uint"))


def axis_of(op: Op, makers: dict[Var, Op]) -> tuple[Var, int] | None:
    """The array and axis of which an operation gives the length."""
    if op.prim == "len" and isinstance(op.args[0], Var):
        return op.args[0], 0
    if op.prim == "getitem" and len(op.args) == 2 and isinstance(op.args[1], Lit):
        shape = makers.get(op.args[0])  # type: ignore[arg-type]
        number = op.args[1].value
        if shape is not None and shape.prim == "shape" and type(number) is int:
            array = shape.args[0]
            return (array, number) if isinstance(array, Var) and number >= 0 else None
    return None
