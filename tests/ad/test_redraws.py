"""Draws of what is made again: the same numbers, and the source goes on where it was."""

import math
import random
import types
from random import gauss

import numpy as np
import pytest

from s2sad import checkpoint, derivative, grad, value_and_grad, vjp

G = np.random.default_rng(3)
LEGACY = np.random.RandomState(5)
held = types.SimpleNamespace(rng=np.random.default_rng(9))
draw_g = G.normal


class Model:
    def __init__(self):
        self.rng = np.random.default_rng(1)
        self.s = 2.0

    def step(self, u):
        return np.sin(u) * self.s + self.rng.normal() * u


MODEL = Model()


def helper(u, r):
    if u > 0.5:
        return u * r.normal()
    return u * r.uniform() + r.normal()


def twohelp(u, a, b):
    return u * a.normal() + math.sin(u) * b.normal()


def idle(r):
    r.normal()
    return None


PROGRAMS = {}
AGAIN, KEPT = "drawn again", "kept"


def program(*args, how=AGAIN):
    def enter(f):
        PROGRAMS[f.__name__] = f, args, how
        return f

    return enter


def source():
    return np.random.default_rng(11)


@program(0.7, 7, source)
def loop(x, n, rng):
    for i in checkpoint(range(n)):
        x = x * math.cos(x) + 0.1 * rng.normal(x, 1 + x * x)
    return x


@program(0.7, 7)
def loop_np(x, n):
    for i in checkpoint(range(n)):
        x = math.sin(x) + x * np.random.normal()
    return x


@program(0.7, 7)
def loop_py(x, n):
    for i in checkpoint(range(n)):
        x = math.sin(x) + 0.3 * x * gauss(0, 1) + random.random() * math.cos(x)
    return x


@program(0.7, 7)
def loop_captured(x, n):
    for i in checkpoint(range(n)):
        x = math.sin(x) + x * G.normal() + x * x * LEGACY.uniform(0, 1)
    return x


@program(0.7, 6)
def loop_bound(x, n):
    for i in checkpoint(range(n)):
        x = math.sin(x) + x * draw_g()
    return x


@program(0.7, 6)
def loop_mod(x, n):
    for i in checkpoint(range(n)):
        x = math.sin(x) + x * held.rng.normal()
    return x


@program(0.7, 6)
def loop_method(x, n):
    for i in checkpoint(range(n)):
        x = MODEL.step(x)
    return x


@program(0.7, 6, Model)
def loop_obj(x, n, m):
    for i in checkpoint(range(n)):
        x = m.step(x)
    return x


@program(0.7, 6, source)
def loop_helper(x, n, rng):
    for i in checkpoint(range(n)):
        x = helper(x, rng) + math.cos(x)
    return x


@program(0.7, 6, source)
def loop_idle(x, n, rng):
    for i in checkpoint(range(n)):
        idle(rng)
        x = x * math.cos(x) * rng.normal()
    return x


@program(0.7, 6, source)
def loop_same_twice(x, n, rng):
    for i in checkpoint(range(n)):
        x = twohelp(x, rng, rng)
    return x


@program(0.7, 6, lambda: (source(),) * 2)
def loop_pair(x, n, rs):
    a, b = rs
    for i in checkpoint(range(n)):
        x = twohelp(x, a, b)
    return x


@program(
    0.7, 6, lambda: {"rng": np.random.default_rng(2), "l": [np.random.default_rng(4)]}
)
def loop_dict(x, n, d):
    for i in checkpoint(range(n)):
        x = x * d["rng"].normal() + math.sin(x) * d["l"][0].normal()
    return x


@program(0.7, 6, source)
def loop_cond(x, n, rng):
    for i in checkpoint(range(n)):
        if x > 0.4:
            x = x * rng.normal()
        elif i % 2:
            rng.normal()
        x = x + math.sin(x)
    return x


@program(0.7, 6, 4)
def loop_seeded_inside(x, n, seed):
    for i in checkpoint(range(n)):
        r = np.random.default_rng(seed + i)
        x = x * r.normal() + math.sin(x)
    return x


@program(0.7, 6, 4)
def loop_seeded_before(x, n, seed):
    r = np.random.default_rng(seed)
    for i in checkpoint(range(n)):
        x = x * r.normal() + math.sin(x)
    return x


@program(0.7, 6, source)
def loop_choice(x, n, rng):
    for i in checkpoint(range(n)):
        x = x * rng.choice([0.5, 1.5]) + math.sin(x) * rng.integers(1, 4)
    return x


@program(np.linspace(0.1, 1, 4), 6, source)
def loop_perm(x, n, rng):
    for i in checkpoint(range(n)):
        k = rng.permutation(4)
        x = x[k] * np.sin(x)
    return np.sum(x)


