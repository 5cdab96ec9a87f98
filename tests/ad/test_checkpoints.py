"""`checkpoint` keeps little, does everything once, and changes no number."""

import math
import random
import re
import tracemalloc

import numpy as np
import pytest

import s2sad
from s2sad import checkpoint, grad, value_and_grad
from s2sad.rules.helpers import binomial_split, snapshots


def decay(x, rate, n):
    total = 0.0
    for i in checkpoint(range(n)):
        x = x * math.sin(x + rate * i)
        total += x
    return total * x


def decay_plain(x, rate, n):
    total = 0.0
    for i in range(n):
        x = x * math.sin(x + rate * i)
        total += x
    return total * x


@pytest.mark.parametrize("n", [0, 1, 2, 3, 9, 10, 26])
def test_any_number_of_trips(n):
    args = 1.3, 0.2, n
    bars = value_and_grad(decay, wrt=(0, 1))(*args)
    plain = value_and_grad(decay_plain, wrt=(0, 1))(*args)
    assert bars[0] == plain[0] and bars[1] == pytest.approx(plain[1])
    _, pullback = s2sad.vjp(decay, *args, wrt=(0, 1))
    assert pullback(1.0) == pytest.approx(bars[1])
    assert pullback(1.0) == pytest.approx(bars[1])
    tangent = s2sad.jvp(decay, args, (1.0, None, None))[1]
    assert tangent == pytest.approx(bars[1][0])


def test_second_order():
    for n in (1, 5, 10):
        for i in (0, 1):
            for k in (0, 1):
                outer = grad(grad(decay, wrt=i), wrt=k)(1.3, 0.2, n)
                plain = grad(grad(decay_plain, wrt=i), wrt=k)(1.3, 0.2, n)
                assert outer == pytest.approx(plain)
        one = s2sad.jvp(grad(decay), (1.3, 0.2, n), (1.0, None, None))[1]
        assert one == pytest.approx(grad(grad(decay_plain))(1.3, 0.2, n))


def test_bounds_and_what_a_loop_reads_from_outside():
    def f(x, a, b, w):
        u = x * 1.0
        for i in checkpoint(range(a, b)):
            u[i] = u[i] * w[i] + u[i - 1] * np.sin(x[0])
        return np.sum(u * u)

    x, w = np.array([0.5, -1.0, 2.0, 0.3, 1.1]), np.linspace(0.5, 1.5, 5)
    bars = grad(f, wrt=(0, 3))(x, 1, 5, w)
    for place, bar in ((0, bars[0]), (3, bars[1])):
        for i in range(5):
            step = np.eye(5)[i] * 1e-6

            def at(sign, place=place, step=step):
                args = [x, 1, 5, w]
                args[place] = args[place] + sign * step
                return f(*args)

            assert bar[i] == pytest.approx((at(1) - at(-1)) / 2e-6, rel=1e-5)


def noisy(x, n):
    for i in checkpoint(range(n)):
        x = x * math.cos(x)
        if i == 1:
            print("one", x)
    return x


def test_effects_happen_once(capsys):
    y = noisy(0.7, 5)
    said = capsys.readouterr().out
    assert value_and_grad(noisy)(0.7, 5)[0] == y
    assert capsys.readouterr().out == said


def test_draws_are_not_drawn_again():
    def f(x, n, rng):
        for _ in checkpoint(range(n)):
            x = x * rng.normal()
        return x

    rng, twin = np.random.default_rng(1), np.random.default_rng(1)
    y, bar = value_and_grad(f)(1.5, 6, rng)
    assert y == f(1.5, 6, twin) and bar == pytest.approx(y / 1.5)
    assert rng.bit_generator.state == twin.bit_generator.state


def test_draws_of_nobody_in_particular():
    def f(x, n):
        for _ in checkpoint(range(n)):
            x = x * np.random.normal()
        return x

    np.random.seed(1)
    y = f(1.5, 6)
    np.random.seed(1)
    again, bar = value_and_grad(f)(1.5, 6)
    assert again == y and bar == pytest.approx(y / 1.5)


def test_loops_that_draw_keep_little():
    def f(u, n):
        total = 0.0
        for _ in checkpoint(range(n)):
            u = u + np.random.normal(size=u.shape)
            total = total + np.sum(u**3)
        return total

    bars = grad(f)
    u = np.ones(3)
    np.random.seed(4)
    found = bars(u, 12)
    assert "_back(" in bars.source
    for i in range(3):
        ends = []
        for step in (1e-5, -1e-5):
            np.random.seed(4)
            ends.append(f(u + step * np.eye(3)[i], 12))
        assert found[i] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-5)


def test_loops_that_are_left_early_keep_as_others_do():
    def f(x, n):
        for i in checkpoint(range(n)):
            x = x * math.cos(x)
            if x < 0.1:
                break
        for i in checkpoint(reversed(range(n))):
            x = x + math.sin(x * i)
        return x

    slope = (f(0.9 + 1e-6, 6) - f(0.9 - 1e-6, 6)) / 2e-6
    assert grad(f)(0.9, 6) == pytest.approx(slope, rel=1e-6)


