"""What libcst is asked: the numbers and comments of a text, as they are written.

Its parser takes quadratic time on long chains of operators, so it gets those in pieces.
Loaded only where a text has a comment, or a number spelled in a way of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import libcst as cst

LONG = 100  # operators in one chain, from where libcst is given it in pieces


def words_of(text: str, node: ast.AST) -> tuple[set[str], set[str]]:
    """The numbers and the comments of a text; `node` is its tree."""
    numbers: set[str] = set()
    comments: set[str] = set()
    for leaf in _leaves(_parse(text, node)):
        (comments if type(leaf) is cst.Comment else numbers).add(leaf.value)
    return numbers, comments


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
