"""Forward or reverse: the choice that the sizes of a call make, kept with the text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Dims = Sequence[int | str]


@dataclass(frozen=True)
class Choice:
    """Forward was chosen because the inputs are no more than the outputs, or not.

    `inputs` and `outputs` are products of dims, one for each leaf; a call whose sizes
    would choose otherwise needs another derivation.
    """

    inputs: tuple[tuple[int | str, ...], ...]
    outputs: tuple[tuple[int | str, ...], ...]
    forward: bool


def chooses(
    inputs: Sequence[Dims], outputs: Sequence[Dims], sizes: Mapping[str, int]
) -> bool | None:
    """Are there no more inputs than outputs? None if a length is not known yet."""

    def count(groups: Sequence[Dims]) -> int:
        return sum(
            math.prod(dim if isinstance(dim, int) else sizes[dim] for dim in dims)
            for dims in groups
        )

    try:
        return count(inputs) <= count(outputs)
    except KeyError:
        return None
