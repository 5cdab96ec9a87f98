"""Mutants that compute the same as the product, and why: nobody can kill them."""

from __future__ import annotations

from tests.mutants.faults import Fault, bytes_of

TOUCHING = "stretches that touch may stay two: they are the same points"
IN_FRONT = "one axis more in front, of length 1, changes no number"
ITS_END = "the last piece ends where the array does, said or not"
TASTE = "products of powers of two are exact, how large ever"
BOTH = "it needs both, clears and additions, and looks for them itself"
SUM = "a sum of two forms is the same both ways"
UNITS = "the determinant of an orthogonal matrix is 1 or -1"
OPERATOR = "what is not in the table is computed by the same operator"
SQUARED = "both factors of a product change their sign"
DISTANCE = "the further it steps, the more digits: these are enough"
BEYOND = "axes that are more than there are, are none"
PICKED = "which of them is the largest, not how large it is"
ANOTHER = "any other number makes another name, and none of them is printed"
SIGN = "a quotient has the sign of the product, and no step is 0"
LATER = "what waits is found a moment later, and then there are too many"
EITHER_WAY = "two places that differ do so either way"
ALL_THE_WAY = "a way that ends at an entry takes as many indices as it has steps"
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
    ("ad/vjp.py", 'f"{base}_{number}", number + 1', "sign"): ANOTHER,
    ("ad/vjp.py", 'f"{base}_{number}", number + 1', "1 -> 2"): ANOTHER,
    ("ad/reverse.py", "(stop - start) * step <= 0", "factor"): SIGN,
    ("opt/regroup.py", "known - known != 0", "operands swapped"): "both are one",
    ("opt/regroup.py", "len(found) + len(todo) > TERMS", "sign"): LATER,
    ("opt/regroup.py", "len(found) + len(todo) > TERMS", "term dropped"): LATER,
    ("opt/rows.py", "all(apart(write, other)", "operands swapped"): EITHER_WAY,
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
    (
        "ad/adjoints.py",
        "tuple(index[: len(index) - len(left)])",
        "len(index) - len(left) -> (len(index))",
    ): ALL_THE_WAY,
    (
        "ad/adjoints.py",
        "tuple(index[: len(index) - len(left)])",
        "len(index) - len(left) -> ((len(index)) + (len(left)))",
    ): ALL_THE_WAY,
    ("opt/simplify.py", "abs(p * q) < 2**31", "factor"): TASTE,
    ("opt/simplify.py", "abs(p * q) < 2**31", "factor dropped"): TASTE,
    ("rules/symbolic.py", '"neg": operator.neg,', "primitive"): OPERATOR,
    ("rules/symbolic.py", '"add": operator.add,', "primitive"): OPERATOR,
    ("rules/helpers.py", "np.linalg.det(u) * np.linalg.det(vt)", "factor"): UNITS,
    ("rules/helpers.py", "while x < 16 + n:", "sign"): DISTANCE,
    ("rules/helpers.py", "while x < 16 + n:", "term dropped"): DISTANCE,
    ("rules/helpers.py", "while x < 16 + n:", "number"): DISTANCE,
    ("rules/statistics.py", "centred = m - mean(m)", "operands swapped"): SQUARED,
    (
        "rules/statistics.py",
        "x = x - mean(x, axis=1, keepdims=True)",
        "operands swapped",
    ): SQUARED,
    (
        "rules/factorisations.py",
        "(across(w) - column(w) + one)",
        "across(w) - column(w) + one -> ((across(w) - column(w)) - (one))",
    ): "0 by 1 or -1 on the diagonal; elsewhere nothing is added",
    (
        "rules/curves.py",
        'build("setitem", zeros, y_bar, start, stop',
        "primitive",
    ): "into zeros it is the same",
    ("rules/curves.py", "abs(m - n) + 1", "m - n -> ((n) - (m))"): "of either sign",
    ("rules/curves.py", "tuple(range(1, 2 * rank, 2))", "2 -> 3"): BEYOND,
    ("rules/curves.py", "tuple(range(0, 2 * rank, 2))", "2 -> 3"): BEYOND,
    (
        "rules/parting.py",
        "min(rank - 1, 1)",
        "operands swapped",
    ): "the same axis, counted from the end",
    ("rules/more.py", "matmul(result, a)", "operands swapped"): "powers commute",
    ("rules/more.py", "else a + 0.0", "sign"): "a copy",
    ("rules/more.py", "else a + 0.0", "number"): "its slopes are all that is taken",
    (
        "rules/arithmetic.py",
        "-rint((a - y) / b)",
        "a - y -> (a)",
    ): "for `remainder`, which is nearest 0, it rounds to the same",
    ("rules/linalg.py", 'sums = build("sum"', "primitive"): PICKED,
    (
        "rules/symbolic.py",
        "sp.Abs(a) * sp.sign(b)",
        "factor",
    ): "a sign is 1 or -1 where proofs look",
    (
        "rules/updates.py",
        "return add_items(old, value)",
        "operands swapped",
    ): "sums commute, and None is nothing on either side",
    ("rules/helpers.py", "add_items(a, b)", "operands swapped"): "sums commute",
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
