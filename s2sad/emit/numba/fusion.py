"""Loops for array operations that Numba would each give an array of its own.

    t = 200.0 * (x[1:] - x[:-1] ** 2)         for i in range(len(x) - 1):
    x_bar[1:] = t                                 t = 200.0 * (x[i + 1] - x[i] ** 2)
    x_bar[:-1] -= 2 * t * x[:-1]                  x_bar[i + 1] = t
                                                  x_bar[i] -= 2 * t * x[i]

Numba fuses one expression into one loop. A value that is read twice, a sum and a write
to a part of an array end the expression, so each of them costs an array and a pass over
memory. Elementwise operations over the same axes that follow one another are one loop
here, where that saves at least one array.

Sums in it are taken in order. A write that overtakes another to the same array, or that
another operation of the loop reads, ends the loop before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from s2sad.emit.families import Families, families
from s2sad.emit.numba.carried import Carried, carried
from s2sad.emit.numba.early import prepared
from s2sad.emit.numba.equal import Equal
from s2sad.emit.numba.gathered import Border, Bordered, Gathered, border_of
from s2sad.emit.numba.loops import ELEMENTWISE, WRITES, Loop
from s2sad.emit.numba.own import read_in_place, with_own
from s2sad.emit.numba.rows import Rows
from s2sad.emit.numba.views import Access, access_of, broadcast
from s2sad.emit.numba.workspace import kept_outside
from s2sad.ir.kinds import Array, Dim, Kind, Scalar
from s2sad.ir.nodes import (
    Atom,
    Block,
    For,
    Function,
    Lit,
    Op,
    Stmt,
    Var,
    While,
)
from s2sad.ir.walk import blocks, uses, with_blocks
from s2sad.opt.cse import cse
from s2sad.opt.dce import dce
from s2sad.rules import BadArguments
from s2sad.rules.places import place_kind

MOST_AXES = 3


def fused(function: Function, tapes: Collection[Var] = ()) -> Function:
    """The function with such loops. Rows of `tapes` are written to once, and are read
    when all are written.
    """
    function = prepared(function)
    counts = Counter(uses(function.body))
    equal = Equal(function, ELEMENTWISE)
    work = Fusion(families(function), counts, equal, tapes)
    body = work.block(function.body)
    if not work.made:
        return function
    body = replace(body, stmts=(*equal.questions(), *body.stmts))
    function = cse(dce(replace(function, body=body)))
    return kept_outside(function)


@dataclass
class Group:
    """Operations over the same axes that may be one loop."""

    dims: tuple[Dim, ...]
    ops: list[Op] = field(default_factory=list)
    made: dict[Var, Op] = field(default_factory=dict)
    reads: set[Var] = field(default_factory=set)  # families
    writes: dict[Var, list[tuple[str, tuple[int, ...]]]] = field(default_factory=dict)
    later: list[Op] = field(
        default_factory=list
    )  # numbers, known when the loop is over
    late: set[Var] = field(default_factory=set)
    # In a loop, what is written may be worked out first, in an array that stays.
    deferred: bool = False
    moved: set[Var] = field(default_factory=set)  # families that are written as read
    border: Border | None = None  # of what is worked out for shifted writes


class Fusion:
    def __init__(
        self,
        fam: Families,
        counts: Mapping[Var, int],
        equal: Equal,
        tapes: Iterable[Var] = (),
    ) -> None:
        self.fam = fam
        self.tapes = set(map(fam.find, tapes))
        self.equal = equal
        self.counts = counts
        self.makers: dict[Var, Op] = {}
        self.made = False
        self.open: dict[tuple[Dim, ...], Group] = {}
        self.out: list[Stmt] = []
        self.leaves: set[Atom] | None = None  # what the loop round it hands on

    # ---- finding them ----------------------------------------------------------------

    def block(self, block: Block) -> Block:
        before = self.out, self.open
        self.out, self.open = [], {}
        for stmt in block.stmts:
            if isinstance(stmt, Op):
                for out in stmt.outs:
                    self.makers[out] = stmt
                self.op(stmt)
            else:
                self.close_all()
                outside = self.leaves
                if isinstance(stmt, (For, While)):
                    self.leaves = {a for b in blocks(stmt) for a in b.yields}
                inner = tuple(map(self.block, blocks(stmt)))
                self.leaves = outside
                self.out.append(with_blocks(stmt, inner))
        self.close_all()
        made = replace(block, stmts=tuple(self.out))
        self.out, self.open = before
        return made

    def op(self, op: Op) -> None:
        dims = self.dims_of(op)
        mine = None if dims is None else self.open.get(dims)
        waits = [g for g in self.open.values() if self.depends(op, g)]
        for group in waits:  # loops over other axes come before
            if group is not mine and (dims is not None or len(waits) > 1):
                self.close(group)
        if dims is not None:
            if mine is not None and self.joins(mine, op, dims):
                self.add(mine, op)
                return
            if mine is not None and self.parted(mine, op, dims):
                self.add(self.open[dims], op)
                return
            if mine is not None:
                self.close(mine)
            group = Group(dims, deferred=self.leaves is not None)
            if self.joins(group, op, dims):
                self.open[dims] = group
                self.add(group, op)
                return
        elif len(waits) == 1 and self.goes_after(op):
            waits[0].later.append(op)
            waits[0].late.update(op.outs)
            return
        for group in waits:
            self.close(group)
        if op.prim not in HARMLESS:
            self.close_all()
        self.out.append(op)

    def depends(self, op: Op, group: Group) -> bool:
        """Does it read what the operations of a group give, or would write?"""
        for arg in op.args:
            if isinstance(arg, Var):
                if arg in group.made or arg in group.late:
                    return True
                if self.fam.find(arg) in group.writes:
                    return True
        return False

    def goes_after(self, op: Op) -> bool:
        """Is it a number that may as well be computed when the loop is over?"""
        if op.prim not in HARMLESS or self.counts.get(op.outs[0], 0) == 0:
            return False
        return all(isinstance(a.kind, Scalar) for a in (*op.args, *op.outs))

    def parted(self, group: Group, op: Op, dims: tuple[Dim, ...]) -> bool:
        """Could a write join the operations that do not read what it changes?

        Those that do, and what they come from, are a loop of their own before it.
        """
        if op.prim not in WRITES or dims != group.dims:
            return False
        family = self.fam.find(op.args[0])  # type: ignore[arg-type]
        first: set[Op] = set()
        for each in reversed(group.ops):
            operands = each.args[1:2] if each.prim in WRITES else each.args
            found = (self.access(arg, group) for arg in operands)
            reads = any(
                a is not None and self.fam.find(a.root) is family for a in found
            )
            used = any(out in other.args for out in each.outs for other in first)
            if reads or used or each.prim in WRITES:
                first.add(each)
        for each in group.ops:  # a sum of what is there anyway
            if each.prim == "sum" and any(each.args[0] in e.outs for e in first):
                first.add(each)
        rest = [each for each in group.ops if each not in first]
        if not rest or len(rest) == len(group.ops):
            return False
        before = self.regrouped(dims, [e for e in group.ops if e in first])
        kept = [
            sum(group.made[v].prim != "sum" for v in self.outer(g))
            for g in (before, group)
        ]
        if kept[0] >= kept[1]:
            return False  # it would cost more arrays than it saves
        self.close(group, before)
        left = self.open[dims] = self.regrouped(dims, rest)
        left.later, left.late = group.later, group.late
        return self.joins(left, op, dims)

    def regrouped(self, dims: tuple[Dim, ...], ops: Sequence[Op]) -> Group:
        group = Group(dims)
        for op in ops:
            self.add(group, op)
        return group

    def dims_of(self, op: Op) -> tuple[Dim, ...] | None:
        """The axes that an operation runs over; None if it is not of that sort."""
        if op.prim in ELEMENTWISE and len(op.outs) == 1:
            spelling = str(op.attrs.get("spelling", ""))
            plain = set(op.attrs) <= {"spelling", "lib"} and not spelling.startswith(
                "."
            )
            return self.known(op.outs[0].kind) if plain else None
        if op.prim == "sum":
            if set(op.attrs) - {"axis", "spelling", "lib"} or len(op.args) != 1:
                return None
            axis = op.attrs.get("axis")
            return (
                self.known(op.args[0].kind)
                if axis is None or type(axis) is int
                else None
            )
        if op.prim in WRITES:
            target = self.target(op)
            return None if target is None else target.dims
        return None

    def known(self, kind: Kind) -> tuple[Dim, ...] | None:
        dims = known(kind)
        return None if dims is None else self.equal.dims(dims)

    def target(self, op: Op) -> Access | None:
        """The part of an array that is written, if it runs through all axes once."""
        base = op.args[0]
        if not isinstance(base, Var) or not isinstance(base.kind, Array):
            return None
        path, operands = str(op.attrs["path"]), op.args[2:]
        found = access_of(Access.whole(base), path, operands)
        if found is None or not found.covers():
            return None
        try:
            dims = self.known(place_kind(base.kind, path, operands))
        except BadArguments:
            return None
        if dims is None or len(dims) != len(found.dims):
            return None
        return replace(found, dims=dims)

    def joins(self, group: Group, op: Op, dims: tuple[Dim, ...]) -> bool:
        if dims != group.dims:
            return False
        operands = op.args
        if op.prim in WRITES:
            if not self.may_write(group, op):
                return False
            operands = (op.args[1],)
        for arg in operands:
            if isinstance(arg, Lit) or isinstance(arg.kind, Scalar):
                if arg in group.made or arg in group.late:
                    return False  # a sum is known when the loop is over
                continue
            if arg in group.made and group.made[arg].prim in ELEMENTWISE:
                continue
            found = self.access(arg, group)
            if found is None:
                return False
            family = self.fam.find(found.root)
            if family in group.writes and not (
                group.deferred and op.prim not in WRITES
            ):
                return False
            if op.prim in WRITES and family is self.fam.find(op.args[0]):  # type: ignore[arg-type]
                return False
        return True

    def access(self, arg: Atom, group: Group) -> Access | None:
        """How an operand is read inside the loop."""
        if not isinstance(arg, Var) or arg in group.made:
            return None
        found = Access.whole(arg)
        if found is None:
            return None
        chain: list[Op] = []
        root = arg
        while True:
            maker = self.makers.get(root)
            looks = maker is not None and maker.prim in ("getitem", "expand_dims")
            if not looks or not isinstance(maker.args[0], Var):  # type: ignore[union-attr]
                break
            assert maker is not None
            if self.fam.find(maker.args[0]) in self.tapes:  # type: ignore[arg-type]
                break  # a row has a name
            inner = Access.whole(maker.args[0])
            if inner is None or maker.args[0] in group.made:
                break
            step = inner.through(maker)
            if step is None:
                break
            chain.append(maker)
            root = maker.args[0]  # type: ignore[assignment]
        found = Access.whole(root)
        for maker in reversed(chain):
            found = found.through(maker) if found is not None else None
        if found is None or found.root in group.made:
            return None
        if any(isinstance(by, Var) and by in group.made for _, by in found.spec):
            return None
        dims = self.equal.dims(found.dims)
        return broadcast(replace(found, dims=dims), group.dims)

    def may_write(self, group: Group, op: Op) -> bool:
        base = op.args[0]
        assert isinstance(base, Var)
        family = self.fam.find(base)
        if family in (group.moved if group.deferred else group.reads):
            return False
        if base in group.made and group.made[base].prim in ELEMENTWISE:
            return False
        target = self.target(op)
        assert target is not None
        offsets = target.offsets()
        earlier = group.writes.get(family, [])
        if self.is_kept(op):
            return not earlier and target.in_order()
        if offsets is None:
            return False
        if earlier and base not in group.made:
            return False  # another version of what is written
        for prim, other in earlier:
            if "setitem" in (prim, op.prim) and offsets > other:
                return False
        return True

    def is_kept(self, op: Op) -> bool:
        """Is a row of a tape written, and nothing else of it in this trip?"""
        return op.prim == "setitem" and self.fam.find(op.outs[0]) in self.tapes

    def add(self, group: Group, op: Op) -> None:
        group.ops.append(op)
        group.made[op.outs[0]] = op
        operands = op.args
        if op.prim in WRITES:
            base = op.args[0]
            assert isinstance(base, Var)
            target = self.target(op)
            assert target is not None
            found = group.writes.setdefault(self.fam.find(base), [])
            found.append((op.prim, target.offsets() or ()))
            operands = (op.args[1],)
        for arg in operands:
            if isinstance(arg, Var) and arg not in group.made:
                access = self.access(arg, group)
                root = arg if access is None else access.root
                group.reads.add(self.fam.find(root))
                if op.prim in WRITES and not self.is_kept(op):
                    group.moved.add(self.fam.find(root))

    # ---- writing them ----------------------------------------------------------------

    def close_all(self) -> None:
        for group in list(self.open.values()):
            self.close(group)

    def close(self, group: Group, first: Group | None = None) -> None:
        """Write a group, as a loop if that saves something; or only `first` of it."""
        if self.open.get(group.dims) is not group:
            return  # it is written
        del self.open[group.dims]
        part = group if first is None else first
        for each in self.shifted(part):
            made = self.loop(each) if self.is_worth_it(each) else None
            self.made |= made is not None
            self.out += each.ops if made is None else made
        self.out += part.later

    def shifted(self, group: Group) -> list[Group]:
        """Parted where one loop would wait at each trip for what the last one wrote.

        What is written is then worked out before, in arrays that stay from trip to trip
        of the loop around.
        """
        if not group.deferred or not (is_spread(group) or self.overtakes(group)):
            return [group]
        if carried(self, group):
            return [group]
        writes = [op for op in group.ops if op.prim in WRITES and not self.is_kept(op)]
        first = [op for op in group.ops if op not in writes]
        inner = self.inner_uses(group)
        for op in reversed(list(first)):  # a multiple of what is there anyway
            arrays = [a for a in op.args if isinstance(a.kind, Array)]
            if op.prim not in ("neg", "mul") or len(arrays) != 1:
                continue
            used = sum(op.outs[0] in w.args for w in writes)
            if used == self.counts.get(op.outs[0], 0) and arrays[0] in group.made:
                if inner[arrays[0]] > 1:
                    first.remove(op)
                    writes.insert(0, op)
        groups = [self.regrouped(group.dims, ops) for ops in (first, writes) if ops]
        if len(groups) > 1 and self.is_worth_it(groups[0]):
            groups = with_own(self, *groups)
            if len(groups) > 1 and is_spread(groups[1]):
                border = border_of(self, *groups)
                for each in groups:
                    each.border = border
        for each in groups:
            each.deferred = True
        return groups

    def overtakes(self, group: Group) -> bool:
        """Is anything read of what the group writes?"""
        for op in group.ops:
            operands = op.args if op.prim not in WRITES else ()
            for arg in op.args[1:2] if self.is_kept(op) else operands:
                found = self.access(arg, group)
                if found is not None and self.fam.find(found.root) in group.writes:
                    return True
        return False

    def in_place(self, group: Group) -> set[Var]:
        """The arrays that a loop may read as the trips before have left them."""
        return read_in_place(self, group)

    def inner_uses(self, group: Group) -> Counter[Var]:
        return Counter(
            arg for op in group.ops for arg in op.args if isinstance(arg, Var)
        )

    def outer(self, group: Group) -> list[Var]:
        """What the rest of the function reads of what the operations give."""
        inner = self.inner_uses(group)
        return [v for v in group.made if self.counts.get(v, 0) > inner.get(v, 0)]

    def arrays(self, group: Group) -> int:
        """How many arrays the rest of the function reads of what they give."""
        return sum(group.made[var].prim != "sum" for var in self.outer(group))

    def is_worth_it(self, group: Group) -> bool:
        """Does the loop save an array?"""
        inner, outer = self.inner_uses(group), set(self.outer(group))
        if all(map(self.is_kept, group.ops)):
            return False
        if self.leaves is not None:  # arrays that stay from trip to trip
            if any(
                op.prim in WRITES or op.outs[0] not in self.leaves for op in group.ops
            ):
                return True
        if any(
            op.prim == "where" or op.attrs.get("axis") is not None for op in group.ops
        ):
            return True  # what Numba takes seconds to compile
        elementwise = [op for op in group.ops if op.prim in ELEMENTWISE]
        if not elementwise and len(group.ops) < 2:
            return False
        named = sum(inner[op.outs[0]] > 1 or op.outs[0] in outer for op in elementwise)
        others = len(group.ops) - len(elementwise)
        kept = sum(op.outs[0] in outer for op in elementwise)
        return named + others > kept

    def loop(self, group: Group) -> list[Stmt] | None:
        """The statements before the loop, and the loop."""
        arrays = carried(self, group)
        if arrays:
            return Carried(self, group, arrays).stmts()
        writer = Rows if group.deferred and is_spread(group) else Loop
        if group.border is not None:
            works_out = not group.border.values.isdisjoint(group.made)
            writer = Bordered if works_out else Gathered
        return writer(self, group).stmts()


def is_spread(group: Group) -> bool:
    """Are there writes to one array that are shifted against one another?"""
    return any(len({by for _, by in w}) > 1 for w in group.writes.values())


# What may be computed earlier: it changes nothing and raises nothing.
HARMLESS = ELEMENTWISE | frozenset(
    "getitem expand_dims len size shape zeros zeros_like empty empty_like transpose "
    "float sum ones ones_like full full_like mean".split()
)


def known(kind: Kind) -> tuple[Dim, ...] | None:
    if not isinstance(kind, Array) or not kind.dims or len(kind.dims) > MOST_AXES:
        return None
    plain = kind.dtype in ("float64", "bool")
    return kind.dims if plain and known_dims(kind.dims) else None


def known_dims(dims: Sequence[Dim]) -> bool:
    return None not in dims and any(dim != 1 for dim in dims)
