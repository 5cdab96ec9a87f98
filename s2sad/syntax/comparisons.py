"""Tests: what is true, equal, the same or contained, decided while lowering if it can
be.
"""

from __future__ import annotations

import ast
import operator
from typing import Any

from s2sad.analysis.kinds_of import kind_of
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
    is_not_one,
)
from s2sad.ir.nodes import Lit
from s2sad.syntax.frame import Frame
from s2sad.syntax.maybe import note_test, sure_of
from s2sad.syntax.records import glance
from s2sad.syntax.resolve import MISSING, base_path
from s2sad.syntax.values import (
    BAD,
    Closure,
    Entries,
    Items,
    Known,
    Method,
    Pack,
    Ref,
)


def sequence(f: Frame, value: Any) -> Pack | Items | None:
    """The tuple or list that a value is, if its items are known one by one."""
    if isinstance(value, Pack):
        return value if value.cls is None else Pack(value.items)
    if isinstance(value, Ref) and not value.path:
        value = f.content(value.storage)
    return value if isinstance(value, Items) else None


def truth(f: Frame, value: Any) -> bool | None:
    """Whether a value is true, where that is fixed while lowering."""
    if isinstance(value, Lit) and value.text is None or isinstance(value, Known):
        try:
            return bool(value.value)
        except Exception:
            return None
    if isinstance(value, Lit):
        return bool(value.value)
    if isinstance(value, Pack):
        return bool(value.items)
    if isinstance(value, (Closure, Method)):
        return True
    if isinstance(value, Ref):
        content = f.content(value.storage)
        if isinstance(content, Items):
            return bool(content.items)
        if isinstance(content, Entries):
            return bool(content.entries)
    kind = f.kind(value)
    if isinstance(kind, (List, Dict)):
        glance(f, value)
    if isinstance(kind, Static):
        return bool(kind.value)
    if isinstance(kind, Tuple) and kind.cls is None:
        return bool(kind.items)
    if isinstance(kind, List) and kind.items is not None:
        return bool(kind.items)
    if isinstance(kind, Dict):
        return bool(kind.keys)
    return None


def condition(f: Frame, value: Any, node: ast.AST) -> Any:
    """The atom that a test reads; refuses the truth of an array."""
    atom = f.atom(value, node)
    if atom is BAD:
        return BAD
    kind = atom.kind
    if isinstance(kind, Array) and kind.dims and any(is_not_one(d) for d in kind.dims):
        return f.refuse("ambiguous-truth", node)
    if isinstance(kind, List):
        return f.op("gt", (f.op("len", (atom,), node), Lit(0)), node)
    return atom


COMPARE = {
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Is: "is_",
    ast.IsNot: "is_not",
    ast.In: "in_",
    ast.NotIn: "not_in",
}


ORDER = ("lt", "le", "gt", "ge")
TESTS = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
}


def compare(f: Frame, prim: str, left: Any, right: Any, node: ast.AST) -> Any:
    if left is BAD or right is BAD:
        return BAD
    if prim in ORDER:
        left, right = sure_of(f, left), sure_of(f, right)
    if prim in ("is_", "is_not"):
        decided = identity(f, left, right, node)
        if decided is BAD:
            return BAD
        if decided is not None:
            return Lit(decided == (prim == "is_"))
    elif prim in ("in_", "not_in"):
        found = membership(f, prim, left, right, node)
        if found is not None:
            return found
    else:
        decided = static_comparison(f, prim, left, right)
        if decided is not None:
            return Lit(decided)
    if prim in ("eq", "ne"):
        a, b = sequence(f, left), sequence(f, right)
        if a is not None and b is not None:
            return compare_items(f, prim, a, b, node)
    x, y = f.atom(left, node), f.atom(right, node)
    if x is BAD or y is BAD:
        return BAD
    out = f.op(prim, (x, y), node)
    if prim in ("is_", "is_not", "eq", "ne"):
        note_test(f, prim, x, y, out)
    return out


UNREACHED = ("arg", "?")
NO_NUMBERS = ("<U", ">U", "|S", "|V", "datetime64", "timedelta64")  # dtypes


def compare_items(f: Frame, prim: str, a: Any, b: Any, node: ast.AST) -> Any:
    """Tuples compare item by item, where the items decide while lowering."""
    if len(a.items) != len(b.items) or type(a) is not type(b):
        return Lit(prim == "ne")
    verdicts = [static_comparison(f, "eq", x, y) for x, y in zip(a.items, b.items)]
    if any(v is False for v in verdicts):
        return Lit(prim == "ne")
    if all(v is True for v in verdicts):
        return Lit(prim == "eq")
    x, y = f.atom(a, node), f.atom(b, node)
    return BAD if BAD in (x, y) else f.op(prim, (x, y), node)


