"""Calls: what is called, with which arguments, and who knows what it does.

a builtin that works on structure (range, zip, isinstance)   builtin_calls.py
a primitive of the rule table                                 here
a function of the user's                                      functions.py
a method of a run-time value                                  methods.py
a class: NamedTuple, dataclass, exception                     objects.py
anything else                                                 kept as written, `opaque`
"""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Mapping
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any

import numpy as np

from s2sad.errors import refuse
from s2sad.ir.kinds import FLOAT, UNKNOWN, Kind, Object, Static
from s2sad.ir.nodes import Atom, Lit, Op, Var
from s2sad.rules import TABLE, BadArguments, lookup
from s2sad.syntax.callees import call_function
from s2sad.syntax.control import choose
from s2sad.syntax.draws import draw_by_function, made_source, source_of
from s2sad.syntax.expressions import expression, get_attribute
from s2sad.syntax.frame import VIEWS, Frame
from s2sad.syntax.iterate import LAZY, Wrapped, known_items
from s2sad.syntax.operators import special
from s2sad.syntax.resolve import is_library
from s2sad.syntax.run import Task
from s2sad.syntax.values import (
    BAD,
    Bad,
    Closure,
    Either,
    Known,
    Method,
    Pack,
    Partial,
    Ref,
    Storage,
    Super,
)
from s2sad.syntax.views import view_of


@expression(ast.Call)
def call(f: Frame, node: ast.Call) -> Task:
    if isinstance(node.func, ast.Attribute):
        callee = yield node.func.value
        if callee is not BAD:
            callee = callee_attribute(f, callee, node.func)
    else:
        callee = yield node.func
    arguments = yield evaluate_arguments(f, node)
    if callee is BAD or arguments is None:
        return BAD
    args, kwargs = arguments
    return (yield call_value(f, callee, args, kwargs, node))


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
        from s2sad.syntax.expressions import dict_entries

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
        return (yield call_user(f, wrapped, args, kwargs, node))
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


def unwrapped(value: Any) -> Any:
    """The function behind `lru_cache` and `njit`."""
    if isinstance(value, functools._lru_cache_wrapper):
        return value.__wrapped__
    inner = getattr(value, "py_func", None)
    return inner if isinstance(inner, FunctionType) else value


def outside(f: Frame, value: Any, text: str) -> Any:
    """A value that a known object holds."""
    if type(value) in (int, float, bool, complex, str, type(None)):
        return Lit(value)
    from s2sad.analysis.kinds_of import kind_of

    kind = kind_of(value, text)
    if isinstance(kind, Static):
        return Known(value, text)
    return f.refer(f.free_read(text, kind), text)


def spelling_of(f: Frame, callee: Known, node: ast.AST) -> str:
    """How the user wrote the callee."""
    if callee.text or not isinstance(node, ast.Call):
        return callee.text
    return " ".join(f.reading.text(node.func).split())


def is_reachable(f: Frame, text: str) -> bool:
    """Does the derivative see the same thing under this name?

    It sees the globals of the function that is differentiated; not names of other
    modules, nor what a function imports for itself.
    """
    root = text.split(".")[0]
    main = f.session.function
    if root in f.locals or f.lookup_local(root) is not None:
        return False
    if main is None or f.globals is main.__globals__:
        return True
    here = f.globals.get(root, getattr(builtins, root, None))
    there = main.__globals__.get(root, getattr(builtins, root, None))
    return here is there and root not in main.__code__.co_varnames


# ---- primitives ----------------------------------------------------------------------


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
    found = None
    if args:
        found = view_of(f, primitive.name, operands, attrs, args[0], result, node)
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


def out_text(f: Frame, node: ast.AST) -> str:
    """What the user passed as `out=`."""
    words = getattr(node, "keywords", ())
    given = next((word.value for word in words if word.arg == "out"), node)
    return f.text(given)


def argument(f: Frame, value: Any, node: ast.AST) -> Any:
    """An argument of a primitive; a static one as a literal."""
    if isinstance(value, Known) and value.atom is None:
        return Lit(value.value, value.text or None)
    if isinstance(value, (Closure, Partial, Method)):
        return f.refuse("higher-order", node, function=f.text(node), what="a function")
    return f.atom(value, node)


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
    if name in VIEWS or name == "array" and attrs.get("copy") is not None:
        return {a.storage for a in args if isinstance(a, Ref)}
    return set()


