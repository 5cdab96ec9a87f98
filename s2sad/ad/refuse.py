"""Complaints met while differentiating: collected, and raised together at the end."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TypeVar

from s2sad.analysis.activity import UNFOLLOWED
from s2sad.errors import Diagnostic, Place, S2sadError, raise_all, refuse
from s2sad.ir.kinds import Scalar, Tuple
from s2sad.ir.nodes import Block, Op, Span
from s2sad.ir.walk import statements
from s2sad.rules.draws import unmoved

T = TypeVar("T")


class Refusals:
    """The diagnostics of one derivation."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def unknown_calls(self, body: Block, active: Container[object]) -> None:
        """Active values that flow through calls without a rule, all of a function."""
        for stmt in statements(body):
            if isinstance(stmt, Op) and stmt.prim == "draw":
                if any(stmt.args[i] in active for i in unmoved(stmt)):
                    self.opaque(stmt)
            if not (isinstance(stmt, Op) and stmt.prim in UNFOLLOWED):
                continue
            passes = any(out in active for out in stmt.outs)
            if passes or (stmt.attrs.get("may_write") and written(stmt, active)):
                self.opaque(stmt)

    def opaque(self, op: Op) -> None:
        prepared = op.attrs.get("refusal")
        if isinstance(prepared, Diagnostic):
            self.add(prepared)
        elif op.prim == "fstring":
            self.add(refuse("number-as-text", place_of(op.span)))
        else:
            name = op.attrs.get("callee") or "this function"
            self.add(refuse("unknown_callable", place_of(op.span), name=str(name)))

    def guard(self, op: Op, rule: Callable[[], T]) -> T | None:
        """Run a rule; what it refuses is kept for later, with the place of the op."""
        try:
            return rule()
        except S2sadError:
            raise
        except NotImplementedError as error:
            place = place_of(op.span)
            self.add(refuse("primitive_option", place, name=op.prim, why=str(error)))
            return None

    def add(self, diagnostic: Diagnostic) -> None:
        if diagnostic not in self.found:
            self.found.append(diagnostic)

    def check(self) -> None:
        if self.found:
            raise_all(self.found)


def written(op: Op, active: Container[object]) -> bool:
    """Might an unknown call write into an active array or container?"""
    return any(
        arg in active and not isinstance(arg.kind, (Scalar, Tuple)) for arg in op.args
    )


def place_of(span: Span | None) -> Place:
    """A place of the user's file, from one of the function's text."""
    if span is None:
        return Place("<derived>", 1, 0, 1, 0)
    source = span.source
    base, shift = source.first_line - 1, source.col_offset
    end_line = span.end_line or span.line
    end_col = span.end_col or span.col + 1
    return Place(
        source.filename,
        base + span.line,
        shift + span.col,
        base + end_line,
        shift + end_col,
    )
