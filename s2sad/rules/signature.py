"""How a library function takes its arguments: operands, static options, refused ones.

    "a; axis=None, dtype!, out!, keepdims=False"

Before `;` the operands (`*items` takes the rest), after it the options in NumPy's
positional order: `axis=None` has a default, `axis1` is required, `out!` is refused
when given.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from s2sad.ir.kinds import List, Scalar, Static, Tuple
from s2sad.ir.nodes import Atom, Lit, Var
from s2sad.rules.registry import BadArguments

UFUNC = "a, b; out!, where!, casting!, order!, dtype!, subok!"
UFUNC_1 = "a; out!, where!, casting!, order!, dtype!, subok!"

NOT_STATIC = object()
REQUIRED = object()
REFUSED = object()


@dataclass(frozen=True)
class Signature:
    operands: tuple[str, ...]
    optional: tuple[object, ...]  # default of each operand; REQUIRED if none
    star: bool
    options: tuple[tuple[str, object], ...]
    positional: int  # how many options may be given by position


@functools.lru_cache(maxsize=1024)
def parse_signature(text: str) -> Signature:
    left, _, right = text.partition(";")
    operands: list[str] = []
    defaults: list[object] = []
    star = False
    for part in _split(left):
        name, _, default = part.partition("=")
        if name.startswith("*"):
            star = True
            continue
        operands.append(name)
        defaults.append(ast.literal_eval(default) if default else REQUIRED)
    options: list[tuple[str, object]] = []
    positional = -1
    for part in _split(right):
        if part == "*":
            positional = len(options)
            continue
        name, _, default = part.partition("=")
        if name.endswith("!"):
            options.append((name[:-1], REFUSED))
        else:
            options.append((name, ast.literal_eval(default) if default else REQUIRED))
    count = len(options) if positional < 0 else positional
    return Signature(tuple(operands), tuple(defaults), star, tuple(options), count)


def _split(text: str) -> list[str]:
    parts, depth, part = [], 0, ""
    for char in text:
        depth += (char in "([") - (char in ")]")
        if char == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += char
    return [p for p in [*parts, part.strip()] if p]


def static(atom: object) -> object:
    """The value of an atom that is fixed while lowering, or NOT_STATIC."""
    if isinstance(atom, Lit):
        return atom.value
    if not isinstance(atom, Var):
        return atom  # a plain value
    return static_kind(atom.kind)


def static_kind(kind: object) -> object:
    if isinstance(kind, Static):
        return kind.value
    if isinstance(kind, Scalar) and isinstance(kind.size, int):
        return kind.size
    if isinstance(kind, (Tuple, List)) and kind.items is not None:
        items = [static_kind(item) for item in kind.items]
        if NOT_STATIC not in items:
            return tuple(items) if isinstance(kind, Tuple) else items
    return NOT_STATIC


def as_atom(value: object) -> Atom:
    return value if isinstance(value, (Var, Lit)) else Lit(value)


def bind(
    name: str, text: str, args: Sequence[object], kwargs: Mapping[str, object]
) -> tuple[tuple[Atom, ...], dict[str, object]]:
    """Operand atoms and static options of a call; raises BadArguments."""
    signature = parse_signature(text)
    wanted = signature.operands
    left = list(args)
    named = dict(kwargs)
    operands: list[Atom] = []
    for position, operand in enumerate(wanted):
        if left:
            operands.append(as_atom(left.pop(0)))
        elif operand in named:
            operands.append(as_atom(named.pop(operand)))
        elif signature.optional[position] is REQUIRED:
            raise BadArguments(f"`{name}` is missing the argument `{operand}`")
        elif any(later in named for later in wanted[position:]):
            operands.append(Lit(signature.optional[position]))
    if signature.star:
        operands += [as_atom(arg) for arg in left]
        left = []
    if len(left) > signature.positional:
        raise BadArguments(f"`{name}` takes fewer arguments than were given")
    given: dict[str, object] = {}
    for (option, _), arg in zip(signature.options, left, strict=False):
        given[option] = arg
    defaults = dict(signature.options)
    for option, arg in named.items():
        if option in given or option in wanted:
            raise BadArguments(f"`{name}` got two values for `{option}`")
        if option not in defaults:
            raise BadArguments(f"the option `{option}=` of `{name}` is not supported")
        given[option] = arg
    attrs = {}
    for option, default in defaults.items():
        if option not in given:
            if default is REQUIRED:
                raise BadArguments(f"`{name}` is missing the argument `{option}`")
            continue
        value = static(given[option])
        if value is NOT_STATIC:
            raise BadArguments(
                f"`{option}=` of `{name}` must be known before the program runs"
            )
        if default is REFUSED:
            if value is None:
                continue
            raise BadArguments(f"the option `{option}=` of `{name}` is not supported")
        if default is REQUIRED or type(value) is not type(default) or value != default:
            attrs[option] = value
    return tuple(operands), attrs