# ---- the user's functions ------------------------------------------------------------

GENERATOR, COROUTINE = 0x20, 0x80 | 0x200


def call_user(
    f: Frame,
    function: FunctionType,
    args: list[Any],
    kwargs: dict[str, Any],
    node: ast.AST,
) -> Task:
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
        outside(f, d, "") if _plain(d) else default_value(f, function, d, i)
        for i, d in enumerate(function.__defaults__ or ())
    ]
    words = function.__kwdefaults__ or {}
    order = [a.arg for a in reading.node.args.kwonlyargs]
    kw = [
        None
        if n not in words
        else outside(f, words[n], "")
        if _plain(words[n])
        else default_value(f, function, words[n], n)
        for n in order
    ]
    bound = bind_arguments(
        f, reading.node.args, defaults, kw, args, kwargs, node, function.__name__
    )
    if bound is None:
        return BAD
    return (yield call_function(f, function, bound, node))


def _plain(value: object) -> bool:
    return type(value) in (int, float, bool, complex, str, type(None))


def default_value(f: Frame, function: FunctionType, value: Any, key: int | str) -> Any:
    """A default that is no literal, read where the function keeps it."""
    where = "__defaults__" if isinstance(key, int) else "__kwdefaults__"
    made = outside(f, value, f"{function.__name__}.{where}[{key!r}]")
    if isinstance(made, Ref):
        made.storage.origin = "default"  # shared by all calls: not to be written into
    return made