@program(np.linspace(0.1, 1, 4), 6, source)
def loop_array(x, n, rng):
    x = x.copy()
    for i in checkpoint(range(n)):
        x[1:] += np.sin(x[:-1]) * rng.normal(size=3)
        x *= rng.uniform(0.9, 1.1)
    return np.sum(x * x)


@program(0.7, 3, source)
def loop_nested(x, n, rng):
    for i in checkpoint(range(n)):
        for j in checkpoint(range(n + 1)):
            x = math.sin(x) + 0.3 * x * rng.normal()
        x = x * rng.uniform() + 0.2 * x
    return x


@checkpoint
def block(u, r):
    v = math.sin(u) + u * r.normal()
    w = math.exp(-v * v) * u
    r.normal()
    return w + u


@program(0.7, 5, source)
def calls(x, n, rng):
    for i in range(n):
        x = block(x, rng)
    return x


@program(0.7, 5, source)
def calls_in_loop(x, n, rng):
    for i in checkpoint(range(n)):
        x = block(x, rng) * rng.normal()
    return x


@checkpoint
def rec(u, n, r):
    if n == 0:
        return u
    v = math.sin(u) * r.normal() + u
    return rec(v * r.uniform(), n - 1, r) + rec(u, n - 2 if n > 1 else 0, r)


@program(0.7, 4, source)
def recursion(x, n, rng):
    return rec(x, n, rng)


@checkpoint
def rec2(u, n, a, b):
    if n == 0:
        return u
    v = math.sin(u) * a.normal() + u
    return rec2(v, n - 1, b, a)


@program(0.7, 4, source, lambda: np.random.default_rng(77))
def recursion_swapped(x, n, a, b):
    return rec2(x, n, a, b)


@checkpoint
def whilst(u, r):
    k = 0
    while u < 3.0 and k < 20:
        u = u + abs(r.normal()) * u
        k += 1
    return u


@program(0.7, source)
def while_inside(x, rng):
    return whilst(x, rng) * whilst(x * x, rng)


@checkpoint
def unseeded(u):
    r = np.random.default_rng()
    return u + 0 * r.normal() * u


@program(0.7, how=KEPT)
def call_unseeded(x):
    return unseeded(x)


@program(0.7, 6, lambda: [np.random.default_rng(i) for i in range(6)], how=KEPT)
def loop_many_sources(x, n, rs):
    for i in checkpoint(range(n)):
        x = math.sin(x) + x * rs[i].normal()
    return x


@program(0.7, 6, source, lambda: np.random.default_rng(21), how=KEPT)
def loop_swapping(x, n, a, b):
    for i in checkpoint(range(n)):
        x = math.sin(x) + x * a.normal()
        a, b = b, a
    return x


@program(0.7, 4, source, how=KEPT)
def seed_inside(x, n, rng):
    for i in checkpoint(range(n)):
        np.random.seed(i)
        x = math.sin(x) + x * np.random.normal()
    return x


@program(0.7, 5, source)
def printing(x, n, rng):
    for i in checkpoint(range(n)):
        x = math.sin(x) + x * rng.normal()
        if i > 100:
            print(x)
    return x


@program(0.7, 5, lambda: random.SystemRandom(), how=KEPT)
def system(x, n, r):
    for i in checkpoint(range(n)):
        x = math.sin(x) + 0 * x * r.random()
    return x


@program(0.7, 5, lambda: random.Random(4))
def pyrandom(x, n, r):
    for i in checkpoint(range(n)):
        x = math.sin(x) + x * r.gauss(0, 1)
    return x


@program(0.7, 5, source)
def downward(x, n, rng):
    for i in checkpoint(range(n, 0, -2)):
        x = math.sin(x) + i * x * rng.normal()
    for i in checkpoint(reversed(range(n))):
        x = math.sin(x) + i * x * rng.normal()
    return x


@program(0.7, 0, source)
def zero(x, n, rng):
    for i in checkpoint(range(n)):
        x = math.sin(x) + i * x * rng.normal()
    return x * rng.normal()


def begin(args):
    """Fresh arguments, and every source of the module where it began."""
    random.seed(1)
    np.random.seed(2)
    for rng, seed in ((G, 3), (MODEL.rng, 1), (held.rng, 9)):
        rng.bit_generator.state = np.random.default_rng(seed).bit_generator.state
    LEGACY.seed(5)
    return [arg() if callable(arg) else np.copy(arg)[()] for arg in args]


def next_draws(args):
    """What every source draws next."""
    legacy = [np.random.normal(), random.random(), LEGACY.uniform()]
    mine = [rng.normal() for rng in (G, MODEL.rng, held.rng)]
    return legacy + mine + [number for arg in args for number in drawn_from(arg)]


def drawn_from(value):
    if isinstance(value, random.SystemRandom):
        return []
    if isinstance(value, (np.random.Generator, random.Random)):
        return [value.random()]
    if isinstance(value, Model):
        return drawn_from(value.rng)
    items = value.values() if isinstance(value, dict) else value
    if isinstance(items, str) or not hasattr(items, "__iter__"):
        return []
    return [number for item in items for number in drawn_from(item)]


