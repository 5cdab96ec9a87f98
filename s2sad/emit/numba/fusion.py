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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from s2sad.emit.families import Families, families
from s2sad.emit.numba.equal import Equal
from s2sad.emit.numba.views import Access, access_of, broadcast
from s2sad.ir.kinds import BOOL, FLOAT, INT, Array, Dim, Kind, Scalar, Tuple
from s2sad.ir.nodes import (
    NO_ATTRS,
    Atom,
    Block,
    For,
    Function,
    If,
    Lit,
    Op,
    Span,
    Stmt,
    Var,
)
from s2sad.ir.walk import blocks, uses, with_blocks
from s2sad.opt.dce import dce
from s2sad.rules import BadArguments
from s2sad.rules.places import place_kind

ELEMENTWISE = frozenset(
    """
    add sub mul div neg pos pow exp log log1p expm1 log2 log10 exp2 sqrt sin cos tan
    tanh sinh cosh arcsin arccos arctan arcsinh arccosh arctanh arctan2 hypot abs
    maximum minimum square reciprocal sign lt le gt ge eq ne where logical_and
    logical_or logical_not erf erfc
    """.split()
)
WRITES = frozenset({"setitem", "additem"})
DTYPES = {"bool": np.bool_}
MOST_AXES = 3


def fused(function: Function) -> Function:
    """The function with such loops."""
    counts = Counter(uses(function.body))
    equal = Equal(function, ELEMENTWISE)
    work = _Fusion(families(function), counts, equal)
    body = work.block(function.body)
    if not work.made:
        return function
    body = replace(body, stmts=(*equal.questions(), *body.stmts))
    return dce(replace(function, body=body))


@dataclass
class _Group:
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


class _Fusion:
    def __init__(self, fam: Families, counts: Mapping[Var, int], equal: Equal) -> None:
        self.fam = fam
        self.equal = equal
        self.counts = counts
        self.makers: dict[Var, Op] = {}
        self.made = False
        self.open: dict[tuple[Dim, ...], _Group] = {}
        self.out: list[Stmt] = []

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
                inner = tuple(map(self.block, blocks(stmt)))
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
            group = _Group(dims)
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

    def depends(self, op: Op, group: _Group) -> bool:
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

    def parted(self, group: _Group, op: Op, dims: tuple[Dim, ...]) -> bool:
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

    def regrouped(self, dims: tuple[Dim, ...], ops: Sequence[Op]) -> _Group:
        group = _Group(dims)
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
            if getattr(op.args[0].kind, "dtype", "") != "float64":
                return None  # a count is no float
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

    def joins(self, group: _Group, op: Op, dims: tuple[Dim, ...]) -> bool:
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
            if found is None or self.fam.find(found.root) in group.writes:
                return False
        return True

    def access(self, arg: Atom, group: _Group) -> Access | None:
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

    def may_write(self, group: _Group, op: Op) -> bool:
        base = op.args[0]
        assert isinstance(base, Var)
        family = self.fam.find(base)
        if family in group.reads:
            return False
        if base in group.made and group.made[base].prim in ELEMENTWISE:
            return False
        target = self.target(op)
        assert target is not None
        offsets = target.offsets()
        if offsets is None:
            return False
        earlier = group.writes.get(family, [])
        if earlier and base not in group.made:
            return False  # another version of what is written
        for prim, other in earlier:
            if "setitem" in (prim, op.prim) and offsets > other:
                return False
        return True

    def add(self, group: _Group, op: Op) -> None:
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

    # ---- writing them ----------------------------------------------------------------

    def close_all(self) -> None:
        for group in list(self.open.values()):
            self.close(group)

    def close(self, group: _Group, first: _Group | None = None) -> None:
        """Write a group, as a loop if that saves something; or only `first` of it."""
        if self.open.get(group.dims) is not group:
            return  # it is written
        del self.open[group.dims]
        part = group if first is None else first
        made = self.loop(part) if self.is_worth_it(part) else None
        self.made |= made is not None
        self.out += part.ops if made is None else made
        self.out += part.later

    def inner_uses(self, group: _Group) -> Counter[Var]:
        return Counter(
            arg for op in group.ops for arg in op.args if isinstance(arg, Var)
        )

    def outer(self, group: _Group) -> list[Var]:
        """What the rest of the function reads of what the operations give."""
        inner = self.inner_uses(group)
        return [v for v in group.made if self.counts.get(v, 0) > inner.get(v, 0)]

    def arrays(self, group: _Group) -> int:
        """How many arrays the rest of the function reads of what they give."""
        return sum(group.made[var].prim != "sum" for var in self.outer(group))

    def is_worth_it(self, group: _Group) -> bool:
        """Does the loop save an array?"""
        inner, outer = self.inner_uses(group), set(self.outer(group))
        elementwise = [op for op in group.ops if op.prim in ELEMENTWISE]
        if not elementwise and len(group.ops) < 2:
            return False
        named = sum(inner[op.outs[0]] > 1 or op.outs[0] in outer for op in elementwise)
        others = len(group.ops) - len(elementwise)
        kept = sum(op.outs[0] in outer for op in elementwise)
        return named + others > kept

    def loop(self, group: _Group) -> list[Stmt] | None:
        """The statements before the loop, and the loop."""
        writer = _Loop(self, group)
        return writer.stmts()


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
    return None not in dims and 1 not in dims


