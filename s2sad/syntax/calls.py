"""Calls: what is called, with which arguments, and who knows what it does.

a builtin that works on structure     builtin_calls.py, folding.py, sorting.py,
                                      kind_questions.py, dataclass_calls.py
a primitive of the rule table         here
a function of the user's              callees.py; its arguments: binding.py
a method of a run-time value          methods.py
a class: NamedTuple, dataclass        objects.py
anything else                         kept as it is written: kept_calls.py
"""

from __future__ import annotations

import ast
import functools
from collections import deque
from collections.abc import Mapping
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from s2sad.ir.kinds import Array, Object, Scalar, Static
from s2sad.ir.nodes import Atom, Lit, Op, Var
from s2sad.rules import TABLE, BadArguments, lookup
from s2sad.rules.containers import is_sequence
from s2sad.rules.dims import BY_SHAPE, size_of
from s2sad.syntax.attributes import get_attribute
from s2sad.syntax.binding import (
    bind_arguments,
    bind_closure,
    default_value,
    is_plain_value,
    outside,
)
from s2sad.syntax.callees import call_function
from s2sad.syntax.control import choose
from s2sad.syntax.draws import draw_by_function, source_of
from s2sad.syntax.expressions import expression
from s2sad.syntax.frame import VIEWS, Frame
from s2sad.syntax.given import hold_items, refs_in
from s2sad.syntax.iterate import LAZY, Wrapped, known_items
from s2sad.syntax.kept_calls import call_unknown, opaque
from s2sad.syntax.operators import special
from s2sad.syntax.resolve import attribute_of_known, is_library
from s2sad.syntax.run import Task
from s2sad.syntax.spelling import is_reachable, spelling_of
from s2sad.syntax.subscripts import place
from s2sad.syntax.values import (
    BAD,
    Bad,
    Closure,
    Either,
    Inside,
    Items,
    Known,
    Method,
    Pack,
    Partial,
    Ref,
    Storage,
    Super,
)
from s2sad.syntax.views import view_of

# Methods that change the list or dict whose they are.
CHANGES = frozenset(
    "append extend insert pop popleft appendleft remove clear reverse sort rotate "
    "update setdefault popitem".split()
)


@expression(ast.Call)
def call(f: Frame, node: ast.Call) -> Task:
    if isinstance(node.func, ast.Attribute):
        holder = node.func.value
        changes = node.func.attr in CHANGES and isinstance(holder, ast.Subscript)
        callee = yield (place(f, holder) if changes else holder)
        if callee is not BAD:
            callee = callee_attribute(f, callee, node.func)
    else:
        callee = yield node.func
    arguments = yield evaluate_arguments(f, node)
    if callee is BAD or arguments is None:
        return BAD
    args, kwargs = arguments
    return f.alike.standing(f, (yield call_value(f, callee, args, kwargs, node)))


def callee_attribute(f: Frame, base: Any, node: ast.Attribute) -> Any:
    """`x.sum`, `np.sin`, `self.forward`: what is called."""
    from s2sad.syntax.objects import method_of

    if isinstance(base, Known) and isinstance(base.value, (set, frozenset)):
        return Method(base, node.attr)
    if isinstance(base, Known):
        return get_attribute(f, base, node)
    if isinstance(base, Super):
        from s2sad.syntax.objects import method_after

        return method_after(f, base, node.attr, node)
    if isinstance(base, Wrapped) and base.made is not None:
        base = base.made  # a method of the progress bar
    found = method_of(f, base, node)
    return Method(base, node.attr) if found is None else found


def evaluate_arguments(f: Frame, node: ast.Call) -> Task:
    """Positional and keyword arguments as values; None if one was refused."""
    args: list[Any] = []
    bad = False
    for each in node.args:
        if isinstance(each, ast.Starred):
            value = yield each.value
            items = yield known_items(f, value, each)
            if items is None:
                if value is not BAD:
                    f.refuse("starred-length", each, what=f.text(each.value))
                bad = True
            else:
                args += items
            continue
        if isinstance(each, ast.GeneratorExp):
            from s2sad.syntax.iterate import Generated

            args.append(Generated(each, tuple(f.overlays)))
            continue
        args.append((yield each))
    kwargs: dict[str, Any] = {}
    for word in node.keywords:
        value = yield word.value
        if word.arg is not None:
            kwargs[word.arg] = value
            continue
        from s2sad.syntax.displays import dict_entries

        entries = None if value is BAD else dict_entries(f, value, word.value)
        if entries is None:
            if value is not BAD:
                f.refuse("unknown-structure", word.value, what=f.text(word.value))
            bad = True
        else:
            kwargs.update(entries)
    if bad or any(isinstance(v, Bad) for v in (*args, *kwargs.values())):
        return None
    return args, kwargs


