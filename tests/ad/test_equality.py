"""Tests for equality of the user's are warned of; those that a rule makes are not."""

import warnings

import numpy as np
import pytest

from s2sad import grad, jvp
from s2sad.errors import S2sadWarning

X = np.array([0.7, 0.3])


def largest(x):
    return np.sum(np.cumsum(x) * np.max(x))


def test_rules_compare_without_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = grad(lambda x: np.sum(grad(largest)(x) * x))(X)
        np.testing.assert_allclose(found, [6.2, 1.4])
        found = grad(lambda x: jvp(largest, (x,), (X,))[1])(X)
        np.testing.assert_allclose(found, [3.1, 0.7])


def test_the_users_own_are_warned_of():
    def sinc(x):
        if x == 0.0:
            return 1.0
        return np.sin(x) / x

    with pytest.warns(S2sadWarning, match="S2S200"):
        grad(sinc)(1.0)
