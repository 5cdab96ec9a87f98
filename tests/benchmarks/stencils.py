"""Workloads on grids: sweeps over neighbours, by slices and element by element."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.workload import Workload, random

# ---- heat along a rod, by slices ---------------------------------------------------


def heat(u, r, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] = u[1:-1] + r * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def heat_hand(u, r, n):
    u = u.copy()
    inner, left, right = u[1:-1], u[:-2], u[2:]
    for _ in range(n):
        t = right - 2.0 * inner
        t += left
        t *= r
        inner += t
    u *= 2.0
    for _ in range(n):
        t = r * inner
        inner -= 2.0 * t
        left += t
        right += t
    return u


def heat_loops(u, r, n):
    m = len(u)
    u = u.copy()
    for _ in range(n):
        before = u[0]
        for i in range(1, m - 1):
            here = u[i]
            u[i] = here + r * (u[i + 1] - 2.0 * here + before)
            before = here
    for i in range(m):
        u[i] *= 2.0
    v = np.empty_like(u)
    for _ in range(n):
        v[0] = u[0] + r * u[1]
        v[1] = u[1] + r * (u[2] - 2.0 * u[1])
        for i in range(2, m - 2):
            v[i] = u[i] + r * (u[i + 1] - 2.0 * u[i] + u[i - 1])
        v[m - 2] = u[m - 2] + r * (u[m - 3] - 2.0 * u[m - 2])
        v[m - 1] = u[m - 1] + r * u[m - 2]
        u, v = v, u
    return u


# ---- a nonlinear sweep, element by element -----------------------------------------


def burgers(u, n):
    """Each write loses a number that the derivative needs."""
    u = u.copy()
    for _ in range(n):
        for i in range(1, len(u) - 1):
            u[i] = u[i] - 0.1 * u[i] * (u[i + 1] - u[i - 1])
    return np.sum(u * u)


def burgers_hand(u, n):
    u = u.copy()
    m = len(u)
    kept = []
    for _ in range(n):
        before, here = u.item(0), u.item(1)
        for i in range(1, m - 1):
            kept.append(here)
            after = u.item(i + 1)
            before = here - 0.1 * here * (after - before)
            u[i] = before
            here = after
    u_bar = 2.0 * u
    for _ in range(n):
        for i in range(m - 2, 0, -1):
            here = kept.pop()
            u[i] = here
            here_bar = u_bar.item(i)
            t = 0.1 * here * here_bar
            u_bar[i + 1] -= t
            u_bar[i - 1] += t
            u_bar[i] = here_bar * (1.0 - 0.1 * (u.item(i + 1) - u.item(i - 1)))
    return u_bar


def burgers_loops(u, n):
    u = u.copy()
    m = len(u)
    kept = np.empty((n, m))
    for k in range(n):
        for i in range(1, m - 1):
            kept[k, i] = u[i]
            u[i] = u[i] - 0.1 * u[i] * (u[i + 1] - u[i - 1])
    u_bar = 2.0 * u
    for k in range(n - 1, -1, -1):
        for i in range(m - 2, 0, -1):
            here = kept[k, i]
            u[i] = here
            here_bar = u_bar[i]
            t = 0.1 * here * here_bar
            u_bar[i + 1] -= t
            u_bar[i - 1] += t
            u_bar[i] = here_bar * (1.0 - 0.1 * (u[i + 1] - u[i - 1]))
    return u_bar


# ---- a reaction that spreads over a plate, by slices --------------------------------


def plate(u, r, n):
    u = u.copy()
    for _ in range(n):
        c = u[1:-1, 1:-1]
        near = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
        u[1:-1, 1:-1] = c + r * (near - 4.0 * c) + 0.01 * (c - c * c * c)
    return np.sum(u * u)


def plate_hand(u, r, n):
    u = u.copy()
    inner = u[1:-1, 1:-1]
    up, down, left, right = u[:-2, 1:-1], u[2:, 1:-1], u[1:-1, :-2], u[1:-1, 2:]
    kept = []
    for _ in range(n):
        c = inner.copy()
        kept.append(c)
        t = down + up
        t += right
        t += left
        t -= 4.0 * c
        t *= r
        inner += t
        inner += 0.01 * (c - c * c * c)
    u *= 2.0  # from here on, u and its views are the adjoint
    own = 1.01 - 4.0 * r
    for _ in range(n):
        c = kept.pop()
        c *= c
        c *= -0.03
        c += own
        t = r * inner
        inner *= c
        up += t
        down += t
        left += t
        right += t
    return u


def plate_loops(u, r, n):
    rows, cols = u.shape
    kept = np.empty((n + 1, rows, cols))
    kept[0] = u
    for s in range(n):
        old, new = kept[s], kept[s + 1]
        new[0], new[rows - 1] = old[0], old[rows - 1]
        for i in range(1, rows - 1):
            new[i, 0], new[i, cols - 1] = old[i, 0], old[i, cols - 1]
            for j in range(1, cols - 1):
                c = old[i, j]
                near = old[i + 1, j] + old[i - 1, j] + old[i, j + 1] + old[i, j - 1]
                new[i, j] = c + r * (near - 4.0 * c) + 0.01 * (c - c * c * c)
    # the adjoint of the inside has zeros round it; that of the edges stands in `edge`
    edge = 2.0 * kept[n]
    b, a = np.zeros((rows, cols)), np.zeros((rows, cols))
    for i in range(1, rows - 1):
        for j in range(1, cols - 1):
            b[i, j] = edge[i, j]
    own = 1.01 - 4.0 * r
    for s in range(n - 1, -1, -1):
        old = kept[s]
        for j in range(1, cols - 1):
            edge[0, j] += r * b[1, j]
            edge[rows - 1, j] += r * b[rows - 2, j]
        for i in range(1, rows - 1):
            edge[i, 0] += r * b[i, 1]
            edge[i, cols - 1] += r * b[i, cols - 2]
            for j in range(1, cols - 1):
                c = old[i, j]
                near = b[i + 1, j] + b[i - 1, j] + b[i, j + 1] + b[i, j - 1]
                a[i, j] = (own - 0.03 * c * c) * b[i, j] + r * near
        a, b = b, a
    for i in range(1, rows - 1):
        for j in range(1, cols - 1):
            edge[i, j] = b[i, j]
    return edge


# ---- heat in a plate of uneven conductivity, element by element ---------------------


def conduction(u, k, n):
    rows, cols = u.shape
    for _ in range(n):
        v = u.copy()
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                near = u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1]
                v[i, j] = u[i, j] + k[i, j] * (near - 4.0 * u[i, j])
        u = v
    return np.sum(u * u)


def conduction_hand(u, k, n):
    rows, cols = u.shape
    kept = []
    for _ in range(n):
        kept.append(u)
        v = u.copy()
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                near = (
                    u.item(i + 1, j)
                    + u.item(i - 1, j)
                    + u.item(i, j + 1)
                    + u.item(i, j - 1)
                )
                c = u.item(i, j)
                v[i, j] = c + k.item(i, j) * (near - 4.0 * c)
        u = v
    u_bar = 2.0 * u
    k_bar = np.zeros_like(k)
    for _ in range(n):
        u = kept.pop()
        v_bar = u_bar
        u_bar = v_bar.copy()
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                near = (
                    u.item(i + 1, j)
                    + u.item(i - 1, j)
                    + u.item(i, j + 1)
                    + u.item(i, j - 1)
                )
                b = v_bar.item(i, j)
                k_bar[i, j] += b * (near - 4.0 * u.item(i, j))
                t = k.item(i, j) * b
                u_bar[i + 1, j] += t
                u_bar[i - 1, j] += t
                u_bar[i, j + 1] += t
                u_bar[i, j - 1] += t
                u_bar[i, j] -= 4.0 * t
    return u_bar, k_bar


def conduction_loops(u, k, n):
    rows, cols = u.shape
    kept = np.empty((n + 1, rows, cols))
    kept[0] = u
    for s in range(n):
        u, v = kept[s], kept[s + 1]
        v[:] = u
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                near = u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1]
                v[i, j] = u[i, j] + k[i, j] * (near - 4.0 * u[i, j])
    u_bar = 2.0 * kept[n]
    v_bar = np.empty_like(u_bar)
    k_bar = np.zeros_like(k)
    for s in range(n - 1, -1, -1):
        u = kept[s]
        v_bar[:] = u_bar
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                near = u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1]
                b = v_bar[i, j]
                k_bar[i, j] += b * (near - 4.0 * u[i, j])
                t = k[i, j] * b
                u_bar[i + 1, j] += t
                u_bar[i - 1, j] += t
                u_bar[i, j + 1] += t
                u_bar[i, j - 1] += t
                u_bar[i, j] -= 4.0 * t
    return u_bar, k_bar


# ---- Poisson's equation by Gauss and Seidel: linear, and in place -------------------


def gauss_seidel(f, n):
    rows, cols = f.shape
    u = np.zeros_like(f)
    for _ in range(n):
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                near = u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1]
                u[i, j] = 0.25 * (near + f[i, j])
    return np.sum(u * u)


def gauss_seidel_hand(f, n):
    rows, cols = f.shape
    u = np.zeros_like(f)
    for _ in range(n):
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                near = (
                    u.item(i + 1, j)
                    + u.item(i - 1, j)
                    + u.item(i, j + 1)
                    + u.item(i, j - 1)
                )
                u[i, j] = 0.25 * (near + f.item(i, j))
    u *= 2.0
    u_bar = u
    f_bar = np.zeros_like(f)
    for _ in range(n):
        for i in range(rows - 2, 0, -1):
            for j in range(cols - 2, 0, -1):
                t = 0.25 * u_bar.item(i, j)
                u_bar[i, j] = 0.0
                u_bar[i + 1, j] += t
                u_bar[i - 1, j] += t
                u_bar[i, j + 1] += t
                u_bar[i, j - 1] += t
                f_bar[i, j] += t
    return f_bar


def gauss_seidel_loops(f, n):
    rows, cols = f.shape
    u = np.zeros_like(f)
    for _ in range(n):
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                near = u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1]
                u[i, j] = 0.25 * (near + f[i, j])
    u_bar = 2.0 * u
    f_bar = np.zeros_like(f)
    for _ in range(n):
        for i in range(rows - 2, 0, -1):
            for j in range(cols - 2, 0, -1):
                t = 0.25 * u_bar[i, j]
                u_bar[i, j] = 0.0
                u_bar[i + 1, j] += t
                u_bar[i - 1, j] += t
                u_bar[i, j + 1] += t
                u_bar[i, j - 1] += t
                f_bar[i, j] += t
    return f_bar


def grid(rows, cols):
    return random().uniform(0.0, 1.0, (rows, cols))


WORKLOADS = [
    Workload(
        "1-D stencil by slices",
        heat,
        heat_hand,
        args=lambda m, n: (random().uniform(0.0, 1.0, m), 0.2, n),
        sizes=((1000, 100), (1_000_000, 5)),
        small=(9, 4),
        loops=heat_loops,
        growth=((100, 20), (1000, 20), (10_000, 20), (100_000, 20)),
    ),
    Workload(
        "1-D stencil by scalar loops",
        burgers,
        burgers_hand,
        args=lambda m, n: (random().uniform(0.0, 1.0, m), n),
        sizes=((1000, 10),),
        small=(9, 4),
        kind="loops",
        loops=burgers_loops,
        growth=((100, 10), (1000, 10), (10_000, 10)),
    ),
    Workload(
        "2-D stencil by slices",
        plate,
        plate_hand,
        args=lambda m, n: (grid(m, m), 0.1, n),
        sizes=((50, 20), (500, 10)),
        small=(7, 3),
        loops=plate_loops,
    ),
    Workload(
        "2-D stencil by scalar loops",
        conduction,
        conduction_hand,
        args=lambda m, n: (grid(m, m), 0.2 * grid(m, m), n),
        sizes=((40, 5),),
        small=(6, 3),
        kind="loops",
        wrt=(0, 1),
        loops=conduction_loops,
    ),
    Workload(
        "Gauss-Seidel",
        gauss_seidel,
        gauss_seidel_hand,
        args=lambda m, n: (grid(m, m), n),
        sizes=((40, 5),),
        small=(6, 3),
        kind="loops",
        loops=gauss_seidel_loops,
    ),
]
