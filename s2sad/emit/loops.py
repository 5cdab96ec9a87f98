"""Loop heads: `for x in xs`, `enumerate`, `zip` and `range` as the user wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.ir.nodes import For, Lit, Stmt, While

if TYPE_CHECKING:
    from s2sad.emit.statements import Writer


def header(writer: Writer, stmt: For) -> tuple[str, str, str]:
    """The head of a loop in three parts, for `laid`."""
    exprs = writer.exprs
    bounds = [exprs.arg(stmt.start), exprs.arg(stmt.stop), exprs.arg(stmt.step)]
    if stmt.step == Lit(1):
        bounds.pop()
        if stmt.start == Lit(0):
            bounds.pop(0)
    text = f"range({', '.join(bounds)})"
    if stmt.backward:
        text = f"reversed({text})"
    index = writer.namer.of(stmt.index) if writer.nesting.counts.get(stmt.index) else "_"
    return f"for {index} in ", text, ":"


def body_roots(writer: Writer, stmt: For | While) -> Sequence[Stmt]:
    """The statements of the body that are printed before its end is."""
    roots = writer.nesting.roots(stmt.body)
    if stmt.body.stop in writer.plan.flags:
        return roots[:-1]
    return roots
