"""Operators of the user's classes: which method Python calls for them."""

from __future__ import annotations

import ast
from types import FunctionType
from typing import Any

from s2sad.ir.kinds import Array, Object, Scalar, Tuple
from s2sad.ir.nodes import Lit, Var
from s2sad.syntax.frame import Frame
from s2sad.syntax.run import Task
from s2sad.syntax.values import BAD, Inside, Known

BINARY = {
    "add": "add", "sub": "sub", "mul": "mul", "div": "truediv", "floordiv": "floordiv",
    "mod": "mod", "pow": "pow", "matmul": "matmul", "and_": "and", "or_": "or",
    "xor": "xor", "shl": "lshift", "shr": "rshift",
}  # fmt: skip
UNARY = {"neg": "neg", "pos": "pos", "invert": "invert"}
COMPARE = {
    "lt": ("lt", "gt"), "le": ("le", "ge"), "gt": ("gt", "lt"), "ge": ("ge", "le"),
    "eq": ("eq", "eq"), "ne": ("ne", "ne"),
}  # fmt: skip


def is_plain(value: Any) -> bool:
    """Is it a number, an array or a constant?"""
    if isinstance(value, Var):
        return isinstance(value.kind, (Scalar, Array))
    return isinstance(value, Lit)


def method_of_class(f: Frame, value: Any, name: str) -> Any:
    """The function that a user's class defines under this name, if it does."""
    if value is BAD or isinstance(value, Known) or is_plain(value):
        return None
    kind = f.kind(value)
    cls = kind.cls if isinstance(kind, (Object, Tuple)) else None
    for each in cls.__mro__ if cls is not None else ():
        if name in vars(each):
            found = vars(each)[name]
            return found if isinstance(found, (FunctionType, Inside)) else None
    return None


def special(f: Frame, name: str, args: list[Any], node: ast.AST) -> Task | None:
    """The call of a special method of the first argument; None if it has none."""
    from s2sad.syntax.calls import call_user

    method = method_of_class(f, args[0], f"__{name}__")
    return None if method is None else call_user(f, method, args, {}, node)


def binary(f: Frame, prim: str, left: Any, right: Any, node: ast.AST) -> Task | None:
    if left is BAD or right is BAD or prim not in BINARY:
        return None
    if is_plain(left) and is_plain(right):
        return None  # nearly always
    found = special(f, BINARY[prim], [left, right], node)
    return found or special(f, "r" + BINARY[prim], [right, left], node)


def in_place(f: Frame, prim: str, left: Any, right: Any, node: ast.AST) -> Task | None:
    if left is BAD or right is BAD or prim not in BINARY:
        return None
    found = special(f, "i" + BINARY[prim], [left, right], node)
    return found or binary(f, prim, left, right, node)


def comparison(
    f: Frame, prim: str, left: Any, right: Any, node: ast.AST
) -> Task | None:
    if left is BAD or right is BAD:
        return None
    if prim in ("in_", "not_in"):
        found = special(f, "contains", [right, left], node)
        return negated(f, found, node) if found and prim == "not_in" else found
    if prim not in COMPARE:
        return None
    name, mirrored = COMPARE[prim]
    found = special(f, name, [left, right], node)
    found = found or special(f, mirrored, [right, left], node)
    if found is None and prim == "ne":
        found = special(f, "eq", [left, right], node)
        return None if found is None else negated(f, found, node)
    return found


def negated(f: Frame, task: Task, node: ast.AST) -> Task:
    from s2sad.syntax.expressions import negation

    value = yield task
    return BAD if value is BAD else negation(f, value, node)
