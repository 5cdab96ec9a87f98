"""Exact numbers: arithmetic, the path they take, and NumPy and math on them."""

import math
from fractions import Fraction

import numpy as np
import pytest

from s2sad.proof.exact import NotSymbolic, Path, constant, following, symbol
from s2sad.proof.exact_numpy import mathematics, numpy
from s2sad.proof.rebind import Rebinder


def test_constants_are_the_decimals_that_were_written():
    assert constant(0.1).exact == Fraction(1, 10)
    assert (constant(0.1) + constant(0.2)).exact == Fraction(3, 10)
    assert (constant(1) / 3).exact == Fraction(1, 3)
    assert (constant(2) ** -2).exact == Fraction(1, 4)


def test_the_value_follows_the_expression():
    x = symbol("x", 2.0)
    y = (x.sin() * x - 1) / x**2
    assert y.value == pytest.approx((math.sin(2) * 2 - 1) / 4)
    assert str(y) == "(sin(x)*x - 1)/x**2"


def test_a_comparison_follows_the_arguments_and_is_written_down():
    x, path = symbol("x", 2.0), Path()
    with following(path):
        assert x > 1
        assert not x < 0
        assert x == x
    assert list(path.conditions) == ["x > 1", "x >= 0"]
    assert not path.kinks


def test_standing_on_a_kink_is_noticed():
    x, path = symbol("x", 0.0), Path()
    with following(path):
        assert not x > 0
    assert list(path.kinks) == ["x <= 0"]


def test_nothing_becomes_a_float_silently():
    with pytest.raises(NotSymbolic):
        float(symbol("x", 1.0))
    with pytest.raises(TypeError):
        [1, 2, 3][symbol("x", 1.0)]
    assert [1, 2, 3][constant(1)] == 2


@pytest.mark.parametrize(
    "name",
    "sin cos tan sinh cosh tanh exp sqrt log log2 log10 log1p expm1 exp2 square "
    "arcsin arccos arctan arcsinh arctanh abs sign reciprocal cbrt sinc floor ceil".split(),
)
def test_elementwise_functions_have_the_values_of_numpy(name):
    point = np.array([0.25, 0.5])
    found = getattr(numpy, name)(numpy.array(point))
    values = [number.value for number in found]
    np.testing.assert_allclose(values, getattr(np, name)(point), rtol=1e-14)


@pytest.mark.parametrize(
    "name", "maximum minimum arctan2 hypot logaddexp power fmod".split()
)
def test_functions_of_two_have_the_values_of_numpy(name):
    a, b = np.array([0.25, 2.5]), np.array([1.5, 0.5])
    found = getattr(numpy, name)(numpy.array(a), numpy.array(b))
    values = [number.value for number in found]
    np.testing.assert_allclose(values, getattr(np, name)(a, b), rtol=1e-14)


@pytest.mark.parametrize("name", ["det", "inv"])
def test_linear_algebra_has_the_values_of_numpy(name):
    a = np.array([[2.0, 0.5, 1.0], [0.25, 1.5, -1.0], [3.0, 0.0, 1.0]])
    found = np.asarray(getattr(numpy.linalg, name)(numpy.array(a)))
    values = np.vectorize(lambda number: number.value)(found).astype(float)
    np.testing.assert_allclose(values, getattr(np.linalg, name)(a), rtol=1e-12)


def test_reductions_and_creation():
    x = numpy.array(np.array([1.0, 2.0, 4.0]))
    assert np.sum(x).exact == 7
    assert numpy.mean(x).exact == Fraction(7, 3)
    assert numpy.var(x).exact == Fraction(14, 9)
    assert numpy.zeros(2)[0].exact == 0
    assert numpy.zeros(2, dtype=int).dtype.kind == "i"
    assert numpy.clip(x, 1.5, 3.0)[1].exact == 2
    assert mathematics.fsum(x).exact == 7


SCALE = 0.1


def helper(x):
    return SCALE * x


def user(x, n=2, k=0.25):
    """Literals, a global, a helper, a loop, an array."""
    a = np.zeros(n)
    for i in range(n):
        a[i] = helper(x) * (1 / 3) + i
    return float(np.sum(a)) + k * math.sin(x)


def test_a_function_is_rebound_with_everything_it_uses():
    run = Rebinder().function(user)
    y = run(symbol("x", 2.0))
    assert y.value == pytest.approx(user(2.0))
    assert "1/3" in str(y) and "0.25" in repr(run.__defaults__)
    assert user.__globals__["np"] is np, "the user's own globals are left alone"


def test_recursion_and_closures_are_rebound():
    half = 0.5

    def down(x, n):
        return x if n == 0 else half * down(x, n - 1)

    assert str(Rebinder().function(down)(symbol("x", 1.0), 3)) == "0.5*(0.5*(0.5*x))"


def test_a_lambda_is_rebound():
    square = lambda x: 0.5 * x**2
    assert str(Rebinder().function(square)(symbol("x", 1.0))) == "0.5*x**2"
