"""Functions that draw are checked with the same numbers behind every call."""

import random

import numpy as np
import pytest

import s2sad

RNG = np.random.default_rng(3)


def legacy(x):
    return np.sum(x * x * np.random.randn(3))


def python(x):
    return x**2 * random.random()


def passed(x, rng):
    return x**2 * rng.normal() + rng.normal(x, x)


def captured(x):
    return x**3 * helper(x)


def helper(x):
    return x * RNG.normal()


class Model:
    def __init__(self):
        self.state = {"rng": np.random.default_rng(1)}

    def __call__(self, x):
        return np.sin(x) * self.state["rng"].exponential(x)


@pytest.mark.parametrize(
    "f, args",
    [
        (legacy, (np.array([1.0, 2.0, -0.5]),)),
        (python, (1.5,)),
        (passed, (0.8, np.random.default_rng(0))),
        (captured, (1.2,)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_draws_agrees(f, args):
    report = s2sad.check(f, *args, seconds=4.0)
    assert report, report


def test_an_object_that_holds_a_generator():
    rng = np.random.default_rng(1)
    z = rng.exponential(0.8) / 0.8
    model = Model()
    assert s2sad.grad(model)(0.8) == pytest.approx(
        z * (np.sin(0.8) + 0.8 * np.cos(0.8))
    )


def test_check_grads_of_what_draws():
    s2sad.check_grads(captured, (1.2,), order=2)
    s2sad.check_grads(python, (1.2,))
