"""`optimize=2`: large arrays are written over where they end, and only there.

Every program gives what it gives at the default level: its derivatives of both modes
and of second order, what it keeps elsewhere, and its arguments afterwards.
"""

from __future__ import annotations

import copy
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from s2sad import adjoint, grad, hessian, jacobian, tangent
from tests.harness.values import flat

HISTORY: list[np.ndarray] = []
RECORD = SimpleNamespace(last=None)


def keep(a):
    HISTORY.append(a)


# ---- what others hold on to ----------------------------------------------------------


def put_into_a_list_of_the_module(x):
    t = x * 2.0
    HISTORY.append(t)
    u = t * 3.0
    return np.sum(np.exp(u) * x)


def a_view_put_into_a_list(x):
    t = x * 2.0
    HISTORY.append(t[1:])
    u = t * 3.0
    return np.sum(np.exp(u) * x)


def kept_by_a_helper(x):
    t = x * 2.0
    keep(t)
    u = np.exp(t * 3.0)
    return np.sum(u * x)


def kept_by_an_object(x):
    t = np.sin(x)
    RECORD.last = t
    return np.sum(np.exp(t * x))


def entries_of_a_list(x):
    ts = []
    for i in range(3):
        t = np.tanh(x * (i + 1.0))
        ts.append(t)
        t = t * x
        ts.append(t)
    s = 0.0
    for t in ts:
        s = s + np.sum(t * t)
    return s


def entries_of_a_dict(x):
    t = np.exp(x)
    d = {"a": t, "b": t * 2.0}
    u = t * 3.0
    return np.sum(d["a"] * u + d["b"])


# ---- views and aliases ---------------------------------------------------------------


def read_backwards_later(x):
    t = x * 2.0
    v = t[::-1]
    u = t * 3.0
    return np.sum(np.exp(u) * v)


def turned_by_einsum(x):
    a = x[:, None] * np.sin(x)[None, :]
    b = np.einsum("ij->ji", a)
    c = a * 2.0
    return np.sum(np.exp(c * b * 0.1))


def first_power_of_a_matrix(x):
    a = x[:, None] * np.sin(x)[None, :]
    b = np.linalg.matrix_power(a, 1)
    c = a * 3.0
    return np.sum(b * c * c)


def another_shape(x):
    t = np.exp(x)
    r = t.reshape(-1, 1)
    u = t * 2.0
    return np.sum(np.log1p(u)) + np.sum(r * r.T)


def with_its_own_mirror(x):
    t = np.exp(x)
    u = t * t[::-1]
    return np.sum(u / (1.0 + t))


def the_same_on_one_way(x):
    t = np.exp(x * 0.5)
    u = t * 2.0 if np.sum(x) > 3 else t
    v = u * 3.0
    return np.sum(v * np.sin(u) + x)


# ---- where it is read again ----------------------------------------------------------


def carried_by_a_loop(x):
    t = x * 1.0
    s = 0.0
    for _ in range(4):
        u = np.sin(t) * x
        t = np.exp(-u) * t
        s = s + np.sum(t * u)
    return s


def buffers_that_change_places(x):
    a = x * 1.0
    b = np.cos(x)
    for _ in range(3):
        a, b = b * 2.0, np.sin(a) + b
    return np.sum(a * b)


def in_the_test_of_a_loop(x):
    t = x * 0.3
    s = 0.0
    while np.sum(np.exp(t) * 2.0 - 1.0) < 30.0 and s < 50.0:
        t = t * 1.5 + 0.1
        s = s + np.sum(1.0 / (1.0 + np.exp(-t))) + 1.0
    return s


def in_a_handler(x):
    t = np.exp(x)
    try:
        u = t * 2.0
        t = u * 3.0
        if np.sum(t) > 20.0:
            raise ValueError("large")
        w = np.log(t)
    except ValueError:
        w = t * u
    return np.sum(w * t)


def written_between(x):
    t = np.exp(x)
    u = t * 2.0
    t[:1] = 5.0
    w = u * t
    w[1:] = x[1:] * 2.0
    z = w * 3.0
    return np.sum(z * np.sin(w))


