"""A golden with one statement left out: it must fail, or give something else.

What survives is a dead line, unless the whole is done in fewer steps with it (a `break`
that spares trips). `pass` and docstrings are not statements in this sense. A mutant may
not end (a counter that is no longer counted), so it runs for a limited number of lines.
"""

from __future__ import annotations

import ast
import copy
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any


def mutants(text: str) -> Iterator[tuple[str, str]]:
    """(what was left out, the text without it) for each statement inside a function."""
    tree = ast.parse(text)
    count = sum(1 for _ in _statements(tree))
    for number in range(count):
        mutant = copy.deepcopy(tree)
        for at, (body, index) in enumerate(_statements(mutant)):
            if at == number:
                gone = body[index]
                body[index] = ast.copy_location(ast.Pass(), gone)
                break
        line = text.splitlines()[gone.lineno - 1].strip()
        yield (
            f"line {gone.lineno}: {line}",
            ast.unparse(ast.fix_missing_locations(mutant)),
        )


def _statements(tree: ast.Module) -> Iterator[tuple[list[ast.stmt], int]]:
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    bodies = [body for function in functions for body in _bodies(function)]
    for body in bodies:
        for index, statement in enumerate(body):
            if not (isinstance(statement, ast.Pass) or _is_docstring(statement)):
                yield body, index


def _bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for child in ast.walk(node):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(child, field, None)
            if isinstance(body, list):
                yield body


def _is_docstring(statement: ast.stmt) -> bool:
    value = getattr(statement, "value", None)
    return isinstance(statement, ast.Expr) and isinstance(value, ast.Constant)


class TooLong(Exception):
    """The mutant runs on and on."""


class Steps:
    """Counts the lines of one file that run."""

    def __init__(self, most: int = 5000) -> None:
        self.taken = 0
        self.most = most


def limited(call: Callable[[], Any], filename: str, steps: Steps) -> Any:
    """The result of the call, or TooLong after so many lines of that file."""

    def local(frame: FrameType, event: str, arg: Any) -> Any:
        steps.taken += event == "line"
        if steps.taken > steps.most:
            raise TooLong
        return local

    def each(frame: FrameType, event: str, arg: Any) -> Any:
        return local if frame.f_code.co_filename == filename else None

    before = sys.gettrace()
    sys.settrace(each)
    try:
        return call()
    finally:
        sys.settrace(before)
