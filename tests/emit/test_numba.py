"""What is printed for Numba: loops, tapes, starts, shells; and that it is still right.

The texts are run as Python here, without compiling: `njit` is a decorator that does
nothing.
"""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from s2sad import adjoint, grad
from s2sad.api import compiled
from s2sad.ir.verify import verify


@pytest.fixture
def uncompiled(monkeypatch):
    """Texts for Numba that nobody compiles."""
    monkeypatch.setattr(compiled, "refusal", lambda *told: None)


def text_and_function(derived, *args):
    """The text for these arguments, and its function, run by Python."""
    about = derived._case(args, {}).about
    text = about.text
    assert "njit" in text, about.warnings
    plain = re.sub(
        r"^@njit.*\n", "", text.replace("from numba import njit\n", ""), flags=re.M
    )
    space = dict(derived._target.function.__globals__)
    exec(compile(plain, "<text for Numba>", "exec"), space)
    return text, space[about.main]


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def prices(S, K, T):
    d = (np.log(S / K) + T) / np.sqrt(T)
    return np.sum(S * np.tanh(d) - K * np.exp(-T) * np.tanh(d - T))


def table(X, m):
    D = X[:, None, :] - m
    return np.sum(np.sum(D * D, axis=2) ** 2)


def overwritten(u, n):
    for _ in range(n):
        u[1:-1] += 0.1 * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def shifted(x):
    y = np.zeros_like(x)
    y[1:] = x[:-1] * 2.0
    y[:-1] += x[1:] * x[1:]
    y[:-1] = y[:-1] * 1.5
    return np.sum(y**3)


def branched(x):
    return np.sum(np.where(x > 0.5, x * x, np.exp(x) - x))


def along_axes(x, w):
    z = x * w
    return np.sum(np.sum(z * z, axis=0) ** 2) + np.sum(np.sum(z, axis=1) ** 3)


def later_numbers(x):
    a = np.sum(x * x)
    b = np.sum(np.sin(x) * x)
    return a * b + a


rng = np.random.default_rng(5)
x5, y5, t5 = (rng.uniform(0.3, 1.5, 5) for _ in range(3))
x34 = rng.uniform(0.3, 1.5, (3, 4))
CASES = [
    (rosenbrock, (x5,)),
    (rosenbrock, (x5[:2],)),
    (rosenbrock, (x5[:1],)),
    (prices, (x5, y5, t5)),
    (table, (x34, x34[:2] + 0.5)),
    (overwritten, (x5, 3)),
    (overwritten, (x5, 0)),
    (shifted, (x5,)),
    (branched, (x5,)),
    (branched, (x34,)),
    (along_axes, (x34, x34[0])),
    (later_numbers, (x5,)),
]


@pytest.mark.parametrize(("f", "args"), CASES, ids=lambda v: getattr(v, "__name__", ""))
def test_loops_are_right(uncompiled, f, args):
    which = tuple(range(len([a for a in args if isinstance(a, np.ndarray)])))
    for operator in (grad, adjoint):
        expected = operator(f, which)(*args)
        _, run = text_and_function(operator(f, which, target="numba"), *args)
        found = run(*(np.copy(a) if isinstance(a, np.ndarray) else a for a in args))
        for ours, theirs in zip(flat(found), flat(expected), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def flat(value):
    if isinstance(value, tuple):
        return [leaf for item in value for leaf in flat(item)]
    return [value]


def test_one_loop_for_rosenbrock(uncompiled):
    text, _ = text_and_function(grad(rosenbrock, target="numba"), x5)
    assert len(re.findall(r"^ +for ", text, flags=re.M)) == 1


def test_lengths_that_differ_raise(uncompiled):
    args = x5, y5[:4], t5  # for other lengths, another text is made
    text, run = text_and_function(grad(prices, target="numba"), *args)
    with pytest.raises(ValueError, match="broadcast"):
        run(*args)


def test_programs_are_well_formed(uncompiled, monkeypatch):
    from s2sad.emit.numba import fitting

    fitted = fitting._Fitter.function

    def checked(self, function):
        made = fitted(self, function)
        verify(made)
        return made

    monkeypatch.setattr(fitting._Fitter, "function", checked)
    for f, args in CASES:
        text_and_function(adjoint(f, target="numba"), *args)


def tapes(x, n):
    for i in range(n):
        if i % 2:
            x = math.sin(x) * x
        for _ in range(2):
            x = x * x * 0.5
    return x


def test_tapes_are_arrays(uncompiled):
    text, run = text_and_function(grad(tapes, target="numba"), 0.7, 4)
    assert "append" not in text and "np.empty((" in text
    assert run(0.7, 4) == pytest.approx(grad(tapes)(0.7, 4), rel=1e-12)
    assert run(0.7, -1) == 1.0


def counted(x):
    mask = x > 0.5
    return np.sum(np.where(mask, x * x, x)) / np.sum(mask) + len(x[: np.sum(mask)])


def test_a_count_stays_a_whole_number(uncompiled):
    text, run = text_and_function(grad(counted, target="numba"), x5)
    np.testing.assert_allclose(run(x5), grad(counted)(x5), rtol=1e-12)
