"""Third derivatives of functions that call themselves, in every mix of modes."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import grad, jacfwd, jacrev, jvp


def visit(x, y, n):
    """Branches that give back what they were given, and what they have made."""
    if n == 0:
        return y
    if x > 1.2:
        return visit(x * 0.9, y * x, n - 1)
    z = visit(x + 0.2, y + x * x, n - 1)
    return z * x + visit(x * 1.1, y, n - 1)


def visited(x):
    return visit(x, np.array([x, 1.0]), 3)[0]


def halves(v):
    if len(v) == 1:
        return v[0] ** 3
    m = len(v) // 2
    return halves(v[:m]) * halves(v[m:])


def halved(x):
    return halves(np.array([x, x * 2, x + 1, x * x, 0.5 * x]))


def fill(a, x, n):
    if n < 0:
        return
    a[n] = a[n] * x + (a[n + 1] if n < 2 else 1.0)
    fill(a, x * a[n], n - 1)


def filled(x):
    a = np.array([x, 1.0, x * x])
    fill(a, x, 2)
    return np.sum(a)


def memo(n, x, table):
    if n in table:
        return table[n]
    found = x * n if n < 2 else memo(n - 1, x, table) * x + memo(n - 2, x, table) ** 2
    table[n] = found
    return found


def remembered(x):
    return memo(4, x, {})


MIXES = {
    "reverse": lambda f: grad(grad(grad(f))),
    "forward": lambda f: jacfwd(jacfwd(jacfwd(f))),
    "rows": lambda f: jacrev(jacrev(jacrev(f))),
    "reverse of forward": lambda f: grad(jacfwd(jacfwd(f))),
    "forward of reverse": lambda f: lambda x: jvp(grad(grad(f)), (x,), (1.0,))[1],
}


@pytest.mark.parametrize("f", [visited, halved, filled, remembered])
def test_third_derivative(f):
    h, x = 2e-3, 1.1

    def second(x):
        return (f(x + h) - 2 * f(x) + f(x - h)) / h**2

    expected = (second(x + h) - second(x - h)) / (2 * h)
    found = {name: float(mix(f)(x)) for name, mix in MIXES.items()}
    assert found == pytest.approx(dict.fromkeys(MIXES, found["reverse"]), rel=1e-10)
    assert found["reverse"] == pytest.approx(expected, rel=1e-3)
