"""Functions of ours that printed text may call.

They are the rules' (`s2sad.rules.helpers`), for texts are differentiated again. Their
source is copied into standalone modules, with that of the others they call.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from types import FunctionType

from s2sad.rules import helpers as _of_rules

HELPERS: dict[str, Callable[..., object]] = {
    name: value
    for name, value in vars(_of_rules).items()
    if isinstance(value, FunctionType) and value.__module__ == _of_rules.__name__
}

globals().update(HELPERS)


def helper_functions() -> dict[str, Callable[..., object]]:
    """Every helper by its name."""
    return HELPERS


def needed(names: Iterable[str]) -> list[str]:
    """Some helpers and all that they call, callees first."""
    found: list[str] = []

    def add(name: str) -> None:
        if name in found:
            return
        for other in HELPERS[name].__code__.co_names:
            if other in HELPERS and other != name:
                add(other)
        found.append(name)

    for name in sorted(names):
        add(name)
    return found


def helper_source(name: str) -> str:
    """The text of a helper's definition."""
    return inspect.getsource(HELPERS[name])
