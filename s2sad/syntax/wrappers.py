"""Iterables wrapped in a call that only looks on: `tqdm(range(n))`, progress bars.

The loop counts by what is wrapped, so that it can be run backwards. The wrapper itself
stays in the forward half as it was written, and is asked for its next item on every
trip, so a bar moves as it would; what it is given is the numbers of the items.
"""

from __future__ import annotations

import ast
import inspect
from types import FunctionType
from typing import Any

from s2sad.ir.kinds import UNKNOWN, Array, List, Tuple
from s2sad.ir.nodes import Lit
from s2sad.syntax.frame import Frame
from s2sad.syntax.iterate import LAZY, RangeOf, Wrapped, sequence_of
from s2sad.syntax.run import Task
from s2sad.syntax.values import BAD, Known

# Libraries whose wrappers yield the items of their first argument.
BARS = {"tqdm": "", "rich.progress": "track", "alive_progress": "alive_it"}


def wraps(f: Frame, callee: Any, args: list[Any]) -> bool:
    """Does a call of this yield what its first argument yields?"""
    if not args or not goes_through(f, args[0]):
        return False
    home = getattr(callee, "__module__", None) or ""
    for library, name in BARS.items():
        if home == library or home.startswith(library + "."):
            return not name or getattr(callee, "__name__", "") == name
    return passes_on(f, callee)


def goes_through(f: Frame, value: Any) -> bool:
    kind = f.kind(value)
    return isinstance(value, LAZY) or isinstance(kind, (Array, List, Tuple))


def passes_on(f: Frame, callee: Any) -> bool:
    """Is this a generator of the user's, or a class with an `__iter__`, that yields
    each item of its first argument as it is?
    """
    from s2sad.errors import S2sadError

    try:
        if isinstance(callee, FunctionType):
            node = f.session.reading(callee).node
            names = [a.arg for a in node.args.args]
            return bool(names) and yields_from(node, lambda n: is_name(n, names[0]))
        made = inspect.getattr_static(callee, "__init__", None)
        iterated = inspect.getattr_static(callee, "__iter__", None)
        if not isinstance(made, FunctionType) or not isinstance(iterated, FunctionType):
            return False
        field = kept_in(f.session.reading(made).node)
        node = f.session.reading(iterated).node
    except (S2sadError, AttributeError):
        return False
    me = node.args.args[0].arg if node.args.args else ""
    return field is not None and yields_from(node, lambda n: is_field(n, me, field))


def is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def is_field(node: ast.AST, me: str, name: str) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == name
        and is_name(node.value, me)
    )


def kept_in(init: Any) -> str | None:
    """The field in which `__init__` keeps its first argument."""
    names = [a.arg for a in init.args.args]
    for stmt in init.body:
        if (
            isinstance(stmt, ast.Assign)
            and len(names) > 1
            and is_name(stmt.value, names[1])
        ):
            target = stmt.targets[0]
            if isinstance(target, ast.Attribute) and is_name(target.value, names[0]):
                return target.attr
    return None


def yields_from(function: Any, is_source: Any) -> bool:
    """Does the body go once through the source, yielding each item unchanged?"""
    walked = list(ast.walk(function))
    yields = [n for n in walked if isinstance(n, (ast.Yield, ast.YieldFrom))]
    if len(yields) != 1:
        returned = [n.value for n in walked if isinstance(n, ast.Return)]
        call = returned[0] if len(returned) == 1 and not yields else None
        return (
            isinstance(call, ast.Call)
            and is_name(call.func, "iter")
            and len(call.args) == 1
            and is_source(call.args[0])
        )
    (found,) = yields
    if isinstance(found, ast.YieldFrom):
        return is_source(found.value) and len(function.body) == 1
    loops = [n for n in walked if isinstance(n, (ast.For, ast.While))]
    leaves = any(isinstance(n, (ast.Break, ast.Continue, ast.Return)) for n in walked)
    if len(loops) != 1 or leaves or not isinstance(loops[0], ast.For):
        return False
    (loop,) = loops
    name = loop.target.id if isinstance(loop.target, ast.Name) else ""
    plain = [s for s in loop.body if isinstance(s, ast.Expr) and s.value is found]
    stores = [n for s in loop.body for n in ast.walk(s) if is_name(n, name)]
    changed = any(not isinstance(n.ctx, ast.Load) for n in stores)  # type: ignore[attr-defined]
    return (
        is_source(loop.iter)
        and found.value is not None
        and is_name(found.value, name)
        and len(plain) == 1
        and not changed
    )


def wrapped(
    f: Frame, callee: Known, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Task:
    """The call of a wrapper: what it wraps, beside the object that looks on."""
    from s2sad.syntax.kept_calls import opaque
    from s2sad.syntax.spelling import spelling_of

    part, *others = args
    numbers: Any = part
    if not isinstance(part, RangeOf):
        sequence = yield sequence_of(f, part, node)
        if sequence is None:
            return f.refuse("unknown-iterable", node, what=f.text(node))
        numbers = RangeOf(Lit(0), sequence.length, Lit(1))
    bounds = (numbers.start, numbers.stop, numbers.step)
    atoms = [f.atom(bound, node) for bound in bounds]
    if BAD in atoms:
        return BAD
    if atoms[2] == Lit(1):
        atoms = atoms[:1] * (atoms[0] != Lit(0)) + [atoms[1]]
    attrs = {"callee": "range", "keywords": (), "effect": True, "may_write": False}
    counts = f.w.op("opaque", tuple(atoms), UNKNOWN, attrs=attrs)
    made = opaque(
        f, spelling_of(f, callee, node), [counts, *others], kwargs, node, callee.value
    )
    return BAD if made is BAD else Wrapped(part, made)


def looker_on(f: Frame, value: Any, node: ast.AST) -> Any:
    """The iterator of a wrapper, to be asked for an item on every trip."""
    from s2sad.syntax.kept_calls import opaque

    steps = opaque(f, "iter", [value.made], {}, node, iter)
    f.session.lookers.add(steps)
    return steps


def look_on(f: Frame, steps: Any, node: ast.AST) -> Any:
    from s2sad.syntax.kept_calls import opaque

    return opaque(f, "next", [steps], {}, node, next)