def bind_closure(
    f: Frame, callee: Closure, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Task:
    return bind_arguments(
        f,
        callee.node.args,
        list(callee.defaults),
        list(callee.kw_defaults),
        args,
        kwargs,
        node,
        callee.name,
    )
    yield


def bind_arguments(
    f: Frame,
    spec: ast.arguments,
    defaults: list[Any],
    kw_defaults: list[Any],
    args: list[Any],
    kwargs: dict[str, Any],
    node: ast.AST,
    name: str,
) -> dict[str, Any] | None:
    """Parameters to values, as a Python call binds them; None if refused."""

    def wrong(reason: str) -> None:
        f.refuse("bad-arguments", node, function=name, reason=reason)

    plain = [a.arg for a in (*spec.posonlyargs, *spec.args)]
    positional_only = {a.arg for a in spec.posonlyargs}
    bound: dict[str, Any] = dict(zip(plain, args))
    rest = args[len(plain) :]
    if rest and spec.vararg is None:
        wrong(f"it takes {len(plain)} positional arguments, {len(args)} are given")
        return None
    named = dict(kwargs)
    for arg in [*plain, *(a.arg for a in spec.kwonlyargs)]:
        if arg in named and arg not in positional_only:
            if arg in bound:
                wrong(f"it gets two values for `{arg}`")
                return None
            bound[arg] = named.pop(arg)
    for arg, default in zip(plain[len(plain) - len(defaults) :], defaults):
        bound.setdefault(arg, default)
    for word, default in zip(spec.kwonlyargs, kw_defaults):
        if default is not None:
            bound.setdefault(word.arg, default)
    missing = [a for a in [*plain, *(w.arg for w in spec.kwonlyargs)] if a not in bound]
    if missing:
        wrong(f"the argument `{missing[0]}` is missing")
        return None
    if named and spec.kwarg is None:
        wrong(f"it has no parameter `{next(iter(named))}`")
        return None
    order = {a: bound[a] for a in plain}
    if spec.vararg:
        order[spec.vararg.arg] = Pack(tuple(rest))
    order.update({w.arg: bound[w.arg] for w in spec.kwonlyargs})
    if spec.kwarg:
        from s2sad.syntax.values import Entries

        order[spec.kwarg.arg] = f.refer(Entries(named))
    return order


# ---- everything else -----------------------------------------------------------------


def call_unknown(
    f: Frame, callee: Known, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Task:
    """A library function without a rule: as it is, unless an active value
    reaches it.
    """
    value = callee.value
    name = (
        callee.text
        or spelling_of(f, callee, node)
        or getattr(value, "__name__", "this")
    )
    if isinstance(value, BuiltinMethodType) and not callee.text:
        return f.refuse("no-rule", node, function=name)
    out = kwargs.get("out")
    if out is not None:
        return f.refuse("out", node, function=name, name=out_text(f, node))
    refs = [a for a in (*args, *kwargs.values()) if isinstance(a, Ref)]
    if refs and writes(value):
        return f.refuse("write-to-write", node, name=f.text(node))
    return opaque(f, name, args, kwargs, node, value)
    yield


# Whose functions leave their arguments as they are, but for those that say otherwise.
READERS = frozenset(
    "numpy math cmath scipy logging warnings time builtins json pprint".split()
)
WRITERS = frozenset(
    "at put place putmask copyto put_along_axis fill_diagonal shuffle setfield "
    "heapify heappush heappop heapreplace heappushpop insort insort_left insort_right "
    "setitem delitem iadd isub imul itruediv ipow imatmul iconcat setattr".split()
)


def writes(value: Any) -> bool:
    """Is it a library function that is known to write into its arguments?"""
    return getattr(value, "__name__", None) in WRITERS


def may_write(value: Any) -> bool:
    """Might it write into its arguments, for all that is known of it?"""
    home = getattr(value, "__module__", None)
    if not isinstance(home, str):
        home = type(getattr(value, "__self__", value)).__module__
    return value is None or home.split(".")[0] not in READERS


def origin(value: Any) -> tuple[str, str]:
    """Where a library function comes from, and its name there."""
    home = getattr(value, "__module__", None) or getattr(
        type(getattr(value, "__self__", None)), "__module__", ""
    )
    return str(home), getattr(value, "__name__", "")


# What the library's own functions give that are of use beside numbers.
RESULTS: dict[tuple[str, str], Kind] = {
    **dict.fromkeys(
        [("time", name) for name in ("time", "perf_counter", "monotonic")], FLOAT
    ),
}


def opaque(
    f: Frame,
    name: str | None,
    args: list[Any],
    kwargs: dict[str, Any],
    node: ast.AST,
    value: Any = None,
) -> Any:
    """A call that is kept as it is written, with what to say if it turns out to
    matter.
    """
    for arg in (*args, *kwargs.values()):
        if isinstance(arg, (Closure, Partial)) or isinstance(arg, LAZY):
            return f.refuse(
                "higher-order", node, function=name or f.text(node), what="a function"
            )
    atoms = [f.atom(arg, node) for arg in (*args, *kwargs.values())]
    if any(atom is BAD for atom in atoms):
        return BAD
    shown = name or f.text(getattr(node, "func", node))
    first = f.session.strangers.get(atoms[0]) if atoms else None
    if first is not None and all(isinstance(atom, Lit) for atom in atoms[1:]):
        diagnostic = first  # it only asks for more of what that call returned
    elif name is None:
        diagnostic = refuse("unknown-callable", f.place(node), what=shown)
    else:
        diagnostic = refuse("no-rule", f.place(node), function=shown.lstrip("."))
    if name and name[0] != "." and value is not None and not is_reachable(f, name):
        name, atoms = None, [Lit(value), *atoms]  # the function itself: no name has it
    attrs = {
        "callee": name,
        "keywords": tuple(kwargs),
        "effect": True,
        "place": f.place(node),
        "refusal": diagnostic,
        "may_write": may_write(value),
    }
    kind = made_source(value) or RESULTS.get(origin(value), UNKNOWN)
    out = f.w.op("opaque", atoms, kind, attrs=attrs)
    f.session.strangers[out] = diagnostic
    for arg in args:
        if isinstance(arg, Ref):  # it may keep the array, or give a view of it
            f.aliases.setdefault(out, set()).add(arg.storage)
    return out


def exception_value(f: Frame, node: ast.expr) -> Task:
    """`ValueError("...")` in a `raise`: a call kept as written."""
    value = yield node
    if isinstance(value, Known):
        return f.known_atom(value)
    return f.atom(value, node)
