"""Reuse: operations that write into the memory of an operand nobody reads again.

    z_bar = w * (t * (c / (1 + t)))        z_bar = 1 + t
                                           np.divide(c, z_bar, out=z_bar)
                                           z_bar *= t
                                           z_bar *= w

At `optimize=2` an elementwise operation whose result is an array of the same shape and
dtype as one of its operands takes the memory of that operand, if the function made it
itself and this is the last that is read of it: a nested part of the same expression,
which then has a line of its own, or a variable that ends here. Here is chosen what
would gain; `sharing` and `copies` then know the operation as a write, and where
anything that shares this memory is needed later, it makes a new array after all.

Only float64, where nothing of another precision is about: kinds know shapes exactly,
but a sum of adjoints may be wider than its kind says. Not arrays known to be small.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from s2sad.analysis.numbers import numbers_at_first
from s2sad.emit.nest import Nesting, expression_reads, is_choice, is_derived, is_effect
from s2sad.emit.spelling import spelling_of
from s2sad.ir.kinds import Array, Dict, Kind, List, Object, Scalar, Table, Tape, Tuple
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    For,
    Function,
    If,
    Lit,
    Op,
    Stmt,
    Var,
    While,
)
from s2sad.ir.walk import blocks, statements, with_blocks
from s2sad.rules import TABLE, BadArguments

SMALL = 1024  # elements: below, another array costs no more than the call

# Which function of NumPy writes what an operator gives.
OPERATORS = {
    "add": "np.add",
    "sub": "np.subtract",
    "mul": "np.multiply",
    "div": "np.divide",
    "neg": "np.negative",
    "pow": "np.power",
}
COMMUTE = frozenset({"add", "mul"})
ELEMENTWISE = frozenset(
    """
    add sub mul div neg pow exp exp2 expm1 log log2 log10 log1p sqrt cbrt square
    reciprocal sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh
    abs maximum minimum hypot arctan2 logaddexp
    """.split()
)
# What else gives an array of its own, whatever it is given.
NEW = frozenset(
    "matmul outer sum mean max min prod cumsum cumprod where copy zeros ones full eye "
    "zeros_like ones_like full_like eq ne lt le gt ge heaviside inv solve".split()
)
EXACT = frozenset({"float64", "float", "bool", "int", "int64", "int32"})


# Operations that may write over an operand, by id; and whether over any, or only over
# the first, if it is nested: the line then falls into two, the second in place.
Asked = dict[int, bool]


def choose(function: Function, nesting: Nesting, only: Asked | None = None) -> None:
    """Note in `nesting.reuse` what may write into which operand; give it a line."""
    makers = {out: stmt for stmt in statements(function.body) for out in stmt.outs}
    perhaps = numbers_at_first(statements(function.body))
    _Chooser(nesting, escaped(function), makers, perhaps, only).block(function.body)


def may_reuse(function: Function) -> bool:
    """Are there large arrays, and nothing but float64, whole numbers and truths?"""
    kinds = kinds_in(function)
    return any(map(is_large, kinds)) and all(map(is_exact, kinds))


def in_order_of_text(function: Function, nesting: Nesting) -> Function:
    """Each nested operation just before the statement that it is printed in.

    Where it has a line of its own, its array then lives no longer than it must.
    """
    return replace(function, body=_in_order(function.body, nesting))


def _in_order(block: Block, nesting: Nesting) -> Block:
    found: list[Stmt] = []
    waiting: dict[Atom, Stmt] = {}

    def put(stmt: Stmt) -> None:
        for atom in ordered_reads(stmt):
            if atom in waiting:
                put(waiting.pop(atom))
        inner = tuple(_in_order(each, nesting) for each in blocks(stmt))
        found.append(with_blocks(stmt, inner) if inner else stmt)

    for stmt in block.stmts:
        nested = len(stmt.outs) == 1 and stmt.outs[0] in nesting.inline
        if nested and not (isinstance(stmt, Op) and stmt.prim == "free"):
            waiting[stmt.outs[0]] = stmt
        else:
            put(stmt)
    while waiting:
        put(waiting.pop(next(iter(waiting))))
    return replace(block, stmts=tuple(found))


def kinds_in(function: Function) -> list[Kind]:
    found = [param.var.kind for param in function.params]
    for stmt in statements(function.body):
        found += [out.kind for out in stmt.outs]
        if isinstance(stmt, (For, While)):
            found += [param.kind for param in stmt.params]
    return found


def is_exact(kind: Kind) -> bool:
    """Is there nothing in it that could make a float64 wider, or come out narrower?"""
    if isinstance(kind, (Array, Scalar)):
        return kind.dtype in EXACT
    if isinstance(kind, (Tape, Table)):
        return is_exact(kind.elem)
    if isinstance(kind, List) and kind.items is None:
        return kind.elem is None or is_exact(kind.elem)
    if isinstance(kind, (Tuple, List, Dict, Object)):
        return all(map(is_exact, kind.items or ()))
    return True


# ---- what others may hold on to ------------------------------------------------------


def escaped(function: Function) -> set[Var]:
    """What is handed to something that may keep it: calls, effects, containers.

    And what may be the same memory, or holds it. A tape is followed by `sharing`.
    """
    stmts = list(statements(function.body))
    found: set[Var] = set()
    ties: dict[Var, list[Var]] = {}

    def tie(a: Atom, b: Atom) -> None:
        if isinstance(a, Var) and isinstance(b, Var):
            ties.setdefault(a, []).append(b)
            ties.setdefault(b, []).append(a)

    for stmt in stmts:
        if isinstance(stmt, Op):
            if keeps(stmt):
                found.update(atom for atom in stmt.args if isinstance(atom, Var))
            elif not makes_new(stmt):
                for out in stmt.outs:
                    for atom in stmt.args:
                        tie(out, atom)
        elif isinstance(stmt, Call):
            found.update(atom for atom in stmt.args if isinstance(atom, Var))
        elif isinstance(stmt, If):
            for arm in blocks(stmt):
                for out, atom in zip(stmt.outs, arm.yields, strict=True):
                    tie(out, atom)
        else:
            ends = zip(
                stmt.params, stmt.inits, stmt.body.yields, stmt.outs, strict=True
            )
            for param, init, end, out in ends:
                tie(param, init)
                tie(param, end)
                tie(param, out)
    todo = list(found)
    while todo:
        for other in ties.get(todo.pop(), ()):
            if other not in found:
                found.add(other)
                todo.append(other)
    return found


def keeps(op: Op) -> bool:
    """May an operand live on in what an op gives, or in what it does?"""
    if op.prim in ("setitem", "additem"):
        return not isinstance(op.args[0].kind, Array)
    if op.prim in ("push", "pop", "tape", "print"):
        return False
    if (
        op.prim in ("opaque", "append", "inserted", "taken_out")
        or op.attrs.get("effect")
        or is_effect(op)
    ):
        return True
    return op.prim in ("list", "dict", "object") or op.prim not in TABLE


def makes_new(op: Op) -> bool:
    """Is the array that it gives new for certain? A method may be anybody's."""
    if op.prim in NEW or op.prim == "einsum" and len(op.args) > 1:
        return True
    return op.prim in ELEMENTWISE and isinstance(op.outs[0].kind, Array)


