"""`del` at `optimize=2`: dead arrays go where the peak would be higher, nowhere else."""

from __future__ import annotations

import linecache
import re
import tracemalloc

import numpy as np
import pytest

from s2sad import adjoint, grad, tangent, value_and_grad
from tests.harness.values import flat

X = np.linspace(0.2, 1.4, 20_000)


def heat(u, r, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] = u[1:-1] + r * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def several_stages(x):
    a = np.sin(x)
    s = np.sum(a)
    b = np.cos(x * s)
    t = np.sum(b)
    c = np.exp(-x * t / len(x))
    return np.sum(c) + s * t


def stops_early(x, n):
    s = 0.0
    t = np.exp(-x)
    for i in range(n):
        u = np.sin(t * (i + 1.0))
        s = s + np.sum(u)
        if s > 1e5:
            break
        v = np.cos(x * s)
        s = s + np.sum(v * u)
    return s


def shape_read_later(x):
    a = np.exp(x)
    s = np.sum(a * a)
    b = np.cos(x * s)
    c = np.zeros(a.shape)
    c[1:] = b[:-1]
    return np.sum(c) / a.size


def seen_through_a_view(x):
    a = np.exp(x)
    v = a[::2]
    s = np.sum(a)
    b = np.cos(x * s)
    return np.sum(b) + np.sum(v)


CALLS = [
    (heat, (X, 0.2, 4)),
    (heat, (X, 0.2, 0)),
    (several_stages, (X,)),
    (stops_early, (X, 3)),
    (stops_early, (X, 0)),
    (stops_early, (X * 1e-3, 9)),
    (shape_read_later, (X,)),
    (seen_through_a_view, (X,)),
]


def peak(f, args):
    f(*args)
    tracemalloc.start()
    try:
        f(*args)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("f, args", CALLS)
def test_the_same_in_no_more_memory(f, args):
    plain, freed = value_and_grad(f), value_and_grad(f, optimize=2)
    np.testing.assert_allclose(flat(freed(*args)), flat(plain(*args)), rtol=1e-9)
    assert peak(freed, args) <= 1.01 * peak(plain, args)


def test_it_stands_where_it_tells():
    freed = grad(heat, optimize=2)
    freed(X, 0.2, 4)
    assert re.findall(r"del \w+", freed.source) == ["del t1", "del t2"]
    plain = grad(heat)
    plain(X, 0.2, 4)
    assert "del " not in plain.source


def test_small_arrays_are_not_deleted():
    def f(x):
        a = np.ones(4) * x
        s = np.sum(np.sin(a))
        b = np.ones(4) * s
        return np.sum(np.cos(b))

    derived = adjoint(f, optimize=2)
    derived(0.3)
    assert "del " not in derived.source


def test_the_text_is_acceptable_input():
    derived = grad(heat, optimize=2)
    derived(X[:9], 0.2, 4)
    text = derived.source
    linecache.cache["<freed>"] = (len(text), None, text.splitlines(True), "<freed>")
    space = {"np": np}
    exec(compile(text, "<freed>", "exec"), space)

    def norm_of_plain(u):
        return np.sum(grad(heat)(u, 0.2, 4) ** 2)

    first = space["heat_grad"]

    def norm(u):
        return np.sum(first(u, 0.2, 4) ** 2)

    expected = grad(norm_of_plain)(X[:9])
    np.testing.assert_allclose(grad(norm)(X[:9]), expected, rtol=1e-9)


def many_stages(x):
    a = np.sin(x)
    b = np.cos(a * x)
    c = np.exp(-b * a)
    d = np.tanh(c * b)
    e = np.sqrt(d * d + c * a)
    return np.sum(e * d * np.log(2.0 + c * b) * a)


def test_the_default_level_deletes_where_much_is_held():
    derived = grad(many_stages)
    expected = grad(many_stages, optimize=0)(X)
    np.testing.assert_allclose(derived(X), expected, rtol=1e-11, atol=1e-13)
    forward, reverse = derived.source.split("# reverse")
    assert "del " not in forward and "del " in reverse
    assert "del " not in grad(several_stages).prepare(X).source
    assert "del " not in grad(many_stages, optimize=0).source


def test_the_default_level_leaves_loops_alone():
    def steps(x, n):
        for _ in range(n):
            a = np.sin(x)
            b = np.cos(a * x)
            c = np.exp(-b * a)
            d = np.tanh(c * b)
            e = np.sqrt(d * d + c * a)
            x = e * d * np.log(2.0 + c * b) * x
        return np.sum(x)

    assert "del " not in grad(steps).prepare(X, 3).source


def regression(w, X, y):
    z = X @ w
    return np.mean(np.log1p(np.exp(-y * z))) + 0.01 * np.sum(w * w)


def test_one_line_that_gives_a_fifth_stands_in_gradients():
    X, y = np.random.default_rng(5).normal(size=(2000, 3)), np.ones(2000)
    found = grad(regression)
    expected = grad(regression, optimize=0)
    np.testing.assert_allclose(found(np.ones(3), X, y), expected(np.ones(3), X, y))
    assert re.findall(r"del \w+", found.source) == ["del z"]
    assert peak(found, (np.ones(3), X, y)) < 3.2 * y.nbytes
    forward = tangent(regression)
    forward(np.ones(3), X, y, np.ones(3))
    assert "del " not in forward.source
