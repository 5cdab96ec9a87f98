"""Arguments that are written into must share no memory with what else is read.

Each argument is followed as a value of its own. Where one is written into, and another
argument or an array of the module shares memory with it, Python would show the write in
both: such a call is refused. So it is with a list, dict or object that two lead to.
Where they are apart, the specialisation serves only calls in which they are, too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from s2sad.analysis.memory import (
    are_apart,
    are_distinct,
    arrays_in,
    containers_in,
    is_outside,
)
from s2sad.errors import refuse
from s2sad.ir.kinds import Array
from s2sad.syntax.frame import Frame
from s2sad.syntax.resolve import MISSING
from s2sad.syntax.values import Poison


def keep_apart(f: Frame) -> None:
    """Look at the arguments of the call at hand, where some are written into."""
    values = f.session.signature.values or {}
    kinds = dict(f.session.signature.params)
    for mine, way, given, place, inside in writes(f):
        if given is MISSING:
            continue
        what, apart = ("apart", are_apart) if inside else ("outside", is_outside)
        if inside and not isinstance(kinds.get(mine), Array) and way == ("arg", mine):
            if not are_distinct(given):
                tell(f, place, mine, mine, "it holds one array twice")
            f.session.guard(way, "distinct", True)
        for other, value in values.items():
            if other == mine or holds_nothing(value):
                continue
            if not apart(given, value):
                tell(f, place, mine, other, f"`{other}` is passed here")
            f.session.guard(("both", way, ("arg", other)), what, True)
        for name, path, value, owner in f.session.captured:
            if not apart(given, value):
                tell(f, place, mine, name, "")
            f.session.guard(("both", way, path), what, True, owner)


def writes(f: Frame) -> Iterator[tuple[str, Any, Any, Any, bool]]:
    """What of the arguments is written into: of which, the way there, what stands there
    in the call at hand, where it is written, and whether what it holds is.
    """
    values = f.session.signature.values or {}
    for storage, name in (*f.params.items(), *f.parts.items()):
        content = f.content(storage)
        there = name, ("arg", name), values.get(name, MISSING)
        if storage.origin == "captured":
            continue
        if storage in f.into:
            yield *there, f.into[storage], True
        elif isinstance(content, Poison):
            yield *there, content.place, True
        elif storage in f.written:
            yield *there, f.written[storage], False
    yield from f.session.kept_writes


def holds_nothing(value: object) -> bool:
    """Is it a number, a text, a function: nothing that could be written into?"""
    arrays, containers = arrays_in(value), containers_in(value)
    return next(arrays, None) is None and next(containers, None) is None


def tell(f: Frame, place: Any, mine: str, other: str, label: str) -> None:
    also = [(where, label) for where in parameter_places(f, other)]
    found = refuse("aliased-arguments", place, also, name=mine, other=other)
    f.session.found.append(found)


def parameter_places(f: Frame, name: str) -> Iterator[Any]:
    args = f.reading.node.args
    for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs):
        if arg.arg == name:
            yield f.place(arg)
    for star in (args.vararg, args.kwarg):
        if isinstance(star, ast.arg) and star.arg == name:
            yield f.place(star)
