"""Loops in loops with every way out: the derivative ends where the program does."""

import pytest

from s2sad import grad, jvp


def settled(a, b):
    while True:
        a = a * 0.7 + 0.1 * b
        if a < 0.5:
            break
        for k in range(5):
            if k == 3:
                continue
            b += a * k
            if b > 10:
                return a * b
        else:
            b *= 0.5
    return b * b


@pytest.mark.parametrize("a, b", [(1.3, 0.7), (0.9, 0.2), (0.3, 0.1)])
def test_continue_break_else_and_return_together(a, b):
    step = 1e-6
    slope = (settled(a + step, b) - settled(a - step, b)) / (2 * step)
    assert grad(settled)(a, b) == pytest.approx(slope, rel=1e-7, abs=1e-9)
    assert jvp(settled, (a, b), (1.0, None))[1] == pytest.approx(
        slope, rel=1e-7, abs=1e-9
    )
