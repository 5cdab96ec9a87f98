"""Random draws: once, in order, kept; with slopes where the distribution has them."""

import copy
import random

import numpy as np
import pytest

import s2sad
from s2sad import S2sadError

SEED = 7


def central(f, args, i, h=1e-6):
    """Differences of `f(rng, *args)`, each with the same numbers behind its draws."""

    def at(step):
        moved = list(args)
        moved[i] = args[i] + step
        return f(np.random.default_rng(SEED), *moved)

    return (at(h) - at(-h)) / (2 * h)


def normal(rng, a, b):
    return np.sum(rng.normal(a, b, size=4) ** 2)


def normal_by_keyword(rng, a, b):
    return rng.normal(scale=b, loc=a) * b


def loc_only(rng, a, b):
    return rng.normal(a) * b


def scale_only(rng, a, b):
    return a * np.sum(rng.normal(size=3, scale=b))


def uniform(rng, a, b):
    return rng.uniform(a, b) ** 2 + rng.uniform(high=b)


def uniform_low(rng, a, b):
    return np.sum(rng.uniform(a, size=2)) * b


def laplace(rng, a, b):
    return rng.laplace(a, b) ** 2


def gumbel(rng, a, b):
    return rng.gumbel(a, b) ** 2


def logistic(rng, a, b):
    return rng.logistic(a, b) ** 2


def exponential(rng, a, b):
    return rng.exponential(a) ** b


def rayleigh(rng, a, b):
    return a * rng.rayleigh(b)


def lognormal(rng, a, b):
    return rng.lognormal(a, b) ** 2


def weibull(rng, a, b):
    return rng.weibull(a) * b


def power(rng, a, b):
    return rng.power(a) * b


def pareto(rng, a, b):
    return rng.pareto(a) * b


def gamma_scale(rng, a, b):
    return rng.gamma(2.0, b) * a


SLOPES = [
    normal, normal_by_keyword, loc_only, scale_only, uniform, uniform_low, laplace,
    gumbel, logistic, exponential, rayleigh, lognormal, weibull, power, pareto,
    gamma_scale,
]  # fmt: skip


@pytest.mark.parametrize("f", SLOPES, ids=lambda f: f.__name__)
def test_slopes_of_distributions(f):
    args = 0.6, 1.4
    expected = [central(f, args, i) for i in (0, 1)]
    rng = np.random.default_rng(SEED)
    y, bars = s2sad.value_and_grad(f, wrt=(1, 2))(rng, *args)
    primal = np.random.default_rng(SEED)
    assert y == f(primal, *args)
    assert rng.bit_generator.state == primal.bit_generator.state
    np.testing.assert_allclose(bars, expected, rtol=1e-6)
    for i in (0, 1):
        seeds = [None, None, None]
        seeds[i + 1] = 1.0
        y, y_dot = s2sad.jvp(f, (np.random.default_rng(SEED), *args), tuple(seeds))
        np.testing.assert_allclose(y_dot, expected[i], rtol=1e-6)


def test_parameters_that_are_arrays():
    def f(rng, loc, scale):
        return np.sum(np.sin(rng.normal(loc, scale)))

    loc, scale = np.array([[0.1], [0.2]]), np.array([1.0, 2.0, 3.0])
    bars = s2sad.grad(f, wrt=(1, 2))(np.random.default_rng(SEED), loc, scale)
    for i, x in enumerate((loc, scale)):
        assert bars[i].shape == x.shape
        direction = np.random.default_rng(1).normal(size=x.shape)

        def along(t, i=i, direction=direction):
            args = [loc, scale]
            args[i] = args[i] + t * direction
            return f(np.random.default_rng(SEED), *args)

        expected = (along(1e-6) - along(-1e-6)) / 2e-6
        np.testing.assert_allclose(np.sum(bars[i] * direction), expected, rtol=1e-6)


