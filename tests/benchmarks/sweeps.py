"""What the gradient of a sweep that overwrites its array costs, as it grows.

    python -m tests.benchmarks.sweeps

An n-step sweep over m points writes n * m elements. Its gradient takes time in
proportion to that in both directions: no step copies or clears an array. What it keeps
is stated by its docstring: nothing of a linear sweep, one number of each nonlinear
write. Not a test: the figures depend on the machine.
"""

from __future__ import annotations

import re
import tracemalloc
from time import process_time

import numpy as np

from s2sad import grad, jvp, vjp
from tests.benchmarks.fresh import fresh_cache


def relax(u, n):
    """Linear in what is overwritten: nothing is kept."""
    for _ in range(n):
        for i in range(1, len(u) - 1):
            u[i] = 0.25 * u[i - 1] + 0.5 * u[i] + 0.25 * u[i + 1]
    return np.sum(u * u)


def burgers(u, n):
    """Each write loses an element that is needed: it is kept and put back."""
    for _ in range(n):
        for i in range(1, len(u) - 1):
            u[i] -= 0.1 * u[i] * (u[i + 1] - u[i - 1])
    return np.sum(u * u)


def march(u, n):
    """One pass: each element is final when it is read, and nothing is kept."""
    for i in range(1, len(u)):
        u[i] = u[i] + 0.5 * np.sin(u[i - 1])
    return np.sum(u * u)


def seconds(run) -> float:
    best = float("inf")
    for _ in range(3):
        start = process_time()
        run()
        best = min(best, process_time() - start)
    return best


def peak(run) -> float:
    """Megabytes that a call had in use at most."""
    tracemalloc.start()
    run()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 1e6


def row(f, m: int, n: int) -> str:
    u = np.linspace(0.1, 0.9, m)
    gradient = grad(f)
    gradient(u, n)  # derived, not counted
    jvp(f, (u, n), (u, None))
    vjp(f, u, n, wrt=0)
    primal = seconds(lambda: f(u.copy(), n))
    times = [
        primal,
        seconds(lambda: gradient(u, n)),
        seconds(lambda: vjp(f, u, n, wrt=0)[1](1.0)),
        seconds(lambda: jvp(f, (u, n), (u, None))),
    ]
    each = "".join(f"{1e9 * t / (m * n):10.0f}" for t in times)
    return f"{m:8}{n:6}{each}{peak(lambda: gradient(u, n)):10.2f}"


@fresh_cache()
def main() -> None:
    for f, sizes in (
        (relax, [(1000, 10), (2000, 10), (4000, 10), (1000, 40)]),
        (burgers, [(1000, 10), (2000, 10), (4000, 10), (1000, 40)]),
        (march, [(10_000, 1), (20_000, 1), (40_000, 1)]),
    ):
        gradient = grad(f)
        gradient(np.linspace(0.1, 0.9, 10), 1)
        kept = re.findall(r"Keeps.+", gradient.source) or ["Keeps nothing."]
        print(f"\n{f.__name__}: {f.__doc__} {' '.join(kept)}")
        print("nanoseconds per element and step, and megabytes at most of the gradient")
        print(
            f"{'m':>8}{'n':>6}{'primal':>10}{'grad':>10}{'split':>10}{'jvp':>10}{'MB':>10}"
        )
        for m, n in sizes:
            print(row(f, m, n))


if __name__ == "__main__":
    main()
