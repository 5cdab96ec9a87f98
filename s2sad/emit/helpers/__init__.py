"""Functions that printed text may use: their source is copied into standalone modules."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from s2sad.emit.helpers.arrays import fresh, unbroadcast

HELPERS: dict[str, Callable[..., object]] = {"fresh": fresh, "unbroadcast": unbroadcast}


def helper_functions() -> dict[str, Callable[..., object]]:
    """Every helper by its name."""
    return HELPERS


def helper_source(name: str) -> str:
    """The text of a helper's definition."""
    return inspect.getsource(HELPERS[name])
