"""A bool that goes on as a number where the other way gives one has the tangent zero."""

from __future__ import annotations

import pytest

from s2sad import adjoint, tangent


def chosen(x, n, b):
    return abs(n) * (b if n > 1 else x)


def replaced(x, n, b):
    y = x * x
    if n > 1:
        y = True
    return -y * x


def begun(x, n, b):
    y = b
    for i in range(n):
        y = y + x * i
    while y > 100:
        y = False
    return y * x


def put_in_a_list(x, n, b):
    items = [x, b, False]
    if n > 1:
        items[0] = True
    return items[0] * x + items[1] * x - items[2]


@pytest.mark.parametrize("f", [chosen, replaced, begun, put_in_a_list])
@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("b", [True, False])
def test_both_modes(f, n, b):
    x, step = 1.5, 1e-6
    slope = (f(x + step, n, b) - f(x - step, n, b)) / (2 * step)
    assert tangent(f, "x")(x, n, b, 1.0)[1] == pytest.approx(slope, abs=1e-7)
    assert adjoint(f, "x")(x, n, b, 1.0)[1] == pytest.approx(slope, abs=1e-7)
    assert tangent(tangent(f, "x"), "x")(x, n, b, 1.0, 1.0)[0] == tangent(f, "x")(
        x, n, b, 1.0
    )
