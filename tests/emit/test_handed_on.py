"""What one branch hands on under another name is there, or None."""

import math

import numpy as np

from s2sad import adjoint, tangent


def program(x, y, a, b, m):
    w = np.copy(b)
    if a[np.argmax(b)] <= 0.02:
        r = [w, w[::-1] + 0.0]
        if r[0][-1] > 0.15:
            p, q, s, t = a
            b[0] *= math.cos(0.5 * b.dot(b))
            if math.fabs(s) > 0.15:
                return a[w <= 0.02].sum()
        else:
            b = m[-1] * 0.9
            kept = []
            for v in w:
                kept.append(v * math.exp(-(y**2)))
            total = sum(sorted(kept)[1:])  # noqa: F841
        if b[-1] < 0.5 * (w @ b) < b[-1] + 0.8:
            return (1.1 + sorted([x, b[0]])[0] ** 2) ** 0.5
    return math.fsum([a[0], -m[0, 1]]) + np.sum(b * 1.1)


def test_early_results_of_nested_branches():
    rng = np.random.default_rng(0)
    backward, forward = (d(program, ("b", "y")) for d in (adjoint, tangent))
    ways = set()
    for _ in range(40):
        x, y = rng.normal(size=2)
        a, b, b_dot = rng.normal(size=(3, 4))
        m = rng.normal(size=(3, 4))
        value, (b_bar, y_bar) = backward(x, y, a, b, m)
        again, value_dot = forward(x, y, a, b, m, b_dot=b_dot, y_dot=0.7)
        ways.add(np.count_nonzero(b_bar))
        np.testing.assert_allclose(value, again)
        np.testing.assert_allclose(b_bar @ b_dot + y_bar * 0.7, value_dot, atol=1e-12)
    assert len(ways) > 1  # several ways out were taken
