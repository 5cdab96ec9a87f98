"""Which values reach a result only through a `where`.

The adjoint of such a value is zero wherever it was not chosen, and there its own
derivative may be infinite: `where(x > 0, log(x), 0)`. Rules guard their partials for
these, since zero times infinity is not zero.
"""

from __future__ import annotations

from collections.abc import Iterable

from s2sad.ir.nodes import Atom, Block, Call, If, Op, Var
from s2sad.rules import TABLE

CHOOSERS = frozenset({"where"})
ELEMENTWISE = frozenset(
    "getitem reshape ravel transpose expand_dims squeeze broadcast_to copy "
    "astype swapaxes float".split()
)


def selected(body: Block) -> frozenset[Var]:
    """The variables of a function that a `where` chooses from, elementwise."""
    found: set[Var] = set()
    while True:
        before = len(found)
        _mark(body, found)
        if len(found) == before:
            return frozenset(found)


def _mark(block: Block, found: set[Var]) -> None:
    for stmt in reversed(block.stmts):
        if isinstance(stmt, Op):
            if stmt.prim in CHOOSERS:
                found.update(_vars(stmt.args[1:]))
            elif any(out in found for out in stmt.outs) and _elementwise(stmt):
                found.update(_vars(stmt.args))
        elif isinstance(stmt, If):
            for out, *yields in zip(
                stmt.outs, stmt.then.yields, stmt.orelse.yields, strict=True
            ):
                if out in found:
                    found.update(_vars(yields))
            _mark(stmt.then, found)
            _mark(stmt.orelse, found)
        elif not isinstance(stmt, Call):
            slots = zip(
                stmt.outs, stmt.params, stmt.body.yields, stmt.inits, strict=True
            )
            for out, param, *atoms in slots:
                if out in found or param in found:
                    found.update(_vars(atoms))
            _mark(stmt.body, found)


def _elementwise(op: Op) -> bool:
    return TABLE[op.prim].verb == "smooth" or op.prim in ELEMENTWISE


def _vars(atoms: Iterable[Atom]) -> Iterable[Var]:
    return (atom for atom in atoms if isinstance(atom, Var))
