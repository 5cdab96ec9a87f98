"""The same program with other numbers: its `np`, `math` and floats are exact.

    run = Rebinder().function(energy_vjp)     # the generated function, as it was loaded
    run(symbol("x", 2.0), ...)                # its own text, on symbols

Not a copy of the logic: the very text is compiled again with its float literals exact
and constants unfolded, and given globals and cells in which modules and floats are
replaced. User functions that it calls are rebound likewise, when they are found there.
"""

from __future__ import annotations

import ast
import builtins
import linecache
import math
import sys
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from s2sad.proof.exact import constant
from s2sad.proof.exact_functions import exact_array
from s2sad.proof.exact_helpers import counterpart
from s2sad.proof.exact_numpy import Float, mathematics, numpy

EXACT, DIVIDE, POWER = "__s2sad_exact__", "__s2sad_divide__", "__s2sad_power__"


def _divide(a: Any, b: Any) -> Any:
    """`a / b`, where two whole numbers make a fraction."""
    if type(a) is int and type(b) is int and b:
        return constant(a) / constant(b)
    return a / b


def _power(a: Any, b: Any) -> Any:
    if type(a) is int and type(b) is int and b < 0 and a:
        return constant(a) ** constant(b)
    return a**b


def _quiet(*args: object, **options: object) -> None:
    """`print`: this run is not the user's."""


class Rebinder:
    def __init__(self) -> None:
        self._functions: dict[int, tuple[FunctionType, FunctionType]] = {}
        self._globals: dict[int, dict[str, Any]] = {}

    def function(self, function: FunctionType) -> FunctionType:
        known = self._functions.get(id(function))
        if known is not None:
            return known[1]
        code = exact_code(function)
        space = self._space(function.__globals__)
        made = FunctionType(
            code,
            space,
            function.__name__,
            exact_value(function.__defaults__, self),
            tuple(CellType() for _ in code.co_freevars),
        )
        made.__kwdefaults__ = exact_value(function.__kwdefaults__, self)
        self._functions[id(function)] = (function, made)  # before it meets itself again
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
        for name, cell in zip(code.co_freevars, made.__closure__ or ()):
            try:
                cell.cell_contents = self.value(cells[name].cell_contents)
            except (KeyError, ValueError):
                pass  # still empty in the original, too
        for name in _names(code):
            if name in function.__globals__ and name not in space:
                space[name] = self.value(function.__globals__[name])
        return made

    def _space(self, original: dict[str, Any]) -> dict[str, Any]:
        """Globals of the rebound functions of one module."""
        space = self._globals.get(id(original))
        if space is None:
            space = {
                "__builtins__": builtins,
                "__name__": original.get("__name__", ""),
                "float": Float,
                "print": _quiet,
                EXACT: constant,
                DIVIDE: _divide,
                POWER: _power,
            }
            self._globals[id(original)] = space
        return space

    def value(self, value: Any) -> Any:
        """What a global, a cell or an attribute becomes."""
        if value is np:
            return numpy
        if value is math:
            return mathematics
        if value is np.linalg:
            return numpy.linalg
        if any(value is each for each in (float, np.float64, np.float32)):
            return Float
        if isinstance(value, ModuleType):
            return value if _foreign(value.__name__) else Package(value, self)
        exactly = counterpart(value)
        if exactly is not None:
            return exactly
        if isinstance(value, FunctionType) and not _foreign(value.__module__ or ""):
            return self.function(value)
        if isinstance(value, (BuiltinFunctionType, np.ufunc, FunctionType)) or (
            type(value).__module__ == "numpy" and callable(value)
        ):
            return _library(value)
        return exact_value(value, self)


class Package:
    """A module of the user's: attributes are rebound as they are asked for."""

    def __init__(self, module: ModuleType, rebinder: Rebinder) -> None:
        self._module, self._rebinder = module, rebinder

    def __getattr__(self, name: str) -> Any:
        return self._rebinder.value(getattr(self._module, name))


def _library(value: Any) -> Any:
    """The exact counterpart of `sin` imported by name from math or numpy."""
    name = getattr(value, "__name__", "")
    module = getattr(value, "__module__", None) or ""
    if isinstance(value, np.ufunc):
        return getattr(numpy, name, value)
    if module == "math" and getattr(math, name, None) is value:
        return getattr(mathematics, name)
    for home, real in ((numpy, np), (numpy.linalg, np.linalg)):
        if module.startswith("numpy") and getattr(real, name, None) is value:
            return getattr(home, name)
    return value


