"""Names that a function does not assign: closures, globals, builtins, as objects.

Each question asked of the outside is recorded as a guard, so that a call can check that
the answer is still the same.
"""

from __future__ import annotations

import ast
import builtins
import math
import sys
from types import BuiltinMethodType, CellType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy

from s2sad.analysis.kinds_of import kind_of
from s2sad.ir.kinds import Object, Static
from s2sad.ir.nodes import Lit
from s2sad.syntax.draws import is_random
from s2sad.syntax.frame import Frame
from s2sad.syntax.kinds import is_reference
from s2sad.syntax.pins import is_pinned
from s2sad.syntax.values import (
    BAD,
    Inside,
    Known,
    Partial,
    Poison,
    Ref,
    Storage,
    is_undef,
)

MISSING = object()
LIBRARIES = ("numpy", "math", "scipy", "builtins", "operator", "functools", "itertools")


def resolve(f: Frame, name: str, node: ast.AST) -> Any:
    """The value of a name where it is read."""
    value = f.lookup_local(name)
    if value is not None and not is_undef(value):
        return use(f, value, node)
    if name in f.locals:
        if f.loops:  # a later trip may have assigned it: the loop looks again
            f.undef_reads[name] = node
            return BAD
        return f.refuse("undefined", node, name=name)
    if f.parent is not None:
        return from_parent(f, name, node)
    return from_outside(f, name, node)


def use(f: Frame, value: Any, node: ast.AST) -> Any:
    """A value that is read; a clash of kinds is reported now."""
    diagnostic = getattr(value, "diagnostic", None)
    if diagnostic is not None:
        f.session.found.append(diagnostic)
        return BAD
    return value


def from_parent(f: Frame, name: str, node: ast.AST) -> Any:
    """A name of the function around a lambda or nested function."""
    from s2sad.syntax.callees import Origin, outer_value

    scope, bound = f.parent, f.bound
    while scope is not None:
        for overlay in reversed(bound):
            if name in overlay:
                return outer_value(f, Origin(scope, overlay), name, node)
        value = scope.state.env.get(name)
        if name in scope.locals or value is not None and not is_undef(value):
            return outer_value(f, Origin(scope), name, node)
        scope, bound = scope.parent, scope.bound
    return from_outside(f, name, node)


def from_outside(f: Frame, name: str, node: ast.AST) -> Any:
    """A closure value, global or builtin of the Python function that is lowered."""
    function = f.owner()
    if isinstance(function, FunctionType):
        code = function.__code__
        if name in code.co_freevars and function.__closure__:
            cell: CellType = function.__closure__[code.co_freevars.index(name)]
            try:
                value = cell.cell_contents
            except ValueError:
                return f.refuse("undefined", node, name=name)
            return outside_value(f, value, ("closure", name), name, node)
    value = f.globals.get(name, MISSING)
    if value is not MISSING:
        return outside_value(f, value, ("global", name), name, node)
    value = getattr(builtins, name, MISSING)
    if value is MISSING:
        return f.refuse("undefined", node, name=name)
    f.session.guard(("global", name), "is", value, f.owner())  # type: ignore[arg-type]
    return Known(value, name)


def outside_value(
    f: Frame, value: Any, path: tuple[Any, ...], text: str, node: ast.AST
) -> Any:
    """A value from outside: known by identity, or read when the derivative is
    called.
    """
    found = f.outer.get(text)
    if found is not None:
        return found
    kind = kind_of(value, text)
    owner = f.owner()
    if isinstance(kind, Object) and is_library(kind.cls) and not is_random(kind):
        kind = Static(value)  # a logger, a lock: whatever it does is not ours
    if isinstance(kind, Static):
        if isinstance(value, FunctionType) and not is_library(value):
            f.session.guard(path, "code", value.__code__, owner)  # type: ignore[arg-type]
        else:
            one = _by_identity(value)
            f.session.guard(
                path, "is" if one else "kind", value if one else kind, owner
            )  # type: ignore[arg-type]
        return Known(value, text)
    f.session.guard(path, "kind", kind, owner)  # type: ignore[arg-type]
    kind = f.session.pins.kind(f.session, path, kind, value, owner)  # type: ignore[arg-type]
    if is_pinned(kind):
        return Lit(kind.size)  # type: ignore[attr-defined]
    atom = f.free_read(text, kind)
    f.session.pins.comes_from(atom, path, owner)  # type: ignore[arg-type]
    result: Any = atom
    if is_reference(kind):
        for known, (way, there, module) in f.outside.items():
            if way == path == ("global", text) and module is f.globals:
                if there is value:  # read by a call that was lowered in place
                    return Ref(known)
        storage = Storage(text, "captured")
        f.initial[storage] = atom
        f.outside[storage] = (path, value, f.globals)
        f.session.captured.append((text, path, value, owner))
        for written, place in f.session.recorded:
            if written is value and not isinstance(kind, Object):
                found = Poison(place, text, "captured-read-back")
                f.state.store[storage] = found
        result = Ref(storage)
    f.outer[text] = result
    return result


