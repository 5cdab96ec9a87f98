"""`sorted`: while lowering if the keys are known, by comparisons, or in the run."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from s2sad.ir.nodes import Lit
from s2sad.syntax.builtin_calls import builtin, plain_call, wrong
from s2sad.syntax.control import choose
from s2sad.syntax.frame import Frame
from s2sad.syntax.iterate import (
    LAZY,
    Mapped,
    known_items,
)
from s2sad.syntax.run import Task
from s2sad.syntax.values import (
    BAD,
    Items,
    Known,
    Pack,
)


@builtin(sorted)
def sorted_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    """Sorted while lowering if the keys are known, else by comparing."""
    from s2sad.syntax.calls import call_value
    from s2sad.syntax.comprehensions import as_list

    if not args:
        return wrong(f, node, "sorted")

    whole = f.static(args[0])
    if isinstance(whole, (set, frozenset)):  # in whatever order, sorted it is this one
        try:
            ordered = sorted(whole)
        except TypeError as exc:
            return wrong(f, node, "sorted", str(exc))
        items = [Lit(v) if isinstance(v, (str, int)) else Known(v) for v in ordered]
    else:
        items = yield known_items(f, args[0], node)
    key = kwargs.get("key")
    keys = items
    if items is not None and key is not None and f.static(key) is not None:
        keys = []
        for item in items:
            keys.append((yield call_value(f, key, [item], {}, node)))
    backward = f.static(kwargs.get("reverse", Lit(False)))
    if items is not None and not isinstance(backward, bool):
        return wrong(f, node, "sorted", "`reverse=` must be known while lowering")
    if items is not None:
        found = [f.static(k) for k in keys]
        if not any(k is f.NOT_STATIC for k in found):
            order = sorted(range(len(items)), key=lambda i: found[i], reverse=backward)
            return Items(tuple(items[i] for i in order))
        return (yield sort_network(f, items, keys, backward, node))
    if not isinstance(backward, bool):
        return wrong(f, node, "sorted", "`reverse=` must be known while lowering")
    whole = args[0]
    if isinstance(whole, LAZY):
        whole = f.refer((yield as_list(f, whole, node)))
    if key is None or f.static(key) is None:
        words = {"reverse": kwargs["reverse"]} if backward else {}
        return (yield plain_call(f, "sorted", [whole], words, node))
    keys = yield as_list(f, Mapped(key, (whole,)), node)
    listed, keyed = f.atom(whole, node), f.atom(keys, node)
    if BAD in (listed, keyed):
        return BAD
    order = f.op("order_of", (keyed,), node, {"reverse": True} if backward else {})
    return BAD if order is BAD else f.op("picked", (listed, order), node)


def sort_network(
    f: Frame, items: list[Any], keys: list[Any], backward: bool, node: ast.AST
) -> Task:
    """Insertion by comparison: stable, as Python's sort is."""
    from s2sad.syntax.comparisons import compare, condition, truth

    rows = [Pack((key, item)) for key, item in zip(keys, items)]
    for end in range(1, len(rows)):
        for i in range(end, 0, -1):
            left, right = rows[i - 1], rows[i]
            order = (
                ("lt", left.items[0], right.items[0])
                if backward
                else ("lt", right.items[0], left.items[0])
            )
            test = compare(f, *order, node)
            if test is BAD:
                return BAD
            known = truth(f, test)
            if known is None:
                cond = condition(f, test, node)
                if cond is BAD:
                    return BAD
                swapped, straight = Pack((right, left)), Pack((left, right))
                pair = yield choose(
                    f, cond, value_of(swapped), value_of(straight), node, "expr"
                )
                rows[i - 1], rows[i] = pair.items
            elif known:
                rows[i - 1], rows[i] = right, left
    return Items(tuple(row.items[1] for row in rows))


def value_of(value: Any) -> Callable[[], Task]:
    def way() -> Task:
        return value
        yield

    return way
