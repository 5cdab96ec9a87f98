"""Tapes whose length is known become arrays, filled by the indices of their loops.

    x_tape.0 = tape                            x_tape.0 = empty n
    for _ in range n:                          for i in range n:
        x_tape.2 = push x_tape.1, x                x_tape.2 = setitem x_tape.1[i], x
    for _ in backward range n:                 for i in backward range n:
        x_tape.5, x = pop x_tape.4                 x = getitem x_tape.3[i]

One write a trip and one read a trip of the mirrored loop: what the read finds under an
index is what was written under it. An entry costs a third of what a list takes for it,
and a row a sixth. Tapes of a `while`, of loops that may stop early or whose bounds
change from trip to trip of an outer one stay lists.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from s2sad.emit.numba.invariants import without_invariants
from s2sad.emit.numba.lengths import as_shape, length_of_dim
from s2sad.emit.numba.sums import Sums, built, plus
from s2sad.emit.renames import renamed
from s2sad.ir.kinds import INT, Array, Kind, Scalar, Tape
from s2sad.ir.nodes import (
    NO_ATTRS,
    Atom,
    Block,
    For,
    Function,
    If,
    Lit,
    Op,
    Stmt,
    Var,
    While,
)
from s2sad.ir.walk import blocks, definitions, mapping, substitute_block, with_blocks

Loops = tuple[For, ...]


def rows_for_tapes(function: Function) -> tuple[Function, frozenset[Var]]:
    """The function with arrays in the place of such tapes, and these arrays."""
    function = renamed(function)  # while it can be told what is kept
    found = _Tapes()
    found.block(function.body, (), True)
    scope = [p.var for p in function.params]
    rows = _Rows(found, scope, Sums(function))
    body = rows.block(function.body)
    if not rows.made:
        return function, frozenset()
    body = substitute_block(body, mapping(rows.renamed))
    retype(body, found, rows)
    return without_invariants(replace(function, body=body)), frozenset(rows.made)


def retype(body: Block, tapes: _Tapes, rows: _Rows) -> None:
    """Every version of a tape that became an array has the kind of that array."""
    for var in definitions(body):
        row = rows.row(var) if isinstance(var.kind, Tape) else None
        if row is None:
            continue
        inner = row.elem.dims or () if isinstance(row.elem, Array) else ()
        dtype = getattr(row.elem, "dtype", "float64")
        outer = (None,) * len(row.loops)
        var.kind = Array(
            {"float": "float64", "int": "int64"}.get(dtype, dtype), (*outer, *inner)
        )


@dataclass
class _Tape:
    """Where one tape is made, filled and emptied."""

    makers: list[tuple[Op, Loops]] = field(default_factory=list)
    pushes: list[tuple[Op, Loops, bool]] = field(default_factory=list)
    pops: list[tuple[Op, Loops, bool]] = field(default_factory=list)
    other: bool = False  # is it used in any other way?


class _Tapes:
    """All tapes of a function; versions that loops and branches link are one tape."""

    def __init__(self) -> None:
        self.parent: dict[Var, Var] = {}
        self.tapes: dict[Var, _Tape] = {}
        self.indices: set[str] = set()

    def find(self, var: Var) -> Var:
        while var in self.parent:
            var = self.parent[var]
        return var

    def of(self, var: Var) -> _Tape:
        return self.tapes.setdefault(self.find(var), _Tape())

    def union(self, a: Atom, b: Atom) -> None:
        if not (isinstance(a, Var) and isinstance(b, Var)):
            for atom in (a, b):
                if isinstance(atom, Var) and isinstance(atom.kind, Tape):
                    self.of(atom).other = True
            return
        if not isinstance(a.kind, Tape) and not isinstance(b.kind, Tape):
            return
        one, other = self.find(a), self.find(b)
        if one is other:
            return
        kept, gone = self.of(one), self.of(other)
        kept.makers += gone.makers
        kept.pushes += gone.pushes
        kept.pops += gone.pops
        kept.other |= gone.other
        del self.tapes[other]
        self.parent[other] = one

    def block(self, block: Block, loops: Loops, counted: bool) -> None:
        for stmt in block.stmts:
            if isinstance(stmt, Op):
                self.op(stmt, loops, counted)
            elif isinstance(stmt, If):
                arms = zip(stmt.outs, stmt.then.yields, stmt.orelse.yields, strict=True)
                for out, then, orelse in arms:
                    self.union(out, then)
                    self.union(out, orelse)
                self.block(stmt.then, loops, counted)
                self.block(stmt.orelse, loops, counted)
            elif isinstance(stmt, (For, While)):
                links = zip(
                    stmt.params, stmt.inits, stmt.body.yields, stmt.outs, strict=True
                )
                for param, *others in links:
                    for other in others:
                        self.union(param, other)
                if isinstance(stmt, For):
                    self.indices.add(stmt.index.name)
                    whole = counted and stmt.body.stop is None
                    self.block(stmt.body, (*loops, stmt), whole)
                else:
                    self.block(stmt.body, loops, False)
            else:
                self.others(stmt.args)
        self.others(block.yields if not loops and block.stmts else ())

    def op(self, op: Op, loops: Loops, counted: bool) -> None:
        if op.prim == "tape":
            self.of(op.outs[0]).makers.append((op, loops))
        elif op.prim in ("push", "pop") and isinstance(op.args[0].kind, Tape):
            self.union(op.outs[0], op.args[0])
            tape = self.of(op.outs[0])
            sites = tape.pushes if op.prim == "push" else tape.pops
            sites.append((op, loops, counted))
            self.others(op.args[1:])
        else:
            self.others(op.args)

    def others(self, atoms: tuple[Atom, ...]) -> None:
        for atom in atoms:
            if isinstance(atom, Var) and isinstance(atom.kind, Tape):
                self.of(atom).other = True


@dataclass
class _Row:
    """How a tape becomes an array: its shape, and the indices of an entry."""

    loops: Loops
    mirrored: Loops
    elem: Kind

    @property
    def first(self) -> For:
        return self.loops[0]


def row_of(tape: _Tape, sums: Sums) -> _Row | None:
    """The array that would serve as well; None for one that must be a list."""
    if tape.other or not len(tape.makers) == len(tape.pushes) == len(tape.pops) == 1:
        return None
    (push, loops, counted), (_, mirrored, also) = tape.pushes[0], tape.pops[0]
    around = len(tape.makers[0][1])  # a tape of its own for each of their trips
    if loops[:around] != mirrored[:around] or loops[:around] != tape.makers[0][1]:
        return None
    loops, mirrored = loops[around:], mirrored[around:]
    if not (counted and also and loops) or len(loops) != len(mirrored):
        return None
    for one, other in zip(loops, mirrored, strict=True):
        ends = [tuple(map(sums.form, (loop.start, loop.stop))) for loop in (one, other)]
        if ends[0] != ends[1] or one.step != other.step:
            return None
        if one.backward == other.backward or length_of(one) is None:
            return None
    inside = set(definitions(loops[0].body))
    for loop in loops[1:]:
        forms = (sums.form(loop.start), sums.form(loop.stop))
        if any(sym in inside for form in forms for sym in form):
            return None
    elem = push.args[1].kind
    scalar = isinstance(elem, Scalar) and elem.dtype in DTYPES
    array = isinstance(elem, Array) and elem.dims is not None and None not in elem.dims
    return _Row(loops, mirrored, elem) if scalar or array else None


DTYPES = {"float": None, "float64": None, "int": np.int64, "int64": np.int64}
DTYPES |= {"bool": np.bool_, "float32": np.float32}


def length_of(loop: For) -> tuple[Atom, int] | None:
    """An atom and what to add to it: more than every index that the loop runs through.

    None where an index may be negative, as far as one can tell.
    """
    start, step = loop.start, loop.step
    if not isinstance(step, Lit) or not isinstance(step.value, int):
        return None
    if step.value > 0 and isinstance(start, Lit) and int(start.value) >= 0:  # type: ignore[call-overload]
        return loop.stop, 0
    stop = loop.stop
    if step.value < 0 and isinstance(stop, Lit) and int(stop.value) >= -1:  # type: ignore[call-overload]
        return start, 1
    return None


class _Rows:
    """Writes the function anew."""

    def __init__(self, tapes: _Tapes, scope: list[Var], sums: Sums) -> None:
        self.tapes = tapes
        self.scope = scope
        self.sums = sums
        self.lengths: set[Atom] = set()  # ints that are known not to be negative
        self.rows: dict[Var, _Row] = {}  # the tape -> the array
        self.renamed: dict[Var, Atom] = {}  # after a read, the array is what it was
        self.taken = tapes.indices  # names of indices
        self.made: list[Var] = []

    def row(self, var: Var) -> _Row | None:
        return self.rows.get(self.tapes.find(var))

    def block(self, block: Block) -> Block:
        mark, stmts = len(self.scope), []
        for at, stmt in enumerate(block.stmts):
            stmts += self.stmt(stmt, block.stmts[at:])
            self.scope += stmt.outs
            if isinstance(stmt, Op):
                self.note(stmt)
        del self.scope[mark:]
        return replace(block, stmts=tuple(stmts))

    def note(self, op: Op) -> None:
        """After `np.zeros(n)`, `n` is no negative number."""
        if op.prim in ("len", "size"):
            self.lengths.add(op.outs[0])
        elif op.prim in ("zeros", "empty", "ones") and len(op.args) == 1:
            self.lengths.add(op.args[0])

    def stmt(self, stmt: Stmt, rest: tuple[Stmt, ...]) -> list[Stmt]:
        if isinstance(stmt, Op):
            return self.op(stmt, rest)
        mark = len(self.scope)
        if isinstance(stmt, (For, While)):
            self.scope += stmt.params
        stmts = with_blocks(stmt, tuple(map(self.block, blocks(stmt))))
        del self.scope[mark:]
        return [stmts]

    def op(self, op: Op, rest: tuple[Stmt, ...]) -> list[Stmt]:
        if op.prim == "tape":
            return self.tape(op, rest)
        if op.prim == "push" and isinstance(op.args[0], Var):
            row = self.row(op.args[0])
            if row is not None:
                return [self.written(op, row)]
        if op.prim == "pop" and isinstance(op.args[0], Var):
            row = self.row(op.args[0])
            if row is not None:
                return self.read(op, row)
        return [op]

    def tape(self, op: Op, rest: tuple[Stmt, ...]) -> list[Stmt]:
        row = row_of(self.tapes.of(op.outs[0]), self.sums)
        if row is None:
            return [op]
        made: list[Stmt] = []
        shape = [self.length(made, loop, op) for loop in row.loops]
        lengths: list[Atom | None] = [*shape]
        if isinstance(row.elem, Array):
            lengths += [
                length_of_dim(d, self.scope, made, op.span) for d in row.elem.dims or ()
            ]
        known = [atom for atom in lengths if atom is not None]
        here = {*self.scope, *(out for stmt in made for out in stmt.outs)}
        there = all(isinstance(atom, Lit) or atom in here for atom in known)
        if len(known) < len(lengths) or not there:
            return [op]
        size = as_shape(known, made, op.span)
        dtype = DTYPES.get(getattr(row.elem, "dtype", ""))
        attrs = NO_ATTRS if dtype is None else MappingProxyType({"dtype": dtype})
        self.rows[self.tapes.find(op.outs[0])] = row
        for loops in zip(row.loops, row.mirrored, strict=True):
            if any(loop.index.name.startswith("_") for loop in loops):
                self.name(loops)
        self.made += op.outs
        return [*made, Op(op.outs, "empty", (size,), attrs, op.span)]

    def name(self, loops: tuple[For, For]) -> None:
        """An index that was not read before."""
        names = [letter for letter in "ijklmn" if letter not in self.taken]
        for loop in loops:
            if loop.index.name.startswith("_"):
                loop.index.name = names[0] if names else "i"
                self.taken.add(loop.index.name)

    def length(self, made: list[Stmt], loop: For, op: Op) -> Atom | None:
        found = length_of(loop)
        assert found is not None
        atom: Atom | None
        atom, more = found
        if more or (isinstance(atom, Var) and atom not in self.scope):
            form = plus(self.sums.form(atom), {1: more})
            atom = built(form, self.scope, made, op.span)
        if atom is None:
            return None
        if isinstance(atom, Lit):
            return Lit(max(int(atom.value), 0))  # type: ignore[call-overload]
        if atom in self.lengths or (isinstance(atom.kind, Scalar) and atom.kind.size):
            return atom
        least = Var("", INT)
        attrs = MappingProxyType({"spelling": "max"})
        made.append(Op((least,), "py_max", (atom, Lit(0)), attrs, op.span))
        return least

    def written(self, op: Op, row: _Row) -> Op:
        index = tuple(loop.index for loop in row.loops)
        path = MappingProxyType({"path": f"[{', '.join('#' * len(index))}]"})
        return Op(op.outs, "setitem", (*op.args, *index), path, op.span)

    def read(self, op: Op, row: _Row) -> list[Stmt]:
        tape, value = op.outs
        index = tuple(loop.index for loop in row.mirrored)
        path = MappingProxyType({"path": f"[{', '.join('#' * len(index))}]"})
        self.renamed[tape] = op.args[0]
        return [Op((value,), "getitem", (op.args[0], *index), path, op.span)]