def _foreign(module: str) -> bool:
    """Is it of the standard library or an installed one: not the user's, not ours?"""
    top = module.partition(".")[0]
    if top == "s2sad" or top == "s2sad_gen":
        return False
    if top in sys.stdlib_module_names and top != "__main__":
        return True
    found = sys.modules.get(top)
    return "site-packages" in (getattr(found, "__file__", None) or "")


def exact_value(value: Any, rebinder: Rebinder) -> Any:
    """A constant with its floats exact; what has no floats stays the same object."""
    if type(value) is float or isinstance(value, (np.floating, np.ndarray)):
        return exact_array(value)
    if type(value) in (list, tuple):
        return type(value)(rebinder.value(item) for item in value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(rebinder.value(item) for item in value))
    if type(value) is dict:
        return {key: rebinder.value(item) for key, item in value.items()}
    return value


def _names(code: CodeType) -> set[str]:
    names = set(code.co_names)
    for const in code.co_consts:
        if isinstance(const, CodeType):
            names |= _names(const)
    return names


# ---- the text, once more -------------------------------------------------------------


def exact_code(function: FunctionType) -> CodeType:
    """The function's code with exact literals: from its text, else by its constants."""
    node = find_node(function)
    if node is not None:
        made = _compile(node, function.__code__)
        if made is not None:
            return made
    return _with_exact_constants(function.__code__)


def find_node(function: FunctionType) -> ast.FunctionDef | ast.Lambda | None:
    """The one definition of that name on the code's first line."""
    code = function.__code__
    lines = linecache.getlines(code.co_filename, function.__globals__)
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError):
        return None
    found: list[Any] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        elif isinstance(node, ast.Lambda) and code.co_name == "<lambda>":
            first = node.lineno
        else:
            continue
        if first == code.co_firstlineno:
            found.append(node)
    return found[0] if len(found) == 1 else None


class _Exact(ast.NodeTransformer):
    """Float literals become calls; `/` and `**` keep whole numbers exact."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if type(node.value) is not float:
            return node
        return _call(EXACT, node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        name = {ast.Div: DIVIDE, ast.Pow: POWER}.get(type(node.op))
        return _call(name, node.left, node.right) if name else node

    def visit_MatchValue(self, node: ast.MatchValue) -> ast.AST:
        return node  # a pattern takes literals only


def _call(name: str, *args: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(args), [])


def _compile(node: ast.FunctionDef | ast.Lambda, code: CodeType) -> CodeType | None:
    arguments = ast.parse(f"def outer({', '.join(code.co_freevars)}): pass").body[0]
    assert isinstance(arguments, ast.FunctionDef)
    if isinstance(node, ast.Lambda):
        arguments.body = [ast.Expr(node)]
    else:
        node.decorator_list = []
        arguments.body = [node]
        _strip_annotations(node)
    defaults = node.args.defaults + [d for d in node.args.kw_defaults if d is not None]
    for default in defaults:  # taken from the function itself, never evaluated again
        ast.copy_location(default, node)
    tree = ast.Module([_Exact().visit(arguments)], [])
    ast.fix_missing_locations(tree)
    try:
        outer = compile(tree, f"<exact {code.co_name}>", "exec", dont_inherit=True)
    except (RecursionError, SyntaxError, MemoryError):
        return None
    inner = _named(_named(outer, "outer"), code.co_name)
    if (
        inner is None
        or inner.co_varnames[: inner.co_argcount]
        != (code.co_varnames[: code.co_argcount])
    ):
        return None
    return inner if set(inner.co_freevars) <= set(code.co_freevars) else None


def _strip_annotations(node: ast.FunctionDef) -> None:
    """Annotations would be evaluated, or captured, for nothing."""
    node.returns = None
    arguments = node.args
    for arg in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        arg.annotation = None
    for star in (arguments.vararg, arguments.kwarg):
        if star is not None:
            star.annotation = None


def _named(code: CodeType | None, name: str) -> CodeType | None:
    consts = () if code is None else code.co_consts
    return next(
        (c for c in consts if isinstance(c, CodeType) and c.co_name == name), None
    )


def _with_exact_constants(code: CodeType) -> CodeType:
    def exact(const: Any) -> Any:
        if type(const) is float:
            return constant(const)
        if type(const) is tuple:
            return tuple(map(exact, const))
        return _with_exact_constants(const) if isinstance(const, CodeType) else const

    return code.replace(co_consts=tuple(map(exact, code.co_consts)))
