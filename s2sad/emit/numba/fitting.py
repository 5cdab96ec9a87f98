"""A program made to fit: operations Numba lacks in terms of those it has.

Each function goes through the same steps; what cannot be made to fit is a `Misfit`,
which says why and where, and the program is then printed for Python instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from s2sad.emit.numba.operations import Misfitting, rewritten
from s2sad.emit.numba.shell import shelled
from s2sad.emit.numba.starts import full_starts
from s2sad.emit.numba.tapes import rows_for_tapes
from s2sad.ir.nodes import (
    Block,
    For,
    Function,
    If,
    Lit,
    Op,
    Program,
    Span,
    Stmt,
)
from s2sad.ir.walk import blocks, with_blocks


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
    functions = {
        key: fitter.function(function) for key, function in program.functions.items()
    }
    if fitter.misfits:
        return Fitted(program, frozenset(), fitter.misfits)
    whole, compiled = shelled(Program(program.main, functions))
    return Fitted(whole, compiled)


class _Fitter:
    def __init__(self) -> None:
        self.misfits: list[Misfit] = []

    def function(self, function: Function) -> Function:
        function = replace(function, body=self.block(function.body))
        return full_starts(rows_for_tapes(function))

    def block(self, block: Block) -> Block:
        stmts = [made for stmt in block.stmts for made in self.stmt(stmt)]
        return replace(block, stmts=tuple(stmts))

    def stmt(self, stmt: Stmt) -> Sequence[Stmt]:
        try:
            if isinstance(stmt, Op):
                return rewritten(stmt)
            self.check(stmt)
        except Misfitting as misfit:
            self.misfits.append(Misfit(str(misfit), stmt.span))
            return (stmt,)
        made = with_blocks(stmt, tuple(map(self.block, blocks(stmt))))
        if isinstance(made, For) and made.backward:
            made = replace(made, form="range")
        return (made,)

    def check(self, stmt: Stmt) -> None:
        if isinstance(stmt, If) and stmt.form in ("with", "try"):
            raise Misfitting(f"`{stmt.form}` is not compiled")
        if isinstance(stmt, For):
            if not isinstance(stmt.step, Lit) and stmt.backward:
                raise Misfitting("a loop backwards over a range with an unknown step")