def test_second_order_through_a_draw():
    def f(rng, mean, sigma):
        return rng.lognormal(mean, sigma) * mean

    def slope(i):
        return s2sad.grad(f, wrt=i)

    args = 0.3, 0.8
    for i in (1, 2):
        for k in (1, 2):
            expected = central(slope(i), args, k - 1)
            twice = s2sad.grad(slope(i), wrt=k)(np.random.default_rng(SEED), *args)
            np.testing.assert_allclose(twice, expected, 1e-5, 1e-8)
            seeds = [None, None, None]
            seeds[k] = 1.0
            _, dot = s2sad.jvp(
                slope(i), (np.random.default_rng(SEED), *args), tuple(seeds)
            )
            np.testing.assert_allclose(dot, expected, 1e-5, 1e-8)


def noisy_walk(x, n, rng):
    for _ in range(n):
        if rng.random() < 0.5:
            x = x * rng.normal()
        else:
            x = np.sin(x) + 0.1 * rng.standard_normal()
    return x


def noisy_vector(x, rng):
    return np.exp(x * rng.normal(size=3)) + rng.normal()


def advanced(f, *args):
    rng = np.random.default_rng(SEED)
    f(*args, rng)
    return rng.bit_generator.state


def test_every_operator_advances_the_generator_as_the_primal_does():
    x = np.array([0.1, 0.2, 0.3])
    v = np.ones(3)
    state = advanced(noisy_vector, x)

    def after(run):
        rng = np.random.default_rng(SEED)
        run(rng)
        return rng.bit_generator.state == state

    assert after(lambda rng: s2sad.jvp(noisy_vector, (x, rng), (v, None)))
    assert after(lambda rng: s2sad.vjp(noisy_vector, x, rng)[1](v))
    assert after(lambda rng: s2sad.linearize(noisy_vector, x, rng)[1](v, None))
    assert after(lambda rng: s2sad.jacobian(noisy_vector)(x, rng))
    assert after(lambda rng: s2sad.jacrev(noisy_vector)(x, rng))
    assert after(lambda rng: s2sad.jacfwd(noisy_vector)(x, rng))

    def total(x, rng):
        return np.sum(noisy_vector(x, rng))

    assert after(lambda rng: s2sad.hessian(total)(x, rng))
    assert after(lambda rng: s2sad.hvp(total, (x, rng), (v,)))


def test_jacobians_of_one_set_of_draws():
    x = np.array([0.1, 0.2, 0.3])
    z = np.random.default_rng(SEED).normal(size=3)
    expected = np.diag(z * np.exp(x * z))
    for operator in (s2sad.jacobian, s2sad.jacrev, s2sad.jacfwd):
        found = operator(noisy_vector)(x, np.random.default_rng(SEED))
        np.testing.assert_allclose(found, expected)


def test_draws_that_decide_a_branch_in_a_loop():
    expected = central(lambda rng, x: noisy_walk(x, 9, rng), (0.7,), 0)
    rng = np.random.default_rng(SEED)
    y, bar = s2sad.value_and_grad(noisy_walk)(0.7, 9, rng)
    assert y == noisy_walk(0.7, 9, np.random.default_rng(SEED))
    assert rng.bit_generator.state == advanced(noisy_walk, 0.7, 9)
    np.testing.assert_allclose(bar, expected, rtol=1e-6)
    assert s2sad.value_and_grad(noisy_walk)(0.7, 0, rng) == (0.7, 1.0)


def test_one_specialisation_serves_every_generator():
    g = s2sad.grad(noisy_walk)
    g(0.7, 3, np.random.default_rng(0))
    first = g.__wrapped__
    g(0.7, 3, np.random.default_rng(1))
    assert g.__wrapped__ is first


def legacy(x):
    z = np.random.randn(3)
    k = np.random.randint(3)
    return np.sum(x * z) ** 2 + x[k] * np.random.uniform(1.0, 2.0)


