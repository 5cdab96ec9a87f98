"""A program made to fit: operations Numba lacks in terms of those it has.

Each function goes through the same steps; what cannot be made to fit is a `Misfit`,
which says why and where, and the program is then printed for Python instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import s2sad.emit.numba.einsum  # noqa: F401  (which says how it is written)
from s2sad.emit.families import families
from s2sad.emit.numba.apart import is_static, leaves, taken_apart
from s2sad.emit.numba.bounds import checked
from s2sad.emit.numba.equal import with_lengths_asked
from s2sad.emit.numba.forwards import forwards
from s2sad.emit.numba.fusion import fused
from s2sad.emit.numba.given import with_arrays
from s2sad.emit.numba.lists import with_float_lists
from s2sad.emit.numba.operations import Misfitting, rewritten
from s2sad.emit.numba.quiet import without_errstate
from s2sad.emit.numba.shell import needs_shell, plain, shell_of, with_names
from s2sad.emit.numba.starts import full_starts
from s2sad.emit.numba.tapes import rows_for_tapes
from s2sad.emit.numba.whole_numbers import without_large
from s2sad.ir.kinds import Array, Scalar
from s2sad.ir.nodes import (
    Atom,
    Block,
    For,
    Function,
    If,
    Lit,
    Op,
    Program,
    Span,
    Stmt,
    Var,
)
from s2sad.ir.walk import blocks, mapping, statements, substitute_block, with_blocks


@dataclass(frozen=True)
class Misfit:
    """What Numba would not take."""

    reason: str
    span: Span | None


@dataclass
class Fitted:
    """The program, the keys of what is compiled of it, and what does not fit."""

    program: Program
    compiled: frozenset[str] = frozenset()
    misfits: list[Misfit] = field(default_factory=list)


def fitted(program: Program) -> Fitted:
    """The program as Numba takes it, or what it does not take of it."""
    fitter = _Fitter()
    main = program.main
    whole, names = with_names(program)
    functions: dict[str, Function] = {}
    for key, function in whole.functions.items():
        try:
            apart, params, result = taken_apart(without_errstate(function))
            if key != main and any(map(is_static, leaves(result))):
                raise Misfitting("a function that returns no number at a place")
        except Misfitting as misfit:
            fitter.misfits.append(Misfit(str(misfit), misfit.span))
            continue
        if key == main:
            apart, params, lists = with_arrays(apart, params)
            parts = params, result
        functions[key] = fitter.function(apart)
    if fitter.misfits:
        return Fitted(program, frozenset(), fitter.misfits)
    functions[main] = with_lengths_asked(functions[main])
    entry = whole.entry
    if not lists and not needs_shell(entry, names[main], *parts):
        kernel = replace(functions[main], params=plain(functions[main].params))
        functions[main] = kernel
        return Fitted(Program(main, functions), frozenset(functions))
    for other in functions:
        if other != main:  # what is not passed is no default of the user's
            function = functions[other]
            functions[other] = replace(function, params=plain(function.params))
    key = f"{main} kernel"
    kernel = functions.pop(main)
    shell, kernel = shell_of(entry, kernel, key, names[main], *parts, lists)
    compiled = frozenset([*functions, key])
    return Fitted(Program(main, {**functions, key: kernel, main: shell}), compiled)


class _Fitter:
    def __init__(self) -> None:
        self.misfits: list[Misfit] = []

    def function(self, function: Function) -> Function:
        try:
            refuse_other_precision(function)
            function = with_float_lists(without_large(function))
        except Misfitting as misfit:
            self.misfits.append(Misfit(str(misfit), misfit.span))
            return function
        function, tapes = rows_for_tapes(checked(function))
        function = fused(forwards(function), tapes)
        self.families = families(function)
        self.makers: dict[Var, Op] = {
            out: stmt
            for stmt in statements(function.body)
            if isinstance(stmt, Op)
            for out in stmt.outs
        }
        body = without_floats(self.block(function.body))
        function = replace(function, body=body)
        try:
            return full_starts(function)
        except Misfitting as misfit:
            self.misfits.append(Misfit(str(misfit), misfit.span))
            return function

    def block(self, block: Block) -> Block:
        stmts = [made for stmt in block.stmts for made in self.stmt(stmt)]
        return replace(block, stmts=tuple(stmts))

    def stmt(self, stmt: Stmt) -> Sequence[Stmt]:
        try:
            if isinstance(stmt, Op):
                return rewritten(stmt, self.makers, self.families)
            self.check(stmt)
        except Misfitting as misfit:
            self.misfits.append(Misfit(str(misfit), stmt.span))
            return (stmt,)
        made = with_blocks(stmt, tuple(map(self.block, blocks(stmt))))
        if isinstance(made, For) and (made.backward or gives_rows(made)):
            made = replace(made, form="range")
        return (made,)

    def check(self, stmt: Stmt) -> None:
        if isinstance(stmt, If) and stmt.form in ("with", "try"):
            raise Misfitting(f"`{stmt.form}` is not compiled")
        if isinstance(stmt, For):
            if not isinstance(stmt.step, Lit) and stmt.backward:
                raise Misfitting("a loop backwards over a range with an unknown step")


def gives_rows(loop: For) -> bool:
    """Does it go through an array of arrays?

    `X[t]` has a row that lies in one piece, which `for x in X` does not tell Numba.
    """
    return any(
        isinstance(op, Op)
        and op.prim == "getitem"
        and op.args[1:] == (loop.index,)
        and isinstance(op.outs[0].kind, Array)
        for op in loop.body.stmts
    )


def refuse_other_precision(function: Function) -> None:
    """NumPy stays in single precision where Numba goes over to double."""
    for param in function.params:
        dtype = getattr(param.var.kind, "dtype", "")
        if dtype in ("float32", "float16", "longdouble"):
            raise Misfitting(
                f"`{param.var.name}` is {dtype}: Numba computes in float64"
            )


def without_floats(block: Block) -> Block:
    """No `float(x_bar)` of ours: what is compiled knows no other real scalars."""
    table: dict[Var, Atom] = {}
    for stmt in statements(block):
        if isinstance(stmt, Op) and stmt.prim == "float" and not stmt.attrs:
            (arg,) = stmt.args
            kind = (
                getattr(arg.kind, "dtype", "") if isinstance(arg.kind, Scalar) else ""
            )
            if kind in ("float", "float64") and isinstance(arg, Var):
                table[stmt.outs[0]] = table.get(arg, arg)
    if not table:
        return block

    def without(old: Block) -> Block:
        kept = (s for s in old.stmts if not (s.outs and s.outs[0] in table))
        stmts = (with_blocks(s, tuple(map(without, blocks(s)))) for s in kept)
        return replace(old, stmts=tuple(stmts))

    return substitute_block(without(block), mapping(table))
