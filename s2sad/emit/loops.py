"""The text of loop heads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2sad.emit.spelling import SUM
from s2sad.ir.kinds import Scalar
from s2sad.ir.nodes import Atom, For, Lit, Op, Var

if TYPE_CHECKING:
    from s2sad.emit.statements import Writer


def header(writer: Writer, stmt: For) -> tuple[str, str, str]:
    """The head of a loop in three parts, for `laid`."""
    exprs, name_of = writer.exprs, writer.namer.of
    builtin = writer.scope.builtin
    head = writer.nesting.heads.get(id(stmt))

    def through(base: Var, plain: bool) -> str:
        return exprs.listed(base) if plain else exprs.arg(base)

    if head is not None:
        targets = ", ".join(map(name_of, head.items))
        text = ", ".join(map(through, head.bases, head.plain))
        if len(head.bases) > 1:
            text = f"{builtin('zip')}({text})"
        if stmt.backward:
            text = f"{builtin('reversed')}({text})"
        if head.numbered:
            return (
                f"for {name_of(stmt.index)}, {targets} in ",
                f"{builtin('enumerate')}({text})",
                ":",
            )
        return f"for {targets} in ", text, ":"
    popped = through_tape(writer, stmt)
    if popped is not None:
        tape, value = popped.args[0], popped.outs[1]
        assert isinstance(tape, Var)
        writer.plan.undone.add(id(popped))  # it is in the head
        turn = builtin("reversed")
        return f"for {name_of(value)} in ", f"{turn}({name_of(tape)})", ":"
    falls = stmt.backward and stmt.step == Lit(-1)
    if falls:  # backwards, it rises
        bounds = [moved(writer, stmt.stop, 1), moved(writer, stmt.start, 1), "1"]
    else:
        bounds = [exprs.arg(stmt.start), exprs.arg(stmt.stop), exprs.arg(stmt.step)]
    if bounds[2] == "1":
        bounds.pop()
        if bounds[0] == "0":
            bounds.pop(0)
    text = f"{builtin('range')}({', '.join(bounds)})"
    if not writer.nesting.counts.get(stmt.index):
        unread = writer.namer.unread  # either way it is as many trips
        return f"for {unread} in ", text, ":"
    if stmt.backward and not falls:
        backwards = writer.scope.dialect.backwards
        back = f"{builtin('reversed')}({text})" if backwards else ""
        text = back or turned(writer, stmt)
    return f"for {name_of(stmt.index)} in ", text, ":"


def through_tape(writer: Writer, stmt: For) -> Op | None:
    """The pop of a loop with as many trips as a tape of numbers has values.

    for _ in range(len(x_tape)):
        x = x_tape.pop()              ->      for x in reversed(x_tape):
    """
    nesting, plan = writer.nesting, writer.plan
    length = nesting.inline.get(stmt.stop) if isinstance(stmt.stop, Var) else None
    if not isinstance(length, Op) or length.prim != "len":
        return None
    roots = nesting.roots(stmt.body)
    pop = roots[0] if roots else None
    if not isinstance(pop, Op) or pop.prim != "pop" or len(pop.args) > 1:
        return None
    if nesting.counts.get(stmt.index):
        return None
    (tape,), (left, value) = pop.args, pop.outs
    whole = (stmt.start, stmt.step) == (Lit(0), Lit(1)) and tape in stmt.params
    if not whole or not isinstance(value.kind, Scalar) or value.kind.dtype == "bool":
        return None
    at = stmt.params.index(tape)  # type: ignore[arg-type]
    alone = (
        stmt.inits[at] is length.args[0]
        and stmt.body.yields[at] is left
        and not nesting.counts.get(stmt.outs[at])
        and nesting.counts.get(value)
        and nesting.counts.get(tape) == nesting.counts.get(left) == 1  # type: ignore[arg-type]
    )
    if not alone:
        return None
    names = [length.args[0], tape, left]
    one = all(writer.classes.same(tape, each) for each in names)  # type: ignore[arg-type]
    copied = plan.copied_base(pop) is not None or plan.copied(pop, 0) is not None
    return pop if one and not copied else None


def turned(writer: Writer, stmt: For) -> str:
    """The range from its far end: `range(n - 1, -1, -1)` for `reversed(range(n))`."""
    by = stmt.step.value if isinstance(stmt.step, Lit) else None
    assert isinstance(by, int), "a program for this target has no such loop"
    towards = 1 if by > 0 else -1
    stop = moved(writer, stmt.start, -towards)
    callee = writer.scope.builtin("range")
    if abs(by) == 1:
        return f"{callee}({moved(writer, stmt.stop, -towards)}, {stop}, {-by})"
    start = writer.exprs.atom(stmt.start)
    plain = stmt.start == Lit(0)
    far = writer.exprs.atom(stmt.stop).within(SUM)
    span = far if plain else f"{far} - {start.within(SUM + 1)}"
    steps = (
        f"({span} - {towards}) // {by} * {by}"
        if by > 0
        else (f"({span} + 1) // ({by}) * ({by})")
    )
    first = steps if plain else f"{start.within(SUM)} + {steps}"
    return f"{callee}({first}, {stop}, {-by})"


def moved(writer: Writer, atom: Atom, by: int) -> str:
    """An int more, or less, by a constant: `n - 1`; of `i + 1`, just `i`."""
    if isinstance(atom, Lit):
        assert isinstance(atom.value, int)
        return str(atom.value + by)
    inner = writer.nesting.inline.get(atom) if isinstance(atom, Var) else None
    if isinstance(inner, Op) and inner.prim in ("add", "sub"):
        last = inner.args[1]
        if isinstance(last, Lit) and type(last.value) is int:
            by += last.value if inner.prim == "add" else -last.value
            atom = inner.args[0]
            if isinstance(atom, Lit) and type(atom.value) is int:
                return str(atom.value + by)
    piece = writer.exprs.atom(atom)
    if by == 0:
        return piece.text
    return f"{piece.within(SUM)} {'+' if by > 0 else '-'} {abs(by)}"