class _Loop:
    """Writes the loop of one group."""

    def __init__(self, fusion: _Fusion, group: _Group) -> None:
        self.fusion = fusion
        self.group = group
        self.before: list[Stmt] = []
        self.body: list[Stmt] = []
        self.span: Span | None = None
        self.lengths: list[Atom] = []
        words = "ijk"
        self.index = tuple(Var(words[k], INT) for k in range(len(group.dims)))
        self.values: dict[Var, Atom] = {}  # an array -> its element at hand
        self.elements: dict[object, Var] = {}
        self.carried: list[tuple[Var, Atom, Var]] = []  # out, init, present version
        self.starts: list[Var] = []  # what each is at the head of the loop
        self.at: dict[Var, int] = {}  # what a variable carries
        self.shifted: dict[tuple[int, int], Var] = {}

    def stmts(self) -> list[Stmt] | None:
        group, outer = self.group, self.fusion.outer(self.group)
        lengths = self.measured()
        if lengths is None:
            return None
        self.lengths = lengths
        for access in self.accesses():
            self.fusion.equal.rely_on(access.root)
        last = {}
        for op in group.ops:
            if op.prim in WRITES:
                last[self.fusion.fam.find(op.outs[0])] = op.outs[0]
        for op in group.ops:
            write = op.prim in WRITES
            end = last.get(self.fusion.fam.find(op.outs[0]))
            if write and op.outs[0] in outer and op.outs[0] is not end:
                return None  # an array between two writes is needed
        spans = [op.span for op in group.ops if op.span is not None]
        back = any(span.reverse for span in spans)  # all of it belongs to that half
        for op in group.ops:
            self.span = op.span and replace(op.span, reverse=back)
            self.op(op, op.outs[0] in outer, last)
        first = next((s for s in spans if s.reverse is back), None)
        self.span = first and replace(first, reverse=back)
        return [*self.before, *self.nest(lengths)]

    def measured(self) -> list[Atom] | None:
        """How many trips along each axis, read off what the loop reads or writes."""
        found: list[Atom | None] = [None] * len(self.group.dims)
        for sliced in (False, True):
            for access in self.accesses():
                for axis, atom in access.lengths(sliced, self.before).items():
                    if found[axis] is None:
                        found[axis] = atom
        return None if None in found else found  # type: ignore[return-value]

    def accesses(self) -> list[Access]:
        found = []
        for op in self.group.ops:
            if op.prim in WRITES:
                target = self.fusion.target(op)
                if target is not None and op.args[0] not in self.group.made:
                    found.append(target)
                args: tuple[Atom, ...] = (op.args[1],)
            else:
                args = op.args
            for arg in args:
                access = self.fusion.access(arg, self.group)
                if access is not None and isinstance(arg.kind, Array):
                    found.append(access)
        return found

    def emit(
        self, prim: str, args: Sequence[Atom], kind: Kind, name: str = "",
        attrs: Mapping[str, object] = NO_ATTRS,
    ) -> Var:  # fmt: skip
        out = Var(name, kind)
        self.body.append(Op((out,), prim, tuple(args), attrs, self.span))
        return out

    # ---- elements --------------------------------------------------------------------

    def value(self, atom: Atom) -> Atom:
        """An operand inside the loop."""
        if not isinstance(atom, Var) or isinstance(atom.kind, Scalar):
            return atom
        if atom in self.values:
            return self.values[atom]
        access = self.fusion.access(atom, self.group)
        assert access is not None
        index = tuple(self.subscript(axis, by) for axis, by in access.spec)
        key = (access.root, *(a if isinstance(a, Var) else repr(a) for a in index))
        if key not in self.elements:
            dtype = getattr(access.root.kind, "dtype", "float64")
            kind = BOOL if dtype == "bool" else Scalar(dtype)
            self.elements[key] = self.emit(
                "getitem", (access.root, *index), kind, attrs=path_of(index)
            )
        return self.elements[key]

    def subscript(self, axis: int | None, by: Atom | int) -> Atom:
        """The index along one axis of what is read."""
        if axis is None:
            return by if not isinstance(by, int) else Lit(by)
        if by == 0:
            return self.index[axis]
        if isinstance(by, int):
            key = (axis, by)
            if key not in self.shifted:
                self.shifted[key] = self.emit("add", (self.index[axis], Lit(by)), INT)
            return self.shifted[key]
        return self.emit("add", (self.index[axis], by), INT)

    # ---- operations ------------------------------------------------------------------

    def op(self, op: Op, outer: bool, last: Mapping[Var, Var]) -> None:
        if op.prim in WRITES:
            self.write(op, last)
            return
        args = tuple(map(self.value, op.args))
        (out,) = op.outs
        if op.prim == "sum":
            self.sum(op, args[0])
            return
        dtype = getattr(out.kind, "dtype", "float64")
        kind = BOOL if dtype == "bool" else Scalar(dtype)
        name = "" if outer else out.name  # that is what the array is called
        if op.prim == "where":
            made = Var(name, kind)
            then, orelse = Block((), (args[1],)), Block((), (args[2],))
            self.body.append(If((made,), args[0], then, orelse, "expr", self.span))
        else:
            made = self.emit(op.prim, args, kind, name, op.attrs)
        self.values[out] = made
        if outer:
            empty = self.empty(out)
            self.put(out, empty, "setitem", made, self.index)

    def empty(self, like: Var) -> Var:
        """An array for a value that is needed after the loop."""
        assert isinstance(like.kind, Array)
        out = Var(like.name, like.kind)
        dtype = DTYPES.get(like.kind.dtype)
        attrs = NO_ATTRS if dtype is None else MappingProxyType({"dtype": dtype})
        least = [self.least(atom) for atom in self.lengths]
        size = least[0]
        if len(least) > 1:
            size = Var("", Tuple((INT,) * len(least)))
            self.before.append(Op((size,), "tuple", tuple(least), NO_ATTRS, self.span))
        self.before.append(Op((out,), "empty", (size,), attrs, self.span))
        return out

    def least(self, atom: Atom) -> Atom:
        """A length that was computed may come out negative: of what is empty."""
        made = next((s for s in self.before if atom in s.outs), None)
        if isinstance(atom, Lit) or not isinstance(made, Op) or made.prim != "sub":
            return atom
        out = Var("", INT)
        told = MappingProxyType({"spelling": "max"})
        self.before.append(Op((out,), "py_max", (atom, Lit(0)), told, self.span))
        return out

    def sum(self, op: Op, value: Atom) -> None:
        (out,) = op.outs
        axis = op.attrs.get("axis")
        if axis is None or len(self.index) == 1:
            k = self.carry(out, Lit(0.0), FLOAT)
            version = self.carried[k][2]
            new = self.emit("add", (version, value), Scalar("float64"), out.name)
            self.carried[k] = (*self.carried[k][:2], new)
            return
        assert isinstance(axis, int)
        gone = axis % len(self.index)
        kept = [self.least(a) for k, a in enumerate(self.lengths) if k != gone]
        size = kept[0]
        if len(kept) > 1:
            size = Var("", Tuple((INT,) * len(kept)))
            self.before.append(Op((size,), "tuple", tuple(kept), NO_ATTRS, op.span))
        zeros = Var(out.name, out.kind)
        self.before.append(Op((zeros,), "zeros", (size,), NO_ATTRS, op.span))
        index = tuple(i for k, i in enumerate(self.index) if k != gone)
        self.put(out, zeros, "additem", value, index)

    def write(self, op: Op, last: Mapping[Var, Var]) -> None:
        target = self.fusion.target(op)
        assert target is not None
        value = self.value(op.args[1])
        index = tuple(self.subscript(axis, by) for axis, by in target.spec)
        end = last[self.fusion.fam.find(op.outs[0])]
        self.put(end, op.args[0], op.prim, value, index)

    def put(
        self, out: Var, init: Atom, prim: str, value: Atom, index: tuple[Atom, ...]
    ) -> None:
        """A write to an element of an array that the loop carries."""
        k = self.carry(out, init, init.kind)
        version = self.carried[k][2]
        new = self.emit(
            prim, (version, value, *index), version.kind, out.name, path_of(index)
        )
        self.carried[k] = (*self.carried[k][:2], new)

    def carry(self, out: Var, init: Atom, kind: Kind) -> int:
        if out not in self.at:
            self.at[out] = len(self.carried)
            self.carried.append((out, init, Var(out.name, kind)))
            self.starts.append(self.carried[-1][2])
        return self.at[out]

    # ---- the loops -------------------------------------------------------------------

    def nest(self, lengths: list[Atom]) -> list[Stmt]:
        """One loop inside the other, the last axis innermost."""
        body = Block(tuple(self.body), tuple(new for _, _, new in self.carried))
        params: tuple[Var, ...] = tuple(self.starts)
        made: For | None = None
        for axis in reversed(range(len(lengths))):
            first = axis == 0
            outs = tuple(
                out if first else Var(out.name, start.kind)
                for (out, _, _), start in zip(self.carried, self.starts, strict=True)
            )
            inits = (
                tuple(init for _, init, _ in self.carried)
                if first
                else tuple(Var(v.name, v.kind) for v in params)
            )
            made = For(
                outs, self.index[axis], Lit(0), lengths[axis], Lit(1), params, inits,
                body, span=self.span,
            )  # fmt: skip
            body = Block((made,), outs)
            params = inits if not first else ()  # type: ignore[assignment]
        assert made is not None
        return [made]


def path_of(index: Sequence[Atom]) -> Mapping[str, object]:
    return MappingProxyType({"path": f"[{', '.join('#' * len(index))}]"})
