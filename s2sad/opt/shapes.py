"""Which arrays have the shape of another, whatever that is.

An elementwise op of one array and numbers gives an array of its shape, and so does a
write into an array. This tells what kinds do not where the length of an axis is not
known.
"""

from __future__ import annotations

from s2sad.ir.kinds import Array, Scalar
from s2sad.ir.nodes import Atom, Op, Var
from s2sad.opt.facts import is_elementwise

LIKE_FIRST = frozenset(
    "setitem additem copy zeros_like ones_like full_like astype cumsum".split()
)


class Shapes:
    """For each array met so far, the first one of its shape."""

    def __init__(self) -> None:
        self.first: dict[Var, Var] = {}

    def of(self, atom: Atom) -> Atom:
        return self.first.get(atom, atom) if isinstance(atom, Var) else atom

    def note(self, op: Op) -> None:
        """Say of the result of an op what shape it has."""
        if len(op.outs) == 1 and isinstance(op.outs[0].kind, Array):
            found = self.shape_of(op)
            if isinstance(found, Var):
                self.first[op.outs[0]] = found

    def shape_of(self, op: Op) -> Atom | None:
        """An array of the shape of the result, if that is known before it is there."""
        if op.prim in LIKE_FIRST and isinstance(op.args[0].kind, Array):
            return self.of(op.args[0])
        if op.prim == "unbroadcast" and isinstance(op.args[1].kind, Array):
            return self.of(op.args[1])
        if not is_elementwise(op):
            return None
        if not all(isinstance(atom.kind, (Array, Scalar)) for atom in op.args):
            return None
        found = {self.of(atom) for atom in op.args if isinstance(atom.kind, Array)}
        return found.pop() if len(found) == 1 else None
