"""Arguments: parameters to values, as a Python call binds them."""

from __future__ import annotations

import ast
from types import FunctionType
from typing import Any

from s2sad.ir.kinds import Static
from s2sad.ir.nodes import Lit
from s2sad.syntax.frame import Frame
from s2sad.syntax.run import Task
from s2sad.syntax.values import (
    Closure,
    Known,
    Pack,
    Ref,
)


def outside(f: Frame, value: Any, text: str) -> Any:
    """A value that a known object holds."""
    if type(value) in (int, float, bool, complex, str, type(None)):
        return Lit(value)
    from s2sad.analysis.kinds_of import kind_of

    kind = kind_of(value, text)
    if isinstance(kind, Static):
        return Known(value, text)
    return f.refer(f.free_read(text, kind), text)


def is_plain_value(value: object) -> bool:
    return type(value) in (int, float, bool, complex, str, type(None))


def default_value(f: Frame, function: FunctionType, value: Any, key: int | str) -> Any:
    """A default that is no literal, read where the function keeps it."""
    where = "__defaults__" if isinstance(key, int) else "__kwdefaults__"
    made = outside(f, value, f"{function.__name__}.{where}[{key!r}]")
    if isinstance(made, Ref):
        made.storage.origin = "default"  # shared by all calls: not to be written into
    return made


def bind_closure(
    f: Frame, callee: Closure, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Task:
    return bind_arguments(
        f,
        callee.node.args,
        list(callee.defaults),
        list(callee.kw_defaults),
        args,
        kwargs,
        node,
        callee.name,
    )
    yield


def bind_arguments(
    f: Frame,
    spec: ast.arguments,
    defaults: list[Any],
    kw_defaults: list[Any],
    args: list[Any],
    kwargs: dict[str, Any],
    node: ast.AST,
    name: str,
) -> dict[str, Any] | None:
    """Parameters to values, as a Python call binds them; None if refused."""

    def wrong(reason: str) -> None:
        f.refuse("bad-arguments", node, function=name, reason=reason)

    plain = [a.arg for a in (*spec.posonlyargs, *spec.args)]
    positional_only = {a.arg for a in spec.posonlyargs}
    bound: dict[str, Any] = dict(zip(plain, args))
    rest = args[len(plain) :]
    if rest and spec.vararg is None:
        wrong(f"it takes {len(plain)} positional arguments, {len(args)} are given")
        return None
    named = dict(kwargs)
    for arg in [*plain, *(a.arg for a in spec.kwonlyargs)]:
        if arg in named and arg not in positional_only:
            if arg in bound:
                wrong(f"it gets two values for `{arg}`")
                return None
            bound[arg] = named.pop(arg)
    for arg, default in zip(plain[len(plain) - len(defaults) :], defaults):
        bound.setdefault(arg, default)
    for word, default in zip(spec.kwonlyargs, kw_defaults):
        if default is not None:
            bound.setdefault(word.arg, default)
    missing = [a for a in [*plain, *(w.arg for w in spec.kwonlyargs)] if a not in bound]
    if missing:
        wrong(f"the argument `{missing[0]}` is missing")
        return None
    if named and spec.kwarg is None:
        wrong(f"it has no parameter `{next(iter(named))}`")
        return None
    order = {a: bound[a] for a in plain}
    if spec.vararg:
        order[spec.vararg.arg] = Pack(tuple(rest))
    order.update({w.arg: bound[w.arg] for w in spec.kwonlyargs})
    if spec.kwarg:
        from s2sad.syntax.values import Entries

        order[spec.kwarg.arg] = f.refer(Entries(named))
    return order
