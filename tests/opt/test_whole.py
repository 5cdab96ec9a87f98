"""What is added to a list of adjoints is added in its place; a list of the user's is
never written."""

from __future__ import annotations

import pytest

from s2sad import check_grads, grad, value_and_grad, vjp


def last_times_all(r):
    total = 0.0
    for v in r:
        total += v * v
    return total * r[3]


def less_the_first(r):
    total = 0.0
    for v in r:
        total += v * v
    return total - r[0] * r[0] * r[0]


def two_of_them(r):
    total = 0.0
    for v in r:
        total += v * v
    return total * r[0] * r[2]


def most_of_them(r):
    total = 0.0
    for v in r:
        total += v * v
    return total * r[0] * r[1] * r[2]


def of_whole_numbers(r):
    total = 0.0
    for v in r:
        total += v * 2
    return total * r[1]


def handed_on(r):
    """The list itself is read again where all is added."""
    total = 0.0
    for k in range(3):
        for v in r:
            total += v * v * k
        r = [v * 2.0 for v in r]
    return total * r[1]


@pytest.mark.parametrize(
    "f",
    [
        last_times_all,
        less_the_first,
        two_of_them,
        most_of_them,
        of_whole_numbers,
        handed_on,
    ],
    ids=lambda f: f.__name__,
)
def test_lists(f):
    r = [0.5, 1.5, -0.7, 2.0]
    for level in (0, 1, 2):
        given = list(r)
        y, found = value_and_grad(f, optimize=level)(given)
        assert given == r and y == pytest.approx(f(r)) and type(found) is list
        assert found == pytest.approx(grad(f, optimize=0)(r), rel=1e-12)
        assert all(type(v) is float for v in found)
    _, pullback = vjp(f, r)
    assert pullback(1.0)[0] == pytest.approx(found) and pullback(1.0) == pullback(1.0)
    check_grads(f, (r,), order=2)


def test_one_addition_is_one_line():
    g = grad(last_times_all)
    g([0.5, 1.5, -0.7, 2.0])
    assert "r_bar[3] += total" in g.source and "return r_bar\n" in g.source


def test_whole_numbers_are_not_converted_for_floats():
    def f(p, s):
        return 2.0 - s * p / (1.0 + p)

    def log(p, s):
        import math

        return 2.0 - s * math.log(p)

    g = grad(log)
    assert g(0.5, 3) == -6.0 and type(g(0.5, 3)) is float
    assert "-s / p" in g.source and "float(" not in g.source
    assert type(grad(f)(0.5, 3)) is float
