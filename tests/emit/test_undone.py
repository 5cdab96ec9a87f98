"""Views undone: no line says what a write through a view has done already."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import adjoint, check_grads

A = np.array([[1.0, 2.0, 0.5], [3.0, -1.0, 0.2], [0.1, 0.4, 1.2]])


def turned(x, w):
    b = x.copy()
    s = b.swapaxes(0, 1)
    s[1] = w * s[0]
    return np.sum(b**2)


def taken_again(x, w):
    """The name of the base stands for something else when the view is written."""
    b = x.copy()
    s = b.swapaxes(0, 1)
    s[1] = w * s[0]
    b = b + 1.0
    s[0] = w * s[1]
    return np.sum(b * s.T)


def in_loop(x, w):
    b = x.copy()
    for i in range(3):
        s = b.T
        s[i] = w * s[i] ** 2
        if i == 1:
            q = b.reshape(-1)
            q[i] = w
    return np.sum(b**2)


def put(x, w):
    """The row of elements of `B` is a copy where `x` lies in columns."""
    B = x * 2.0
    np.put(B, [1, 4], w)
    return np.sum(B**3)


def halves(x, w):
    B = x.copy()
    row = B.ravel()
    row[1:3] *= w
    both = row.reshape(9, 1)
    both[4] = w
    return np.sum(B**2 * row.reshape(3, 3))


@pytest.mark.parametrize("f", [turned, taken_again, in_loop, put, halves])
@pytest.mark.parametrize("order", ["C", "F"])
def test_the_numbers_stay(f, order):
    x = np.array(A, order=order)
    check_grads(f, (x, 1.3), order=2)
    assert adjoint(f)(x, 1.3, 1.0)[0] == f(x.copy(), 1.3)


def text(f, x=A):
    derived = adjoint(f)
    derived.prepare(x, 1.3)
    return derived.source


def test_nothing_is_said_twice():
    assert "b = " not in text(turned).partition("s[1] =")[2]
    assert "B = row" not in text(halves)
    assert "B = t1.reshape(B.shape)" in text(put)
