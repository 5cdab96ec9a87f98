"""Do two writes meet? What is found out is what trying all small numbers finds."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from s2sad.analysis.affine import ONE, Form, symbol
from s2sad.analysis.lineage import Lineage
from s2sad.analysis.overlap import COMPARISONS, Access, apart, meet
from s2sad.ir.nodes import For, Op
from s2sad.ir.walk import statements

sys.path.insert(0, str(Path(__file__).parents[1] / "syntax"))

from lowering import lowered  # noqa: E402

# Each writes 1 at a place, then 2 at another, in one block.


def number(x, i, j):
    x[i] = 1
    x[j] = 2
    return x


def next_one(x, i, j):
    x[i] = 1
    x[i + 1] = 2
    return x


def the_same(x, i, j):
    x[i] = 1
    x[1 + i - 1] = 2
    return x


def twice_as_far(x, i, j):
    if i > 0:
        x[i] = 1
        x[2 * i] = 2
    return x


def odd_and_even(x, i, j):
    if i >= 0 and j >= 0:
        x[2 * i] = 1
        x[j * 2 + 1] = 2
    return x


def negative(x, i, j):
    if 0 < i and i < 3 < len(x):
        x[i] = 1
        x[-i] = 2
    return x


def from_the_end(x, i, j):
    x[0] = 1
    x[-1] = 2
    return x


def last_two(x, i, j):
    x[-2] = 1
    x[-1] = 2
    return x


def mirrored(x, i, j):
    if 0 < i and 2 * i < len(x):
        x[i] = 1
        x[-i] = 2
    return x


def product_of_two(x, i, j):
    if j >= 0:
        x[j + 1] = 1
        x[(i + 1) * j] = 2
    return x


def second_from_the_end(x, i, j):
    if len(x) > 2:
        x[1] = 1
        x[-2] = 2
    return x


def less_than(x, i, j):
    if i >= 0 and i < j:
        x[i] = 1
        x[j] = 2
    return x


def not_less_than(x, i, j):
    if i >= 0 and not (i < j):
        x[i] = 1
        x[j] = 2
    return x


def at_most(x, i, j):
    if i >= 0 and i <= j:
        x[i] = 1
        x[j + 1] = 2
    return x


def not_greater(x, i, j):
    if i < 0 or i > j:
        pass
    else:
        x[i] = 1
        x[j + 1] = 2
    return x


def differ(x, i, j):
    if i >= 0 and j >= 0 and i != j:
        x[i] = 1
        x[j] = 2
    return x


def differ_from_both_ends(x, i, j):
    if i != j:
        x[i] = 1
        x[j] = 2
    return x


def equal(x, i, j):
    if i == j:
        x[i] = 1
        x[j + 1] = 2
    return x


def slices(x, i, j):
    x[:2] = 1
    x[2:] = 2
    return x


def slices_that_touch(x, i, j):
    x[:3] = 1
    x[2:] = 2
    return x


def slice_and_number(x, i, j):
    if i >= 2:
        x[i] = 1
        x[:2] = 2
    return x


def slice_and_its_end(x, i, j):
    if i >= 2:
        x[i] = 1
        x[:3] = 2
    return x


def slice_by_number(x, i, j):
    if i >= 0:
        x[i:] = 1
        x[:i] = 2
    return x


def slice_by_number_from_any_end(x, i, j):
    x[i:] = 1
    x[:i] = 2
    return x


def slices_from_the_end(x, i, j):
    x[-2:] = 1
    x[:-2] = 2
    return x


def slices_from_the_end_that_meet(x, i, j):
    x[-3:] = 1
    x[:-2] = 2
    return x


def slice_before_the_last(x, i, j):
    x[:-1] = 1
    x[-1] = 2
    return x


def slice_before_the_last_but_one(x, i, j):
    x[:-1] = 1
    x[-2] = 2
    return x


def slice_behind_the_first(x, i, j):
    x[1:] = 1
    x[0] = 2
    return x


def upwards(x, i, j):
    for k in range(i, len(x)):
        x[k] = 1
        x[k - 1] = 2
    return x


def upwards_from_one(x, i, j):
    for k in range(1, len(x)):
        x[k] = 1
        x[k - 1] = 2
    return x


def upwards_to_the_last(x, i, j):
    for k in range(len(x) - 1):
        x[k] = 1
        x[k + 1] = 2
    return x


def upwards_over_the_end(x, i, j):
    for k in range(len(x)):
        x[k] = 1
        x[k - 2] = 2
    return x


def downwards(x, i, j):
    for k in range(len(x) - 1, 0, -1):
        x[k] = 1
        x[k - 1] = 2
    return x


def downwards_reading_up(x, i, j):
    for k in range(len(x) - 2, -1, -1):
        x[k] = 1
        x[k + 1] = 2
    return x


def by_twos(x, i, j):
    for k in range(0, len(x) - 1, 2):
        x[k] = 1
        x[k + 1] = 2
    return x


def by_twos_down(x, i, j):
    for k in range(len(x) - 2, -1, -2):
        x[k + 1] = 1
        x[k] = 2
    return x


def one_place(x, i, j):
    for _ in range(2):
        x[i] = 1
        x[j] = 2
    return x


def all_and_the_first(x, i, j):
    for k in range(1, len(x)):
        x[k] = 1
        x[0] = 2
    return x


STRAIGHT = [
    number, next_one, the_same, twice_as_far, odd_and_even, negative, from_the_end,
    last_two, mirrored, product_of_two, second_from_the_end, less_than, not_less_than, at_most, not_greater, differ,
    differ_from_both_ends, equal, slices, slices_that_touch, slice_and_number,
    slice_and_its_end, slice_by_number, slice_by_number_from_any_end,
    slices_from_the_end, slices_from_the_end_that_meet, slice_before_the_last,
    slice_before_the_last_but_one, slice_behind_the_first,
]  # fmt: skip
LOOPS = [
    upwards, upwards_from_one, upwards_to_the_last, upwards_over_the_end, downwards,
    downwards_reading_up, by_twos, by_twos_down, one_place,
    all_and_the_first,
]  # fmt: skip


class Told:
    """In the place of an array: which elements are written, write by write."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.trips: list[list[set[int]]] = []

    def __len__(self) -> int:
        return self.size

    def __setitem__(self, index, value: int) -> None:
        written = set(np.atleast_1d(np.arange(self.size)[index]).tolist())
        if value == 1:
            self.trips.append([written])
        else:
            self.trips[-1].append(written)