# ---- what is chosen ------------------------------------------------------------------


def is_large(kind: Kind) -> bool:
    """Is it an array of float64, of known axes, that may have many elements?"""
    if not isinstance(kind, Array) or kind.dtype != "float64" or not kind.dims:
        return False
    if None in kind.dims:
        return False
    known = math.prod(dim for dim in kind.dims if isinstance(dim, int))
    return known >= SMALL or any(isinstance(dim, str) for dim in kind.dims)


def is_candidate(op: Op) -> bool:
    """Could it be written with `out=`, or as an augmented assignment?"""
    if op.prim not in ELEMENTWISE or len(op.outs) != 1 or not is_large(op.outs[0].kind):
        return False
    if is_effect(op) or not is_as_inferred(op):
        return False
    callee = spelling_of(op)
    if not callee:
        return op.prim != "pow" or isinstance(op.args[1], Lit)
    name = callee.rpartition(".")[2]
    written = {key for key in op.attrs if key not in ("spelling", "lib")}
    return not written and callee == f"np.{name}" and is_ufunc(name)


def is_ufunc(name: str) -> bool:
    return isinstance(getattr(np, name, None), np.ufunc)


def is_as_inferred(op: Op) -> bool:
    """Does its kind follow from those of its operands?"""
    if not all(isinstance(atom.kind, (Array, Scalar)) for atom in op.args):
        return False
    try:
        (kind,) = TABLE[op.prim].infer(op.args, op.attrs)
    except (BadArguments, ValueError):
        return False
    return kind == op.outs[0].kind


