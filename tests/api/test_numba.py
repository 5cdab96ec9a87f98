"""`target="numba"`: the same numbers, compiled; what cannot be compiled runs as Python."""

from __future__ import annotations

import math
import subprocess
import sys
import textwrap
import warnings

import numpy as np
import pytest

from s2sad import adjoint, grad, hessian, jacobian, tangent, value_and_grad
from s2sad.errors import S2sadWarning

pytest.importorskip("numba")

SCALE = 2.0


def logistic(x, n):
    s = 0.0
    for _ in range(n):
        if x > 0.5:
            x = 3.7 * x * (1 - x)
        else:
            x = math.sin(x) * 2
        s += x
    return s


def neighbours(x):
    s = 0.0
    for i in range(1, len(x)):
        s += x[i] * x[i - 1] ** 2
    return s


def scaled(x):
    return SCALE * np.sum(x * x)


def clocked(x):
    print(f"{x:.2f}")
    return x * x


def compiled(derived, *args):
    """The derived function, once it is known that Numba runs it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", S2sadWarning)
        derived.prepare(*args)
    assert "@njit" in derived.source
    return derived


def test_scalars():
    g = compiled(grad(logistic, target="numba"), 0.3, 10)
    assert g(0.3, 10) == pytest.approx(grad(logistic)(0.3, 10), rel=1e-12)


@pytest.mark.parametrize("operator", [grad, value_and_grad, hessian, jacobian])
def test_elements(operator):
    x = np.array([0.1, 1.2, -0.7])
    g = compiled(operator(neighbours, target="numba"), x)
    expected = operator(neighbours)(x)
    for ours, theirs in zip(g(x), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_tangents():
    x, dot = np.array([0.1, 1.2, -0.7]), np.array([1.0, 0.5, 2.0])
    g = compiled(tangent(neighbours, target="numba"), x, dot)
    np.testing.assert_allclose(g(x, dot), tangent(neighbours)(x, dot), rtol=1e-12)


def test_globals_are_read_at_each_call(monkeypatch):
    x = np.array([0.1, 1.2])
    g = compiled(grad(scaled, target="numba"), x)
    np.testing.assert_allclose(g(x), 4 * x)
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    np.testing.assert_allclose(g(x), 6 * x)


def through_a_helper(x):
    return curve(x) * x


def curve(x):
    return x * SCALE


def steeper(x):
    return x * x * SCALE


def test_a_helper_that_is_another_now(monkeypatch):
    """Both texts have one key, and where nothing is kept on disk no other name."""
    monkeypatch.setenv("S2SAD_CACHE", "0")
    g = compiled(grad(through_a_helper, target="numba"), 3.0)
    assert g(3.0) == pytest.approx(6 * SCALE)
    monkeypatch.setitem(globals(), "curve", steeper)
    assert g(3.0) == pytest.approx(27 * SCALE)


def test_what_does_not_fit_runs_as_python():
    g = grad(clocked, target="numba")
    with pytest.warns(S2sadWarning, match="S2S206") as caught:
        assert g(3.0) == 6.0
        assert g(4.0) == 8.0
    assert len(caught) == 1
    assert "test_numba.py" in str(caught[0].message)


def summed_exactly(x, b):
    parts = []
    for i in range(2):
        parts.append(0.3 * math.fsum([b[i], x]))
    return b * x, sum(parts)


def test_what_numba_itself_refuses():
    """Found by trying, whatever the seed is made of; the statement is named."""
    args = 2.0, np.ones(3), (np.ones(3), 1.0)
    g = adjoint(summed_exactly, ("x", "b"), target="numba")
    with pytest.warns(S2sadWarning, match="fsum") as caught:
        value, (x_bar, b_bar) = g(*args)
    assert "of `parts.append(" in str(caught[0].message)
    assert value[1] == pytest.approx(1.8)
    assert x_bar == pytest.approx(3.6)
    np.testing.assert_allclose(b_bar, [2.3, 2.3, 2.0])


def test_other_layouts():
    x = np.arange(12.0).reshape(3, 4)

    def total(x):
        s = 0.0
        for row in x:
            s += np.sum(row**2)
        return s

    g = compiled(grad(total, target="numba"), x)
    for other in (x.T, x[::2, ::-1], np.asfortranarray(x)):
        np.testing.assert_allclose(g(other), 2 * other)


def test_machine_code_is_kept(tmp_path):
    (tmp_path / "kept.py").write_text(
        textwrap.dedent(
            """
            def f(x):
                s = 0.0
                for i in range(len(x)):
                    s += x[i] ** 3
                return s
            """
        )
    )
    program = """
        import sys; sys.path.insert(0, {folder!r})
        import numpy as np
        from s2sad import grad
        from kept import f
        g = grad(f, target="numba")
        assert g(np.array([1.0, 2.0])).tolist() == [3.0, 12.0]
        stats = g.__wrapped__.stats
        print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
        """
    text = textwrap.dedent(program).format(folder=str(tmp_path))
    env = {"S2SAD_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": ":".join(sys.path)}
    told = [
        subprocess.run(
            [sys.executable, "-c", text], env=env, capture_output=True, text=True
        ).stdout.split()
        for _ in range(2)
    ]
    assert told == [["0", "1"], ["1", "0"]]


def test_an_emitted_file_needs_numba_alone(tmp_path):
    path = tmp_path / "emitted.py"
    x = np.array([0.5, 1.5])
    grad(scaled, target="numba").emit(path, x)
    text = path.read_text()
    assert text.count("from numba import njit") == 1 and "s2sad import" not in text
    space = {}
    exec(compile(text.replace("(cache=True)", ""), str(path), "exec"), space)
    np.testing.assert_allclose(space["scaled_grad"](x), 4 * x)


# ---- whole numbers without end -------------------------------------------------------


def taylor(x, n):
    s, fact = 0.0, 1
    for k in range(n):
        if k > 0:
            fact *= k
        s += x**k / fact
    return s


def powers_of_two(x, n):
    s = 0.0
    for k in range(n):
        s += x * 2**k + x / (1 << k) + x / (3 << k)
    return s


def fibonacci(x, n):
    a, b = 0, 1
    s = 0.0
    for _ in range(n):
        a, b = b, a * 3 + b
        s += x * x / (1 + b)
    return s


def cubes(x, n):
    return sum(x * (10**6 * i) ** 3 for i in range(n))


def doubling(x, n):
    s, size = 0.0, 1
    while size < n:
        s += x * size
        size *= 2
    return s


def random_numbers(x, n):
    seed, s = 1, 0.0
    for _ in range(n):
        seed = (6364136223846793005 * seed + 1442695040888963407) % 2**64
        s += x * (seed / 2**64)
    return s


@pytest.mark.parametrize("f", [taylor, powers_of_two, fibonacci, cubes, doubling])
def test_whole_numbers_that_outgrow_64_bits(f):
    g = compiled(value_and_grad(f, target="numba"), 0.9, 3)
    for n in (0, 1, 3, 30, 90):
        np.testing.assert_allclose(g(0.9, n), value_and_grad(f)(0.9, n), rtol=1e-13)


def test_whole_numbers_that_are_taken_apart():
    g = grad(random_numbers, target="numba")
    with pytest.warns(S2sadWarning, match="outgrow 64 bits"):
        found = g(0.5, 20)
    assert found == grad(random_numbers)(0.5, 20)


@pytest.mark.parametrize("debug", [False, True])
def test_indices_out_of_bounds_raise(debug):
    def beyond(x, i):
        return x[0] * x[i]

    x = np.array([1.0, 2.0])
    g = compiled(grad(beyond, target="numba", debug=debug), x, 1)
    np.testing.assert_allclose(g(x, 1), [2.0, 1.0])
    with pytest.raises(IndexError):
        g(x, 7)
    with pytest.raises(IndexError):
        g(x, -3)


# ---- functions that Numba compiles already -------------------------------------------


def jitted():
    """A primal as Numba's users have it: `njit` on it, and on what it calls."""
    from numba import njit

    @njit
    def spring(x, v, k):
        return v - 0.1 * k * x

    @njit(cache=False)
    def swing(x, v, k, n):
        for _ in range(n):
            v = spring(x, v, k)
            x = x + 0.1 * v
        return x * x

    return swing


