"""Writes that are shifted against one another along one axis, in one pass.

    carried = carried_2 = 0.0
    for i in range(n):                       u_bar[:-2] += t
        t = r * u_bar[i + 1]                 u_bar[1:-1] -= 2.0 * t
        u_bar[i] += carried + t              u_bar[2:] += t
        carried = carried_2 - 2.0 * t
        carried_2 = t
    if n > 0:
        u_bar[n] += carried
        u_bar[n + 1] += carried_2

What is added to the elements ahead is carried to the trip that reaches them, so each
element is read and written once. What is read of the array lies ahead as well; or one
behind, where it is carried too, as it was before it was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from s2sad.emit.numba.lengths import length_at
from s2sad.emit.numba.loops import WRITES, Loop, path_of
from s2sad.ir.kinds import BOOL, FLOAT, INT, Array, Scalar
from s2sad.ir.nodes import NO_ATTRS, Atom, Block, If, Lit, Op, Stmt, Var

if TYPE_CHECKING:
    from s2sad.emit.numba.fusion import Fusion, Group

FARTHEST = 3  # elements between the first and the last that one trip adds to


@dataclass(eq=False)
class Written:
    """An array that is written so."""

    base: Var
    end: Var  # the last version
    prim: str  # how an element is written, when all that is added to it is known
    low: int  # offsets
    high: int
    behind: bool = False  # is the element before the lowest one read?
    covers: bool = False  # is every element written?
    values: dict[int, Atom] = field(default_factory=dict)


def carried(fusion: Fusion, group: Group) -> dict[Var, Written]:
    """By family, the arrays that are written so; none where one cannot be."""
    found: dict[Var, Written] = {}
    if len(group.dims) != 1 or group.dims[0] == 1:
        return {}
    for op in group.ops:
        if op.prim not in WRITES or fusion.is_kept(op):
            continue
        target, base = fusion.target(op), op.args[0]
        offsets = None if target is None else target.offsets()
        if offsets is None or not isinstance(base, Var):
            return {}
        (by,) = offsets
        family = fusion.fam.find(base)
        written = found.get(family)
        if written is None:
            prim = "setitem" if is_zeros(fusion, base) else op.prim
            found[family] = Written(base, op.outs[0], prim, by, by)
            found[family].covers = is_zeros(fusion, base) and target.cut == (1,)  # type: ignore[union-attr]
            if prim != op.prim or op.prim == "additem":
                continue
            found[family].values[by] = base  # all writes are to this place
            continue
        if op.prim == "setitem" and by != written.low:
            return {}
        if by > written.low and written.values and not is_zeros(fusion, written.base):
            return {}
        written.low, written.high = min(by, written.low), max(by, written.high)
        written.end = op.outs[0]
    for written in found.values():
        several = written.low != written.high
        if several and written.values and not is_zeros(fusion, written.base):
            return {}
        if written.high - written.low > FARTHEST:
            return {}
        written.values.clear()
        written.covers &= (written.low, written.high) == (0, 1)
    overtaken = False
    for op in group.ops:
        operands = op.args[1:2] if op.prim in WRITES else op.args
        for arg in operands:
            access = fusion.access(arg, group)
            if access is None or fusion.fam.find(access.root) not in found:
                continue
            written = found[fusion.fam.find(access.root)]
            places = access.offsets()
            if access.root is not written.base or places is None:
                return {}
            if places[0] < written.low - 1:
                return {}
            overtaken = True
            if places[0] < written.low:
                if written.prim != "setitem" or written.low != written.high:
                    return {}
                written.behind = True
    spread = any(written.low != written.high for written in found.values())
    return found if spread or overtaken else {}


def is_zeros(fusion: Fusion, base: Var) -> bool:
    maker = fusion.makers.get(base)
    if maker is None or maker.prim not in ("zeros", "zeros_like"):
        return False
    return len(maker.args) == 1 and fusion.counts.get(base, 0) == 1


class Carried(Loop):
    def __init__(
        self, fusion: Fusion, group: Group, arrays: dict[Var, Written]
    ) -> None:
        super().__init__(fusion, group)
        self.arrays = arrays
        self.roots = {written.base: written for written in arrays.values()}
        self.middle: dict[Var, Var] = {}  # each array as it is after the loop
        self.slots: dict[Var, list[int]] = {}  # numbers on their way
        for written in arrays.values():
            base = written.base
            self.middle[base] = Var(base.name, base.kind)
            init = self.empty_one(base) if written.covers else base
            self.carry(self.middle[base], init, base.kind)
        for written in arrays.values():
            count = written.high - written.low
            self.slots[written.base] = [
                self.carry(Var("carried", FLOAT), Lit(0.0), FLOAT) for _ in range(count)
            ]

    def empty_one(self, zeros: Var) -> Var:
        """No zeros are needed where every element is written."""
        made = self.fusion.makers[zeros]
        (size,) = made.args
        if made.prim == "zeros_like":
            assert isinstance(size, Var)
            size = length_at(size, 0, self.before, made.span)
        out = Var(zeros.name, zeros.kind)
        self.before.append(Op((out,), "empty", (size,), NO_ATTRS, made.span))
        return out

    # ---- reading ---------------------------------------------------------------------

    def version(self, root: Var) -> Var:
        return self.starts[self.at[self.middle[root]]] if root in self.roots else root

    def value(self, atom: Atom) -> Atom:
        if isinstance(atom, Var) and isinstance(atom.kind, Array):
            access = self.fusion.access(atom, self.group)
            written = None if access is None else self.roots.get(access.root)
            if written is not None and written.behind and atom not in self.values:
                (by,) = access.offsets() or (0,)  # type: ignore[union-attr]
                if by < written.low:
                    return self.behind(written)
        return super().value(atom)

    def behind(self, written: Written) -> Atom:
        """The element before, as it was: the last trip read it before it wrote it."""
        slots = self.slots[written.base]
        if not slots:
            first = Var("before", FLOAT)
            slots.append(self.carry(Var("before", FLOAT), first, FLOAT))
            some, there = self.any_trip(self.before), Var("", Scalar("float64"))
            place = (Lit(written.low - 1),)
            read = Op((there,), "getitem", (written.base, *place), path_of(place))
            then, orelse = (
                Block((replace(read, span=self.span),), (there,)),
                Block((), (Lit(0.0),)),
            )
            self.before.append(If((first,), some, then, orelse, "expr", self.span))
        return self.starts[slots[0]]

    def any_trip(self, stmts: list[Stmt], test: str = "gt") -> Var:
        some = Var("", BOOL)
        args = (self.lengths[self.axes[0]], Lit(0))
        stmts.append(Op((some,), test, args, NO_ATTRS, self.span))
        return some

    # ---- writing ---------------------------------------------------------------------

    def write(self, op: Op, last: Mapping[Var, Var]) -> None:
        written = self.arrays.get(self.fusion.fam.find(op.outs[0]))
        if written is None:
            super().write(op, last)
            return
        target = self.fusion.target(op)
        assert target is not None
        (by,) = target.offsets() or (0,)
        value = self.value(op.args[1])
        if op.prim == "additem" and by in written.values:
            value = self.total(written.values[by], value)
        written.values[by] = value

    def total(self, one: Atom, other: Atom) -> Atom:
        kind = Scalar("float64")
        made = next((s for s in self.body if other in s.outs), None)
        if isinstance(made, Op) and made.prim == "neg":
            return self.emit("sub", (one, *made.args), kind)
        if isinstance(made, Op) and made.prim == "mul":
            factor = made.args[0].value if isinstance(made.args[0], Lit) else 0
            if type(factor) in (int, float) and factor < 0:  # type: ignore[operator]
                args = (Lit(-factor), made.args[1])  # type: ignore[operator]
                return self.emit("sub", (one, self.emit("mul", args, kind)), kind)
        return self.emit("add", (one, other), kind)

    def nest(self) -> list[Stmt]:
        for written in self.arrays.values():
            self.element(written)
        after: list[Stmt] = []
        some: dict[str, Var] = {}
        for written in self.arrays.values():
            middle, end = self.middle[written.base], written.end
            if written.low == written.high:
                k = self.at[middle]
                self.carried[k] = (end, *self.carried[k][1:])
                continue
            test = "ge" if written.covers else "gt"
            if test not in some:
                some[test] = self.any_trip(after, test)
            stmts, version = self.rest(written)
            then, orelse = Block(tuple(stmts), (version,)), Block((), (middle,))
            after.append(If((end,), some[test], then, orelse, span=self.span))
        return [*super().nest(), *after]

    def element(self, written: Written) -> None:
        """The element that no later trip adds to, and what goes on to the next."""
        if written.behind:
            slot = self.slots[written.base][0]
            here = self.read(written)
            self.carried[slot] = (*self.carried[slot][:2], here)
            params = []
        else:
            params = [self.starts[slot] for slot in self.slots[written.base]]
        value = written.values.get(written.low)
        if params:
            value = params[0] if value is None else self.total(params[0], value)
        assert value is not None
        index = (self.subscript(self.axes[0], written.low),)
        self.put(self.middle[written.base], written.base, written.prim, value, index)
        if written.behind:
            return
        for number, slot in enumerate(self.slots[written.base]):
            more = written.values.get(written.low + number + 1)
            follows = params[number + 1] if number + 1 < len(params) else None
            if follows is None or more is None:
                on = more if follows is None else follows
            else:
                on = self.total(follows, more)
            assert on is not None
            self.carried[slot] = (*self.carried[slot][:2], on)

    def read(self, written: Written) -> Var:
        index = (self.subscript(self.axes[0], written.low),)
        key = (written.base, *(repr(a) if isinstance(a, Lit) else a for a in index))
        if key not in self.elements:
            args = (self.version(written.base), *index)
            self.elements[key] = self.emit(
                "getitem", args, Scalar("float64"), attrs=path_of(index)
            )
        return self.elements[key]

    def rest(self, written: Written) -> tuple[list[Stmt], Var]:
        """What is on its way when the loop is over."""
        stmts: list[Stmt] = []
        version = self.middle[written.base]
        for number, slot in enumerate(self.slots[written.base]):
            index = self.lengths[self.axes[0]]
            if written.low + number:
                place = Var("", INT)
                args = (index, Lit(written.low + number))
                stmts.append(Op((place,), "add", args, NO_ATTRS, self.span))
                index = place
            new = Var(version.name, version.kind)
            operands = (version, self.carried[slot][0], index)
            attrs = path_of((index,))
            stmts.append(Op((new,), written.prim, operands, attrs, self.span))
            version = new
        return stmts, version