class _Chooser:
    def __init__(
        self,
        nesting: Nesting,
        kept: set[Var],
        makers: dict[Var, Stmt],
        perhaps: set[Var],
        only: Asked | None,
    ) -> None:
        self.nesting = nesting
        self.kept = kept
        self.makers = makers
        self.perhaps = perhaps
        self.only = only

    def block(self, block: Block) -> None:
        local = {out for stmt in block.stmts for out in stmt.outs}
        last = ends(block)
        ops = [
            (number, stmt)
            for number, stmt in enumerate(block.stmts)
            if isinstance(stmt, Op) and self.is_asked(stmt) and is_candidate(stmt)
        ]
        for number, op in ops:
            if not self.adds_up(op, number, last, local):
                self.within(op, local)
        place = self.places(block)
        read_at: dict[Var, int] = {}  # the last statement printed that reads it
        for stmt in block.stmts:
            for var in reads_of(stmt):
                read_at[var] = max(read_at.get(var, 0), place[id(stmt)])
        for number, op in ops:
            for position, atom in enumerate(op.args):
                if id(op) in self.nesting.reuse or atom in self.nesting.inline:
                    continue
                if last.get(atom) != number:
                    continue
                assert isinstance(atom, Var)
                late = read_at[atom] > place[id(op)]
                if not late and self.may_hold(op, position, local):
                    self.take(op, position)
            if id(op) not in self.nesting.reuse:
                self.within(op, local)
        for stmt in block.stmts:
            if isinstance(stmt, If) and is_choice(stmt, self.nesting.inline):
                continue
            for inner in blocks(stmt):
                if not (isinstance(stmt, While) and inner is stmt.test):
                    self.block(inner)

    def is_asked(self, op: Op) -> bool:
        return self.only is None or id(op) in self.only

    def adds_up(
        self, op: Op, number: int, last: dict[Atom, int], local: set[Var]
    ) -> bool:
        """Does it add to an adjoint that ends here, and could be added to in place?"""
        if op.prim not in ("add", "sub"):
            return False
        return any(
            atom not in self.nesting.inline
            and isinstance(atom, Var)
            and is_derived(atom.name)
            and last.get(atom) == number
            and self.may_hold(op, position, local)
            for position, atom in enumerate(op.args)
            if position == 0 or op.prim in COMMUTE
        )

    def within(self, op: Op, local: set[Var]) -> None:
        """Does it read a part of its own expression that it may write over?"""
        if self.goes_on(op):
            return
        for position, atom in enumerate(op.args):
            if atom in self.nesting.inline and self.may_hold(op, position, local):
                assert isinstance(atom, Var)
                self.split(atom)
                self.take(op, position)
                return

    def goes_on(self, op: Op) -> bool:
        """Is it the next value of a name, in the place of the last?"""
        name = op.outs[0].name
        rest = (atom for atom in op.args if isinstance(atom, Var))
        return bool(name) and any(
            atom.name == name and atom not in self.nesting.inline for atom in rest
        )

    def may_hold(self, op: Op, position: int, local: set[Var]) -> bool:
        """Is the operand an array made here, like the result, that nobody else has?"""
        atom = op.args[position]
        if not isinstance(atom, Var) or atom not in local or atom in self.kept:
            return False
        if atom in self.perhaps:
            return False
        if atom.kind != op.outs[0].kind or op.prim == "pow" and position:
            return False
        if self.only is not None and not self.only[id(op)]:
            if position or atom not in self.nesting.inline:
                return False
        return self.is_own(atom, local)

    def is_own(self, atom: Atom, local: set[Var], start: Var | None = None) -> bool:
        """Was its memory new when it was made here, or what a trip has started from?"""
        if atom is start:
            return True
        maker = self.makers.get(atom) if atom in local else None  # type: ignore
        if isinstance(maker, (For, While)):
            k = maker.outs.index(atom)  # type: ignore[arg-type]
            inside = {out for stmt in maker.body.stmts for out in stmt.outs}
            end = maker.body.yields[k]
            return self.is_own(maker.inits[k], local, start) and self.is_own(
                end, inside, maker.params[k]
            )
        if not isinstance(maker, Op):
            return False
        if maker.prim in ("setitem", "additem"):
            return self.is_own(maker.args[0], local, start)
        if not makes_new(maker):
            return False
        return maker.prim not in ELEMENTWISE or is_as_inferred(maker)

    def take(self, op: Op, position: int) -> None:
        self.nesting.reuse[id(op)] = position
        self.split(op.outs[0])

    def split(self, var: Var) -> None:
        if self.nesting.inline.pop(var, None) is not None:
            self.nesting.split.add(var)

    # ---- the order of the text -------------------------------------------------------

    def places(self, block: Block) -> dict[int, int]:
        """For each nested op of a block, at which statement it is printed."""
        found: dict[int, int] = {}
        readers: dict[Var, int] = {}
        for number in range(len(block.stmts) - 1, -1, -1):
            stmt = block.stmts[number]
            out = stmt.outs[0] if len(stmt.outs) == 1 else None
            at = number
            if out in self.nesting.inline:
                at = readers.get(out, len(block.stmts))  # type: ignore[arg-type]
            found[id(stmt)] = at
            for atom in reads_of(stmt):
                if atom in self.nesting.inline:
                    readers[atom] = at
        return found


def ends(block: Block) -> dict[Atom, int]:
    """The last statement of a block that reads a variable, or holds one that does;
    what the block hands on is read at its end.
    """
    found: dict[Atom, int] = {}
    for number, stmt in enumerate(block.stmts):
        for atom in all_reads(stmt):
            found[atom] = number
    for atom in block.yields:
        found[atom] = len(block.stmts)
    return found


def ordered_reads(stmt: Stmt) -> list[Var]:
    """What is read, each before what comes after it in the text."""
    inside = all_reads(stmt) if blocks(stmt) else set()
    first = reads_of(stmt)
    return [*first, *inside.difference(first)]


def reads_of(stmt: Stmt) -> list[Var]:
    return [atom for atom in expression_reads(stmt) if isinstance(atom, Var)]


def all_reads(stmt: Stmt) -> set[Var]:
    """What a statement reads, and what those inside it do."""
    found = set(reads_of(stmt))
    if isinstance(stmt, (For, While)):
        found |= {atom for atom in stmt.inits if isinstance(atom, Var)}
    for block in blocks(stmt):
        found |= {atom for atom in (*block.yields, block.stop) if isinstance(atom, Var)}
        for inner in block.stmts:
            found |= all_reads(inner)
    return found
