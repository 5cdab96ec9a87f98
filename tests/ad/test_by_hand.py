"""Programs that overwrite arrays, against adjoints as a specialist writes them.

The hand-written adjoints are plain NumPy, in matrix form or by the recurrences of the
textbooks, and share nothing with what they are compared to.
"""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import adjoint, vjp
from tests.harness.cases import case

SEEDS = range(5)


def lower_half(matrix):
    """The lower triangle, with half of the diagonal."""
    return np.tril(matrix) - 0.5 * np.diag(np.diag(matrix))


def cholesky_by_hand(A, L_bar):
    """Murray (2016), equation (9), for a function of the lower triangle of A."""
    L = np.linalg.cholesky(A)
    inverse = np.linalg.inv(L)
    half = lower_half(L.T @ np.tril(L_bar))
    whole = inverse.T @ (half + half.T) @ inverse
    return np.tril(whole) - 0.5 * np.diag(np.diag(whole))


def lu_by_hand(A, LU_bar):
    """A_bar = L^-T (tril(L' L_bar, -1) + triu(U_bar U')) U^-T."""
    n = len(A)
    LU = A.copy()
    for k in range(n):
        LU[k + 1 :, k] /= LU[k, k]
        LU[k + 1 :, k + 1 :] -= np.outer(LU[k + 1 :, k], LU[k, k + 1 :])
    L, U = np.tril(LU, -1) + np.eye(n), np.triu(LU)
    L_bar, U_bar = np.tril(LU_bar, -1), np.triu(LU_bar)
    inner = np.tril(L.T @ L_bar, -1) + np.triu(U_bar @ U.T)
    return np.linalg.inv(L).T @ inner @ np.linalg.inv(U).T


def thomas_by_hand(lower, diag, upper, rhs, x_bar):
    """One solve with the transposed matrix, and products with the solution."""
    T = np.diag(diag) + np.diag(lower[1:], -1) + np.diag(upper[:-1], 1)
    x = np.linalg.solve(T, rhs)
    rhs_bar = np.linalg.solve(T.T, x_bar)
    lower_bar, upper_bar = np.zeros_like(lower), np.zeros_like(upper)
    lower_bar[1:] = -rhs_bar[1:] * x[:-1]
    upper_bar[:-1] = -rhs_bar[:-1] * x[1:]
    return lower_bar, -rhs_bar * x, upper_bar, rhs_bar


def gram_schmidt_by_hand(A, Q_bar):
    """A = Q R with a positive diagonal: the adjoint of the QR factorisation."""
    Q, R = np.linalg.qr(A)
    signs = np.sign(np.diag(R))
    Q, R = Q * signs, signs[:, None] * R
    M = -Q_bar.T @ Q
    symmetric = np.tril(M) + np.tril(M, -1).T
    return np.linalg.solve(R, (Q_bar + Q @ symmetric).T).T


def gauss_seidel_by_hand(x, b, h, n, x_bar):
    """The sweeps transposed: from the last element of the last sweep to the first."""
    x_bar, b_bar, h_bar = x_bar.copy(), np.zeros_like(b), 0.0
    for _ in range(n):
        for i in range(len(x) - 2, 0, -1):
            half = 0.5 * x_bar[i]
            x_bar[i] = 0.0
            x_bar[i - 1] += half
            x_bar[i + 1] += half
            b_bar[i] += h * h * half
            h_bar += 2 * h * b[i] * half
    return x_bar, b_bar, h_bar


def jacobi_by_hand(u, f, h, n, u_bar):
    """The matrix of a sweep keeps the ends and takes means between: its transpose."""
    size = len(u)
    S = 0.5 * (np.eye(size, k=1) + np.eye(size, k=-1))
    S[0], S[-1] = np.eye(size)[0], np.eye(size)[-1]
    inside = np.ones(size)
    inside[[0, -1]] = 0.0
    u_bar, f_bar, h_bar = u_bar.copy(), np.zeros(size), 0.0
    for _ in range(n):
        f_bar += 0.5 * h * h * inside * u_bar
        h_bar += h * np.sum(inside * f * u_bar)
        u_bar = S.T @ u_bar
    return u_bar, f_bar, h_bar