def test_calls_in_every_spelling(capsys):
    def inner(u, k):
        for i in range(4):
            u = np.sin(u) + k * u
        print("inner")
        return u

    @checkpoint
    def marked(u, k):
        return inner(u, k) * u

    def f(u, k):
        g = checkpoint(inner)
        return np.sum(g(u, k) * checkpoint(inner)(u, k=k) * marked(u, k))

    u = np.array([0.3, 1.2])
    f(u, 0.4)
    said = capsys.readouterr().out
    y, (bar, k_bar) = value_and_grad(f, wrt=(0, 1))(u, 0.4)
    assert capsys.readouterr().out == said
    slope = (f(u, 0.4 + 1e-6) - f(u, 0.4 - 1e-6)) / 2e-6
    assert k_bar == pytest.approx(slope, rel=1e-6)
    for i in range(2):
        step = np.eye(2)[i] * 1e-6
        slope = (f(u + step, 0.4) - f(u - step, 0.4)) / 2e-6
        assert bar[i] == pytest.approx(slope, rel=1e-6)


def schedule(trips):
    """How often each trip is made, and how many values are kept at most."""
    made, most, deepest = [0] * trips, 0, 0

    def back(start, stop, left, kept, depth):
        nonlocal most, deepest
        few = stop - start <= max(left, 1)
        most = max(most, kept + (stop - start) * few)
        deepest = max(deepest, depth)
        middle = stop if few else start + binomial_split(stop - start, left)
        assert few or start < middle < stop
        for k in range(start, middle):
            made[k] += 1
        if not few:
            back(middle, stop, left - 1, kept + 1, depth + 1)
            back(start, middle, left, kept, depth + 1)

    back(0, trips, snapshots(trips), 0, 0)
    return max(made, default=0), most, deepest


def test_the_schedule_is_what_the_docstring_says():
    for trips in [*range(200), 1000, 1771, 1772, 20_000]:
        made, most, deepest = schedule(trips)
        assert made <= 4
        assert most <= snapshots(trips) + 1
        assert deepest <= snapshots(trips) + 4
    assert snapshots(1600) == 20
    text = value_and_grad(decay)
    text(1.3, 0.2, 4)
    assert "makes\n    none of them more than four times again." in text.source


def test_memory_is_that_of_the_values_kept():
    def f(u, n):
        for _ in checkpoint(range(n)):
            u = np.sin(u) * 1.01 + 0.1 * u * u
        return np.sum(u)

    u = np.linspace(0.1, 1.0, 2000)
    gradient = grad(f)
    gradient(u, 4)

    def arrays(n):
        tracemalloc.start()
        gradient(u, n)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak / u.nbytes

    assert arrays(400) < snapshots(400) + 20
    assert arrays(1600) < snapshots(1600) + 20


def test_loops_in_loops_and_lists():
    def nested(x, n):
        for _ in checkpoint(range(n)):
            for j in checkpoint(range(3)):
                x = x + 0.1 * math.sin(x * (j + 1))
        return x

    def growing(x, n):
        rows = []
        for i in checkpoint(range(n)):
            rows.append(x * i)
            x = x * 1.1
        return sum(rows) * x

    for f in (nested, growing):
        slope = (f(0.4 + 1e-6, 11) - f(0.4 - 1e-6, 11)) / 2e-6
        assert grad(f)(0.4, 11) == pytest.approx(slope, rel=1e-6)
        bend = (grad(f)(0.4 + 1e-5, 11) - grad(f)(0.4 - 1e-5, 11)) / 2e-5
        assert grad(grad(f))(0.4, 11) == pytest.approx(bend, rel=1e-5)


# ---- ranges of any form --------------------------------------------------------------


def by_twos(x, n):
    for i in checkpoint(range(0, n, 2)):
        x = x * math.sin(x + 0.1 * i)
    return x


def downwards(x, n):
    for i in checkpoint(range(n, 0, -1)):
        x = x * math.sin(x + 0.1 * i)
    return x


def down_by_threes(x, n, step=-3):
    for i in checkpoint(range(n, -2, step)):
        x = x * math.sin(x + 0.1 * i)
    return x


def reversed_inside(x, n):
    for i in checkpoint(reversed(range(n))):
        x = x * math.sin(x + 0.1 * i)
    return x


def reversed_outside(x, n):
    for i in reversed(checkpoint(range(1, n, 3))):
        x = x * math.sin(x + 0.1 * i)
    return x


def carries_a_pair(x, n):
    pair = [x, x]
    for i in checkpoint(range(n)):
        pair = [math.sin(pair[0]) * (1.0 + 0.1 * i), pair[0]]
    return pair[0] * pair[1]


RANGES = [
    carries_a_pair,
    by_twos,
    downwards,
    down_by_threes,
    reversed_inside,
    reversed_outside,
]


