"""Loops that are one expression: what the user wrote as a comprehension.

    e = []                             e = [math.exp(v - m) for v in y]
    for v in y:                  ->
        e.append(math.exp(v - m))

    total = 0                          total = sum(w * v for w, v in zip(row, x))
    for w, v in zip(row, x):
        total += w * v

Where such a loop keeps something for the reverse half, or its expression is too wide
for a line, it stays a loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.emit import loops
from s2sad.emit.layout import CLOSE, pad
from s2sad.emit.lines import room
from s2sad.emit.nest import is_effect
from s2sad.emit.spelling import CHOICE, PRODUCT
from s2sad.ir.nodes import For, Lit, Op, Stmt, Var
from s2sad.ir.walk import definitions

if TYPE_CHECKING:
    from s2sad.emit.statements import Writer


def begun_by(writer: Writer, stmts: Sequence[Stmt]) -> dict[int, For]:
    """The empty lists (by id) that such loops begin with, and are written with."""
    made = {s.outs[0]: s for s in stmts if isinstance(s, Op) and is_empty(s)}
    found: dict[int, For] = {}
    for stmt in stmts:
        if isinstance(stmt, For) and stmt.form == "comp":
            for init in stmt.inits:
                if init in made and writer.nesting.counts.get(init) == 1:  # type: ignore[arg-type]
                    found[id(made[init])] = stmt  # type: ignore[index]
    return found


def is_empty(op: Op) -> bool:
    return op.prim == "list" and not op.args


def is_idle(writer: Writer, stmt: Stmt) -> bool:
    """Was it read by the head of a loop alone, which says it otherwise?"""
    if not isinstance(stmt, Op) or is_effect(stmt):
        return False
    return not any(map(writer.nesting.counts.get, stmt.outs))


def comprehension(writer: Writer, stmt: For, begins: bool) -> str | None:
    """The loop as an expression, if it is one.

    `begins`: does a list begin with it, or does it go on with one?
    """
    if not writer.scope.dialect.comprehensions or stmt.form != "comp":
        return None
    if len(stmt.params) != 1 or stmt.body.stop is not None or stmt.backward:
        return None
    nesting, plan = writer.nesting, writer.plan
    roots = nesting.roots(stmt.body)
    begun = begun_by(writer, roots)
    roots = [s for s in roots if id(s) not in begun and not is_idle(writer, s)]
    if not roots or not isinstance(last := roots[-1], Op) or plan.lifts.get(id(stmt)):
        return None
    (param,) = stmt.params
    alone = nesting.counts.get(param) == 1 == nesting.counts.get(last.outs[0])
    if not alone or last.args[0] is not param or stmt.body.yields != last.outs:
        return None
    if plan.copied_base(last) is not None or frees_own(writer, stmt, last):
        return None
    if any(
        why is not None for *_, why in (*plan.start_moves(stmt), *plan.body_moves(stmt))
    ):
        return None
    inner: list[Var] = []
    there = nesting.leaves(last.args[1])  # not read by a loop: once for all its trips
    for each in roots[:-1]:
        if not isinstance(each, For) or each.outs[0] not in there:
            break
        if nesting.counts.get(each.outs[0]) != 1:
            break
        text = comprehension(writer, each, each in begun.values())
        if text is None:
            break
        writer.exprs.taken[each.outs[0]] = text
        inner.append(each.outs[0])
    made = None
    if len(inner) == len(roots) - 1:
        made = expression(writer, stmt, last, begins)
    for var in inner:
        del writer.exprs.taken[var]
    return made


def frees_own(writer: Writer, stmt: For, last: Op) -> bool:
    """Is a name deleted that a comprehension keeps to itself?"""
    freed = writer.plan.freed
    own = {stmt.index, *definitions(stmt.body)}
    behind = (var for cls in freed.get(id(stmt), ()) for var in cls.members)
    return bool(freed.get(id(last))) or not own.isdisjoint(behind)


def expression(writer: Writer, stmt: For, last: Op, begins: bool) -> str | None:
    """The text for a loop whose one statement is `last`."""
    plan, init = writer.plan, stmt.inits[0]
    if last.prim == "append" and not last.attrs and begins:
        if plan.copied(last, 1) is not None:
            return None
        marks = "[]"
    elif last.prim == "add" and init == Lit(0) and not last.attrs.get("spelling"):
        marks = "()"
    else:
        return None
    value = last.args[1]
    text = writer.render(value, CHOICE)
    if writer.exprs.reasons:
        return None  # a copy that wants to be told
    head = loops.header(writer, stmt)
    trips = "".join(head).removesuffix(":")
    word = "" if marks == "[]" else writer.scope.builtin("sum")
    whole = (
        stmt.start == Lit(0)
        and stmt.step == Lit(1)
        and head[0] == f"for {writer.namer.unread} in "
    )
    if marks == "[]" and isinstance(value, Lit) and whole:
        return f"[{text}] * {writer.exprs.atom(stmt.stop).within(PRODUCT + 1)}"
    if word and head[0] == f"for {text} in ":
        return f"{word}({head[1]})"
    return f"{word}{marks[0]}{text} {trips}{marks[1]}"


def rows(head: str, text: str, depth: int) -> str | None:
    """The assignment, in one row or with what is between the brackets in one."""
    if len(head) + len(text) <= room(depth):
        return head + text
    at = text.index("[" if text.startswith("[") else "(") + 1
    inner, last = text[at:-1], text[-1]
    if last not in CLOSE or len(inner) > room(depth + 1):
        return None
    return f"{head}{text[:at]}\n{pad(depth + 1)}{inner}\n{pad(depth)}{last}"
