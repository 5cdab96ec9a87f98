"""Calls that are kept as they are written, unless an active value reaches them."""

from __future__ import annotations

import ast
from types import BuiltinMethodType
from typing import Any

from s2sad.errors import refuse
from s2sad.ir.kinds import FLOAT, INT, UNKNOWN, Kind, List, Static, Tuple
from s2sad.ir.nodes import Lit
from s2sad.syntax.draws import made_source
from s2sad.syntax.frame import Frame
from s2sad.syntax.iterate import LAZY
from s2sad.syntax.run import Task
from s2sad.syntax.spelling import is_reachable, out_text, spelling_of
from s2sad.syntax.values import (
    BAD,
    Closure,
    Known,
    Partial,
    Ref,
)


def call_unknown(
    f: Frame, callee: Known, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Task:
    """A library function without a rule: as it is, unless an active value
    reaches it.
    """
    value = callee.value
    name = (
        callee.text
        or spelling_of(f, callee, node)
        or getattr(value, "__name__", "this")
    )
    if isinstance(value, BuiltinMethodType) and not callee.text:
        return f.refuse("no-rule", node, function=name)
    out = kwargs.get("out")
    if out is not None:
        return f.refuse("out", node, function=name, name=out_text(f, node))
    refs = [a for a in (*args, *kwargs.values()) if isinstance(a, Ref)]
    if refs and writes(value):
        return f.refuse("write-to-write", node, name=f.text(node))
    return opaque(f, name, args, kwargs, node, value)
    yield


# Whose functions leave their arguments as they are, but for those that say otherwise.
READERS = frozenset(
    "numpy math cmath scipy logging warnings time builtins json pprint".split()
)


WRITERS = frozenset(
    "at put place putmask copyto put_along_axis fill_diagonal shuffle setfield "
    "heapify heappush heappop heapreplace heappushpop insort insort_left insort_right "
    "setitem delitem iadd isub imul itruediv ipow imatmul iconcat setattr".split()
)


def writes(value: Any) -> bool:
    """Is it a library function that is known to write into its arguments?"""
    return getattr(value, "__name__", None) in WRITERS


def may_write(value: Any) -> bool:
    """Might it write into its arguments, for all that is known of it?"""
    home = getattr(value, "__module__", None)
    if not isinstance(home, str):
        home = type(getattr(value, "__self__", value)).__module__
    return value is None or home.split(".")[0] not in READERS


def origin(value: Any) -> tuple[str, str]:
    """Where a library function comes from, and its name there."""
    home = getattr(value, "__module__", None) or getattr(
        type(getattr(value, "__self__", None)), "__module__", ""
    )
    return str(home), getattr(value, "__name__", "")


# What the library's own functions give that are of use beside numbers.
RESULTS: dict[tuple[str, str], Kind] = {
    **dict.fromkeys(
        [("time", name) for name in ("time", "perf_counter", "monotonic")], FLOAT
    ),
    **dict.fromkeys(
        [("builtins", name) for name in ("ord", "hash", "id")],
        INT,
    ),
}


# Methods of strings, lists and tuples that say where something is, or how often.
COUNTS = frozenset(("count", "index", "find", "rfind", "rindex"))


def result_kind(name: str | None, atoms: list[Any], value: Any) -> Kind:
    """What a call that is kept gives: an int where the function says so, else unknown.

    An index may then be a number, an array, or a tuple of such.
    """
    if isinstance(getattr(value, "__self__", None), (str, bytes, list, tuple)):
        return INT if value.__name__ in COUNTS else UNKNOWN
    if value is None and name is not None and name[1:] in COUNTS:
        base = atoms[0].kind
        text = isinstance(base, Static) and isinstance(base.value, (str, bytes))
        return INT if text or isinstance(base, (List, Tuple)) else UNKNOWN
    told = getattr(value, "__annotations__", {}).get("return")
    if told in (int, "int"):
        return INT
    return made_source(value) or RESULTS.get(origin(value), UNKNOWN)


def opaque(
    f: Frame,
    name: str | None,
    args: list[Any],
    kwargs: dict[str, Any],
    node: ast.AST,
    value: Any = None,
) -> Any:
    """A call that is kept as it is written, with what to say if it turns out to
    matter.
    """
    for arg in (*args, *kwargs.values()):
        if isinstance(arg, (Closure, Partial)) or isinstance(arg, LAZY):
            return f.refuse(
                "higher-order", node, function=name or f.text(node), what="a function"
            )
    atoms = [f.atom(arg, node) for arg in (*args, *kwargs.values())]
    if any(atom is BAD for atom in atoms):
        return BAD
    shown = name or f.text(getattr(node, "func", node))
    first = f.session.strangers.get(atoms[0]) if atoms else None
    if first is not None and all(isinstance(atom, Lit) for atom in atoms[1:]):
        diagnostic = first  # it only asks for more of what that call returned
    elif name is None:
        diagnostic = refuse("unknown-callable", f.place(node), what=shown)
    else:
        diagnostic = refuse("no-rule", f.place(node), function=shown.lstrip("."))
    if (
        name
        and name[0] != "."
        and value is not None
        and not is_reachable(f, name, value)
    ):
        name, atoms = None, [Lit(value), *atoms]  # the function itself: no name has it
    attrs = {
        "callee": name,
        "keywords": tuple(kwargs),
        "effect": True,
        "place": f.place(node),
        "refusal": diagnostic,
        "may_write": may_write(value),
    }
    out = f.w.op("opaque", atoms, result_kind(name, atoms, value), attrs=attrs)
    f.session.strangers[out] = diagnostic
    for arg in args:
        if isinstance(arg, Ref):  # it may keep the array, or give a view of it
            f.aliases.setdefault(out, set()).add(arg.storage)
    return out