def whole_numbers_among(x):
    n = np.arange(len(x))
    t = n * 2.0
    u = t * x
    k = n * 2 + n
    return np.sum(u * k / (1.0 + n))


def powers_and_unary(x):
    t = (x * x + 1.0) ** 1.5
    u = 2.0 ** (t * 0.1)
    w = np.maximum(u**-1, 0.3)
    return np.sum(w**0.5 + u**2 - np.arctan2(w, 1.0 + u))


# ---- what loops end with -------------------------------------------------------------


def swept_in_place(x):
    u = np.zeros_like(x)
    for _ in range(3):
        for i in range(1, len(x)):
            u[i] = 0.5 * (u[i - 1] + np.sin(x[i]))
    return np.sum(u * u)


def no_trip(x):
    u = x * 2.0
    before = u
    for _ in range(len(x) // 9):
        u = np.sin(u)
    w = u * 3.0
    return np.sum(w * before)


def the_state_before(x):
    u = x * 2.0
    before = u
    for _ in range(len(x) // 2):
        before = u
        u = np.sin(u)
    w = u * 3.0
    return np.sum(w * w) + np.sum(before * x)


def states_change_places(x):
    u, v = np.exp(x), np.cos(x)
    for i in range(len(x)):
        u, v = v, u
        u[i] = v[i] * 2.0
    w = u * 3.0
    return np.sum(w * w) + np.sum(v)


def begun_with_an_argument(x):
    u = x
    for _ in range(len(x) // 4):
        u = np.sin(u)
    w = u * 3.0
    return np.sum(w * w)


def a_view_from_before(x):
    u = x * 2.0
    edge = u[1:]
    for i in range(1, len(x)):
        u[i] = u[i - 1] * 0.5
    w = u * 3.0
    return np.sum(w * w) + np.sum(edge * edge)


def a_view_from_inside(x):
    u = x * 2.0
    edge = u[:1]
    for _ in range(2):
        u = np.sin(u)
        edge = u[:1]
    w = u * 3.0
    return np.sum(w * w) + np.sum(edge)


def states_in_a_list(x):
    u = x * 2.0
    states = []
    for _ in range(2):
        u = np.sin(u)
        states.append(u)
    w = u * 3.0
    return np.sum(w * states[0]) + np.sum(states[-1] * w)


def states_in_a_list_of_the_module(x):
    u = x * 2.0
    for _ in range(2):
        u = np.sin(u)
        HISTORY.append(u)
    w = u * 3.0
    return np.sum(w * w)


def not_in_each_trip(x):
    u = x * 2.0
    for i in range(4):
        if i % 3 == 1:
            u = np.sin(u) * u
    w = u * 3.0
    return np.sum(w * w)


def left_in_the_middle(x):
    u = x * 2.0
    for i in range(4):
        u = np.sin(u)
        if i == 1:
            break
        u = u * u
    w = u * 3.0
    return np.sum(w * w)


def read_by_the_next_loop(x):
    u = x * 2.0
    for _ in range(2):
        u = u * np.sin(u)
    s = 0.0
    for k in range(2):
        w = u * 3.0
        s = s + np.sum(w * w) * k
    return s


def a_while(x):
    u = np.exp(x)
    k = 0
    while k < 3:
        u[: k + 1] = np.sin(u[: k + 1])
        k += 1
    w = u * u
    return np.sum(w * x)


def a_number_until_the_first_trip(x):
    w = 1.0
    for i in range(len(x)):
        w = w * (2.0 * x[i]) * x
    return np.std(w)


PROGRAMS = [
    f
    for name, f in list(globals().items())
    if callable(f) and getattr(f, "__module__", "") == __name__ and name != "keep"
]
X = np.array([0.31, 0.9, 0.55, 1.07, 0.42])
POINTS = {"plain": X, "one": X[:1], "none": X[:0], "narrow": X.astype(np.float32)}


def derivatives(f, x, level):
    """Whatever a call gives, or raises, and what is left behind by it."""
    options = {"optimize": level}
    ways = {
        "grad": lambda x: grad(f, **options)(x),
        "adjoint": lambda x: adjoint(f, **options)(x, 2.0),
        "tangent": lambda x: tangent(f, **options)(x, np.ones_like(x)),
        "hessian": lambda x: hessian(f, **options)(x),
        "twice": lambda x: grad(
            lambda x: np.sum(grad(f, **options)(x) ** 2), **options
        )(x),
    }
    for name, way in ways.items():
        HISTORY.clear()
        RECORD.last = None
        argument = x.copy()
        try:
            found = flat(way(argument))
        except Exception as error:
            found = type(error).__name__
        np.testing.assert_array_equal(argument, x)
        kept = [HISTORY, [] if RECORD.last is None else [RECORD.last]]
        yield name, found, copy.deepcopy(kept)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_the_same_as_without(f, point):
    pairs = zip(derivatives(f, POINTS[point], 1), derivatives(f, POINTS[point], 2))
    for (name, expected, kept), (_, found, also) in pairs:
        if isinstance(expected, str):
            assert found == expected, name
            continue
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)
        for lists in zip(kept, also, strict=True):
            for a, b in zip(*lists, strict=True):
                np.testing.assert_allclose(b, a, rtol=1e-12)


# ---- more than one argument, or result -----------------------------------------------


def of_two(a, b):
    u = a * 2.0
    v = u * b
    return np.sum(v * u / (1.0 + v * v))


@pytest.mark.parametrize("narrow", [(), (0,), (1,), (0, 1)])
@pytest.mark.parametrize("shared", ["apart", "same", "mirrored"])
def test_arguments_that_share_or_differ_in_precision(shared, narrow):
    a = X.astype(np.float32 if 0 in narrow else float)
    b = {"apart": np.cos(a), "same": a, "mirrored": a[::-1]}[shared]
    b = b.astype(np.float32) if 1 in narrow else b
    expected = grad(of_two, (0, 1))(a, b)
    found = grad(of_two, (0, 1), optimize=2)(a, b)
    for x, y in zip(found, expected, strict=True):
        assert x.dtype == y.dtype
        np.testing.assert_allclose(x, y, rtol=1e-5 if narrow else 1e-12)
    np.testing.assert_array_equal(a, X.astype(a.dtype))


def several(x):
    t = np.exp(x)
    u = t * x
    return u / (1.0 + t), u, t * 2.0


def test_results_share_no_memory():
    seeds = tuple(np.ones(5) for _ in range(3))
    values, bar = adjoint(several, optimize=2)(X, seeds)
    expected = adjoint(several)(X, seeds)
    np.testing.assert_allclose(flat((values, bar)), flat(expected))
    arrays = [*values, *(bar if isinstance(bar, tuple) else (bar,)), X, *seeds]
    for i, a in enumerate(arrays):
        assert not any(np.shares_memory(a, b) for b in arrays[:i])
    np.testing.assert_allclose(
        jacobian(lambda x: several(x)[0], optimize=2)(X),
        jacobian(lambda x: several(x)[0])(X),
    )


def test_one_function_in_many_threads():
    f = grad(powers_and_unary, optimize=2)
    xs = [X * k for k in (0.5, 1.0, 1.5, 2.0)]
    expected = [grad(powers_and_unary)(x) for x in xs]
    found: dict[int, list[np.ndarray]] = {}

    def work(k):
        found[k] = [f(xs[k]) for _ in range(50)]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, y in enumerate(expected):
        np.testing.assert_allclose(found[k], [y] * 50)


# ---- the level itself ----------------------------------------------------------------


def test_each_level_has_a_text_of_its_own(tmp_path, monkeypatch):
    """In the cache, too: the level is part of the key."""
    monkeypatch.setenv("S2SAD_CACHE", "1")
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path))
    for _ in range(2):  # made, and found again
        plain, reused = grad(of_two), grad(of_two, optimize=2)
        plain(X, X), reused(X, X)
        assert "*= " not in plain.source
        assert "*= " in reused.source


def test_small_arrays_are_left_alone():
    def f(x):
        a = np.ones(3) * 2.0
        return np.sum(a / (1.0 + a)) * x

    source = adjoint(f, optimize=2)
    source(2.0)
    assert "out=" not in source.source
