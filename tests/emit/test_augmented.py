"""Augmented assignments: what is added to a place or an adjoint reads as one would."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from s2sad import adjoint, grad, tangent


def lines(derived, *args):
    """The statements of the text that serves a call, without comments."""
    derived.prepare(*args)
    return [line.partition("  #")[0].strip() for line in derived.source.splitlines()]


def eliminate(A, n):
    A = A.copy()
    for k in range(n):
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            A[i, k + 1 :] -= A[i, k] * A[k, k + 1 :]
    return A


def spelled_out(A, n):
    A = A.copy()
    for i in range(n):
        A[i, i] = A[i, i] * 2.0
    return A


def whole_numbers(x, n):
    m = np.ones(3, dtype=int)
    m[0] = m[0] * 2
    m[1] -= 3
    return x * m[0] + m[1] * n


def heat(u, k, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def upwind(u, k, n):
    u = u.copy()
    for _ in range(n):
        u[1:] += k * (u[1:] ** 2 - 2 * u[:-1])
    return np.sum(u**2)


def pendulum(x, v, dt, n):
    for _ in range(n):
        a = -np.sin(x) - 0.1 * v * x
        x, v = x + dt * v, v + dt * a
    return x * v


def test_places_are_updated_as_the_user_wrote_it():
    A = np.eye(3) + 1.0
    text = lines(adjoint(eliminate), A, 3)
    assert "A[i, k_plus_1:] -= A_ik_over_A_kk * A[k, k_plus_1:]" in text
    assert any(line.startswith("A_bar[k, k_plus_1:] -= ") for line in text)
    text = lines(adjoint(spelled_out), A, 3)
    assert "A[i, i] = A.item(i, i) * 2.0" in text


def test_the_numbers_are_those():
    A = np.eye(3) + np.arange(9.0).reshape(3, 3)
    y, y_dot = tangent(eliminate, "A")(A, 3, np.ones((3, 3)))
    h = 1e-6
    assert np.allclose(y_dot, (eliminate(A + h, 3) - eliminate(A - h, 3)) / (2 * h))
    assert np.array_equal(y, eliminate(A, 3))
    assert grad(whole_numbers)(3.0, 2) == 2.0
    assert type(whole_numbers(3.0, 2)) is type(adjoint(whole_numbers, "x")(3.0, 2)[0])


def test_signs_go_into_the_operator():
    text = lines(grad(upwind, ("u", "k")), np.ones(8), 0.1, 3)
    assert any(line.startswith("u_bar_but_1 -= 2 * ") for line in text)
    assert not any("+= -" in line for line in text)


def test_numbers_are_added_up_first():
    text = lines(grad(pendulum, ("x", "v", "dt")), 0.3, 0.1, 0.1, 3)
    assert not any(line.startswith("dt_bar = dt_bar") for line in text)


@pytest.mark.parametrize("f, args", [(heat, (np.ones(8), 0.1, 3))])
def test_a_gradient_is_called_one(f, args):
    """With no value beside it, the first of several gradients is not called `y`."""
    derived = grad(f, ("u", "k"))
    assert lines(derived, *args)[-1] == "return u_bar, float(k_bar)"
    assert "y = " not in inspect.getsource(derived)
