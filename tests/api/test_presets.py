"""Seeds and positions where a function has defaults, stars or presets of a partial."""

from functools import partial

import pytest

from s2sad import adjoint, check_grads, grad, jvp, tangent, vjp


def cubic(x, n=1):
    return x**3 * n


def weighted(x, y, n=1, k=2.0):
    return x**3 * n + y * y * x * k


def keyword(x, *, k=2.0):
    return x**3 * k


def many(*xs):
    return xs[0] * xs[1] ** 2


CASES = [
    (cubic, (0.7,)),
    (keyword, (0.7,)),
    (many, (0.7, 0.4)),
    (partial(cubic, n=2), (0.7,)),
    (partial(keyword, k=3.0), (0.7,)),
    (partial(weighted, k=3.0), (0.7, 0.4)),
    (partial(weighted, 0.5, n=3), (0.7,)),
    (partial(weighted, n=3, k=0.5), (0.7, 0.4)),
]


@pytest.mark.parametrize("f, args", CASES)
def test_derivatives_are_checked_to_the_third_order(f, args):
    check_grads(f, args, order=3)


def test_positions_are_those_of_a_call():
    """`d(x, x_dot)`: the second is the seed, and not what the partial presets."""
    f, x = partial(cubic, n=2), 0.7
    slope, bend = 6 * x**2, 12 * x
    for derived in (tangent(f), adjoint(f)):
        assert derived(x, 1.0) == pytest.approx((2 * x**3, slope))
        _, changed = jvp(derived, (x, 1.0), (1.0, 0.0))
        assert changed == pytest.approx((slope, bend))
        assert vjp(derived, x, 1.0)[1]((0.0, 1.0)) == pytest.approx((bend, slope))
    by_seed = grad(lambda x, s: tangent(f)(x, x_dot=s)[1], 1)
    assert by_seed(x, 1.0) == pytest.approx(slope)
