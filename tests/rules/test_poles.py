"""An infinite slope behind a choice: what was not chosen takes no part."""

import warnings

import numpy as np
import pytest

from s2sad import grad, hessian, jvp, vjp

X = np.array([-1.0, 2.0, -3.0, 0.5])

BEHIND = {
    "sqrt of maximum": (lambda x: np.sqrt(np.maximum(x, 0.0)).sum(), 0.0),
    "sqrt of minimum": (lambda x: np.sqrt(-np.minimum(-x, 0.0)).sum(), 0.0),
    "sqrt of clip": (lambda x: np.sqrt(np.clip(x, 0.0, 10.0)).sum(), 0.0),
    "sqrt of fmax": (lambda x: np.sqrt(np.fmax(x, 0.0)).sum(), 0.0),
    "sqrt of where": (lambda x: np.sqrt(np.where(x > 0.0, x, 0.0)).sum(), 0.0),
    "power of maximum": (lambda x: (np.maximum(x, 0.0) ** 0.5).sum(), 0.0),
    "power of its negative": (
        lambda x: ((-np.where(x <= 0.0, 0.0, -x)) ** 0.5).sum(),
        0.0,
    ),
    "scaled": (lambda x: np.sqrt(np.maximum(x, 0.0) * 4.0).sum() / 2.0, 0.0),
}


@pytest.mark.parametrize("name", BEHIND)
def test_what_is_not_chosen_has_slope_zero(name):
    f, elsewhere = BEHIND[name]
    positive = X > 0
    root = np.sqrt(np.where(positive, X, 1.0))
    first = np.where(positive, 0.5 / root, elsewhere)
    second = np.diag(np.where(positive, -0.25 / root**3, 0.0))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        assert np.allclose(grad(f)(X), first)
        assert np.allclose(vjp(f, X)[1](1.0)[0], first)
        for direction in np.eye(4):
            assert np.allclose(jvp(f, (X,), (direction,))[1], first @ direction)
        assert np.allclose(hessian(f)(X), second)
        assert np.allclose(jvp(grad(f), (X,), (X,))[1], second @ X)


def test_a_tie_is_half_an_infinity():
    with np.errstate(divide="ignore"):
        slope = grad(lambda x: np.sqrt(np.maximum(x, 0.0)).sum())(np.zeros(1))
    assert slope[0] == np.inf
