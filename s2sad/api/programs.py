"""Programs as a whole: put together, pruned, renamed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from s2sad.ir.nodes import Atom, Block, Call, Function, Op, Program, Stmt, Var
from s2sad.ir.walk import (
    blocks,
    clone,
    mapping,
    statements,
    substitute_block,
    with_blocks,
)


def open_tuple(function: Function) -> Function:
    """A function that returns one tuple as one that returns several values."""
    (result,) = function.results
    for stmt in reversed(function.body.stmts):
        if isinstance(stmt, Op) and result in stmt.outs and stmt.prim == "tuple":
            stmts = tuple(s for s in function.body.stmts if s is not stmt)
            body = replace(function.body, stmts=stmts, yields=stmt.args)
            return replace(function, body=body)
    raise AssertionError("the result is not a tuple made here")


def beside(program: Program, other: Program) -> Program:
    """One program with the functions of both; what is called the same is the same."""
    functions = dict(program.functions)
    names: dict[str, str] = {}
    for key, function in other.functions.items():
        name = key
        while name in functions and key == other.main:
            name += "_"
        names[key] = name
        functions.setdefault(name, function)
    return Program(program.main, functions)


def distinct(program: Program) -> Program:
    """The program with no two parameters of a function called the same."""
    for function in program.functions.values():
        taken: set[str] = set()
        for param in function.params:
            name, number = param.var.name, 1
            while param.var.name in taken:
                number += 1
                param.var.name = f"{name}_{number}"
            taken.add(param.var.name)
    return program


def reachable(program: Program, also: str | None = None) -> Program:
    """The program without functions that nobody calls."""
    found: dict[str, None] = {}
    waiting = [key for key in (program.main, also) if key is not None]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found[key] = None
            body = program.functions[key].body
            waiting += [s.function for s in statements(body) if isinstance(s, Call)]
    kept = {key: f for key, f in program.functions.items() if key in found}
    return Program(program.main, kept)


def unmarked(program: Program) -> Program:
    """The program without `stop_gradient`, once everything has been differentiated.

    Who reads the text that is printed needs nothing of ours.
    """
    return Program(
        program.main, {key: _unmarked(f) for key, f in program.functions.items()}
    )


def _unmarked(function: Function) -> Function:
    same: dict[Var, Atom] = {}
    for stmt in statements(function.body):
        if isinstance(stmt, Op) and stmt.prim == "stop_gradient":
            (arg,) = stmt.args
            same[stmt.outs[0]] = same.get(arg, arg) if isinstance(arg, Var) else arg
    if not same:
        return function

    def block(old: Block) -> Block:
        stmts = [s for s in old.stmts if not (s.outs and s.outs[0] in same)]
        kept = (with_blocks(s, tuple(map(block, blocks(s)))) for s in stmts)
        return replace(old, stmts=tuple(kept))

    body = substitute_block(block(function.body), mapping(same))
    return replace(function, body=body)


def renamed(function: Function, names: Mapping[str, str]) -> Function:
    """A copy whose calls go to the new names."""

    def block(old: Block) -> Block:
        return Block(tuple(map(stmt, old.stmts)), old.yields, old.stop)

    def stmt(old: Stmt) -> Stmt:
        if isinstance(old, Call):
            return replace(old, function=names.get(old.function, old.function))
        return with_blocks(old, tuple(map(block, blocks(old))))

    return clone(replace(function, body=block(function.body)))
