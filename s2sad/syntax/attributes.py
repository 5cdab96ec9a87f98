"""Attributes: of modules, arrays, objects; properties of the user's classes."""

from __future__ import annotations

import ast
import functools
from types import FunctionType
from typing import Any

from s2sad.ir.kinds import (
    UNKNOWN,
    Array,
    Object,
    Scalar,
    Tuple,
)
from s2sad.ir.nodes import Lit
from s2sad.rules import attribute as attribute_of
from s2sad.syntax.expressions import expression
from s2sad.syntax.frame import Frame
from s2sad.syntax.maybe import sure_of
from s2sad.syntax.resolve import attribute_of_known
from s2sad.syntax.run import Task
from s2sad.syntax.state import held_by
from s2sad.syntax.values import (
    BAD,
    Inside,
    Known,
    Pack,
    Ref,
    all_held,
    root,
)
from s2sad.syntax.views import flat_view, view_of


@expression(ast.Attribute)
def attribute(f: Frame, node: ast.Attribute) -> Task:
    base = yield node.value
    return (yield attribute_value(f, base, node))


def attribute_value(f: Frame, base: Any, node: ast.Attribute) -> Task:
    """`base.name`, by the getter if it is a property."""
    base = sure_of(f, base)
    getter = property_of(f, base, node.attr)
    if getter is not None:
        from s2sad.syntax.calls import call_user

        value = call_user(f, getter, [base], {}, node)
        kind = f.kind(base)
        if not isinstance(vars_of(kind.cls, node.attr), functools.cached_property):
            return (yield value)
        if node.attr not in getattr(kind, "fields", ()):
            return keep_attribute(f, base, node, (yield value))
    return get_attribute(f, base, node)


def keep_attribute(f: Frame, base: Any, node: ast.Attribute, value: Any) -> Any:
    """A cached property was read. It is worked out again each time, which is the same
    as long as neither the object is written nor what the property gave.
    """
    from s2sad.syntax.calls import kept

    if isinstance(base, Ref):
        mine = {root(base.storage), *held_by(base.storage, f.state)}
        for storage in mine | all_held(base.storage):
            f.session.frozen.setdefault(storage, (f.text(node), f.place(node)))
    return kept(f, value)


def vars_of(cls: type, name: str) -> Any:
    """The class attribute as it stands in the class that has it."""
    return next((vars(each)[name] for each in cls.__mro__ if name in vars(each)), None)


def setter_of(f: Frame, base: Any, name: str) -> Any:
    """The function that sets a property of the user's class, if this is one."""
    kind = UNKNOWN if base is BAD or isinstance(base, Known) else f.kind(base)
    for each in kind.cls.__mro__ if isinstance(kind, Object) else ():
        if name in vars(each):
            return getattr(vars(each)[name], "fset", None)
    return None


def property_of(f: Frame, base: Any, name: str) -> Any:
    """The function of a property of the user's class, if this is one."""
    kind = UNKNOWN if base is BAD or isinstance(base, Known) else f.kind(base)
    cls = kind.cls if isinstance(kind, (Object, Tuple)) else None
    found = None if cls is None else vars_of(cls, name)
    if isinstance(found, Inside):
        return found if found.how == "property" else None
    getter = getattr(found, "fget", None) or getattr(found, "func", None)
    wanted = isinstance(found, (property, functools.cached_property))
    return getter if wanted and isinstance(getter, FunctionType) else None


def get_attribute(f: Frame, base: Any, node: ast.Attribute) -> Any:
    name = node.attr
    if base is BAD:
        return BAD
    if isinstance(base, Known):
        return attribute_of_known(f, base, name, node)
    if isinstance(base, Pack) and base.cls is not None:
        fields = getattr(base.cls, "_fields", ())
        if name in fields:
            return base.items[fields.index(name)]
    kind = f.kind(base)
    if name == "ndim" and isinstance(kind, Array) and kind.dims is not None:
        return Lit(len(kind.dims))
    if name == "ndim" and isinstance(kind, Scalar):
        return Lit(0)
    if name == "dtype" and isinstance(kind, Array):
        import numpy as np

        return Known(np.dtype(kind.dtype))
    if name == "flat" and isinstance(kind, Array) and isinstance(base, Ref):
        return flat_view(f, base, node)
    found = attribute_of(kind, name)
    if found is not None:
        return attribute_op(f, found, base, node)
    from s2sad.syntax.objects import object_attribute

    return object_attribute(f, base, kind, name, node)


def attribute_op(f: Frame, prim: Any, base: Any, node: ast.Attribute) -> Any:
    atom = f.atom(base, node)
    if atom is BAD:
        return BAD
    args, attrs = prim.bind([atom], {})
    attrs = {**attrs, "spelling": "." + node.attr}
    result = f.op(prim.name, args, node, attrs)
    view = view_of(f, prim.name, args, attrs, base, result, node)
    if view is not None:
        return view
    return f.looking_into(result, {base.storage} if isinstance(base, Ref) else ())
