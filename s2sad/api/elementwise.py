"""Does each element of the result depend on one element of the argument alone?

Proved from the IR: everything that varies with the argument has its very shape, and is
computed from others of that shape by an elementwise primitive.
"""

from __future__ import annotations

from s2sad import ad
from s2sad.analysis.activity import Analyser
from s2sad.ir.kinds import Array, Kind
from s2sad.ir.nodes import Call, Op, Program, Stmt, Var
from s2sad.ir.walk import statements, stmt_uses
from s2sad.rules import TABLE

# Neither smooth nor a mixture: they pass each element on to its own place.
ELEMENTWISE = frozenset(
    "where copy neg pos abs py_abs maximum minimum clip astype zeros_like ones_like"
    " full_like stop_gradient".split()
)


def mixing_op(program: Program, wrt: ad.Wrt) -> Stmt | None:
    """The first statement that mixes elements; None if the program is elementwise."""
    entry = program.entry
    roots = {entry.params[number].var: ((),) for number, _ in wrt.places}
    shape = shape_of(next(iter(roots)).kind)
    varied = Analyser(program).varied(entry.body, roots)
    for stmt in statements(entry.body):
        if not any(out in varied for out in stmt.outs):
            continue
        if isinstance(stmt, Call) or any(
            shape_of(out.kind) != shape for out in stmt.outs
        ):
            return stmt
        if isinstance(stmt, Op):
            read = [var for var in stmt_uses(stmt) if var in varied]
            if any(shape_of(var.kind) != shape for var in read) or not _maps(stmt):
                return stmt
    (y,) = entry.results
    same = isinstance(y, Var) and shape_of(y.kind) == shape
    return None if same or not entry.body.stmts else entry.body.stmts[-1]


def _maps(op: Op) -> bool:
    return op.prim in ELEMENTWISE or TABLE[op.prim].verb == "smooth"


def shape_of(kind: Kind) -> object:
    """The shape as far as it is told; of no kind that equals another if it is open."""
    if not isinstance(kind, Array) or kind.dims is None or None in kind.dims:
        return object()
    return kind.dims
