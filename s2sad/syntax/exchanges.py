"""Entries that change places.

    rows[i], rows[j] = rows[j], rows[i]
    row = rows[i]; rows[i] = rows[j]; rows[j] = row

What such statements write is in the container already, and behind them in as many
places as before: the container is given nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

# What has no effect and gives the same each time in one statement.
PLAIN = (
    ast.Name,
    ast.Constant,
    ast.Attribute,
    ast.Subscript,
    ast.BinOp,
    ast.UnaryOp,
    ast.Tuple,
    ast.operator,
    ast.unaryop,
    ast.expr_context,
)


def exchanges(node: ast.Assign) -> bool:
    """Is it `rows[i], rows[j] = rows[j], rows[i]`, or more of them?"""
    target, value = node.targets[0], node.value
    if len(node.targets) > 1 or not isinstance(target, (ast.Tuple, ast.List)):
        return False
    if not isinstance(value, (ast.Tuple, ast.List)):
        return False
    places = [*target.elts, *value.elts]
    return (
        sorted(map(ast.unparse, target.elts)) == sorted(map(ast.unparse, value.elts))
        and len({*map(holder, places)}) == 1
        and holder(places[0]) is not None
    )


def by_turns(stmts: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The second and third of `row = rows[i]`, `rows[i] = rows[j]`, `rows[j] = row`."""
    for k in range(len(stmts) - 2):
        if not isinstance(getattr(stmts[k], "value", None), ast.Subscript):
            continue
        three = stmts[k : k + 3]
        pairs = [
            (stmt.targets[0], stmt.value)
            for stmt in three
            if isinstance(stmt, ast.Assign) and len(stmt.targets) == 1
        ]
        if len(pairs) < 3:
            continue
        (name, first), (into, second), (last, again) = pairs
        places = (first, into, second, last)
        if not isinstance(name, ast.Name) or holder(first) is None:
            continue
        if len({*map(holder, places)}) > 1 or name.id in names_in(places):
            continue
        texts = [ast.unparse(each) for each in (into, first, last, second, again, name)]
        if texts[0] == texts[1] and texts[2] == texts[3] and texts[4] == texts[5]:
            yield from three[1:]


def holder(place: ast.expr) -> tuple[str, int] | None:
    """The container that an entry is read from or written into, and how deep it lies in
    it; None if it is no entry, if something is called on the way, or if an entry of the
    container says which one it is.
    """
    indices: list[ast.expr] = []
    if not all(isinstance(each, PLAIN) for each in ast.walk(place)):
        return None
    while isinstance(place, ast.Subscript):
        indices.append(place.slice)
        place = place.value
    name = ast.unparse(place)
    asked = (n for index in indices for n in ast.walk(index) if type(n) is type(place))
    if not indices or any(ast.unparse(each) == name for each in asked):
        return None
    return name, len(indices)


def names_in(nodes: Sequence[ast.AST]) -> set[str]:
    return {n.id for each in nodes for n in ast.walk(each) if isinstance(n, ast.Name)}
