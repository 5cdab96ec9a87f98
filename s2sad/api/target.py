"""What a user handed to an operator, reduced to a Python function and what is preset.

    f                         function f
    obj.method                function Class.method, prefix (obj,)
    partial(f, 2.0, k=3)      function f, prefix (2.0,), keywords {"k": 3}
    model (has __call__)      function Class.__call__, prefix (model,)
    np.sin                    a function `def sin(x): return np.sin(x)`, made here

`lru_cache` and `numba.njit` are looked through; `__wrapped__` is not followed silently.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import linecache
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from s2sad.errors import Misuse, raise_all, refuse

Parameter = inspect.Parameter
_CO_VARARGS, _CO_VARKEYWORDS = 4, 8


@dataclass(frozen=True, eq=False)
class Target:
    """`function` is what is lowered; a call passes `prefix` and `keywords` besides."""

    function: types.FunctionType
    owner: object
    prefix: tuple[object, ...] = ()
    keywords: Mapping[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def hidden(self) -> int:
        """How many leading parameters positions do not count."""
        return len(self.prefix)


def find_target(callee: object) -> Target:
    """The Python function behind any callable, or a refusal that says what it is."""
    rules = sys.modules.get("s2sad.api.user_rules")
    if rules is not None and rules.rule_of(callee) is not None:
        return Target(library_function(callee), callee)
    if isinstance(callee, types.FunctionType):
        return Target(callee, callee)
    if isinstance(callee, types.MethodType):
        inner = find_target(callee.__func__)
        return Target(
            inner.function, callee, (callee.__self__, *inner.prefix), inner.keywords
        )
    if isinstance(callee, functools.partial):
        inner = find_target(callee.func)
        keywords = {**inner.keywords, **callee.keywords}
        return Target(inner.function, callee, (*inner.prefix, *callee.args), keywords)
    if isinstance(callee, (staticmethod, classmethod)):
        return find_target(callee.__func__)
    python = getattr(callee, "py_func", None)
    if python is None and isinstance(callee, functools._lru_cache_wrapper):
        python = callee.__wrapped__
    if isinstance(python, types.FunctionType):
        return Target(python, callee)
    if is_library(callee):
        return Target(library_function(callee), callee)
    if isinstance(callee, type):
        _not_a_function(callee, "a class")
    call = getattr(type(callee), "__call__", None)  # noqa: B004
    if isinstance(call, types.FunctionType):
        return Target(call, callee, (callee,))
    what = "not callable" if call is None else f"a {type(callee).__name__}"
    _not_a_function(callee, what)
    raise AssertionError


def _not_a_function(callee: object, what: str) -> None:
    name = getattr(callee, "__name__", None) or repr(callee)[:60]
    if not callable(callee):
        reason = f"expected a function, not {name} ({type(callee).__name__})"
        raise Misuse(reason)
    raise_all([refuse("not-a-function", None, name=name, what=what)])


# ---- parameters ----------------------------------------------------------------------


def parameters_of(function: types.FunctionType) -> tuple[Parameter, ...]:
    """The parameters as the code object has them, whatever `__signature__` claims."""
    code = function.__code__
    names = code.co_varnames
    count, keyword_only = code.co_argcount, code.co_kwonlyargcount
    defaults = function.__defaults__ or ()
    kwdefaults = function.__kwdefaults__ or {}
    found: list[Parameter] = []
    for i in range(count):
        kind = (
            Parameter.POSITIONAL_ONLY
            if i < code.co_posonlyargcount
            else Parameter.POSITIONAL_OR_KEYWORD
        )
        at = i - (count - len(defaults))
        found.append(
            Parameter(
                names[i], kind, default=defaults[at] if at >= 0 else Parameter.empty
            )
        )
    next_name = count + keyword_only
    if code.co_flags & _CO_VARARGS:
        found.append(Parameter(names[next_name], Parameter.VAR_POSITIONAL))
        next_name += 1
    for name in names[count : count + keyword_only]:
        default = kwdefaults.get(name, Parameter.empty)
        found.append(Parameter(name, Parameter.KEYWORD_ONLY, default=default))
    if code.co_flags & _CO_VARKEYWORDS:
        found.append(Parameter(names[next_name], Parameter.VAR_KEYWORD))
    return tuple(found)


def places_of_defaults(function: types.FunctionType) -> tuple[tuple[str, str], ...]:
    """Which parameters have defaults, and what one writes after `f.` to read each."""
    code = function.__code__
    count = len(function.__defaults__ or ())
    names = code.co_varnames[code.co_argcount - count : code.co_argcount]
    found = [(n, f"__defaults__[{k - count}]") for k, n in enumerate(names)]
    named = function.__kwdefaults__ or {}
    found += [(name, f"__kwdefaults__[{name!r}]") for name in named]
    return tuple(found)


# ---- library callables ---------------------------------------------------------------


def is_library(callee: object) -> bool:
    """A function of NumPy, math or builtins: it has a rule, and no source to lower."""
    numpy = sys.modules.get("numpy")
    if isinstance(callee, types.BuiltinFunctionType):
        return True
    if numpy is None:
        return False
    if isinstance(callee, numpy.ufunc):
        return True
    module = getattr(callee, "__module__", None) or ""
    return callable(callee) and module.partition(".")[0] == "numpy"


@functools.lru_cache(maxsize=256)
def library_function(callee: Callable[..., object]) -> types.FunctionType:
    """A Python function that does nothing but call it: `def sin(x): return np.sin(x)`.

    It takes what the callable cannot do without; that is what one differentiates.
    """
    name = getattr(callee, "__name__", "f")
    spelling, scope = _spelled(callee, name)
    arguments = ", ".join(_required(callee))
    text = f"def {name}({arguments}):\n    return {spelling}({arguments})\n"
    filename = f"<s2sad {spelling}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    exec(compile(text, filename, "exec", dont_inherit=True), scope)
    function = scope[name]
    assert isinstance(function, types.FunctionType)
    function.__doc__ = None
    return function


def _spelled(callee: object, name: str) -> tuple[str, dict[str, object]]:
    """How one writes it, and the namespace in which that is right."""
    import math

    if getattr(math, name, None) is callee:
        return f"math.{name}", {"math": math, "__name__": "math"}
    if getattr(builtins, name, None) is callee:
        # under a name of its own the wrapper would call itself
        return f"builtins.{name}", {"builtins": builtins, "__name__": "builtins"}
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        for prefix, module in (("np", numpy), ("np.linalg", numpy.linalg)):
            if getattr(module, name, None) is callee:
                return f"{prefix}.{name}", {"np": numpy, "__name__": "numpy"}
    return f"_{name}", {f"_{name}": callee, "__name__": "s2sad"}


def _required(callee: object) -> list[str]:
    """Names of the parameters without defaults."""
    nin = getattr(callee, "nin", None)
    if isinstance(nin, int):
        return ["x"] if nin == 1 else ["a", "b", "c", "d"][:nin]
    try:
        parameters = inspect.signature(callee).parameters.values()  # type: ignore[arg-type]
    except (TypeError, ValueError):  # max and min tell nothing
        return ["a", "b"] if callee in (max, min) else ["x"]
    plain = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return [
        p.name for p in parameters if p.kind in plain and p.default is Parameter.empty
    ] or ["x"]
