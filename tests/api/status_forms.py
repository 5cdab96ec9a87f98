"""Words that say how a loop ended, tested afterwards or on the next trip."""

from __future__ import annotations

import numpy as np

from tests.api.writing import program

X = np.array([0.53, 1.217, -0.711, 0.937])


@program((X, 0.7, 0), (X, 0.7, 2), (X, 0.7, 4))
def why_it_left(x, s, n):
    status = "running"
    for i in range(n):
        if x[i] < 0:
            status = "low"
            break
        s = s * 1.1
    if status == "low":
        return s * x[0]
    return s * x[1]


@program((X, 0.7, 1), (X, 0.7, 4))
def why_it_left_and_the_best(x, s, n):
    y = x.copy()
    status = "running"
    best = None
    for i in range(n):
        y[i % 4] -= 0.3 * s * y[i % 4] ** 3
        if y[i % 4] < -0.5:
            status = "low"
            break
        if best is None or y.sum() > best:
            best = y.sum()
    if status == "low":
        return y.sum() * 2
    if best is None:
        return s
    return best + y[0]


@program((X, 0.7, 0), (X, 0.7, 3), (X, 0.7, 9))
def phases(x, s, n):
    phase = "up"
    v = s
    for i in range(n):
        if phase == "up":
            v = v * 1.3 + x[i % 4] ** 2
            if v > 2.0:
                phase = "down"
                continue
        elif phase == "down":
            v = v * 0.5
            if v < 0.9:
                phase = "rest"
        else:
            break
        v += 0.1 * x[0]
    return v * v if phase == "rest" else v
