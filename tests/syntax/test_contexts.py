"""`with`: what the managers do happens once, in order, and the numbers are right."""

import contextlib
import io
import os
import threading
import warnings

import numpy as np
import pytest

import s2sad
from s2sad import Unsupported, value_and_grad

LOCK = threading.Lock()
SAID = []


class Timer:
    def __enter__(self):
        SAID.append("start")
        return self

    def __exit__(self, *exc):
        SAID.append("stop")


class Forgiving(Timer):
    def __exit__(self, *exc):
        return True


@contextlib.contextmanager
def section(name):
    SAID.append(f"begin {name}")
    yield name.upper()
    SAID.append(f"end {name}")


@contextlib.contextmanager
def forgiving():
    try:
        yield
    except ValueError:
        pass


def locked(x):
    with LOCK:
        y = x * x
    return y * x


def timed(x):
    with Timer() as timer, section("a") as name:
        y = x**3
        print(name, timer is None)
    return y


def null(x):
    with contextlib.nullcontext(x * 2.0) as y:
        z = y * x
    with contextlib.nullcontext():
        return z * y


def no_warnings(x):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = np.sqrt(x)
    return y * y * y


def written(x):
    with open(os.devnull, "w") as log:
        y = x * x
        print("y is", y, file=log)
        log.write("done")
    return y


def said(x):
    with contextlib.redirect_stdout(io.StringIO()):
        print("never seen")
        y = np.sin(x)
    print("seen")
    return y


def returned(x):
    with np.errstate(all="ignore"):
        if x > 1.0:
            return np.exp(x) * x
        x = x * 3.0
    return x


def broken(x):
    total = 0.0
    for _ in range(9):
        with LOCK, np.errstate(over="ignore"):
            if x > 2.0:
                break
            x = x * 1.5
            total += x * x
    return total


@pytest.mark.parametrize(
    "f, x",
    [
        (locked, 2.0), (timed, 2.0), (null, 1.5), (no_warnings, 2.0), (written, 3.0),
        (said, 0.3), (returned, 2.0), (returned, 0.5), (broken, 1.0), (broken, 3.0),
    ],
)  # fmt: skip
def test_numbers_and_entries(f, x, capsys):
    def heard(run):
        SAID.clear()
        got = run()
        return got, [*SAID], capsys.readouterr().out

    y, events, printed = heard(lambda: f(x))
    slope = (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
    capsys.readouterr()
    for run in (
        lambda: value_and_grad(f)(x),
        lambda: s2sad.jvp(f, (x,), (1.0,)),
    ):
        (value, got), ours, out = heard(run)
        assert value == y and got == pytest.approx(slope, rel=1e-6, abs=1e-9)
        assert ours == events and out == printed
    assert not LOCK.locked()


def test_second_order_inside_a_block():
    def f(x):
        with np.errstate(all="ignore"):
            y = np.sum(np.exp(x) * x)
        return y * y

    x = np.array([0.3, 0.5])
    h = s2sad.hessian(f)(x)
    step = 1e-5
    for i in range(2):
        e = np.eye(2)[i] * step
        column = (s2sad.grad(f)(x + e) - s2sad.grad(f)(x - e)) / (2 * step)
        np.testing.assert_allclose(h[i], column, rtol=1e-6)


def test_errors_are_ignored_in_the_reverse_half():
    def f(x):
        with np.errstate(divide="ignore"):
            y = np.sqrt(x)
        return np.sum(y)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bar = s2sad.grad(f)(np.array([0.0, 4.0]))
    assert bar[0] == np.inf and bar[1] == 0.25


def test_errors_that_are_raised_leave_the_block():
    def f(x):
        with np.errstate(divide="raise"):
            y = np.log(x)
        return np.sum(y)

    with pytest.raises(FloatingPointError):
        value_and_grad(f)(np.array([0.0, 1.0]))
    assert np.geterr()["divide"] == "warn"


def swallows(x):
    with forgiving():
        y = x * x
    return y


def swallows_too(x):
    with Forgiving():
        y = x * x
    return y


def suppressed(x):
    with contextlib.suppress(ValueError):
        x = x * x
    return x


def unknown(x, manager):
    with manager():
        y = x * x
    return y


@pytest.mark.parametrize("f", [swallows, swallows_too])
def test_what_may_swallow_an_exception_is_refused(f):
    with pytest.raises(Unsupported, match="S2S034"):
        s2sad.grad(f)(2.0)
