"""Moves: values handed on where a block ends, all at once.

    yield b, a + b           a, b = b, a + b
    yield 0.0, 0.0           x_bar = y_bar = 0.0

A move that no other one disturbs is a line of its own; only those that wait for one
another become one assignment of several.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    """`target = source`; `reads` are the names in the text of the source."""

    target: str
    source: str
    reads: frozenset[str]
    literal: bool = False


def in_order(moves: list[Move]) -> list[list[Move]]:
    """Groups to be assigned one after the other; a group of several is simultaneous."""
    left = list(moves)
    groups: list[list[Move]] = []
    readers: dict[str, int] = {}
    for move in left:
        for name in move.reads:
            readers[name] = readers.get(name, 0) + 1
    while left:
        free = next(
            (m for m in left if readers.get(m.target, 0) - (m.target in m.reads) == 0),
            None,
        )
        if free is None:
            groups.append(left)
            break
        left.remove(free)
        for name in free.reads:
            readers[name] -= 1
        groups.append([free])
    return groups


def texts(moves: list[Move]) -> list[tuple[str, str]]:
    """Left and right sides, in order."""
    rows: list[tuple[str, str]] = []
    literal = None
    for group in in_order(moves):
        if len(group) > 1:
            left = ", ".join(move.target for move in group)
            rows.append((left, ", ".join(move.source for move in group)))
            literal = None
            continue
        (move,) = group
        if move.literal and literal == move.source:
            rows[-1] = (f"{rows[-1][0]} = {move.target}", move.source)
            continue
        rows.append((move.target, move.source))
        literal = move.source if move.literal else None
    return rows
