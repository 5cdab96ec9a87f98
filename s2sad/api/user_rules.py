"""Users' rules: the verbs of the rule table, for functions of their own.

    rule(table, lambda y, x: slope(x))                         elementwise, partials
    rule(smooth_out, linear=lambda y_bar, y, x: back(y_bar))   linear, its transpose
    @rule(partials=lambda y, a, b: (b, a))                     as a decorator

A rule is ordinary Python, run on handles: what it calls of NumPy and `math` becomes an
operation of the derivative, and so does what has a rule itself. The user's other
functions are read through; a library function without a rule is called as it is.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import CellType, CodeType, FunctionType, MappingProxyType, ModuleType
from typing import Any

from s2sad.api.names import value_of_name
from s2sad.errors import Misuse, S2sadError
from s2sad.ir.kinds import Kind
from s2sad.ir.nodes import Atom, Block, Function, Op, Program, Stmt
from s2sad.ir.walk import blocks, primitives, with_blocks
from s2sad.rules import TABLE, BadArguments, Primitive, custom, linear, lookup, smooth
from s2sad.rules.handles import Handle
from s2sad.rules.infer import float_function

_RULES: dict[int, tuple[object, Primitive]] = {}  # by id: some are unhashable
_BEHIND: dict[str, object] = {}  # the function behind a primitive of the user's


def rule(
    f: Any = None,
    partials: Callable[..., Any] | None = None,
    *,
    linear: Callable[..., Any] | None = None,
) -> Any:
    """See `inspection.rule`."""
    if f is None:
        return lambda function: rule(function, partials, linear=linear)
    if not callable(f):
        raise Misuse(f"`rule` is for a function, not {type(f).__name__}")
    if (partials is None) == (linear is None):
        raise Misuse(
            "`rule` takes partials(y, x, ...), or linear=transpose(y_bar, y, x)"
        )
    if partials is not None:
        made = _smooth(f, partials)
    else:
        assert linear is not None
        made = _linear(f, linear)
    _RULES[id(f)] = (f, made)
    return f


def check_rule(f: Any, *samples: Any, order: int = 1, **tolerances: Any) -> None:
    """See `inspection.check_rule`."""
    from s2sad.api.inspection import check_grads

    if rule_of(f) is None and lookup(f) is None:
        raise Misuse(f"`{_word(f)}` has no rule: s2sad.rule({_word(f)}, ...) adds one")
    for sample in samples or (0.7,):
        args = sample if isinstance(sample, tuple) else (sample,)
        names = ", ".join(f"x{i}" for i in range(len(args)))
        # A function that does nothing but call it: `f` itself might be read.
        scope: dict[str, Any] = {"f": f, "__name__": "s2sad"}
        check_grads(_calling(names, scope), args, order, **tolerances)


def _calling(names: str, scope: dict[str, Any]) -> Callable[..., Any]:
    import linecache

    text = f"def check_rule({names}):\n    return f({names})\n"
    filename = f"<s2sad rule of {_word(scope['f'])}({names})>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    exec(compile(text, filename, "exec", dont_inherit=True), scope)
    found: Callable[..., Any] = scope["check_rule"]
    return found


def rule_of(f: object) -> Primitive | None:
    """The primitive that a user has made of a function."""
    found = _RULES.get(id(f))
    return None if found is None or found[0] is not f else found[1]


def ruled() -> list[str]:
    """The functions that have rules, in words: what is derived depends on them."""
    return sorted(
        f"{getattr(f, '__module__', '')}:{getattr(f, '__qualname__', _word(f))}"
        for f, _ in _RULES.values()
    )


def any_rules(program: Program) -> bool:
    """Does a program call a function that has a user's rule?"""
    bodies = (function.body for function in program.functions.values())
    return not all(primitives(body).isdisjoint(_BEHIND) for body in bodies)


# ---- making primitives ---------------------------------------------------------------


def _smooth(f: Any, partials: Callable[..., Any]) -> Primitive:
    return smooth(
        f"<{_fresh_name(f)}>", _stated(f, partials), run=f, kind=float_function
    )


def _linear(f: Any, transpose: Callable[..., Any]) -> Primitive:
    def same(args: Sequence[Atom], attrs: Mapping[str, object]) -> tuple[Kind, ...]:
        return (args[0].kind,)

    return linear(f"<{_fresh_name(f)}>", _stated(f, transpose), run=f, kind=same)


def _stated(f: Any, given: Callable[..., Any]) -> Callable[..., Any]:
    """What the user stated of `f`; where it fails, the error says at whose call."""
    if not isinstance(given, FunctionType):
        raise Misuse(f"the rule of `{_word(f)}` is a function: lambda y, x: ...")
    read = _rebound(given)

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return read(*args, **kwargs)
        except (BadArguments, S2sadError):
            raise
        except Exception as error:
            reason = f"it fails with {type(error).__name__}: {error}"
            raise BadArguments(reason) from error

    return call


