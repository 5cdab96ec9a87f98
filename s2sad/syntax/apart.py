"""Arguments that are written into must share no memory with what else is read.

Each argument is followed as an array of its own. Where one is written into, and another
argument or an array of the module shares memory with it, Python would show the write in
both: such a call is refused. Where they are apart, the specialisation serves only calls
in which they are, too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from s2sad.analysis.memory import are_apart, are_distinct, arrays_in
from s2sad.errors import refuse
from s2sad.ir.kinds import Array
from s2sad.syntax.frame import Frame
from s2sad.syntax.values import Poison, Storage


def keep_apart(f: Frame) -> None:
    """Look at the arguments of the call at hand, where some are written into."""
    values = f.session.signature.values or {}
    kinds = dict(f.session.signature.params)
    for storage, place in writes(f):
        mine = f.params[storage]
        if mine not in values:
            continue
        given = values[mine]
        if not isinstance(kinds.get(mine), Array):
            if not are_distinct(given):
                tell(f, place, mine, mine, "it holds one array twice")
            f.session.guard(("arg", mine), "distinct", True)
        for other, value in values.items():
            if other == mine or next(arrays_in(value), None) is None:
                continue
            if not are_apart(given, value):
                tell(f, place, mine, other, f"`{other}` is passed here")
            pair = ("both", ("arg", mine), ("arg", other))
            f.session.guard(pair, "apart", True)
        for name, path, value, owner in f.session.captured:
            if not are_apart(given, value):
                tell(f, place, mine, name, "")
            f.session.guard(("both", ("arg", mine), path), "apart", True, owner)


def writes(f: Frame) -> Iterator[tuple[Storage, Any]]:
    """The arguments that are written into, and where first."""
    for storage in f.params:
        content = f.content(storage)
        if storage in f.written:
            yield storage, f.written[storage]
        elif isinstance(content, Poison):
            yield storage, content.place


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
