"""The text for Numba: a module with its imports, helpers, kernels and the shell."""

from __future__ import annotations

import inspect
from dataclasses import replace

from s2sad.emit.dialect import Dialect
from s2sad.emit.emitter import Text, function_names
from s2sad.emit.module import import_line, mentions
from s2sad.emit.numba.fitting import Fitted
from s2sad.emit.numba.helpers import HELPERS, needed
from s2sad.emit.numba.operations import Misfitting, add_at
from s2sad.emit.python import function_text
from s2sad.emit.scope import Names, Scope

NUMBA = Dialect(decorator="@njit(cache=True)", backwards=False, add_at=add_at)
# An index out of bounds is an IndexError then, as it is in Python, and not any number.
CHECKED = replace(NUMBA, decorator="@njit(boundscheck=True)")


def numba_text(fitted: Fitted, names: Names, checked: bool = False) -> Text:
    """Compiled functions first, then the shell, which runs in the user's namespace."""
    dialect = CHECKED if checked else NUMBA
    program = fitted.program
    own = Names(taken=names.taken | frozenset(["njit"]))
    functions = function_names(program, own)
    inner = Scope(own, functions, dialect)
    outer = Scope(names, functions)
    texts: list[str] = []
    order = [key for key in program.functions if key != program.main] + [program.main]
    for key in order:
        scope = inner if key in fitted.compiled else outer
        function = program.functions[key]
        texts.append(function_text(function, functions[key], scope, True))
    body = "\n\n".join(texts)
    asked = [str(what) for tag, what in inner.cells.values() if tag == "helper"]
    lacking = [name for name in asked if name not in HELPERS]
    if lacking:
        raise Misfitting(f"`{lacking[0]}`, a helper that is not compiled")
    helpers = needed(asked)
    sources = [f"{dialect.decorator}\n{inspect.getsource(HELPERS[n])}" for n in helpers]
    body = "\n\n".join([*sources, *texts])
    imports = imported(body, inner)
    return Text(f"{imports}\n\n{body}", dict(outer.cells), functions)


def imported(body: str, scope: Scope) -> str:
    """The lines above everything else, as formatters sort them."""
    modules = {"np": "numpy", "math": "math"}
    for name, (tag, what) in scope.cells.items():
        if tag == "module":
            modules[name] = str(what)
    used = {name: module for name, module in modules.items() if mentions(body, name)}
    standard = [import_line(n, m) for n, m in used.items() if m == "math"]
    others = [import_line(n, m) for n, m in used.items() if m != "math"]
    others = [*sorted(others), "from numba import njit"]
    groups = ["\n".join(g) for g in (sorted(standard), others) if g]
    return "\n\n".join(groups) + "\n"
