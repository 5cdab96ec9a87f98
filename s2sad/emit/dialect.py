"""Dialects: where the text for one target differs from that for another.

What a target cannot be told at all is not here: its program is rewritten first, see
`emit/numba`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from s2sad.ir.nodes import Op


@dataclass(frozen=True)
class Dialect:
    """`backwards` is whether the target knows `reversed(range(n))`, or needs
    `range(n - 1, -1, -1)`; `comprehensions` whether it has such as the user wrote;
    `add_at` names the helper for a sum at indices that may repeat, where there is no
    `np.add.at`.
    """

    backwards: bool = True
    comprehensions: bool = True
    add_at: Callable[[Op], str] | None = None


PYTHON = Dialect()
