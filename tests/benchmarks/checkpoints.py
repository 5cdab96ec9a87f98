"""What `checkpoint` saves, and what it costs.

    python -m tests.benchmarks.checkpoints

Not a test: peak memory as `tracemalloc` counts it, and processor time, of the gradient
of a loop over an array. Memory grows with the cube root of the number of trips; none is
made more than four times again.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from time import process_time

import numpy as np

from s2sad import checkpoint, value_and_grad
from tests.benchmarks.fresh import fresh_cache

SIZE = 20_000


def keeps_all(u, n):
    for _ in range(n):
        u = np.sin(u) * 1.01 + 0.1 * u * u / (1 + u * u)
    return np.sum(u)


def keeps_little(u, n):
    for _ in checkpoint(range(n)):
        u = np.sin(u) * 1.01 + 0.1 * u * u / (1 + u * u)
    return np.sum(u)


def measured(f: Callable, u: np.ndarray, n: int) -> tuple[float, float]:
    """Peak memory in arrays of the size of `u`, and seconds."""
    gradient = value_and_grad(f)
    gradient(u, 2)
    begun = process_time()
    gradient(u, n)
    seconds = process_time() - begun
    tracemalloc.start()
    gradient(u, n)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / u.nbytes, seconds


@fresh_cache()
def main() -> None:
    u = np.linspace(0.1, 1.0, SIZE)
    print("trips    arrays kept    with checkpoint    time    with checkpoint")
    for n in (25, 100, 400, 1600):
        (all_, slow), (little, slower) = (
            measured(keeps_all, u, n),
            measured(keeps_little, u, n),
        )
        print(
            f"{n:5}    {all_:11.0f}    {little:15.0f}    {slow:4.2f}    {slower:15.2f}"
        )


if __name__ == "__main__":
    main()
