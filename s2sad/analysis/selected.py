"""Which values reach a result only through a `where`.

The adjoint of such a value is zero wherever it was not chosen, and there its own
derivative may be infinite: `where(x > 0, log(x), 0)`. Rules guard their partials for
these, since zero times infinity is not zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from s2sad.ir.kinds import Array, Kind, is_not_one
from s2sad.ir.nodes import Atom, Block, Call, If, Op, Var
from s2sad.ir.walk import blocks, uses
from s2sad.rules import TABLE

Mask = tuple[Var, bool]  # chosen where the condition is true, or where it is not
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


def masks(body: Block) -> dict[Var, Mask]:
    """The condition of the `where` that is all that a variable is computed for.

    Where a value has other readers, or another shape, there is no one condition.
    """
    counts = Counter(uses(body))
    found: dict[Var, Mask] = {}
    for block in all_blocks(body):
        here = {out for stmt in block.stmts for out in stmt.outs}
        for op in reversed(block.stmts):
            if not isinstance(op, Op):
                continue
            pairs: list[tuple[Atom, Mask]] = []
            if op.prim in CHOOSERS and isinstance(op.args[0], Var):
                pairs = [
                    (arg, (op.args[0], k == 0)) for k, arg in enumerate(op.args[1:])
                ]
            elif op.outs and op.outs[0] in found and TABLE[op.prim].verb == "smooth":
                pairs = [(arg, found[op.outs[0]]) for arg in op.args]
            for arg, mask in pairs:
                if arg in here and counts[arg] == 1 and alike(arg.kind, mask[0].kind):  # type: ignore[index]
                    found[arg] = mask  # type: ignore[index]
    return found


def all_blocks(body: Block) -> Iterator[Block]:
    yield body
    for stmt in body.stmts:
        for block in blocks(stmt):
            yield from all_blocks(block)


def alike(a: Kind, b: Kind) -> bool:
    """Arrays that have the same shape, if they fit together at all?"""
    if not (isinstance(a, Array) and isinstance(b, Array)):
        return False
    if a.dims is None or b.dims is None or len(a.dims) != len(b.dims):
        return False
    return all(
        (x == y and x is not None) or (is_not_one(x) and is_not_one(y))
        for x, y in zip(a.dims, b.dims, strict=True)
    )


def _elementwise(op: Op) -> bool:
    return TABLE[op.prim].verb == "smooth" or op.prim in ELEMENTWISE


def _vars(atoms: Iterable[Atom]) -> Iterable[Var]:
    return (atom for atom in atoms if isinstance(atom, Var))