def leapfrog_by_hand(x, y, u, v, mass, dt, steps, spread_bar):
    """Positions and velocities of each step are kept; forces are computed again."""

    def pairs(x, y):
        dx, dy = x[:, None] - x, y[:, None] - y
        return dx, dy, dx * dx + dy * dy + 0.01

    kept = []
    for _ in range(steps):
        dx, dy, r2 = pairs(x, y)
        u = u - dt * np.sum(mass * dx * r2**-1.5, axis=1)
        v = v - dt * np.sum(mass * dy * r2**-1.5, axis=1)
        kept.append((x, y, u, v))
        x, y = x + dt * u, y + dt * v
    x_bar, y_bar = 2 * x * spread_bar, 2 * y * spread_bar
    u_bar, v_bar, mass_bar, dt_bar = (np.zeros_like(x) for _ in range(4))
    dt_bar = 0.0
    for x, y, u, v in reversed(kept):
        dt_bar += u @ x_bar + v @ y_bar
        u_bar, v_bar = u_bar + dt * x_bar, v_bar + dt * y_bar
        dx, dy, r2 = pairs(x, y)
        w = r2**-1.5
        along = dx * u_bar[:, None] + dy * v_bar[:, None]
        dt_bar -= np.sum(mass * w * along)
        mass_bar -= dt * np.sum(w * along, axis=0)
        stretch = -3 * along * r2**-2.5
        dx_bar = -dt * mass * (w * u_bar[:, None] + stretch * dx)
        dy_bar = -dt * mass * (w * v_bar[:, None] + stretch * dy)
        x_bar = x_bar + dx_bar.sum(axis=1) - dx_bar.sum(axis=0)
        y_bar = y_bar + dy_bar.sum(axis=1) - dy_bar.sum(axis=0)
    return x_bar, y_bar, u_bar, v_bar, mass_bar, dt_bar


def numbers(rng, *shape):
    return rng.normal(size=shape)


def spd(rng):
    half = numbers(rng, 5, 5)
    return (half @ half.T + 5 * np.eye(5),)


BY_HAND = {
    "cholesky_loops": (cholesky_by_hand, spd),
    "lu_loops": (lu_by_hand, lambda rng: (numbers(rng, 5, 5) + 4 * np.eye(5),)),
    "thomas": (
        thomas_by_hand,
        lambda rng: (
            numbers(rng, 6),
            numbers(rng, 6) + 5,
            numbers(rng, 6),
            numbers(rng, 6),
        ),
    ),
    "gram_schmidt": (gram_schmidt_by_hand, lambda rng: (numbers(rng, 4, 4),)),
    "gauss_seidel": (
        gauss_seidel_by_hand,
        lambda rng: (numbers(rng, 7), numbers(rng, 7), 0.3, 4),
    ),
    "jacobi_sweep": (
        jacobi_by_hand,
        lambda rng: (numbers(rng, 7), numbers(rng, 7), 0.3, 3),
    ),
    "leapfrog": (
        leapfrog_by_hand,
        lambda rng: (*numbers(rng, 4, 5), rng.uniform(0.5, 1.0, 5), 0.05, 4),
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
@pytest.mark.parametrize("seed", SEEDS)
def test_as_written_by_hand(name, seed):
    by_hand, draw = BY_HAND[name]
    program = case(name)
    rng = np.random.default_rng(seed)
    args = draw(rng)
    wrt = tuple(k for k, arg in enumerate(args) if not isinstance(arg, int))
    y = program.function(*(np.copy(a) if np.ndim(a) else a for a in args))
    y_bar = rng.normal(size=np.shape(y)) if np.ndim(y) else 1.3
    expected = by_hand(*args, y_bar)
    expected = expected if isinstance(expected, tuple) else (expected,)

    value, bars = adjoint(program.function, wrt)(*args, y_bar)
    _, pullback = vjp(program.function, *args, wrt=wrt)
    np.testing.assert_allclose(value, y, rtol=1e-12, atol=1e-14)
    for other in (bars, pullback(y_bar)):
        for bar, known in zip(other, expected, strict=True):
            np.testing.assert_allclose(bar, known, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(
    "name", ["cholesky_loops", "lu_loops", "thomas", "gauss_seidel", "jacobi_sweep"]
)
def test_nothing_is_kept_of_the_loops(name):
    """As a specialist knows, all that these adjoints read is still there at the end."""
    text = case(name).golden("_vjp.py")
    assert "Keeps" not in text and "tape" not in text
