"""Where primitives are found: by name, by library object, by method name.

Families register themselves here by using the verbs; nothing is looked up in NumPy
until a program mentions it.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import re
from types import BuiltinMethodType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s2sad.rules.primitive import Primitive

PRIMITIVES: dict[str, Primitive] = {}
METHODS: dict[str, Primitive] = {}  # x.sum(...), x.T
OPERATORS: dict[str, Primitive] = {}  # "a + b", "-a"

ATTRIBUTES = frozenset("T mT shape ndim size dtype real imag itemsize nbytes".split())

MODULES = {
    "np": "numpy",
    "math": "math",
    "operator": "operator",
    "functools": "functools",
    "bisect": "bisect",
}


class BadArguments(NotImplementedError):
    """A call that a primitive does not cover: an option, a dtype, a shape."""


_TOKEN = re.compile(r"not a|[-+~]a(?=\s|$)|a (?:not in|is not|\S+) b|\S+")


def split_spellings(text: str) -> tuple[str, ...]:
    """`"a + b  np.add"` -> `("a + b", "np.add")`."""
    return tuple(_TOKEN.findall(text))


def register(primitive: Primitive) -> None:
    name = primitive.name
    assert name not in PRIMITIVES, f"two primitives named {name}"
    PRIMITIVES[name] = primitive
    for spelling in primitive.spellings:
        if " " in spelling or spelling[0] in "-+~":
            OPERATORS[spelling] = primitive
        elif spelling[0] == ".":
            METHODS[spelling[1:]] = primitive


def find_object(spelling: str) -> object:
    """The object a dotted spelling names, or None where this version has none."""
    head, *rest = spelling.split(".")
    if not rest:
        return getattr(builtins, head, None)
    found: object = importlib.import_module(MODULES.get(head, head))
    for part in rest:
        found = getattr(found, part, None)
        if found is None:
            return None
    return found


def known_by(found: object) -> object:
    """What a library object is known by: its id, for some are unhashable. Methods of
    NumPy's functions (`np.maximum.accumulate`) are made anew when they are asked for.
    """
    if (
        isinstance(found, BuiltinMethodType)
        and type(found.__self__).__name__ == "ufunc"
    ):
        return id(found.__self__), found.__name__
    return id(found)


@functools.lru_cache(maxsize=1)
def objects() -> dict[object, tuple[object, Primitive, str]]:
    """Library objects, by `known_by`: (the object, primitive, library)."""
    table: dict[object, tuple[object, Primitive, str]] = {}
    for primitive in list(PRIMITIVES.values()):
        for spelling in primitive.spellings:
            if " " in spelling or spelling[0] in ".-+~":
                continue
            found = find_object(spelling)
            if found is not None:
                head = spelling.split(".")[0] if "." in spelling else "builtins"
                table.setdefault(known_by(found), (found, primitive, head))
    return table
