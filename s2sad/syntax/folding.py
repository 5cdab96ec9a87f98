"""Builtins that go over items and keep one value: sums, extremes, any, all."""

from __future__ import annotations

import ast
import functools
from typing import Any

from s2sad.ir.kinds import (
    Array,
    Kind,
    List,
    Scalar,
    Table,
    Tuple,
    Unknown,
)
from s2sad.ir.nodes import Lit
from s2sad.syntax.builtin_calls import builtin, plain_call, wrong
from s2sad.syntax.control import choose
from s2sad.syntax.frame import Frame
from s2sad.syntax.iterate import (
    LAZY,
    Generated,
    Mapped,
    known_items,
)
from s2sad.syntax.run import Task
from s2sad.syntax.sorting import value_of
from s2sad.syntax.subscripts import Parts, get_item
from s2sad.syntax.values import (
    BAD,
    Pack,
    Ref,
)


@builtin(sum)
def sum_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    """Item after item from the left, as Python adds."""
    from s2sad.syntax.comprehensions import accumulate
    from s2sad.syntax.expressions import arithmetic, operate

    start = args[1] if len(args) > 1 else kwargs.get("start")
    kind = f.kind(args[0])
    if start is None and (isinstance(kind, Array) or _numbers(kind)):
        return (yield plain_call(f, "sum", args[:1], {}, node))
    items = None
    if not isinstance(args[0], Generated):
        items = yield known_items(f, args[0], node)
    if items is not None:
        total = start
        for item in items:
            if total is None:
                zero = isinstance(f.kind(item), (Scalar, Array, Unknown))
                total = item
                if not zero:
                    total = yield operate(f, "add", Lit(0), item, node)
            else:
                total = yield operate(f, "add", total, item, node)
        return Lit(0) if total is None else total
    first = Lit(0) if start is None else start

    def step(total: Any, item: Any) -> Task:
        return arithmetic(f, "add", total, item, node)
        yield

    return (yield accumulate(f, args[0], first, step, node))


def _numbers(kind: Kind) -> bool:
    if not isinstance(kind, (List, Tuple)):
        return False
    if kind.items is None:
        return isinstance(kind, List) and isinstance(kind.elem, Scalar)
    return len(kind.items) > 1 and all(isinstance(item, Scalar) for item in kind.items)


@builtin(max)
def max_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return (yield extreme(f, "max", args, kwargs, node))


@builtin(min)
def min_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return (yield extreme(f, "min", args, kwargs, node))


def extreme(f: Frame, name: str, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    """`max(a, b)`, `max(items)`, `max(items, key=...)`: the first of the largest."""
    from s2sad.syntax.calls import call_value
    from s2sad.syntax.comparisons import compare, condition, truth
    from s2sad.syntax.comprehensions import as_list

    key = kwargs.get("key")
    if key is None or f.static(key) is None:
        if len(args) == 1 and isinstance(args[0], LAZY):
            args = [f.refer((yield as_list(f, args[0], node)))]
        statics = [f.static(a) for a in args]
        if len(args) == 1:
            items = None
            if isinstance(args[0], (Pack, Ref)):
                items = yield known_items(f, args[0], node)
            statics = [f.static(i) for i in items] if items else [f.NOT_STATIC]
        if not any(s is f.NOT_STATIC for s in statics) and "default" not in kwargs:
            if all(isinstance(s, (int, str)) for s in statics):
                return Lit(max(statics) if name == "max" else min(statics))
        if BAD in args:
            return BAD
        return (
            yield plain_call(
                f, name, args, {k: v for k, v in kwargs.items() if k != "key"}, node
            )
        )
    items = args if len(args) > 1 else (yield known_items(f, args[0], node))
    if items is None and "default" not in kwargs:
        return (yield extreme_by_key(f, name, args[0], key, node))
    if not items:
        return f.refuse("higher-order", node, function=name, what=f.text(node))
    best = items[0]
    best_key = yield call_value(f, key, [best], {}, node)
    for item in items[1:]:
        item_key = yield call_value(f, key, [item], {}, node)
        test = compare(f, "gt" if name == "max" else "lt", item_key, best_key, node)
        if test is BAD:
            return BAD
        known = truth(f, test)
        if known is None:
            cond = condition(f, test, node)
            if cond is BAD:
                return BAD
            new, old = Pack((item, item_key)), Pack((best, best_key))
            pair = yield choose(f, cond, value_of(new), value_of(old), node, "expr")
            best, best_key = pair.items
        elif known:
            best, best_key = item, item_key
    return best


def extreme_by_key(f: Frame, name: str, value: Any, key: Any, node: ast.AST) -> Task:
    """`max(items, key=...)` of as many as there are: where is the largest key?"""
    from s2sad.syntax.comprehensions import as_list

    if isinstance(value, LAZY) or isinstance(f.kind(value), Table):
        value = f.refer((yield as_list(f, value, node)))
    keys = f.refer((yield as_list(f, Mapped(key, (value,)), node)))
    best = yield plain_call(f, name, [keys], {}, node)
    keyed, best = f.atom(keys, node), f.atom(best, node)
    if BAD in (keyed, best):
        return BAD
    at = f.op("index_of", (keyed, best), node, {"spelling": ".index"})
    return BAD if at is BAD else get_item(f, value, Parts((at,), False), node)


@builtin(any)
def any_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return (yield any_or_all(f, "any", args, node))


@builtin(all)
def all_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return (yield any_or_all(f, "all", args, node))


def any_or_all(f: Frame, name: str, args: list[Any], node: ast.AST) -> Task:
    from s2sad.syntax.comparisons import truth
    from s2sad.syntax.comprehensions import search

    if isinstance(f.kind(args[0]), Array):
        return (yield plain_call(f, name, args, {}, node))
    if not isinstance(args[0], Generated):
        items = yield known_items(f, args[0], node)
        verdicts = [truth(f, item) for item in items] if items is not None else [None]
        wanted = name == "any"
        if wanted in verdicts:
            return Lit(wanted)
        if None not in verdicts:
            return Lit(not wanted)
    return (yield search(f, name, args[0], node))


@builtin(functools.reduce)
def reduce(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.calls import call_value
    from s2sad.syntax.comprehensions import accumulate

    items = yield known_items(f, args[1], node)
    if items is None:
        if len(args) < 3:
            return f.refuse("unknown-iterable", node, what=f.text(node))
        step = lambda total, item: call_value(f, args[0], [total, item], {}, node)
        return (yield accumulate(f, args[1], args[2], step, node))
    if len(args) > 2:
        items = [args[2], *items]
    if not items:
        return wrong(f, node, "functools.reduce", "nothing to reduce")
    total = items[0]
    for item in items[1:]:
        total = yield call_value(f, args[0], [total, item], {}, node)
    return total
