"""Products that a loop sums, and the one product after it: the same gradients."""

import numpy as np
import pytest

from s2sad import grad, hvp, vjp


def counted(W, h, n):
    for _ in range(n):
        h = np.tanh(W @ h)
    return np.sum(h)


def subtracted(W, U, xs, h):
    for x in xs:
        h = np.tanh(W @ h + W @ x - U @ x)
    return np.sum(h * h)


def signs(W, U, xs, h):
    for x in xs:
        h = np.tanh(W @ h - W @ x) - 0.1 * np.sin(U @ x - U @ h)
    return np.sum(h * h) - np.sum(W @ h) + np.sum(U @ h)


def minus_first(W, U, xs, h):
    for x in xs:
        h = np.tanh(-(W @ h) - W @ x + U @ x)
    return np.sum(h * h) + np.sum(W @ h)


def nested(W, xs, h):
    for k in range(2):
        for t in range(len(xs)):
            h = np.tanh(W @ h + xs[t])
        h = h * 0.5
    return np.sum(h * h)


def broken_off(W, b, xs, h):
    for t in range(len(xs)):
        h = np.tanh(W @ h + xs[t] + b)
        if h[0] > 0.9:
            break
    return np.sum(h * h)


def branches(W, b, xs, h):
    for t in range(len(xs)):
        if t % 2:
            h = np.tanh(W @ h + xs[t] + b)
        else:
            h = np.sin(W @ h) + b
    return np.sum(h * h)


def from_one(W, b, xs, h):
    s = 0.0
    for t in range(1, len(xs)):
        h = np.tanh(W @ h + xs[t] + b)
        s = s + np.sum(W * W) * 0.1
    return np.sum(h * h) + s


def used_around(W, b, xs, h):
    y = W @ h + b
    for x in xs:
        h = np.tanh(W @ h + x + b)
    return np.sum(h * h) + np.sum(W @ h) + np.sum(y * b)


def while_loop(W, b, h):
    k = 0
    while k < 3:
        h = np.tanh(W @ h + b)
        k += 1
    return np.sum(h * h)


def rows_active(W, xs):
    h = xs[0]
    for x in xs:
        h = np.tanh(W @ h + x)
    return np.sum(h * h)


def backwards(W, xs, h):
    for t in range(len(xs) - 1, -1, -1):
        h = np.tanh(W @ h + xs[t])
    return np.sum(h * h)


def reversed_range(W, xs, h):
    for t in reversed(range(len(xs))):
        h = np.tanh(W @ h + xs[t])
    return np.sum(h * h)


def some_rows(W, xs, h):
    for t in range(2):
        h = np.tanh(W @ h + xs[t])
    return np.sum(h * h)


def rows_overwritten(W, xs, h):
    xs = xs * 1.0
    for t in range(len(xs)):
        h = np.tanh(W @ h + W @ xs[t])
        xs[t] = h
    return np.sum(h * h) + np.sum(xs)


def batch(W, U, b, X):
    h = np.zeros((X.shape[1], U.shape[0]))
    for x in X:
        h = np.tanh(x @ W + h @ U + b)
    return np.sum(h * h)


def batch_of_last(W, U, b, X):
    h = X[0] @ W
    for t in range(len(X)):
        h = np.sin(h @ U) + X[t] @ W - b
    return np.sum(h * h)


RNG = np.random.default_rng(1)
W, U = 0.5 * RNG.standard_normal((2, 3, 3))
XS = RNG.standard_normal((4, 3))
H, B = RNG.standard_normal((2, 3))
NONE = np.zeros((0, 3))
CASES = [(counted, (W, H, n), (0, 1)) for n in (-1, 0, 1, 4)]
for xs in (XS, NONE):
    CASES += [
        (subtracted, (W, U, xs, H), (0, 1, 3)),
        (nested, (W, xs, H), (0, 2)),
        (broken_off, (W, B, xs, H), (0, 1, 3)),
        (branches, (W, B, xs, H), (0, 1, 3)),
        (from_one, (W, B, xs, H), (0, 1, 3)),
        (used_around, (W, B, xs, H), (0, 1, 3)),
        (backwards, (W, xs, H), (0, 1, 2)),
        (reversed_range, (W, xs, H), (0, 2)),
        (rows_overwritten, (W, xs, H), (0, 1, 2)),
    ]
CASES += [
    (while_loop, (W, B, H), (0, 1, 2)),
    (rows_active, (W, XS), (0, 1)),
    (some_rows, (W, XS, H), (0, 1, 2)),
    (counted, (W.astype("float32"), H.astype("float32"), 3), (0, 1)),
]
for batches in ((4, 2, 2), (0, 2, 2), (1, 2, 2), (4, 0, 2), (4, 1, 2)):
    X = RNG.standard_normal(batches)
    CASES.append((batch, (W[:2], U, B, X), (0, 1, 2)))
    if len(X):
        CASES.append((batch_of_last, (W[:2], U, B, X), (0, 1, 2, 3)))
CASES += [(f, (W, U, XS, H), (0, 1)) for f in (signs, minus_first)]


def slope(f, args, k, delta=1e-6):
    """The derivative by one argument, by differences in double precision."""
    args = [a.astype(float) if isinstance(a, np.ndarray) else a for a in args]
    found = np.zeros(args[k].shape)
    for place in np.ndindex(found.shape):
        ends = []
        for step in (delta, -delta):
            moved = args[k].copy()
            moved[place] += step
            ends.append(f(*args[:k], moved, *args[k + 1 :]))
        found[place] = (ends[0] - ends[1]) / (2 * delta)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_gradients(case):
    f, args, wrt = case
    _, pullback = vjp(f, *args, wrt=wrt)
    ways = [grad(f, wrt)(*args), pullback(1.0), pullback(1.0)]
    ways += [grad(f, wrt, optimize=level)(*args) for level in (0, 2)]
    error = 1e-5 if args[0].dtype == np.float64 else 1e-3
    for k, number in enumerate(wrt):
        wanted = slope(f, args, number)
        for found in ways:
            assert found[k].dtype == args[number].dtype
            assert found[k].shape == args[number].shape
            assert np.allclose(found[k], wanted, rtol=error, atol=error / 10)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_second_order(case):
    f, args, _ = case
    if args[0].dtype != np.float64:
        return
    v = RNG.standard_normal(args[0].shape)

    def alone(W):
        return f(W, *args[1:])

    ends = [grad(alone)(args[0] + step * v) for step in (1e-6, -1e-6)]
    wanted = (ends[0] - ends[1]) / 2e-6
    _, found = hvp(alone, (args[0],), (v,))
    assert np.allclose(found, wanted, rtol=1e-5, atol=1e-6)
    found = grad(lambda W: np.sum(grad(alone)(W) * v))(args[0])
    assert np.allclose(found, wanted, rtol=1e-5, atol=1e-6)


BATCH = next(args for f, args, _ in CASES if f is batch)


@pytest.mark.parametrize("f, args", [(subtracted, (W, U, XS, H)), (batch, BATCH)])
def test_no_product_is_left_in_the_loop(f, args):
    derived = grad(f, (0, 1))
    derived(*args)
    _, _, loop = derived.source.partition("reversed")
    body = [line for line in loop.splitlines() if line.startswith("        ")]
    assert len(body) > 3
    assert not any("outer" in line or ".T @" in line for line in body)
