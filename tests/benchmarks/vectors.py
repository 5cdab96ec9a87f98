"""Workloads on whole vectors, without a loop."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.workload import Workload, random

# ---- Rosenbrock's valley -----------------------------------------------------------


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def rosenbrock_hand(x):
    left = x[:-1]
    t = x[1:] - left * left
    t *= 200.0
    x_bar = np.empty_like(x)
    x_bar[-1] = 0.0
    inner = x_bar[:-1]
    np.multiply(left, t, out=inner)
    inner *= -2.0
    inner -= 2.0 * (1.0 - left)
    x_bar[1:] += t
    return x_bar


def rosenbrock_loops(x):
    n = len(x)
    x_bar = np.empty_like(x)
    carried = 0.0
    for i in range(n - 1):
        left = x[i]
        t = 200.0 * (x[i + 1] - left * left)
        x_bar[i] = carried - 2.0 * left * t - 2.0 * (1.0 - left)
        carried = t
    x_bar[n - 1] = carried
    return x_bar


WORKLOADS = [
    Workload(
        "Rosenbrock",
        rosenbrock,
        rosenbrock_hand,
        args=lambda n: (random().uniform(-1.0, 1.0, n),),
        sizes=(10, 1000, 1_000_000),
        small=7,
        loops=rosenbrock_loops,
        growth=(10, 100, 1000, 10_000, 100_000, 1_000_000),
    ),
]
