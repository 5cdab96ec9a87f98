"""A derivative in a file of its own: the text that runs, and before it what it names.

    from math import log                 as the user imported it
    import numpy as np                   what the derivative needs besides
    SCALE = 2.0                          a literal among the user's globals
    from model import Layer              what is defined elsewhere
    def unbroadcast(x_bar, x): ...       helpers, copied

Nothing is derived again: the text stays the one that was compiled.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from types import FunctionType, ModuleType

from s2sad.api.generated import Made
from s2sad.api.names import imported_from
from s2sad.api.outside import global_value, walk
from s2sad.emit import Names
from s2sad.emit.literals import plain_text
from s2sad.emit.module import from_line, import_line, module_text
from s2sad.emit.scope import Scope
from s2sad.errors import raise_all, refuse

_NOTHING = object()  # what no namespace holds


def standalone(made: Made, function: FunctionType, doc: str) -> str:
    """The text of the file; raises `Unsupported` where a name has no text."""
    scope = Scope(Names(), {})
    imports: list[str] = []
    constants: dict[str, object] = {}
    for name, (tag, value) in made.cells.items():
        if tag == "value":
            imports.append(line_for(name, value, function))
        else:
            scope.cells[name] = (tag, value)
    for name in names_read(made.text, made.compiled):
        if name in made.cells or name in made.codes:
            continue
        value = value_of(name, made, function)
        if value is _NOTHING:
            continue
        if plain_text(value) is not None:
            constants[name] = value
        else:
            imports.append(line_for(name, value, function))
    above, text = parted(made.text)
    return module_text(
        [text],
        scope,
        Names(numpy=None, math=None),
        imports=[*imports, *above],
        constants=constants,
        doc=doc,
    )


def unnamed(name: str) -> str:
    raise_all([refuse("spelling", None, name=name)])
    raise AssertionError


def value_of(name: str, made: Made, function: FunctionType) -> object:
    """What a name means where the text runs; `_NOTHING` for a builtin."""
    if name in made.late:
        return walk(made.late[name], function, {})
    if name in function.__code__.co_freevars:
        return walk(("closure", name, ()), function, {})
    value = global_value(function, name)
    return _NOTHING if value is getattr(builtins, name, None) else value


def line_for(name: str, value: object, function: FunctionType) -> str:
    """The import that makes a name mean the same in another file."""
    if isinstance(value, ModuleType):
        if importable(value.__name__):
            return import_line(name, value.__name__)
        return unnamed(name)
    library = imported_from(value, name)
    if library is not None:
        return from_line(library, name)
    for module, known in homes(name, value, function):
        found = getattr(sys.modules.get(module), known, _NOTHING)
        if found is value and importable(module):
            as_name = "" if known == name else f" as {name}"
            return f"from {module} import {known}{as_name}"
    return unnamed(name)


def homes(
    name: str, value: object, function: FunctionType
) -> Iterator[tuple[str, str]]:
    """Where it may be found, and under which name: where it was defined comes first."""
    module, own = getattr(value, "__module__", None), getattr(value, "__name__", None)
    if isinstance(module, str) and isinstance(own, str):
        yield module, own
    yield function.__module__, name


def importable(module: str) -> bool:
    """Will another program find this module by its name? A notebook's, it will not."""
    if module == "__main__":
        return False
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def parted(text: str) -> tuple[list[str], str]:
    """The imports that a text begins with, and the rest of it."""
    lines = text.splitlines(keepends=True)
    first = next(k for k, x in enumerate(lines) if x.startswith(("def ", "@")))
    return [line.strip() for line in lines[:first] if line.strip()], (
        "".join(lines[first:])
    )


def names_read(text: str, compiled: Sequence[str] = ()) -> list[str]:
    """Names that a text reads and does not bind, in the order of their appearance.

    Not those of `compiled` functions, whose names are bound in the text.
    """
    found: dict[str, None] = {}
    for top in ast.parse(text).body:
        if isinstance(top, ast.FunctionDef) and top.name not in compiled:
            for name in _free(top, frozenset()):
                found.setdefault(name)
    return list(found)


def _free(root: ast.FunctionDef | ast.Lambda, bound: frozenset[str]) -> Iterator[str]:
    """Names that a function takes from outside; annotations and defaults included."""
    arguments = root.args
    params = [
        *arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
        *filter(None, (arguments.vararg, arguments.kwarg)),
    ]  # fmt: skip
    outer = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
    outer += [p.annotation for p in params if p.annotation is not None]
    if isinstance(root, ast.FunctionDef):
        outer += [*root.decorator_list, *filter(None, [root.returns])]
    for node in outer:
        yield from _reads([node], bound)
    body = [root.body] if isinstance(root, ast.Lambda) else root.body
    own = {p.arg for p in params} | set(_bound(body))
    yield from _reads(body, bound | own)


def _reads(roots: list, bound: frozenset[str]) -> Iterator[str]:
    waiting = list(reversed(roots))
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            yield from _free(node, bound)
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load) and node.id not in bound:
                yield node.id
        else:
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def _bound(roots: list) -> Iterator[str]:
    """Names that statements bind; those of comprehensions are counted with them."""
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((a.asname or a.name).partition(".")[0] for a in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        elif isinstance(node, ast.FunctionDef):
            yield node.name
            continue
        elif isinstance(node, ast.Lambda):
            continue
        waiting.extend(ast.iter_child_nodes(node))
