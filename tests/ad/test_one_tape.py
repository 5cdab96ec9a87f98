"""What a trip ends with is what the next one starts from: one tape serves for both."""

import math

import numpy as np
import pytest

from s2sad import grad, vjp


def rnn(W, h, n):
    for _ in range(n):
        h = np.tanh(W @ h)
    return np.sum(h)


def exponentials(x, w, n):
    for _ in range(n):
        x = math.exp(w * x)
    return x


def nested(x, w, n):
    s = 0.0
    for _ in range(2):
        for _ in range(n):
            x = math.tanh(w * x)
        s = s + x * x * w
        x = math.sin(x * w)
    return s


def broken_off(x, w, n):
    for _ in range(n):
        x = math.exp(-w * x)
        if x < 0.5:
            break
    return x * w


def with_continue(x, w, n):
    i = 0
    while i < n and x > 0.01:
        i += 1
        if i == 2:
            continue
        x = math.exp(-w * x)
    return x * w


def swapped(x, w, n):
    y = 0.4
    for _ in range(n):
        x, y = math.exp(w * y), x * w
    return x * y


def branches(x, w, n):
    for i in range(n):
        if i % 2:
            x = np.exp(w * x)
        else:
            x = np.sin(w + x)
    return np.sum(x * x)


def left_early(x, w, n):
    for i in range(n):
        if i > 1:
            return x * w
        x = math.exp(-w * x)
    return w


def listed(x, w, n):
    seen = []
    for _ in range(n):
        x = np.tanh(w * x + 1)
        seen.append(x)
        x = np.exp(-x * w)
    return sum(h * h for h in seen) + x


def unset_before(x, w, n):
    for i in range(n):
        h = x if i == 0 else np.exp(-w * h)  # noqa: F821
    return h * w if n else w


def becomes_an_array(x, w, n):
    h = 0.5
    for _ in range(n):
        h = np.tanh(w * h + x)
    return np.sum(h)


RNG = np.random.default_rng(0)
VECTOR = RNG.standard_normal(3)
SCALARS = [
    exponentials,
    nested,
    broken_off,
    with_continue,
    swapped,
    branches,
    left_early,
    listed,
    unset_before,
]
CASES = [(f, 0.3, 0.7) for f in SCALARS] + [
    (rnn, RNG.standard_normal((3, 3)), VECTOR),
    (branches, VECTOR, 0.7),
    (becomes_an_array, VECTOR, 0.7),
    (becomes_an_array, VECTOR.astype("float32"), 0.7),
]


def slope(f, args, k, delta=1e-6):
    """The derivative by one argument, by central differences in double precision."""
    args = [np.float64(a) if isinstance(a, np.ndarray) else a for a in args]
    x = np.asarray(args[k], float)
    found = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        ends = []
        for step in (delta, -delta):
            moved = x.copy()
            moved[place] += step
            moved = moved if x.shape else float(moved)
            ends.append(f(*args[:k], moved, *args[k + 1 :]))
        found[place] = (ends[0] - ends[1]) / (2 * delta)
    return found


@pytest.mark.parametrize("n", [0, 1, 2, 3])
@pytest.mark.parametrize("case", CASES, ids=lambda c: c[0].__name__)
def test_gradients(case, n):
    f, *args = case
    args = (*args, n)
    tight = np.asarray(args[0]).dtype == np.float64
    error = 1e-6 if tight else 1e-3
    value, pullback = vjp(f, *args, wrt=(0, 1))
    for found in (grad(f, (0, 1))(*args), pullback(1.0), pullback(1.0)):
        for k, bar in enumerate(found):
            wanted = slope(f, args, k)
            assert np.allclose(bar, wanted, rtol=error, atol=1e-8)
    assert np.allclose(value, f(*args), rtol=error)


@pytest.mark.parametrize("n", [0, 1, 3])
@pytest.mark.parametrize("f", SCALARS)
def test_second_order(f, n):
    args = (0.3, 0.7, n)
    wanted = slope(grad(f), args, 0)
    assert np.allclose(grad(grad(f))(*args), wanted, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("f, tapes", [(rnn, 1), (exponentials, 1), (nested, 2)])
def test_how_many_tapes(f, tapes):
    args = (VECTOR[:, None] * VECTOR, VECTOR, 2) if f is rnn else (0.3, 0.7, 2)
    derived = grad(f, (0, 1))
    derived(*args)
    assert derived.source.count(".pop()") == tapes