@pytest.mark.parametrize("target", ["python", "numba"])
def test_jitted_programs(target):
    swing = jitted()
    args = 1.0, 0.5, 2.0, 6

    def slope(g, k, step=1e-6):
        ends = [[a + s * step * (i == k) for i, a in enumerate(args)] for s in (1, -1)]
        return (g(*ends[0][:3], 6) - g(*ends[1][:3], 6)) / (2 * step)

    first = grad(swing, (0, 2), target=target)
    np.testing.assert_allclose(
        first(*args), [slope(swing, 0), slope(swing, 2)], rtol=1e-6
    )
    inner = grad(swing, 2)
    second = grad(grad(swing, 2), 0, target=target)
    np.testing.assert_allclose(second(*args), slope(inner, 0), rtol=1e-6)


# ---- writes that read what they overwrite --------------------------------------------


def differences_in_place(x):
    x[1:] -= x[:-1]
    return x


def products_in_place(x):
    x[1:] *= x[:-1]
    x[:-1] /= x[1:]
    return x


def turned_off_itself(x):
    x -= x[::-1]
    return x


def turned_onto_itself(x):
    x += x[::-1]
    x *= x[::-1]
    return x


def turned_as_a_name(x):
    y = x[::-1]
    x -= y
    x[1:] += -x[:-1]
    return x


