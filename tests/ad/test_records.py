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
    q = [{"a": 3.0 * x, "b": 2.0 * x}]
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


def copied_list(x, n):
    """A shallow copy: one grows, and the arrays are those of both."""
    q = [x]
    for i in range(n):
        q.append(x * i)
    r = q.copy()
    r.append(x * x)
    last = q.pop()
    last = last * r[0]
    s = 0.0
    for i in range(n):
        s += np.sum(q[i] * r[n - i] * r[i + 1])
    return s + np.sum(last * r[-1])


def copied_numbers(x, n):
    q = [x, 2.0 * x]
    for i in range(n):
        q.append(q[i] * x)
    r = q.copy()
    r.append(x * x)
    r[1] = r[n] * q[1]
    return r.pop() * r[1] * q[n] + q[1]


def copied_ragged(x, n):
    q = [x, x[:1]]
    for i in range(n):
        q.append(x[i:] * i)
    r = q.copy()
    r.append(x * x)
    return np.sum(r[n + 1] ** 2) * np.sum(r[-1] * q[0]) * q[1][0]


def copied_and_changed(x, n):
    q = [x * 2.0]
    for i in range(n):
        q.append(np.sin(x) * i)
    r = q.copy()
    for i in range(n):
        r[i] = r[i] * q[i + 1]
        q[i] = r[i] + x
    return np.sum(q[0] * r[n - 1]) + np.sum(q[n] * r[0] * r[n])


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
    (copied_list, (np.array([0.5, 1.5]), 2)),
    (copied_numbers, (1.2, 2)),
    (copied_ragged, (np.array([0.5, 1.5, 0.7]), 2)),
    (copied_and_changed, (np.array([0.5, 1.5]), 2)),
]


@pytest.mark.parametrize(("function", "args"), CASES)
def test_to_second_order(function, args):
    given, n = args

    def of_one(x):
        return function(x, n)

    check_grads(of_one, (given,), order=2)
