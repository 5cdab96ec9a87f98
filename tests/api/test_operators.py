"""The operators on real functions: numbers against complex steps and by hand."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest

import s2sad
from s2sad import (
    NotScalar,
    S2sadError,
    Unsupported,
    adjoint,
    derivative,
    differentiable,
    grad,
    hessian,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    tangent,
    value_and_grad,
)
from tests.api import functions as fs


def complex_step(f, *args, at=0):
    """The derivative of an analytic function of numbers, to the last digit."""
    moved = list(args)
    moved[at] = complex(args[at], 1e-30)
    return f(*moved).imag / 1e-30


# ---- grad ----------------------------------------------------------------------------


def test_the_textbook():
    assert grad(fs.textbook)(2.0, 5.0) == 5.5
    x, y = grad(fs.textbook, (0, 1))(2.0, 5.0)
    assert (x, y) == (5.5, 2.0 - math.cos(5.0))
    value, slopes = value_and_grad(fs.textbook, ("x1", "x2"))(2.0, 5.0)
    assert value == fs.textbook(2.0, 5.0) and slopes == (x, y)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x**3 - 2 * x,
        lambda x: np.sin(x) * np.exp(x),
        lambda x: np.tanh(x) / (1 + x * x),
        lambda x: np.log(x) * np.sqrt(x),
        lambda x: 1 / (1 + np.exp(-x)),
        lambda x: (x + 1) * (x - 1) / x,
        lambda x: np.arctan(x) + np.cosh(x),
        lambda x: x**2.5 + 2.0**x,
    ],
)
@pytest.mark.parametrize("x", [0.3, 1.0, 2.7])
def test_numbers(f, x):
    want = complex_step(f, x)
    for derived in (grad(f), derivative(f)):
        got = derived(x)
        assert math.isclose(got, want, rel_tol=1e-13)
    assert math.isclose(tangent(f)(x, 2.0)[1], 2 * want, rel_tol=1e-13)
    assert math.isclose(adjoint(f)(x, 2.0)[1], 2 * want, rel_tol=1e-13)


def test_types_of_results():
    slope = grad(lambda x: x * x)
    assert type(slope(3.0)) is float and type(slope(3)) is float
    assert type(slope(np.float32(3))) is np.float32
    assert type(slope(np.float64(3))) is np.float64
    zero = slope(np.array(3.0))
    assert type(zero) is np.ndarray and zero.shape == () and zero == 6.0
    for dtype in ("float32", "float64"):
        got = grad(fs.total)(np.ones(3, dtype))
        assert got.dtype == dtype and got.shape == (3,)


def test_gradients_are_fresh():
    x, y = np.arange(3.0), np.ones(3)
    dot = lambda x, y: np.sum(x * y)
    a, b = grad(dot, (0, 1))(x, y)
    assert not any(np.shares_memory(p, q) for p in (a, b) for q in (x, y))
    assert a.flags.writeable and b.flags.writeable
    a[:] = 7.0
    assert y.tolist() == [1.0, 1.0, 1.0]
    same = grad(lambda x, y: np.sum(x) + np.sum(y), (0, 1))(x, y)
    assert not np.shares_memory(*same) and same[0].flags.writeable
    assert same[0].strides == (8,)
    twice = grad(lambda x, y: np.sum(x + y), (0, 1))(x, y)
    assert not np.shares_memory(*twice)


def test_size_one_results():
    assert (
        grad(lambda x: np.sum(x * x, keepdims=True))(np.ones(3)).tolist() == [2.0] * 3
    )


def test_aux():
    assert grad(fs.with_aux, has_aux=True)(3.0) == (6.0, 4.0)
    assert value_and_grad(fs.with_aux, has_aux=True)(3.0) == ((9.0, 4.0), 6.0)
    with pytest.raises(S2sadError, match="pair"):
        grad(fs.textbook, has_aux=True)(1.0, 2.0)


def test_ints_are_real_where_differentiated():
    assert grad(fs.textbook, (0, 1))(2, 5) == grad(fs.textbook, (0, 1))(2.0, 5.0)
    assert grad(fs.loop)(0.5, 3) == pytest.approx(
        complex_step(fs.loop, 0.5, 3), rel=1e-13
    )


def test_ways_to_pass_arguments():
    slope = grad(fs.product)
    assert slope(2.0) == 3.0
    assert slope(2.0, 5.0, z=2.0) == 10.0
    assert slope(y=5.0, x=1.0) == 5.0
    assert grad(fs.product, "z")(2.0, 5.0) == 10.0
    assert grad(fs.many, (0, 2))(2.0, 3.0, 4.0) == (12.0, 6.0)
    assert grad(fs.keywords, "b")(a=2.0, b=3.0) == 2.0
    with pytest.raises(TypeError):
        slope()
    with pytest.raises(TypeError):
        slope(1.0, w=2.0)


# ---- what f may be -------------------------------------------------------------------


def test_kinds_of_callables():
    assert grad(np.sin)(0.5) == math.cos(0.5)
    assert grad(math.sin)(0.5) == math.cos(0.5)
    assert grad(np.multiply, 1)(2.0, 3.0) == 2.0
    spring = fs.Spring(3.0)
    assert grad(spring.energy)(2.0) == 6.0
    assert grad(fs.Spring.energy, 1)(spring, 2.0) == 6.0
    assert grad(spring)(2.0) == 36.0
    assert grad(functools.partial(fs.textbook, 2.0))(5.0) == 2.0 - math.cos(5.0)
    assert grad(functools.partial(fs.product, y=5.0))(1.0) == 5.0
    a = 3.0
    assert grad(lambda x: a * x)(1.0) == 3.0
    assert grad(functools.lru_cache(fs.scaled))(3.0) == 12.0


def test_seeds_behind_what_a_partial_presets():
    g = functools.partial(fs.product, y=5.0)
    assert tangent(g)(2.0, 3.0) == (10.0, 15.0)
    assert tangent(g)(2.0, x_dot=3.0) == (10.0, 15.0)
    assert jvp(g, (2.0,), (3.0,)) == (10.0, 15.0)
    assert adjoint(g)(2.0, 3.0) == (10.0, 15.0)
    assert adjoint(g)(2.0, 3.0, y=4.0) == (8.0, 12.0)
    with pytest.raises(TypeError):
        tangent(g)(2.0, 3.0, 4.0, 5.0)


def test_methods():
    class Model:
        def __init__(self, k):
            self.k = k

        @grad
        def force(self, x):
            return 0.5 * self.k * x * x

        @value_and_grad(wrt="x")
        def both(self, x):
            return self.k * x

    assert Model(4.0).force(2.0) == 8.0
    assert Model(4.0).both(2.0) == (8.0, 4.0)
    assert Model(2.0).force(1.0) == 2.0


def test_paths_into_objects():
    spring = fs.Spring(3.0)
    assert grad(fs.Spring.energy, "self.k")(spring, 2.0) == 2.0
    assert grad(spring.energy, ("self.k", "x"))(2.0) == (2.0, 6.0)


def test_closures_and_globals_are_read_late(monkeypatch):
    def make(a):
        return lambda x: a * x * x

    slopes = [grad(make(float(a))) for a in range(4)]
    assert [s(1.0) for s in slopes] == [0.0, 2.0, 4.0, 6.0]
    slope = grad(fs.scaled)
    assert slope(1.0) == 4.0
    monkeypatch.setattr(fs, "SCALE", 5.0)
    assert slope(1.0) == 10.0
    monkeypatch.setattr(fs, "SCALE", np.ones(1)[0])
    assert slope(1.0) == 2.0


def test_helpers_that_change():
    scope = {}
    exec(compile_in("def h(x):\n    return x * x\ndef f(x):\n    return h(x)\n"), scope)
    slope = grad(scope["f"])
    assert slope(3.0) == 6.0
    exec(compile_in("def h(x):\n    return x * x * x\n"), scope)
    assert slope(3.0) == 27.0


def compile_in(text, counter=[0]):
    import linecache

    counter[0] += 1
    name = f"<text {counter[0]}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    return compile(text, name, "exec")


# ---- containers ----------------------------------------------------------------------


def test_containers_come_back():
    params = {"w": np.arange(3.0), "b": 1.0}
    x = np.arange(3.0) + 1
    got = grad(fs.model)(params, x)
    assert (
        list(got) == ["w", "b"] and got["w"].tolist() == x.tolist() and got["b"] == 1.0
    )
    assert grad(fs.model, "params['b']")(params, x) == 1.0
    w, b = grad(fs.model, ("params['w']", "params['b']"))(params, x)
    assert w.tolist() == x.tolist() and b == 1.0
    p = grad(fs.of_point)(fs.Point(2.0, 3.0))
    assert p == fs.Point(4.0, 2.0) and type(p) is fs.Point
    assert grad(fs.of_point, "p.y")(fs.Point(2.0, 3.0)) == 2.0
    m = grad(fs.of_weights)(fs.Weights(np.ones(3), 1.0), x)
    assert type(m) is fs.Weights and m.name is None and m.b == 1.0
    assert grad(fs.of_list)([2.0, 3.0], 2.0) == [6.0, 4.0]
    assert grad(fs.of_list)((2, 3), 2.0) == (6.0, 4.0)
    assert grad(fs.of_list, "items[-1]")([2.0, 3.0], 2.0) == 4.0


# ---- forward, Jacobians ----------------------------------------------------------------


def test_derivative():
    x = np.linspace(0.1, 2, 5)
    want = np.exp(-x) * (np.cos(x) - np.sin(x))
    np.testing.assert_allclose(derivative(fs.elementwise)(x), want, rtol=1e-13)
    assert derivative(lambda t: np.array([t, t * t]))(3.0).tolist() == [1.0, 6.0]
    with pytest.raises(NotScalar, match="elementwise"):
        derivative(lambda x: np.cumsum(x))(x)


def jacobian_by_hand(x):
    return np.array([[x[1], x[0]], [0.0, 2 * x[1]], [np.cos(x[0]), 0.0]])


@pytest.mark.parametrize("operator", [jacobian, jacfwd, jacrev])
def test_jacobian(operator):
    x = np.array([0.7, 1.3])
    J = operator(fs.pair)(x)
    np.testing.assert_allclose(J, jacobian_by_hand(x), rtol=1e-14)
    A, b = np.arange(6.0).reshape(2, 3), np.ones(3)
    dA, db = operator(fs.matrix, (0, 1))(A, b)
    assert dA.shape == (2, 2, 3) and db.shape == (2, 3)
    np.testing.assert_allclose(db, A)
    np.testing.assert_allclose(dA, np.einsum("ij,k->ijk", np.eye(2), b))
    assert operator(fs.total)(x).tolist() == (2 * x).tolist()
    assert operator(lambda t: t * t)(3.0) == 6.0
    assert operator(lambda t: np.array([t, t * t]))(3.0).tolist() == [1.0, 6.0]
    grow = operator(lambda x: np.zeros((0,)) * np.sum(x))(x)
    assert grow.shape == (0, 2)


def test_jacobian_of_containers():
    def f(p):
        return {"a": p["x"] * p["y"], "b": np.sum(p["x"])}

    x = np.arange(3.0)
    J = jacobian(f)({"x": x, "y": 2.0})
    np.testing.assert_allclose(J["a"]["x"], 2 * np.eye(3))
    np.testing.assert_allclose(J["a"]["y"], x)
    np.testing.assert_allclose(J["b"]["x"], np.ones(3))
    assert J["b"]["y"] == 0.0


def test_the_mode_follows_the_sizes():
    f = lambda A, x: A @ x
    wide, tall = jacobian(f, 1), jacobian(f, 1)
    assert "fwd" not in tall.__doc__
    np.testing.assert_allclose(tall(np.ones((5, 2)), np.ones(2)), np.ones((5, 2)))
    columns = tall.source
    np.testing.assert_allclose(wide(np.ones((2, 5)), np.ones(5)), np.ones((2, 5)))
    rows = wide.source
    assert "_dot[" in columns and "_bar[" in rows


def test_hessian():
    x = np.array([0.5, 1.5, 2.0])
    np.testing.assert_allclose(hessian(fs.cubic)(x), np.diag(6 * x), rtol=1e-14)
    H = hessian(fs.textbook, (0, 1))(2.0, 5.0)
    want = ((-0.25, 1.0), (1.0, math.sin(5.0)))
    np.testing.assert_allclose(H, want, rtol=1e-14)
    T = hessian(fs.pair)(x[:2])
    assert T.shape == (3, 2, 2) and T[0].tolist() == [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize("optimize", [0, 1, 2])
def test_hessian_of_a_function_with_defaults(optimize):
    """What it calls takes its seeds by place, wherever the user's arguments end."""

    def f(x, y, scale=2.0, *more, power=2):
        return scale * x**power * y

    H = hessian(f, (0, 1), optimize=optimize)(0.5, 3.0)
    np.testing.assert_allclose(H, ((12.0, 2.0), (2.0, 0.0)), rtol=1e-14)


