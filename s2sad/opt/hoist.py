"""Compute arrays that do not change in a loop before it.

    for i in range n with ...:             %1 = mul 2, A
        %1 = mul 2, A               ->     for i in range n with ...:
        y.2 = matmul %1, y.1                   y.2 = matmul %1, y.1

Only what differentiation wrote, for the user's statements stay where they are, and the
row of elements of which `x.flat[i]` reads one: its adjoint is then one for all trips.
Only operations that never raise, for the loop may make no trip: of names that every way
to the loop assigns, and lengths that only a trip would need to be equal may be others.
And only arrays: a number is computed again in the time that a name takes to read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from s2sad.analysis.absent import may_be_absent
from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Block, Call, For, Function, If, Op, Stmt, Var, While
from s2sad.ir.walk import definitions, inner_params, with_blocks
from s2sad.opt.facts import is_derived, is_straight

SAFE = frozenset("add sub mul neg transpose".split())


def hoist(function: Function) -> Function:
    if is_straight(function):
        return function
    absent = may_be_absent(function.body)
    body = without_invariants(function.body, absent)
    return function if body is function.body else replace(function, body=body)


def without_invariants(block: Block, absent: Collection[Var]) -> Block:
    """The block with what its loops need not repeat before them."""
    stmts: list[Stmt] = []
    for stmt in block.stmts:
        stmts.extend(lifted(stmt, absent))
    unchanged = len(stmts) == len(block.stmts) and all(map(is_, stmts, block.stmts))
    return block if unchanged else Block(tuple(stmts), block.yields, block.stop)


def is_(a: object, b: object) -> bool:
    return a is b


def lifted(stmt: Stmt, absent: Collection[Var]) -> list[Stmt]:
    """What comes before the statement, and the statement."""
    if isinstance(stmt, (Op, Call)):
        return [stmt]
    if isinstance(stmt, If):
        then = without_invariants(stmt.then, absent)
        orelse = without_invariants(stmt.orelse, absent)
        same = then is stmt.then and orelse is stmt.orelse
        return [stmt if same else with_blocks(stmt, (then, orelse))]
    body = without_invariants(stmt.body, absent)
    bound: set[Var] = {*inner_params(stmt), *definitions(body)}
    if isinstance(stmt, While):
        bound.update(definitions(stmt.test))
    before: list[Stmt] = []
    inside: list[Stmt] = []
    for inner in body.stmts:
        if isinstance(inner, Op) and is_invariant(inner, bound, absent):
            before.append(inner)
            bound.difference_update(inner.outs)
        else:
            inside.append(inner)
    if before:
        body = Block(tuple(inside), body.yields, body.stop)
    if body is stmt.body:
        return [stmt]
    new = (body,) if isinstance(stmt, For) else (stmt.test, body)
    return [*before, with_blocks(stmt, new)]


def is_invariant(op: Op, bound: set[Var], absent: Collection[Var]) -> bool:
    row = op.prim == "ravel" and len(op.args) == 1 and not op.outs[0].name
    return (
        (row or op.prim in SAFE and is_derived(op))
        and isinstance(op.outs[0].kind, Array)
        and fits(op)
        and not any(arg in bound or arg in absent for arg in op.args)
    )


def fits(op: Op) -> bool:
    """Are its operands known to broadcast?"""
    shapes = [arg.kind.dims for arg in op.args if isinstance(arg.kind, Array)]
    if len(shapes) < 2:
        return True
    if any(dims is None for dims in shapes):
        return False
    for axis in zip(*(reversed(dims) for dims in shapes if dims is not None)):
        long = [dim for dim in axis if dim != 1]
        if None in long or len(set(long)) > 1:
            return False
    return True
