"""The text for Numba: a module with its imports, helpers, kernels and the shell."""

from __future__ import annotations

import inspect

from s2sad.emit.dialect import Dialect
from s2sad.emit.emitter import Text, function_names, parameters
from s2sad.emit.module import builtin_line, import_line, mentions
from s2sad.emit.numba.fitting import Fitted
from s2sad.emit.numba.helpers import HELPERS, needed
from s2sad.emit.numba.operations import Misfitting, add_at
from s2sad.emit.python import function_text
from s2sad.emit.scope import Names, Scope
from s2sad.ir.kinds import PYTHON_SCALARS, Scalar
from s2sad.ir.nodes import Function, Op
from s2sad.ir.walk import statements

NUMBA = Dialect(backwards=False, comprehensions=False, add_at=add_at)


def numba_text(fitted: Fitted, names: Names, checked: bool = False) -> Text:
    """Compiled functions first, then the shell, which runs in the user's namespace."""
    program = fitted.program
    others = {word for word in ("np", "math") if names.means_otherwise(word)}
    # none of the user's is known in there
    own = Names(taken=frozenset(["njit"]), strange=names.shadowed | others)
    functions = function_names(program, Names(taken=names.taken | own.taken))
    params = parameters(program)
    inner = Scope(own, functions, NUMBA, params)
    outer = Scope(names, functions, params=params)
    texts: list[str] = []
    order = [key for key in program.functions if key != program.main] + [program.main]
    for key in order:
        scope = inner if key in fitted.compiled else outer
        function = program.functions[key]
        compiled = key in fitted.compiled
        scope.decorator = (
            decorated(divides_as_numpy(function), checked) if compiled else ""
        )
        texts.append(function_text(function, functions[key], scope, True))
    body = "\n\n".join(texts)
    asked = [str(what) for tag, what in inner.cells.values() if tag == "helper"]
    lacking = [name for name in asked if name not in HELPERS]
    if lacking:
        raise Misfitting(f"`{lacking[0]}`, a helper that is not compiled")
    helpers = needed(asked)
    head = decorated(True, checked)
    sources = [f"{head}\n{inspect.getsource(HELPERS[n])}" for n in helpers]
    body = "\n\n".join([*sources, *texts])
    imports = imported(body, inner)
    return Text(f"{imports}\n\n{body}", dict(outer.cells), functions)


def decorated(as_numpy: bool, checked: bool) -> str:
    """The line above a function.

    Checked, an index out of bounds is an IndexError, as in Python, and not any number.
    """
    options = ["boundscheck=True" if checked else "cache=True"]
    if as_numpy:
        options.append('error_model="numpy"')
    return f"@njit({', '.join(options)})"


def divides_as_numpy(function: Function) -> bool:
    """Is a division by zero NumPy's: is one of its numbers divided?

    Python's floats raise there, NumPy's give an infinity; Numba knows one kind of both,
    and one answer for a function.
    """
    for stmt in statements(function.body):
        if isinstance(stmt, Op) and stmt.prim in ("div", "floordiv", "mod"):
            kinds = [atom.kind for atom in (*stmt.args, *stmt.outs)]
            numpys = (k for k in kinds if isinstance(k, Scalar))
            if any(k.dtype not in PYTHON_SCALARS for k in numpys):
                return True
    return False


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
    for name, (tag, what) in scope.cells.items():
        if tag == "builtin" and name != what:
            standard.append(builtin_line(name, str(what)))
    groups = ["\n".join(g) for g in (sorted(standard), others) if g]
    return "\n\n".join(groups) + "\n"
