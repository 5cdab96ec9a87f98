"""`stop_gradient(a)` is `a` itself: what is written into the one is in the other."""

import numpy as np
import pytest

from s2sad import Unsupported, grad, stop_gradient

X = np.array([0.5, 1.2, -0.3])


def result_written(x):
    a = 1.0 * x
    b = stop_gradient(a)
    b[0] = x[1]
    return np.sum(a * a)


def argument_written(x):
    a = 1.0 * x
    b = stop_gradient(a)
    a[0] = x[1]
    return np.sum(b * b) + np.sum(a)


def written_in_a_dict(x):
    d = {"a": 1.0 * x}
    e = stop_gradient(d)
    e["a"][0] = 2.0
    return np.sum(d["a"])


@pytest.mark.parametrize("f", [result_written, argument_written, written_in_a_dict])
def test_a_write_that_the_other_shows_is_refused(f):
    with pytest.raises(Unsupported, match="S2S013"):
        grad(f)(X)


def test_an_array_made_of_it_may_be_written():
    def f(x):
        a = 1.0 * x
        b = stop_gradient(a)
        a = a * b
        a[0] = 1.0
        return np.sum(a)

    assert grad(f)(X) == pytest.approx([0.0, 1.2, -0.3])
