"""Dicts, tuples and objects of which one entry is written: what the others hold stays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from s2sad import check_grads


def one_entry(p, n):
    for _ in range(n):
        p["x"] = p["x"] * p["y"]
    return p["x"] * p["y"]


def both_entries(p, n):
    for _ in range(n):
        p["x"] = p["x"] * p["y"]
        p["y"] = p["y"] * 0.5 + p["x"]
    return p["x"] + p["y"] * p["z"]


def of_an_array(p, n):
    for i in range(n):
        p["u"][i + 1] = p["u"][i] * p["v"][i]
    return np.sum(p["u"]) * p["v"][0]


def popped(x, n):
    q = [{"a": x, "b": 2.0}]
    for i in range(n):
        q.append({"a": x * i, "b": x * 2})
    d = q.pop()
    d["a"] = d["b"] * d["a"]
    return q[0]["a"] * d["a"] + d["b"] * d["b"]


def popped_arrays(x, n):
    q = [{"a": x, "b": 2.0 * x}]
    for i in range(n):
        q.append({"a": x * i, "b": x * x})
    d = q.pop()
    d["a"][0] = d["b"][1] * d["a"][0]
    return np.sum(d["a"] * d["b"]) + d["b"][0]


def popped_and_nested(x, n):
    q = [{"a": {"s": x, "t": 2.0 * x}, "b": x}]
    for i in range(n):
        q.append({"a": {"s": x * i, "t": x * x}, "b": x})
    d = q.pop()
    d["a"]["s"] = d["a"]["t"] * d["b"]
    d["a"]["t"] = d["a"]["t"] * d["a"]["s"]
    return d["a"]["s"] + d["a"]["t"] * d["b"]


@dataclass
class Pair:
    left: float
    right: float


def of_an_object(p, n):
    for i in range(n):
        p.left = p.left * p.right
        if i > 1:
            p.right = p.right + p.left
    return p.left * p.right


def written_over(p, n):
    for _ in range(n):
        p["x"] = 3.0
        p["y"] = p["y"] * p["x"] * p["z"]
    return p["x"] * p["y"]


def begun_in_a_branch(x, n):
    best = None
    for i in range(n):
        if best is None:
            best = {"a": x, "b": 2 * x}
        best["a"] = best["a"] * best["b"]
        if i == 1:
            best["b"] = best["a"] + x
    return best["a"] * best["b"]


THREE = {"x": 1.1, "y": 0.7, "z": 1.3}
ARRAYS = {"u": np.linspace(0.5, 1.0, 4), "v": np.linspace(1.0, 2.0, 3)}
CASES = [
    (one_entry, ({"x": 1.1, "y": 0.7}, 3)),
    (both_entries, (THREE, 3)),
    (both_entries, (THREE, 0)),
    (of_an_array, (ARRAYS, 3)),
    (popped, (1.2, 2)),
    (popped, (1.2, 1)),
    (popped_arrays, (np.array([0.5, 1.5]), 2)),
    (popped_and_nested, (1.2, 2)),
    (of_an_object, (Pair(1.1, 0.7), 4)),
    (written_over, (THREE, 2)),
    (begun_in_a_branch, (1.2, 3)),
]


@pytest.mark.parametrize(("function", "args"), CASES)
def test_to_second_order(function, args):
    given, n = args

    def of_one(x):
        return function(x, n)

    check_grads(of_one, (given,), order=2)
