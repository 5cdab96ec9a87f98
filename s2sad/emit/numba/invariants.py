"""What a loop carries and never changes is read from outside instead."""

from __future__ import annotations

from dataclasses import replace

from s2sad.ir.nodes import Atom, Block, For, Function, Stmt, Var, While
from s2sad.ir.walk import blocks, substitute, with_blocks


def without_invariants(function: Function) -> Function:
    table: dict[Var, Atom] = {}
    return replace(function, body=_block(function.body, table))


def _block(block: Block, table: dict[Var, Atom]) -> Block:
    def get(atom: Atom) -> Atom:
        while isinstance(atom, Var) and atom in table:
            atom = table[atom]
        return atom

    stmts = []
    for stmt in block.stmts:
        stmt = _stmt(substitute(stmt, get), table)
        stmts.append(stmt)
    stop = None if block.stop is None else get(block.stop)
    return Block(tuple(stmts), tuple(map(get, block.yields)), stop)


def _stmt(stmt: Stmt, table: dict[Var, Atom]) -> Stmt:
    stmt = with_blocks(stmt, tuple(_block(inner, table) for inner in blocks(stmt)))
    if not isinstance(stmt, (For, While)):
        return stmt
    kept = []
    for k, (param, end) in enumerate(zip(stmt.params, stmt.body.yields, strict=True)):
        if end is param:
            table[param] = stmt.inits[k]
            table[stmt.outs[k]] = stmt.inits[k]
        else:
            kept.append(k)
    if len(kept) == len(stmt.params):
        return stmt
    body = replace(stmt.body, yields=tuple(stmt.body.yields[k] for k in kept))
    stmt = replace(
        stmt,
        outs=tuple(stmt.outs[k] for k in kept),
        params=tuple(stmt.params[k] for k in kept),
        inits=tuple(stmt.inits[k] for k in kept),
        body=body,
    )
    return with_blocks(stmt, tuple(_block(inner, table) for inner in blocks(stmt)))
