"""Checking that a function is well formed; a complaint stands inside the printed
function, under its statement.

    verify(function) -> function        or InternalError

Every variable is defined once, and read only after that and in its scope. Branches and
loop bodies yield as many values as their statement has results; a path has as many
holes as operands. `undef` is yielded or carried, never read. Only the body of a loop
stops.
"""

from __future__ import annotations

from collections.abc import Iterable

from s2sad.errors import InternalError
from s2sad.ir.nodes import (
    UNDEF,
    Atom,
    Block,
    Call,
    For,
    Function,
    If,
    Op,
    Program,
    Stmt,
    Var,
)
from s2sad.ir.paths import HOLE
from s2sad.ir.printer import PATH_BASES, show
from s2sad.ir.walk import inner_params, operands


def verify(function: Function) -> Function:
    """The function itself, if it is well formed; else raise InternalError with the
    function printed.
    """
    notes = Verifier().complaints(function)
    if notes:
        first = next(iter(notes.values()))[0]
        raise InternalError(
            f"`{function.name}` is not well formed: {first}",
            show(function, notes=notes),
        )
    return function


def verify_program(program: Program) -> Program:
    """Every function of a program, and that its calls fit."""
    for function in program.functions.values():
        verifier = Verifier(program)
        notes = verifier.complaints(function)
        if notes:
            first = next(iter(notes.values()))[0]
            raise InternalError(
                f"`{function.name}` is not well formed: {first}",
                show(function, notes=notes),
            )
    return program


class Verifier:
    def __init__(self, program: Program | None = None) -> None:
        self.program = program
        self.notes: dict[int, list[str]] = {}
        self.defined: set[Var] = set()
        self.visible: set[Var] = set()

    def complaints(self, function: Function) -> dict[int, list[str]]:
        self.define((param.var for param in function.params), function)
        self.block(function.body, len(function.body.yields), loop=False)
        for atom in function.body.yields:
            if atom == UNDEF:
                self.complain(function.body, "the function returns undef")
        return self.notes

    def complain(self, place: object, text: str) -> None:
        self.notes.setdefault(id(place), []).append(text)

    def define(self, vars_: Iterable[Var], place: object) -> None:
        for var in vars_:
            if var in self.defined:
                self.complain(place, f"{called(var)} is defined a second time")
            self.defined.add(var)
            self.visible.add(var)

    def read(self, atoms: Iterable[Atom], place: object) -> None:
        for atom in atoms:
            if isinstance(atom, Var) and atom not in self.visible:
                why = (
                    "is out of scope"
                    if atom in self.defined
                    else "is not defined before"
                )
                self.complain(place, f"{called(atom)} {why}")

    def block(self, block: Block, arity: int, loop: bool) -> None:
        mine: list[Var] = []
        for stmt in block.stmts:
            self.stmt(stmt)
            mine.extend(stmt.outs)
        self.read(block.yields, block)
        if len(block.yields) != arity:
            self.complain(
                block, f"yields {len(block.yields)} values where {arity} are expected"
            )
        if block.stop is not None:
            self.read((block.stop,), block)
            if not loop:
                self.complain(block, "only the body of a loop may stop")
        self.visible.difference_update(mine)

    def stmt(self, stmt: Stmt) -> None:
        self.read(operands(stmt), stmt)
        self.undefined(stmt)
        inner = inner_params(stmt)
        self.define(inner, stmt)
        arity = len(stmt.outs)
        if isinstance(stmt, If):
            self.block(stmt.then, arity, loop=False)
            self.block(stmt.orelse, arity, loop=False)
        elif not isinstance(stmt, (Op, Call)):
            if not (len(stmt.params) == len(stmt.inits) == arity):
                sizes = (len(stmt.params), len(stmt.inits), arity)
                self.complain(
                    stmt, "the loop has {} params, {} inits, {} results".format(*sizes)
                )
            if not isinstance(stmt, For):
                self.block(stmt.test, 1, loop=False)
            self.block(stmt.body, arity, loop=True)
        elif isinstance(stmt, Call):
            self.call(stmt)
        else:
            self.op(stmt)
        self.visible.difference_update(inner)
        self.define(stmt.outs, stmt)

    def undefined(self, stmt: Stmt) -> None:
        """`undef` may start a loop, and nothing else that a statement reads."""
        reads = operands(stmt)
        if not isinstance(stmt, (Op, Call, If)):
            reads = reads[: len(reads) - len(stmt.inits)]
        if UNDEF in reads:
            self.complain(stmt, "reads undef")

    def op(self, op: Op) -> None:
        bases = PATH_BASES.get(op.prim)
        if bases is None:
            return
        path = op.attrs.get("path")
        if not isinstance(path, str):
            self.complain(op, "has no path")
        elif path.count(HOLE) != len(op.args) - bases:
            holes = path.count(HOLE)
            count = len(op.args) - bases
            self.complain(op, f"its path {path} has {holes} holes, {count} operands")

    def call(self, call: Call) -> None:
        if self.program is None:
            return
        callee = self.program.functions.get(call.function)
        if callee is None:
            self.complain(call, f"the program has no function {call.function!r}")
            return
        if len(call.args) != len(callee.params):
            self.complain(call, f"{len(callee.params)} arguments are expected")
        if len(call.outs) != len(callee.results):
            self.complain(call, f"the callee has {len(callee.results)} results")


def called(var: Var) -> str:
    return f"`{var.name}`" if var.name else "an unnamed value"
