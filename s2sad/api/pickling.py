"""Derived functions in other processes: they travel as what they were made from.

by name      the derived function is a module's attribute: `@grad def f(x): ...`
by parts     the function is: `grad(f)` with an importable `f`
by source    neither: a lambda, a nested function. Its text, its defaults and the
             values it refers to travel, and it is compiled again over there
"""

from __future__ import annotations

import builtins
import importlib
import linecache
import sys
from types import CellType, CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from s2sad.api.recipe import Recipe

if TYPE_CHECKING:
    from s2sad.api.derived import Derived


def reduce_derived(derived: Derived[..., Any]) -> Any:
    """What `__reduce__` returns."""
    if _importable(derived.__module__, derived.__qualname__) is derived:
        return _by_name, (derived.__module__, derived.__qualname__)
    recipe, target = derived._recipe, derived._target
    owner = target.owner
    if isinstance(owner, FunctionType):
        return rebuild, (pack_function(owner), recipe)
    return rebuild, (("object", owner), recipe)


def _by_name(module: str, qualname: str) -> Any:
    found: Any = importlib.import_module(module)
    for part in qualname.split("."):
        found = getattr(found, part)
    return found


def rebuild(packed: tuple[str, Any], recipe: Recipe) -> Derived[..., Any]:
    """The derived function again, in this process."""
    from s2sad.api.derived import make
    from s2sad.api.target import find_target

    return make(find_target(unpack_function(packed)), recipe)


# ---- functions -----------------------------------------------------------------------


def pack_function(function: FunctionType) -> tuple[str, Any]:
    """A function by its name, or by its source and what that refers to."""
    if _importable(function.__module__, function.__qualname__) is function:
        return "name", (function.__module__, function.__qualname__)
    from s2sad.syntax.source import find_source

    source = find_source(function)
    code = function.__code__
    names = sorted(_globals_of(code) & function.__globals__.keys())
    values = {name: _pack(function.__globals__[name], function) for name in names}
    cells = {
        name: _pack(cell.cell_contents, function)
        for name, cell in zip(code.co_freevars, function.__closure__ or ())
    }
    return "source", {
        "text": source.text,
        "name": function.__name__,
        "qualname": function.__qualname__,
        "module": function.__module__,
        "globals": values,
        "cells": cells,
        "defaults": function.__defaults__,
        "kwdefaults": function.__kwdefaults__,
        "doc": function.__doc__,
    }


def unpack_function(packed: tuple[str, Any]) -> Any:
    how, what = packed
    if how == "object":
        return what
    if how == "name":
        return _by_name(*what)
    scope: dict[str, Any] = {"__name__": what["module"], "__builtins__": builtins}
    names = list(what["cells"])
    filename = f"<s2sad unpickled {what['name']}>"
    number = 1
    while filename in linecache.cache:
        number += 1
        filename = f"<s2sad unpickled {what['name']} {number}>"
    body = what["text"] if what["text"].startswith("def ") else f"_ = {what['text']}"
    inner = "\n".join(f"    {line}" for line in body.splitlines())
    text = f"def _outer({', '.join(names)}):\n{inner}\n"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    module = compile(text, filename, "exec", dont_inherit=True)
    outer = next(c for c in module.co_consts if isinstance(c, CodeType))
    code = next(c for c in outer.co_consts if isinstance(c, CodeType))
    closure = tuple(CellType() for _ in code.co_freevars)
    function = FunctionType(code, scope, what["name"], what["defaults"], closure)
    function.__kwdefaults__ = what["kwdefaults"]
    function.__qualname__, function.__doc__ = what["qualname"], what["doc"]
    for cell, name in zip(closure, code.co_freevars):
        cell.cell_contents = _unpack(what["cells"][name], function)
    for name, value in what["globals"].items():
        scope[name] = _unpack(value, function)
    return function


def _pack(value: Any, function: FunctionType) -> tuple[str, Any]:
    if value is function:
        return "itself", None
    if isinstance(value, ModuleType):
        return "module", value.__name__
    if isinstance(value, FunctionType):
        return "function", pack_function(value)
    return "value", value


def _unpack(packed: tuple[str, Any], function: FunctionType) -> Any:
    how, what = packed
    if how == "itself":
        return function
    if how == "module":
        return importlib.import_module(what)
    return unpack_function(what) if how == "function" else what


def _globals_of(code: CodeType) -> set[str]:
    """Names that the code, or code in it, may look up."""
    found = set(code.co_names)
    for const in code.co_consts:
        if isinstance(const, CodeType):
            found |= _globals_of(const)
    return found


def _importable(module: str | None, qualname: str) -> object:
    """What another process finds under this name; None if it finds nothing."""
    if not module or "<" in qualname:
        return None
    found: Any = sys.modules.get(module)
    for part in qualname.split("."):
        found = getattr(found, part, None)
    return found
