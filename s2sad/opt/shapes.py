"""Which arrays have the shape of another, whatever that is.

An elementwise op of one array and numbers gives an array of its shape, and so does a
write into an array. This tells what kinds do not where the length of an axis is not
known.
"""

from __future__ import annotations

from functools import cached_property

from s2sad.analysis.numbers import numbers_at_first
from s2sad.ir.kinds import Array, Kind, Scalar
from s2sad.ir.nodes import Atom, Function, Op, Var
from s2sad.ir.walk import statements
from s2sad.opt.facts import is_elementwise, known_shape

LIKE_FIRST = frozenset(
    "setitem additem copy zeros_like ones_like full_like astype cumsum".split()
)


class Shapes:
    """For each array met so far, the first one of its shape.

    Parameters come first, and where axes are known by name they are found by those.
    """

    def __init__(self, function: Function) -> None:
        self.function = function
        self.first: dict[Var, Var] = {}
        self.by_dims: dict[object, Var] = {}
        for var in (param.var for param in function.params):
            if isinstance(var.kind, Array) and known_shape(var.kind):
                self.first[var] = self.by_dims.setdefault(var.kind.dims, var)

    @cached_property
    def numbers(self) -> set[Var]:
        """What may be a number, and is an array by its kind."""
        return numbers_at_first(statements(self.function.body))

    def of(self, atom: Atom) -> Atom:
        if not isinstance(atom, Var) or not isinstance(atom.kind, Array):
            return atom
        return self.first.get(atom) or self.by_dims.get(atom.kind.dims, atom)

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
        found: set[Atom] = set()
        for atom in op.args:
            if isinstance(atom.kind, Array):
                found.add(self.of(atom))
            elif not isinstance(atom.kind, Scalar):
                return None
        if len(found) == 1:
            one = found.pop()
            # what may be a number of Python's may be an int: no array like it
            return one if getattr(one.kind, "dims", None) is not None else None
        # no other operand can make an array longer that has no axis of length 1
        rank = getattr(op.outs[0].kind, "rank", None)
        whole = (self.of(a) for a in op.args if is_whole(a.kind))
        alike = (a for a in whole if isinstance(a, Var) and a.name)
        alike = (a for a in alike if getattr(a.kind, "rank", None) == rank)
        return next((a for a in alike if a not in self.numbers), None)


def is_whole(kind: Kind) -> bool:
    """Is it an array none of whose axes has length 1, for sure?"""
    if not isinstance(kind, Array) or not kind.dims:
        return False
    return all(d != 1 if isinstance(d, int) else d and d[0] != "~" for d in kind.dims)
