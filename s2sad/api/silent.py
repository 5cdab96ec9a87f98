"""Programs without their effects, for what is run again only to be differentiated."""

from __future__ import annotations

from dataclasses import replace

from s2sad.ir.nodes import Block, Function, Op, Program, Stmt
from s2sad.ir.walk import blocks, statements, uses, with_blocks
from s2sad.rules import TABLE


def is_effect(stmt: Stmt) -> bool:
    if not isinstance(stmt, Op):
        return False
    known = TABLE.get(stmt.prim)
    if stmt.prim == "opaque":
        return bool(stmt.attrs.get("effect", True))
    return known is not None and known.effect


def has_effects(program: Program) -> bool:
    """Does it print, raise, draw?"""
    return any(
        is_effect(stmt)
        for function in program.functions.values()
        for stmt in statements(function.body)
    )


def can_silence(program: Program) -> bool:
    """Does nothing read what its effects return?"""
    for function in program.functions.values():
        read = set(uses(function.body))
        for stmt in statements(function.body):
            if is_effect(stmt) and not read.isdisjoint(stmt.outs):
                return False
    return True


def silenced(program: Program) -> Program:
    """The program without statements that are effects."""
    if not has_effects(program):
        return program
    functions = {key: _function(f) for key, f in program.functions.items()}
    return Program(program.main, functions)


def _function(function: Function) -> Function:
    return replace(function, body=_block(function.body))


def _block(block: Block) -> Block:
    kept = tuple(
        with_blocks(stmt, tuple(map(_block, blocks(stmt))))
        for stmt in block.stmts
        if not is_effect(stmt)
    )
    return Block(kept, block.yields, block.stop)
