"""What is kept as rows of one array, where a product after the loop asks for rows."""

import numpy as np
import pytest

from s2sad import grad, hvp, memory, value_and_grad
from tests.opt.test_stack import slope


def plain(W, U, X, h):
    for x in X:
        h = np.tanh(x @ W + h @ U)
    return np.sum(h * h)


def two_states(W, U, X, h):
    c = h * 0.5
    for x in X:
        a = np.tanh(x @ W + h @ U + c @ W)
        c = 0.5 * c + a
        h = np.sin(c) * a
    return np.sum(h * c)


def not_all_trips(W, U, X, h):
    for k, x in enumerate(X):
        if k % 2:
            h = np.tanh(x @ W + h @ U)
    return np.sum(h * h)


def read_elsewhere(W, U, X, h):
    """What is kept serves other adjoints, too."""
    s = 0.0
    for x in X:
        s = s + np.sum(h * h * h)
        h = np.tanh(x @ W + h @ U) * h
    return s + np.sum(h)


def left_early(W, U, X, h):
    for x in X:
        h = np.tanh(x @ W + h @ U)
        if h[0, 0] > 2.0:
            break
    return np.sum(h * h)


def layers(W, U, X, h):
    """The rows of the first loop are the inputs of the second."""
    for x in X:
        h = np.tanh(x @ W + h @ U)
    for x in X:
        h = np.sin(x @ U + h @ W)
    return np.sum(h * h)


def again_and_again(W, U, X, h):
    for _ in range(2):
        for x in X:
            h = np.tanh(x @ W + h @ U)
    return np.sum(h * h)


def named_i(W, U, X, h):
    i = 2.0
    for x in X:
        i = i * 0.5
        h = np.tanh(x @ W + i * (h @ U))
    return np.sum(h * h) * i


def written_over(W, U, X, h):
    """What is kept is overwritten by what follows."""
    for x in X:
        a = x @ W + h @ U
        h[:] = np.tanh(a)
    return np.sum(h * h)


def four_functions(W, U, X, h):
    """One matrix is kept, and its adjoint takes its place."""
    for x in X:
        a = x @ W + h @ U
        h = np.sin(a) * np.tanh(a) + 0.1 * np.exp(-a) * np.arctan(a)
    return np.sum(h * h)


def of_the_trip_before(W, U, X, h):
    last = h
    for x in X:
        a = x @ W + h @ U
        h = np.sin(a) * np.tanh(a) + 0.1 * np.exp(-a) * np.arctan(a) * last
        last = a
    return np.sum(h * h) + np.sum(last)


def of_views(W, U, X, h):
    for x in X:
        a = x @ W + h @ U
        b = a[:, ::-1]
        h = np.sin(a) * np.tanh(b) + 0.1 * np.exp(-b) * np.arctan(a)
    return np.sum(h * h)


def of_branches(W, U, X, h):
    for x in X:
        a = x @ W + h @ U
        if a[0, 0] > 0.0:
            h = np.sin(a) * np.tanh(a) + 0.1 * np.exp(-a) * np.arctan(a)
        else:
            h = np.cos(a) * a
    return np.sum(h * h)


RNG = np.random.default_rng(5)
W, U = 0.5 * RNG.standard_normal((2, 3, 3))
X, H = RNG.standard_normal((4, 2, 3)), RNG.standard_normal((2, 3))
PROGRAMS = [
    plain,
    two_states,
    not_all_trips,
    read_elsewhere,
    left_early,
    layers,
    again_and_again,
    named_i,
    written_over,
    four_functions,
    of_the_trip_before,
    of_views,
    of_branches,
]


@pytest.mark.parametrize("trips", [0, 1, 4])
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_gradients(f, trips):
    args = [W, U, X[:trips], H]

    def alone(*args):
        return f(*args[:3], args[3].copy())

    wanted = [slope(alone, args, k) for k in range(4)]
    for level in (0, 1, 2):
        before = [arg.copy() for arg in args]
        y, found = value_and_grad(f, (0, 1, 2, 3), optimize=level)(*args)
        assert np.isclose(y, alone(*args))
        for arg, same in zip(args, before, strict=True):
            assert np.array_equal(arg, same)
        for one, other in zip(found, wanted, strict=True):
            assert one.shape == other.shape
            assert np.allclose(one, other, rtol=1e-5, atol=1e-6)
            assert not any(np.shares_memory(one, arg) for arg in args)


@pytest.mark.parametrize("f", PROGRAMS[:5] + PROGRAMS[-4:], ids=lambda f: f.__name__)
def test_second_order(f):
    v = RNG.standard_normal(W.shape)

    def alone(W):
        return f(W, U, X, H)

    ends = [grad(alone)(W + step * v) for step in (1e-6, -1e-6)]
    _, found = hvp(alone, (W,), (v,))
    assert np.allclose(found, (ends[0] - ends[1]) / 2e-6, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("f", [plain, two_states], ids=lambda f: f.__name__)
def test_there_is_no_tape_of_what_is_in_rows(f):
    derived = grad(f, (0, 1))
    derived(W, U, X, H)
    forward, _, back = derived.source.partition("# reverse")
    assert "h_rows[i] = h" in forward and "h_tape" not in forward
    assert "= h_rows[" in back or f is two_states


@pytest.mark.parametrize(
    "f", [four_functions, of_views, of_branches], ids=lambda f: f.__name__
)
def test_an_adjoint_takes_the_place_of_what_it_is_the_adjoint_of(f):
    derived = grad(f, (0, 1))
    derived(W, U, X, H)
    forward, _, back = derived.source.partition("# reverse")
    assert "a_rows[i] = a\n" in forward and "a_tape" not in forward
    assert "= a_rows[i]" in back and back.count("    a_rows[i] = ") == 1
    assert back.count("np.empty") == 0


def test_single_precision_stays():
    args = [arg.astype("float32") for arg in (W, U, X, H)]
    for found, wanted in zip(
        grad(plain, (0, 1, 2, 3))(*args), grad(plain, (0, 1, 2, 3))(W, U, X, H)
    ):
        assert found.dtype == np.float32
        assert np.allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_mixed_precision_is_not_rounded():
    """The state begins in single precision and goes on in double."""
    args = (W, U, X, H.astype("float32"))
    wanted = grad(plain, (0, 1), optimize=0)(*args)
    for found, other in zip(grad(plain, (0, 1))(*args), wanted, strict=True):
        assert np.allclose(found, other, rtol=1e-12)


def test_memory_tells_of_rows():
    report = memory(plain, W, U, X, H)
    (row,) = report.rows
    assert (row.name, row.times, row.shape) == ("h", 4, (2, 3))
    assert row.data == 4 * H.nbytes
