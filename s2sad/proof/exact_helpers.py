"""Helpers of generated code that compute by floating-point algorithms, stated exactly.

All other helpers are rearrangements and sums, and run on exact numbers as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2sad.proof.exact import Num, constant, lift
from s2sad.proof.exact_numpy import LINALG
from s2sad.rules import helpers


def cofactors(x: Any) -> Any:
    """By minors; the helper goes by singular values."""
    x = np.asarray(x)
    if x.ndim > 2:
        return np.array([cofactors(each) for each in x], dtype=object)
    n = len(x)
    made = np.empty((n, n), dtype=object)
    for i in range(n):
        for j in range(n):
            minor = np.delete(np.delete(x, i, axis=0), j, axis=1)
            made[i, j] = LINALG["det"](minor) * (-1) ** (i + j)
    return made


def polygamma(x: Any, n: int = 0) -> Any:
    """As a function of its own; the helper sums a series."""
    if isinstance(x, np.ndarray):
        return np.frompyfunc(lambda each: polygamma(each, n), 1, 1)(x)
    x = lift(x)
    return Num("polygamma", (constant(n), x), float(helpers.polygamma(x.value, n)))


EXACTLY: dict[str, Callable[..., Any]] = {
    "cofactors": cofactors,
    "polygamma": polygamma,
}


def counterpart(function: Any) -> Callable[..., Any] | None:
    """The exact form of one of our helpers, if it needs one."""
    name = getattr(function, "__name__", "")
    if name in EXACTLY and getattr(helpers, name, None) is function:
        return EXACTLY[name]
    return None
