"""Functions that printed text may use: their source is copied into standalone modules."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache


@lru_cache(maxsize=1)
def helper_functions() -> dict[str, Callable[..., object]]:
    """Every helper by its name."""
    from s2sad.emit.helpers.arrays import fresh, unbroadcast

    return {"fresh": fresh, "unbroadcast": unbroadcast}


def helper_source(name: str) -> str:
    """The text of a helper's definition."""
    import inspect

    return inspect.getsource(helper_functions()[name])
