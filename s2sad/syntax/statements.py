"""Statements: one generator for each node of the syntax."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Callable
from typing import Any

from s2sad.ir.kinds import (
    Array,
    Dict,
    Kind,
    List,
    Object,
    Table,
    Unknown,
)
from s2sad.ir.nodes import TRUE, UNDEF, Lit, Var
from s2sad.syntax import operators
from s2sad.syntax.attributes import setter_of
from s2sad.syntax.cells import name_by_cell
from s2sad.syntax.comparisons import condition, sequence, truth
from s2sad.syntax.control import choose, nothing, run_block
from s2sad.syntax.exchanges import exchanges
from s2sad.syntax.expressions import BINARY, SIGNS, arithmetic
from s2sad.syntax.frame import Frame
from s2sad.syntax.maybe import sure, sure_of
from s2sad.syntax.records import counts, is_recorded, record
from s2sad.syntax.run import Task
from s2sad.syntax.sole import is_sole
from s2sad.syntax.subscripts import (
    Parts,
    as_value,
    by_key,
    get_item,
    place,
    subscript_parts,
    writable,
    write_item,
)
from s2sad.syntax.values import (
    BAD,
    Closure,
    Items,
    Known,
    Ref,
    is_undef,
)

STATEMENTS: dict[type, Callable[[Frame, Any], Task]] = {}


def statement(*nodes: type) -> Callable[[Any], Any]:
    """Enter a generator into the table; what it emits stands at its statement."""

    def enter(handler: Any) -> Any:
        def placed(f: Frame, node: ast.stmt) -> Task:
            f.session.here = f, node
            with f.at(node):
                return (yield handler(f, node))

        for node in nodes:
            STATEMENTS[node] = placed
        return handler

    return enter


# ---- assignment ----------------------------------------------------------------------


@statement(ast.Assign)
def assign(f: Frame, node: ast.Assign) -> Task:
    if (yield counts(f, node)):
        return
    if exchanges(node):
        f.session.moves.add(node)
    value = yield node.value
    if len(node.targets) > 1 and isinstance(value, (Var, Items)):
        name = next((t.id for t in node.targets if isinstance(t, ast.Name)), "")
        if isinstance(value, Var) and not value.name:
            value.name = name
        value = f.refer(value, name)  # `a = b = np.zeros(3)`: one array, two names
    f.moving = node in f.session.moves
    for target in node.targets:
        yield assign_to(f, target, value, node)
    f.moving = False


@statement(ast.AnnAssign)
def annotated(f: Frame, node: ast.AnnAssign) -> Task:
    if node.value is not None:
        value = yield node.value
        yield assign_to(f, node.target, value, node)


def assign_to(f: Frame, target: ast.expr, value: Any, node: ast.AST) -> Task:
    """`target = value`, for a target of any form."""
    if isinstance(target, ast.Name):
        if target.id in f.forbidden:
            f.refuse_scope(target.id)
            return
        f.bind(target.id, value, node)
    elif isinstance(target, (ast.Tuple, ast.List)):
        yield unpack(f, target, value, node)
    elif isinstance(target, ast.Subscript):
        base = yield place(f, target.value)
        parts = yield subscript_parts(f, target)
        if BAD in (base, value) or parts is None:
            return
        name_by_cell(target, value)
        called = operators.special(f, "setitem", [base, as_value(parts), value], node)
        if called is not None:
            yield called
            return

        def write(parts: Parts) -> None:
            write_item(f, base, parts, value, target)

        yield by_key(f, base, parts, write, node)
    elif isinstance(target, ast.Attribute):
        base = yield target.value
        yield assign_attribute(f, base, target, value)
    elif isinstance(target, ast.Starred):
        yield assign_to(f, target.value, value, node)


def assign_attribute(f: Frame, base: Any, target: ast.Attribute, value: Any) -> Task:
    """`base.name = value`, by the setter if it is a property."""
    from s2sad.syntax.calls import call_user
    from s2sad.syntax.objects import write_attribute

    setter = setter_of(f, base, target.attr)
    if setter is not None and value is not BAD:
        yield call_user(f, setter, [base, value], {}, target)
        return
    write_attribute(f, base, target, value)


def unpack(f: Frame, target: ast.Tuple | ast.List, value: Any, node: ast.AST) -> Task:
    """`a, (b, *rest) = value`."""
    from s2sad.syntax.iterate import known_items

    names = target.elts
    star = next((i for i, t in enumerate(names) if isinstance(t, ast.Starred)), None)
    items: Any = None
    value = sure_of(f, value)
    if value is not BAD:
        if star is None:  # before an item is read that may not be there
            yield check_length(f, value, len(names), target)
        items = yield known_items(
            f, value, target, count=len(names) if star is None else None
        )
        if items is None and star is None:
            items = entries_of_unknown(f, value, len(names), target)
        if items is None:
            f.refuse(
                "starred-length", target, what=f.text(getattr(node, "value", target))
            )
    if items is not None:
        short = (
            len(items) < len(names) - 1
            if star is not None
            else len(items) != len(names)
        )
        if short:
            f.refuse("unpack-count", target, count=len(items), names=len(names))
            items = None
    if items is None:
        for each in names:
            yield assign_to(f, each, BAD, node)
        return
    items = list(items)
    if star is not None:
        after = len(names) - star - 1
        rest = items[star : len(items) - after]
        items[star : len(items) - after] = [Items(tuple(map(f.refer, rest)))]
    for each, item in zip(names, items):
        yield assign_to(f, each, item, node)


def entries_of_unknown(
    f: Frame, value: Any, count: int, node: ast.AST
) -> list[Any] | None:
    """As many entries as there are names, of a value that recursion made unknown.

    Not of what a call kept as written gave: that may be any iterable.
    """
    if not isinstance(value, (Var, Ref)) or not isinstance(f.kind(value), Unknown):
        return None
    if f.caller is None or f.atom(value, node) in f.session.strangers:
        return None
    return [get_item(f, value, Parts((Lit(i),), False), node) for i in range(count)]


def check_length(f: Frame, value: Any, count: int, node: ast.AST) -> Task:
    """Unpacking says how many items there are; where they are open, the run checks."""
    from s2sad.syntax.kept_calls import opaque

    kind = f.kind(value)
    dims = kind.dims if isinstance(kind, Array) else None
    if not (isinstance(kind, List) and kind.items is None or dims and dims[0] != count):
        return
    length = f.op("len", (f.atom(value, node),), node)
    if length is BAD:
        return

    def fails() -> Task:
        told = Lit(f"{count} values are unpacked")
        error = opaque(f, "ValueError", [told], {}, node, ValueError)
        f.w.ops("raise", (error,), ())
        f.state.dead = True
        return
        yield

    yield choose(f, f.op("ne", (length, Lit(count)), node), fails, nothing, node)


@statement(ast.AugAssign)
def augmented(f: Frame, node: ast.AugAssign) -> Task:
    """`x += v`: a new value for a number, a write in place for an array or list."""
    prim = BINARY[type(node.op)]
    target = node.target
    if isinstance(target, ast.Name):
        if target.id in f.forbidden:
            f.refuse_scope(target.id)
            return
        old = yield ast.copy_location(ast.Name(target.id, ast.Load()), target)
        value = yield node.value
        if BAD in (old, value):
            f.state.env[target.id] = BAD
            return
        old, value = sure_of(f, old), sure_of(f, value)
        if isinstance(old, Ref) and not isinstance(f.kind(old), Object):
            yield augment_in_place(f, old, prim, value, node)
            return
        called = operators.in_place(f, prim, old, value, node)
        if called is not None:
            f.bind(target.id, (yield called), node)
            return
        if isinstance(f.kind(old), Unknown) and not is_sole(f, target.id, old):
            f.refuse(
                "augmented-unknown", node, name=target.id, operator=SIGNS[prim] + "="
            )
            f.state.env[target.id] = BAD
            return
        f.bind(target.id, arithmetic(f, prim, old, value, node, target.id), node)
    elif isinstance(target, ast.Subscript):
        base = yield place(f, target.value)
        parts = yield subscript_parts(f, target)
        value = yield node.value
        if BAD in (base, value) or parts is None:
            return
        from s2sad.syntax.subscripts import augment_item

        def augment(parts: Parts) -> None:
            augment_item(f, base, parts, prim, value, node)

        yield by_key(f, base, parts, augment, node)
    else:
        assert isinstance(target, ast.Attribute)
        base = yield target.value
        value = yield node.value
        if BAD in (base, value):
            return
        if is_recorded(f, base) and setter_of(f, base, target.attr) is None:
            write = f"name{SIGNS[prim]}="
            record(f, base, write, [Lit(target.attr), value], node)
            return
        from s2sad.syntax.attributes import attribute_value

        old = yield attribute_value(f, base, target)
        if old is BAD:
            return
        if isinstance(old, Ref) and isinstance(f.kind(old), (Array, List, Dict, Table)):
            yield augment_in_place(f, old, prim, value, node)
            return
        called = operators.in_place(f, prim, old, value, node)
        new = (
            arithmetic(f, prim, old, value, node) if called is None else (yield called)
        )
        yield assign_attribute(f, base, target, new)


def augment_in_place(
    f: Frame, old: Ref, prim: str, value: Any, node: ast.AugAssign
) -> Task:
    """`x += v` of an array, `items += more`, `d |= more`."""
    kind = f.kind(old)
    if prim == "add" and isinstance(kind, List):
        from s2sad.syntax.lists import extend

        yield extend(f, old, [value], {}, node)
    elif prim == "or_" and isinstance(kind, Dict):
        from s2sad.syntax.dicts import update_dict

        yield update_dict(f, old, [value], {}, node)
    else:
        augment_reference(f, old, prim, value, node)


def augment_reference(
    f: Frame, old: Ref, prim: str, value: Any, node: ast.AugAssign
) -> None:
    """`x += v` where `x` is an array or a list: everyone who holds it sees it."""
    content = f.content(old.storage)
    if isinstance(content, Items) and not old.path:
        more = sequence(f, value)
        if prim == "add" and more is not None:
            f.write(old.storage, Items(content.items + more.items), node)
            return
        joined = arithmetic(f, prim, old, value, node)
        if isinstance(joined, Items):
            f.write(old.storage, joined, node)
        return
    atom = f.atom(old, node)
    more_atom = f.atom(value, node)
    if BAD in (atom, more_atom) or not writable(f, old, node.target):
        return
    if not isinstance(atom.kind, Array):
        f.refuse(
            "augmented-unknown",
            node,
            name=f.text(node.target),
            operator=SIGNS[prim] + "=",
        )
        return
    if not writable(f, old, node):
        return
    name = node.target.id if isinstance(node.target, ast.Name) else ""
    result = f.op(prim, (atom, more_atom), node, None, "" if old.path else name)
    if result is BAD:
        return
    # The array keeps its dtype and shape: that is what in place means.
    if result.kind != atom.kind:
        if not old.path and outgrows(result.kind, atom.kind):
            attrs = {"path": "[...]"}  # which refuses what does not fit
            result = f.op("setitem", (atom, result), node, attrs, name)
        result.kind = atom.kind
    if old.path:
        base = f.content(old.storage)
        result = f.op(
            "setitem",
            (base, result, *old.operands),
            node,
            {"path": old.path},
            old.storage.name,
        )
    f.write(old.storage, result, node, False, True)


def outgrows(result: Kind, array: Array) -> bool:
    """Has what is computed more elements than the array that it is put into?

    Where only the run tells, it is taken to fit, as it does in programs that run:
    `y = np.zeros(n)`, `y += x`.
    """
    dims = result.dims if isinstance(result, Array) else None
    if dims is None or array.dims is None:
        return False
    return len(dims) != len(array.dims) or any(
        old == 1 != new for old, new in zip(array.dims, dims)
    )


# ---- control flow --------------------------------------------------------------------


@statement(ast.If)
def if_(f: Frame, node: ast.If) -> Task:
    test = yield node.test
    known = None if test is BAD else truth(f, test)
    if known is not None:
        yield run_block(f, node.body if known else node.orelse)
        return
    cond = TRUE if test is BAD else condition(f, test, node.test)
    yield choose(
        f,
        TRUE if cond is BAD else cond,
        lambda: run_block(f, node.body),
        lambda: run_block(f, node.orelse),
        node,
    )


@statement(ast.Return)
def return_(f: Frame, node: ast.Return) -> Task:
    from s2sad.ir.nodes import NONE

    value = NONE if node.value is None else (yield node.value)
    f.state.result = f.refer(value)
    f.state.exits["return"] = TRUE


@statement(ast.Break)
def break_(f: Frame, node: ast.Break) -> Task:
    f.state.exits["break"] = TRUE
    return
    yield


@statement(ast.Continue)
def continue_(f: Frame, node: ast.Continue) -> Task:
    f.state.exits["continue"] = TRUE
    return
    yield


@statement(ast.Pass)
def pass_(f: Frame, node: ast.Pass) -> Task:
    return
    yield


@statement(ast.Expr)
def expression_statement(f: Frame, node: ast.Expr) -> Task:
    if isinstance(node.value, ast.Constant):
        return  # a docstring, or a comment in quotes
    yield node.value


@statement(ast.Raise)
def raise_(f: Frame, node: ast.Raise) -> Task:
    """`raise E(...)`: nothing after it runs."""
    from s2sad.syntax.calls import exception_value

    args: list[Any] = []
    if node.exc is not None:
        exc = yield exception_value(f, node.exc)
        if exc is BAD:
            f.state.dead = True
            return
        args.append(exc)
        if node.cause is not None:
            cause = f.atom((yield exception_value(f, node.cause)), node.cause)
            if cause is not BAD:
                args.append(cause)
    f.w.ops("raise", args, ())
    f.state.dead = True


@statement(ast.Assert)
def assert_(f: Frame, node: ast.Assert) -> Task:
    test = yield node.test
    if test is BAD:
        return
    known = truth(f, test)
    if known is True:
        return
    cond = condition(f, test, node.test) if known is None else f.atom(test, node.test)
    if cond is BAD:
        return
    args = [cond]
    if node.msg is not None:
        before = dict(f.state.store)
        message = f.atom((yield node.msg), node.msg)
        if message is BAD:
            return
        if any(f.state.store.get(key) is not was for key, was in before.items()):
            what = "the message of an `assert`, which writes if it is needed,"
            f.refuse("construct", node.msg, what=what)
            return
        args.append(message)
    f.w.ops("assert", args, ())
    sure(f, cond, True)


# ---- names ---------------------------------------------------------------------------


@statement(ast.Delete)
def delete(f: Frame, node: ast.Delete) -> Task:
    for target in node.targets:
        if isinstance(target, ast.Name):
            if is_undef(f.state.env.get(target.id, UNDEF)):
                f.refuse("undefined", target, name=target.id)
            f.state.env[target.id] = UNDEF
        elif isinstance(target, ast.Subscript):
            from s2sad.syntax.subscripts import delete_item

            base = yield target.value
            parts = yield subscript_parts(f, target)
            if base is not BAD and parts is not None:
                delete_item(f, base, parts, target)
        else:
            f.refuse("del-element", target)


@statement(ast.Import)
def import_(f: Frame, node: ast.Import) -> Task:
    for alias in node.names:
        try:
            module = importlib.import_module(alias.name)
        except Exception:
            f.refuse("undefined", node, name=alias.name)
            continue
        if alias.asname is None:
            module = sys.modules[alias.name.split(".")[0]]
        name = alias.asname or alias.name.split(".")[0]
        f.state.env[name] = Known(module, name)
        f.imports.append(f.reading.text(node))
    return
    yield


@statement(ast.ImportFrom)
def import_from(f: Frame, node: ast.ImportFrom) -> Task:
    package = f.globals.get("__package__")
    try:
        name = "." * node.level + (node.module or "")
        module = importlib.import_module(name, package if node.level else None)
    except Exception:
        f.refuse("undefined", node, name=node.module or ".")
        return
    for alias in node.names:
        if alias.name == "*":
            f.refuse("import-star", node, module=node.module or ".")
            return
        name = alias.asname or alias.name
        try:
            value = getattr(module, alias.name)
        except AttributeError:
            try:
                value = importlib.import_module(f"{module.__name__}.{alias.name}")
            except Exception:
                f.refuse("undefined", node, name=alias.name)
                continue
        f.state.env[name] = Known(value, name)
    f.imports.append(f.reading.text(node))
    return
    yield


@statement(ast.FunctionDef)
def function_definition(f: Frame, node: ast.FunctionDef) -> Task:
    if node.decorator_list:
        first = node.decorator_list[0]
        f.refuse("decorator-inside", first, what=f.text(first))
        f.state.env[node.name] = BAD
        return
    f.state.env[node.name] = yield closure_of(f, node)


def closure_of(f: Frame, node: ast.FunctionDef) -> Task:
    """The function that a `def` makes."""
    defaults = []
    for default in node.args.defaults:
        defaults.append(f.refer((yield default)))  # made once, for all calls
    kw_defaults = []
    for default in node.args.kw_defaults:
        kw_defaults.append(None if default is None else f.refer((yield default)))
    given = tuple(defaults), tuple(kw_defaults)
    return Closure(node, f, node.name, *given, tuple(f.overlays))


@statement(ast.Global, ast.Nonlocal)
def scope_declaration(f: Frame, node: ast.Global | ast.Nonlocal) -> Task:
    return  # reading is fine; `refuse_scope` complains where one is assigned
    yield


# ---- what is refused -----------------------------------------------------------------


@statement(ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith)
def async_(f: Frame, node: ast.stmt) -> Task:
    words = {ast.AsyncFor: "async for", ast.AsyncWith: "async with"}
    f.refuse("async", node, what=words.get(type(node), "async def"))
    return
    yield


@statement(ast.ClassDef)
def class_(f: Frame, node: ast.ClassDef) -> Task:
    from s2sad.syntax.local_classes import define

    f.state.env[node.name] = yield define(f, node)


@statement(ast.Try)
def try_(f: Frame, node: ast.Try) -> Task:
    from s2sad.syntax.tries import lower_try

    yield lower_try(f, node)


@statement(*([ast.TryStar] if hasattr(ast, "TryStar") else []))
def try_star(f: Frame, node: ast.stmt) -> Task:
    from s2sad.syntax.tries import forget_names

    f.refuse("try", node, why="`except*` takes groups of exceptions apart")
    forget_names(f, node)
    return
    yield


@statement(ast.With)
def with_(f: Frame, node: ast.With) -> Task:
    from s2sad.syntax.contexts import as_try

    rewritten = yield as_try(f, node)
    if rewritten is not None:
        yield rewritten
        return
    from s2sad.syntax.contexts import within

    yield within(f, node.items, lambda: run_block(f, node.body), node)
