"""With respect to what: from what users write to places in the parameters.

    0, -1                 a position; `self` of a method does not count
    "x"                   a name
    "self.W", "p['b'][0]" a path into a parameter
    (0, "b")              several: the answer is a tuple

An int or a name gives one result, a tuple or list gives a tuple.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from inspect import Parameter

from s2sad.errors import Misuse, raise_all, refuse

Key = tuple[object, ...]
_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


class _Unset:
    def __repr__(self) -> str:
        return "0"


UNSET = _Unset()


@dataclass(frozen=True)
class Item:
    """One thing asked for: a position or a name, and keys that lead into it."""

    root: int | str
    keys: Key = ()

    def __str__(self) -> str:
        steps = (
            f".{key.name}" if isinstance(key, Attr) else f"[{key!r}]"
            for key in self.keys
        )
        return f"{self.root}{''.join(steps)}"


@dataclass(frozen=True)
class Attr:
    """A step of a path that was written with a dot."""

    name: str


@dataclass(frozen=True)
class Wrt:
    """What was asked for; `single` if the answer is not a tuple. None: everything.

    `lenient` if nothing was named: what has no derivative gives None, not an error.
    """

    items: tuple[Item, ...] | None
    single: bool = False
    lenient: bool = False

    def spelled(self) -> object:
        """As a user would write it."""
        if self.items is None:
            return None
        shown = tuple(i.root if not i.keys else str(i) for i in self.items)
        return shown[0] if self.single else shown


ALL = Wrt(None, lenient=True)
FIRST = Wrt((Item(0),), single=True)


def parse_wrt(wrt: object, argnums: object = None, default: Wrt = FIRST) -> Wrt:
    """The request in one form; `argnums` is JAX's word for it."""
    if argnums is not None:
        if wrt is not UNSET:
            raise_all([refuse("wrt-and-argnums")])
        wrt = argnums
    if wrt is UNSET:
        return default
    if wrt is None:
        return ALL
    if isinstance(wrt, (tuple, list)):
        items = tuple(_item(each) for each in wrt)
        if not items:
            raise Misuse("`wrt` is empty: name at least one parameter")
        return Wrt(items)
    return Wrt((_item(wrt),), single=True)


def _item(value: object) -> Item:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        try:
            value = None if isinstance(value, bool) else value.__index__()  # type: ignore[attr-defined]
        except (AttributeError, TypeError):
            value = None
        if value is None:
            raise Misuse(
                "`wrt` is a position (0), a name ('x'), a path (\"p['b']\") or a tuple "
                "of them"
            )
    if isinstance(value, int):
        return Item(value)
    assert isinstance(value, str)
    try:
        node = ast.parse(value.strip(), mode="eval").body
    except SyntaxError:
        raise Misuse(f"`wrt={value!r}` is neither a name nor a path") from None
    keys: list[object] = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            keys.append(Attr(node.attr))
            node = node.value
        elif isinstance(node, ast.Subscript):
            try:
                keys.append(ast.literal_eval(node.slice))
            except ValueError:
                raise Misuse(
                    f"`wrt={value!r}`: an entry is named by a literal"
                ) from None
            node = node.value
        else:
            raise Misuse(f"`wrt={value!r}` is neither a name nor a path")
    return Item(node.id, tuple(reversed(keys)))


# ---- meeting a signature -------------------------------------------------------------


def place_of(
    item: Item, parameters: Sequence[Parameter], hidden: int, name: str
) -> tuple[int, Key]:
    """The number of the parameter and the keys into it; an error with a suggestion."""
    if isinstance(item.root, str):
        return _named(item, parameters, name)
    positional = [i for i, p in enumerate(parameters) if p.kind in _POSITIONAL][hidden:]
    star = [i for i, p in enumerate(parameters) if p.kind is Parameter.VAR_POSITIONAL]
    at = item.root
    if at < 0 and not star:
        at += len(positional)
    if 0 <= at < len(positional):
        return positional[at], item.keys
    if star and at >= 0:
        return star[0], (at - len(positional), *item.keys)
    _unknown(item, parameters, hidden, name)
    raise AssertionError


def _named(item: Item, parameters: Sequence[Parameter], name: str) -> tuple[int, Key]:
    for i, p in enumerate(parameters):
        if p.name == item.root:
            return i, item.keys
    for i, p in enumerate(parameters):
        if p.kind is Parameter.VAR_KEYWORD:
            return i, (item.root, *item.keys)
    _unknown(item, parameters, 0, name)
    raise AssertionError


def _unknown(
    item: Item, parameters: Sequence[Parameter], hidden: int, name: str
) -> None:
    names = [p.name for p in parameters[hidden:]]
    import difflib  # for complaints only

    close = difflib.get_close_matches(str(item.root), names, n=1)
    suggestion = f"; did you mean `{close[0]}`?" if close else ""
    raise_all(
        [
            refuse(
                "wrt-unknown",
                wrt=repr(item.root),
                name=name,
                suggestion=suggestion,
                parameters=", ".join(names) or "none",
            )
        ]
    )
