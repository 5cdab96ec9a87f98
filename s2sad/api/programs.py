"""Programs as a whole: put together, pruned, renamed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from s2sad.ir.nodes import Atom, Block, Call, Function, Op, Program, Stmt, Var
from s2sad.ir.printer import show
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


def beside(program: Program, other: Program) -> tuple[Program, str]:
    """One program with the functions of both, and the key in it of the other's main.

    Functions called the same are one where they read the same, and so do all that they
    call; else the other's gets another name.
    """
    functions = dict(program.functions)
    own = {
        key
        for key, function in other.functions.items()
        if key not in functions or show(functions[key]) != show(function)
    }
    before = -1
    while before != len(own):
        before = len(own)
        own |= {key for key, f in other.functions.items() if calls(f) & own}
    names: dict[str, str] = {}
    for key in other.functions:
        names[key] = key
        while key in own and names[key] in {*functions, *list(names.values())[:-1]}:
            names[key] += "_"
    for key in own:
        functions[names[key]] = renamed(other.functions[key], names)
    return Program(program.main, functions), names[other.main]


def calls(function: Function) -> set[str]:
    return {s.function for s in statements(function.body) if isinstance(s, Call)}


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
            waiting += calls(program.functions[key])
    kept = {key: f for key, f in program.functions.items() if key in found}
    return Program(program.main, kept)


def merged(program: Program, also: str | None = None) -> Program:
    """The program with one function for all that read the same."""
    functions = dict(program.functions)
    while len(functions) > 2:
        names = same_texts(functions, {program.main, also})
        if not names:
            break
        functions = {
            key: renamed(f, names) if not names.keys().isdisjoint(calls(f)) else f
            for key, f in functions.items()
            if key not in names
        }
    return Program(program.main, functions)


def same_texts(
    functions: Mapping[str, Function], kept: Collection[str | None]
) -> dict[str, str]:
    """The functions that read like an earlier one, and that one."""
    by_size: dict[int, list[str]] = {}
    for key, function in functions.items():
        if key not in kept:
            size = sum(1 for _ in statements(function.body))
            by_size.setdefault(size, []).append(key)
    names: dict[str, str] = {}
    for keys in by_size.values():
        texts: dict[str, str] = {}
        for key in keys if len(keys) > 1 else ():
            text = show(replace(functions[key], name="f"), kinds=True)
            if texts.setdefault(text, key) != key:
                names[key] = texts[text]
    return names


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