def _unknown(f: Any) -> Primitive:
    """A function without a rule that a rule calls: first derivatives need none."""

    def refuse(*_: object) -> Any:
        word = _word(f)
        raise BadArguments(f"`{word}` has no rule: s2sad.rule({word}, ...) adds one")

    made = custom(f"<{_fresh_name(f)}>", refuse, refuse, run=f, kind=float_function)
    _RULES[id(f)] = (f, made)
    return made


def _fresh_name(f: Any) -> str:
    word = _word(f)
    name, number = f"{word}()", 1
    while name in TABLE:
        number += 1
        name = f"{word}()_{number}"
    _BEHIND[name] = f
    return name


def _word(f: Any) -> str:
    name = getattr(f, "__name__", type(f).__name__)
    return name if name.isidentifier() else "function"


# ---- running a rule on handles -------------------------------------------------------


class Library:
    """A module for a rule: `np`, `math` and others, whose functions take handles."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return on_handles(getattr(self._module, name))


def on_handles(value: Any) -> Any:
    """A function, or what a name in it stands for, that also takes handles."""
    if isinstance(value, ModuleType):
        return Library(value)
    own = rule_of(value)
    if own is not None:
        return own
    if isinstance(value, FunctionType) and not value.__module__.startswith("numpy"):
        return _read_through(value)
    primitive = lookup(value) if callable(value) else None
    if primitive is not None:
        return primitive
    if not callable(value) or isinstance(value, (type, Handle, Primitive)):
        return value

    def call(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(arg, Handle) for arg in args) and not kwargs:
            return (rule_of(value) or _unknown(value))(*args)
        return value(*args, **kwargs)

    return call


def _read_through(function: FunctionType) -> Any:
    """A function that a rule calls: its operations, or, where these are not all
    known, the call as it is.
    """
    read = _rebound(function)

    def call(*args: Any, **kwargs: Any) -> Any:
        if not any(isinstance(arg, Handle) for arg in (*args, *kwargs.values())):
            return function(*args, **kwargs)
        try:
            return read(*args, **kwargs)
        except Exception:
            if kwargs:
                raise
            return _unknown(function)(*args)

    return call


def _rebound(function: FunctionType) -> Any:
    """The function with every name that it mentions on handles, when it is called."""

    def call(*args: Any, **kwargs: Any) -> Any:
        names = set(_mentioned(function.__code__))
        scope = {
            name: on_handles(value) if name in names else value
            for name, value in function.__globals__.items()
        }
        cells = tuple(
            CellType(on_handles(cell.cell_contents))
            for cell in function.__closure__ or ()
        )
        made = types.FunctionType(
            function.__code__, scope, function.__name__, function.__defaults__, cells
        )
        made.__kwdefaults__ = function.__kwdefaults__
        return made(*args, **kwargs)

    call.__wrapped__ = function  # type: ignore[attr-defined]
    return call


def _mentioned(code: CodeType) -> list[str]:
    found = list(code.co_names)
    for const in code.co_consts:
        if isinstance(const, CodeType):
            found += _mentioned(const)
    return found


# ---- names in the text ---------------------------------------------------------------


def settle_rules(
    program: Program, taken: set[str], function: FunctionType
) -> tuple[Program, set[str], dict[str, object]]:
    """The program with a name for each function that has a rule, these names, and the
    functions that must be bound to theirs.

    The text runs where `function` does; `taken` are names that mean something there.
    """
    used: set[str] = set()
    bound: dict[str, object] = {}

    def name_for(f: Any) -> str:
        word = _word(f)
        if value_of_name(function, word) is f:
            return word
        while not (bound.get(word) is f or word not in taken and word not in bound):
            word += "_"
        bound[word] = f
        return word

    def spelled(op: Op) -> Op:
        f = _BEHIND.get(op.prim)
        if f is None or op.attrs.get("spelling"):
            return op
        name = name_for(f)
        used.add(name)
        attrs = {**op.attrs, "spelling": name}
        return replace(op, attrs=MappingProxyType(attrs))

    def block(old: Block) -> Block:
        return Block(tuple(map(stmt, old.stmts)), old.yields, old.stop)

    def stmt(old: Stmt) -> Stmt:
        if isinstance(old, Op):
            return spelled(old)
        return with_blocks(old, tuple(map(block, blocks(old))))

    def whole(old: Function) -> Function:
        return replace(old, body=block(old.body))

    functions = {key: whole(f) for key, f in program.functions.items()}
    return Program(program.main, functions), used, bound
