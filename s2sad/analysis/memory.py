"""Memory of arguments: which of the arrays that a call passes share some.

A function that writes into an argument is followed with its arguments apart, so a call
in which they are not is another case (see `syntax/apart.py`, `load/guards.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import combinations
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
    items: Any = ()
    if isinstance(value, (tuple, list)):
        items = value
    elif isinstance(value, dict):
        items = value.values()
    elif not isinstance(value, type) and hasattr(value, "__dict__"):
        items = vars(value).values()
    for item in items:
        yield from arrays_in(item, depth + 1)


def are_apart(a: object, b: object) -> bool:
    """Do two arguments share no memory?"""
    numpy = sys.modules.get("numpy")
    if numpy is not None and type(a) is numpy.ndarray is type(b):
        return not overlap(a, b)
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
