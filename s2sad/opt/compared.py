"""What is compared must be computed in one way, to the last bit.

    value = max x                     kept on a tape
    ...
    x' = add %1, %2                   x, computed again
    %3 = eq x', value                 where is the largest?

The reverse half asks which element was the largest, whether two were equal, on which
side of a step a number lay. What it computes again for that must give what the forward
half had: a formula that is written in other words rounds otherwise, no element equals
the largest any more, and the derivative of the choice is lost. So passes that change
the last digit leave alone all that a comparison comes from, through tapes and loops.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from s2sad.ir.kinds import Array, Kind, Scalar, is_float_dtype
from s2sad.ir.nodes import Atom, For, Function, If, Op, Stmt, Var, While
from s2sad.ir.walk import blocks, primitives, statements

COMPARISONS = frozenset(
    """
    eq ne lt le gt ge isclose in_ not_in sign signbit heaviside
    floor ceil trunc rint round py_round floordiv mod fmod remainder int
    argmax argmin nanargmax nanargmin argsort argpartition order_of searchsorted
    digitize bisect_left bisect_right unique
    """.split()
)


def compared(function: Function) -> set[Var]:
    """The values that something with steps is computed from."""
    if primitives(function.body).isdisjoint(COMPARISONS):
        return set()
    stmts = statements(function.body)
    todo: list[Atom] = [
        atom
        for op in stmts
        if isinstance(op, Op) and op.prim in COMPARISONS
        for atom in op.args
        if may_be_float(atom.kind)
    ]
    if not todo:
        return set()
    sources: dict[Var, Sequence[Atom]] = {}
    for stmt in stmts:
        if isinstance(stmt, Op):
            for out in stmt.outs:
                sources[out] = stmt.args
        else:
            sources.update(origins(stmt))
    found: set[Var] = set()
    while todo:
        atom = todo.pop()
        if isinstance(atom, Var) and atom not in found:
            found.add(atom)
            todo += sources.get(atom, ())
    return found


def may_be_float(kind: Kind) -> bool:
    if isinstance(kind, (Array, Scalar)):
        return kind.dtype is None or is_float_dtype(kind.dtype)
    return True


def origins(stmt: Stmt) -> Iterator[tuple[Var, Sequence[Atom]]]:
    """Of what each result of a statement, or parameter of a loop, is made."""
    if isinstance(stmt, If):
        arms = [arm.yields for arm in blocks(stmt)]
        for out, *atoms in zip(stmt.outs, *arms, strict=True):
            yield out, atoms
    elif isinstance(stmt, (For, While)):
        ends = zip(stmt.params, stmt.inits, stmt.body.yields, strict=True)
        for param, init, end in ends:
            yield param, [init, end]
        for out, param in zip(stmt.outs, stmt.params, strict=True):
            yield out, [param]
    else:
        for out in stmt.outs:
            yield out, stmt.args
