"""The classes whose objects draw random numbers."""

from __future__ import annotations

_SOURCES = (
    "numpy.random._generator.Generator",
    "numpy.random.mtrand.RandomState",
    "random.Random",
)


def is_source(cls: object) -> bool:
    """Do its objects draw random numbers?"""
    return isinstance(cls, type) and any(map(has_state, cls.__mro__))


def has_state(cls: type) -> bool:
    """Is the state all that a draw depends on? Who derives a class may add to it."""
    return f"{cls.__module__}.{cls.__qualname__}" in _SOURCES
