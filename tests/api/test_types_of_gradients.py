"""A gradient has the type, dtype and shape of its argument, by every way to it."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np
import pytest

from s2sad import grad, hvp, jvp, value_and_grad, vjp

LEAVES = {
    "float": 0.7,
    "float64": np.float64(0.7),
    "float32": np.float32(0.7),
    "zero_d": np.array(0.7),
    "zero_d_32": np.array(0.7, np.float32),
    "vector": np.array([0.7, 0.3]),
    "vector_32": np.array([0.7, 0.3], np.float32),
    "empty": np.zeros(0),
}


class Pair(NamedTuple):
    w: object
    b: object


@dataclasses.dataclass
class Record:
    w: object
    b: object


def alike(found, like):
    assert type(found) is type(like)
    if isinstance(like, (list, tuple)):
        assert len(found) == len(like)
        for one, other in zip(found, like):
            alike(one, other)
    elif isinstance(like, dict):
        assert list(found) == list(like)
        for key, item in like.items():
            alike(found[key], item)
    elif dataclasses.is_dataclass(like):
        alike(vars(found), vars(like))
    elif isinstance(like, np.ndarray):
        assert found.shape == like.shape and found.dtype == like.dtype
        assert found.flags.writeable and not np.shares_memory(found, like)


def product(w, b):
    return np.sum(np.sin(w * w) * 2.0) + np.sum(b * 3.0) * np.sum(w)


def join(w, b):
    y = w
    if np.sum(b) > 100:
        y = b
    return np.sum(np.sin(y) * y)


def plain(w, b):
    return np.sum(w) + 0.0 * np.sum(b)


@pytest.mark.parametrize("name", LEAVES)
@pytest.mark.parametrize("f", [product, join, plain])
def test_of_two_arguments(f, name):
    w = LEAVES[name]
    with_aux = lambda w, b: (f(w, b), {"n": w})  # noqa: E731
    for b in (0.7, np.float32(0.4), np.array(0.3), LEAVES["vector_32"]):
        both = (w, b)
        alike(grad(f, (0, 1))(w, b), both)
        alike(grad(f, argnums=1)(w, b), b)
        alike(value_and_grad(f)(w, b)[1], w)
        alike(grad(with_aux, (0, 1), has_aux=True)(w, b)[0], both)
        alike(value_and_grad(with_aux, has_aux=True)(w, b)[1], w)
        pull = vjp(f, w, b)[1]
        alike(pull(1.0), both)
        alike(pull(1.0), both)
        for part in hvp(f, both, both, wrt=(0, 1)):
            alike(part, both)
        alike(jvp(grad(f, (0, 1)), both, both)[1], both)


def of_list(p):
    return product(p[0], p[1])


def of_dict(p):
    return product(p["w"], p["b"])


def of_fields(p):
    return product(p.w, p.b)


@pytest.mark.parametrize("name", LEAVES)
def test_of_containers(name):
    w, b = LEAVES[name], np.array(0.3)
    cases = [
        (of_list, [w, b]),
        (of_list, (w, b)),
        (of_dict, {"w": w, "b": b}),
        (of_fields, Pair(w, b)),
        (of_fields, Record(w, b)),
    ]
    for f, p in cases:
        alike(grad(f)(p), p)
        alike(value_and_grad(f)(p)[1], p)
        alike(grad(lambda p, f=f: (f(p), 1), has_aux=True)(p)[0], p)
        alike(vjp(f, p)[1](1.0)[0], p)
        alike(grad(lambda p, f=f: grad_product(f, p))(p), p)


def grad_product(f, p):
    g = grad(f)(p)
    if isinstance(g, dict):
        return np.sum(g["w"]) * np.sum(g["b"])
    if isinstance(g, (list, tuple)):
        return np.sum(g[0]) * np.sum(g[1])
    return np.sum(g.w) * np.sum(g.b)


def grown(x, s, n):
    v = s
    for i in range(n):
        v = v * x if i == 1 else v * s
    return np.sum(v) + np.mean(v * s)


def picked(x, s, n):
    held = {"a": x, "b": s, "m": np.outer(x, x)}
    t = 0.0
    for key in ["a", "b", "m"][:n]:
        t = t + np.mean(held[key] * x[1]) * np.max(held[key])
    return t


def kept(x, s, n):
    v = x.copy()
    for _ in range(n):
        v = s
    t = np.full((2, 2), np.sum(v * x))
    for i in range(2):
        t = t + v * t
        v = np.sin(v) * (i + 1)
    return np.sum(t) + np.mean(v)


@pytest.mark.parametrize("f", [grown, picked, kept])
@pytest.mark.parametrize("n", [1, 3])
def test_a_number_that_meets_arrays_of_no_known_rank(f, n):
    x, s = LEAVES["vector"], LEAVES["float"]
    alike(grad(f, wrt=(0, 1))(x, s, n), (x, s))
    alike(value_and_grad(f, wrt=(0, 1))(x, s, n)[1], (x, s))
    alike(vjp(f, x, s, n, wrt=(0, 1))[1](1.0), (x, s))


def test_by_what_was_put_into_a_container():
    """A float of NumPy's stands where one of Python's was; the gradient is Python's."""

    def f(c, p, w):
        for x in w:
            p["s"]["x"] = x * p["s"]["x"]
        return c * p["s"]["x"]

    p, w = {"s": {"x": 0.5, "y": 1.0}}, np.array([2.0, 3.0])
    assert grad(f)(0.7, p, w) == 3.0
    alike(grad(f)(0.7, p, w), 0.7)
    assert p == {"s": {"x": 0.5, "y": 1.0}}
