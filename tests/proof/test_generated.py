"""`check`, `check_grads` and `trace` on what s2sad generates itself."""

import functools
import math

import numpy as np
import pytest

import s2sad
from s2sad import check, check_grads, trace
from s2sad.proof import check_grads as second_order

OPERATORS = {
    name: getattr(s2sad, name) for name in ("jvp", "vjp", "tangent", "adjoint")
}


def textbook(x1, x2):
    return math.log(x1) + x1 * x2 - math.sin(x2)


def loop(x, n):
    y = x
    for i in range(n):
        y = math.sin(y) * x + i / 3
    return y


def power(x, n):
    while n > 1:
        x = x * x
        n = n - 1
    return x


def branches(x, y):
    if x > y:
        return x * y
    return x / y - 0.1


def writes(x):
    a = np.zeros(3)
    a[0] = x[0] * x[1]
    a[1] += np.sin(x[1])
    a[2] = a[0] * a[1]
    return np.sum(a**2)


def several(x, y):
    return x * y, {"s": np.exp(x)}


def linear(A, b):
    return np.linalg.solve(A, b)


def holds(params, x):
    return params["w"] * x + params["b"]


CASES = {
    "textbook": (textbook, (2.0, 5.0)),
    "loop": (loop, (0.7, 3)),
    "power": (power, (1.1, 3)),
    "branches": (branches, (2.0, 1.0)),
    "other branch": (branches, (1.0, 2.0)),
    "writes": (writes, (np.array([0.5, 1.5]),)),
    "several": (several, (0.5, 1.5)),
    "solve": (linear, (np.array([[2.0, 0.5], [0.25, 1.5]]), np.array([1.0, 2.0]))),
    "containers": (holds, ({"w": 2.0, "b": 1.0}, 0.5)),
    "mean": (lambda x: np.mean((x - np.mean(x)) ** 2), (np.array([1.0, 2.0, 4.0]),)),
    "norm": (lambda x: np.linalg.norm(x), (np.array([1.0, 2.0]),)),
    "tanh": (lambda x: np.tanh(x) / (1 + np.exp(-x)), (0.5,)),
    "det": (np.linalg.det, (np.array([[2.0, 0.5], [0.25, 1.5]]),)),
    "gamma": (lambda x: math.gamma(x) + math.lgamma(x), (2.5,)),
    "ufunc": (np.tanh, (np.array([0.5, 1.5]),)),
    "ufunc of two": (np.arctan2, (1.0, 2.0)),
    "derived": (s2sad.grad(lambda x: x**3 * math.sin(x)), (0.5,)),
    "broadcast": (lambda a, c: a * c, (np.array([1.0, 2.0]), np.ones((2, 2)))),
}


@pytest.mark.parametrize("name", CASES)
def test_proved(name):
    f, args = CASES[name]
    report = check(f, *args)
    assert report.verdict == "PROVED", str(report)


NUMBERS_ONLY = [n for n in CASES if n not in ("loop", "power", "several", "containers")]


@pytest.mark.parametrize("name", NUMBERS_ONLY)
def test_check_grads(name):
    f, args = CASES[name]
    check_grads(f, args)
    second_order(f, args, order=2, **OPERATORS)


def test_check_grads_finds_a_wrong_rule(monkeypatch):
    def wrong(f, xs, tangents, **options):
        y, y_dot = s2sad.jvp(f, xs, tangents, **options)
        return y, y_dot * 1.001

    with pytest.raises(AssertionError, match="fwd of textbook"):
        second_order(textbook, (2.0, 5.0), 1, jvp=wrong, vjp=s2sad.vjp)


def test_the_trace_of_the_textbook():
    rows = trace(textbook, 2.0, 5.0, seed=(1, 0)).rows
    assert [round(row.value, 3) for row in rows] == [
        2,
        5,
        0.693,
        10,
        10.693,
        -0.959,
        11.652,
    ]
    assert [round(row.tangent, 3) for row in rows] == [1, 0, 0.5, 5, 5.5, 0, 5.5]
    assert [round(row.adjoint, 3) for row in rows] == [5.5, 1.716, 1, 1, 1, -1, 1]


def test_the_trace_of_steps():
    def steps(a):
        b = a * 3
        c = a + 2
        d = b + 4
        e = c * d
        return e

    rows = {row.variable: row for row in trace(steps, 2.0).rows}
    assert {name: row.adjoint for name, row in rows.items()} == {
        "a": 22.0, "b": 4.0, "c": 10.0, "d": 4.0, "e": 1.0,
    }  # fmt: skip
    assert rows["e"].value == 40.0 and rows["e"].tangent == 22.0


@pytest.mark.parametrize("name", ["writes", "solve", "mean", "norm", "broadcast"])
def test_traces_agree_with_the_generated_code(name):
    f, args = CASES[name]
    rows = trace(f, *args).rows
    y, pullback = s2sad.vjp(f, *args)
    bars = pullback(np.ones_like(y) if np.ndim(y) else 1.0)
    for row, bar in zip(rows, bars):
        np.testing.assert_allclose(row.adjoint, bar)


class Model:
    def __init__(self, w):
        self.w = w

    def loss(self, x):
        return (self.w * x - 1.0) ** 2


def test_objects():
    """As arguments, and as what a method is bound to."""
    report = check(Model.loss, Model(2.0), 3.0)
    assert report.verdict == "PROVED", str(report)
    assert [row.input for row in report.rows] == ["self.w", "x"]
    rows = trace(Model.loss, Model(2.0), 3.0).rows
    assert rows[0].adjoint.w == 30.0 and rows[1].adjoint == 20.0
    assert check(Model(2.0).loss, 3.0).verdict == "PROVED"
    assert trace(Model(2.0).loss, 3.0).rows[-1].tangent == 20.0


def test_what_is_called_like_a_function():
    class Scale:
        def __init__(self, k):
            self.k = k

        def __call__(self, x):
            return self.k * x**2

    report = check(Scale(2.0), 3.0)
    assert report.verdict == "PROVED" and [row.input for row in report.rows] == ["x"]
    report = check(functools.partial(branches, y=0.5), 3.0, wrt="x")
    assert report.verdict == "PROVED" and [row.input for row in report.rows] == ["x"]
