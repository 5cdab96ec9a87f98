"""Memory of arguments: which of the arrays and containers of a call share some.

A function that writes into an argument is followed with its arguments apart, so a call
in which they are not is another case (see `syntax/apart.py`, `load/guards.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import combinations
from types import ModuleType
from typing import Any

DEEP = 8  # containers in containers
EFFORT = 10_000  # steps spent on telling interleaved slices apart


def arrays_in(value: object, depth: int = 0) -> Iterator[Any]:
    """The arrays in a value: itself, or in containers and attributes."""
    numpy = sys.modules.get("numpy")
    if numpy is None or depth > DEEP:
        return
    if isinstance(value, numpy.ndarray):
        yield value
        return
    for item in items_of(value):
        yield from arrays_in(item, depth + 1)


def items_of(value: object) -> Iterable[Any]:
    """What a container holds, or an object has as attributes."""
    if isinstance(value, (tuple, list)):
        return value
    if isinstance(value, dict):
        return value.values()
    if is_object(value):
        return vars(value).values()
    return ()


def is_object(value: object) -> bool:
    """Is it an object with attributes, neither a class nor a function nor a module?"""
    code = isinstance(value, (type, ModuleType)) or hasattr(value, "__code__")
    return not code and hasattr(value, "__dict__")


def containers_in(value: object) -> Iterator[Any]:
    """The lists, dicts and objects in a value, itself the first; each once."""
    seen: set[int] = set()
    waiting = [(value, 0)]
    while waiting:
        found, depth = waiting.pop()
        if isinstance(found, (list, dict)) or is_object(found):
            if id(found) in seen:
                continue
            seen.add(id(found))
            yield found
        if depth < DEEP:
            waiting += [(item, depth + 1) for item in items_of(found)]


def is_outside(container: object, value: object) -> bool:
    """Does nothing in the value lead to this very container?"""
    return all(each is not container for each in containers_in(value))


def are_apart(a: object, b: object) -> bool:
    """Do two arguments share no memory, and no list, dict or object?"""
    numpy = sys.modules.get("numpy")
    if numpy is not None and type(a) is numpy.ndarray is type(b):
        return not overlap(a, b)
    mine = {id(each) for each in containers_in(a)}
    if mine and any(id(each) in mine for each in containers_in(b)):
        return False
    return not any(overlap(x, y) for x in arrays_in(a) for y in arrays_in(b))


def are_distinct(a: object) -> bool:
    """Do the arrays in one argument share no memory?"""
    return not any(overlap(x, y) for x, y in combinations(arrays_in(a), 2))


def overlap(x: Any, y: Any) -> bool:
    """Have two arrays an element in common, as far as can be told in little time?"""
    numpy = sys.modules["numpy"]
    if not numpy.may_share_memory(x, y):
        return False
    try:
        return bool(numpy.shares_memory(x, y, max_work=EFFORT))
    except Exception:  # TooHardError moved between versions
        return True
