"""Which variables may be without a value: undefined, or None, on some way to them.

    a.2 = if c then: yield a.1 else: yield undef        a.2, and what is made of it
                                                        by later branches and loops

Nobody reads them on that way. Nothing that is added to a program may, either.
"""

from __future__ import annotations

from collections.abc import Iterable

from s2sad.ir.nodes import NONE, UNDEF, Atom, Block, For, If, Var, While

ABSENT = (UNDEF, NONE)


def may_be_absent(body: Block) -> set[Var]:
    """The results of branches and the values carried by loops that may be absent."""
    found: set[Var] = set()
    _walk(body, found)
    return found


def _walk(block: Block, found: set[Var]) -> None:
    for stmt in block.stmts:
        if isinstance(stmt, If):
            _walk(stmt.then, found)
            _walk(stmt.orelse, found)
            for arm in (stmt.then, stmt.orelse):
                _add(found, stmt.outs, arm.yields)
        elif isinstance(stmt, (For, While)):
            _add(found, stmt.params, stmt.inits)
            while True:
                if isinstance(stmt, While):
                    _walk(stmt.test, found)
                _walk(stmt.body, found)
                if not _add(found, stmt.params, stmt.body.yields):
                    break
            _add(found, stmt.outs, stmt.params)


def _add(found: set[Var], outs: Iterable[Var], atoms: Iterable[Atom]) -> bool:
    """Those whose value may come from an absent one; True if that is news."""
    before = len(found)
    found.update(
        out
        for out, atom in zip(outs, atoms, strict=True)
        if (atom in found if isinstance(atom, Var) else atom in ABSENT)
    )
    return len(found) > before