def test_legacy_functions():
    x = np.array([0.5, 1.0, 2.0])
    np.random.seed(3)
    expected, state = legacy(x), np.random.get_state()[1:3]
    np.random.seed(3)
    y, bar = s2sad.value_and_grad(legacy)(x)
    assert y == expected
    after = np.random.get_state()[1:3]
    assert after[1] == state[1] and np.array_equal(after[0], state[0])

    def along(t):
        np.random.seed(3)
        return legacy(x + t)

    np.testing.assert_allclose(bar.sum(), (along(1e-6) - along(-1e-6)) / 2e-6, 1e-6)


def standard_library(x):
    total = 0.0
    for _ in range(random.randint(2, 4)):
        total = total + x * random.gauss(x, 2.0 * x) + random.expovariate(x)
    return total * random.uniform(0.0, x) + random.weibullvariate(x, 1.0 + x)


def test_python_random():
    random.seed(5)
    expected, state = standard_library(0.8), random.getstate()
    random.seed(5)
    y, bar = s2sad.value_and_grad(standard_library)(0.8)
    assert y == expected and random.getstate() == state

    def at(x):
        random.seed(5)
        return standard_library(x)

    np.testing.assert_allclose(bar, (at(0.8 + 1e-6) - at(0.8 - 1e-6)) / 2e-6, 1e-6)


VARIATES = {
    "uniform": lambda a, b: random.uniform(a, b) * a,
    "gauss": lambda a, b: random.gauss(a, b) * b,
    "normalvariate": lambda a, b: random.normalvariate(a, b) * a,
    "lognormvariate": lambda a, b: random.lognormvariate(a, b) * b,
    "expovariate": lambda a, b: random.expovariate(a) * b,
    "gammavariate": lambda a, b: random.gammavariate(2.5, b) * a,
    "weibullvariate": lambda a, b: random.weibullvariate(a, b) * b,
    "paretovariate": lambda a, b: random.paretovariate(a) * b,
}


@pytest.mark.parametrize("name", VARIATES)
def test_slopes_of_variates(name):
    f, args = VARIATES[name], (0.6, 1.4)

    def at(*args):
        random.seed(SEED)
        return f(*args)

    for i in (0, 1):
        step = [1e-6 * (k == i) for k in (0, 1)]
        ahead, behind = ([a + s * t for a, t in zip(args, step)] for s in (1, -1))
        expected = (at(*ahead) - at(*behind)) / 2e-6
        random.seed(SEED)
        bar = s2sad.grad(f, wrt=i)(*args)
        random.seed(SEED)
        dot = s2sad.jvp(f, args, tuple(1.0 if k == i else None for k in (0, 1)))[1]
        np.testing.assert_allclose([bar, dot], expected, rtol=1e-6)


RNG = np.random.default_rng(2)


def captured(x):
    return x * RNG.normal() + np.sum(x * RNG.random(2))


def made_inside(x, seed):
    rng = np.random.default_rng(seed)
    other = np.random.RandomState(seed)
    return x**2 * rng.normal() + x * other.rand() + x * random.Random(seed).random()


class Noise:
    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def __call__(self, x):
        return x * self.rng.normal() + self.rng.exponential(x)


def helper(x, rng):
    return x * rng.normal()


def through_helper(x, rng):
    draw = rng.normal  # a method taken from it
    return helper(x, rng) * helper(x, rng) + x * draw()


def in_a_tuple(pair):
    x, rng = pair
    return x * rng.normal()


def test_where_a_generator_may_come_from():
    global RNG
    RNG = np.random.default_rng(2)
    twin = copy.deepcopy(RNG)
    a, b, c = twin.normal(), *twin.random(2)
    assert s2sad.grad(captured)(2.0) == pytest.approx(a + b + c)
    RNG = twin  # read when it is called
    twin = copy.deepcopy(RNG)
    a, b, c = twin.normal(), *twin.random(2)
    assert s2sad.grad(captured)(2.0) == pytest.approx(a + b + c)

    def at(x):
        return made_inside(x, 4)

    slope = (at(1.5 + 1e-6) - at(1.5 - 1e-6)) / 2e-6
    assert s2sad.grad(made_inside)(1.5, 4) == pytest.approx(slope, rel=1e-6)

    model, twin = Noise(1), np.random.default_rng(1)
    expected = twin.normal() + twin.exponential()
    assert s2sad.grad(model)(1.5) == pytest.approx(expected)

    twin = np.random.default_rng(SEED)
    a, b, c = twin.normal(), twin.normal(), twin.normal()
    found = s2sad.grad(through_helper)(1.5, np.random.default_rng(SEED))
    assert found == pytest.approx(3.0 * a * b + c)

    found = s2sad.grad(in_a_tuple)((1.5, np.random.default_rng(SEED)))
    assert found == (pytest.approx(a), None)


