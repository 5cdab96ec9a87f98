"""Lengths: those that an operation's operands tell are worked out once more.

A slice `A[k + 1 :]` has a length that is called after the variable of `k + 1`. While a
function is lowered each `k + 1` is a variable of its own; by now they are one, and so
are the lengths: nothing is broadcast where a slice is written to that slice.

So it is with `np.zeros(n - 1)` where `n = len(x)`: what whole numbers are made of is
looked up, and the array is as long as `x[1:]` is, whatever `n` is.

Lengths that an operation needs to be equal get one name: where `x * y` is computed on
every way through the function, and neither axis is of length 1, they are as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from s2sad.ir.kinds import (
    INT,
    Array,
    Dict,
    Dim,
    Kind,
    List,
    Object,
    Scalar,
    Tape,
    Tuple,
    names_lengths,
    with_lengths,
)
from s2sad.ir.nodes import Atom, Function, Lit, Op, Stmt
from s2sad.ir.walk import clone, definitions, statements
from s2sad.rules import TABLE
from s2sad.rules.dims import BY_SHAPE, size_of
from s2sad.rules.infer import BadArguments
from s2sad.rules.places import shortened

SQUARE = ("solve", "inv", "det", "cholesky", "eigh", "eigvalsh", "slogdet")


def renewed(function: Function) -> Function:
    """The same function with variables of its own, whose lengths are known better."""
    made = clone(function)
    counts = Counts()
    for stmt in statements(made.body):
        if not isinstance(stmt, Op):
            counts.carry(stmt)
        elif len(stmt.outs) == 1:
            if vague(stmt):
                renew(stmt, counts)
            else:
                counts.note(stmt)
    same = Equal(made)
    if same.names:
        for var in (*(p.var for p in made.params), *definitions(made.body)):
            if isinstance(var.kind, (Array, Scalar, Tuple, List, Dict, Object, Tape)):
                var.kind = with_lengths(var.kind, same.rename)
    return made


def vague(op: Op) -> bool:
    """Is a length unknown, or called after a variable?"""
    kind = op.outs[0].kind
    if not isinstance(kind, Array) or kind.dims is None:
        return False
    return any(dim is None or isinstance(dim, str) and "#" in dim for dim in kind.dims)


def renew(op: Op, counts: Counts) -> None:
    out = op.outs[0]
    try:
        (kind,) = TABLE[op.prim].infer(op.args, op.attrs)
    except (BadArguments, KeyError, ValueError):
        return
    old = out.kind
    kind = counts.told(op, with_known(counts.shaped(op, kind), old))
    if not isinstance(kind, Array) or not isinstance(old, Array) or kind.dims is None:
        return
    if (kind.dtype, kind.rank) == (old.dtype, old.rank):
        out.kind = kind


def with_known(kind: Kind, old: Kind) -> Kind:
    """The kind, with lengths that lowering knows: `x += v` leaves `x` as it is."""
    if not isinstance(kind, Array) or not isinstance(old, Array):
        return kind
    if kind.dims is None or old.dims is None or kind.rank != old.rank:
        return kind
    pairs = zip(kind.dims, old.dims, strict=True)
    return Array(kind.dtype, tuple(b if a is None else a for a, b in pairs))


# ---- whole numbers -------------------------------------------------------------------

COUNTED = re.compile(r"~\w*#(\d+)(?:-(\d+))?")


class Counts:
    """Which whole numbers are a length and so many more, or less."""

    def __init__(self) -> None:
        self.known: dict[Atom, tuple[str, int]] = {}
        self.serials: dict[str, tuple[str, int]] = {}
        self.shapes: dict[Atom, tuple[Atom, ...]] = {}

    def note(self, op: Op) -> None:
        (out,) = op.outs
        if op.prim == "tuple":
            self.shapes[out] = op.args
        if op.prim not in ("add", "sub") or out.kind != INT:
            return
        for one, other in (op.args, op.args[::-1]):
            found = self.of(one)
            more = other.value if isinstance(other, Lit) else None
            if found is None or type(more) is not int:
                continue
            if op.prim == "add" or one is op.args[0]:
                made = found[0], found[1] + (more if op.prim == "add" else -more)
                self.known[out] = self.serials[str(out.serial)] = made

    def carry(self, stmt: Stmt) -> None:
        """What a loop or a branch carries is as long as it was, or will be."""
        for var in (*stmt.outs, *getattr(stmt, "params", ())):
            if self.serials and names_lengths(var.kind):
                var.kind = with_lengths(var.kind, self.rename)

    def rename(self, dim: str) -> str:
        found = self.dim(dim)
        return found if isinstance(found, str) else dim

    def of(self, atom: Atom) -> tuple[str, int] | None:
        if atom in self.known:
            return self.known[atom]
        size = size_of(atom) if isinstance(atom.kind, Scalar) else None
        return (size, 0) if isinstance(size, str) else None

    def shaped(self, op: Op, kind: Kind) -> Kind:
        """The kind of an array of a shape that stands in a tuple."""
        dims = kind.dims if isinstance(kind, Array) else None
        items = self.shapes.get(op.args[0]) if op.prim in BY_SHAPE else None
        if not isinstance(kind, Array) or not dims or items is None:
            return kind
        return Array(kind.dtype, tuple(map(size_of, items)))

    def told(self, op: Op, kind: Kind) -> Kind:
        """The kind with lengths called after those that they are made of."""
        if not isinstance(kind, Array) or kind.dims is None:
            return kind
        dims = kind.dims
        if op.prim == "arange" and len(op.args) == 2 and dims == (None,):
            dims = (self.between(*op.args),)
        return Array(kind.dtype, tuple(map(self.dim, dims)))

    def between(self, start: Atom, stop: Atom) -> Dim:
        """How many whole numbers there are from one to another."""
        whole = getattr(stop.kind, "dtype", "") == "int"
        known = self.of(stop) if whole else None
        first = start.value if isinstance(start, Lit) else None
        if known is None or type(first) is not int:
            return None
        return moved(known[0], known[1] - first)

    def dim(self, dim: Dim) -> Dim:
        found = COUNTED.fullmatch(dim) if isinstance(dim, str) else None
        known = None if found is None else self.serials.get(found[1])
        if found is None or known is None:
            return dim
        return moved(known[0], known[1] - int(found[2] or 0)) or dim


def moved(base: str, more: int) -> Dim:
    """The name of a length and so many more; None if it has none."""
    if more < 0:
        return shortened(base, -more)
    if more == 0:
        return base
    return None if base.startswith("~") else f"~{base}+{more}"


# ---- equal lengths -------------------------------------------------------------------


class Equal:
    """Which names of lengths are names of one length, as far as that is certain."""

    def __init__(self, function: Function) -> None:
        self.names: dict[str, str] = {}
        for stmt in function.body.stmts:
            if isinstance(stmt, Op) and any(
                isinstance(a.kind, Array) for a in stmt.args
            ):
                for pair in compared(stmt):
                    self.join(*pair)

    def join(self, a: Dim, b: Dim) -> None:
        if not isinstance(a, str) or not isinstance(b, str) or "~" in (a[0], b[0]):
            return
        a, b = self.find(a), self.find(b)
        if a != b:
            self.names[b] = a

    def find(self, name: str) -> str:
        while name in self.names:
            name = self.names[name]
        return name

    def rename(self, dim: str) -> str:
        """Also where it is part of the name of a slice's length."""
        for name in self.names:
            mark, words = dim[: dim[0] == "~"], dim.removeprefix("~")
            if re.match(re.escape(name) + r"(?![\w.])", words):
                return mark + self.find(name) + words.removeprefix(name)
        return dim


def compared(op: Op) -> Iterator[tuple[Dim, Dim]]:
    """Axes that must be equally long, or else it raises: if neither has length 1."""
    kinds = [arg.kind for arg in op.args]
    shapes = [k.dims for k in kinds if isinstance(k, Array) and k.dims is not None]
    if op.prim == "matmul" and len(shapes) == 2 and all(shapes):
        a, b = shapes
        yield a[-1], b[max(len(b) - 2, 0)]
    elif op.prim in SQUARE and shapes and len(shapes[0]) == 2:
        yield shapes[0]
        if op.prim == "solve" and len(shapes) == 2 and len(shapes[1]) in (1, 2):
            yield shapes[0][0], shapes[1][0]
    elif op.prim == "where" or getattr(TABLE.get(op.prim), "verb", "") == "smooth":
        for a, b in zip(shapes, shapes[1:]):
            yield from zip(reversed(a), reversed(b), strict=False)
