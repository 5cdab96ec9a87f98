"""Calls that nobody can follow, in a program that is refused for something else.

Whether a call without a rule matters is found when the program is differentiated.
Where lowering has complaints, it does not come to that; so that all there is to say of
a function is said at once, the calls are told here that a varying number goes into and
whose result is computed with.
"""

from __future__ import annotations

from collections.abc import Iterable

from s2sad.errors import Diagnostic
from s2sad.ir.kinds import may_vary
from s2sad.ir.nodes import Atom, Block, Call, For, Function, If, Op, Var, While
from s2sad.ir.walk import blocks, statements
from s2sad.rules import TABLE


def unfollowed(function: Function) -> list[Diagnostic]:
    """What to say of the calls of a function that was lowered with complaints."""
    vary = varying(function)
    used = computed_with(function.body)
    found = []
    for stmt in statements(function.body):
        if not isinstance(stmt, Op) or stmt.prim != "opaque":
            continue
        told = stmt.attrs.get("refusal")
        goes_in = any(arg in vary for arg in stmt.args)
        if isinstance(told, Diagnostic) and goes_in and used & {*stmt.outs}:
            found.append(told)
    return found


def varying(function: Function) -> set[Atom]:
    """What depends on the real numbers that come in."""
    vary: set[Atom] = {p.var for p in function.params if may_vary(p.var.kind)}
    before = -1
    while before != len(vary):  # what is found goes round loops
        before = len(vary)
        for stmt in statements(function.body):
            pass_on(stmt, vary)
    return vary


def pass_on(stmt: object, vary: set[Atom]) -> None:
    if isinstance(stmt, (Op, Call)):
        known = TABLE.get(stmt.prim) if isinstance(stmt, Op) else None
        still = known is not None and known.flat and known.name != "opaque"
        if not still and any(arg in vary for arg in stmt.args):
            vary.update(stmt.outs)
    elif isinstance(stmt, If):
        for block in (stmt.then, stmt.orelse):
            meet(stmt.outs, block.yields, vary)
    elif isinstance(stmt, (For, While)):
        meet(stmt.params, stmt.inits, vary)
        meet(stmt.params, stmt.body.yields, vary)
        meet(stmt.outs, stmt.params, vary)


def meet(outs: Iterable[Var], atoms: Iterable[Atom], vary: set[Atom]) -> None:
    vary.update(out for out, atom in zip(outs, atoms) if atom in vary)


def computed_with(body: Block) -> set[Atom]:
    """What is an operand of something else than another such call, or is returned."""
    used: set[Atom] = set(body.yields)
    for stmt in statements(body):
        if isinstance(stmt, Call) or isinstance(stmt, Op) and not idle(stmt):
            used.update(stmt.args)
        for block in blocks(stmt):
            used.update(block.yields)
    return used


def idle(op: Op) -> bool:
    known = TABLE.get(op.prim)
    return op.prim == "opaque" or (known is not None and known.effect)