def poisson(rng, a):
    return rng.poisson(a) * a


def gamma_shape(rng, a):
    return rng.gamma(a)


def chosen(rng, x):
    return rng.choice(x) ** 2


def shuffled(rng, x):
    rng.shuffle(x)
    return x[0] ** 2


@pytest.mark.parametrize("f", [poisson, gamma_shape])
def test_active_parameters_without_a_slope_are_refused(f):
    with pytest.raises(S2sadError, match="S2S119") as told:
        s2sad.grad(f, wrt=1)(np.random.default_rng(0), 2.0)
    assert told.value.lineno == f.__code__.co_firstlineno + 1
    with pytest.raises(S2sadError, match="S2S119"):
        s2sad.jvp(f, (np.random.default_rng(0), 2.0), (None, 1.0))


def test_draws_from_an_active_array_are_refused():
    with pytest.raises(S2sadError, match="S2S119"):
        s2sad.grad(chosen, wrt=1)(np.random.default_rng(0), np.ones(3))
    with pytest.raises(S2sadError, match="S2S130"):
        s2sad.grad(shuffled, wrt=1)(np.random.default_rng(0), np.ones(3))


def test_a_scale_of_zero_loses_the_number_behind_the_draw():
    def f(rng, loc, scale):
        return rng.normal(loc, scale)

    bars = s2sad.grad(f, wrt=(1, 2))(np.random.default_rng(0), 1.0, 0.0)
    assert bars[0] == 1.0 and np.isnan(bars[1])


def test_inactive_parameters_of_any_distribution():
    def f(x, rng):
        z = rng.beta(1.0, 2.0) + rng.poisson(3.0) + rng.binomial(5, 0.5)
        z = z + rng.choice(np.array([1.0, 2.0])) + rng.choice(4) + rng.gamma(2.0)
        order = rng.permutation(len(x))
        rows = rng.multivariate_normal(np.zeros(2), np.eye(2), size=3)
        weights = rng.dirichlet([1.0, 1.0, 1.0])
        picks = rng.integers(0, len(x), size=5)
        return np.sum(x[order] * weights) * z + np.sum(x[picks]) + np.sum(rows) * x[0]

    x = np.array([0.3, 0.7, 1.1])
    y, bar = s2sad.value_and_grad(f)(x, np.random.default_rng(SEED))
    assert y == f(x, np.random.default_rng(SEED))
    for i in range(3):
        step = np.eye(3)[i] * 1e-6
        slope = (
            f(x + step, np.random.default_rng(SEED))
            - f(x - step, np.random.default_rng(SEED))
        ) / 2e-6
        assert bar[i] == pytest.approx(slope, rel=1e-6)


def test_kinds_of_draws_are_what_is_drawn():
    """Single precision, 0-d arrays, and a size that the run decides."""

    def f(x, n, rng):
        a = rng.standard_normal(n, dtype=np.float32)
        b = rng.random((2, n))
        c = rng.normal(size=())
        d = rng.normal(np.array(0.0))
        return np.sum(a * x) + np.sum(b @ np.ones(n)) * x + (c + d) * x

    y, bar = s2sad.value_and_grad(f)(1.5, 3, np.random.default_rng(SEED))
    assert y == f(1.5, 3, np.random.default_rng(SEED))
    assert bar == pytest.approx(float(y) / 1.5, rel=1e-6)
