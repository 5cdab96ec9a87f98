"""Dicts that make what is missing: `defaultdict`, as the dict that is asked first.

    d = defaultdict(float)               d = defaultdict(float)      # lowered as {}
    d[k] += v                   ->       d.setdefault(k, float())
                                         d[k] += v
    y = d[j]                             y = d.setdefault(j, float())

Entries that are such dicts themselves, `defaultdict(lambda: defaultdict(float))`, too.
This is done in the tree, for a name that is bound by such calls alone. By another name
the dict makes nothing: what is missing there is refused as in any dict.
"""

from __future__ import annotations

import ast
import copy
from collections import defaultdict
from typing import Any

FACTORIES = frozenset(("float", "int", "list", "dict"))


def with_defaults(function: ast.AST) -> None:
    """Change the tree of a function where it reads such dicts."""
    nodes = list(ast.walk(function))
    if not any(called(node) == "defaultdict" for node in nodes):
        return
    binds: dict[str, list[ast.AST]] = defaultdict(list)
    plain: dict[str, ast.expr] = {}
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            binds[node.id].append(node)
        if isinstance(node, ast.Assign) and called(node.value) == "defaultdict":
            (target, *more), made = node.targets, factory(node.value)
            if isinstance(target, ast.Name) and not more and made is not None:
                plain[target.id] = made
    found = {name: made for name, made in plain.items() if len(binds[name]) == 1}
    for node in nodes:
        for field, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                setattr(node, field, [s for stmt in value for s in asked(stmt, found)])
            elif isinstance(value, list):
                setattr(node, field, [read(item, found) for item in value])
            else:
                setattr(node, field, read(value, found))


def called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def factory(call: Any) -> ast.expr | None:
    """What makes an entry, where making one for nothing does no harm."""
    if len(call.args) != 1 or call.keywords:
        return None
    (made,) = call.args
    if isinstance(made, ast.Name) and made.id in FACTORIES:
        return ast.copy_location(ast.Call(made, [], []), made)
    if isinstance(made, ast.Lambda) and not made.args.args:
        plain = isinstance(made.body, (ast.Constant, ast.List, ast.Dict, ast.UnaryOp))
        if plain or called(made.body) in ("zeros", "ones", "defaultdict"):
            return made.body
    return None


def asked(stmt: ast.stmt, found: dict[str, ast.expr]) -> list[ast.stmt]:
    """`d[k] += v`, after it has been seen to that there is a `d[k]`."""
    if not isinstance(stmt, ast.AugAssign):
        return [stmt]
    target = stmt.target
    load = copy.deepcopy(target)
    load.ctx = ast.Load()  # type: ignore[union-attr]
    there = read(load, found)
    if there is load:
        return [stmt]
    return [ast.copy_location(ast.Expr(there), target), stmt]


def read(node: Any, found: dict[str, ast.expr]) -> Any:
    """`d.setdefault(k, float())` for `d[k]`; so, too, in what an entry of `d` is."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return node
    made = copy.deepcopy(default_of(node.value, found))
    if made is None:
        return node
    base = read(node.value, found)
    method = ast.copy_location(ast.Attribute(base, "setdefault", ast.Load()), node)
    for inner in ast.walk(made):
        if hasattr(inner, "lineno"):
            ast.copy_location(inner, node)
    return ast.copy_location(ast.Call(method, [node.slice, made], []), node)


def default_of(holder: ast.expr, found: dict[str, ast.expr]) -> ast.expr | None:
    """What this dict makes where an entry is missing; None if it is another dict."""
    if isinstance(holder, ast.Name):
        return found.get(holder.id)
    if isinstance(holder, ast.Subscript):
        inner = default_of(holder.value, found)
        if inner is not None and called(inner) == "defaultdict":
            return factory(inner)
    return None
