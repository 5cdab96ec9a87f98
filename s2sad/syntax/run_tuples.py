"""Tuples whose length the run finds, as lists.

    t = tuple(rows)                 t = list(rows)
    for a, b in zip(t, t[1:])  ->   for a, b in zip(t, t[1:])

A tuple is taken for the values it is made of; where their number is not known, a list
will do, as long as nobody can see the difference. So a call of `tuple` is marked
(`run_tuple`, see `builtin_calls`) where what it gives is only gone through, measured
and read from: in the place where it stands, or by a name that holds nothing else.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from s2sad.syntax.as_lists import parents_and_uses

READERS = frozenset(
    """len sum min max any all list tuple sorted reversed zip map enumerate
    dict set""".split()
)
METHODS = frozenset({"index", "count"})


def mark_tuples(function: ast.AST) -> None:
    """Mark the calls of `tuple` in a function that may give a list."""
    nodes = list(ast.walk(function))
    calls = [node for node in nodes if is_tuple(node)]
    if not calls:
        return
    parents, uses = parents_and_uses(function, nodes)
    for call in calls:
        bind = parents[call]
        if is_read(call, parents):
            call.run_tuple = True  # type: ignore[attr-defined]
        elif isinstance(bind, ast.Assign) and isinstance(bind.targets[0], ast.Name):
            name = bind.targets[0].id
            if len(bind.targets) == 1 and name in uses:
                call.run_tuple = keeps_to_itself(uses[name], parents)  # type: ignore


def keeps_to_itself(uses: list[ast.Name], parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Is a name bound by such calls alone, and only read from?"""
    for use in uses:
        bind = parents[use]
        if isinstance(use.ctx, ast.Load):
            if not is_read(use, parents):
                return False
        elif not isinstance(bind, ast.Assign) or not is_tuple(bind.value):
            return False
    return True


def is_tuple(node: ast.AST) -> bool:
    named = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "tuple"
    return named and len(node.args) == 1 and not node.keywords  # type: ignore


def is_read(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Does the value of an expression end here, whatever sort of sequence it is?"""
    parent = parents.get(node)
    if isinstance(parent, ast.Subscript):
        if parent.value is not node or not isinstance(parent.ctx, ast.Load):
            return False
        return not isinstance(parent.slice, ast.Slice) or is_read(parent, parents)
    if isinstance(parent, (ast.For, ast.comprehension)):
        return parent.iter is node
    if isinstance(parent, ast.Compare):
        last = isinstance(parent.ops[-1], (ast.In, ast.NotIn))
        return last and parent.comparators == [node]
    if isinstance(parent, ast.Call) and node in parent.args:
        module = getattr(getattr(parent.func, "value", None), "id", "")
        return module in ("np", "numpy") or getattr(parent.func, "id", "") in READERS
    if isinstance(parent, ast.Attribute) and parent.attr in METHODS:
        call = parents.get(parent)
        return isinstance(call, ast.Call) and call.func is parent
    if isinstance(parent, ast.UnaryOp):
        return isinstance(parent.op, ast.Not)
    return isinstance(parent, (ast.While, ast.If)) and parent.test is node
