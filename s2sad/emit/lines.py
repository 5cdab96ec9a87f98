"""Lines of the text while it is being written."""

from __future__ import annotations

from dataclasses import dataclass, replace

from s2sad.ir.nodes import Span

WIDTH = 88
INDENT = 4


@dataclass(slots=True)
class Line:
    """A statement, or the head of one, at a depth; it may already be several rows."""

    depth: int
    text: str
    span: Span | None = None
    reverse: bool = False
    users: bool = True  # a line of the user's, not one that goes before it
    why: str = ""  # the reason for a copy, printed behind

    def shifted(self, by: int) -> Line:
        return replace(self, depth=self.depth + by)


def room(depth: int) -> int:
    """The columns left at a depth."""
    return WIDTH - INDENT * depth
