"""Derived functions as objects: what looking at one shows, and that it costs nothing."""

from __future__ import annotations

import copy
import inspect
import pickle
import threading

import numpy as np
import pytest

from s2sad import adjoint, grad, tangent, value_and_grad
from s2sad.api import derived as derived_module
from s2sad.api.derived import Derived
from tests.api import functions as fs


@grad
def decorated(x):
    """Square of x."""
    return x * x


@pytest.fixture
def no_deriving(monkeypatch):
    def refuse(*args):
        raise AssertionError("looking derived something")

    monkeypatch.setattr(derived_module, "derive", refuse)


def test_looking_derives_nothing(no_deriving):
    f = grad(fs.product)
    assert inspect.signature(f) == inspect.signature(fs.product)
    assert f.__name__ == "product" and f.__module__ == fs.product.__module__
    assert "radient of `product`" in f.__doc__
    assert "product" in repr(f) and "gradient" in repr(f)
    assert not hasattr(f, "__wrapped__") and not hasattr(f, "no_such_thing")
    assert inspect.unwrap(f) is f and callable(f)
    assert f.primal is fs.product
    assert "Square of x." in decorated.__doc__
    assert (
        str(inspect.signature(tangent(fs.textbook, (0, 1))))
        == "(x1, x2, x1_dot, x2_dot)"
    )
    assert str(inspect.signature(adjoint(fs.textbook))) == "(x1, x2, y_bar=1.0)"
    assert str(inspect.signature(tangent(fs.product))) == "(x, y=3.0, *, z=1.0, x_dot)"


def test_source_after_a_call():
    f = grad(fs.textbook)
    f(2.0, 5.0)
    assert f.source.startswith("def textbook_grad(x1, x2):")
    assert inspect.getsource(f) == f.source
    assert f.__wrapped__(2.0, 5.0) == 5.5
    assert f.specialized(2.0, 5.0)(2.0, 5.0) == 5.5
    assert "1 specialisation" in repr(f)


def test_source_without_a_call():
    assert "def textbook_grad" in grad(fs.textbook).source


def test_prepare_derives_without_running(capsys):
    f = grad(fs.noisy)
    assert f.prepare(2.0) is f and capsys.readouterr().out == ""
    assert "def noisy_grad" in f.source
    f.show()
    assert capsys.readouterr().out == f.source


def test_emit(tmp_path):
    f = grad(fs.textbook)
    path = tmp_path / "slope.py"
    f.emit(path, 2.0, 5.0)
    scope = {}
    exec(path.read_text(), scope)
    assert scope["textbook_grad"](2.0, 5.0) == 5.5


def test_each_kind_is_derived_once(monkeypatch):
    calls = []
    real = derived_module.derive

    def counting(*args):
        calls.append(args)
        return real(*args)

    monkeypatch.setattr(derived_module, "derive", counting)

    def f(x):
        return np.sum(x * x)

    slope = grad(f)
    for _ in range(3):
        slope(2.0), slope(np.ones(3)), slope(np.ones(5))
    assert len(calls) == 2
    for i in range(5):
        grad(lambda w: i * w * w)(1.0)
    assert len(calls) == 3


@pytest.mark.parametrize("make", [grad, value_and_grad, lambda f: grad(grad(f))])
def test_pickling_by_parts(make):
    f = make(fs.scaled)
    assert pickle.loads(pickle.dumps(f))(3.0) == f(3.0)


def test_pickling_by_name():
    again = pickle.loads(pickle.dumps(decorated))
    assert again is decorated and again(3.0) == 6.0


def test_pickling_by_source():
    a = 3.0

    def local(x, k=2.0):
        return a * k * np.sin(x)

    for f in (grad(local), grad(lambda x: a * x * x)):
        again = pickle.loads(pickle.dumps(f))
        assert again(0.5) == f(0.5)
        assert again.__name__ == f.__name__


def test_pickled_methods():
    f = grad(fs.Spring(3.0).energy)
    assert pickle.loads(pickle.dumps(f))(2.0) == 6.0


def test_copies():
    assert copy.copy(decorated) is decorated and copy.deepcopy(decorated) is decorated


def test_threads():
    f = grad(lambda x, y: x * y * np.sin(x))
    want = grad(lambda x, y: x * y * np.sin(x))(0.5, 2.0)
    results = []

    def work():
        results.append((f(0.5, 2.0), f(np.float64(0.5), 2.0)))

    threads = [threading.Thread(target=work) for _ in range(8)]
    [t.start() for t in threads], [t.join() for t in threads]
    assert all(r == (want, want) for r in results) and len(results) == 8


def test_a_function_whose_code_is_replaced():
    def f(x):
        return x * x

    def g(x):
        return x * x * x

    slope = grad(f)
    assert slope(3.0) == 6.0
    f.__code__ = g.__code__
    assert slope(3.0) == 27.0


def test_typing_is_generic():
    assert Derived[..., float] is not None
