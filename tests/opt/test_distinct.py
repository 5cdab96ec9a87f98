"""Where an index names each place once, the adjoint is added, or written, in place."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import check_grads, grad


def picked(x):
    return np.sum(x[[0, 2]] ** 2) + x[1]


def from_the_end(x):
    return np.sum(x[[-1, -3]] ** 2)


def from_both_ends(x):
    return np.sum(x[[0, -4]] ** 2)


def twice_the_same(x):
    return np.sum(x[[1, 1, 2]] ** 2)


def in_a_loop(x):
    s = 0.0
    for k in range(3):
        s += k * np.sum(x[[0, 2]] ** 2)
    return s


def read_again(x):
    return np.sum(x[[0, 2]] ** 2) * np.sum(x[[2, 1]])


def labelled(z, labels):
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.mean(logp[np.arange(len(labels)), labels])


def one_row_for_all(z, labels):
    """A row that is read for each label: a label may come twice."""
    return np.sum(np.sin(z[np.arange(1), labels]))


def columns(z, labels):
    return np.sum(np.sin(z[labels[:, None], np.arange(2)]))


def both_from_a_list(z, labels):
    return np.sum(np.sin(z[[0, 1, 1], [0, 2, 2]]))


def crossed(z, labels):
    return np.sum(np.sin(z[[0, 1, 1], [0, 1, 2]]))


def on_the_diagonal(z, labels):
    return np.sum(np.diag(z) ** 2)


X = np.array([0.3, -0.5, 0.7, 1.1])
Z = np.linspace(-1, 1, 12).reshape(4, 3)
LABELS = np.array([2, 0, 2, 1])


@pytest.mark.parametrize(
    ("f", "args", "once"),
    [
        (picked, (X,), True),
        (from_the_end, (X,), True),
        (from_both_ends, (X,), False),
        (twice_the_same, (X,), False),
        (in_a_loop, (X,), True),
        (read_again, (X,), True),
        (labelled, (Z, LABELS), True),
        (one_row_for_all, (Z, LABELS), False),
        (columns, (Z, LABELS), False),
        (both_from_a_list, (Z, LABELS), False),
        (crossed, (Z, LABELS), False),
        (on_the_diagonal, (Z, LABELS), True),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_place_once(f, args, once):
    g = grad(f)
    found = g(*args)
    np.testing.assert_allclose(found, grad(f, optimize=0)(*args), rtol=1e-12)
    assert ("np.add.at" not in g.source) == once
    check_grads(lambda x: f(x, *args[1:]), (args[0],), order=2)


def test_the_only_one_is_written():
    g = grad(labelled)
    g(Z, LABELS)
    assert "] = -1.0 / labels.size" in g.source
    h = grad(on_the_diagonal)
    h(Z[:3], LABELS)
    assert "+=" not in h.source


def test_what_the_user_adds_stays_as_it_is_written():
    def f(x, v):
        y = x * x
        np.add.at(y, [0, 2], v)
        return np.sum(y * y)

    g = grad(f, wrt=(0, 1))
    args = X, np.array([1.0, 2.0])
    for found, wanted in zip(g(*args), grad(f, wrt=(0, 1), optimize=0)(*args)):
        np.testing.assert_allclose(found, wanted, rtol=1e-12)
    assert "np.add.at(y, [0, 2], v)" in g.source