def call_value(
    f: Frame, callee: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Task:
    """Call a value."""
    if isinstance(callee, Bad) or any(isinstance(a, Bad) for a in args):
        return BAD
    if isinstance(callee, Known):
        return (yield call_known(f, callee, args, kwargs, node))
    if isinstance(callee, Closure):
        bound = yield bind_closure(f, callee, args, kwargs, node)
        if bound is None:
            return BAD
        return (yield call_function(f, callee, bound, node))
    if isinstance(callee, Either):
        return (yield call_either(f, callee, args, kwargs, node))
    if isinstance(callee, Partial):
        more = {**dict(callee.kwargs), **kwargs}
        return (yield call_value(f, callee.callee, [*callee.args, *args], more, node))
    if isinstance(callee, Method):
        from s2sad.syntax.methods import call_method

        return (yield call_method(f, callee, args, kwargs, node))
    kind = f.kind(callee)
    if isinstance(kind, Object):
        from s2sad.syntax.objects import method_of

        name = ast.Attribute(ast.Name("self", ast.Load()), "__call__", ast.Load())
        for each in ast.walk(name):
            ast.copy_location(each, node)
        found = method_of(f, callee, name)
        if found is not None:
            return (yield call_value(f, found, args, kwargs, node))
    if isinstance(kind, Static):
        atom = callee if isinstance(callee, Var) else None
        return (yield call_known(f, Known(kind.value, "", atom), args, kwargs, node))
    return opaque(f, None, [callee, *args], kwargs, node)


def call_either(
    f: Frame, callee: Either, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Task:
    """A call of the function that a branch has chosen: each in a branch of its own."""
    ways = [
        lambda each=each: call_value(f, each, list(args), dict(kwargs), node)
        for each in (callee.then, callee.orelse)
    ]
    return (yield choose(f, callee.cond, *ways, node, "expr"))


def call_known(
    f: Frame, callee: Known, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Task:
    """Call an object known while lowering."""
    from s2sad.syntax.builtin_calls import BUILTINS

    value = callee.value
    if getattr(node, "as_list", False) and value not in (set, deque):
        return f.refuse("construct", node, what=f"`{f.text(node)}` of another kind")
    if args and _hashable(value) and value in SPECIAL:
        called = special(f, value.__name__, args, node)
        if called is not None:
            return (yield called)
    handler = BUILTINS.get(value) if _hashable(value) else None
    if handler is not None:
        return (yield handler(f, args, kwargs, node))
    if f.session.calls is not None:
        found = f.session.calls(f, callee, args, kwargs, node)
        if found is not None:
            return (yield found)
    if source_of(value) is not None:
        return (yield draw_by_function(f, callee, args, kwargs, node))
    from s2sad.syntax.array_writes import call_into, outputs, writer_of

    writer = writer_of(value)
    if writer is not None:
        return (yield writer(f, args, kwargs, node))
    primitive = lookup(value) or helper(value)
    listed = LISTS_TOO.get(value) if _hashable(value) else None
    if isinstance(value, np.ufunc):
        listed = slice(None)
    if listed is not None:
        args[listed] = yield as_arrays(f, args[listed], node)
    if primitive is not None and isinstance(value, np.ufunc):
        spelling = spelling_of(f, callee, node)
        args, kwargs, out, where = outputs(f, value, args, kwargs)
        if out is not None or where is not None:
            return (
                yield call_into(f, primitive, args, kwargs, node, spelling, out, where)
            )
    if primitive is not None:
        return (
            yield call_primitive(
                f, primitive, args, kwargs, node, spelling_of(f, callee, node)
            )
        )
    if isinstance(value, functools.partial):
        inner = Known(value.func, f"{callee.text}.func")
        given = [
            outside(f, a, f"{callee.text}.args[{i}]") for i, a in enumerate(value.args)
        ]
        words = {
            k: outside(f, v, f"{callee.text}.keywords[{k!r}]")
            for k, v in value.keywords.items()
        }
        return (yield call_known(f, inner, [*given, *args], {**words, **kwargs}, node))
    if isinstance(value, MethodType) and not is_library(value.__func__):
        me = attribute_of_known(f, callee, "__self__", node)
        if isinstance(me, Known) and not me.text:
            me = outside(f, value.__self__, f"{callee.text}.__self__")
        return (
            yield call_known(
                f, Known(value.__func__, callee.text), [me, *args], kwargs, node
            )
        )
    from s2sad.syntax.wrappers import wrapped, wraps

    if wraps(f, value, args):
        return (yield wrapped(f, callee, args, kwargs, node))
    if isinstance(value, type):
        from s2sad.syntax.objects import construct

        return (yield construct(f, callee, args, kwargs, node))
    wrapped = unwrapped(value)
    if isinstance(wrapped, FunctionType) and not is_library(wrapped):
        result = yield call_user(f, wrapped, args, kwargs, node)
        return kept(f, result) if is_cached(value) else result
    return (yield call_unknown(f, callee, args, kwargs, node))


# Builtins that ask the object: `abs(v)` is `v.__abs__()`.
SPECIAL = frozenset([abs, len, round, float, int, bool, complex, divmod])


def helper(value: Any) -> Any:
    """The primitive that one of our own helpers computes, in the text of a
    derivative.
    """
    if isinstance(value, FunctionType) and value.__module__ == "s2sad.rules.helpers":
        return TABLE.get(value.__name__)
    return None


def _hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def is_cached(value: Any) -> bool:
    return isinstance(value, functools._lru_cache_wrapper)


def kept(f: Frame, result: Any) -> Any:
    """What a cache holds: the next call with these arguments gives it again."""
    result = f.refer(result)
    for ref in refs_in(f, result):
        ref.storage.origin = "cached"
    return result


def unwrapped(value: Any) -> Any:
    """The function behind `lru_cache` and `njit`."""
    if is_cached(value):
        return value.__wrapped__
    inner = getattr(value, "py_func", None)
    return inner if isinstance(inner, FunctionType) else value


# ---- primitives ----------------------------------------------------------------------


def name_lengths(made: Any, shape: Pack) -> None:
    """`np.zeros((n, m))` is as long as those numbers, whatever they are."""
    kind = getattr(made, "kind", None)
    dims = kind.dims if isinstance(kind, Array) else None
    if isinstance(kind, Array) and dims and len(dims) == len(shape.items):
        pairs = zip(dims, shape.items, strict=True)
        named = (size_of(item) if dim is None else dim for dim, item in pairs)
        made.kind = Array(kind.dtype, tuple(named))


def call_primitive(
    f: Frame,
    primitive: Any,
    args: list[Any],
    kwargs: dict[str, Any],
    node: ast.AST,
    spelling: str,
) -> Task:
    """A function that has a rule."""
    args = list(args)
    for i, arg in enumerate(args):
        if isinstance(arg, LAZY):  # np.array(x * x for x in ...), np.stack(map(...))
            from s2sad.syntax.comprehensions import as_list

            args[i] = yield as_list(f, arg, node)
    if any(isinstance(a, Bad) for a in args):
        return BAD
    out = kwargs.get("out")
    if out is not None and (isinstance(out, (Ref, Pack)) or f.static(out) is not None):
        from s2sad.syntax.array_writes import call_into, outputs

        args, kwargs, out, _ = outputs(f, None, args, kwargs)
        return (yield call_into(f, primitive, args, kwargs, node, spelling, out, None))
    written = len(f.w.stmts)
    atoms = [argument(f, value, node) for value in args]
    words = {key: argument(f, value, node) for key, value in kwargs.items()}
    if BAD in atoms or BAD in words.values():
        return BAD
    try:
        operands, attrs = primitive.bind(atoms, words)
    except BadArguments as exc:
        return f.refuse("bad-arguments", node, function=spelling, reason=str(exc))
    drop_unused(f, written, operands)
    if spelling and (spelling[0] == "." or is_reachable(f, spelling)):
        attrs = {**attrs, "spelling": spelling}
    result = f.op(primitive.name, operands, node, attrs)
    if primitive.name in BY_SHAPE and isinstance(args[0], Pack):
        name_lengths(result, args[0])
    if not is_new_array(result):  # it may hold what it was given: `sorted([a, b])`
        for value in (*args, *kwargs.values()):
            hold_items(f, getattr(value, "items", ()), node)
    found = None
    if args:
        base = args[-1] if primitive.name == "einsum" else args[0]
        found = view_of(f, primitive.name, operands, attrs, base, result, node)
    if found is not None:
        return found
    bases = viewed(primitive.name, attrs, result, args)
    if isinstance(result, tuple):
        return Pack(tuple(f.refer(f.looking_into(part, bases)) for part in result))
    if (
        primitive.name == "print"
        or isinstance(result, Var)
        and result.kind == Static(None)
    ):
        return Lit(None)
    return f.looking_into(result, bases)


# Functions that take lists for arrays, as ufuncs do, where rules know arrays: which of
# the arguments.
LISTS_TOO = {
    np.clip: slice(None),
    np.einsum: slice(1, None),
    np.pad: slice(1),
    np.sort: slice(1),
    np.take: slice(2),
    np.where: slice(1, None),
}


def as_arrays(f: Frame, args: list[Any], node: ast.AST) -> Task:
    """The arguments, with arrays of what is in lists and tuples."""
    made = list(args)
    for i, arg in enumerate(args):
        if isinstance(arg, (Ref, Pack, Items)) and is_sequence(f.kind(arg)):
            made[i] = yield call_primitive(f, lookup(np.array), [arg], {}, node, "")
    return made


def argument(f: Frame, value: Any, node: ast.AST) -> Any:
    """An argument of a primitive; a static one as a literal."""
    if isinstance(value, Known) and value.atom is None:
        return Lit(value.value, value.text or None)
    if isinstance(value, (Closure, Partial, Method)):
        return f.refuse("higher-order", node, function=f.text(node), what="a function")
    return f.atom(value, node, lend=False)


def is_new_array(result: Any) -> bool:
    return isinstance(result, Var) and isinstance(result.kind, (Scalar, Array))


def drop_unused(f: Frame, start: int, operands: tuple[Atom, ...]) -> None:
    """Take back the tuples that turned out to be options (`axis=(0, 1)`)."""
    needed = {atom for atom in operands if isinstance(atom, Var)}
    kept: list[Any] = []
    for stmt in reversed(f.w.stmts[start:]):
        if isinstance(stmt, Op) and stmt.prim in ("tuple", "list", "dict"):
            if not any(out in needed for out in stmt.outs):
                continue
        if isinstance(stmt, Op):
            needed.update(a for a in stmt.args if isinstance(a, Var))
        kept.append(stmt)
    f.w.stmts[start:] = kept[::-1]


def viewed(
    name: str, attrs: Mapping[str, Any], result: Any, args: list[Any]
) -> set[Storage]:
    """The arrays of which NumPy may have returned a view."""
    if name == "diag" and getattr(result.kind, "rank", None) == 2:
        return set()  # a new matrix
    if name == "matrix_power" and attrs.get("n") == 1:  # the matrix itself
        return {a.storage for a in args if isinstance(a, Ref)}
    if name in VIEWS or name == "array" and "copy" in attrs:
        return {a.storage for a in args if isinstance(a, Ref)}
    return set()


# ---- the user's functions ------------------------------------------------------------

GENERATOR, COROUTINE = 0x20, 0x80 | 0x200


def call_user(
    f: Frame,
    function: FunctionType | Inside,
    args: list[Any],
    kwargs: dict[str, Any],
    node: ast.AST,
) -> Task:
    if isinstance(function, Inside):
        return (yield call_value(f, function.closure, args, kwargs, node))
    flags = function.__code__.co_flags
    if flags & COROUTINE:
        return f.refuse("async", node, what="async def")
    if flags & GENERATOR:
        return f.refuse("yield", node, what="yield")
    from s2sad.errors import S2sadError

    try:
        reading = f.session.reading(function)
    except S2sadError as exc:
        f.session.found.extend(exc.diagnostics)
        return BAD
    defaults = [
        outside(f, d, "") if is_plain_value(d) else default_value(f, function, d, i)
        for i, d in enumerate(function.__defaults__ or ())
    ]
    words = function.__kwdefaults__ or {}
    order = [a.arg for a in reading.node.args.kwonlyargs]
    kw = [
        None
        if n not in words
        else outside(f, words[n], "")
        if is_plain_value(words[n])
        else default_value(f, function, words[n], n)
        for n in order
    ]
    bound = bind_arguments(
        f, reading.node.args, defaults, kw, args, kwargs, node, function.__name__
    )
    if bound is None:
        return BAD
    return (yield call_function(f, function, bound, node))


# ---- exceptions ----------------------------------------------------------------------


def exception_value(f: Frame, node: ast.expr) -> Task:
    """`ValueError("...")` in a `raise`: a call kept as written."""
    value = yield node
    if isinstance(value, Known):
        return f.known_atom(value)
    return f.atom(value, node)
