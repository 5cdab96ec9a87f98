"""The function that is differentiated: its parameters, its body, what it returns."""

from __future__ import annotations

import ast
from types import FunctionType
from typing import Any

from s2sad.errors import InternalError, S2sadError
from s2sad.ir.kinds import UNKNOWN, Array, Dict, List, Object, Static, Tuple
from s2sad.ir.nodes import (
    TRUE,
    Atom,
    Block,
    Function,
    Lit,
    Op,
    Param,
    Var,
)
from s2sad.syntax.apart import keep_apart
from s2sad.syntax.entangled import storages_in
from s2sad.syntax.frame import Frame
from s2sad.syntax.inputs import refuse_inputs
from s2sad.syntax.kinds import is_reference
from s2sad.syntax.late_fields import hand_back
from s2sad.syntax.pins import is_pinned
from s2sad.syntax.read import Reading
from s2sad.syntax.records import refuse_read_back
from s2sad.syntax.run import Task, run
from s2sad.syntax.session import Session, Signature
from s2sad.syntax.values import (
    BAD,
    Entries,
    Fields,
    Items,
    Known,
    Pack,
    Ref,
    Storage,
    is_undef,
)


def start(f: Frame) -> Any:
    """What makes the task of a node, in this frame."""
    from s2sad.syntax.dispatch import HANDLERS, refused

    return lambda node: HANDLERS.get(type(node), refused)(f, node)


# ---- the function that is differentiated ---------------------------------------------


def lower_main(
    session: Session,
    reading: Reading,
    function: FunctionType | None,
    signature: Signature,
) -> str:
    """Lower the user's function; gives its key in the program."""
    name = clean(reading.source.name)
    f = Frame(session, reading, name, function)
    kinds = dict(signature.params)
    params = []
    for arg, style, default in parameters(reading):
        path = ("arg", arg)
        given = (signature.values or {}).get(arg)
        kind = session.pins.kind(session, path, kinds.get(arg, UNKNOWN), given)
        var = Var(arg, kind)
        session.pins.comes_from(var, path)
        params.append(Param(var, style, default))
        if arg in session.opened:
            var.kind = session.opened[arg]
            f.state.env[arg] = taken_apart(f, var)
            f.parts.update((part, arg) for part in storages_in(f, f.state.env[arg]))
        else:
            f.state.env[arg] = parameter_value(f, var)
        session.bound[arg] = var
    refuse_inputs(f, kinds, reading)
    key = session.key(name)
    session.functions[key] = None  # type: ignore[assignment]  # the name is taken
    try:
        run(body_of(f), start(f))
        keep_apart(f)
        for storage, place in f.written.items():
            owner = session.bound.get(f.params.get(storage, ""))
            if owner is not None and isinstance(owner.kind, Object):
                session.written[owner.name] = place
        result = main_result(f)
        refuse_read_back(f, result)
    except S2sadError:
        raise
    except Exception as exc:
        raise broken(session, exc) from exc
    block = Block((*f.prologue, *f.w.stmts), (result,))
    doc = (
        ast.get_docstring(reading.node)
        if not isinstance(reading.node, ast.Lambda)
        else None
    )
    session.functions[key] = Function(name, tuple(params), block, reading.source, doc)
    session.functions = {key: session.functions[key], **session.functions}
    hand_back(session.functions)
    return key


def broken(session: Session, exc: Exception) -> InternalError:
    """What to say where lowering itself failed: where it stood, what it made."""
    what = f"{type(exc).__name__}: {exc}" if str(exc) else type(exc).__name__
    if session.here is None:
        return InternalError(f"lowering failed with {what}")
    f, node = session.here
    from s2sad.ir.printer import show

    shown = f"lowering failed at {f.place(node)} (`{f.text(node)}`) with {what}"
    try:
        made = Function(
            f.name, (), Block((*f.prologue, *f.w.stmts), ()), f.reading.source
        )
        return InternalError(shown, show(made))
    except Exception:  # what is half made cannot always be printed
        return InternalError(shown)


def clean(name: str) -> str:
    """The name of a function as an identifier; a lambda is called `f`."""
    name = name.rpartition(".")[2]
    return name if name.isidentifier() else "f"


def main_result(f: Frame) -> Atom:
    """What the function returns, as one atom."""
    node = f.reading.node
    if f.state.dead:
        return Lit(None)
    if f.state.exits["return"] != TRUE or is_undef(f.state.result):
        if not f.session.found:
            f.refuse("missing-return", header(node), name=f.name, where="", value="...")
        return Lit(None)
    result = f.state.result
    with f.w.at(last_span(f)):
        atom = f.atom(result, node)
    return Lit(None) if atom is BAD else atom


