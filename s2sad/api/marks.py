"""The user's words about a function: what must not, or need not, be differentiated.

Outside a differentiated function they do nothing but call; lowering knows them by name
(`__s2sad_mark__`) and by identity.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from s2sad.errors import Misuse

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

MARK = "__s2sad_mark__"  # the attribute that lowering looks for


def stop_gradient(x: T) -> T:
    """`x` itself; a derivative takes it for a constant."""
    return x


stop_gradient.__s2sad_mark__ = "stop_gradient"  # type: ignore[attr-defined]


def opaque(f: Callable[P, R]) -> Callable[P, R]:
    """Keep calls of `f` as they are written; refused where a derivative needs one."""
    return _marked(f, "opaque")


def flat(f: Callable[P, R]) -> Callable[P, R]:
    """Your word that the derivative of `f` is zero wherever it is called."""
    return _marked(f, "flat")


def checkpoint(f: Any) -> Any:
    """Recompute instead of keeping: a function's calls, or the trips of a loop.

        for i in checkpoint(range(n)):
            ...

    The derivative is the same; it takes less memory and more time. Of a call only the
    arguments are kept. Of n trips about the cube root of 6 n values are, by a binomial
    schedule, and none is made more than four times again. What a function does besides
    (it prints) is done once. Random numbers are drawn again from the state that their
    source had, which then goes on from where it was.
    """
    if isinstance(f, type) or not callable(f):
        return f
    return _marked(f, "checkpoint")


checkpoint.__s2sad_mark__ = "checkpoint"  # type: ignore[attr-defined]


def again(f: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """A call of `checkpoint(f)`, as lowering knows it."""
    return f(*args, **kwargs)


again.__s2sad_mark__ = "again"  # type: ignore[attr-defined]


def _marked(f: Callable[P, R], mark: str) -> Callable[P, R]:
    """A function marked in place; what takes no attributes is wrapped."""
    if not callable(f):
        raise Misuse(f"`{mark}` marks a function, not {type(f).__name__}")
    try:
        f.__s2sad_mark__ = mark  # type: ignore[attr-defined]
        return f
    except (AttributeError, TypeError):
        wrapper = Marked(f)
        wrapper.__s2sad_mark__ = mark
        return wrapper


class Marked:
    """A library callable with a mark."""

    __s2sad_mark__: str

    def __init__(self, function: Callable[..., Any]) -> None:
        self.__wrapped__ = function
        self.__name__ = getattr(function, "__name__", "f")
        self.__doc__ = getattr(function, "__doc__", None)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__wrapped__(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<{self.__s2sad_mark__} {self.__wrapped__!r}>"
