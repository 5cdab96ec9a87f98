"""What does not reach the result leaks into no derivative, of any order.

Each program chooses elements; the oracle is the same program of the chosen elements.
"""

import numpy as np
import pytest

from s2sad import grad, hessian, hvp, jacfwd, jacrev, jvp, vjp

X = np.array([0.0, 1.0, 2.0, np.pi, 0.0, 0.3])
TAKEN = np.array([False, True, True, True, False, True])


def logs(x, taken):
    return np.where(taken, np.log(x), 0.0) ** 2


def logs_again(x):
    return np.log(x) ** 2


def two_readers(x, taken):
    y = np.sin(x) / x
    return np.where(taken, y, 0.0) ** 2 + np.where(taken, x * y, 0.0)


def two_readers_again(x):
    y = np.sin(x) / x
    return y**2 + x * y


def masked(x, taken):
    return (np.sqrt(x) * np.sin(x))[taken]


def masked_again(x):
    return np.sqrt(x) * np.sin(x)


def overwritten(x, taken):
    r = np.sin(x) ** 2 / x
    r[~taken] = 0.0
    return r


def overwritten_again(x):
    return np.sin(x) ** 2 / x


def passed_over(x, taken):
    d = np.where(taken, 1.0, np.nan)
    return np.array([np.nansum((d - x) ** 4)])


def passed_over_again(x):
    return np.array([np.sum((1.0 - x) ** 4)])


def statistics(x, taken):
    d = np.where(taken, 1.0, np.nan)
    r = (d - x) ** 2
    total = np.nanmax(r) + np.nanvar(r) + np.nanstd(r) + np.nanmean(r)
    return np.array([total * np.nanmin(r + 1.0)])


def statistics_again(x):
    r = (1.0 - x) ** 2
    total = np.max(r) + np.var(r) + np.std(r) + np.mean(r)
    return np.array([total * np.min(r + 1.0)])


def in_a_loop(x, taken):
    y = np.sqrt(x) * np.sin(x)
    s = np.zeros(6)
    for k in range(3):
        s = s + np.where(taken & (x > k / 4.0), k * y * y, 0.0)
    return s


def in_a_loop_again(x):
    y = np.sqrt(x) * np.sin(x)
    return (1 + 2 * (x > 0.5)) * y * y


def in_a_branch(x, taken):
    y = np.sqrt(x) * np.sin(x)
    if x[1] > 0:
        s = np.where(taken, y * y, 0.0)
    else:
        s = x
    return s


def in_a_branch_again(x):
    return x * np.sin(x) ** 2


def nested(x, taken):
    y = np.where(taken, x / x * np.log(x), 3.0)
    return np.where(x > 0.5, y * y, np.where(x > 0.0, 1.0 / x, 0.0))


def nested_again(x):
    return np.where(x > 0.5, np.log(x) ** 2, 1.0 / x)


def selected(x, taken):
    return np.select([~taken, x > 1.5], [0.0 * x, np.log(x) ** 2], 1.0 / x)


def selected_again(x):
    return np.where(x > 1.5, np.log(x) ** 2, 1.0 / x)


def broadcast(x, taken):
    return np.where(taken[:, None], np.log(x)[:, None] ** np.ones(2), 0.0) ** 3


def broadcast_again(x):
    return 2 * np.log(x) ** 3


def whole(x, taken):
    z = np.where(taken, x, 0.0)
    total = np.where(np.sum(z) > 0.0, np.log(np.sum(z)), 1.0)
    return z * total + np.where(np.sum(z) > 100.0, np.log(x), 0.0)


def whole_again(x):
    return x * np.log(np.sum(x))


def carried(x, taken):
    """Through what a loop carries, which is read from outside, too."""
    s = np.log(x)
    t = s
    for _ in range(3):
        t = 0.5 * t + s**2
    return np.where(taken, t * s, 0.0)


def carried_again(x):
    s = np.log(x)
    return (0.125 * s + 1.75 * s**2) * s


def exchanged(x, taken):
    """Two that a loop carries change places; one of them is not read at the end."""
    a, b = np.sqrt(x), np.log(x)
    for k in range(3):
        a, b = b * np.sin(x), a / x + k
    return np.where(taken, a, 1.0)


def exchanged_again(x):
    a, b = np.sqrt(x), np.log(x)
    for k in range(3):
        a, b = b * np.sin(x), a / x + k
    return a


def until(x, taken):
    y, n = np.log(x), 0
    while n < 4:
        if n % 2 == 0:
            y = y * np.sqrt(x)
        else:
            y = y + 1.0 / x
        n += 1
    return np.where(taken, y, 1.0)


def until_again(x):
    return (np.log(x) * np.sqrt(x) + 1.0 / x) * np.sqrt(x) + 1.0 / x


def deeper(x, n):
    """It calls itself, so that its calls stay calls."""
    if n == 0:
        return np.log(x)
    return deeper(x * 1.5, n - 1) * np.sqrt(x)


