"""Less memory at the default level, where the most is in use, and there alone.

    R_bar = c * R                        R_bar = c * R
                                         del R
    t = (1 - H * H) * H_bar       ->     t = np.multiply(H, H, out=H)
                                         np.subtract(1, t, out=t)
                                         t *= H_bar

The default level names what it computes, and leaves arrays to end with their names.
Where `optimize=2` would need much less memory than that, what is dead is deleted
(`free`); and if that is not enough, what differentiation adds is written as it is there
(`reuse`) in the statements in which the peak is reached, and a line of the user's falls
into two at its last operation (`D = X - m`, `D *= s`). Only for reverse halves, which
arrays are held for, and only where there are matrices: vectors are small beside them,
and the short text is worth more.
"""

from __future__ import annotations

from s2sad.emit.free import FURTHER, LENGTH, WORTH, Usage, goes_back, size_of, usage
from s2sad.emit.lift import lift
from s2sad.emit.nest import Nesting
from s2sad.emit.plan import Plan, planned
from s2sad.emit.reuse import Asked, may_reuse
from s2sad.ir.nodes import Function, Op, Stmt
from s2sad.ir.walk import blocks
from s2sad.opt.facts import is_derived

LARGE = LENGTH * FURTHER  # numbers: of matrices
GAIN = 0.15  # of the peak: less is not worth other lines
NEAR = 1.05  # times what could be reached: as good as that
ROUNDS = 4


def at_the_peak(function: Function, fresh_results: bool) -> Plan:
    """The plan of a prepared function for the default level."""
    plain = planned(function, fresh_results)
    lift(plain)
    now = usage(plain, few=True)
    plain.freed = now.deleted
    if now.largest < LARGE or not goes_back(function) or not may_reuse(function):
        return plain
    enough = (1 - GAIN) * now.peak
    if now.least > enough:
        return plain
    least = peak_of(planned(function, fresh_results, None))
    if least > enough:
        return plain
    found = [written_over(plain, function, fresh_results, NEAR * least)]
    if least > enough / NEAR:  # perhaps fewer lines do
        found.insert(0, written_over(plain, function, fresh_results, enough))
    for made, used in found:
        if used.peak <= max(enough, NEAR * least):
            made.freed = used.deleted
            return made
    return plain


def peak_of(plan: Plan) -> int:
    lift(plan)
    return usage(plan).peak


def written_over(
    plain: Plan, function: Function, fresh_results: bool, limit: float
) -> tuple[Plan, Usage]:
    """A plan whose peak is below a limit, if that can be had, with what is deleted."""
    made, now = plain, usage(plain)
    asked: Asked = {}
    for _ in range(ROUNDS):
        more = dearest(made, now, limit)
        if more.keys() <= asked.keys():
            break
        asked.update(more)
        made = planned(function, fresh_results, asked)
        lift(made)
        now = usage(made)
    return made, usage(made, halves=True)


def dearest(plan: Plan, used: Usage, limit: float) -> Asked:
    """The large operations of the statements in which more than this is in use."""
    found: Asked = {}
    todo = [plan.function.body]
    while todo:
        block = todo.pop()
        for root in plan.nesting.roots(block):
            todo += blocks(root)
            at = plan.ranges.at.get(id(root))
            if at is not None and used.at.get(at, 0) > limit:
                for op in parts(root, plan.nesting):
                    if size_of(op.outs[0].kind, used.short) > WORTH * limit:
                        found[id(op)] = is_derived(root)
    return found


def parts(root: Stmt, nesting: Nesting) -> list[Op]:
    """An operation and, if it is not the user's, those nested in it."""
    found: list[Op] = []
    todo: list[Stmt | None] = [root]
    while todo:
        stmt = todo.pop()
        if isinstance(stmt, Op) and stmt.outs:
            found.append(stmt)
            if is_derived(root):
                todo += [nesting.inline.get(atom) for atom in stmt.args]  # type: ignore
    return found
