"""The target `module`: a file that stands alone, with imports, helpers and constants.

import numpy as np

def unbroadcast(x_bar, x): ...

def f_vjp(x, y_bar): ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from s2sad.emit.helpers import HELPERS, helper_source, needed
from s2sad.emit.literals import plain_text
from s2sad.emit.scope import MODULES, Names, Scope

STANDARD = ("import math", "from math", "from builtins")


class NotStandalone(Exception):
    """The text needs something that only the running program has."""


def module_text(
    texts: Sequence[str],
    scope: Scope,
    names: Names,
    *,
    imports: Sequence[str] = (),
    constants: Mapping[str, object] | None = None,
    doc: str = "",
) -> str:
    """The functions with all that they need before them.

    `imports` are lines for names of the user's that come from elsewhere; `constants`
    are globals of the user's, copied where they are literals.
    """
    body = "\n\n".join(texts)
    used = [what for tag, what in scope.cells.values() if tag == "helper"]
    helpers = needed(str(name) for name in used)
    modules: dict[str, str] = {}
    for name, (tag, what) in scope.cells.items():
        if tag == "module":
            modules[name] = str(what)
    for short, called in (("np", names.numpy), ("math", names.math)):
        if called is not None and mentions(body, called):
            modules[called] = MODULES[short]
    if any("np" in HELPERS[name].__code__.co_names for name in helpers):
        modules.setdefault("np", "numpy")
    if any("math" in HELPERS[name].__code__.co_names for name in helpers):
        modules.setdefault("math", "math")

    rows = [import_line(name, module) for name, module in modules.items()]
    rows += [
        from_line(dotted, name)
        for dotted, name in names.direct.items()
        if mentions(body, name)
    ]
    rows += list(imports)
    for name, value in (constants or {}).items():
        literal = plain_text(value)
        if literal is None:
            raise NotStandalone(name)
        rows.append(f"{name} = {literal}")
    for name, (tag, what) in scope.cells.items():
        if tag == "value":
            rows.append(value_line(name, what))
        elif tag == "builtin" and name != what:
            rows.append(builtin_line(name, str(what)))
    standard = sorted(row for row in set(rows) if row.startswith(STANDARD))
    others = sorted(
        r for r in set(rows) if r.startswith(("import ", "from ")) and r not in standard
    )
    values = [row for row in rows if not row.startswith(("import ", "from "))]
    groups = ["\n".join(group) for group in (standard, others, values) if group]
    head = [f'"""{doc}"""'] if doc else []
    sources = [helper_source(name) for name in helpers]
    top = "\n\n".join([*head, *groups])
    parts = [top + "\n"] if top else []
    return "\n\n".join([*parts, *sources, *texts])


def mentions(text: str, name: str) -> bool:
    """Is a name used anywhere in a text?"""
    at = text.find(name)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
        if not (before.isalnum() or before in ("_", ".")) and not (
            after.isalnum() or after == "_"
        ):
            return True
        at = text.find(name, at + 1)
    return False


def import_line(name: str, module: str) -> str:
    return f"import {module}" if name == module else f"import {module} as {name}"


def builtin_line(name: str, builtin: str) -> str:
    return f"from builtins import {builtin} as {name}"


def from_line(dotted: str, name: str) -> str:
    head, _, last = dotted.rpartition(".")
    module = MODULES.get(head, head.replace("np.", "numpy."))
    return f"from {module} import {last}" + ("" if last == name else f" as {name}")


def value_line(name: str, value: object) -> str:
    """An object of the user's, imported from where it was defined."""
    module = getattr(value, "__module__", None)
    real = getattr(value, "__qualname__", None)
    if not module or not real or "." in real or module in ("__main__", "builtins"):
        raise NotStandalone(name)
    return f"from {module} import {real}" + ("" if real == name else f" as {name}")
