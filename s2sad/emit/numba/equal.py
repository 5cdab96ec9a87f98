"""Lengths that must be equal: those of arrays that are added, multiplied, compared.

Two lengths that are not 1 and meet in an elementwise operation are the same, or NumPy
raises. What runs as one loop asks that first:

    if len(K) != len(S):
        raise ValueError("operands could not be broadcast together")
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import zip_longest
from types import MappingProxyType

from s2sad.emit.numba.lengths import length_at
from s2sad.ir.kinds import BOOL, Array, Dim, Static
from s2sad.ir.nodes import NO_ATTRS, Atom, Block, For, Function, If, Lit, Op, Stmt, Var

MESSAGE = "operands could not be broadcast together"


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
            for other in names[1:]:
                if self.dim(other) != self.dim(names[0]):
                    self.parent[self.dim(other)] = self.dim(names[0])

    def rely_on(self, root: Var) -> None:
        """A loop runs over this array by the length of another one.

        Of a parameter its own axes matter, else those of all parameters as long.
        """
        for dim in self.dims_of(root):
            for var in [root] if root in self.params else self.params:
                for axis, other in enumerate(self.dims_of(var)):
                    if other == dim and isinstance(dim, str):
                        self.places.setdefault(dim, {})[var, axis] = None

    def dims_of(self, var: Var) -> tuple[Dim, ...]:
        dims = var.kind.dims if isinstance(var.kind, Array) else None
        return self.dims(dims or ())

    def is_length(self, dim: Dim) -> bool:
        plain = isinstance(dim, str) and not dim.startswith("~")
        return plain and dim in self.known

    def questions(self) -> list[Stmt]:
        """Statements that raise where two of them differ."""
        stmts: list[Stmt] = []
        pairs = [
            (place, next(iter(places)))
            for places in self.places.values()
            for place in list(places)[1:]
        ]
        for one, other in pairs:
            ask(length_at(*one, stmts), length_at(*other, stmts), stmts)
        return stmts


def ask(a: Atom, b: Atom, stmts: list[Stmt]) -> None:
    """Statements that raise where two lengths differ."""
    differ, error = Var("", BOOL), Var("", Static(ValueError))
    stmts.append(Op((differ,), "ne", (a, b), NO_ATTRS))
    callee = MappingProxyType({"callee": "ValueError"})
    made = Op((error,), "opaque", (Lit(MESSAGE),), callee)
    raised = Op((), "raise", (error,), NO_ATTRS)
    stmts.append(If((), differ, Block((made, raised), ()), Block((), ())))
