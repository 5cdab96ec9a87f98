"""Programs for JAX: `lax` loops where a compiled program has loops, functional updates."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.lax import fori_loop, scan, while_loop

from tests.benchmarks.physics import DT

FORWARD = {"Newton's iteration"}
"""JAX has no reverse mode for a `while`: its forward mode serves, for one number."""


def newton(a, x):
    return while_loop(
        lambda x: abs(x * x * x - a) > 1e-12 * a,
        lambda x: x - (x * x * x - a) / (3.0 * x * x),
        x,
    )


def pendulum(angle, speed, damping, n):
    h = 10.0 / n

    def slope(state):
        angle, speed = state
        return jnp.stack([speed, -jnp.sin(angle) - damping * speed])

    def step(_, s):
        k1 = slope(s)
        k2 = slope(s + 0.5 * h * k1)
        k3 = slope(s + 0.5 * h * k2)
        k4 = slope(s + h * k3)
        return s + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)

    s = fori_loop(0, n, step, jnp.stack([angle, speed]))
    return jnp.sum(s * s)


def double_pendulum(a, b, ratio, n):
    def motion(state):
        a, b, u, v = state
        s, c = jnp.sin(a - b), jnp.cos(a - b)
        inertia = 1.0 + ratio * s * s
        pull = ratio * jnp.sin(b) * c - (1.0 + ratio) * jnp.sin(a)
        du = (9.81 * pull - ratio * s * (v * v + u * u * c)) / inertia
        inner = 9.81 * jnp.sin(a) * c + u * u * s - 9.81 * jnp.sin(b)
        dv = ((1.0 + ratio) * inner + ratio * v * v * s * c) / inertia
        return jnp.stack([u, v, du, dv])

    def step(_, s):
        k1 = motion(s)
        k2 = motion(s + 0.005 * k1)
        k3 = motion(s + 0.005 * k2)
        k4 = motion(s + 0.01 * k3)
        return s + 0.01 / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)

    s = fori_loop(0, n, step, jnp.stack([a, b, 0.0, 0.0]))
    return jnp.sin(s[0]) + jnp.sin(s[1])


def rnn(W, U, b, X):
    def step(h, x):
        return jnp.tanh(x @ W + h @ U + b), None

    h, _ = scan(step, jnp.zeros((X.shape[1], U.shape[0])), X)
    return jnp.sum(h * h)


def lstm(W, U, b, X):
    n = U.shape[0]

    def step(state, x):
        h, c = state
        i, f, o, g = jnp.split(x @ W + h @ U + b, 4, axis=1)
        sigmoid = jax.nn.sigmoid
        c = sigmoid(f) * c + sigmoid(i) * jnp.tanh(g)
        return (sigmoid(o) * jnp.tanh(c), c), None

    zeros = jnp.zeros((X.shape[1], n))
    (h, _), _ = scan(step, (zeros, zeros), X)
    return jnp.sum(h * h)


def heat(u, r, n):
    def step(_, u):
        return u.at[1:-1].add(r * (u[2:] - 2.0 * u[1:-1] + u[:-2]))

    u = fori_loop(0, n, step, u)
    return jnp.sum(u * u)


def plate(u, r, n):
    def step(_, u):
        c = u[1:-1, 1:-1]
        near = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
        return u.at[1:-1, 1:-1].add(r * (near - 4.0 * c) + 0.01 * (c - c * c * c))

    u = fori_loop(0, n, step, u)
    return jnp.sum(u * u)


def burgers(u, n):
    def write(i, u):
        return u.at[i].add(-0.1 * u[i] * (u[i + 1] - u[i - 1]))

    def sweep(_, u):
        return fori_loop(1, len(u) - 1, write, u)

    u = fori_loop(0, n, sweep, u)
    return jnp.sum(u * u)


def conduction(u, k, n):
    rows, cols = u.shape

    def sweep(_, u):
        def row(i, v):
            def write(j, v):
                near = u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1]
                return v.at[i, j].set(u[i, j] + k[i, j] * (near - 4.0 * u[i, j]))

            return fori_loop(1, cols - 1, write, v)

        return fori_loop(1, rows - 1, row, u)

    u = fori_loop(0, n, sweep, u)
    return jnp.sum(u * u)


def gauss_seidel(f, n):
    rows, cols = f.shape

    def sweep(_, u):
        def row(i, u):
            def write(j, u):
                near = u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1]
                return u.at[i, j].set(0.25 * (near + f[i, j]))

            return fori_loop(1, cols - 1, write, u)

        return fori_loop(1, rows - 1, row, u)

    u = fori_loop(0, n, sweep, jnp.zeros_like(f))
    return jnp.sum(u * u)


def planets(x, y, vx, vy, mass, n):
    """Bounds of loops that vary have no reverse mode: a loop over all pairs."""
    pairs = jnp.stack(jnp.triu_indices(len(mass), 1), axis=1)

    def pull(state, pair):
        x, y, vx, vy = state
        i, j = pair
        dx = x[j] - x[i]
        dy = y[j] - y[i]
        r2 = dx * dx + dy * dy + 0.01
        w = DT / (r2 * jnp.sqrt(r2))
        vx = vx.at[i].add(w * mass[j] * dx).at[j].add(-w * mass[i] * dx)
        vy = vy.at[i].add(w * mass[j] * dy).at[j].add(-w * mass[i] * dy)
        return (x, y, vx, vy), None

    def step(_, state):
        (x, y, vx, vy), _ = scan(pull, state, pairs)
        return x + DT * vx, y + DT * vy, vx, vy

    x, y, vx, vy = fori_loop(0, n, step, (x, y, vx, vy))
    return jnp.sum(x * x + y * y)


def cholesky(A):
    """A loop over all places; the inner one is a product of rows, as zeros follow."""
    n = len(A)
    places = jnp.stack(jnp.tril_indices(n), axis=1)

    def write(L, place):
        i, j = place
        s = A[i, j] - L[i] @ L[j]
        root = jnp.sqrt(jnp.where(i == j, s, 1.0))
        below = s / jnp.where(i == j, 1.0, L[j, j])
        return L.at[i, j].set(jnp.where(i == j, root, below)), None

    L, _ = scan(write, jnp.zeros((n, n)), places)
    return 2.0 * jnp.sum(jnp.log(jnp.diag(L)))


VERSIONS = {
    "Newton's iteration": newton,
    "Runge-Kutta": pendulum,
    "Runge-Kutta with a helper": double_pendulum,
    "recurrent network": rnn,
    "LSTM": lstm,
    "1-D stencil by slices": heat,
    "1-D stencil by scalar loops": burgers,
    "2-D stencil by slices": plate,
    "2-D stencil by scalar loops": conduction,
    "Gauss-Seidel": gauss_seidel,
    "n-body by scalar loops": planets,
    "Cholesky by loops": cholesky,
}
