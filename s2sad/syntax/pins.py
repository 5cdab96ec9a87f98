"""Ints that must be known while lowering: an axis, a rank, which argument to vary.

Ints go by kind, so that one derivative serves every trip count. Where an operation
needs the value of one that comes from outside, the function is lowered again with that
int pinned to what it is in this call, and a guard holds it to that.

    def f(x, axis): return np.max(x, axis=axis).sum()     # lowered once per axis
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import FunctionType
from typing import TYPE_CHECKING, Any

from s2sad.ir.kinds import Kind, Scalar
from s2sad.ir.nodes import Var

if TYPE_CHECKING:
    from s2sad.syntax.session import Session

Place = tuple[tuple[Any, ...], int]  # the path of a guard, and whose it is

INT = Scalar("int")
ATTEMPTS = 4


class Pins:
    """The ints of one session: where they come from, which are or should be pinned."""

    def __init__(self, pinned: dict[Place, int]) -> None:
        self.pinned = pinned
        self.wanted: dict[Place, int] = {}
        self._values: dict[Place, int] = {}
        self._origins: dict[Var, tuple[Place, ...]] = {}

    def kind(
        self,
        session: Session,
        path: tuple[Any, ...],
        kind: Kind,
        value: object,
        owner: FunctionType | None = None,
    ) -> Kind:
        """The kind of an int from outside: with its value, where it is pinned."""
        place = (path, id(owner))
        if kind != INT or type(value) is not int:
            return kind
        self._values[place] = value
        if place not in self.pinned:
            return kind
        session.guard(path, "value", value, owner)
        return Scalar("int", value)

    def comes_from(
        self, var: Any, path: tuple[Any, ...], owner: FunctionType | None = None
    ) -> None:
        if isinstance(var, Var) and var.kind == INT:
            self._origins[var] = ((path, id(owner)),)

    def follow(self, outs: Iterable[Any], args: Iterable[Any]) -> None:
        """An int made of ints comes from where they do; so does a tuple of them."""
        if not self._origins:
            return
        found = [place for arg in args for place in self._origins.get(arg, ())]
        if found:
            for out in outs:
                self._origins[out] = tuple(dict.fromkeys(found))

    def want(self, values: Iterable[Any]) -> None:
        """Something was refused that reads these values: pin what they come from."""
        for value in values:
            for place in self._origins.get(value, ()):
                if place in self._values:
                    self.wanted[place] = self._values[place]


def is_pinned(kind: Kind) -> bool:
    return isinstance(kind, Scalar) and type(kind.size) is int


def attempt(lower: Callable[[dict[Place, int]], Session]) -> Session:
    """Lower a function; again with values pinned while that is what is missing."""
    pinned: dict[Place, int] = {}
    for _ in range(ATTEMPTS):
        session = lower(pinned)
        wanted = {k: v for k, v in session.pins.wanted.items() if k not in pinned}
        if not session.found or not wanted:
            break
        pinned = {**pinned, **wanted}
    return session
