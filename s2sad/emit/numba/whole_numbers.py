"""Whole numbers that may outgrow 64 bits are computed as floats.

    fact = 1                            fact = 1.0
    for k in range(1, n):               for k in range(1, n):
        fact *= k                           fact *= k

Python's whole numbers have no end. Where one goes into a real number in the end, a
float holds it but for rounding; where it is an index, or is taken apart by `//`, `%`
or bits, the program is left to Python.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

from s2sad.analysis.magnitudes import COUNTS, PLACES, TESTS, is_whole, outgrown
from s2sad.emit.numba.operations import Misfitting
from s2sad.ir.kinds import FLOAT, Tape
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    For,
    Function,
    If,
    Lit,
    Op,
    Span,
    Stmt,
    Var,
    While,
)
from s2sad.ir.walk import clone, with_blocks

ARITHMETIC = frozenset(("add", "sub", "mul", "neg", "pos", "abs", "pow", "shl"))


def without_large(function: Function) -> Function:
    """The function with such numbers as floats; a `Misfitting` where that is not it."""
    if not outgrown(function):
        return function
    function = clone(function)
    found = _Closure(function)
    for var in found.floats:
        var.kind = Tape(FLOAT) if isinstance(var.kind, Tape) else FLOAT
    return replace(function, body=_Writer(found.floats).block(function.body))


class _Closure:
    """What becomes a float, for these to be floats."""

    def __init__(self, function: Function) -> None:
        self.maker: dict[Var, Op] = {}
        self.readers: dict[Var, list[tuple[Stmt, int]]] = {}
        self.slots: dict[Var, list[list[Atom]]] = {}  # one value, handed on
        self._note(function.body)
        self.results = set(function.body.yields)
        self.floats: set[Var] = set()
        self.work = outgrown(function)
        while self.work:
            self._add(self.work.pop())

    def _note(self, block: Block) -> None:
        for stmt in block.stmts:
            for place, atom in enumerate(stmt.operands):
                if isinstance(atom, Var):
                    self.readers.setdefault(atom, []).append((stmt, place))
            if isinstance(stmt, Op):
                self.maker.update((out, stmt) for out in stmt.outs)
            elif isinstance(stmt, If):
                for slot in zip(stmt.outs, stmt.then.yields, stmt.orelse.yields):
                    self._slot(list(slot))
            elif isinstance(stmt, (For, While)):
                ends = stmt.body.yields
                for slot in zip(stmt.outs, stmt.params, stmt.inits, ends):
                    self._slot(list(slot))
            for inner in stmt.inner:
                self._note(inner)

    def _slot(self, atoms: list[Atom]) -> None:
        for atom in atoms:
            if isinstance(atom, Var):
                self.slots.setdefault(atom, []).append(atoms)

    def _add(self, var: Var) -> None:
        tape = isinstance(var.kind, Tape)
        made = self.maker.get(var)
        if var in self.floats or not (tape or is_whole(var)):
            return
        if made is not None and not tape and made.prim not in (*ARITHMETIC, "pop"):
            return  # a count: made a float where it is handed on
        if made is None and var not in self.slots:
            return
        self.floats.add(var)
        if var in self.results:
            refuse(made.span if made is not None else None)
        if made is not None and made.prim in ("push", "pop"):
            self.work += [atom for atom in made.args if isinstance(atom, Var)]
            self.work += made.outs
        for slot in self.slots.get(var, ()):
            self.work += [atom for atom in slot if isinstance(atom, Var)]
        for stmt, place in self.readers.get(var, ()):
            self._reader(stmt, place)

    def _reader(self, stmt: Stmt, place: int) -> None:
        if isinstance(stmt, (If, While)) or isinstance(stmt, For) and place > 2:
            return  # handed on, or a condition
        if not isinstance(stmt, Op):
            refuse(stmt.span)
        if stmt.prim in ("push", "pop"):
            self.work += [*stmt.outs, *(a for a in stmt.args if isinstance(a, Var))]
        elif any(map(is_whole, stmt.outs)):
            if stmt.prim not in ARITHMETIC or stmt.prim in ("pow", "shl") and place:
                refuse(stmt.span)
            self.work += stmt.outs
        elif stmt.prim in COUNTS or place >= PLACES.get(stmt.prim, 99):
            refuse(stmt.span)
        elif stmt.prim not in TESTS and stmt.prim in ("list", "tuple", "dict", "free"):
            refuse(stmt.span)


def refuse(span: Span | None) -> NoReturn:
    misfit = Misfitting("a whole number that may outgrow 64 bits")
    misfit.span = span
    raise misfit


class _Writer:
    """Operations on floats where those on whole numbers stood."""

    def __init__(self, floats: set[Var]) -> None:
        self.floats = floats

    def block(self, block: Block, outs: tuple[Var, ...] = ()) -> Block:
        stmts: list[Stmt] = []
        for stmt in block.stmts:
            self.stmt(stmt, stmts)
        yields = tuple(
            self.real(atom, stmts) if out in self.floats else atom
            for out, atom in zip(outs, block.yields)
        )
        return replace(block, stmts=tuple(stmts), yields=yields or block.yields)

    def stmt(self, stmt: Stmt, stmts: list[Stmt]) -> None:
        if isinstance(stmt, Op):
            stmts.append(self.op(stmt, stmts))
            return
        if isinstance(stmt, Call):
            stmts.append(stmt)
            return
        if isinstance(stmt, (For, While)):
            pairs = zip(stmt.params, stmt.inits)
            inits = tuple(
                self.real(init, stmts) if param in self.floats else init
                for param, init in pairs
            )
            body = self.block(stmt.body, stmt.params)
            stmt = replace(stmt, inits=inits, body=body)
            if isinstance(stmt, While):
                stmt = replace(stmt, test=self.block(stmt.test))
            stmts.append(stmt)
            return
        inner = tuple(self.block(arm, stmt.outs) for arm in stmt.inner)
        stmts.append(with_blocks(stmt, inner))

    def op(self, op: Op, stmts: list[Stmt]) -> Op:
        if op.prim == "push" and op.outs[0] in self.floats:
            return replace(op, args=(op.args[0], self.real(op.args[1], stmts)))
        if op.outs[:1] and op.outs[0] in self.floats and op.prim in ARITHMETIC:
            if any(atom.kind == FLOAT for atom in op.args):
                return op
            if op.prim == "shl":
                return self.shifted(op, stmts)
            first = self.real(op.args[0], stmts)
            return replace(op, args=(first, *op.args[1:]))
        return op

    def shifted(self, op: Op, stmts: list[Stmt]) -> Op:
        """`a << k` as `a * 2.0**k`."""
        power = Op(op.outs, "pow", (Lit(2.0), op.args[1]), {}, op.span)
        if op.args[0] == Lit(1):
            return power
        factor = Var("", FLOAT)
        stmts.append(replace(power, outs=(factor,)))
        first = self.real(op.args[0], stmts)
        return Op(op.outs, "mul", (first, factor), {}, op.span)

    def real(self, atom: Atom, stmts: list[Stmt]) -> Atom:
        if isinstance(atom, Lit):
            return Lit(float(atom.value)) if type(atom.value) is int else atom
        if not is_whole(atom):
            return atom
        made = Op((Var(atom.name, FLOAT),), "float", (atom,), {})
        stmts.append(made)
        return made.outs[0]
