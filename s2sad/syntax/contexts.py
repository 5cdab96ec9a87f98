"""`with`: context managers that leave the numbers alone.

What a manager does on entry and exit stays around the forward statements. How NumPy
takes errors (`np.errstate`) is in force around the reverse statements of the block,
too. A manager that may swallow an exception would end the block at a place that nobody
knows: one of the user's is read for that, and refused if it might.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import warnings
from types import FunctionType
from typing import Any

from s2sad.ir.kinds import UNKNOWN, Object, Static
from s2sad.ir.nodes import UNDEF, Block, If
from s2sad.syntax.control import Way
from s2sad.syntax.frame import Frame
from s2sad.syntax.joins import Join
from s2sad.syntax.resolve import is_library
from s2sad.syntax.run import Task
from s2sad.syntax.values import BAD, Known, Pack

# Of Python's own, those that may swallow an exception, or hold others that do.
SWALLOWING = (contextlib.suppress, contextlib.ExitStack, contextlib.AsyncExitStack)


def as_try(f: Frame, node: ast.With) -> Task:
    """`with suppress(E): ...` is `try: ... except E: pass`; None if it is not that."""
    for number, item in enumerate(node.items):
        made = item.context_expr
        if not isinstance(made, ast.Call) or made.keywords or item.optional_vars:
            continue
        if isinstance(made.func, ast.Attribute) and not is_known_attribute(
            f, made.func
        ):
            continue
        if not isinstance(made.func, (ast.Name, ast.Attribute)):
            continue
        callee = yield made.func
        if not isinstance(callee, Known) or callee.value is not contextlib.suppress:
            continue
        caught = ast.Tuple(made.args, ast.Load())
        clause = ast.ExceptHandler(caught, None, [ast.Pass()])
        inner = node.body
        if node.items[number + 1 :]:
            inner = [ast.With(node.items[number + 1 :], inner)]
        new: ast.stmt = ast.Try(inner, [clause], [], [])
        if number:
            new = ast.With(node.items[:number], [new])
        for each in ast.walk(new):
            if not hasattr(each, "lineno"):
                ast.copy_location(each, node)
        return new
    return None


def within(f: Frame, items: list[ast.withitem], body: Way, node: ast.With) -> Task:
    """Enter the managers one after the other, and run the block."""
    if not items:
        yield body()
        return
    item = items[0]
    rest = lambda: within(f, items[1:], body, node)
    entered = yield manager(f, item.context_expr)
    if entered is BAD:
        yield rest()
    elif isinstance(entered, Pack):  # `nullcontext(x)`: nothing is entered
        if item.optional_vars is not None:
            yield assign(f, item.optional_vars, entered.items[0], node)
        yield rest()
    else:
        yield block(f, entered, item, rest, node)


def manager(f: Frame, made: ast.expr) -> Task:
    """A manager as an operand; BAD if it is refused."""
    from s2sad.syntax.calls import evaluate_arguments
    from s2sad.syntax.kept_calls import opaque
    from s2sad.syntax.spelling import spelling_of

    if not isinstance(made, ast.Call):
        value = yield made
        kind = f.kind(value)
        known = isinstance(kind, (Static, Object))
        cls = type(kind.value) if isinstance(kind, Static) else getattr(kind, "cls", 0)
        if not known or not isinstance(cls, type) or swallows(f, cls):
            return f.refuse("with", made, what=f.text(made))
        return f.atom(value, made)
    if isinstance(made.func, ast.Attribute) and not is_known_attribute(f, made.func):
        value = yield made  # a method that makes one
        return f.refuse("with", made, what=f.text(made)) if value is not BAD else BAD
    callee = yield made.func
    if callee is BAD:
        return BAD
    import numpy as np

    value = callee.value if isinstance(callee, Known) else None
    if value is np.errstate:
        return (yield made)
    if value is None or swallows(f, value):
        return f.refuse("with", made, what=f.text(made))
    arguments = yield evaluate_arguments(f, made)
    if arguments is None:
        return BAD
    args, kwargs = arguments
    if value is contextlib.nullcontext:
        given = [*args, *kwargs.values(), f.known_atom(Known(None))]
        return Pack((given[0],))
    return opaque(f, spelling_of(f, callee, made), args, kwargs, made, value)


def is_known_attribute(f: Frame, node: ast.Attribute) -> bool:
    """Is it a name in a module: `np.errstate`?"""
    root: ast.expr = node
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name) or f.lookup_local(root.id) is not None:
        return False
    found = f.globals.get(root.id)
    return inspect.ismodule(found) or isinstance(found, type)


def block(
    f: Frame, context: Any, item: ast.withitem, rest: Way, node: ast.With
) -> Task:
    """The block of one manager."""
    base = f.state
    quiet = is_errstate(f, context)
    with f.w.block() as region:
        f.state = base.fork()
        if not quiet:
            value = f.w.op("entered", (), UNKNOWN)
        if item.optional_vars is not None and not quiet:
            yield assign(f, item.optional_vars, value, node)
        yield rest()
        inside = f.state
    f.state = base
    join = Join(f, base, [(inside, region)], node)
    join.run()
    f.state = join.state
    then, orelse = region.close(join.yields[0]), Block((), (UNDEF,) * len(join.outs))
    f.w.add(If(tuple(join.outs), context, then, orelse, "with", f.reading.span(node)))


def is_errstate(f: Frame, context: Any) -> bool:
    made = [s for s in f.w.stmts if context in s.outs]
    return bool(made) and getattr(made[-1], "prim", "") == "errstate"


def assign(f: Frame, target: ast.expr, value: Any, node: ast.AST) -> Task:
    from s2sad.syntax.statements import assign_to

    yield assign_to(f, target, value, node)


# ---- who swallows exceptions ---------------------------------------------------------


def swallows(f: Frame, made: Any) -> bool:
    """Might a manager of this class, or that this makes, swallow an exception?"""
    inner = getattr(made, "__wrapped__", None)
    if isinstance(inner, FunctionType):  # a generator under `contextmanager`
        tree = tree_of(f, inner)
        return tree is None or any(
            isinstance(n, ast.ExceptHandler) for n in ast.walk(tree)
        )
    if made in (open, io.open, warnings.catch_warnings, contextlib.nullcontext):
        return False
    if not isinstance(made, type):
        return True
    if is_library(made):
        return made in SWALLOWING or not hasattr(made, "__exit__")
    leave = getattr(made, "__exit__", None)
    tree = tree_of(f, leave) if isinstance(leave, FunctionType) else None
    return tree is None or any(
        isinstance(n, ast.Return) and not gives_nothing(n.value) for n in ast.walk(tree)
    )


def gives_nothing(value: ast.expr | None) -> bool:
    return value is None or isinstance(value, ast.Constant) and not value.value


def tree_of(f: Frame, function: FunctionType) -> ast.AST | None:
    from s2sad.errors import S2sadError

    try:
        return f.session.reading(function).node
    except S2sadError:
        return None
