"""Defaults of the differentiated function are those of the moment of the call."""

import functools

import numpy as np
import pytest

from s2sad import adjoint, differentiable, grad, jacobian, jvp, linearize, vjp
from s2sad import value_and_grad as vag


def made(a=2.0, n=3):
    def f(x, a=a, *, n=n):
        for _ in range(n):
            x = a * x
        return x

    return f


def expected(a, n):
    return a**n


@pytest.mark.parametrize("optimize", [0, 1, 2])
def test_positional(optimize):
    f = made()
    df = grad(f, optimize=optimize)
    assert df(1.0) == 8.0
    f.__defaults__ = (3.0,)
    assert df(1.0) == 27.0
    assert df(1.0, 2.0) == 8.0  # handed in is handed in
    assert df.specialized(1.0)(1.0) == 27.0
    f.__defaults__ = (np.float64(0.5),)  # of another kind
    assert df(1.0) == 0.125


def test_by_keyword_changed_in_place():
    f = made()
    df = grad(f)
    assert df(1.0) == 8.0
    f.__kwdefaults__["n"] = 2
    assert df(1.0) == 4.0
    assert df(1.0, n=3) == 8.0
    f.__kwdefaults__ = {"n": 1}
    assert df(1.0) == 2.0


def test_long_text_and_words():
    def f(x, how="sin", k=None):
        y = x
        if how == "sin":
            y = np.sin(x)
        for i in range(40):
            y = y * (1.0 + 0.0 * x)
        return y if k is None else k * y

    df = vag(f)
    assert df(1.0) == (np.sin(1.0), np.cos(1.0))
    f.__defaults__ = ("none", None)
    assert df(1.0) == (1.0, 1.0)
    f.__defaults__ = ("none", 4.0)
    assert df(1.0) == (4.0, 4.0)
    assert df(1.0, "sin", None) == (np.sin(1.0), np.cos(1.0))


def test_every_operator():
    f = made()
    x = np.array([1.0, 2.0])
    operators = {
        "jvp": lambda: jvp(f, (x,), (np.ones(2),))[1][0],
        "vjp": lambda: vjp(f, x)[1](np.ones(2))[0][0],
        "linearize": lambda: linearize(f, x)[1](np.ones(2))[0],
    }
    jac, adj = jacobian(f), adjoint(f)
    operators["jacobian"] = lambda: jac(x)[0, 0]
    operators["adjoint"] = lambda: adj(x, y_bar=np.ones(2))[1][0]
    for name, run in operators.items():
        f.__defaults__ = (2.0,)
        assert run() == 8.0, name
        f.__defaults__ = (3.0,)
        assert run() == 27.0, name


def test_of_a_method_and_of_a_decorated_function():
    class Model:
        def loss(self, x, a=2.0):
            return a * x

    model = Model()
    df = grad(model.loss)
    assert df(1.0) == 2.0
    Model.loss.__defaults__ = (5.0,)
    assert df(1.0) == 5.0

    f = differentiable(made())
    assert f.grad(1.0) == 8.0
    f.grad.primal.__defaults__ = (3.0,)
    assert f.grad(1.0) == 27.0


def test_inside_another_function():
    inner = made()

    def outer(x):
        return grad(inner)(x) * x + inner(x)

    df = grad(outer)
    assert df(1.0) == 16.0
    inner.__defaults__ = (3.0,)
    assert df(1.0) == 54.0


def test_recursion_reads_its_own():
    def f(x, n=3):
        return x if n == 0 else x * f(x, n - 1)

    df = grad(f)
    assert df(2.0) == 4 * 2.0**3
    f.__defaults__ = (1,)
    assert df(2.0) == 2 * 2.0


def test_functions_of_one_text():
    one, two = made(2.0), made(3.0)
    assert grad(one)(1.0) == 8.0
    assert grad(two)(1.0) == 27.0
    assert grad(two).specialized(1.0)(1.0) == 27.0
    bare = made()
    bare.__defaults__ = None
    assert grad(bare)(1.0, 3.0) == 27.0
    with pytest.raises(TypeError):
        grad(bare)(1.0)
    assert grad(one)(1.0) == 8.0


def test_taken_away_or_given():
    f = made()
    df = grad(f)
    assert df(1.0) == 8.0
    f.__defaults__ = None
    with pytest.raises(TypeError):
        df(1.0)
    f.__defaults__ = (2.0,)
    assert df(1.0) == 8.0


def scaled(x, c=1.0):
    return np.sum(c * x * x)


preset = functools.partial(scaled, c=3.0)


def test_what_a_partial_hands_on():
    def by_name(x):
        return preset(x)

    def by_argument(x, how):
        return how(x)

    one, two = grad(by_name), grad(by_argument)
    for c in (3.0, 5.0, np.ones(2), np.ones((2, 2)), 4):
        preset.keywords["c"] = c
        want = 2.0 * np.sum(c)
        assert (one(1.0), two(1.0, preset)) == (want, want)
