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


@pytest.mark.parametrize("power", [1.5, 1.7, 2.5])
def test_an_element_read_as_a_float_of_pythons_divides_by_zero(power):
    """The state starts at 0, where the second derivative of its power is infinite."""

    def reservoir(inflow):
        s = np.zeros(len(inflow) + 1)
        for t in range(len(inflow)):
            s[t + 1] = s[t] + inflow[t] - 0.1 * s[t] ** power
        return np.sum(s**2)

    x, d = np.array([1.0, 2.0, 0.5, 0.3]), np.array([0.3, -1.0, 0.2, 0.7])
    with np.errstate(all="ignore"):
        found = jvp(grad(reservoir), (x,), (d,))[1]
        moved = [grad(reservoir)(x + h * d) for h in (1e-5, -1e-5)]
        np.testing.assert_allclose(found, (moved[0] - moved[1]) / 2e-5, rtol=1e-6)
        np.testing.assert_allclose(hessian(reservoir)(x) @ d, found)


@pytest.mark.parametrize("power", [0.5, 0.7])
def test_the_slope_of_a_root_is_infinite_at_zero(power):
    def f(x):
        total = 0.0
        for i in range(3):
            total += x[i] ** power
        return total

    with np.errstate(all="ignore"):
        found = grad(f)(np.array([0.0, 1.0, 4.0]))
    assert found[0] == np.inf and np.isfinite(found[1:]).all()


# ---- masks of rows, and one value for several places ---------------------------------

A = np.array([[0.0, 0.0], [1.0, 4.0], [0.0, 0.0]])
ROWS = np.array([False, True, False])


def read_by_rows(a):
    return np.sqrt(a)[ROWS].sum()


def overwritten_by_rows(a):
    y = np.sqrt(a)
    y[~ROWS] = 0.0
    return y.sum()


@pytest.mark.parametrize("f", [read_by_rows, overwritten_by_rows])
def test_what_a_mask_of_rows_leaves_out(f):
    expected = [[0.0, 0.0], [0.5, 0.25], [0.0, 0.0]]
    with np.errstate(all="ignore"):
        assert np.array_equal(grad(f)(A), expected)
        assert np.array_equal(jvp(grad(f), (A,), (A,))[1], -0.5 * np.array(expected))


def test_what_a_mask_of_rows_and_columns_leaves_out():
    mask, cube = np.stack([ROWS, ROWS]), np.zeros((2, 3, 2))
    cube[mask] = [[1.0, 4.0], [0.25, 1.0]]

    def f(x):
        y = np.sqrt(x)
        y[~mask] = 0.0
        return y.sum() + np.sqrt(x)[mask].sum()

    with np.errstate(all="ignore"):
        slope = np.where(mask[..., None], 1.0 / np.sqrt(cube), 0.0)
        assert np.array_equal(grad(f)(cube), slope)


def chosen_in_columns(x, mask):
    return np.where(mask, np.sqrt(x[1:]), 0.0).sum()


def chosen_in_rows(x, mask):
    return np.where(mask.T, np.sqrt(x[1:])[:, None], 0.0).sum()


@pytest.mark.parametrize("f", [chosen_in_columns, chosen_in_rows])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_value_counts_where_any_of_its_copies_does(f, count):
    x = np.array([7.0, 4.0, 0.0, 0.0])[: count + 1]
    mask = np.array([[False, False, False], [True, False, False]])[:, :count]
    with np.errstate(all="ignore"):
        expected = [0.0, 0.25, 0.0, 0.0][: count + 1]
        assert np.array_equal(grad(f)(x, mask), expected)
