"""Jumps: flags of the IR that are printed as `break`, `continue` and `return`.

    x.2, f = if c:               if c:
        yield x.1, True              break
    else:                        x = 2.0 * x
        %1 = mul 2.0, x.1
        yield %1, False
    yield x.2 stop f

A flag whose only purpose is to end its loop needs no variable, and an `If` whose results
are only returned needs none for them: `return` stands in each branch.
"""

from __future__ import annotations

import re
from functools import lru_cache

from s2sad.ir.nodes import (
    Atom,
    Block,
    For,
    Function,
    If,
    Lit,
    SourceText,
    Span,
    Stmt,
    Var,
    While,
)
from s2sad.ir.walk import blocks, statements


def flags(function: Function, counts: dict[Var, int]) -> set[Var]:
    """The variables that only tell whether a loop ends."""
    found: set[Var] = set()
    todo = [function.body]
    while todo:
        block = todo.pop()
        for stmt in block.stmts:
            todo.extend(blocks(stmt))
            if isinstance(stmt, (For, While)):
                _follow(stmt.body, stmt.body.stop, counts, found)
    return found


def _follow(block: Block, stop: Atom | None, counts: dict[Var, int], found: set[Var]) -> None:
    while isinstance(stop, Var) and counts.get(stop) == 1 and block.stmts:
        last = block.stmts[-1]
        if not isinstance(last, If) or stop not in last.outs:
            return
        found.add(stop)
        k = last.outs.index(stop)
        _follow(last.then, last.then.yields[k], counts, found)
        block, stop = last.orelse, last.orelse.yields[k]


def returning(function: Function, counts: dict[Var, int]) -> set[int]:
    """Ids of the `If`s whose branches end with `return`."""
    found: set[int] = set()
    todo = [(function.body, function.body.yields)]
    while todo:
        block, results = todo.pop()
        last = block.stmts[-1] if block.stmts else None
        if not isinstance(last, If) or last.form != "if":
            continue
        mine = [atom for atom in results if isinstance(atom, Var) and atom in last.outs]
        if not mine or any(counts.get(var) != 1 for var in mine):
            continue
        if any(counts.get(var, 0) for var in last.outs if var not in mine):
            continue
        if any(var.name for var in mine) and not mentions(last, "return"):
            continue
        found.add(id(last))
        for branch in (last.then, last.orelse):
            todo.append((branch, pushed(last, branch, results)))
    return found


def pushed(stmt: If, branch: Block, atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
    """What atoms read after an `If` are at the end of one of its branches."""
    table = dict(zip(stmt.outs, branch.yields, strict=True))
    return tuple(table.get(a, a) if isinstance(a, Var) else a for a in atoms)


def mentions(stmt: Stmt, word: str) -> bool:
    """Does the user's text of a statement contain a word, as far as it is known?"""
    return any(word in line.split("#")[0].split() for line in source_lines(stmt))


def source_lines(stmt: Stmt) -> list[str]:
    """The user's lines that a statement and those inside it stand on."""
    span = stmt.span
    if not isinstance(span, Span):
        return []
    last = max(span.line, span.end_line)
    for block in blocks(stmt):
        for inner in statements(block):
            if inner.span is not None and inner.span.source is span.source:
                last = max(last, inner.span.line, inner.span.end_line)
    return [span.source.line(n) for n in range(span.line, last + 1)]


@lru_cache(maxsize=64)
def words_of(source: SourceText) -> frozenset[str]:
    """Every word of the user's text."""
    return frozenset(re.findall(r"[^\W\d]\w*", source.text))


def is_true(atom: Atom | None) -> bool:
    return atom == Lit(True)


def is_false(atom: Atom | None) -> bool:
    return atom is None or atom == Lit(False)
