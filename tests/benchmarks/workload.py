"""What a workload is: a program, its gradient written by hand, and what it is called with.

Written by hand means the reverse of the same algorithm, with its loops and its arrays,
as a careful specialist writes it: adjoints begin at their first contribution, nothing is
kept that is not read, large temporaries that die are used again. A changed algorithm
sets no bar; it stands in `changed`, and in a column of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Program = Callable[..., Any]


@dataclass(frozen=True)
class Workload:
    """One program; each of its sizes is a row of the table."""

    name: str
    primal: Program
    hand: Program  # its gradient in Python and NumPy
    args: Callable[..., tuple]  # the arguments, for a size
    sizes: tuple[Any, ...]  # a number, or a tuple of numbers, for each row
    small: Any  # the size at which tests compare
    kind: str = "arrays"  # or "numbers", "loops" (over elements), "dense" (products)
    wrt: int | tuple[int, ...] = 0
    mode: str = "grad"  # or "jacobian"
    loops: Program | None = (
        None  # the gradient for Numba, where `hand` itself is not it
    )
    dialect: Program | None = (
        None  # the primal for Numba, where it is not taken as it is
    )
    changed: Program | None = None  # the gradient by another algorithm
    growth: tuple[Any, ...] = field(default=())  # sizes of the curve over n

    def arguments(self, size: Any) -> tuple:
        return self.args(*size) if isinstance(size, tuple) else self.args(size)

    def row(self, size: Any) -> str:
        """What a row of the table is called."""
        if len(self.sizes) == 1:
            return self.name
        shown = "x".join(map(short, size if isinstance(size, tuple) else (size,)))
        return f"{self.name}, {shown}"

    @property
    def positions(self) -> tuple[int, ...]:
        return self.wrt if isinstance(self.wrt, tuple) else (self.wrt,)


def short(number: int) -> str:
    """A size as it is spoken of: 10, 1000, 1e6."""
    return f"{number:.0e}".replace("e+0", "e") if number >= 10_000 else str(number)


def random(seed: int = 0) -> np.random.Generator:
    """Draws that are the same in every run."""
    return np.random.default_rng(seed)


def same(a: Any, b: Any, rtol: float = 1e-8) -> bool:
    """Are two gradients equal, up to rounding?"""
    if isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(same(x, y, rtol) for x, y in zip(a, b))
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return False
    return bool(np.allclose(a, b, rtol=rtol, atol=rtol * (np.abs(b).max(initial=0.0))))
