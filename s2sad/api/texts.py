"""Functions whose texts were read, each asked for again.

    m.f(x)        is the f of m's class still the one that was lowered?
    h(x)          and what are the defaults of h by now?

What lowering asked about leads to most functions that it read: by a name, a cell, an
attribute. Methods and what operators and properties run are found through the classes
that were met. Where nothing leads to a function, it is asked for as it is: no other
process can do that, and so the text is not kept on disk.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import FunctionType, MethodType

from s2sad.api.outside import Answer, Ask, Way, inner_kinds, kind_of_defaults, walk
from s2sad.ir.kinds import Kind, Object, Tuple

# What holds a function, and by which name.
HELD = (
    (property, "fget"),
    (property, "fset"),
    (functools.cached_property, "func"),
    (functools._lru_cache_wrapper, "__wrapped__"),
    (MethodType, "__func__"),
    (staticmethod, "__func__"),
    (classmethod, "__func__"),
    (object, "py_func"),
)


def also_read(
    functions: Sequence[FunctionType],
    answers: Sequence[Answer],
    kinds: Iterable[Kind],
    function: FunctionType,
    arguments: Mapping[str, object],
) -> list[Answer]:
    """What else must be as it was: the code and the defaults of these functions.

    `kinds` are those of the arguments: the objects in them have methods.
    """
    found = list(of_presets([(a.ask.way, a.value) for a in answers]))
    found += of_presets([(("arg", name), value) for name, value in arguments.items()])
    if not functions:
        return found
    ways = [answer.ask.way for answer in answers if answer.ask.way[0] != "both"]
    ways += [("arg", name) for name in arguments]
    reached = {way: walk(way, function, arguments) for way in dict.fromkeys(ways)}
    coded = {answer.ask.way for answer in answers if answer.ask.what == "code"}
    for each in functions:
        to_it = list(leading(reached, each))
        if not to_it:
            to_it = list(through_classes(classes_of(answers, kinds), each))
        to_it = to_it or [("object", each)]
        for way in to_it:
            if way not in coded:
                found.append(Answer(Ask(way, "code"), each.__code__))
            found += of_defaults(way, each)
    return found


def of_defaults(way: Way, function: FunctionType) -> Iterator[Answer]:
    for name in ("__defaults__", "__kwdefaults__"):
        value = getattr(function, name)
        if value:
            yield Answer(Ask(("attr", way, name), "defaults"), kind_of_defaults(value))


def of_presets(values: Iterable[tuple[Way, object]]) -> Iterator[Answer]:
    """What partials hand on, which may be changed in them."""
    for way, value in values:
        if isinstance(value, functools.partial):
            for name in ("args", "keywords"):
                kind = kind_of_defaults(getattr(value, name))
                yield Answer(Ask(("attr", way, name), "defaults"), kind)


def leading(reached: Mapping[Way, object], function: FunctionType) -> Iterator[Way]:
    """The ways at whose end the function is, or something that holds it."""
    for way, value in reached.items():
        if value is function or is_method(value, function):
            yield way
            continue
        name = holding(value, function)
        if name is not None:
            yield "attr", way, name


def is_method(value: object, function: FunctionType) -> bool:
    """A bound method has the code and the defaults of its function."""
    return isinstance(value, MethodType) and value.__func__ is function


def holding(value: object, function: FunctionType) -> str | None:
    """By which name this holds the function, if it does."""
    for cls, name in HELD:
        if isinstance(value, cls) and getattr(value, name, None) is function:
            return name
    return None


# ---- classes -------------------------------------------------------------------------


def classes_of(answers: Iterable[Answer], kinds: Iterable[Kind]) -> list[type]:
    """The user's classes that lowering has met."""
    found: dict[type, None] = {}
    for value in (*kinds, *(answer.value for answer in answers)):
        if isinstance(value, type):
            found[value] = None
        for each in inner_kinds(value) if isinstance(value, Kind) else ():
            cls = each.cls if isinstance(each, (Object, Tuple)) else None
            if cls is not None:
                found[cls] = None
    return list(found)


def through_classes(classes: Sequence[type], function: FunctionType) -> Iterator[Way]:
    """The ways to a method: by each class whose method it is, by that it stands in, or
    by its own words."""
    own = [each for each in classes if name_in(each, function) is not None]
    if not own:
        above = dict.fromkeys(each for cls in classes for each in cls.__mro__)
        own = [each for each in above if name_in(each, function) is not None]
    if not own:
        cls = class_in_words(function)
        own = [] if cls is None or name_in(cls, function) is None else [cls]
    for cls in own:
        name = name_in(cls, function)
        assert name is not None
        way: Way = ("attr", ("class", cls), name)
        inner = getattr(cls, name, None)
        held = None if inner is function else holding(inner, function)
        yield way if held in (None, "__func__") else ("attr", way, held)


def name_in(cls: type, function: FunctionType) -> str | None:
    """The name under which objects of the class have the function."""
    seen: set[str] = set()
    for each in cls.__mro__:
        for name, value in vars(each).items():
            if name in seen:
                continue
            if value is function or holding(value, function) is not None:
                return name
        seen.update(vars(each))
    return None


def class_in_words(function: FunctionType) -> type | None:
    """The class that the name of a method tells."""
    found: object = sys.modules.get(function.__module__)
    for part in function.__qualname__.split(".")[:-1]:
        found = getattr(found, part, None)
    return found if isinstance(found, type) else None