def last_span(f: Frame) -> Any:
    body = f.reading.node.body
    return f.reading.span(body[-1] if isinstance(body, list) else body)


def header(node: Any) -> ast.AST:
    """The `def` line of a function, as a place."""
    if isinstance(node, ast.Lambda):
        return node
    place = ast.Pass()
    place.lineno = place.end_lineno = node.lineno
    place.col_offset = node.col_offset
    place.end_col_offset = node.col_offset + len("def ") + len(node.name)
    return place


def body_of(f: Frame) -> Task:
    """Run the body in the frame."""
    from s2sad.syntax.control import run_block

    node = f.reading.node
    if isinstance(node, ast.AsyncFunctionDef):
        f.refuse("async", header(node), what="async def")
        f.state.result, f.state.exits["return"] = BAD, TRUE
        return
    if isinstance(node, ast.Lambda):
        with f.at(node.body):
            f.state.result = f.refer((yield node.body))
        f.state.exits["return"] = TRUE
        return
    yield run_block(f, node.body)


def parameters(reading: Reading) -> list[tuple[str, str, Lit | str | None]]:
    """Name, style and default of each parameter, in the order of the `def`."""
    args = reading.node.args
    plain = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(plain) - len(args.defaults)) + list(args.defaults)
    found: list[tuple[str, str, Lit | str | None]] = []
    for i, (arg, default) in enumerate(zip(plain, defaults)):
        style = "positional" if i < len(args.posonlyargs) else "normal"
        found.append((arg.arg, style, default_of(reading, default)))
    if args.vararg:
        found.append((args.vararg.arg, "star", None))
    for arg, default in zip(args.kwonlyargs, args.kw_defaults):
        found.append((arg.arg, "keyword", default_of(reading, default)))
    if args.kwarg:
        found.append((args.kwarg.arg, "doublestar", None))
    return found


def default_of(reading: Reading, node: ast.expr | None) -> Lit | str | None:
    if node is None:
        return None
    if isinstance(node, ast.Constant) and node.value is not ...:
        return Lit(node.value, reading.text(node))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = node.operand
        if isinstance(inner, ast.Constant) and isinstance(inner.value, (int, float)):
            return Lit(-inner.value, reading.text(node))
    return reading.text(node)


def parameter_value(f: Frame, var: Var) -> Any:
    """What a parameter of this kind is bound to."""
    if isinstance(var.kind, Static):
        return Known(var.kind.value, var.name, var)
    if is_pinned(var.kind):
        return Lit(var.kind.size)
    if is_reference(var.kind):
        storage = Storage(var.name, "param")
        if outlives(f, var):
            storage.origin = "captured"
            f.initial[storage] = var
        else:
            f.state.store[storage] = var
        f.params[storage] = var.name
        return Ref(storage)
    return var


def outlives(f: Frame, var: Var) -> bool:
    """Does the callable bring this container along (see `records`)?"""
    return var.name in f.session.signature.bound and not isinstance(var.kind, Array)


def taken_apart(f: Frame, var: Var) -> Any:
    """A container of known structure as its entries, each a value of its own."""
    kind = var.kind
    if isinstance(kind, Object):
        keys, steps = kind.fields, [(f".{k}", ()) for k in kind.fields]
    elif isinstance(kind, Dict):
        keys, steps = kind.keys, [("[#]", (Lit(k),)) for k in kind.keys]
    elif isinstance(kind, (Tuple, List)) and kind.items is not None:
        keys = tuple(range(len(kind.items)))
        steps = [("[#]", (Lit(k),)) for k in keys]
    else:
        held = is_reference(kind)
        return Ref(f.new_storage(var, var.name, "param")) if held else var
    values = []
    for key, item, (path, at) in zip(keys, kind.items, steps):
        if isinstance(item, Static):
            values.append(Known(item.value))
            continue
        inner = Var(str(key) if str(key).isidentifier() else "", item)
        f.prologue.append(Op((inner,), "getitem", (var, *at), {"path": path}))
        values.append(f.refer(taken_apart(f, inner), inner.name))
    if isinstance(kind, Tuple):
        return Pack(tuple(values), kind.cls)
    named = dict(zip(keys, values))
    content: Any = Items(tuple(values))
    if isinstance(kind, Dict):
        content = Entries(named)
    elif isinstance(kind, Object):
        content = Fields(kind.cls, named)
    return Ref(f.new_storage(content, var.name, "param"))