def identity(f: Frame, left: Any, right: Any, node: ast.AST) -> Any:
    """`left is right`, where kinds or the objects at hand decide it; else None."""
    if left is right:
        return True
    a, b = static_object(f, left), static_object(f, right)
    if a is not f.NOT_STATIC and b is not f.NOT_STATIC:
        return a is b or (type(a) is type(b) and isinstance(a, (bool, str)) and a == b)
    if isinstance(left, Ref) and isinstance(right, Ref):
        if left.storage is right.storage and left.path == right.path == "":
            return True
        if right.storage in left.storage.maybe or left.path or right.path:
            return None
        if "fresh" in (left.storage.origin, right.storage.origin):
            return False
        return same_object(f, left, right, node)
    if isinstance(left, Pack) or isinstance(right, Pack):
        kinds = f.kind(left), f.kind(right)
        if all(isinstance(kind, (Tuple, Unknown)) for kind in kinds):
            return f.refuse("unknown-identity", node)  # made anew from its items
    for one, it, other in ((a, left, right), (b, right, left)):
        if one is f.NOT_STATIC:
            continue
        if isinstance(other, Closure):
            return False  # a function made inside is nothing that was known before
        if isinstance(other, Ref) and isinstance(kind_of(one), (Object, Tuple)):
            return None if other.path else same_object(f, it, other, node)
        kind = f.kind(other)
        if not isinstance(kind, (Unknown, Static)):
            return False if not isinstance(one, (int, float)) else None
    return None


def static_object(f: Frame, value: Any) -> Any:
    """The very object that a value is, if it is known while lowering."""
    if isinstance(value, (Ref, Pack)):
        return f.NOT_STATIC  # `static` would make another one that is equal
    return f.static(value)


def same_object(f: Frame, left: Any, right: Any, node: ast.AST) -> Any:
    """Are two things from outside one and the same in the call at hand, and so in all
    calls that this serves?
    """
    from s2sad.syntax.kind_questions import class_of
    from s2sad.syntax.objects import path_of, value_of

    classes = {class_of(f.kind(each)) for each in (left, right)}
    if len(classes) > 1 and None not in classes:
        return False
    ways, values = [], []
    for each in (left, right):
        if isinstance(each, Known):
            way = base_path(f, each) if each.text else UNREACHED
            ways.append(("owned", way, f.owner()))
            values.append(each.value)
        else:
            values.append(value_of(f, each) if is_at_hand(f, each) else MISSING)
            ways.append(owned(f, path_of(f, each), values[-1]))
    if any(v is MISSING for v in values) or any(way[1] == UNREACHED for way in ways):
        return f.refuse("unknown-identity", node)
    found = values[0] is values[1]
    f.session.guard(("both", *ways), "same", found)
    return found


def owned(f: Frame, path: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    """A way, with the function whose globals or cells it starts from."""
    owners = [
        owner
        for _, there, held, owner in f.session.captured
        if there == path and held is value
    ]
    return "owned", path, owners[-1] if owners else None


def is_at_hand(f: Frame, ref: Ref) -> bool:
    """Is it the same in every call of this function that the derivative makes?"""
    while f.host is not None and ref.storage not in f.outside:
        f = f.host
    return ref.storage in f.outside or f.caller is None


def static_comparison(f: Frame, prim: str, left: Any, right: Any) -> bool | None:
    """A comparison that values, or what is known of lengths, decide."""
    a, b = f.static(left), f.static(right)
    if a is not f.NOT_STATIC and b is not f.NOT_STATIC:
        if isinstance(left, Lit) and isinstance(right, Lit):
            if left.text and right.text and not isinstance(a, str):
                return None  # two numbers that the user wrote: as written
        try:
            return bool(TESTS[prim](a, b))
        except Exception:
            return None
    ka, kb = f.kind(left), f.kind(right)
    if prim in ("eq", "ne"):
        for one, kind in ((a, kb), (b, ka)):
            if one is f.NOT_STATIC:
                continue
            if isinstance(one, (str, type(None))) and not isinstance(
                kind, (Unknown, Static)
            ):
                # a number is never equal to a string; an element may be one itself
                if not isinstance(kind, Array) and not is_no_number(kind):
                    return prim == "ne"
            if one == 1 and isinstance(kind, Scalar) and is_not_one(kind.size):
                return prim == "ne"
        if isinstance(ka, Scalar) and isinstance(kb, Scalar):
            if ka.size is not None and ka.size == kb.size and isinstance(ka.size, str):
                return prim == "eq"
    return None


def is_no_number(kind: Kind) -> bool:
    """Is it an element of an array of text, of dates or the like?"""
    return isinstance(kind, Scalar) and kind.dtype.startswith(NO_NUMBERS)


def membership(f: Frame, prim: str, left: Any, right: Any, node: ast.AST) -> Any:
    """`left in right`, decided for static items; None: an op does it."""
    yes = prim == "in_"
    content = (
        f.content(right.storage) if isinstance(right, Ref) and not right.path else right
    )
    key = f.static(left)
    if isinstance(content, Known):
        if key is f.NOT_STATIC:
            return None
        try:
            return Lit((key in content.value) == yes)
        except Exception:
            return None
    if isinstance(content, Entries):
        if not content.entries:
            return Lit(not yes)
        return None if key is f.NOT_STATIC else Lit((key in content.entries) == yes)
    if isinstance(content, (Pack, Items)):
        verdicts = [static_comparison(f, "eq", left, item) for item in content.items]
        if any(v is True for v in verdicts):
            return Lit(yes)
        if all(v is False for v in verdicts):
            return Lit(not yes)
        return None
    kind = f.kind(right)
    if isinstance(kind, Dict) and (key is not f.NOT_STATIC or not kind.keys):
        glance(f, right)
        return Lit((key in kind.keys) == yes)
    if (
        isinstance(kind, Static)
        and isinstance(kind.value, str)
        and isinstance(key, str)
    ):
        return Lit((key in kind.value) == yes)
    return None