@pytest.mark.parametrize("f", RANGES)
@pytest.mark.parametrize("n", [0, 1, 2, 3, 10, 26])
def test_ranges_with_a_step_or_reversed(f, n):
    def slope(g, x, h=1e-5):
        return (g(x + h) - g(x - h)) / (2 * h)

    derivative = grad(f)
    first = slope(lambda x: f(x, n), 1.3)
    assert derivative(1.3, n) == pytest.approx(first, rel=1e-5, abs=1e-7)
    second = slope(lambda x: derivative(x, n), 1.3)
    assert grad(derivative)(1.3, n) == pytest.approx(second, rel=1e-4, abs=1e-6)
    assert s2sad.jvp(derivative, (1.3, n), (1.0, None))[1] == pytest.approx(
        second, rel=1e-4, abs=1e-6
    )
    assert s2sad.vjp(f, 1.3, n)[1](1.0)[0] == pytest.approx(derivative(1.3, n))
    assert "_back" in derivative.source  # little is kept


# ---- loops it does not help ----------------------------------------------------------


def left_early(x, n):
    for _ in checkpoint(range(n)):
        x = x * 1.5
        if x > 9.0:
            break
    return x


def changes_a_list(x, n):
    pair = [x, x]
    for i in checkpoint(range(n)):
        pair.append(pair[-1] * (1.0 + i))
    return pair[-1] * pair[2]


def over_a_list(x, n):
    for factor in checkpoint([1.0, 2.0, float(n)]):
        x = x * factor
    return x


def draws_as_the_system_does(x, n, source=random.SystemRandom()):
    for _ in checkpoint(range(n)):
        x = x + 0.0 * source.random()
    return x * x


def walk(x, n):
    if n == 0:
        return x + 0.0 * np.random.random()
    return walk(0.9 * x, n - 1)


def draws_in_a_recursion(x, n):
    for _ in checkpoint(range(n)):
        x = x * walk(x, 2)
    return x


def in_a_try(x, n):
    try:
        for _ in checkpoint(range(n)):
            x = x * math.log(x)
    except ValueError:
        x = 2.0
    return x


@pytest.mark.parametrize(
    "f",
    [left_early, changes_a_list, over_a_list, draws_as_the_system_does, in_a_try],
)
def test_a_loop_that_it_does_not_help_is_right_and_says_so(f):
    step = 1e-6
    with pytest.warns(s2sad.errors.S2sadWarning, match="S2S207"):
        slope = grad(f)(1.3, 3)
    assert slope == pytest.approx((f(1.3 + step, 3) - f(1.3 - step, 3)) / 2e-6)


def test_a_trip_may_draw_in_a_recursive_function():
    f, step = draws_in_a_recursion, 1e-6
    bar = grad(f)
    slope = (f(1.3 + step, 3) - f(1.3 - step, 3)) / 2e-6
    assert bar(1.3, 3) == pytest.approx(slope, rel=1e-6)
    assert "_back(" in bar.source


def shrunk(x, n):
    return x if n == 0 else shrunk(x * math.cos(x), n - 1)


def test_a_trip_may_call_a_recursive_function():
    def f(x, n):
        for i in checkpoint(range(n)):
            x = shrunk(x, 2) + 0.1 * i
        return x

    def plain(x, n):
        for i in range(n):
            x = shrunk(x, 2) + 0.1 * i
        return x

    for n in (0, 1, 6):
        y, bar = value_and_grad(plain)(0.7, n)
        assert value_and_grad(f)(0.7, n) == (y, pytest.approx(bar))


def test_three_loops():
    def f(x, n):
        for i in checkpoint(range(n)):
            x = x * math.sin(x + i)
        for i in checkpoint(range(n)):
            x = x + math.cos(x * i)
        for i in checkpoint(range(n)):
            x = x * math.exp(-x * x)
        return x

    step = 1e-5
    for n in (0, 1, 5):
        found = (f(0.7 + step, n) - f(0.7 - step, n)) / (2 * step)
        assert grad(f)(0.7, n) == pytest.approx(found, rel=1e-7)
    derived = grad(f)
    derived(0.7, 5)
    names = set(re.findall(r"f_trips_back_\d", derived.source))
    assert names == {"f_trips_back_2", "f_trips_back_3"}


@checkpoint
def guarded(x):
    if x < 0.0:
        raise ValueError("negative")
    y = math.sin(x)
    if y > 2.0:
        raise ValueError("never")
    else:
        y = y * x
    return y * y


def test_what_may_raise_is_run_again_without_that():
    def f(x):
        return guarded(x) * guarded(x * 0.5)

    step = 1e-5
    found = (f(0.7 + step) - f(0.7 - step)) / (2 * step)
    assert grad(f)(0.7) == pytest.approx(found, rel=1e-7)
    with pytest.raises(ValueError, match="negative"):
        grad(f)(-0.7)
