"""Lengths that must be equal: those of arrays that are added, multiplied, compared.

Two lengths that are not 1 and meet in an elementwise operation are the same, or NumPy
raises. What runs as one loop asks that first:

    if len(K) != len(S):
        raise ValueError("operands could not be broadcast together")
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import zip_longest
from types import MappingProxyType

from s2sad.emit.numba.lengths import length_at
from s2sad.ir.kinds import BOOL, Array, Dim, Static
from s2sad.ir.nodes import NO_ATTRS, Atom, Block, For, Function, If, Lit, Op, Stmt, Var
from s2sad.ir.walk import uses

MESSAGE = "operands could not be broadcast together"
OTHER = "made for arrays of other lengths"


class Equal:
    """Which lengths of a function's parameters are equal, if it does not raise."""

    def __init__(self, function: Function, elementwise: Collection[str]) -> None:
        self.params = [p.var for p in function.params]
        self.known: set[Dim] = set()
        for var in self.params:
            if isinstance(var.kind, Array):
                self.known.update(var.kind.dims or ())
        self.parent: dict[Dim, Dim] = {}
        # where in the parameters a length is that a loop relies on
        self.places: dict[Dim, dict[tuple[Var, int], None]] = {}
        self.block(function.body, elementwise)

    def block(self, block: Block, elementwise: Collection[str]) -> None:
        for stmt in block.stmts:
            if isinstance(stmt, Op) and stmt.prim in elementwise:
                self.meet(stmt)
            elif isinstance(stmt, For):
                self.block(stmt.body, elementwise)

    def dim(self, dim: Dim) -> Dim:
        while dim in self.parent:
            dim = self.parent[dim]
        return dim

    def dims(self, dims: tuple[Dim, ...]) -> tuple[Dim, ...]:
        return tuple(map(self.dim, dims))

    def meet(self, op: Op) -> None:
        found = [a.kind.dims for a in op.args if isinstance(a.kind, Array)]
        shapes = [tuple(reversed(dims)) for dims in found if dims is not None]
        for column in zip_longest(*shapes, fillvalue=1):
            names = [self.dim(d) for d in column if self.is_length(d)]
            names.sort(key=lambda d: not isinstance(d, int))  # a number says most
            for other in names[1:]:
                if isinstance(other, str) and self.dim(other) != names[0]:
                    self.parent[self.dim(other)] = names[0]

    def rely_on(self, root: Var) -> None:
        """A loop runs over this array by the length of another one.

        Of a parameter its own axes matter, else those of all parameters as long.
        """
        for dim in self.dims_of(root):
            for var in [root] if root in self.params else self.params:
                for axis, name in enumerate(dims_of(var)):
                    if isinstance(name, str) and self.dim(name) == dim:
                        self.places.setdefault(dim, {})[var, axis] = None

    def dims_of(self, var: Var) -> tuple[Dim, ...]:
        return self.dims(dims_of(var))

    def is_length(self, dim: Dim) -> bool:
        if isinstance(dim, int):
            return dim != 1
        plain = isinstance(dim, str) and not dim.startswith("~")
        return plain and dim in self.known

    def questions(self) -> list[Stmt]:
        """Statements that raise where two of them differ."""
        stmts: list[Stmt] = []
        for dim, places in self.places.items():
            first, *rest = places
            if isinstance(dim, int):
                for place in places:
                    ask(length_at(*place, stmts), Lit(dim), stmts)
                continue
            for place in rest:
                ask(length_at(*place, stmts), length_at(*first, stmts), stmts)
        return stmts


def dims_of(var: Var) -> tuple[Dim, ...]:
    dims = var.kind.dims if isinstance(var.kind, Array) else None
    return dims or ()


def with_lengths_asked(function: Function) -> Function:
    """A function made for arrays of so many columns raises where it gets others.

        if p.shape[1] != 3:
            raise ValueError("made for arrays of other lengths")

    Compiled code would read on behind their end. Dispatch has asked before; but the
    text may be taken elsewhere.
    """
    stmts: list[Stmt] = []
    read = set(uses(function.body))
    for var in (param.var for param in function.params if param.var in read):
        for axis, dim in enumerate(dims_of(var)):
            if isinstance(dim, int) and dim > 1:
                ask(length_at(var, axis, stmts), Lit(dim), stmts, OTHER)
    if not stmts:
        return function
    body = replace(function.body, stmts=(*stmts, *function.body.stmts))
    return replace(function, body=body)


def ask(a: Atom, b: Atom, stmts: list[Stmt], message: str = MESSAGE) -> None:
    """Statements that raise where two lengths differ."""
    differ, error = Var("", BOOL), Var("", Static(ValueError))
    stmts.append(Op((differ,), "ne", (a, b), NO_ATTRS))
    callee = MappingProxyType({"callee": "ValueError"})
    made = Op((error,), "opaque", (Lit(message),), callee)
    raised = Op((), "raise", (error,), NO_ATTRS)
    stmts.append(If((), differ, Block((made, raised), ()), Block((), ())))
