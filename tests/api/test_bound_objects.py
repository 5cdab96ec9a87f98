"""The object of a bound method: what is written into it is kept, once, in order."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from s2sad import (
    Unsupported,
    adjoint,
    grad,
    hessian,
    jvp,
    tangent,
    value_and_grad,
    vjp,
)
from s2sad.errors import S2sadError, S2sadWarning

X = np.array([0.7, -1.2, 1.9])


class Model:
    def __init__(self):
        self.w = np.array([1.0, 2.0, 3.0])
        self.calls = self.hits = 0
        self.last, self.log, self.table = None, [], {"n": 0}
        self.total = np.zeros(3)
        self.inner = SimpleNamespace(count=0)

    def counts(self, x):
        self.calls += 1
        self.hits = self.hits - 2
        return (x**3 * self.w).sum()

    def keeps(self, x):
        y = x * x
        self.last = x
        self.log.append(y)
        self.log.append(y[0])
        self.table["n"] += 1
        self.table["x"] = x[0]
        return (y * x * self.w).sum()

    def accumulates(self, x):
        self.total += x
        self.total /= 2.0
        return (x**3 * self.w).sum()

    def in_a_loop(self, x):
        total = 0.0
        for i in range(len(x)):
            self.calls += 1
            self.log.append(x[i])
            if x[i] > 1.5:
                break
            total += x[i] ** 3
        self.last = total
        return total

    def either(self, x):
        if x[0] > 0.0:
            self.hits += 1
        else:
            self.calls += 1
        return (x**3 * self.w).sum()

    def helper(self, x):
        self.hits += 1
        return (x**3 * self.w).sum()

    def by_helpers(self, x):
        self.calls += 1
        return self.helper(x) + note(self, x) * 2.0

    def deeper(self, x):
        self.inner.count += 1
        self.inner.last = x
        return (x**3 * self.w).sum()

    def tries(self, x):
        try:
            self.calls += 1
            if x[1] < 0.0:
                raise ValueError
        except ValueError:
            self.hits += 1
        return (x**3 * self.w).sum()

    def __call__(self, x):
        self.calls += 1
        return (x**3 * self.w).sum()


def note(model, x):
    model.last = x
    return (x**3 * model.w).sum()


METHODS = [name for name in vars(Model) if name not in ("__init__", "helper")]
METHODS = [name for name in METHODS if callable(getattr(Model, name))]
RUNS = {
    "grad": lambda f: grad(f)(X),
    "value_and_grad": lambda f: value_and_grad(f)(X)[1],
    "adjoint": lambda f: adjoint(f)(X)[1],
    "vjp": lambda f: vjp(f, X)[1](1.0)[0],
    "jvp": lambda f: jvp(f, (X,), (X,))[1],
    "hessian": lambda f: hessian(f)(X),
    "tangent of grad": lambda f: tangent(grad(f))(X, np.ones(3))[1],
}
CALLED = {"grad of a call": lambda f: grad(lambda x: f(x))(X)}


def written(model):
    return repr(vars(model))


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("run", [*RUNS, *CALLED])
def test_kept_once_and_in_order(run, name):
    plain, model = Model(), Model()
    getattr(plain, name)(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = {**RUNS, **CALLED}[run](getattr(model, name))
    assert written(model) == written(plain)
    first = 3 * X**2 * (np.ones(3) if name == "in_a_loop" else plain.w)
    first = first * (3 if name == "by_helpers" else 1)
    if name == "in_a_loop":
        first[2] = 0.0
    second = 2 * first / X
    expected = {
        "jvp": first @ X,
        "hessian": np.diag(second),
        "tangent of grad": second,
    }
    assert np.allclose(got, expected.get(run, first))


# ---- read back -----------------------------------------------------------------------


class Stateful:
    def __init__(self):
        self.w, self.state, self.n = np.array([1.0, 2.0, 3.0]), np.ones(3), 0

    def new_field(self, x):
        self.last = x * x
        return (self.last * self.w).sum()

    def state_of(self, x):
        self.state = self.state * 0.5 + x * x
        self.n += 1
        return (self.state * self.w).sum()

    def written_through(self, x):
        self.state[1] = x[0]
        self.state += x * x
        return (self.state * self.w).sum()

    def given_back(self, x):
        self.last = (x * x * self.w).sum()
        return self.last


READ_BACK = [name for name in vars(Stateful) if name[0] != "_"]


class Changed(Stateful):
    def after(self, x):
        y = x * 2.0
        self.last = y
        y += 1.0  # `self.last` is the same array
        return (self.last * self.w).sum()

    def through(self, x):
        y = x * 2.0
        self.last = y
        self.last[0] = 7.0
        return (y * self.w).sum()


@pytest.mark.parametrize("name", ["after", "through"])
def test_what_an_object_was_given_is_not_written_unseen(name):
    with pytest.raises(S2sadError):
        grad(getattr(Changed(), name))(np.array([0.1, 0.2, 0.3]))


@pytest.mark.parametrize("name", READ_BACK)
@pytest.mark.parametrize("run", RUNS)
def test_what_is_read_back_goes_to_a_copy_and_a_warning_says_so(run, name):
    plain, model = Stateful(), Stateful()
    before = written(model)
    with pytest.warns(S2sadWarning, match="`self` is written"):
        got = RUNS[run](getattr(model, name))
    assert written(model) == before

    def value(x):
        return getattr(Stateful(), name)(x)

    def slope(x, h=1e-4):
        steps = np.eye(3) * h
        return np.array([(value(x + e) - value(x - e)) / (2 * h) for e in steps])

    curve = np.array([(slope(X + e) - slope(X - e)) / 2e-4 for e in np.eye(3) * 1e-4])
    expected = {
        "jvp": slope(X) @ X,
        "hessian": curve,
        "tangent of grad": curve.sum(0),
    }
    assert np.allclose(got, expected.get(run, slope(X)), atol=1e-5)
    del plain


# ---- two ways to one object ----------------------------------------------------------


class Watched:
    def __init__(self):
        self.last = 3.0

    def beside_a_global(self, x):
        self.last = x * x
        return WATCHED.last * x

    def beside_a_helper(self, x):
        self.last = x * x
        return last_of_all() * x

    def beside_an_argument(self, other, x):
        self.last = x * x
        return other.last * x


def last_of_all():
    return WATCHED.last


WATCHED = Watched()


@pytest.mark.parametrize("name", ["beside_a_global", "beside_a_helper"])
def test_an_object_that_is_reached_another_way_is_refused(name):
    derivative = grad(getattr(Watched, name), wrt="x")
    for each in (getattr(Watched(), name), getattr(Watched(), name)):
        assert grad(each)(2.0) == WATCHED.last
    with pytest.raises(Unsupported, match="shares memory with `WATCHED`"):
        grad(getattr(WATCHED, name))(2.0)
    assert derivative(Watched(), 2.0) == WATCHED.last
    with pytest.raises(Unsupported, match="shares memory with `WATCHED`"):
        derivative(WATCHED, 2.0)
    assert WATCHED.last == 3.0


def test_an_object_that_is_passed_too_is_refused():
    one = Watched()
    derivative = grad(one.beside_an_argument, wrt="x")
    assert derivative(Watched(), 2.0) == 3.0
    with pytest.raises(Unsupported, match="shares memory with `other`"):
        derivative(one, 2.0)


def writes_a_key(d, e, x):
    d["k"] = x * x
    return e["k"] * x


def appends(a, b, x):
    a.append(x * x)
    return b[-1] * x


@pytest.mark.parametrize("f, made", [(writes_a_key, {"k": 1.0}), (appends, [1.0])])
def test_one_container_as_two_arguments_is_refused(f, made):
    derivative = grad(f, wrt="x")
    assert derivative(made.copy(), made, 2.0) == 1.0
    with pytest.raises(Unsupported) as caught:
        derivative(made, made, 2.0)
    assert caught.value.code == "S2S015"


def test_an_array_that_the_object_holds_may_be_passed_where_it_is_not_written():
    model = Model()
    model.keeps(X)
    assert model.last is X
    model.keeps(X)
    assert np.allclose(grad(model.keeps)(X), 3 * X**2 * model.w)
