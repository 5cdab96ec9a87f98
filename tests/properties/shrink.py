"""A smaller program that fails in the same way, found in bounded time.

Hypothesis shrinks the choices that made a program, which says little about the program;
here the program itself is cut: functions, statements, then expressions, as long as what
is left still fails.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from time import monotonic

Fails = Callable[[str], bool]


def shrunk(text: str, fails: Fails, seconds: float = 60.0) -> str:
    """The smallest text that was found to fail."""
    end = monotonic() + seconds
    best = ast.parse(text)
    changed = True
    while changed and monotonic() < end:
        changed = False
        for cut in (_without_statements, _unwrapped, _smaller_expressions):
            number = 0
            while monotonic() < end:
                candidate = copy.deepcopy(best)
                if not _nth(cut(candidate), number):
                    break
                if fails(_text(candidate)):
                    best, changed = candidate, True
                else:
                    number += 1
    return _text(best)


def _text(tree: ast.Module) -> str:
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _nth(changes: Iterator[Callable[[], None]], number: int) -> bool:
    """Make the change of that number; False if there are not so many."""
    for at, change in enumerate(changes):
        if at == number:
            change()
            return True
    return False


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """All lists of statements, inner ones last."""
    for node in ast.walk(tree):
        for field in ("body", "orelse"):
            body = getattr(node, field, None)
            if isinstance(body, list):
                yield body


def _without_statements(tree: ast.Module) -> Iterator[Callable[[], None]]:
    for body in _bodies(tree):
        for size in (4, 1):
            for start in range(len(body)):
                if start + size <= len(body):
                    yield lambda b=body, s=start, n=size: _remove(tree, b, s, n)


def _remove(tree: ast.Module, body: list[ast.stmt], start: int, size: int) -> None:
    del body[start : start + size]
    for node in ast.walk(tree):
        if getattr(node, "body", None) is body and not body:
            body.append(ast.Pass())


def _unwrapped(tree: ast.Module) -> Iterator[Callable[[], None]]:
    """A branch or loop replaced by what it holds."""
    for body in _bodies(tree):
        for at, node in enumerate(body):
            if isinstance(node, (ast.If, ast.For, ast.While)):
                for inner in filter(None, (node.body, node.orelse)):
                    yield lambda b=body, i=at, inner=inner: b.__setitem__(
                        slice(i, i + 1), inner
                    )


def _smaller_expressions(tree: ast.Module) -> Iterator[Callable[[], None]]:
    """An expression replaced by a constant or by a part of itself."""
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            values = value if isinstance(value, list) else [value]
            for at, child in enumerate(values):
                if not isinstance(child, ast.expr) or _is_target(node, field):
                    continue
                simpler = (
                    []
                    if isinstance(child, (ast.Constant, ast.Name))
                    else [
                        part for part in ast.iter_child_nodes(child) if _is_value(part)
                    ]
                )
                if not isinstance(child, ast.Constant):
                    simpler.insert(0, ast.Constant(0.5))
                for part in simpler:
                    yield lambda n=node, f=field, a=at, p=part: _replace(n, f, a, p)


def _is_target(node: ast.AST, field: str) -> bool:
    return field in ("target", "targets", "func", "annotation", "slice", "ctx")


def _is_value(node: ast.AST) -> bool:
    if isinstance(node, (ast.Subscript, ast.Name, ast.Attribute)):
        return isinstance(node.ctx, ast.Load)
    return isinstance(node, ast.expr) and not isinstance(node, ast.Slice)


def _replace(node: ast.AST, field: str, at: int, part: ast.expr) -> None:
    value = getattr(node, field)
    if isinstance(value, list):
        value[at] = part
    else:
        setattr(node, field, part)
