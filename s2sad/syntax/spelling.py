"""How the user wrote what is called, and whether the derivative sees it so."""

from __future__ import annotations

import ast
import builtins

from s2sad.syntax.frame import Frame
from s2sad.syntax.values import (
    Known,
)


def spelling_of(f: Frame, callee: Known, node: ast.AST) -> str:
    """How the user wrote the callee."""
    if callee.text or not isinstance(node, ast.Call):
        return callee.text
    return " ".join(f.reading.text(node.func).split())


def is_reachable(f: Frame, text: str, value: object = None) -> bool:
    """Does the derivative see the same thing under this name?

    It sees the globals of the function that is differentiated; not names of other
    modules, nor what a function imports for itself. Of a builtin, the `value` tells
    that it is meant, whatever the user's module calls so.
    """
    root = text.split(".")[0]
    main = f.session.function
    if value is not None and value is getattr(builtins, text, None):
        there = {} if main is None else main.__globals__
        if there.get(text, value) is not value:
            return False
    if root in f.locals or f.lookup_local(root) is not None:
        return False
    if main is None or f.function is main:
        return True
    code = main.__code__
    if root in (*code.co_varnames, *code.co_cellvars, *code.co_freevars):
        return False
    if f.globals is main.__globals__:
        return True
    here = f.globals.get(root, getattr(builtins, root, None))
    there = main.__globals__.get(root, getattr(builtins, root, None))
    return here is there


def out_text(f: Frame, node: ast.AST) -> str:
    """What the user passed as `out=`."""
    words = getattr(node, "keywords", ())
    given = next((word.value for word in words if word.arg == "out"), node)
    return f.text(given)
