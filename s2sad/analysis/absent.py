"""Which variables may be without a value: undefined, or None, on some way to them.

    a.2 = if c then: yield a.1 else: yield undef        a.2, and what is made of it
                                                        by later branches and loops

Nobody reads them on that way. Nothing that is added to a program may, either.
"""

from __future__ import annotations

from collections.abc import Iterable

from s2sad.ir.nodes import NONE, UNDEF, Atom, Block, For, If, Op, Var, While

ABSENT = (UNDEF, NONE)
HANDED = ("push", "pop", "copy")  # by tapes


def may_be_absent(body: Block, tapes: bool = False) -> set[Var]:
    """The results of branches and the values carried by loops that may be absent.

    `tapes`: the tapes that hold such values, too.
    """
    found: set[Var] = set()
    _walk(body, found, tapes)
    return found


def _walk(block: Block, found: set[Var], tapes: bool) -> None:
    for stmt in block.stmts:
        if isinstance(stmt, Op):
            if tapes and stmt.prim in HANDED and not found.isdisjoint(stmt.args):
                found.update(stmt.outs)
        elif isinstance(stmt, If):
            _walk(stmt.then, found, tapes)
            _walk(stmt.orelse, found, tapes)
            for arm in (stmt.then, stmt.orelse):
                _add(found, stmt.outs, arm.yields)
        elif isinstance(stmt, (For, While)):
            _add(found, stmt.params, stmt.inits)
            while True:
                if isinstance(stmt, While):
                    _walk(stmt.test, found, tapes)
                _walk(stmt.body, found, tapes)
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
