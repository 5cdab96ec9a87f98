"""Calls without a rule: kept where no derivative goes through them, else refused."""

import logging
import math
import random
import statistics

import numpy as np
import pytest

import s2sad
from s2sad import grad, jvp, vjp

log = logging.getLogger("s2sad.tests")


def shuffled(x):
    y = x * x
    np.random.shuffle(y)
    return y[0]


def list_shuffled(x):
    rows = [x[0], x[1]]
    random.shuffle(rows)
    return rows[0]


@pytest.mark.parametrize("f", [shuffled, list_shuffled])
def test_library_functions_that_write_are_refused(f):
    for operator in (grad, s2sad.tangent, s2sad.jacobian):
        with pytest.raises(s2sad.Unsupported):
            operator(f)(
                *[np.array([1.0, 2.0, 3.0])] * (1 + (operator is s2sad.tangent))
            )


def logged(x):
    log.info("%s", x)
    logging.debug("%f", float(np.sum(x)))
    print(x, end="")
    return np.sum(x * x)


def looked_at(x):
    spread = statistics.fmean([1.0, float(x[0])])
    return np.sum(x) if spread > 0 else -np.sum(x)


def passed_on(x):
    return statistics.fmean([float(x[0]), 1.0]) * x[1]


def test_unused_results_stay_allowed(capsys):
    x = np.array([1.0, 2.0])
    assert grad(logged)(x).tolist() == [2.0, 4.0]
    assert jvp(logged, (x,), (x,))[1] == 10.0
    assert vjp(logged, x)[1](1.0)[0].tolist() == [2.0, 4.0]
    assert grad(looked_at)(x).tolist() == [1.0, 1.0]


def test_used_results_are_refused():
    x = np.array([1.0, 2.0])
    with pytest.raises(s2sad.NoRule):
        jvp(passed_on, (x,), (x,))
    with pytest.raises(s2sad.NoRule):
        grad(passed_on)(x)
    with pytest.raises(s2sad.NoRule):
        vjp(passed_on, x)


def with_aux(x):
    return np.sum(x * x), statistics.fmean([float(x[0]), 3.0])


def test_aux_may_come_from_anywhere():
    bars, aux = grad(with_aux, has_aux=True)(np.array([1.0, 2.0]))
    assert bars.tolist() == [2.0, 4.0] and aux == 2.0


def scattered(x):
    y = np.zeros((3, 3))
    np.add.at(y, (slice(None), 1), x * x)
    np.add.at(y, ([0, 1, 1], [1, 2, 2]), x * x)
    np.add.at(y[0], 1, x[1] ** 3)
    np.add.at(y, np.s_[1:, 0], x[1:])
    return np.sum(y * y)


def test_add_at_is_followed():
    x = np.array([0.5, -1.0, 2.0])
    found = grad(scattered)(x)
    for k, step in enumerate(np.eye(3) * 1e-6):
        expected = (scattered(x + step) - scattered(x - step)) / 2e-6
        assert math.isclose(found[k], expected, rel_tol=1e-6)


def guarded(x):
    assert x > 0, "positive"
    return x * x


def test_statements_without_results():
    assert grad(guarded)(3.0) == 6.0


HELD = {"w": np.array([1.0, 2.0, 3.0])}
held = HELD.get


def weighted(x):
    w = held("w")
    return float(np.sum(w * x * x))


@pytest.mark.parametrize("scale", [0.0, 5.0])
def test_what_an_unknown_call_gives_may_be_overwritten_between_the_halves(scale):
    x = np.array([0.5, 0.6, 0.7])
    before = HELD["w"].copy()
    try:
        y, back = vjp(weighted, x)
        HELD["w"] *= scale
        (found,) = back(1.0)
    finally:
        HELD["w"][:] = before
    np.testing.assert_allclose(y, np.sum(before * x * x))
    np.testing.assert_allclose(found, 2 * before * x)
    np.testing.assert_allclose(s2sad.adjoint(weighted)(x, 1.0)[1], 2 * before * x)
    np.testing.assert_array_equal(HELD["w"], [1.0, 2.0, 3.0])
