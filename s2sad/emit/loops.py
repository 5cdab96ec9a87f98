"""The text of loop heads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2sad.ir.nodes import For, Lit

if TYPE_CHECKING:
    from s2sad.emit.statements import Writer


def header(writer: Writer, stmt: For) -> tuple[str, str, str]:
    """The head of a loop in three parts, for `laid`."""
    exprs, name_of = writer.exprs, writer.namer.of
    head = writer.nesting.heads.get(id(stmt))
    if head is not None:
        targets = ", ".join(map(name_of, head.items))
        text = ", ".join(exprs.arg(base) for base in head.bases)
        if len(head.bases) > 1:
            text = f"zip({text})"
        if stmt.backward:
            text = f"reversed({text})"
        if head.numbered:
            return (
                f"for {name_of(stmt.index)}, {targets} in ",
                f"enumerate({text})",
                ":",
            )
        return f"for {targets} in ", text, ":"
    bounds = [exprs.arg(stmt.start), exprs.arg(stmt.stop), exprs.arg(stmt.step)]
    if stmt.step == Lit(1):
        bounds.pop()
        if stmt.start == Lit(0):
            bounds.pop(0)
    text = f"range({', '.join(bounds)})"
    if not writer.nesting.counts.get(stmt.index):
        return "for _ in ", text, ":"  # either way it is as many trips
    if stmt.backward:
        text = f"reversed({text})"
    return f"for {name_of(stmt.index)} in ", text, ":"
