"""Classes that a function defines: their objects are the values of their fields.

    def f(x):
        class Sum:                        methods: functions made inside, like any `def`
            def __init__(self):
                self.total = 0.0          fields: values of the run
            def add(self, v):
                self.total += v * x[0]

The class itself is made while lowering, once for each place that defines it. The text
of a derivative has no such class, so an object of it stays what lowering knows it is:
it cannot be put where only the run knows which object is meant.
"""

from __future__ import annotations

import ast
import dataclasses
from typing import Any, NamedTuple

from s2sad.ir.nodes import Lit
from s2sad.syntax.frame import Frame
from s2sad.syntax.run import Task
from s2sad.syntax.values import BAD, Inside, Known

WRAPS = {property: "property", staticmethod: "static", classmethod: "class"}
PLAIN = (int, float, complex, str, bytes, bool, type(None))


def define(f: Frame, node: ast.ClassDef) -> Task:
    """The class, or BAD if its body does more than name methods and fields."""
    bases: list[Any] = []
    for base in node.bases:
        bases.append(f.static((yield base)))
    makers: list[Any] = []
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        maker = f.static((yield call.func if call else decorator))
        words = {
            w.arg: getattr(w.value, "value", w) for w in (call.keywords if call else ())
        }
        simple = maker is dataclasses.dataclass and set(words) <= {"frozen", "eq"}
        makers.append(words if simple and not (call and call.args) else None)
    typed = all(isinstance(base, type) for base in bases) or bases == [NamedTuple]
    plain = typed and None not in makers
    if not plain or node.keywords or len(makers) > 1:
        return f.refuse("class", node, name=node.name)
    space = yield namespace(f, node)
    if space is None:
        return f.refuse("class", node, name=node.name)
    try:
        made = make(node.name, bases, space, makers)
    except TypeError:
        return f.refuse("class", node, name=node.name)
    for known, place in f.session.local_classes.items():
        if place == (node, f) and is_again(known, made):  # once more round a loop
            return Known(known)
    f.session.local_classes[made] = (node, f)
    return Known(made)


def make(name: str, bases: list[Any], space: dict[str, Any], makers: list[Any]) -> type:
    if bases == [NamedTuple]:
        fields = list(space.pop("__annotations__", {}).items())
        defaults = {key: space.pop(key) for key, _ in fields if key in space}
        made: Any = NamedTuple(name, fields)  # type: ignore[misc]
        made._field_defaults.update(defaults)
        for key, value in space.items():
            if key not in ("__module__", "__qualname__"):
                setattr(made, key, value)
        return made  # type: ignore[no-any-return]
    made = type(name, tuple(bases), space)
    return dataclasses.dataclass(**makers[0])(made) if makers else made


def namespace(f: Frame, node: ast.ClassDef) -> Task:
    """What the body binds; None if it is more than methods, fields and constants."""
    module = getattr(f.owner(), "__module__", None) or "__main__"
    space: dict[str, Any] = {"__module__": module, "__qualname__": node.name}
    notes: dict[str, Any] = {}
    for stmt in node.body:
        if isinstance(stmt, ast.FunctionDef):
            how = yield way(f, stmt)
            if how is None:
                return None
            yield from defined(f, stmt, how, space)
        elif isinstance(stmt, (ast.Assign, ast.AnnAssign)):
            target = stmt.targets[0] if isinstance(stmt, ast.Assign) else stmt.target
            if not isinstance(target, ast.Name):
                return None
            if isinstance(stmt, ast.AnnAssign):
                notes[target.id] = object
            if stmt.value is None:
                continue
            value = yield default(f, stmt.value)
            if value is f.NOT_STATIC:
                return None
            space[target.id] = value
        elif not isinstance(stmt, ast.Pass) and not is_text(stmt):
            return None
    if notes:
        space["__annotations__"] = notes
    return space


def is_again(known: type, made: type) -> bool:
    """The same class, its methods with the same defaults?"""
    methods = [m for m in vars(made).values() if isinstance(m, Inside)]
    plain = not any(m.closure.defaults or m.closure.kw_defaults for m in methods)
    return plain and known.__mro__[1:] == made.__mro__[1:]


def is_text(stmt: ast.stmt) -> bool:
    return isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Constant)


def way(f: Frame, stmt: ast.FunctionDef) -> Task:
    """How a method is bound: plain, a property, static, of the class."""
    if not stmt.decorator_list:
        return "plain"
    found = f.static((yield stmt.decorator_list[0]))
    known = len(stmt.decorator_list) == 1 and isinstance(found, type)
    return WRAPS.get(found) if known else None


def defined(f: Frame, stmt: ast.FunctionDef, how: str, space: dict[str, Any]) -> Task:
    """The method, as the `def` of a function inside makes it."""
    from s2sad.syntax.statements import closure_of

    space[stmt.name] = Inside((yield closure_of(f, stmt)), how)


def default(f: Frame, node: ast.expr) -> Task:
    """A constant of the class, or the default of a field."""
    if isinstance(node, ast.Call):
        called = f.static((yield node.func))
        words = {}
        for word in node.keywords:
            words[word.arg] = f.static((yield word.value))
        if (
            called is not dataclasses.field
            or node.args
            or f.NOT_STATIC in words.values()
        ):
            return f.NOT_STATIC
        return dataclasses.field(**words)  # type: ignore[call-overload]
    value = yield node
    found = f.static(value) if value is not BAD else f.NOT_STATIC
    plain = isinstance(value, (Lit, Known)) and isinstance(found, PLAIN)
    return found if plain else f.NOT_STATIC