def test_effects_happen_once(capsys):
    value_and_grad(fs.noisy)(2.0)
    assert capsys.readouterr().out == "called\n"
    y, pullback = s2sad.vjp(fs.noisy, 2.0)
    pullback(1.0), pullback(2.0)
    assert capsys.readouterr().out == "called\n"
    f = lambda x: fs.noisy(x)
    for operator in (jacfwd, jacrev):
        operator(f)(np.arange(3.0))
        assert capsys.readouterr().out == "called\n"


# ---- orders --------------------------------------------------------------------------


def test_orders():
    f = lambda x: np.sin(x) * x**3
    d1, d2, d3 = grad(f), grad(grad(f)), grad(grad(grad(f)))
    x = 0.8
    assert math.isclose(
        d2(x), complex_step(lambda z: 3 * z**2 * np.sin(z) + z**3 * np.cos(z), x)
    )
    for a in (grad, derivative, jacfwd, jacrev):
        for b in (grad, derivative, jacfwd, jacrev):
            assert math.isclose(a(b(f))(x), d2(x), rel_tol=1e-13)
            for c in (grad, derivative, jacobian):
                assert math.isclose(a(b(c(f)))(x), d3(x), rel_tol=1e-12)
    assert math.isclose(d1(x), complex_step(f, x))


