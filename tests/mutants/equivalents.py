"""Mutants that compute the same as the product, and why: nobody can kill them."""

from __future__ import annotations

from tests.mutants.faults import Fault, bytes_of

TOUCHING = "stretches that touch may stay two: they are the same points"
IN_FRONT = "one axis more in front, of length 1, changes no number"
ITS_END = "the last piece ends where the array does, said or not"
TASTE = "products of powers of two are exact, how large ever"
BOTH = "it needs both, clears and additions, and looks for them itself"
SUM = "a sum of two forms is the same both ways"
NEVER_ZERO = "an order of 0 does not come here"

# (file, what the line says, the kind of fault or the fault) -> why it makes no difference
SAME: dict[tuple[str, str, str], str] = {
    ("emit/ranges.py", "many[i][0] == end + 1:", "sign"): TOUCHING,
    ("emit/ranges.py", "many[i][0] == end + 1:", "term dropped"): TOUCHING,
    ("emit/ranges.py", "many[i - 1][1] == start - 1:", "sign"): TOUCHING,
    ("emit/ranges.py", "many[i - 1][1] == start - 1:", "term dropped"): TOUCHING,
    ("analysis/overlap.py", "plus(index, size)", "operands swapped"): SUM,
    ("analysis/overlap.py", "plus(start, size)", "operands swapped"): SUM,
    ("analysis/overlap.py", "plus(stop, size)", "operands swapped"): SUM,
    ("opt/pipeline.py", 'stay: {"additem"}', "primitive"): BOTH,
    ("opt/pipeline.py", 'join: {"additem"}', "primitive"): BOTH,
    (
        "opt/hoist.py",
        "bound.difference_update(inner.outs)",
        "statement dropped",
    ): "what depends on it alone is moved in the next round",
    ("rules/more.py", "if at != rank - 1 else weights", "sign"): IN_FRONT,
    ("rules/more.py", "if at != rank - 1 else weights", "term dropped"): IN_FRONT,
    ("rules/more.py", "if at != rank - 1 else weights", "operands swapped"): IN_FRONT,
    ("rules/joining.py", "last = i == len(kinds) - 1", "sign"): ITS_END,
    ("rules/joining.py", "last = i == len(kinds) - 1", "term dropped"): ITS_END,
    ("rules/joining.py", "last = i == len(kinds) - 1", "operands swapped"): ITS_END,
    ("opt/simplify.py", "abs(p * q) < 2**31", "factor"): TASTE,
    ("opt/simplify.py", "abs(p * q) < 2**31", "factor dropped"): TASTE,
    (
        "rules/linalg.py",
        "== (rank - 2, rank - 1)",
        "1 -> 2",
    ): "two axes are never one; what is in place already may be moved there",
    ("rules/linalg.py", "if ord > 1:", "comparison"): "1 has a line of its own above",
    ("rules/linalg.py", 'extreme = "max" if ord > 0', "comparison"): NEVER_ZERO,
    ("rules/linalg.py", 'build("max" if ord > 0', "comparison"): NEVER_ZERO,
    (
        "rules/symbolic.py",
        "sp.floor(a / b), a / b > 0",
        "comparison",
    ): "where the quotient is 0, floor and ceiling are",
    (
        "rules/symbolic.py",
        "sp.floor(a / b), a / b > 0",
        "a / b -> ((a) * (b))",
    ): "the condition alone: a product has the sign of the quotient",
}


def reason(fault: Fault) -> str | None:
    line = bytes_of(fault.path).splitlines()[fault.line - 1].decode()
    file = fault.path.removeprefix("s2sad/")
    faults = fault.kind, f"{fault.before} -> {fault.after}"
    for (path, says, what), why in SAME.items():
        if path == file and what in faults and says in line:
            return why
    return None
