"""Spell what differentiation adds in the words that take the least time.

    np.sum(b_bar, axis=0)    ->    b_bar.sum(axis=0)
    np.zeros_like(x)         ->    np.zeros(x.shape)

The functions on the left are written in Python, around those on the right: 1 to 2
microseconds a call, as long as a product of a thousand numbers takes. What may be a
plain number, where kinds say array, has neither method nor shape: where the program
joins the two, all stays as it is. So does an array of unknown rank, and what was
handed over in a tuple: None stands there for a way that was not taken.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.ir.kinds import Array, Scalar, Tuple
from s2sad.ir.nodes import Block, For, If, Op, Program, Stmt, Var, While
from s2sad.ir.walk import blocks, primitives, statements, with_blocks, with_stmts
from s2sad.opt.facts import is_derived


def spell(program: Program) -> Program:
    bodies = [function.body for function in program.functions.values()]
    if all(primitives(body).isdisjoint(WORDS) for body in bodies) or is_mixed(program):
        return program
    handed = {
        stmt.outs[0]
        for body in bodies
        for stmt in statements(body)
        if isinstance(stmt, Op)
        and stmt.prim == "getitem"
        and isinstance(stmt.args[0].kind, Tuple)
    }
    functions = {
        key: replace(function, body=spelled(function.body, handed))
        for key, function in program.functions.items()
    }
    return Program(program.main, functions)


def is_mixed(program: Program) -> bool:
    """May what is known as an array be a plain number somewhere?"""
    bodies = [function.body for function in program.functions.values()]
    stmts = (stmt for body in bodies for stmt in statements(body) if stmt.inner)
    return any(map(joins_a_number, stmts))


def joins_a_number(stmt: Stmt) -> bool:
    """Does it hand on a number as what is known as an array?"""
    if isinstance(stmt, If):
        ends = [(stmt.outs, arm.yields) for arm in (stmt.then, stmt.orelse)]
    elif isinstance(stmt, (For, While)):
        ends = [(stmt.params, stmt.inits), (stmt.params, stmt.body.yields)]
    else:
        return False
    return any(
        isinstance(out.kind, Array) and isinstance(atom.kind, Scalar)
        for outs, atoms in ends
        for out, atom in zip(outs, atoms, strict=True)
    )


def spelled(block: Block, handed: set[Var]) -> Block:
    stmts = [
        word(stmt, handed)
        if isinstance(stmt, Op)
        else with_blocks(stmt, tuple(spelled(b, handed) for b in blocks(stmt)))
        for stmt in block.stmts
    ]
    return with_stmts(block, stmts)


def word(op: Op, handed: set[Var]) -> Op:
    if op.prim not in WORDS or "spelling" in op.attrs or not is_derived(op):
        return op
    x = op.args[0]
    if "lib" in op.attrs or len(op.args) != 1 or not isinstance(x, Var):
        return op
    if not isinstance(x.kind, Array) or x.kind.dims is None or x in handed:
        return op
    if op.prim == "zeros_like" and (x.kind.dtype != "float64" or op.attrs):
        return op
    return replace_attrs(op, WORDS[op.prim])


def replace_attrs(op: Op, spelling: str) -> Op:
    return Op(op.outs, op.prim, op.args, {**op.attrs, "spelling": spelling}, op.span)


WORDS = {"sum": ".sum", "zeros_like": "np.zeros"}
