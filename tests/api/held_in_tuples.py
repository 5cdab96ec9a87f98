"""Tuples that hold lists, dicts and arrays, of which some are written and others put anew.

A tuple with another entry is another tuple; what it holds besides is what the old one
held, the caller's too.
"""

from typing import NamedTuple

import numpy as np

from tests.api.programs import collector

X = np.array([0.5, -1.5, 2.0])
Y = np.array([1.5, 0.5, -2.0])
POINTS: list = []
case = collector(POINTS)


class State(NamedTuple):
    pos: np.ndarray
    rows: list
    scale: float


@case((X * 3, [X, Y], 0.5))
def entry_put_anew_then_written_in_a_list(held):
    first = held[0]
    first *= 2
    held[1][0][0] = held[2]
    return np.sum(held[1][0]) * np.sum(held[0] * held[1][1])


@case((X * 3, [X * 1, Y * 2], 0.5), Y)
def entry_put_anew_then_a_loop_over_a_list(held, y):
    first = held[0]
    first /= 2.0
    for row in held[1]:
        row[0] *= y[0]
    return np.sum(held[1][0] * held[1][1]) * np.sum(first)


@case((X * 3, {"a": X * 1, "b": Y * 2}), Y)
def entry_put_anew_then_written_in_a_dict(held, y):
    first, table = held
    first += y
    for key in table:
        table[key][1] *= first[0]
    return np.sum(table["a"] * table["b"]) + np.sum(held[0] ** 2)


@case(State(X * 1, [X * 2, Y], 1.5))
def named_tuple_put_anew_then_written(state):
    pos = state.pos
    pos *= state.scale
    other = state._replace(scale=state.scale * 2)
    other.rows[1][2] = pos[0] * other.scale
    state.rows[0][0] *= state.pos[1]
    return np.sum(state.rows[1] * other.rows[0] * other.pos)


@case(((X, [Y]), [X * 2, Y * 2]), 2)
def tuples_in_tuples_in_turn(held, n):
    for i in range(n):
        inner = held[0][0]
        inner *= 1.5
        held[0][1][0][i] += inner[i]
        held[1][i][0] = inner[1] * held[0][1][0][2]
    return np.sum(held[0][0] * held[0][1][0]) + np.sum(held[1][0] * held[1][1])


@case((X * 3, [X * 1, Y * 2]), Y)
def old_entries_are_read_again(held, y):
    kept = held[1][0] * 1.0
    first = held[0]
    first *= y
    held[1][0][:] = first
    return np.sum(kept * held[1][0]) + np.sum(held[1][1] * first)