def runs(function, sizes=range(1, 7)):
    """For all small arguments the trips, as pairs of what is written."""
    for size in sizes:
        for i, j in product(range(-size - 1, size + 1), repeat=2):
            told = Told(size)
            try:
                function(told, i, j)
            except IndexError:
                continue
            yield told.trips


def writes_of(function, *args, backward: bool = False) -> tuple[Lineage, Op, Op]:
    body = lowered(function, *(args or (np.ones(3), 1, 2))).program.entry.body
    if backward:
        stmts = [replace(s, backward=True) if is_loop(s) else s for s in body.stmts]
        body = replace(body, stmts=tuple(stmts))
    found = [s for s in statements(body) if isinstance(s, Op) and s.prim == "setitem"]
    first, then = found
    return Lineage(body), first, then


@pytest.mark.parametrize("function", STRAIGHT + LOOPS)
def test_in_one_run_of_a_block(function):
    lineage, first, then = writes_of(function)
    met = any(a & b for trips in runs(function) for a, b in trips)
    assert apart(lineage, first, then) is not met


def is_loop(stmt) -> bool:
    return isinstance(stmt, For)


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("function", LOOPS)
def test_in_a_later_trip(function, turned, backward):
    lineage, first, then = writes_of(function, backward=backward)
    where = lineage.where[lineage.block[first]]
    pair = Access(first, where), Access(then, where)
    one, other = pair[::-1] if turned else pair

    def met(trips, apart: int) -> bool:
        trips = trips[::-1] if backward else trips
        return any(
            trips[a][turned] & trips[b][not turned]
            for b in range(len(trips))
            for a in range(b + 1 - apart)
        )

    later = any(met(trips, 1) for trips in runs(function))
    assert meet(lineage, one, other, where.loops, same=False) is later
    any_trip = any(met(trips, 0) for trips in runs(function))
    assert meet(lineage, one, other, where.loops, same=True) is any_trip


