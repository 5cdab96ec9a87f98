"""Reading the text of one function: libcst reads it, `ast` says where things stand.

libcst keeps what the user wrote and `ast` throws away: how a number is spelled, the
comments. It keeps no positions, and its parser takes quadratic time on long chains of
operators, so `ast` gives the tree that is walked and libcst is asked for the words.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

import libcst as cst

from s2sad.errors import Place
from s2sad.ir.nodes import SourceText, Span

Def = ast.FunctionDef | ast.AsyncFunctionDef

LONG = 100  # operators in one chain, from where libcst is given it in pieces


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


# ---- what libcst is asked ------------------------------------------------------------


def _words(
    text: str, node: ast.AST
) -> tuple[dict[tuple[int, int], str], dict[int, str]]:
    """How each number is spelled, by place; each comment, by line."""
    numbers: set[str] = set()
    comments: set[str] = set()
    for leaf in _leaves(_parse(text, node)):
        (comments if type(leaf) is cst.Comment else numbers).add(leaf.value)
    lines = text.split("\n")
    spelling: dict[tuple[int, int], str] = {}
    for found in ast.walk(node):
        if type(found) is ast.Constant and type(found.value) in (int, float, complex):
            line = lines[found.lineno - 1].encode()
            word = line[found.col_offset : found.end_col_offset].decode(errors="ignore")
            if word in numbers:  # inside an f-string the places are not to be trusted
                spelling[found.lineno, found.col_offset] = word
    ends: dict[int, str] = {}
    for number, row in enumerate(lines, 1):
        if "#" in row:
            words = [c for c in comments if row.rstrip().endswith(c)]
            if words:
                ends[number] = max(words, key=len)
    return spelling, ends


_WORDS = frozenset((cst.Integer, cst.Float, cst.Imaginary, cst.Comment))
_BARE = frozenset((cst.SimpleWhitespace, cst.Newline, cst.Name, cst.SimpleString))


def _leaves(tree: cst.CSTNode) -> Iterator[Any]:
    """Every number and comment, in no order: libcst's own visitors are recursive."""
    names: dict[type, tuple[str, ...]] = {}
    stack: list[Any] = [tree]
    while stack:
        node = stack.pop()
        cls = type(node)
        if cls in _WORDS:
            yield node
        elif cls not in _BARE:
            if cls not in names:
                names[cls] = tuple(each.name for each in fields(cls))
            for name in names[cls]:
                value = getattr(node, name)
                if isinstance(value, (list, tuple)):
                    stack.extend(value)
                elif hasattr(value, "__dataclass_fields__"):
                    stack.append(value)


def _parse(text: str, node: ast.AST) -> cst.Module:
    cut = _cut(text, node)
    if cut != text:
        try:
            return cst.parse_module(cut)
        except cst.ParserSyntaxError:
            pass  # a comma cannot stand there: read it as it is, slowly
    return cst.parse_module(text)


def _cut(text: str, node: ast.AST) -> str:
    """The text with every 50th operator of a long chain replaced by a comma.

    The words stay where they are; only the chain falls into a tuple of shorter ones.
    """
    if text.count("\n") + len(text) < LONG * 2:
        return text
    cuts: list[tuple[int, int]] = []
    depth: dict[ast.AST, int] = {}
    order = list(ast.walk(node))
    for found in reversed(order):  # children before parents
        if isinstance(found, ast.BinOp):
            depth[found] = depth.get(found.left, 0) + 1
    if not depth or max(depth.values()) < LONG:
        return text
    lines = text.split("\n")
    for found, count in depth.items():
        if count % 50 == 0 and isinstance(found.op, (ast.Add, ast.Sub)):
            end, start = found.left, found.right
            if end.end_lineno != start.lineno or not lines[start.lineno - 1].isascii():
                continue
            between = lines[start.lineno - 1][end.end_col_offset : start.col_offset]
            for sign in "+-":
                if sign in between:
                    column = end.end_col_offset + between.index(sign)
                    cuts.append((start.lineno - 1, column))
                    break
    rows = {row for row, _ in cuts}
    for row in rows:
        chars = list(lines[row])
        for where, column in cuts:
            if where == row:
                chars[column] = ","
        lines[row] = "".join(chars)
    return "\n".join(lines)
