"""Writing the loop of operations that run over the same axes.

    for i in range(len(x)):              what several statements were
        t = ...                          elements as numbers, never as arrays
        x_bar[i] += t                    writes to the arrays that are carried

A sum along the last axis is a number until the innermost loop is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from s2sad.emit.numba.views import Access
from s2sad.ir.kinds import BOOL, FLOAT, INT, Array, Kind, Scalar, Tuple
from s2sad.ir.nodes import (
    NO_ATTRS,
    Atom,
    Block,
    For,
    If,
    Lit,
    Op,
    Span,
    Stmt,
    Var,
)

if TYPE_CHECKING:
    from s2sad.emit.numba.fusion import Fusion, Group

ELEMENTWISE = frozenset(
    """
    add sub mul div neg pos pow exp log log1p expm1 log2 log10 exp2 sqrt sin cos tan
    tanh sinh cosh arcsin arccos arctan arcsinh arccosh arctanh arctan2 hypot abs
    maximum minimum square reciprocal sign lt le gt ge eq ne where logical_and
    logical_or logical_not erf erfc
    """.split()
)
WRITES = frozenset({"setitem", "additem"})
DTYPES = {"bool": np.bool_, "int64": np.int64}


class Loop:
    """Writes the loop of one group."""

    def __init__(self, fusion: Fusion, group: Group) -> None:
        self.fusion = fusion
        self.group = group
        self.before: list[Stmt] = []
        self.body: list[Stmt] = []
        self.span: Span | None = None
        self.lengths: list[Atom] = []
        self.axes = [axis for axis, dim in enumerate(group.dims) if dim != 1]
        words = iter("ijk")
        self.index: list[Atom] = [
            Lit(0) if dim == 1 else Var(next(words), INT) for dim in group.dims
        ]
        self.values: dict[Var, Atom] = {}  # an array -> its element at hand
        self.elements: dict[object, Var] = {}
        self.worked_out: dict[object, Var] = {}
        self.carried: list[tuple[Var, Atom, Var]] = []  # out, init, present version
        self.starts: list[Var] = []  # what each is at the head of the loop
        self.at: dict[Var, int] = {}  # what a variable carries
        self.rows: list[tuple[Var, Var, Var, Var]] = []  # sums along the last axis
        self.shifted: dict[object, Atom] = {}
        self.ends: dict[Var, Var] = {}  # an array that is written -> its last version
        self.in_place: set[Var] | None = None  # of those: see `own`

    def stmts(self) -> list[Stmt] | None:
        group, outer = self.group, self.fusion.outer(self.group)
        lengths = self.measured()
        if lengths is None:
            return None
        self.lengths = lengths
        for access in sum(self.accesses(), []):
            self.fusion.equal.rely_on(access.root)
        last = {}
        for op in group.ops:
            if op.prim in WRITES:
                last[self.fusion.fam.find(op.outs[0])] = op.outs[0]
        for op in group.ops:
            if op.prim not in WRITES:
                continue
            end = last[self.fusion.fam.find(op.outs[0])]
            if op.outs[0] in outer and op.outs[0] is not end:
                return None  # an array between two writes is needed
            assert isinstance(op.args[0], Var)
            self.ends[op.args[0]] = end
        spans = [op.span for op in group.ops if op.span is not None]
        back = any(span.reverse for span in spans)  # all of it belongs to that half
        for op in group.ops:
            self.span = op.span and replace(op.span, reverse=back)
            self.op(op, op.outs[0] in outer, last)
        first = next((s for s in spans if s.reverse is back), None)
        self.span = first and replace(first, reverse=back)
        return [*self.before, *self.nest()]

    def measured(self) -> list[Atom] | None:
        """How many trips along each axis, read off what the loop reads or writes."""
        found: list[Atom | None] = [
            Lit(1) if dim == 1 else None for dim in self.group.dims
        ]
        accesses, tapes = self.accesses()
        todo = [(False, accesses), (True, accesses), (False, tapes)]
        for sliced, some in todo:
            for access in some:
                for axis, atom in access.lengths(sliced, self.before).items():
                    if found[axis] is None:
                        found[axis] = atom
        return None if None in found else found  # type: ignore[return-value]

    def accesses(self) -> tuple[list[Access], list[Access]]:
        """What the loop reads or writes, and the tapes that it fills."""
        found: list[Access] = []
        tapes: list[Access] = []
        for op in self.group.ops:
            if op.prim in WRITES:
                target = self.fusion.target(op)
                if target is not None and op.args[0] not in self.group.made:
                    (tapes if self.fusion.is_kept(op) else found).append(target)
                args: tuple[Atom, ...] = (op.args[1],)
            else:
                args = op.args
            for arg in args:
                access = self.fusion.access(arg, self.group)
                if access is not None and isinstance(arg.kind, Array):
                    found.append(access)
        return found, tapes

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
        key = (access.root, *map(same, index))
        if key not in self.elements:
            dtype = getattr(access.root.kind, "dtype", "float64")
            kind = BOOL if dtype == "bool" else Scalar(dtype)
            self.elements[key] = self.emit(
                "getitem",
                (self.version(access.root), *index),
                kind,
                attrs=path_of(index),
            )
        return self.elements[key]

    def version(self, root: Var) -> Var:
        """The array as it is while the loop runs."""
        if self.in_place is None:
            self.in_place = self.fusion.in_place(self.group)
        if root not in self.in_place:
            return root
        return self.starts[self.carry(self.ends[root], root, root.kind)]

    def subscript(self, axis: int | None, by: Atom | int) -> Atom:
        """The index along one axis of what is read."""
        if axis is None:
            return by if not isinstance(by, int) else Lit(by)
        index = self.index[axis]
        if by == 0:
            return index
        if isinstance(index, Lit):
            return Lit(by) if isinstance(by, int) else by
        if isinstance(by, int):
            key = (axis, by)
            if key not in self.shifted:
                self.shifted[key] = self.emit("add", (index, Lit(by)), INT)
            return self.shifted[key]
        return self.emit("add", (index, by), INT)

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
        made = self.number(op, args, "" if outer else out.name)
        self.values[out] = made
        if outer:
            empty = self.empty(out, self.lengths)
            self.put(out, empty, "setitem", made, self.index)

    def number(self, op: Op, args: tuple[Atom, ...], name: str) -> Atom:
        """What an elementwise operation gives at one place."""
        key = (op.prim, *map(same, args), *sorted(map(str, op.attrs.items())))
        if key in self.worked_out:
            return self.worked_out[key]
        dtype = getattr(op.outs[0].kind, "dtype", "float64")
        kind = BOOL if dtype == "bool" else Scalar(dtype)
        if op.prim == "where":
            made = Var(name, kind)
            then, orelse = Block((), (args[1],)), Block((), (args[2],))
            self.body.append(If((made,), args[0], then, orelse, "expr", self.span))
        else:
            made = self.emit(op.prim, args, kind, name, op.attrs)
        self.worked_out[key] = made
        return made

    def empty(self, like: Var, lengths: Sequence[Atom], prim: str = "empty") -> Var:
        """An array for a value that is needed after the loop."""
        assert isinstance(like.kind, Array)
        out = Var(like.name, like.kind)
        dtype = DTYPES.get(like.kind.dtype)
        attrs = NO_ATTRS if dtype is None else MappingProxyType({"dtype": dtype})
        least = [self.least(atom) for atom in lengths]
        size = least[0]
        if len(least) > 1:
            size = Var("", Tuple((INT,) * len(least)))
            self.before.append(Op((size,), "tuple", tuple(least), NO_ATTRS, self.span))
        self.before.append(Op((out,), prim, (size,), attrs, self.span))
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
        count = getattr(op.args[0].kind, "dtype", "") == "bool"
        number, zero = (INT, Lit(0)) if count else (FLOAT, Lit(0.0))
        kind = Scalar("int64" if count else "float64")
        if axis is None or len(self.index) == 1:
            k = self.carry(out, zero, number)
            version = self.carried[k][2]
            new = self.emit("add", (version, value), kind, out.name)
            self.carried[k] = (*self.carried[k][:2], new)
            return
        assert isinstance(axis, int)
        gone = axis % len(self.index)
        kept = [a for k, a in enumerate(self.lengths) if k != gone]
        if gone == self.axes[-1]:
            start = Var("", number)
            new = self.emit("add", (start, value), kind)
            self.rows.append((out, self.empty(out, kept), start, new))
            return
        zeros = self.empty(out, kept, "zeros")
        index = [i for k, i in enumerate(self.index) if k != gone]
        self.put(out, zeros, "additem", value, index)

    def write(self, op: Op, last: Mapping[Var, Var]) -> None:
        target = self.fusion.target(op)
        assert target is not None
        value = self.value(op.args[1])
        index = [self.subscript(axis, by) for axis, by in target.spec]
        end = last[self.fusion.fam.find(op.outs[0])]
        self.put(end, op.args[0], op.prim, value, index)

    def put(
        self, out: Var, init: Atom, prim: str, value: Atom, index: Sequence[Atom]
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

    def nest(self) -> list[Stmt]:
        """One loop inside the other, the last axis innermost."""
        body, news = tuple(self.body), [new for _, _, new in self.carried]
        starts, final = list(self.starts), [out for out, _, _ in self.carried]
        inits: list[Atom] = [init for _, init, _ in self.carried]
        for axis in reversed(self.axes):
            first = axis == self.axes[0]
            rows = self.rows if axis == self.axes[-1] else []
            outs = final if first else [Var(v.name, v.kind) for v in starts]
            begins = inits if first else [Var(v.name, v.kind) for v in starts]
            totals = [Var("", row[2].kind) for row in rows]
            zeros = [Lit(0) if t.kind == INT else Lit(0.0) for t in totals]
            index = self.index[axis]
            assert isinstance(index, Var)
            loop = For(
                (*outs, *totals), index, Lit(0), self.lengths[axis], Lit(1),
                (*starts, *(row[2] for row in rows)), (*begins, *zeros),
                Block(body, (*news, *(row[3] for row in rows))), span=self.span,
            )  # fmt: skip
            news, starts = list(outs), [b for b in begins if isinstance(b, Var)]
            after: list[Stmt] = [loop]
            place = tuple(self.index[a] for a in range(len(self.index)) if a != axis)
            for (out, empty, _, _), total in zip(rows, totals, strict=True):
                start = empty if first else Var(out.name, out.kind)
                end = out if first else Var(out.name, out.kind)
                args = (start, total, *place)
                after.append(Op((end,), "setitem", args, path_of(place), self.span))
                if not first:
                    starts.append(start)
                    news.append(end)
                    inits.append(empty)
                    final.append(out)
            body = tuple(after)
        return list(body)


def same(atom: Atom) -> object:
    """What tells operands apart."""
    return atom if isinstance(atom, Var) else repr(atom)


def path_of(index: Sequence[Atom]) -> Mapping[str, object]:
    return MappingProxyType({"path": f"[{', '.join('#' * len(index))}]"})
