"""What decides an `and` or `or` and is its value, too, is computed once."""

import numpy as np
import pytest

from s2sad import adjoint, tangent, value_and_grad


def drawn(x, n, rng):
    k = int(rng.integers(0, 3)) or len([i for i in range(n)])
    return x * k * rng.normal()


def counted(x, n, k):
    a = (n - 1) or len([i for i in range(k)])
    return x * a * ((n - 2) and len([i for i in range(k)]))


def clipped(x, y):
    return x * (max(x - 1.0, 0.0) or y * sum([x * k for k in range(3)]))


@pytest.mark.parametrize("seed", range(4))
def test_drawn_once(seed):
    x, n = 0.7, 5
    draw = lambda: np.random.default_rng(seed)  # noqa: E731
    y = drawn(x, n, draw())
    assert value_and_grad(drawn)(x, n, draw()) == (y, pytest.approx(y / x))
    assert adjoint(drawn, "x")(x, n, draw(), 1.0) == (y, pytest.approx(y / x))
    assert tangent(drawn, "x")(x, n, draw(), 1.0) == (y, pytest.approx(y / x))


@pytest.mark.parametrize(
    ("f", "args"),
    [(counted, (0.5, n, 3)) for n in (0, 1, 2, 4)]
    + [(clipped, (x, 2.0)) for x in (0.5, 3.0)],
)
def test_right_and_written_once(f, args):
    x, *rest = args
    step = 1e-6
    slope = (f(x + step, *rest) - f(x - step, *rest)) / (2 * step)
    for derived in (tangent(f, "x"), adjoint(f, "x")):
        y, varied = derived(x, *rest, 1.0)
        assert y == f(*args) and varied == pytest.approx(slope, rel=1e-7, abs=1e-9)
        code = [line.partition("#")[0] for line in derived.source.splitlines()]
        for word in ("n - 1", "n - 2", "max("):
            assert sum(word in line for line in code) < 2
