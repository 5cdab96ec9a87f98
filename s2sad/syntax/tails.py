"""A loop over the end of a list goes by number: its items are those of the list.

    for b in bodies[i + 1 :]:         for k in range(i + 1, len(bodies)):
        b.mass += a.mass                  bodies[k].mass += a.mass

The slice is another list of the same items, and what is written into one of them would
have to be followed in both. So no slice is made where the list stays as long as it is,
with the same items, while the loop runs.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from s2sad.ir.kinds import List
from s2sad.ir.nodes import Atom, Lit, Var
from s2sad.syntax.frame import Frame
from s2sad.syntax.kinds import holds_references
from s2sad.syntax.run import Task
from s2sad.syntax.state import State
from s2sad.syntax.values import BAD, INSIDE, Ref


@dataclass(frozen=True, eq=False)
class Tail:
    """The items of a list from `start` on, but for those from `stop` on."""

    base: Ref
    start: Atom
    stop: Atom

    def stays(self, f: Frame, before: State) -> bool:
        """Does the list have the items that it had?"""
        was = before.store.mark(self.base.storage)
        now = f.state.store.mark(self.base.storage)
        return f.state.dead or all(what == INSIDE for what, _ in was.differences(now))


def tail_of(f: Frame, node: ast.For) -> Task:
    """What the loop goes through, if that is the end of a list; None if it is not."""
    part = node.iter
    if not isinstance(part, ast.Subscript) or not isinstance(part.slice, ast.Slice):
        return None
    name, cut = part.value, part.slice
    if not isinstance(name, ast.Name) or cut.step is not None or cut.lower is None:
        return None
    base = f.state.env.get(name.id)
    left = left_out(cut.upper)
    if left is None or not is_list_of_things(f, base) or not counts_up(f, cut.lower):
        return None
    start = yield cut.lower  # once more, if it has to be a slice: it does nothing else
    if start is BAD:
        return None
    with f.at(node):
        stop = f.op("len", (f.content(base.storage),), node)
        if left:
            stop = f.op("sub", (stop, Lit(left)), node)
    return Tail(base, start, stop)


def is_list_of_things(f: Frame, value: Any) -> bool:
    """Is it a list of the run that holds arrays or containers?"""
    if not isinstance(value, Ref) or value.path:
        return False
    content = f.content(value.storage)
    kind = content.kind if isinstance(content, Var) else None
    return isinstance(kind, List) and kind.items is None and holds_references(kind)


def left_out(upper: ast.expr | None) -> int | None:
    """How many items at the end: none, or those of `[...:-2]`."""
    if upper is None:
        return 0
    if isinstance(upper, ast.UnaryOp) and isinstance(upper.op, ast.USub):
        last = upper.operand
        whole = isinstance(last, ast.Constant) and type(last.value) is int
        if whole and last.value > 0:  # type: ignore[attr-defined]
            return last.value  # type: ignore[attr-defined]
    return None


def counts_up(f: Frame, node: ast.expr) -> bool:
    """Is it surely 0 or more: a number, that of a trip, or the sum of two such?"""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return is_from_zero(f, node.left) and is_from_zero(f, node.right)
    return is_from_zero(f, node)


def is_from_zero(f: Frame, node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return f.state.env.get(node.id) in f.session.from_zero
    whole = isinstance(node, ast.Constant) and type(node.value) is int
    return whole and node.value >= 0  # type: ignore[attr-defined]
