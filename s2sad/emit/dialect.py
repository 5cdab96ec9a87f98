"""Dialects: where the text for one target differs from that for another.

What a target cannot be told at all is not here: its program is rewritten first, see
`emit/numba`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """`decorator` stands above each function; `backwards` is whether the target knows
    `reversed(range(n))`, or needs `range(n - 1, -1, -1)`.
    """

    decorator: str = ""
    backwards: bool = True


PYTHON = Dialect()
NUMBA = Dialect(decorator="@njit(cache=True)", backwards=False)
