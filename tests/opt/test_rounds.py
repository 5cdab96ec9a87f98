"""Passes do not undo what other passes did: a program is tidy after a few rounds."""

import numpy as np
import pytest

from s2sad import grad
from s2sad.opt import pipeline

ROUNDS = 3


def spread(x, w):
    products = np.outer(w * x, w)
    return np.exp(-np.diag(products)).sum() + np.sum(products @ products.T)


def distances(x, w):
    apart = w[:, None, :] - x * w[None, :, :]
    inner = -0.5 * np.sum(apart**2, axis=2)
    highest = inner.max(axis=1)
    return np.sum(highest + np.log(np.sum(np.exp(inner - highest[:, None]), axis=1)))


def solved(x, w):
    w = w.copy()
    for i in range(3):
        w[i, i:] -= x * w[i, 0] * w[0, i:]
        w[i] = w[i] - w[i] @ w[0] * w[0]
    return np.sum(w * w)


@pytest.mark.parametrize(
    ("function", "shape"), [(spread, 4), (distances, (5, 3)), (solved, (3, 3))]
)
def test_what_one_pass_does_no_other_undoes(function, shape, monkeypatch):
    rounds = []
    once = pipeline.regroup

    def counted(program):
        rounds.append(program.name)
        return once(program)

    monkeypatch.setenv("S2SAD_CACHE", "0")
    monkeypatch.setattr(pipeline, "regroup", counted)
    w = np.cos(np.arange(np.prod(shape))).reshape(shape)
    slopes = grad(function, (0, 1))(0.3, w)
    assert rounds.count(f"{function.__name__}_grad") <= ROUNDS
    step = 1e-6
    by_steps = (function(0.3 + step, w) - function(0.3 - step, w)) / (2 * step)
    assert slopes[0] == pytest.approx(by_steps, rel=1e-6)
