"""Builtins that work on the structure of values, decided while lowering."""

from __future__ import annotations

import ast
import builtins
import dataclasses
import functools
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from s2sad.ir.kinds import (
    Array,
    Dict,
    Kind,
    List,
    Object,
    Scalar,
    Static,
    Tuple,
    Unknown,
)
from s2sad.ir.nodes import Lit, Var
from s2sad.rules import helpers, lookup
from s2sad.syntax.control import choose
from s2sad.syntax.frame import Frame
from s2sad.syntax.iterate import (
    LAZY,
    Enumerated,
    Filtered,
    Generated,
    Mapped,
    RangeOf,
    Reversed,
    Wrapped,
    Zipped,
    known_items,
)
from s2sad.syntax.run import Task
from s2sad.syntax.subscripts import Parts, get_item
from s2sad.syntax.values import (
    BAD,
    Closure,
    Entries,
    Items,
    Known,
    Method,
    Pack,
    Partial,
    Ref,
    SliceValue,
)

BUILTINS: dict[Any, Callable[..., Task]] = {}


def builtin(*objects: Any) -> Callable[[Any], Any]:
    def enter(handler: Any) -> Any:
        for value in objects:
            BUILTINS[value] = handler
        return handler

    return enter


def wrong(
    f: Frame, node: ast.AST, name: str, reason: str = "the arguments do not fit"
) -> Any:
    return f.refuse("bad-arguments", node, function=name, reason=reason)


