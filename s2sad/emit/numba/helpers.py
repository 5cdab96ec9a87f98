"""Functions that kernels call for what NumPy has and Numba lacks.

They are compiled with the kernel: their source is copied into its module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import FunctionType

HELPERS: dict[str, Callable[..., object]] = {
    name: value
    for name, value in globals().items()
    if isinstance(value, FunctionType) and value.__module__ == __name__
}


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