def _by_identity(value: object) -> bool:
    plain = (str, bytes, bool, int, float, complex, type(None), tuple, slice)
    return not isinstance(value, plain)


def is_library(value: object) -> bool:
    """Does this object belong to a library, not to the user?"""
    module = getattr(value, "__module__", None) or ""
    if not isinstance(module, str):
        return False
    return is_library_name(module)


def is_library_name(module: str) -> bool:
    top = module.split(".")[0]
    if top == "__main__":
        return False
    return top in LIBRARIES or top in sys.stdlib_module_names or top == "s2sad"


def attribute_of_known(f: Frame, base: Known, name: str, node: ast.AST) -> Any:
    """`np.sin`, `cfg.k`: an attribute of an object known while lowering."""
    try:
        value = getattr(base.value, name)
    except AttributeError:
        what = getattr(base.value, "__name__", type(base.value).__name__)
        return f.refuse("no-attribute", node, kind=f"`{what}`", attribute=name)
    except Exception as exc:  # a property that fails
        return f.refuse("no-attribute", node, kind=type(exc).__name__, attribute=name)
    if isinstance(value, Inside):  # of a class that the function defines
        bound = (base,) if value.how == "class" else ()
        return Partial(value.closure, bound)
    text = f"{base.text}.{name}" if base.text else ""
    if not text and base.atom is None:
        return Known(value)
    if base.atom is not None:  # an attribute of a static parameter
        text = f"{base.atom.name}.{name}" if not isinstance(base.atom, Lit) else text  # type: ignore[union-attr]
    root = text.split(".")[0]
    if is_library(value) or is_library_module(base.value):
        kind = kind_of(value, text)
        if isinstance(kind, Static):
            if may_change(base.value) and root not in f.locals and base.atom is None:
                path = ("attr", base_path(f, base), name)
                f.session.guard(path, "is", value, f.owner())  # type: ignore[arg-type]
            return Known(value, text)
        if root in f.locals and type(value) in (int, float):
            return Lit(value)  # a constant of a module that the function imports itself
        if value == math.inf and base.value in (math, numpy):
            short = "math" if base.value is math else "np"
            return Lit(value, f"{short}.inf")  # it may say which norm is meant
        atom = f.free_read(text, kind)
        return f.refer(atom, text)
    path = ("attr", base_path(f, base), name)
    method = isinstance(value, (MethodType, BuiltinMethodType))
    if method and getattr(base.value, name) is not value:  # bound anew by every read
        if isinstance(value, MethodType):
            f.session.guard(path, "code", value.__code__, f.owner())  # type: ignore[arg-type]
        return Known(value, text)
    return outside_value(f, value, path, text, node)


def may_change(holder: object) -> bool:
    """Is it a thing of the user's, which may hold another function of a library later?

    What a library has under a name of its own (`np.add.reduce`) stays.
    """
    named = isinstance(holder, ModuleType) or hasattr(holder, "__name__")
    library = is_library_module(holder) or is_library(holder)
    return not (named and library)


def is_library_module(value: object) -> bool:
    return isinstance(value, ModuleType) and is_library_name(value.__name__)


def base_path(f: Frame, base: Known) -> tuple[Any, ...]:
    """The guard path of a known object, from its text."""
    head, *rest = base.text.split(".")
    function = f.owner()
    free = function.__code__.co_freevars if isinstance(function, FunctionType) else ()
    path: tuple[Any, ...] = ("closure" if head in free else "global", head)
    for part in rest:
        path = ("attr", path, part)
    return path
