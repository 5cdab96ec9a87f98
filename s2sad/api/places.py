"""Places in parameters whose kinds are known: which of them have a derivative.

`settle` turns what `wrt` names into places of the parameters of a program, and refuses
what has no derivative: an integer array, a string, a key that is not there.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from s2sad.analysis.kinds_of import kind_of
from s2sad.api.wrt import Attr
from s2sad.errors import Diagnostic, Label, raise_all, refuse
from s2sad.errors import Place as ErrorPlace
from s2sad.ir.kinds import (
    Array,
    Dict,
    Kind,
    List,
    Object,
    Scalar,
    Static,
    Tuple,
    Unknown,
    is_float_dtype,
    show,
)
from s2sad.ir.nodes import Param

Key = tuple[object, ...]
Place = tuple[int, Key]
_T = TypeVar("_T")


def entries(kind: Kind) -> list[tuple[object, Kind]]:
    """The keys and kinds of what a container of known structure holds."""
    if isinstance(kind, Tuple) or (isinstance(kind, List) and kind.items is not None):
        return list(enumerate(kind.items or ()))
    if isinstance(kind, Dict):
        return list(zip(kind.keys, kind.items))
    if isinstance(kind, Object):
        return list(zip(kind.fields, kind.items))
    return []


def leaves(kind: Kind, key: Key = ()) -> Iterator[tuple[Key, Kind]]:
    """Everything that is not a container of known structure, and where it is."""
    inner = entries(kind)
    if inner or isinstance(kind, (Tuple, Dict, Object)):
        for entry, item in inner:
            yield from leaves(item, (*key, entry))
    else:
        yield key, kind


def spelled(name: str, kind: Kind, key: Key) -> str:
    """A place as a user writes it: `params['w'][0]`, `self.b`."""
    text = name
    for entry in key:
        text += f".{entry}" if isinstance(kind, Object) else f"[{entry!r}]"
        kind = dict(entries(kind)).get(entry, kind)
    return text


def settle(
    places: Sequence[Place], kinds: Sequence[Kind], names: Sequence[str], function: str,
    everything: bool = False, counts: Sequence[int] = (),
    where: ErrorPlace | None = None,
) -> tuple[Place, ...]:  # fmt: skip
    """The places with keys as the kinds have them; refusals of what cannot be.

    With `everything`, what has no derivative is skipped over, not refused; an integer
    array only if it is among `counts`, the parameters that are used as an index.
    """
    found: list[Place] = []
    problems: list[Diagnostic] = []
    for number, keys in places:
        key, kind, problem = _follow(names[number], kinds[number], keys, function)
        if problem is None and not everything:
            problem = _problem(names[number], kinds[number], key, kind)
        if problem is None and everything and number not in counts:
            problem = _array_problem(names[number], kinds[number], key, kind)
        if problem is not None:
            problems.append(problem)
        elif _overlaps(found, (number, key)):
            text = spelled(names[number], kinds[number], key)
            problems.append(refuse("wrt-twice", wrt=text))
        found.append((number, key))
    if problems:
        raise_all(placed(problem, where) for problem in problems)
    if everything and not any(
        has_real(kind_at(kinds[number], key)) for number, key in found
    ):
        raise_all([refuse("wrt-empty", where, name=function)])
    return tuple(found)


def placed(problem: Diagnostic, where: ErrorPlace | None) -> Diagnostic:
    """The complaint, pointing at the function that it is about."""
    if where is None or problem.labels:
        return problem
    return replace(problem, labels=(Label(where),))


def with_fields(kind: Kind, value: object, keys: Key, name: str) -> Kind:
    """The kind of an object with the attributes that a path goes through among its
    fields: of a plain object, lowering asks for attributes one by one.
    """
    if not keys:
        return kind
    step, *rest = keys
    if isinstance(kind, Static) and hasattr(value, "__dict__"):
        kind = Object(type(value))  # a callable object, taken for what it holds
    if isinstance(kind, Object) and isinstance(step, Attr):
        if not hasattr(value, step.name):
            return kind
        found = dict(zip(kind.fields, kind.items))
        inner = getattr(value, step.name)
        text = f"{name}.{step.name}"
        field = found.get(step.name) or kind_of(inner, text)
        found[step.name] = with_fields(field, inner, tuple(rest), text)
        return Object(kind.cls, tuple(found), tuple(found.values()))
    return kind


def kind_at(kind: Kind, key: Key) -> Kind:
    for entry in key:
        kind = dict(entries(kind))[entry]
    return kind


def has_real(kind: Kind) -> bool:
    """Does something in it carry a derivative?"""
    return any(
        isinstance(leaf, Unknown)
        or (isinstance(leaf, (Scalar, Array)) and is_float_dtype(leaf.dtype))
        or (isinstance(leaf, List) and leaf.elem is not None and has_real(leaf.elem))
        for _, leaf in leaves(kind)
    )


def _overlaps(found: list[Place], place: Place) -> bool:
    return any(
        number == place[0] and all(a == b for a, b in zip(key, place[1]))
        for number, key in found
    )


def _follow(
    name: str, kind: Kind, keys: Key, function: str
) -> tuple[Key, Kind, Diagnostic | None]:
    done: list[object] = []
    whole = kind
    for step in keys:
        entry: object = step.name if isinstance(step, Attr) else step
        inside = dict(entries(kind))
        if isinstance(kind, Tuple) and kind.cls is not None and isinstance(step, Attr):
            fields = getattr(kind.cls, "_fields", ())
            entry = fields.index(entry) if entry in fields else entry
        if isinstance(kind, (Tuple, List)) and isinstance(entry, int) and entry < 0:
            entry += len(inside)
        if entry not in inside:
            wrong = f"{spelled(name, whole, tuple(done))}"
            wrong += f".{entry}" if isinstance(step, Attr) else f"[{entry!r}]"
            have = [str(k) for k in inside]
            close = difflib.get_close_matches(str(entry), have, n=1)
            hint = f"; did you mean `{close[0]}`?" if close else ""
            listed = ", ".join(have) or f"none: it is {show(kind)}"
            return (
                (*done, entry),
                kind,
                refuse(
                    "wrt-unknown",
                    wrt=repr(wrong),
                    name=function,
                    suggestion=hint,
                    parameters=f"those of the function; entries here are {listed}",
                ),
            )
        kind = inside[entry]
        done.append(entry)
    return tuple(done), kind, None


def _problem(name: str, whole: Kind, key: Key, kind: Kind) -> Diagnostic | None:
    """Why nothing can be differentiated with respect to this place; None if it can."""
    array = _array_problem(name, whole, key, kind)
    if array is not None:
        return array
    if has_real(kind):
        return None
    return refuse(
        "wrt-not-numeric", wrt=spelled(name, whole, key), what=described(kind)
    )


def _array_problem(name: str, whole: Kind, key: Key, kind: Kind) -> Diagnostic | None:
    for inner, leaf in leaves(kind, key):
        text = spelled(name, whole, inner)
        if isinstance(leaf, (Scalar, Array)) and "complex" in leaf.dtype:
            return refuse("complex", name=text)
        if isinstance(leaf, Array) and not is_float_dtype(leaf.dtype):
            if leaf.dtype.startswith(("str", "bytes")):
                return refuse("text-array", name=text)
            return refuse("integer-array", name=text, dtype=leaf.dtype)
    return None


def described(kind: Kind) -> str:
    """A kind in words, for a message."""
    from s2sad.rules.infer import axes  # brings all rules: a cached text needs none

    if isinstance(kind, Static):
        value = kind.value
        if value is None or isinstance(value, (bool, str)):
            return repr(value)
        return f"a {type(value).__name__}"
    if isinstance(kind, Scalar):
        return f"a number of type {kind.dtype}"
    if isinstance(kind, Array):
        rank = "unknown rank" if kind.dims is None else axes(len(kind.dims))
        return f"an array of {kind.dtype} with {rank}"
    if isinstance(kind, Tuple):
        return f"a tuple of {len(kind.items)}"
    if isinstance(kind, List):
        return "a list"
    if isinstance(kind, Dict):
        return "a dict"
    if isinstance(kind, Object):
        return f"a {kind.cls.__qualname__}"
    return "of an unknown kind"


# ---- ints in places ------------------------------------------------------------------


def realised(kind: Kind, keys: Iterable[Key] = ((),)) -> Kind:
    """The kind with each int that stands for a real number made a float.

    Those are at the end of `keys`: a number there, or one directly in a plain tuple or
    list there.
    """
    keys = set(keys)
    if () in keys:
        if isinstance(kind, Scalar) and kind.dtype == "int":
            return Scalar("float")
        if isinstance(kind, List) and kind.elem is not None:
            return List(None, realised(kind.elem))
    if isinstance(kind, Tuple) and kind.cls is None:
        return Tuple(tuple(realised(*each) for each in below(kind.items, keys)))
    if isinstance(kind, List) and kind.items is not None:
        return List(tuple(realised(*each) for each in below(kind.items, keys)))
    return kind


def realise(value: object, keys: Iterable[Key] = ((),)) -> object:
    """The value whose kind `realised` gives: ints in it are passed on as floats."""
    keys = set(keys)
    if type(value) is int and () in keys:
        return float(value)
    if type(value) is not tuple and type(value) is not list:
        return value
    given: Sequence[object] = value
    items = [realise(*each) for each in below(given, keys)]
    if all(new is old for new, old in zip(items, given)):
        return value  # itself: another argument may be the same list
    return tuple(items) if type(value) is tuple else items


def realiser(keys: Iterable[Key]) -> Callable[[object], object]:
    """`realise` at these places."""

    def real(value: object) -> object:
        return realise(value, keys)

    return real


def below(items: Sequence[_T], keys: set[Key]) -> Iterator[tuple[_T, set[Key]]]:
    """Each item, and the rest of the keys that lead into it."""
    for i, item in enumerate(items):
        yield item, {key[1:] if key else key for key in keys if key[:1] in ((), (i,))}


def param_names(params: Sequence[Param]) -> list[str]:
    return [param.var.name for param in params]
