"""`np.maximum.accumulate` and `np.minimum.accumulate`: the largest and smallest so far."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import check_grads, grad

DRAW = np.random.default_rng(5)


def drawdown(w, R):
    wealth = np.cumprod(1 + R @ w)
    return np.sum((1 - wealth / np.maximum.accumulate(wealth)) ** 2)


def along_rows(x):
    low = np.minimum.accumulate(x, axis=1)
    return np.sum(low**3) + np.sum(np.maximum.accumulate(x) ** 2 * low)


def worst(x):
    return np.max(np.maximum.accumulate(x) - x)


@pytest.mark.parametrize(
    "f, args",
    [
        (drawdown, (DRAW.normal(size=3), 0.1 * DRAW.normal(size=(8, 3)))),
        (along_rows, (DRAW.normal(size=(4, 5)),)),
        (worst, (DRAW.normal(size=7),)),
        (worst, (np.array([0.3]),)),
    ],
)
def test_derivatives(f, args):
    check_grads(f, args, order=2)
    for level in (0, 2):
        np.testing.assert_allclose(grad(f, optimize=level)(*args), grad(f)(*args))


def test_ties_are_shared_as_by_maximum():
    x = np.array([1.0, 1.0, 0.5, 1.0])

    def one_by_one(x):
        top = x[0]
        for i in range(1, 4):
            top = np.maximum(top, x[i])
        return top

    found = grad(lambda x: np.maximum.accumulate(x)[3])(x)
    np.testing.assert_allclose(found, grad(one_by_one)(x))
    np.testing.assert_allclose(found, [0.25, 0.25, 0.0, 0.5])


def test_other_methods_are_still_refused():
    from s2sad import NoRule

    with pytest.raises(NoRule):
        grad(lambda x: np.sum(np.hypot.accumulate(x)))(np.array([1.0, 2.0]))
