"""What outlives a call: arrays of the module that a helper returns, what `lru_cache` and
`cached_property` keep. It may be read; written, the next call would find it changed.
"""

import functools

import numpy as np
import pytest

from s2sad import Unsupported, grad, value_and_grad

X = np.array([0.5, 1.2, 0.15, 0.2, 2.0])
WEIGHTS = np.array([1.0, 2.0, 3.0])


def weights():
    return WEIGHTS


def picked(a, b, first):
    return a if first else b


@functools.lru_cache(None)
def nodes(n):
    return np.linspace(0.0, 1.0, n)


@functools.cache
def names(n):
    return [0.5] * n


@functools.lru_cache(None)
def nodes_and_weights(n):
    return np.zeros(n), np.ones(n)


def nodes_again(n):
    return nodes(n)


class Model:
    def __init__(self, v):
        self.v = v

    @functools.cached_property
    def squares(self):
        return self.v * self.v

    @functools.cached_property
    def first(self):
        return 2.0 * self.v[0]


def first_of(model):
    return model.first * model.squares[0]


def returned_array(x):
    w = weights()
    w[0] = x[0]
    return np.sum(w)


def picked_array(x):
    w = picked(WEIGHTS, 2.0 * x[:3], x[0] > 0)
    w[0] = x[0]
    return np.sum(w)


def array_on_some_trips(x):
    w = 1.0 * x[:3]
    for i in range(len(x)):
        w[0] = x[i]
        if x[i] > 1:
            w = weights()
    return np.sum(w)


def two_calls(x):
    a = nodes(3)
    b = nodes(3)
    a[0] = x[0]
    b[0] += x[1]
    return np.sum(a * a)


def through_a_helper(x):
    a = nodes_again(3)
    a[0] += x[0]
    return np.sum(a * a)


def cached_list(x):
    a = names(3)
    a[0] = x[0]
    return sum(a)


def one_of_two(x):
    a, b = nodes_and_weights(2)
    a += x[:2]
    return np.sum(a * b)


def property_written(x):
    m = Model(1.0 * x)
    m.squares[0] = x[0]
    return np.sum(m.squares)


def object_written(x):
    m = Model(1.0 * x)
    a = m.squares
    m.v *= 2.0
    return np.sum(a) + np.sum(m.squares)


def object_written_in_a_loop(x):
    m = Model(1.0 * x)
    t = 0.0
    for i in range(len(x)):
        m.v[i] *= 2.0
        t += m.squares[i]
    return t


def field_replaced(x):
    m = Model(1.0 * x)
    t = m.first
    m.v = 3.0 * x
    return t * m.first


def objects_of_a_list_written(x):
    models = [Model(x * i) for i in range(len(x))]
    t = 0.0
    for m in models:
        t += m.squares[0]
        m.v[0] = 1.0
    return t + models[0].squares[0]


WRITTEN = [
    returned_array,
    picked_array,
    array_on_some_trips,
    two_calls,
    through_a_helper,
    cached_list,
    one_of_two,
    property_written,
    object_written,
    object_written_in_a_loop,
    field_replaced,
    objects_of_a_list_written,
]


@pytest.mark.parametrize("f", WRITTEN, ids=lambda f: f.__name__)
def test_written_it_is_refused(f):
    with pytest.raises(Unsupported, match="S2S005"):
        grad(f)(X)


def of_the_module(x):
    return np.sum(weights() * x[:3]) * weights()[1]


def of_a_cache(x):
    a = nodes(3).copy()
    a[0] += x[0]
    return np.sum(a * nodes(3)) + np.sum(nodes(3) * x[:3]) * sum(names(2))


def in_a_branch(x):
    m = Model(1.0 * x)
    t = m.squares[0] if x[0] > 0 else 0.0
    return t + m.squares[1] * m.first


def in_a_generator(x):
    m = Model(1.0 * x)
    return sum(m.squares[i] * m.first for i in range(len(x)))


def of_objects_of_a_list(x):
    models = [Model(x * i) for i in range(len(x))]
    return sum(m.squares[1] * m.first for m in models)


def in_a_helper(x):
    m = Model(1.0 * x)
    return first_of(m) + 2.0 * first_of(m)


def behind_writes(x):
    m = Model(1.0 * x)
    m.v[0] *= x[1]
    m.v = m.v * x[2]
    return np.sum(m.squares) * m.first


READ = [
    of_the_module,
    of_a_cache,
    in_a_branch,
    in_a_generator,
    of_objects_of_a_list,
    in_a_helper,
    behind_writes,
]


@pytest.mark.parametrize("f", READ, ids=lambda f: f.__name__)
def test_read_it_is_right(f):
    value, bar = value_and_grad(f)(X)
    steps = np.eye(len(X)) * 1e-6
    assert value == pytest.approx(f(X), rel=1e-12)
    slopes = [(f(X + s) - f(X - s)) / 2e-6 for s in steps]
    assert bar == pytest.approx(np.array(slopes), rel=1e-6, abs=1e-8)
