"""Which elements are taken to be final, in programs as they are lowered."""

from __future__ import annotations

import re
import runpy

import numpy as np
import pytest

from s2sad import adjoint

N = 4


def keeps(f, *args) -> bool:
    """Does the adjoint keep anything of its loops?"""
    derived = adjoint(f)
    y = f(*args)
    derived(*args, *([np.ones_like(y)] if np.ndim(y) else []))
    return "Keeps" in derived.source


def earlier(x):
    for i in range(1, len(x)):
        x[i] = x[i] * 0.5 + np.sin(x[i - 1])
    return x


def from_zero(x):
    """x[-1] is the last element, which is written later."""
    for i in range(len(x)):
        x[i] = 0.5 * x[i] + np.sin(x[i - 1])
    return x


def downwards(x):
    for i in range(len(x) - 2, -1, -1):
        x[i] = x[i] * 0.5 + np.sin(x[i + 1])
    return x


def upwards_reading_on(x):
    for i in range(len(x) - 1):
        x[i] = 0.5 * x[i] + np.sin(x[i + 1])
    return x


def reversed_range(x):
    for i in reversed(range(len(x) - 1)):
        x[i] = 0.5 * x[i] + np.sin(x[i + 1])
    return x


def twice(x):
    for _ in range(2):
        for i in range(1, len(x)):
            x[i] = 0.5 * x[i] + np.sin(x[i - 1])
    return x


def below(x):
    for i in range(len(x)):
        for j in range(i):
            x[i] += np.sin(x[j])
    return x


def others(x):
    """The branch excludes the element that is written, not those written before."""
    for i in range(len(x)):
        for j in range(len(x)):
            if j != i:
                x[i] += np.sin(x[j])
    return x


def only_itself_excluded(x):
    y = 0.0 * x
    for i in range(len(x)):
        for j in range(i + 1):
            if i != j:
                y[i] += np.sin(y[j])
            else:
                y[i] += x[i]
    return y


def slices(x):
    for i in range(1, len(x)):
        x[i] = 0.1 * np.sum(np.sin(x[:i]))
    return x


def slices_too_long(x):
    for i in range(1, len(x)):
        x[i] = 0.1 * np.sum(np.sin(x[: i + 1]))
    return x


def slices_from_the_end(x):
    """`x[:-i]` for i = 0 would be empty; for others it reads what comes later."""
    for i in range(1, len(x)):
        x[i] = 0.1 * np.sum(np.sin(x[:-i]))
    return x


def by_an_array(x):
    p = np.array([0, 2, 1, 0])
    for i in range(1, len(x)):
        x[i] = 0.5 * np.sin(x[p[i]])
    return x


def even_from_odd(x):
    for i in range(2):
        x[2 * i] = np.sin(x[2 * i + 1])
    return x


def columns(x):
    a = np.outer(x, x)
    for j in range(1, len(x)):
        a[:, j] = np.sin(a[:, j - 1]) * x[j]
    return a


def written_afterwards(x):
    for i in range(1, len(x)):
        x[i] = 0.5 * x[i] + np.sin(x[i - 1])
    x[0] = 0.0
    return x


def rows_below(x):
    """What comes to a place from below was not read before, and is not written again."""
    y = x * x
    for k in range(len(x)):
        p = k + np.argmax(y[k:])
        y[[k, p]] = y[[p, k]]
        for i in range(k + 1, len(x)):
            y[i] += np.sin(y[k])
    return y


def any_row(x):
    y = x * x
    for k in range(len(x)):
        p = np.argmax(y)
        y[[k, p]] = y[[p, k]]
        for i in range(k + 1, len(x)):
            y[i] += np.sin(y[k])
    return y


FINAL = [earlier, downwards, reversed_range, below, only_itself_excluded, slices]
FINAL += [columns, written_afterwards]
LOST = [from_zero, upwards_reading_on, twice, others, slices_too_long]
LOST += [slices_from_the_end, by_an_array]


@pytest.mark.parametrize("f", FINAL, ids=lambda f: f.__name__)
def test_nothing_is_kept(f):
    assert not keeps(f, np.linspace(0.2, 0.9, N))


@pytest.mark.parametrize("f", LOST, ids=lambda f: f.__name__)
def test_something_is_kept(f):
    assert keeps(f, np.linspace(0.2, 0.9, N))


@pytest.mark.parametrize("f, names", [(rows_below, ["p"]), (any_row, ["p", "y_k"])])
def test_what_is_kept(f, names):
    x = np.linspace(0.2, 0.9, N)
    derived = adjoint(f)
    derived(x, x)
    assert re.findall(r"(\w+)_tape = \[\]", derived.source) == names


EVERY = [*FINAL, *LOST, even_from_odd, rows_below, any_row]
SIZES = [(f, size) for f in EVERY for size in (4, 5)]
SIZES.remove((by_an_array, 5))  # its indices are for four


@pytest.mark.parametrize(
    "f, size", SIZES, ids=lambda each: getattr(each, "__name__", each)
)
def test_the_numbers(f, size):
    x = np.linspace(0.2, 0.9, size)
    x_dot = np.cos(np.arange(size))
    y = f(x.copy())
    y_bar = np.sin(1.0 + np.arange(y.size)).reshape(y.shape)
    _, x_bar = adjoint(f)(x, y_bar)
    step = 1e-30j * x_dot
    y_dot = f((x + step).astype(complex)).imag / 1e-30
    np.testing.assert_allclose(x_bar @ x_dot, np.sum(y_bar * y_dot), rtol=1e-12)


STORED = """import numpy as np

def f(x):
    n = len(x)
    u = np.zeros(16 * n)
    s = 0.0
    w = x.copy()
    for i in range(n):
        v = np.exp(-w[0])
        w[0] = v * x[i]
        u[{index}] = v
        s += v * v * x[i]
    return s + np.sum(u)
"""


@pytest.mark.parametrize(
    ("index", "kept"),
    [
        ("i", False),
        ("i + 1", False),
        ("2 * i", False),
        ("n - i", False),
        ("-(i + 1)", False),
        ("2 * (2 * (i + 1)) + 1", False),
        ("2 * (2 * (i + 1) + 1) + 1", True),
        ("i % 8", True),
    ],
)
def test_where_a_value_was_stored(index, kept, tmp_path):
    """It is read from there, if the place takes little index arithmetic."""
    file = tmp_path / "stored.py"
    file.write_text(STORED.format(index=index), encoding="utf-8")
    f = runpy.run_path(str(file))["f"]
    assert keeps(f, np.linspace(0.2, 0.9, N)) == kept