def plain_call(
    f: Frame, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Task:
    """The builtin's own primitive."""
    from s2sad.syntax.calls import call_primitive, opaque

    value = getattr(builtins, name)
    primitive = lookup(value)
    if primitive is None:
        return opaque(f, name, args, kwargs, node, value)
    return (yield call_primitive(f, primitive, args, kwargs, node, name))


# ---- going through things ------------------------------------------------------------


@builtin(range)
def range_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    if not 1 <= len(args) <= 3 or kwargs:
        return wrong(f, node, "range")
    start, stop, step = {
        1: lambda: (Lit(0), args[0], Lit(1)),
        2: lambda: (*args, Lit(1)),
        3: lambda: tuple(args),
    }[len(args)]()
    return RangeOf(start, stop, step)
    yield


@builtin(zip)
def zip_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return Zipped(tuple(args))
    yield


@builtin(enumerate)
def enumerate_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    start = args[1] if len(args) > 1 else kwargs.get("start", Lit(0))
    return Enumerated(args[0], start) if args else wrong(f, node, "enumerate")
    yield


@builtin(reversed)
def reversed_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return Reversed(args[0]) if len(args) == 1 else wrong(f, node, "reversed")
    yield


@builtin(map)
def map_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return Mapped(args[0], tuple(args[1:])) if len(args) > 1 else wrong(f, node, "map")
    yield


@builtin(filter)
def filter_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return Filtered(args[0], args[1]) if len(args) == 2 else wrong(f, node, "filter")
    yield


@builtin(iter)
def iter_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.wrappers import looker_on

    (value,) = args if len(args) == 1 else (None,)
    if isinstance(value, Wrapped) and isinstance(value.part, RangeOf):
        return looker_on(f, value, node)  # a bar, as the text of a derivative has it
    if f.name == "__iter__" and isinstance(value, (Pack, Ref)):
        return value  # what is gone through, if it is
    return f.refuse("generator-place", node)
    yield


@builtin(itertools.product)
def product(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    columns = []
    for arg in args:
        items = yield known_items(f, arg, node)
        if items is None:
            return f.refuse("unknown-iterable", node, what=f.text(node))
        columns.append(items)
    repeat = f.static(kwargs.get("repeat", Lit(1)))
    rows = itertools.product(*columns, repeat=repeat)
    return Items(tuple(Pack(tuple(row)) for row in rows))


# ---- making containers ---------------------------------------------------------------


@builtin(list)
def list_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.comprehensions import as_list

    if not args:
        return Items(())
    if isinstance(f.kind(args[0]), Array):
        items = yield known_items(f, args[0], node)
        if items is not None:
            return Items(tuple(map(f.refer, items)))
    return (yield as_list(f, args[0], node))


@builtin(tuple)
def tuple_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    if not args:
        return Pack(())
    items = yield known_items(f, args[0], node)
    if items is None:
        return f.refuse("unknown-structure", node, what=f.text(node))
    return Pack(tuple(map(f.refer, items)))


@builtin(dict)
def dict_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.expressions import dict_entries

    entries: dict[Any, Any] = {}
    if args:
        found = dict_entries(f, args[0], node)
        if found is None:
            pairs = yield known_items(f, args[0], node)
            found = {}
            for pair in pairs or ():
                both = yield known_items(f, pair, node, 2)
                key = f.static(both[0]) if both and len(both) == 2 else f.NOT_STATIC
                if key is f.NOT_STATIC:
                    return f.refuse("dynamic-key", node, what=f.text(node))
                found[key] = both[1]
            if pairs is None:
                return f.refuse("unknown-structure", node, what=f.text(node))
        entries.update(found)
    entries.update(kwargs)
    return Entries({key: f.entry(key, value) for key, value in entries.items()})


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


# ---- folding over items --------------------------------------------------------------


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

    if isinstance(value, LAZY):
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


# ---- questions about kinds -----------------------------------------------------------


@builtin(len)
def len_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.iterate import sequence_of

    if len(args) != 1:
        return wrong(f, node, "len")
    value = args[0]
    kind = f.kind(value)
    if isinstance(value, LAZY):
        items = yield known_items(f, value, node)
        if items is not None:
            return Lit(len(items))
        sequence = yield sequence_of(f, value, node)
        return wrong(f, node, "len") if sequence is None else sequence.length
    if isinstance(kind, (Tuple, List)) and kind.items is not None:
        return Lit(len(kind.items))
    if isinstance(kind, Dict):
        return Lit(len(kind.keys))
    if isinstance(kind, Static):
        try:
            return Lit(len(kind.value))  # type: ignore[arg-type]
        except TypeError:
            return wrong(f, node, "len")
    return (yield plain_call(f, "len", args, kwargs, node))


def class_of(kind: Kind) -> type | None:
    """The Python type of values of a kind."""
    import numpy as np

    if isinstance(kind, Scalar):
        plain = {"float": float, "int": int, "bool": bool, "complex": complex}
        return plain.get(kind.dtype) or np.dtype(kind.dtype).type
    if isinstance(kind, Array):
        return np.ndarray
    if isinstance(kind, Tuple):
        return kind.cls or tuple
    if isinstance(kind, List):
        return list
    if isinstance(kind, Dict):
        return dict
    if isinstance(kind, Object):
        return kind.cls
    return type(kind.value) if isinstance(kind, Static) else None


def type_of(f: Frame, value: Any) -> type | None:
    if isinstance(value, (Closure, Partial, Method)):
        return type(len_)
    if isinstance(value, RangeOf):
        return range
    return class_of(f.kind(value))


@builtin(isinstance)
def isinstance_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    classes = f.static(args[1]) if len(args) == 2 else f.NOT_STATIC
    cls = type_of(f, args[0]) if args else None
    if classes is f.NOT_STATIC or cls is None:
        return (yield plain_call(f, "isinstance", args, kwargs, node))
    try:
        return Lit(issubclass(cls, classes))
    except TypeError:
        return wrong(f, node, "isinstance")


@builtin(issubclass)
def issubclass_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    found = [f.static(a) for a in args]
    if any(v is f.NOT_STATIC for v in found) or len(found) != 2:
        return wrong(f, node, "issubclass")
    try:
        return Lit(issubclass(*found))
    except TypeError as exc:
        return wrong(f, node, "issubclass", str(exc))
    yield


@builtin(type)
def type_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    cls = type_of(f, args[0]) if len(args) == 1 else None
    if cls is None:
        return f.refuse("dynamic-code", node, what=f.text(node))
    return Known(cls, cls.__name__ if cls.__module__ == "builtins" else "")
    yield


@builtin(callable)
def callable_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    if isinstance(args[0], (Closure, Partial, Method)):
        return Lit(True)
    value = f.static(args[0])
    if value is f.NOT_STATIC:
        cls = type_of(f, args[0])
        return Lit(cls is not None and any("__call__" in vars(c) for c in cls.__mro__))
    return Lit(callable(value))
    yield


@builtin(hasattr)
def hasattr_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    name = f.static(args[1]) if len(args) == 2 else f.NOT_STATIC
    if not isinstance(name, str):
        return f.refuse("dynamic-attribute", node, what=f.text(node))
    value = f.static(args[0])
    if value is not f.NOT_STATIC:
        return Lit(hasattr(value, name))
    kind = f.kind(args[0])
    if isinstance(kind, Object):
        from s2sad.syntax.objects import has_field

        return Lit(has_field(f, args[0], kind, name))
    cls = class_of(kind)
    if cls is None:
        return (yield plain_call(f, "hasattr", args, kwargs, node))
    return Lit(hasattr(cls, name))


@builtin(getattr)
def getattr_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.expressions import get_attribute

    name = f.static(args[1]) if len(args) > 1 else f.NOT_STATIC
    if not isinstance(name, str):
        return f.refuse("dynamic-attribute", node, what=f.text(node))
    if len(args) == 3:
        there = yield hasattr_(f, args[:2], {}, node)
        if isinstance(there, Lit) and not there.value:
            return args[2]
    found = ast.copy_location(ast.Attribute(ast.Constant(None), name, ast.Load()), node)
    return get_attribute(f, args[0], found)


@builtin(slice)
def slice_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    parts = [None, args[0], None] if len(args) == 1 else [*args, None, None][:3]
    return SliceValue(*parts)
    yield


@builtin(functools.partial)
def partial(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return Partial(args[0], tuple(args[1:]), tuple(kwargs.items()))
    yield


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


@builtin(eval, exec, compile, globals, locals, vars, setattr, delattr, __import__)
def dynamic(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return f.refuse("dynamic-code", node, what=f.text(node))
    yield


@builtin(np.add.at)
def add_at(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    """`np.add.at(x, index, value)`: as often as the index names an element."""
    from s2sad.syntax.subscripts import Parts, add_item

    if len(args) != 3 or kwargs:
        return wrong(f, node, "np.add.at")
    base, index, value = args
    if not (isinstance(base, Ref) and isinstance(f.kind(base), Array)):
        return f.refuse("write-to-write", node, name=f.text(node))
    several = isinstance(index, Pack)
    parts = Parts(index.items if isinstance(index, Pack) else (index,), several)
    add_item(f, base, parts, value, node, node)
    return Lit(None)
    yield


@builtin(set, frozenset)
def set_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    items = (yield known_items(f, args[0], node)) if args else []
    found = [f.static(item) for item in items] if items is not None else [f.NOT_STATIC]
    if any(v is f.NOT_STATIC for v in found):
        return f.refuse("construct", node, what="a set of values of the run")
    return Known(frozenset(found))


@builtin(next)
def next_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.wrappers import look_on

    if len(args) == 1 and isinstance(args[0], Var) and args[0] in f.session.lookers:
        return look_on(f, args[0], node)
    return f.refuse("generator-place", node)
    yield


@builtin(super)
def super_(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.objects import super_of

    found = super_of(f, node) if not args else None
    if found is None:
        return f.refuse("construct", node, what="`super` here")
    return found
    yield


def chosen(name: str) -> Any:
    def handler(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
        items = yield known_items(f, args[0], node)
        count = f.static(args[1]) if len(args) > 1 else None
        if items is None or count is f.NOT_STATIC or len(items) > 16:
            return f.refuse("unknown-iterable", node, what=f.text(node))
        made = getattr(itertools, name)(items, count)
        return Items(tuple(Pack(row) for row in made))

    return handler


for _name in ("combinations", "permutations"):
    BUILTINS[getattr(itertools, _name)] = chosen(_name)


@builtin(itertools.chain)
def chain(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    found: list[Any] = []
    for arg in args:
        items = yield known_items(f, arg, node)
        if items is None:
            return f.refuse("unknown-iterable", node, what=f.text(node))
        found += items
    return Items(tuple(found))


@builtin(helpers.made)
def made(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    """An object in the text of a derivative."""
    from s2sad.syntax.values import Fields

    return f.refer(Fields(f.static(args[0]), dict(kwargs)))
    yield


# ---- dataclasses ---------------------------------------------------------------------


def fields_of(f: Frame, value: Any) -> Any:
    """The fields of a dataclass or of an object of one; None of all else."""
    cls = f.static(value)
    if cls is f.NOT_STATIC or not isinstance(cls, type):
        kind = f.kind(value)
        cls = kind.cls if isinstance(kind, Object) else None
    return dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else None


@builtin(dataclasses.replace)
def replace(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.objects import construct, field_named

    found = fields_of(f, args[0]) if len(args) == 1 else None
    if found is None:
        return wrong(f, node, "dataclasses.replace")
    given = dict(kwargs)
    for each in found:
        if each.init and each.name not in given:
            given[each.name] = field_named(f, args[0], each.name, node)
    if BAD in given.values():
        return BAD
    cls = f.kind(args[0]).cls  # type: ignore[attr-defined]
    return (yield construct(f, Known(cls, cls.__name__), [], given, node))


@builtin(dataclasses.asdict)
def asdict(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    from s2sad.syntax.objects import field_named

    found = fields_of(f, args[0]) if len(args) == 1 and not kwargs else None
    if found is None:
        return wrong(f, node, "dataclasses.asdict")
    entries = {}
    for each in found:
        value = field_named(f, args[0], each.name, node)
        kind = f.kind(value)
        if isinstance(kind, (Tuple, List, Dict, Object)):  # copied all the way down
            return wrong(f, node, "dataclasses.asdict", "it holds containers")
        atom = f.atom(value, node) if isinstance(kind, Array) else value
        if atom is BAD:
            return BAD
        copied = f.op("copy", (atom,), node) if isinstance(kind, Array) else atom
        entries[each.name] = f.refer(copied)
    return Entries(entries)
    yield


@builtin(dataclasses.fields)
def fields(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    found = fields_of(f, args[0]) if len(args) == 1 else None
    if found is None:
        return wrong(f, node, "dataclasses.fields")
    return Pack(tuple(Known(each) for each in found))
    yield


@builtin(dict.fromkeys)
def fromkeys(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    items = (yield known_items(f, args[0], node)) if args else None
    keys = [f.static(item) for item in items] if items is not None else [f.NOT_STATIC]
    if any(key is f.NOT_STATIC for key in keys):
        return f.refuse("dynamic-key", node, what=f.text(node))
    value = f.refer(args[1]) if len(args) > 1 else Lit(None)
    return Entries(dict.fromkeys(keys, value))
