"""Which elements are final when they are read or written.

    for i in range(n):
        s = b[i]
        for j in range(i):
            s -= L[i, j] * x[j]          x[j] is not written again: x after the loop
        x[i] = s                         still holds it, and s as x[i]

What the reverse half needs of such an element it reads from the array as it is at the
end, and nothing has to be kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from s2sad.analysis.lineage import Lineage
from s2sad.analysis.overlap import Access, meet
from s2sad.ir.kinds import Array, Kind, List, Scalar
from s2sad.ir.nodes import Atom, Block, For, Op, Stmt, Var, While
from s2sad.ir.walk import statements
from s2sad.rules.places import place_kind

CHANGES = frozenset("setitem additem append pop inserted taken_out without".split())


@dataclass
class Final:
    """Answers for one function."""

    body: Block
    stored: dict[Var, list[Op]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for stmt in statements(self.body):
            if isinstance(stmt, Op) and stmt.prim == "setitem":
                value = stmt.args[1]
                if isinstance(value, Var):
                    self.stored.setdefault(value, []).append(stmt)
        self.overwritten = {
            atom
            for stmt in statements(self.body)
            for atom in changed_by(stmt)
            if isinstance(atom, Var) and isinstance(atom.kind, List)
        }

    @cached_property
    def lineage(self) -> Lineage:
        return Lineage(self.body)

    def again(self, var: Var) -> Op | None:
        """How to read a value of the forward half from an array as it is at the end."""
        made = self.lineage.maker.get(var)
        if isinstance(made, Op) and made.prim == "getitem":
            return self.read(made)
        for write in self.stored.get(var, ()):
            found = self.read_back(var, write)
            if found is not None:
                return found
        return None

    def read(self, op: Op) -> Op | None:
        """A read, from a later version of the same array."""
        version = op.args[0]
        if not isinstance(version, Var) or not holds_numbers(version, op.outs[0]):
            return None
        last = self.keeping(op, version)
        return None if last is None else replace(op, args=(last, *op.args[1:]))

    def read_back(self, var: Var, write: Op) -> Op | None:
        """What was stored, read from where it was stored."""
        out, path, index = write.outs[0], write.attrs["path"], write.args[2:]
        if not holds_numbers(out, var):
            return None
        kind = place_kind(out.kind, str(path), index)
        if not same(var.kind, kind):
            return None
        last = self.keeping(write, out)
        if last is None:
            return None
        attrs = {"path": path}
        return Op((var.like(kind=kind),), "getitem", (last, *index), attrs, write.span)

    def keeping(self, op: Op, version: Var) -> Var | None:
        """A version of the top level that still holds what `op` reads or wrote."""
        lineage = self.lineage
        access = Access(op, lineage.where[lineage.block[op]])
        home = lineage.where[lineage.block.get(version, lineage.body)]
        for last, writes in lineage.later(version):
            if last is version or last in self.overwritten:
                continue
            if all(not self._disturbs(access, home.loops, version, w) for w in writes):
                return last
        return None

    def _disturbs(self, access: Access, loops: tuple, version: Var, write: Op) -> bool:
        """May a write change the place after the version has been made?"""
        lineage = self.lineage
        other = Access(write, lineage.where[lineage.block[write]])
        common = []
        for one, two in zip(loops, other.where.loops, strict=False):
            if one is not two:
                break
            common.append(one)
        same_trip = lineage.at[write] >= lineage.at.get(version, 0)
        return meet(lineage, access, other, common, same_trip)


def holds_numbers(base: Var, part: Var) -> bool:
    """Is it an array, or a list out of which a number is read?"""
    if isinstance(base.kind, List):
        return isinstance(part.kind, Scalar)
    return isinstance(base.kind, Array)


def changed_by(stmt: Stmt) -> tuple[Atom, ...]:
    """The lists that a statement goes on with: what they hold must be copied if it is
    read behind it, and a list's copy costs more than a tape of what is read.
    """
    if isinstance(stmt, (For, While)):
        return stmt.inits
    return stmt.args[:1] if isinstance(stmt, Op) and stmt.prim in CHANGES else ()


def same(value: Kind, place: Kind) -> bool:
    """Is what is read from the place what was stored: not rounded, not spread?"""
    if isinstance(place, Scalar):
        return isinstance(value, Scalar) and {value.dtype, place.dtype} <= {
            "float",
            "float64",
        }
    if not isinstance(value, Array) or not isinstance(place, Array):
        return False
    known = value.dims is not None and None not in value.dims
    return known and value == place and value.dtype == "float64"
