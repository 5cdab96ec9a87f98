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


WORKLOADS = [
    Workload(
        "1-D stencil by slices",
        heat,
        heat_hand,
        args=lambda m, n: (random().uniform(0.0, 1.0, m), 0.2, n),
        sizes=((1000, 100), (1_000_000, 5)),
        small=(9, 4),
        loops=heat_loops,
    ),
    Workload(
        "1-D stencil by scalar loops",
        burgers,
        burgers_hand,
        args=lambda m, n: (random().uniform(0.0, 1.0, m), n),
        sizes=((1000, 10),),
        small=(9, 4),
        loops=burgers_loops,
        growth=((100, 10), (1000, 10), (10_000, 10)),
    ),
]
