"""Calls of compiled derivatives: what dispatch leaves to Numba is looked at all the same.

For arrays, Numba's own look at dtypes and ranks is the check; for numbers, machine code
is called without asking. Arguments of other kinds must come to another specialisation,
and what the compiled function raises must reach the caller.
"""

from __future__ import annotations

import math
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from s2sad import adjoint, derivative, grad, value_and_grad
from s2sad.load.dispatch import Unfit

pytest.importorskip("numba")

pytestmark = pytest.mark.filterwarnings("ignore:.*S2S206")  # some run as Python


def norm(x):
    return np.sum(x * x * x)


def wave(a, b):
    return math.sin(a) * b * b


def powers(x, n):
    y = 1.0
    for _ in range(n):
        y *= x
    return y


def dot(x, y):
    return np.sum(x * y * y)


def first(x):
    return x[0] * x[1]


def same(ours, theirs):
    if not isinstance(theirs, np.float64):  # Numba makes a Python float of it
        assert type(ours) is type(theirs)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    if isinstance(ours, np.ndarray):
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape


def arrays():
    x = np.array([0.5, -1.5, 2.0, 0.25])
    locked = x.copy()
    locked.flags.writeable = False
    square = np.arange(1.0, 10.0).reshape(3, 3)
    return [
        x, x[::2], x[::-1], locked, x.astype(np.float32), square, square.T,
        square[:, 1], np.asfortranarray(square)[1:], x[:1], x[:0], np.array(2.0),
        x.astype(">f8"), np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(float),
    ]  # fmt: skip


@pytest.mark.parametrize("begun", range(0, len(arrays()), 4))
def test_arrays_of_all_kinds_one_after_the_other(begun):
    compiled, plain = grad(norm, target="numba"), grad(norm)
    given = arrays()
    for x in given[begun:] + given[:begun]:
        same(compiled(x), plain(x))


def test_a_subclass_is_no_plain_array():
    x = np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False])
    compiled = grad(norm, target="numba")
    compiled(np.ones(3))
    with pytest.raises(Exception) as ours:
        compiled(x)
    with pytest.raises(type(ours.value)):
        grad(norm)(x)


@pytest.mark.parametrize(
    "odd", [[1.0, 2.0], (1.0, 2.0), 3.0, None, "text", np.float64(2.0), np.arange(3)]
)
def test_what_is_no_such_array(odd):
    compiled, plain = grad(norm, target="numba"), grad(norm)
    compiled(np.ones(3))
    try:
        expected = plain(odd)
    except Exception as error:
        with pytest.raises(type(error)):
            compiled(odd)
    else:
        same(compiled(odd), expected)
    same(compiled(np.ones(3)), plain(np.ones(3)))


def test_numbers_of_all_kinds_one_after_the_other():
    compiled, plain = grad(wave, (0, 1), target="numba"), grad(wave, (0, 1))
    for a in (0.5, 2, np.float64(0.25), np.float32(0.5), 0.75):
        for b in (1.5, 3, np.float64(2.0)):
            ours, theirs = compiled(a, b), plain(a, b)
            assert ours == pytest.approx(theirs, rel=1e-6)
    assert isinstance(compiled(0.5, 1.5)[0], float)


def test_a_whole_number_for_a_real_one():
    compiled = grad(powers, target="numba")
    assert compiled(2.0, 3) == 12.0
    assert compiled(2, 3) == 12.0
    assert isinstance(compiled(2, 3), float)
    assert compiled(2.0, True) == 1.0


def test_mixed_arguments():
    compiled, plain = grad(dot, (0, 1), target="numba"), grad(dot, (0, 1))
    x = np.array([1.0, 2.0, 3.0])
    for a in (x, 2.0, x[::-1], x[:1], np.float64(3.0)):
        for b in (x, 0.5, x.astype(np.float32), x[None, :]):
            for ours, theirs in zip(compiled(a, b), plain(a, b), strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-6)
                assert np.shape(ours) == np.shape(theirs)


def test_words_and_seeds():
    compiled = adjoint(norm, target="numba")
    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(compiled(x)[1], 3 * x**2)
    np.testing.assert_allclose(compiled(x=x, y_bar=2.0)[1], 6 * x**2)
    np.testing.assert_allclose(compiled(x, 2)[1], 6 * x**2)
    slope = grad(wave, target="numba")
    assert slope(b=2.0, a=0.5) == pytest.approx(4 * math.cos(0.5))
    with pytest.raises(TypeError):
        slope(0.5)
    with pytest.raises(TypeError):
        slope(0.5, 1.0, 2.0)


def test_a_name_that_has_been_replaced(monkeypatch):
    compiled = derivative(wave, target="numba")
    assert compiled(0.0, 2.0) == 4.0

    class Other:
        sin = staticmethod(math.cos)

    monkeypatch.setitem(globals(), "math", Other)
    assert compiled(0.5, 2.0) == pytest.approx(-4 * np.sin(0.5))
    monkeypatch.undo()
    assert compiled(0.0, 2.0) == 4.0


def test_a_name_that_is_gone(monkeypatch):
    compiled = grad(norm, target="numba")
    compiled(np.ones(3))
    monkeypatch.delitem(globals(), "np")
    with pytest.raises(Exception):  # noqa: B017
        compiled(np_ones)
    monkeypatch.undo()
    np.testing.assert_allclose(compiled(np.ones(3)), 3.0)


np_ones = np.ones(3)


def test_code_that_has_been_replaced():
    def f(x):
        return np.sum(x * x)

    def g(x):
        return np.sum(x * x * x)

    compiled = grad(f, target="numba")
    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(compiled(x), 2 * x)
    f.__code__ = g.__code__
    np.testing.assert_allclose(compiled(x), 3 * x**2)


def test_made_anew_on_each_trip():
    found = []
    for _ in range(5):
        slope = grad(lambda x: np.sum(x**3), target="numba")
        found.append(slope(np.array([1.0, 2.0])))
        number = grad(lambda a: a**3, target="numba")
        assert number(2.0) == 12.0
    np.testing.assert_allclose(found, [[3.0, 12.0]] * 5)


def test_what_the_compiled_function_raises():
    compiled = value_and_grad(first, target="numba")
    compiled(np.ones(3))
    for short in (np.ones(0), np.ones((0, 3))[:, 0]):
        with pytest.raises(IndexError):
            compiled(short)
    product = value_and_grad(dot, target="numba")
    product(np.ones(3), np.ones(3))
    with pytest.raises(ValueError, match="broadcast"):
        product(np.ones(3), np.ones(4))


def test_the_compiled_function_itself_says_what_it_is_for():
    compiled = grad(norm, target="numba")
    kernel = compiled.specialized(np.ones(3))
    np.testing.assert_allclose(kernel(np.ones(6)[::2]), 3.0)
    compiled(np.ones(3))
    with pytest.raises(Unfit, match="float64"):
        kernel(np.ones(3, np.float32))


def test_from_threads():
    compiled = grad(norm, target="numba")
    given = [a for a in arrays() if a.ndim] * 4
    with ThreadPoolExecutor(4) as pool:
        for x, found in zip(given, pool.map(compiled, given), strict=True):
            np.testing.assert_allclose(found, 3 * x**2, rtol=1e-6)


def test_after_a_pickle():
    compiled = pickle.loads(pickle.dumps(grad(wave, target="numba")))
    assert compiled(0.0, 2.0) == 4.0
    assert compiled(0.0, 2.0) == 4.0
