"""What is put on each tape: what it was made for may have become something simpler.

tape.0 = tape                    # made for NumPy's numbers
... push tape.1, x               # x is read as a Python float by now
... x = pop tape.4               # and so it is again
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from s2sad.ir.kinds import Tape
from s2sad.ir.nodes import Atom, Function, If, Op, Stmt, Var
from s2sad.ir.walk import primitives, statements


def pushed(function: Function) -> dict[Var, list[Atom]]:
    """For tapes that the function makes, as they are begun: all that comes on them.

    Not for those that may go on from one of which that is not known.
    """
    if "tape" not in primitives(function.body):
        return {}
    parents: dict[Atom, Atom] = {}

    def family(tape: Atom) -> Atom:
        while tape in parents:
            tape = parents[tape]
        return tape

    begun: list[Var] = []
    values: list[tuple[Atom, Atom]] = []
    unknown: list[Atom] = [p.var for p in function.params]
    for stmt in statements(function.body):
        for tape, other in same_tape(stmt):
            if family(tape) is not family(other):
                parents[family(tape)] = family(other)
        if isinstance(stmt, Op) and stmt.prim == "tape":
            begun.append(stmt.outs[0])
        elif isinstance(stmt, Op) and stmt.prim == "push":
            values.append((stmt.args[0], stmt.args[1]))
        elif not stmt.inner and stmt.prim != "pop":
            unknown += stmt.outs
    found: dict[Atom, list[Atom]] = {family(tape): [] for tape in begun}
    for tape, value in values:
        if family(tape) in found:
            found[family(tape)].append(value)
    for tape in unknown:
        found.pop(family(tape), None)
    return {tape: found[family(tape)] for tape in begun if found.get(family(tape))}


def same_tape(stmt: Stmt) -> Iterator[tuple[Atom, Atom]]:
    """The variables that may hold one tape after another."""
    if isinstance(stmt, Op):
        if stmt.prim in ("push", "pop"):
            yield stmt.args[0], stmt.outs[0]
        return
    ends: Iterable[tuple[Atom, ...]]
    if isinstance(stmt, If):
        ends = zip(stmt.outs, stmt.then.yields, stmt.orelse.yields)
    elif stmt.inner:
        body = stmt.inner[-1]
        ends = zip(stmt.outs, stmt.params, stmt.inits, body.yields)  # type: ignore
    else:
        return
    for first, *others in ends:
        if isinstance(first.kind, Tape):
            yield from ((first, other) for other in others if isinstance(other, Var))
