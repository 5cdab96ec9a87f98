"""Choices that rules make between values: poles, zeros of denominators, masks."""

from __future__ import annotations

import math

from s2sad.ir.kinds import (
    Scalar,
    is_python_scalar,
    is_real,
)
from s2sad.rules.handles import (
    Handle,
    build,
    builder_of,
    is_symbolic,
    lift,
)
from s2sad.rules.infer import promote
from s2sad.rules.registry import PRIMITIVES


def choose(test, then, orelse):
    """`then if test else orelse`, element by element on arrays."""
    values = (test, then, orelse)
    if not any(isinstance(value, Handle) for value in values):
        symbolic = any(map(is_symbolic, values))
        return (
            PRIMITIVES["where"].run(*values) if symbolic else then if test else orelse
        )
    b = builder_of(values)
    test, then, orelse = (lift(b, value) for value in values)
    kinds = (then.kind, orelse.kind)
    if all(isinstance(kind, Scalar) for kind in (test.kind, *kinds)):
        # No `where`: it would make a 0-d array, which `+=` changes in place.
        kind = then.kind if is_real(then.kind) else orelse.kind
        if not all(map(is_python_scalar, kinds)):
            kind = Scalar(promote(kinds))
        return Handle(b, None, "if", (test, then, orelse), kind=kind)
    return build("where", test, then, orelse)


def pole(numerator, denominator, at_zero: float = math.inf):
    """`numerator / denominator`, infinite where Python's `/` would raise on floats.

    For rules that are infinite at a point where their function is finite. NumPy's own
    numbers do not raise; but which numbers are NumPy's is settled last, when elements
    are read as Python's floats, and the guards that are not needed go (`opt/refine`).
    """
    quotient = numerator / denominator
    if isinstance(quotient, Handle) and isinstance(quotient.kind, Scalar):
        kinds = [arg.kind for arg in quotient.args]
        if at_zero == math.inf or all(map(is_python_scalar, kinds)):
            return choose(denominator, quotient, at_zero)
    return quotient


def nonzero(x, instead: float = 1.0):
    """`x`, with another number where it is 0: `x or 1.0`."""
    if not isinstance(x, Handle):
        return x
    if isinstance(x.kind, Scalar):
        return Handle(x.b, None, "or", (x, lift(x.b, instead)), kind=x.kind)
    return choose(x != 0, x, instead)


class When:
    """A partial that selects: `When(test) * bar` is bar where true, else 0."""

    def __init__(self, test) -> None:
        self.test = test

    def __mul__(self, bar):
        return choose(self.test, bar, 0.0)

    __rmul__ = __mul__

    def _sympy_(self):
        return choose(self.test, 1, 0)