def test_jacobians_are_differentiated_again():
    x = np.array([0.5, 1.5])
    want = np.zeros((2, 2, 2))
    want[0, 0, 0] = want[1, 1, 1] = 6.0
    for a in (jacfwd, jacrev):
        for b in (jacfwd, jacrev):
            np.testing.assert_allclose(a(b(grad(fs.cubic)))(x), want)
        np.testing.assert_allclose(a(hessian(fs.cubic))(x), want)
    trace = grad(lambda x: np.trace(hessian(fs.cubic)(x)))
    np.testing.assert_allclose(trace(x), [6.0, 6.0])


# ---- tangent, adjoint ------------------------------------------------------------------


def test_tangent_and_adjoint():
    y, y_dot = tangent(fs.textbook, (0, 1))(2.0, 5.0, 1.0, 0.0)
    assert (y, y_dot) == (fs.textbook(2.0, 5.0), 5.5)
    y, bars = adjoint(fs.textbook, (0, 1))(2.0, 5.0)
    assert bars == (5.5, 2.0 - math.cos(5.0))
    y, bar = adjoint(fs.textbook)(2.0, 5.0, 2.0)
    assert bar == 11.0
    y, dot = tangent(fs.product)(2.0, x_dot=1.0)
    assert (y, dot) == (6.0, 3.0)
    y, bar = adjoint(fs.product)(2.0, y_bar=2.0)
    assert bar == 6.0
    A, b = np.ones((2, 3)), np.ones(3)
    y, (A_bar, b_bar) = adjoint(fs.matrix, (0, 1))(A, b, np.array([1.0, 2.0]))
    np.testing.assert_allclose(b_bar, [3.0] * 3)
    with pytest.raises(TypeError, match="shape"):
        adjoint(fs.matrix)(A, b)
    with pytest.raises(TypeError, match="shape"):
        tangent(fs.matrix, 1)(A, b, np.ones(2))
    back = adjoint(tangent(fs.textbook))
    assert len(back(2.0, 5.0, 1.0, (1.0, 0.0))) == 2


