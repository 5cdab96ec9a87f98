"""What a call of a derived function costs beyond the generated function itself.

    python tests/load/bench_dispatch.py

Not a test: the numbers depend on the machine. As a yardstick, a plain Python function
call is timed, too.
"""

from __future__ import annotations

from timeit import repeat

import numpy as np

from s2sad import grad


def square(x):
    return x * x


def dot(x, y):
    return np.sum(x * y)


def nanoseconds(run, number=100_000):
    return min(repeat(run, number=number, repeat=5)) / number * 1e9


def main():
    slope, slopes = grad(square), grad(dot, (0, 1))
    x = np.ones(3)
    slope(2.0), slopes(x, x)
    plain, inner = slope.specialized(2.0), slopes.specialized(x, x)
    rows = [
        ("square(2.0)", lambda: square(2.0)),
        ("generated(2.0)", lambda: plain(2.0)),
        ("grad(square)(2.0)", lambda: slope(2.0)),
        ("generated(x, y)", lambda: inner(x, x)),
        ("grad(dot)(x, y)", lambda: slopes(x, x)),
    ]
    for name, run in rows:
        print(f"{name:24} {nanoseconds(run):8.0f} ns")

    def loop():
        for a in (1.0, 2.0, 3.0, 4.0):
            grad(lambda w: a * w * w)(2.0)

    loop()
    print(f"{'grad(lambda ...)(2.0)':24} {nanoseconds(loop, 200) / 4:8.0f} ns")


if __name__ == "__main__":
    main()
