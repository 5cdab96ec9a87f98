"""Arrays that a list of the run holds: each entry its own, or the write is refused."""

import numpy as np
import pytest

from s2sad import Unsupported, grad, jvp, value_and_grad

X, Y, STEP = 1.3, 0.7, 1e-6


def same_formula_twice(x, y):
    z = np.array([x, 2 * x])
    acc = []
    for _ in range(3):
        acc.append(z * y)
        acc.append(z * y)
    acc[0][1] = y
    acc[1][0] *= y
    acc[3] += acc[0]
    return (acc[0] * acc[1] * acc[2] * acc[3] * acc[4]).sum()


def same_in_each_trip(x, y):
    z = np.array([x, 2 * x])
    acc = []
    for _ in range(3):
        acc.append(z * y)
    acc[0] += 1
    acc[1][0] = x
    a = acc[2]
    a *= 2
    return (acc[0] * acc[1] + acc[2] * z).sum()


def zeros_filled_later(x, y):
    acc = []
    for _ in range(3):
        acc.append(np.zeros(2))
    for i in range(3):
        acc[i][0] = x * i + y
        acc[i][1] += x * x * acc[i - 1][0]
    return (acc[0] * acc[1] * acc[2]).sum()


def one_buffer_for_a_while(x, y):
    z = np.array([x, 2 * x])
    acc = []
    for _ in range(3):
        z = z * y
        z += 1
        acc.append(z)
    return (acc[0] * acc[1] + acc[2] * z).sum()


def one_array_three_times(x, y):
    z = np.array([x, 2 * x])
    acc = []
    for _ in range(3):  # so few that each entry is followed by itself
        acc.append(z)
        z *= y
    return (acc[0] * acc[1] * acc[2] + z).sum()


def one_window_three_times(x, y):
    z = np.array([x, 2 * x])
    acc = []
    for _ in range(3):
        acc.append(z[1:])
        z[1] *= y
    return (acc[0] * acc[1] + z).sum()


RIGHT = [
    same_formula_twice, same_in_each_trip, zeros_filled_later, one_buffer_for_a_while,
    one_array_three_times, one_window_three_times,
]  # fmt: skip


@pytest.mark.parametrize("f", RIGHT)
def test_entries_are_apart(f):
    slope = (f(X + STEP, Y) - f(X - STEP, Y)) / (2 * STEP)
    value, x_bar = value_and_grad(f)(X, Y)
    assert value == pytest.approx(f(X, Y), rel=1e-14)
    assert x_bar == pytest.approx(slope, rel=1e-7)
    assert jvp(f, (X, Y), (1.0, None))[1] == pytest.approx(slope, rel=1e-7)
    g = grad(f)
    second = (g(X + STEP, Y) - g(X - STEP, Y)) / (2 * STEP)
    assert jvp(g, (X, Y), (1.0, None))[1] == pytest.approx(second, rel=1e-6)
    assert grad(lambda t: grad(f)(t, Y))(X) == pytest.approx(second, rel=1e-6)


def written_after(x, y, n=3):
    z = np.array([x, 2 * x])
    acc = []
    for _ in range(n):
        acc.append(z)
        z *= y
    return (acc[0] * acc[1]).sum()


def written_in_the_next_trip(x, y, n=3):
    z = np.array([x, 2 * x])
    acc = []
    for _ in range(n):
        z += 1
        z = z * y
        acc.append(z)
    return (acc[0] * acc[1] + z).sum()


def through_an_entry(x, y):
    z = np.array([x, 2 * x])
    acc = []
    for _ in range(3):
        acc.append(z)
    acc[0] += y
    return (acc[0] * acc[1] + acc[2] * z).sum()


def named_and_given_twice(x, y):
    z = np.array([x, 2 * x])
    acc = []
    for _ in range(3):
        w = z * y
        acc.append(w)
        acc.append(w)
    acc[0][0] += 1
    return (acc[0] * acc[1]).sum()


def through_a_view(x, y, n=3):
    z = np.array([x, 2 * x])
    acc = []
    for _ in range(n):
        acc.append(z[1:])
        z[1] *= y
    return (acc[0] * acc[1]).sum()


SHARED = [
    written_after, written_in_the_next_trip, through_an_entry, named_and_given_twice,
    through_a_view,
]  # fmt: skip


@pytest.mark.parametrize("f", SHARED)
def test_a_write_that_several_entries_see_is_refused(f):
    with pytest.raises(
        Unsupported, match="a list, dict or object of the run"
    ) as caught:
        grad(f)(X, Y)
    assert caught.value.code == "S2S024"
    assert "given to it here" in str(caught.value)


def selected(x, gain):
    y = total = cost = 0.0
    for _ in range(4):
        e = x - y
        total += e
        total = max(-0.7, min(0.7, total))
        y = y + 0.1 * (np.clip(gain * total, -5, 5) - y)
        cost += e * e
    return cost


def test_a_tangent_that_is_selected_is_no_array_changed_in_place():
    g = grad(selected, wrt="gain")
    second = (g(X, Y + STEP) - g(X, Y - STEP)) / (2 * STEP)
    assert jvp(g, (X, Y), (None, 1.0))[1] == pytest.approx(second, rel=1e-6)