def written_with_what_is_next(x):
    x[1:] = x[:-1] - x[1:]
    x[1:] = x[:-1]
    return x


def transposed_off_itself(x):
    a = np.outer(x, x) + x
    a -= a.T
    a += 2 * a.T * x
    a[1:, :] *= a[:-1, :]
    return a


def by_out(x):
    np.add(x[1:], x[:-1], out=x[1:])
    np.multiply(x[:-1], x[1:], out=x[:-1])
    return x


OVERLAPPING = [differences_in_place, products_in_place, turned_off_itself, by_out]
OVERLAPPING += [turned_onto_itself, turned_as_a_name, written_with_what_is_next]
OVERLAPPING += [transposed_off_itself]


@pytest.mark.parametrize("f", OVERLAPPING, ids=lambda f: f.__name__)
def test_writes_that_read_what_they_overwrite(f):
    x = np.array([0.7, -1.2, 0.4, 1.9, -0.6])
    y_bar = np.sin(1.0 + np.arange(f(x.copy()).size)).reshape(f(x.copy()).shape)
    g = compiled(adjoint(f, target="numba"), x, y_bar)
    for ours, theirs in zip(g(x, y_bar), adjoint(f)(x, y_bar), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    np.testing.assert_allclose(g(x, y_bar)[0], f(x.copy()), rtol=1e-12)


def test_single_precision_stays_single():
    def doubled(x):
        return np.sum(x * 2.0 * x)

    x = np.array([0.1, 0.7], dtype=np.float32)
    with pytest.warns(S2sadWarning, match="float32"):
        found = grad(doubled, target="numba")(x)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, grad(doubled)(x))


# ---- what Numba lacks, in other words ------------------------------------------------


def quadratic(x, w):
    return np.einsum("i,ij,j->", x, w, x)


def batches(a, b):
    return np.sum(np.einsum("bij,bjk->bik", a, b) ** 3)


def traces(w, x):
    return np.einsum("ii->", w) * np.sum(np.einsum("ii->i", w) ** 2 * x)


def scaled_sums(x, w):
    total = 0.0
    for k in range(3):
        total += k * np.einsum("ij,ij->", w, np.einsum("i,j", x, x))
        w[0] *= x[k]
    return total


def ranks(x, w):
    y = np.sort(x)
    return y[0] * y[2] + np.sum(x[np.argsort(x, kind="stable")] * w[1])


def quietly(x, w):
    total = 0.0
    for k in range(3):
        with np.errstate(divide="ignore", invalid="ignore"):
            y = np.where(x > 0, np.log(x), 0.0)
            if x[k] < 0:
                continue
            total += y[k]
        x[k] *= w[k, k]
    return total * np.sum(x)


@pytest.mark.parametrize("f", [quadratic, batches, traces, scaled_sums, ranks, quietly])
def test_forms_that_numba_lacks(f):
    rng = np.random.default_rng(3)
    shapes = {"x": (3,), "w": (3, 3), "a": (2, 2, 3), "b": (2, 3, 2)}
    args = [rng.normal(size=shapes[name]) for name in f.__code__.co_varnames[:2]]
    slope = compiled(grad(f, (0, 1), target="numba"), *args)
    for got, wanted in zip(slope(*args), grad(f, (0, 1))(*args)):
        np.testing.assert_allclose(got, wanted, rtol=1e-12)


def test_einsum_of_lengths_that_differ():
    slope = compiled(grad(quadratic, target="numba"), np.ones(3), np.ones((3, 3)))
    with pytest.raises(ValueError, match="broadcast"):
        slope(np.ones(3), np.ones((3, 4)))


def test_errors_that_are_asked_for_are_not_compiled():
    def loud(x):
        with np.errstate(all="raise"):
            return np.sum(x * x)

    slope = grad(loud, target="numba")
    with pytest.warns(S2sadWarning, match="that raises or calls"):
        np.testing.assert_array_equal(slope(np.ones(2)), [2.0, 2.0])


def test_equal_elements_in_order():
    x = np.array([1.0, 1.0, 1.0])
    slope = compiled(grad(ranks, target="numba"), x, np.ones((3, 3)))
    w = np.arange(9.0).reshape(3, 3)
    np.testing.assert_array_equal(slope(x, w), grad(ranks)(x, w))
