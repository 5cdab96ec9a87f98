"""Parts of an adjoint that are multiplied where they lie."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import check_grads, grad

N, M = 7, 6


def heat(u, r):
    u = u.copy()
    for _ in range(3):
        u[1:-1] = u[1:-1] + r * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def plate(u, r):
    u = u.copy()
    for _ in range(3):
        c = u[1:-1, 1:-1]
        near = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
        u[1:-1, 1:-1] = c + r * (near - 4.0 * c) + 0.01 * (c - c * c * c)
    return np.sum(u * u)


def two_places(u, r):
    """The second part is read where the first has been added to."""
    u = u.copy()
    for _ in range(2):
        u[1:-1] = u[1:-1] + r * (u[2:] - 3.0 * u[1:-1])
        u[2:] = u[2:] + r * (u[:-2] - 0.5 * u[2:])
    return np.sum(u**3)


def no_loop(u, r):
    v = u * u
    v[1:-1] = v[1:-1] + r * (v[2:] - 2.0 * v[1:-1] + v[:-2])
    return np.sum(v * u)


def with_weights(u, r):
    w = np.linspace(0.5, 1.5, len(u) - 2)
    u = u.copy()
    for _ in range(3):
        u[1:-1] = u[1:-1] + r * (w * u[2:] - 2.0 * w * u[1:-1] + w * u[:-2])
    return np.sum(u * u)


def all_of_it_goes(u, r):
    u = u.copy()
    for _ in range(2):
        u[1:-1] = u[1:-1] - 1.0 * u[1:-1] + r * u[2:]
    return np.sum(u * u)


def rows(u, r):
    u = np.outer(u, np.cos(u))
    for i in range(1, len(u) - 1):
        u[i] = u[i] + r * (u[i + 1] - 2.0 * u[i] + u[i - 1])
    return np.sum(u * u)


def repeated_places(u, r):
    """Not so where an index may come twice."""
    at = np.array([1, 1, 3])
    v = u * 1.0
    v[at] = v[at] + r * (u[at] - 2.0 * v[at])
    return np.sum(v * v * u)


def steps(u, r):
    u = u.copy()
    for _ in range(2):
        u[1:-1:2] = u[1:-1:2] + r * (u[2::2][:2] - 2.0 * u[1:-1:2][:2]).sum()
        u[::-1] = u[::-1] * 0.5 + r * u
    return np.sum(u * u)


def another_number(u, r):
    """The factor is worked out between the additions."""
    u = u.copy()
    s = 0.0
    for k in range(3):
        u[1:-1] = u[1:-1] + r * k * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        s += np.sum(u[1:-1] * u[:-2]) * r
    return s


def part_is_read_again(u, r):
    u = u.copy()
    for _ in range(2):
        c = u[1:-1].copy()
        u[1:-1] = c + r * (u[2:] - 2.0 * c + u[:-2])
        u[0] = np.sum(c * u[1:-1])
    return np.sum(u * u)


def single_precision(u, r):
    u = u.astype(np.float32)
    for _ in range(2):
        u[1:-1] = u[1:-1] + r * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u.astype(np.float64) ** 2)


def vector_of_rates(u, r):
    u = np.outer(u, u + 1.0)
    rates = r * np.arange(1.0, u.shape[1] + 1.0)
    for _ in range(2):
        u[1:-1] = u[1:-1] + rates * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


PROGRAMS = [
    heat, two_places, no_loop, with_weights, all_of_it_goes, rows, repeated_places,
    steps, another_number, part_is_read_again, vector_of_rates,
]  # fmt: skip
U = 0.4 + 0.3 * np.sin(np.arange(N) * 1.7)
PLATE = np.outer(U, np.cos(U[:M]))


@pytest.mark.parametrize("f", PROGRAMS)
def test_derivatives(f):
    check_grads(f, (U, 0.13), order=2)


@pytest.mark.parametrize("f", [*PROGRAMS, plate, single_precision])
def test_levels_and_directions(f):
    u = PLATE if f is plate else U
    usual = grad(f, wrt=(0, 1))(u, 0.13)
    for level in (0, 2):
        others = grad(f, wrt=(0, 1), optimize=level)(u, 0.13)
        for a, b in zip(usual, others, strict=True):
            np.testing.assert_allclose(
                a, b, rtol=1e-6 if f is single_precision else 1e-12
            )


def test_plates():
    check_grads(plate, (PLATE, 0.13), order=2)


EXPECTED = {
    heat: "u_bar_inner *= 1.0 - 2.0 * r",
    plate: "u_bar_inner *= -0.03 * c * c + (1.01 - 4.0 * r)",
    no_loop: "*= 1.0 - 2.0 * r",
}


@pytest.mark.parametrize("f", EXPECTED)
def test_text(f):
    df = grad(f)
    df(PLATE if f is plate else U, 0.13)
    assert EXPECTED[f] in df.source


@pytest.mark.parametrize("f", [single_precision, all_of_it_goes, repeated_places])
def test_left_alone(f):
    df = grad(f)
    df(U, 0.13)
    assert "*= " not in df.source.partition("# reverse")[2]