def differences(f, args, h=1e-5):
    def at(step):
        first, *rest = begin(args)
        return f(first + step, *rest)

    steps = np.eye(len(args[0])) if np.ndim(args[0]) else [1.0]
    found = [
        (8 * (at(h * e) - at(-h * e)) - (at(2 * h * e) - at(-2 * h * e))) / (12 * h)
        for e in steps
    ]
    return np.array(found) if np.ndim(args[0]) else found[0]


@pytest.mark.filterwarnings("ignore:.*S2S207")
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_same_numbers_are_drawn(name):
    f, args, how = PROGRAMS[name]
    given = begin(args)
    y = f(*given)
    follow = next_draws(given)
    slope = pytest.approx(differences(f, args), rel=1e-5, abs=1e-7)
    derived = grad(f)

    given = begin(args)
    assert derived(*given) == slope
    assert next_draws(given) == follow
    given = begin(args)
    value, bar = value_and_grad(f)(*given)
    assert value == pytest.approx(y) and bar == slope
    assert next_draws(given) == follow
    given = begin(args)
    _, back = vjp(f, *given)
    for _ in range(2):
        assert back(1.0)[0] == slope
    assert next_draws(given) == follow
    again = "state" in derived.source
    assert again == (how == AGAIN and "seeded_inside" not in name)


@pytest.mark.filterwarnings("ignore:.*S2S207")
@pytest.mark.parametrize(
    "name", [n for n in PROGRAMS if np.ndim(PROGRAMS[n][1][0]) == 0]
)
@pytest.mark.parametrize("outer", [grad, derivative])
def test_second_order(name, outer):
    f, args, _ = PROGRAMS[name]
    given = begin(args)
    f(*given)
    follow = next_draws(given)
    bend = differences(grad(f), args)
    given = begin(args)
    assert outer(grad(f))(*given) == pytest.approx(bend, rel=1e-4, abs=1e-5)
    assert next_draws(given) == follow


def test_states_may_be_set_by_hand():
    def generator(x, rng):
        state = rng.bit_generator.state
        u = x * rng.normal()
        rng.bit_generator.state = state
        return u + x * x * rng.normal()

    def legacy(x, rng):
        state = np.random.get_state()
        u = x * np.random.normal()
        np.random.set_state(state)
        return u + x * x * np.random.normal() + 0.0 * rng.random()

    def python(x, rng):
        state = random.getstate()
        u = x * random.gauss(0, 1)
        random.setstate(state)
        return u + x * x * random.gauss(0, 1) + 0.0 * rng.random()

    for f in (generator, legacy, python):
        args = (0.7, source)
        slope = differences(f, args)
        assert grad(f)(*begin(args)) == pytest.approx(slope, rel=1e-6)


def test_a_source_is_handed_on_and_not_copied():
    def f(x, rng):
        return x * rng.normal(), {"rng": rng}

    rng = source()
    (_, aux), _ = value_and_grad(f, has_aux=True)(2.0, rng)
    assert aux["rng"] is rng


def test_ints_that_seed_or_size_draws_have_no_derivative():
    def seeded(x, seed):
        return x * np.random.default_rng(seed).normal()

    def legacy(x, seed):
        np.random.seed(seed)
        return x * np.random.normal()

    def sized(x, n):
        rng = np.random.default_rng(3)
        return x * np.sum(rng.normal(size=n)) * rng.integers(1, n)

    for f in (seeded, legacy, sized):
        y, back = vjp(f, 0.5, 3)
        assert back(1.0) == (pytest.approx(y / 0.5), None)


def test_a_parameter_may_be_called_as_a_helper_is():
    def f(x, snapshots):
        for _ in checkpoint(range(snapshots)):
            x = math.sin(x) + 0.3 * x
            for _ in checkpoint(range(2)):
                x = x * x + 0.2 * x
        return x

    assert grad(f)(0.7, 5) == pytest.approx(differences(f, (0.7, lambda: 5)), rel=1e-6)


def test_recursion_prints_once(capsys):
    @checkpoint
    def walk(u, n):
        print(n)
        return math.sin(u) if n == 0 else walk(u * u, n - 1)

    def f(x):
        return walk(x, 3)

    f(0.7)
    said = capsys.readouterr().out
    grad(f)(0.7)
    assert capsys.readouterr().out == said


def test_what_draws_out_of_sight_is_not_made_again():
    """`rng.bytes` moves the source on; it gives nothing that the derivative reads."""

    @checkpoint
    def g(u, seed):
        rng = np.random.default_rng(seed)
        rng.bytes(64)
        return u * u * rng.normal()

    def f(x):
        return g(x, 3) + g(x * x, 4)

    assert grad(f)(0.7) == pytest.approx(differences(f, (0.7,)), rel=1e-6)
