"""What a `where` does not choose leaks into no derivative, of any order."""

import numpy as np
import pytest

from s2sad import grad, hessian


def logs(x):
    return np.sum(np.where(x > 0.5, x * np.log(x), x) ** 2)


def roots(x):
    return np.sum(np.where(x > 0.5, np.sqrt(x) * (x - 1.0) / x, x * x) ** 2)


def quotients(x):
    return np.sum(np.where(x != 0.0, (x - 2.0) / x, 0.0) ** 2)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("f", [logs, roots, quotients])
def test_second_order_where_the_residual_is_zero(f):
    x = np.array([1.0, 2.0, 0.0, 0.7])  # adjoints are zero at 1 or 2, though chosen
    keep = [0, 1, 3]
    found = hessian(f)(x)
    assert np.all(np.isfinite(grad(f)(x))) and np.all(np.isfinite(found))
    for k in keep:
        step = np.zeros(4)
        step[k] = 1e-5
        expected = (grad(f)(x + step) - grad(f)(x - step)) / 2e-5
        np.testing.assert_allclose(found[k], expected, rtol=1e-6, atol=1e-7)
        twice = grad(lambda v, k=k: grad(f)(v)[k])(x)
        np.testing.assert_allclose(twice[keep], expected[keep], rtol=1e-6, atol=1e-7)
