"""Count the trips of loops that the reverse half can't count by itself.

    while test: ...            ->     while test with trips = 0: ... yield trips + 1
    for i in range n: ... stop ->     the same

The counter is the last carried value. Where nobody reads it, dead code elimination
takes it away again.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.ir.build import Builder
from s2sad.ir.kinds import INT
from s2sad.ir.nodes import Block, For, If, Lit, Stmt, Var, While
from s2sad.ir.walk import with_blocks, with_stmts


def count_trips(block: Block) -> Block:
    """Every loop that can end early gains a counter as its last carried value."""
    return with_stmts(block, list(map(count_stmt, block.stmts)))


def count_stmt(stmt: Stmt) -> Stmt:
    if not stmt.inner:
        return stmt
    stmt = with_blocks(stmt, tuple(map(count_trips, stmt.inner)))
    early = isinstance(stmt, For) and stmt.body.stop is not None
    if not (early or isinstance(stmt, While)):
        return stmt
    assert not isinstance(stmt, If) and isinstance(stmt, (For, While))
    count = Var("trips", INT)
    b = Builder(stmt.span)
    new = b.op("add", (count, Lit(1)), INT, "trips")
    body = replace(
        stmt.body,
        stmts=(*stmt.body.stmts, *b.stmts),
        yields=(*stmt.body.yields, new),
    )
    return replace(
        stmt,
        outs=(*stmt.outs, Var("trips", INT)),
        params=(*stmt.params, count),
        inits=(*stmt.inits, Lit(0)),
        body=body,
    )
