"""Text made of values: f-strings, and `%` as the f-string that says the same."""

from __future__ import annotations

import ast
import re
from typing import Any

from s2sad.ir.kinds import (
    Kind,
    Scalar,
)
from s2sad.ir.nodes import Lit
from s2sad.syntax.frame import Frame
from s2sad.syntax.values import (
    BAD,
    Pack,
)

FORMAT = re.compile(r"%(?:%|(?P<spec>[-+ 0]?\d*(?:\.\d+)?)(?P<type>[sdrgGeEfF]))")


def percent(f: Frame, text: str, value: Any, node: ast.AST) -> Any:
    """`"%.3f" % x` as the f-string that says the same."""
    items = list(value.items) if isinstance(value, Pack) else [value]
    parts: list[Any] = []
    atoms: list[Any] = []
    end = 0
    for found in FORMAT.finditer(text):
        parts.append(text[end : found.start()])
        end = found.end()
        if found["type"] is None:
            parts.append("%")
            continue
        if not items:
            return None
        item, spec, letter = items.pop(0), found["spec"], found["type"]
        if letter in "sr" and spec or letter == "d" and not is_int(f.kind(item)):
            return None
        atom = f.atom(item, node)
        if atom is BAD:
            return BAD
        conversion, form = ("" if letter == "s" else letter, "")
        if letter not in "sr":
            form = spec.replace("-", "<") + letter
            conversion = ""
        parts.append((len(atoms), conversion, form))
        atoms.append(atom)
    parts.append(text[end:])
    if items or "%" in FORMAT.sub("", text):
        return None
    return text_of(f, [part for part in parts if part != ""], atoms, node)


def is_int(kind: Kind) -> bool:
    return isinstance(kind, Scalar) and kind.dtype.startswith("int")


def text_of(f: Frame, parts: list[Any], atoms: list[Any], node: ast.AST) -> Any:
    """The op of an f-string; known text and f-strings in its holes become its own."""
    flat: list[Any] = []
    found: list[Any] = []
    for part in parts:
        atom = None if isinstance(part, str) else atoms[part[0]]
        plain = atom is not None and part[1:] == ("", "")
        if plain and isinstance(atom, Lit) and isinstance(atom.value, str):
            part = atom.value
        if plain and atom in f.session.texts:
            inner, operands = f.session.texts[atom]
            for each in inner:
                if not isinstance(each, str):
                    found.append(operands[each[0]])
                    each = (len(found) - 1, *each[1:])
                flat.append(each)
        elif isinstance(part, str):
            flat.append(part)
        else:
            found.append(atom)
            flat.append((len(found) - 1, *part[1:]))
    if not found:
        return Lit("".join(flat))
    made = f.op("fstring", tuple(found), node, {"parts": tuple(flat)})
    f.session.texts[made] = flat, found
    return made
