"""Reading the text of one function: libcst reads it, `ast` says where things stand.

libcst keeps what the user wrote and `ast` throws away: how a number is spelled, the
comments. It keeps no positions, so `ast` gives the tree that is walked and libcst is
asked for the words (`words.py`), where there are any that `ast` does not tell.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from s2sad.errors import Place
from s2sad.ir.nodes import SourceText, Span
from s2sad.syntax.as_lists import with_lists
from s2sad.syntax.cells import with_cells
from s2sad.syntax.default_dicts import with_defaults
from s2sad.syntax.names import children_of
from s2sad.syntax.run_tuples import mark_tuples

Def = ast.FunctionDef | ast.AsyncFunctionDef

# What is said in other words in the tree, and by which words of the text it is told.
RESPELT = (
    (("defaultdict",), with_defaults),
    (("deque", ".add", ".discard"), with_lists),
    (("nonlocal",), with_cells),
    (("tuple(",), mark_tuples),
)


@dataclass(frozen=True, eq=False)
class Reading:
    """One function: its tree, its text, how its numbers are spelled."""

    node: Def | ast.Lambda
    source: SourceText
    spelling: dict[tuple[int, int], str] = field(default_factory=dict)
    comments: dict[int, str] = field(default_factory=dict)
    origin: Any = None  # the Source, which knows where lines stand in the file

    def span(self, node: ast.AST) -> Span:
        """Where a node stands; a compound statement stands where its header does."""
        line, col = node.lineno, self.column(node.lineno, node.col_offset)
        end_line, end = node.end_lineno or line, node.end_col_offset or 0
        return Span(self.source, line, col, end_line, self.column(end_line, end))

    def place(self, node: ast.AST) -> Place:
        """Where a node stands in the user's file."""
        return self.place_of(self.span(node))

    def place_of(self, span: Span) -> Place:
        """The place of a span in the user's file."""
        if hasattr(self.origin, "place"):
            return self.origin.place(span.line, span.col, span.end_line, span.end_col)
        source = span.source
        shift, left = source.first_line - 1, source.col_offset
        return Place(
            source.filename,
            span.line + shift,
            span.col + left,
            span.end_line + shift,
            span.end_col + left,
        )

    def column(self, line: int, col: int) -> int:
        """A column of `ast`, which counts bytes, in characters."""
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        return (
            col if text.isascii() else len(text.encode()[:col].decode(errors="ignore"))
        )

    @property
    def _lines(self) -> list[str]:
        found = self.__dict__.get("_split")
        if found is None:
            found = self.__dict__["_split"] = self.source.text.split("\n")
        return found

    def text(self, node: ast.AST) -> str:
        """What the user wrote there, brackets around it left out."""
        lines = self._lines
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        start, end = node.col_offset, node.end_col_offset or 0
        if first == last:
            line = lines[first]
            if line.isascii():
                return line[start:end]
            return line.encode()[start:end].decode(errors="ignore")
        parts = [
            lines[first].encode()[start:],
            *(t.encode() for t in lines[first + 1 : last]),
        ]
        parts.append(lines[last].encode()[:end])
        return b"\n".join(parts).decode(errors="ignore")


def read(
    text: str,
    name: str,
    filename: str = "<unknown>",
    first_line: int = 1,
    col_offset: int = 0,
    origin: Any = None,
) -> Reading:
    """Read a function from its text, which starts at its `def` or `lambda`."""
    node = _function(ast.parse(text), name)
    source = SourceText(name, text, filename, first_line, col_offset)
    spelling, comments = _words(text, node)
    for words, respell in RESPELT:
        if any(word in text for word in words):
            respell(node)
    return Reading(node, source, spelling, comments, origin)


def _function(tree: ast.Module, name: str) -> Def | ast.Lambda:
    """The function that a text is about: its `def`, or its first lambda."""
    found = [stmt for stmt in tree.body if isinstance(stmt, Def)]
    for stmt in found:
        if stmt.name == name or len(found) == 1:
            return stmt
    for found in ast.walk(tree):
        if isinstance(found, ast.Lambda):
            return found
    raise ValueError("no function in this text")


# ---- numbers and comments ------------------------------------------------------------


def _words(
    text: str, node: ast.AST
) -> tuple[dict[tuple[int, int], str], dict[int, str]]:
    """How each number is spelled, by place; each comment, by line.

    A number spelled as Python would print it needs no second opinion, and a text that
    has only such numbers and no comments is not given to libcst at all.
    """
    lines = text.split("\n")
    spelling: dict[tuple[int, int], str] = {}
    odd: dict[tuple[int, int], str] = {}
    todo = [node]
    while todo:
        found = todo.pop()
        todo += children_of(found)
        if type(found) is ast.Constant and type(found.value) in (int, float, complex):
            line = lines[found.lineno - 1].encode()
            word = line[found.col_offset : found.end_col_offset].decode(errors="ignore")
            plain = word == repr(found.value)
            (spelling if plain else odd)[found.lineno, found.col_offset] = word
    if not odd and "#" not in text:
        return spelling, {}
    from s2sad.syntax.words import words_of  # libcst takes long to load

    numbers, comments = words_of(text, node)
    for place, word in odd.items():
        if word in numbers:  # inside an f-string the places are not to be trusted
            spelling[place] = word
    ends: dict[int, str] = {}
    for number, row in enumerate(lines, 1):
        if "#" in row:
            words = [c for c in comments if row.rstrip().endswith(c)]
            if words:
                ends[number] = max(words, key=len)
    return spelling, ends
