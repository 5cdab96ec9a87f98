"""What is written in place keeps its shape: what does not fit raises, as it does there."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import check_grads, grad, jvp, value_and_grad


def product(x, y):
    x *= y
    return np.sum(x)


def total(x, y):
    z = x + 1.0
    z += y
    return np.sum(z * x)


def of_a_part(x, y):
    z = x[1:] * 2.0
    z -= y
    return np.sum(z * z)


def of_more_axes(x, y):
    z = x * 2.0
    z *= np.outer(y, y)
    return np.sum(z)


ONE, TWO, FIVE = np.ones(1), np.ones(2), np.arange(1.0, 6.0)


@pytest.mark.parametrize("optimize", [0, 1, 2])
@pytest.mark.parametrize(
    ("f", "x"), [(product, ONE), (total, ONE), (of_a_part, TWO), (of_more_axes, FIVE)]
)
def test_what_does_not_fit(f, x, optimize):
    with pytest.raises(ValueError):
        f(x.copy(), FIVE)
    with pytest.raises(ValueError):
        value_and_grad(f, optimize=optimize)(x, FIVE)
    with pytest.raises(ValueError):
        jvp(f, (x, FIVE), (x, FIVE))


@pytest.mark.parametrize(
    ("f", "x"), [(product, FIVE), (total, FIVE), (of_a_part, np.arange(6.0))]
)
@pytest.mark.parametrize("y", [FIVE, ONE])
def test_what_fits(f, x, y):
    step = 1e-6
    y = y.copy()
    both = grad(f, (0, 1))(x, y)
    for place in (0, 1):
        args, v = [x, y], np.cos((x, y)[place])
        up, down = args[:], args[:]
        up[place], down[place] = args[place] + step * v, args[place] - step * v
        slope = (f(*map(np.copy, up)) - f(*map(np.copy, down))) / (2 * step)
        assert both[place] @ v == pytest.approx(slope)


def gathered(x, n):
    y = np.zeros(n)
    y += x
    y *= x
    return np.sum(y**2)


def windows(x, n):
    k = 2
    y = np.zeros(n - k + 1)
    for i in range(k):
        y += x[i : i + n - k + 1] * x[i]
    return np.sum(y**2)


def tables(x, n):
    image = np.outer(x, x)
    out = np.zeros((n - 1, n - 2))
    for i in range(2):
        for j in range(3):
            out += x[i + j] * image[i : i + n - 1, j : j + n - 2]
    return np.sum(np.maximum(out, 0.0) ** 2)


@pytest.mark.parametrize("f", [gathered, windows, tables])
def test_what_the_run_alone_can_tell_is_written_as_by_the_user(f):
    check_grads(lambda x: f(x, 5), (FIVE / 5.0 - 0.3,), order=2)
    df = grad(f)
    for level in (0, 2):
        others = grad(f, optimize=level)(FIVE, 5)
        np.testing.assert_allclose(df(FIVE, 5), others, rtol=1e-12)
    assert "[...]" not in df.source and " += " in df.source.partition("# reverse")[0]
