"""`is` between arguments, globals and what they hold: looked up in each call."""

import enum
import types

import numpy as np
import pytest

from s2sad import Unsupported, grad, value_and_grad


class Way(enum.Enum):
    SQUARE = 2
    PLAIN = 7


class Settings:
    def __init__(self, k):
        self.k = k


DEFAULT = Settings(2.0)
SPACE = types.SimpleNamespace(k=2.0)
WEIGHTS = [1.0, 2.0]
TABLE = {"k": 2.0}
ARRAY = np.ones(2)
PAIR = (1.0, 2.0)
EQUAL = [
    (DEFAULT, Settings(2.0)),
    (SPACE, types.SimpleNamespace(k=2.0)),
    (WEIGHTS, [1.0, 2.0]),
    (TABLE, {"k": 2.0}),
    (ARRAY, np.ones(2)),
    (PAIR, tuple([1.0, 2.0])),
    (Way.SQUARE, Way.PLAIN),
]


def of_default(x, c=DEFAULT):
    return x * x if c is DEFAULT else x


def of_space(x, c=SPACE):
    return x * x if c is SPACE else x


def of_list(x, c=WEIGHTS):
    return x * x if c is WEIGHTS else x


def of_dict(x, c=TABLE):
    return x if c is not TABLE else x * x


def of_array(x, c=ARRAY):
    return x * x if ARRAY is c else x


def of_tuple(x, c=PAIR):
    return x * x if c is PAIR else x


def of_member(x, c=Way.SQUARE):
    if c is Way.PLAIN:
        return x
    return x * x


FUNCTIONS = (of_default, of_space, of_list, of_dict, of_array, of_tuple, of_member)


@pytest.mark.parametrize("optimize", [0, 1])
@pytest.mark.parametrize("number", range(len(EQUAL)))
def test_a_default_and_what_is_equal_to_it(number, optimize):
    f, (same, other) = FUNCTIONS[number], EQUAL[number]
    df = grad(f, optimize=optimize)
    assert (df(2.0), df(2.0, same), df(2.0, other), df(2.0)) == (4.0, 4.0, 1.0, 4.0)


@pytest.mark.parametrize(("same", "other"), EQUAL[:5] + EQUAL[6:])
def test_two_arguments(same, other):
    def f(x, a, b):
        return x * x if a is b else x

    df = grad(f)
    assert (df(2.0, same, same), df(2.0, same, other)) == (4.0, 1.0)
    assert (df(2.0, other, same), df(2.0, other, other)) == (1.0, 4.0)


def test_the_argument_itself():
    def f(x, y=None):
        y = x if y is None else y
        return np.sum(x * y) if y is x else np.sum(x)

    x, df = np.array([1.0, 2.0]), grad(f)
    assert np.array_equal(df(x), 2 * x)
    assert np.array_equal(df(x, np.ones(2)), np.ones(2))
    assert np.array_equal(df(x, x), x)  # with `y` held as it is


def by_way(x, way):
    if way is Way.SQUARE:
        return x * x
    elif way is Way.PLAIN:
        return x
    raise ValueError(way)


@pytest.mark.parametrize("target", ["python", "numba"])
def test_in_a_helper(target):
    if target == "numba":
        pytest.importorskip("numba")

    def calls(x, way):
        return by_way(x, way) + by_way(x, Way.SQUARE) + by_way(x, Way.PLAIN)

    df = grad(calls, target=target)
    assert (df(2.0, Way.SQUARE), df(2.0, Way.PLAIN)) == (9.0, 6.0)


def test_in_a_helper_in_a_loop():
    def loops(x, way):
        total = 0.0
        for _ in range(3):
            total += by_way(x, way)
        return total

    df = grad(loops)
    assert (df(2.0, Way.SQUARE), df(2.0, Way.PLAIN)) == (12.0, 3.0)


def test_what_a_global_or_a_cell_is_by_now(monkeypatch):
    def made(way):
        def f(x):
            return x * x if way is Way.SQUARE else x

        return f

    assert [grad(made(w))(2.0) for w in (*Way, Way.SQUARE)] == [4.0, 1.0, 4.0]
    df = grad(of_default)
    assert (df(2.0, DEFAULT), df(2.0, EQUAL[0][1])) == (4.0, 1.0)
    old = DEFAULT
    monkeypatch.setitem(globals(), "DEFAULT", EQUAL[0][1])
    assert (df(2.0, DEFAULT), df(2.0, old)) == (4.0, 1.0)


def test_what_is_made_in_the_function_is_something_else():
    def f(x):
        u = np.ones(2) * x
        w, z = u, u.copy()
        p = q = Settings(x)
        s = np.sum(u) if w is u else 0.0
        s += 0.0 if z is u or u is ARRAY else x
        s += q.k * x if p is q else 0.0
        return s + (0.0 if p is DEFAULT else x)

    assert value_and_grad(f)(2.0) == (4.0 + 2.0 + 4.0 + 2.0, 2.0 + 1.0 + 4.0 + 1.0)


def test_a_member_by_its_name():
    def f(x, name="SQUARE"):
        return x ** Way[name].value if Way[name] is Way.SQUARE else x

    df = grad(f)
    assert (df(3.0), df(3.0, "PLAIN")) == (6.0, 1.0)


def test_what_cannot_be_looked_up():
    def f(x, n, way):
        return x if n == 0 else f(x, n - 1, way) * (x if way is Way.SQUARE else 1.0)

    with pytest.raises(Unsupported, match="S2S027"):
        grad(f)(2.0, 2, Way.SQUARE)