# ---- refusals ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "f, args, error, words",
    [
        (fs.pair, (np.ones(2),), NotScalar, "jacobian"),
        (lambda x: None, (1.0,), NotScalar, "None"),
        (lambda x: (x, x), (1.0,), NotScalar, "has_aux"),
        (lambda x: 3, (1.0,), NotScalar, "float"),
        (fs.total, (np.arange(3),), Unsupported, "astype"),
        (lambda s: 1.0, ("a",), Unsupported, "wrt"),
        (lambda z: z, (1j,), Unsupported, "complex"),
        (fs.model, ({"w": np.arange(3), "b": 1.0}, np.ones(3)), Unsupported, "astype"),
    ],
)
def test_refusals(f, args, error, words):
    with pytest.raises(error, match=words) as caught:
        grad(f)(*args)
    assert isinstance(caught.value, S2sadError) and caught.value.code


def test_source_given_by_hand():
    text = "lambda x: x * x"
    f = eval(text)
    with pytest.raises(Unsupported, match="source"):
        grad(f)(3.0)
    assert grad(f, source=text)(3.0) == 6.0


@pytest.mark.parametrize("operator", [grad, jacobian, tangent, adjoint])
def test_options_that_do_not_exist(operator):
    with pytest.raises(TypeError, match="optimi"):
        operator(fs.textbook, optimise=2)
    with pytest.raises(TypeError):
        operator(fs.textbook, optimize=7)


def test_differentiable():
    f = differentiable(fs.textbook)
    assert f(2.0, 5.0) == fs.textbook(2.0, 5.0) and f.__name__ == "textbook"
    assert f.grad(2.0, 5.0) == 5.5
    assert f.value_and_grad(2.0, 5.0)[1] == 5.5
    assert f.hessian(2.0, 5.0) == -0.25
    assert f.jvp((2.0, 5.0), (1.0, 0.0))[1] == 5.5
    assert f.vjp(2.0, 5.0)[1](1.0)[0] == 5.5
    assert grad(f)(2.0, 5.0) == 5.5
    assert "def textbook" in f.source


def test_recursion():
    x = np.array([0.3, 0.8])
    f = lambda x: np.sum(fs.recursive(x, 3) ** 2)
    np.testing.assert_allclose(grad(f)(x), jacfwd(f)(x), rtol=1e-13)
    np.testing.assert_allclose(hessian(f)(x), hessian(f)(x).T, rtol=1e-13)
