"""`tuple(...)` of as many values as the run finds: a list, where nobody can tell."""

import numpy as np
import pytest

from s2sad import Unsupported, grad, value_and_grad

X = np.array([0.5, 1.2, 0.15, 0.2])


def squares(x, n):
    found = []
    for i in range(n):
        found.append(x[i] ** 2)
    return found


def named(x, n):
    t = tuple(squares(x, n))
    return t[0] * sum(t) * t[-1] * len(t)


def where_it_stands(x, n):
    rows = squares(x, n)
    s = max(tuple(v for v in rows))
    for a, b in zip(tuple(rows), rows[1:]):
        s += a * b
    for a in tuple(rows)[1:]:
        s += a * a
    return s + (1.0 if 0.25 in tuple(rows) else 2.0) * x[3]


def for_numpy(x, n):
    rows = []
    for i in range(n):
        rows.append(np.ones(2) * x[i])
    return np.sum(np.stack(tuple(rows)) ** 2) + np.sum(
        np.hstack(tuple(v for v in rows))
    )


def of_what_changes(x, n):
    rows = squares(x, n)
    t = tuple(rows)
    rows[0] = 5.0 * x[1]
    return sum(t) * rows[0]


def of_a_dict(x, n):
    d = {}
    for i in range(n):
        d[i] = x[i] ** 2
    t = tuple(d.values())
    return sum(v * (k + 1) for k, v in enumerate(t))


@pytest.mark.parametrize(
    "f", [named, where_it_stands, for_numpy, of_what_changes, of_a_dict]
)
def test_it_is_right(f):
    value, bar = value_and_grad(f)(X, 3)
    steps = np.eye(len(X)) * 1e-6
    assert value == pytest.approx(f(X, 3), rel=1e-12)
    slopes = [(f(X + s, 3) - f(X - s, 3)) / 2e-6 for s in steps]
    assert bar == pytest.approx(np.array(slopes), rel=1e-6, abs=1e-8)


def grown(x, n):
    t = tuple(squares(x, n))
    u = t
    t += (x[0],)
    return sum(u) * sum(t)


def asked_for_its_type(x, n):
    t = tuple(squares(x, n))
    return sum(t) if isinstance(t, tuple) else x[0]


def as_an_index(x, n):
    m = np.outer(x, x)
    t = tuple(int(v > 0) for v in squares(x, n)[:2])
    return m[t] * 2.0


def seen_by_a_function(x, n):
    t = tuple(squares(x, n))

    def inner():
        return t

    return sum(inner())


@pytest.mark.parametrize(
    "f", [grown, asked_for_its_type, as_an_index, seen_by_a_function]
)
def test_where_one_could_tell_it_is_refused(f):
    with pytest.raises(Unsupported, match="S2S044"):
        grad(f)(X, 3)
