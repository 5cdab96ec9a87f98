"""Adjoints that begin as those of copies (`opt/inherit.py`)."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import adjoint, grad, tangent


def line(u, k):
    v = u.copy()
    for i in range(1, len(u) - 1):
        v[i] = u[i] + k * (u[i - 1] * u[i + 1] - u[i])
    return np.sum(v * v * v)


def plate(u, k):
    w = np.outer(u, u)
    for _ in range(3):
        v = w.copy()
        for i in range(1, len(u) - 1):
            for j in range(len(u) - 1):
                v[i, j] = w[i, j] + k * np.sin(w[i + 1, j] * w[i, j + 1])
        w = v
    return np.sum(w * w)


def taken_away(u, k):
    """What goes back is less something."""
    v = u.copy()
    for i in range(2, len(u)):
        v[i] = 3.0 * u[i - 2] * k + u[i] - u[i - 1] * u[i]
    return np.sum(v * v * u)


def only_moved(u, k):
    """All of it goes back."""
    v = u.copy()
    for i in range(len(u)):
        v[i] = u[i]
        k = k * u[i - 1]
    return np.sum(v * v) * k


FOLLOWED = [line, plate, taken_away]


# ---- where an element is cleared twice, or read again --------------------------------


def from_the_end(u, k):
    v = u.copy()
    for i in range(-2, len(u) - 1):  # the last two are the first two trips' as well
        v[i] = u[i] + k * u[i - 1] * u[i]
    return np.sum(v * v)


def again(u, k):
    v = u.copy()
    for _ in range(2):
        for i in range(1, len(u)):
            v[i] = u[i] + k * u[i - 1] * u[i]
    return np.sum(v * v)


def round_and_round(u, k):
    v = u.copy()
    for i in range(2 * len(u)):
        v[i % len(u)] = u[i % len(u)] + k * u[i // 2]
    return np.sum(v * v)


def halves(u, k):
    v = u.copy()
    for i in range(1, len(u)):
        v[i // 2] = u[i // 2] + k * u[i] * u[i]
    return np.sum(v * v)


def read_on(u, k):
    """The copy is read in the next trip."""
    v = u.copy()
    for i in range(1, len(u)):
        v[i] = u[i] + k * v[i - 1] * u[i]
    return np.sum(v * v)


def now_and_then(u, k):
    v = u.copy()
    for i in range(1, len(u)):
        if u[i] > 0.8:
            v[i] = u[i] + k * u[i - 1]
    return np.sum(v * v)


def left_early(u, k):
    v = u.copy()
    for i in range(1, len(u)):
        v[i] = u[i] + k * u[i - 1]
        if v[i] > 1.2:
            break
    return np.sum(v * v)


def backwards(u, k):
    v = u.copy()
    for i in range(len(u) - 2, -1, -1):
        v[i] = u[i] + k * u[i + 1] * u[i]
    return np.sum(v * v)


def on_the_diagonal(u, k):
    w = np.outer(u, u)
    v = w.copy()
    for i in range(len(u)):
        for j in range(len(u)):
            v[i, i] = w[i, i] + k * w[i, j]
    return np.sum(v * v)


def read_behind(u, k):
    v = u.copy()
    for i in range(1, len(u)):
        v[i] = u[i] + k * u[i - 1]
    return np.sum(v * v) + np.sum(u * u) * k


PROGRAMS = [
    *FOLLOWED, only_moved, from_the_end, again, round_and_round, halves, read_on,
    now_and_then, left_early, backwards, on_the_diagonal, read_behind,
]  # fmt: skip
AT = np.array([0.9, 0.4, 1.1, 0.7, 0.6]), 0.3


def differences(f, u, k):
    """Extrapolated central differences."""

    def slope(move):
        def at(h):
            return (f(*move(h)) - f(*move(-h))) / (2 * h)

        return (4 * at(5e-4) - at(1e-3)) / 3

    each = [slope(lambda h, e=e: (u + h * e, k)) for e in np.eye(len(u))]
    return np.array(each), slope(lambda h: (u, k + h))


@pytest.mark.parametrize("f", PROGRAMS)
def test_gradients(f):
    expected = differences(f, *AT)
    for level in (0, 1, 2):
        found = grad(f, (0, 1), optimize=level)(*AT)
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("f", PROGRAMS)
def test_second_order(f):
    seeds = np.cos(AT[0]), 0.7
    _, forward = tangent(grad(f, (0, 1)), (0, 1))(*AT, *seeds)
    _, back = adjoint(grad(f, (0, 1)), (0, 1))(*AT, seeds)
    _, plain = tangent(grad(f, (0, 1), optimize=0), (0, 1), optimize=0)(*AT, *seeds)
    for a, b, c in zip(forward, back, plain, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-10)
        np.testing.assert_allclose(a, c, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("f", FOLLOWED)
def test_nothing_is_cleared(f):
    made = grad(f, (0, 1))
    made(*AT)
    assert "= 0.0\n" not in made.source.split("# reverse")[1].replace("k_bar = 0.0", "")
    assert "u_bar += v_bar" not in made.source
