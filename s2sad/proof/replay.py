"""The same random draws again: every call that is compared starts from one state.

again = Replay(f, args)
again()     before each call: the sources of random numbers stand where they stood
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from types import FunctionType, MethodType
from typing import Any

import numpy as np

DEEP = 4  # containers, objects and functions in one another


class Replay:
    """Remembers the state of Python's and NumPy's own sources, and of all that these
    values reach.
    """

    def __init__(self, *values: Any) -> None:
        self.python = random.getstate()
        self.numpy = np.random.get_state()
        found = {id(each): each for value in values for each in sources(value)}
        self.others = [(each, state_of(each)) for each in found.values()]

    def __call__(self) -> None:
        random.setstate(self.python)
        np.random.set_state(self.numpy)
        for source, state in self.others:
            if isinstance(source, random.Random):
                source.setstate(state)
            elif isinstance(source, np.random.RandomState):
                source.set_state(state)
            else:
                source.bit_generator.state = state


def state_of(source: Any) -> Any:
    if isinstance(source, random.Random):
        return source.getstate()
    if isinstance(source, np.random.RandomState):
        return source.get_state()
    return source.bit_generator.state


def sources(value: Any, depth: int = 0) -> Iterator[Any]:
    """The generators that a value is, holds, or names if it is a function."""
    kinds = (np.random.Generator, np.random.RandomState, random.Random)
    if isinstance(value, kinds):
        yield value
    elif depth < DEEP:
        for inner in within(value):
            yield from sources(inner, depth + 1)


def within(value: Any) -> Iterator[Any]:
    if isinstance(value, (tuple, list)):
        yield from value
    elif isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, MethodType):
        yield from (value.__self__, value.__func__)
    elif isinstance(value, FunctionType):
        names = value.__code__.co_names
        yield from (value.__globals__[n] for n in names if n in value.__globals__)
        for cell in value.__closure__ or ():
            try:
                yield cell.cell_contents
            except ValueError:  # not filled yet
                continue
    elif not isinstance(value, type) and type(value).__module__ != "builtins":
        yield from getattr(value, "__dict__", {}).values()
