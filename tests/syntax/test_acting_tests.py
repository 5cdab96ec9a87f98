"""Expressions that write: tests of `while`, keys of a dict, messages of an `assert`.

What the last test of a loop wrote is there behind the loop.
"""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import Unsupported, grad, tangent, value_and_grad


def nonlocal_number(x):
    v = x

    def step():
        nonlocal v
        v = v * 2
        return v

    t = 0.0
    while step() < 50:
        t = t + v
    return t * v


def list_that_shrinks(x):
    rest = [3.0, x, 2.0, 1.0]
    t = 0.0
    while rest.pop() < 2.5:
        t = t + x * len(rest)
    return t * x + len(rest)


def array_in_place(x):
    y = np.array([x, 1.0])

    def go(by):
        y[0] *= by
        return y[0]

    t = x
    while go(2.0) < 30:
        w = 0
        while go(1.1) < 10 and w < 2:
            t = t + y[0]
            w += 1
        if t > 40:
            break
    else:
        t = t * y[0]
    return t * y[0]


class Doubling:
    def __init__(self, x):
        self.x = x
        self.count = 0

    def more(self):
        self.x = self.x * 2
        self.count += 1
        return self.count < 4


def object_with_state(x):
    state = Doubling(x)
    t = 0.0
    while state.more():
        t = t + state.x
    return t * state.x


def counter(x):
    n = 0

    def increase():
        nonlocal n
        n += 1
        return n

    t = 0.0
    while increase() < 4:
        t = t + x * n
    return t * n


@pytest.mark.parametrize("optimize", [0, 1, 2])
@pytest.mark.parametrize(
    "f",
    [nonlocal_number, list_that_shrinks, array_in_place, object_with_state, counter],
    ids=lambda f: f.__name__,
)
def test_the_last_test_counts(f, optimize):
    x = 1.3
    slope = (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
    y, x_bar = value_and_grad(f, optimize=optimize)(x)
    assert y == pytest.approx(f(x), rel=1e-14)
    assert x_bar == pytest.approx(slope, rel=1e-6)
    assert tangent(f, optimize=optimize)(x, 1.0)[1] == pytest.approx(x_bar, rel=1e-12)
    twice = (grad(f)(x + 1e-5) - grad(f)(x - 1e-5)) / 2e-5
    assert grad(grad(f, optimize=optimize))(x) == pytest.approx(twice, rel=1e-6)


def key_before_value(x):
    count = [0]

    def tick():
        count[0] += 1
        return count[0]

    made = {tick(): x * tick()}
    return sum(made.values()) * count[0]


def test_a_key_comes_before_its_value():
    assert value_and_grad(key_before_value)(1.5) == (6.0, 4.0)


def message_that_writes(x):
    count = [0]

    def tick():
        count[0] += 1
        return count[0]

    assert x > 0, tick()
    return x * count[0] + x * tick()


def test_a_message_is_not_written_in_passing():
    with pytest.raises(Unsupported, match="message of an `assert`"):
        grad(message_that_writes)(1.5)
