"""Calls whose body is lowered in place, into the code of the caller.

Most callees become functions of the program. Two kinds of call cannot: one that takes
an object made while lowering (its fields are values of the caller, not one value that
could be handed over), and one that returns a function, which needs the names of the
call that made it.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from s2sad.ir.kinds import Static
from s2sad.ir.nodes import FALSE, TRUE, Lit
from s2sad.syntax.frame import Frame
from s2sad.syntax.functions import body_of, header, start
from s2sad.syntax.run import run
from s2sad.syntax.values import (
    BAD,
    Bad,
    Closure,
    Either,
    Fields,
    Pack,
    Partial,
    Ref,
    is_undef,
)

DEEPEST = 40  # calls in calls


def holds_object(f: Frame, value: Any) -> bool:
    """Is this an object made while lowering, or a tuple or call with one in it?"""
    if isinstance(value, Ref) and not value.path:
        return isinstance(f.content(value.storage), Fields)
    if isinstance(value, Pack):
        return any(holds_object(f, item) for item in value.items)
    if isinstance(value, Either):
        return value.whole is None
    return isinstance(value, Partial) and any(holds_object(f, a) for a in value.args)


def makes_function(value: Any) -> bool:
    """Is this a function made by the call that returned it, or a tuple with one?"""
    if isinstance(value, Pack):
        return any(map(makes_function, value.items))
    return isinstance(value, (Closure, Partial, Either))


def inline(
    f: Frame,
    callee: Any,
    args: dict[str, Any],
    node: ast.AST,
    constructor: bool = False,
) -> Any:
    """The value of a call, its body lowered here and now."""
    name = callee.name if isinstance(callee, Closure) else callee.__name__
    if f.nested >= DEEPEST:
        return f.refuse("recursion-kinds", node, name=name)
    if isinstance(callee, Closure):
        reading = replace(callee.scope.reading, node=callee.node)
        g = Frame(f.session, reading, name, None, callee.scope)
        g.bound = callee.bound
    else:
        g = Frame(f.session, f.session.reading(callee), name, callee)
    move_in(g, f)
    for key, value in args.items():  # a number as it is, not as it was spelled
        g.state.env[key] = Lit(value.value) if isinstance(value, Lit) else value
    for guard in f.w.guards:
        guard.foreign = True
    run(body_of(g), start(g))
    f.state.store, f.state.given = g.state.store, g.state.given
    f.elsewhere = g.elsewhere
    if g.state.dead:
        f.state.dead = True
        return BAD
    returned, result = g.state.exits["return"], g.state.result
    if returned == FALSE or returns_nothing(g):
        return Lit(None)
    if isinstance(result, Bad):
        return BAD
    if returned != TRUE or is_undef(result):
        place = header(g.reading.node)
        return g.refuse("missing-return", place, name=name, where="", value="...")
    return result


def returns_nothing(g: Frame) -> bool:
    """Is what is returned None, on every way that says so?"""
    return g.kind(g.state.result) == Static(None)


def move_in(g: Frame, f: Frame) -> None:
    """Let a frame write into another one's code and share its store."""
    g.host, g.nested, g.home = f, f.nested + 1, f.w.region
    g.w = f.w
    g.state.store, g.state.given = f.state.store, f.state.given
    g.elsewhere = f.elsewhere
    for name in "prologue initial outside params parts written into".split():
        setattr(g, name, getattr(f, name))
    g.views, g.looks = f.views, f.looks
    g.aliases, g.alike = f.aliases, f.alike


def hosted_value(g: Frame, name: str, scope: Frame, node: ast.AST) -> Any:
    """A name of a frame that was lowered in place, read by a function made there."""
    from s2sad.syntax.resolve import resolve

    if not g.w.is_open(scope.home):
        what = f"`{name}` of a call that stands in another branch or trip"
        return g.refuse("construct", node, what=what)
    scope.state.store = g.state.store
    return resolve(scope, name, node)


def lives_in(f: Frame, scope: Frame) -> bool:
    """Was this frame lowered in place into the code of that one?"""
    return scope.host is not None and scope.w is f.w