def called(x, taken):
    return np.where(taken, deeper(x / x * x, 2), 0.0)


def called_again(x):
    return deeper(x, 2)


def pair_of(x, n):
    if n == 0:
        return np.log(x), {"root": np.sqrt(x)}
    y, rest = pair_of(x, n - 1)
    return y * rest["root"], {"root": rest["root"] + 1.0 / x}


def called_for_a_pair(x, taken):
    y, rest = pair_of(x / x * x, 1)
    return np.where(taken, y, 0.0) + np.where(taken, rest["root"], 0.0)


def called_for_a_pair_again(x):
    y, rest = pair_of(x / x * x, 1)
    return y + rest["root"]


PAIRS = [
    (carried, carried_again),
    (exchanged, exchanged_again),
    (until, until_again),
    (called, called_again),
    (called_for_a_pair, called_for_a_pair_again),
    (logs, logs_again),
    (two_readers, two_readers_again),
    (masked, masked_again),
    (overwritten, overwritten_again),
    (passed_over, passed_over_again),
    (in_a_loop, in_a_loop_again),
    (in_a_branch, in_a_branch_again),
    (nested, nested_again),
    (selected, selected_again),
    (broadcast, broadcast_again),
    (whole, whole_again),
]
# Reverse over a reverse half, these take their adjoints from tapes, and tapes are not told what
# of them counts: NaN shows where the inner one kept an infinite value nobody chose.
TAPED = (exchanged, until, called, called_for_a_pair)
DOT = np.array([0.3, -1.0, 0.7, 1.1, 2.0, -0.4])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("f, g", PAIRS, ids=[f.__name__ for f, _ in PAIRS])
def test_as_if_only_the_chosen_were_there(f, g):
    def total(x):
        return np.sum(f(x, TAKEN))

    def expected(x):
        return np.sum(g(x))

    first, second = grad(total)(X), hessian(total)(X)
    dot = DOT[TAKEN]
    np.testing.assert_allclose(first[TAKEN], grad(expected)(X[TAKEN]), rtol=1e-12)
    assert np.all(first[~TAKEN] == 0)
    reverse_twice = np.array(
        [grad(lambda x, k=k: grad(total)(x)[k])(X) for k in range(6)]
    )
    inner = np.ix_(TAKEN, TAKEN)
    found = [second, jacfwd(grad(total))(X), jacrev(jacfwd(total))(X)]
    if f not in TAPED:
        found.append(reverse_twice)
    for h in found:
        np.testing.assert_allclose(
            h[inner], hessian(expected)(X[TAKEN]), rtol=1e-10, atol=1e-12
        )
        assert np.all(h[~TAKEN] == 0) and np.all(h[:, ~TAKEN] == 0)
    np.testing.assert_allclose(
        reverse_twice[inner], second[inner], rtol=1e-10, atol=1e-12
    )
    _, y_dot = jvp(total, (X,), (DOT,))
    np.testing.assert_allclose(y_dot, grad(expected)(X[TAKEN]) @ dot, rtol=1e-12)
    found = grad(lambda x: jvp(total, (x,), (DOT,))[1])(X)
    product = hvp(expected, (X[TAKEN],), (dot,))[1]
    np.testing.assert_allclose(found[TAKEN], product, rtol=1e-10, atol=1e-12)

    def curve(h, dot):
        return lambda x: hvp(h, (x,), (dot,))[1] @ dot

    if f in (called, called_for_a_pair):
        return  # calls that stay calls: two orders
    third = grad(curve(total, DOT))(X)
    np.testing.assert_allclose(
        third[TAKEN], grad(curve(expected, dot))(X[TAKEN]), rtol=1e-9, atol=1e-12
    )
    assert f in TAPED or np.all(third[~TAKEN] == 0)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_statistics_pass_over_nan():
    def total(x):
        return np.sum(statistics(x, TAKEN))

    def expected(x):
        return np.sum(statistics_again(x))

    first = grad(total)(X)
    np.testing.assert_allclose(first[TAKEN], grad(expected)(X[TAKEN]), rtol=1e-12)
    assert np.all(first[~TAKEN] == 0)
    slope = grad(expected)(X[TAKEN]) @ DOT[TAKEN]
    np.testing.assert_allclose(jvp(total, (X,), (DOT,))[1], slope, rtol=1e-12)
    second = hessian(total)(X)[np.ix_(TAKEN, TAKEN)]
    np.testing.assert_allclose(second, hessian(expected)(X[TAKEN]), rtol=1e-9)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_float32_stays():
    def f(x, a):
        return np.sum(np.where(x > 0, a * np.log(x) / a, 0))

    x = np.array([0.0, 2.0], dtype="float32")
    assert grad(f)(x, 2.0).dtype == np.float32
    np.testing.assert_allclose(grad(f)(x, 2.0), [0.0, 0.5])
    y, pull = vjp(f, x, 2.0)
    assert pull(np.float32(1.0))[0].dtype == np.float32
    assert type(pull(np.float32(1.0))[1]) is float