def nine_deep(x, i, j):
    if i >= 0:
        x[i + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 - 7] = 1
        x[i] = 2
    return x


def eight_deep(x, i, j):
    if i >= 0:
        x[i + 1 + 1 + 1 + 1 + 1 + 1 + 1 - 6] = 1
        x[i + 2] = 2
    return x


def test_how_deep_it_looks():
    """Beyond, the answer is the careful one."""
    assert apart(*writes_of(eight_deep, np.ones(9), 1, 2))
    assert not apart(*writes_of(nine_deep, np.ones(9), 1, 2))


def value(form: Form, numbers: dict) -> int:
    return sum(factor * numbers[name] for name, factor in form.items())


@pytest.mark.parametrize("name", COMPARISONS)
def test_what_a_comparison_says(name):
    holding = {
        "lt": int.__lt__, "le": int.__le__, "gt": int.__gt__, "ge": int.__ge__,
        "eq": int.__eq__, "ne": int.__ne__,
    }[name]  # fmt: skip
    told = COMPARISONS[name](symbol("a"), symbol("b"))
    for a, b in product(range(-2, 3), repeat=2):
        numbers = {"a": a, "b": b, ONE: 1}
        said = [
            any(all(value(form, numbers) >= 0 for form in case) for case in cases)
            for cases in told
        ]
        assert said == [holding(a, b), not holding(a, b)]


def matrix(A, i, j, k):
    A[i, 0] = 1
    A[i, 1] = 2
    return A


def matrix_from_the_right(A, i, j, k):
    A[..., 0] = 1
    A[..., 1] = 2
    return A


def matrix_by_rows(A, i, j, k):
    A[0, ...] = 1
    A[1] = 2
    return A


def crossing(A, i, j, k):
    A[0, :] = 1
    A[..., 0] = 2
    return A


def new_axis(A, i, j, k):
    A[:, None, 0] = 1
    A[None, :, 1] = 2
    return A


def new_axis_meets(A, i, j, k):
    A[None, 0] = 1
    A[:, None, 1] = 2
    return A


def listed(A, i, j, k):
    A[[0, 1]] = 1
    A[2] = 2
    return A


def listed_meets(A, i, j, k):
    A[[0, 1]] = 1
    A[1] = 2
    return A


def by_array(A, i, j, k):
    A[k] = 1
    A[2] = 2
    return A


def steps(A, i, j, k):
    A[::2, 0] = 1
    A[::2, 1] = 2
    return A


def back_steps(A, i, j, k):
    A[1::-1] = 1
    A[0] = 2
    return A


def first_axis(A, i, j, k):
    A[1, 0] = 1
    A[0, 0] = 2
    return A


def last_axis(A, i, j, k):
    A[..., 0] = 1
    A[:, 1] = 2
    return A


def last_and_first(A, i, j, k):
    A[..., 0] = 1
    A[1] = 2
    return A


def from_both_sides(A, i, j, k):
    A[i, ..., 1] = 1
    A[..., 2] = 2
    return A


def largest(A, i, j, k):
    m = np.argmax(k)
    A[m] = 1
    A[m + 1] = 2
    return A


def three_axes(A, i, j, k):
    C = A.reshape(2, 2, 5)
    C[0, 1, 2] = 1
    C[0, 1, 2] = 2
    return C


def three_axes_from_the_right(A, i, j, k):
    C = A.reshape(2, 2, 5)
    C[0, 0, 1] = 1
    C[..., 2] = 2
    return C


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (matrix, True), (matrix_from_the_right, True), (matrix_by_rows, True),
        (crossing, False), (new_axis, True), (new_axis_meets, False), (listed, True),
        (listed_meets, False), (by_array, False), (steps, True), (back_steps, False),
        (first_axis, True), (last_axis, True), (last_and_first, False),
        (from_both_sides, True), (largest, True), (three_axes, False),
        (three_axes_from_the_right, True),
    ],
)  # fmt: skip
def test_along_several_axes(function, expected):
    args = np.ones((4, 5)), 1, 2, np.array([1, 3])
    assert apart(*writes_of(function, *args)) is expected
