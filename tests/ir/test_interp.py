"""The reference interpreter: what the IR means."""

from __future__ import annotations

import dataclasses
import operator
from collections import namedtuple

import numpy as np
import pytest

from s2sad.ir.interp import additem, getitem, interpret, setitem
from s2sad.ir.parser import parse

RUN = {
    "zeros": np.zeros,
    "sum": np.sum,
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "pow": operator.pow,
    "lt": operator.lt,
    "gt": operator.gt,
}

ENERGY = """
func energy(r, x.0, n: int):
    path.0 = zeros n
    x.3, path.3 = for i in range n with x.1 = x.0, path.1 = path.0:
        %1 = mul r, x.1
        %2 = sub 1.0, x.1
        x.2 = mul %1, %2
        path.2 = setitem path.1[i], x.2
        yield x.2, path.2
    %3 = pow path.3, 2
    e = sum %3
    return e, path.0
"""


def test_energy():
    def energy(r, x, n):
        path = np.zeros(n)
        for i in range(n):
            x = r * x * (1.0 - x)
            path[i] = x
        return np.sum(path**2)

    value, path = interpret(parse(ENERGY), (3.7, 0.2, 6), RUN)
    assert value == energy(3.7, 0.2, 6)
    assert not path.any()  # values only: the first version is as it was


def test_numbers_arrays_and_symbols():
    import sympy

    f = parse("func f(x):\n    y = mul x, x\n    z = sub y, 1\n    return z")
    x = sympy.Symbol("x")
    assert interpret(f, (3.0,), RUN) == (8.0,)
    assert interpret(f, (x,), RUN) == (x**2 - 1,)
    np.testing.assert_array_equal(interpret(f, (np.arange(3),), RUN)[0], [-1, 0, 3])


@pytest.mark.parametrize("backward, digits", [("", 123), ("backward ", 321)])
def test_the_order_of_trips(backward, digits):
    f = parse(f"""
    func f(x: int):
        y.2 = for i in {backward}range 1, 4 with y.0 = x:
            a = mul y.0, 10
            y.1 = add a, i
            yield y.1
        return y.2
    """)
    assert interpret(f, (0,), RUN) == (digits,)


def test_stop_ends_a_loop_with_the_values_it_yields():
    f = parse("""
    func f(x, n: int):
        y.2 = for i in range n with y.0 = x:
            y.1 = add y.0, 1.0
            c = gt y.1, 3.0
            yield y.1 stop c
        z.2 = while with z.0 = x:
            test:
                c.1 = lt z.0, 100.0
                yield c.1
            z.1 = mul z.0, 2.0
            c.2 = gt z.1, 5.0
            yield z.1 stop c.2
        return y.2, z.2
    """)
    assert interpret(f, (1.5, 9), RUN) == (3.5, 6.0)
    assert interpret(f, (1.5, 0), RUN) == (1.5, 6.0)
    assert interpret(f, (200.0, 1), RUN) == (201.0, 200.0)


def test_calls_and_tapes():
    program = parse("""
    func f(x):
        t.0 = tape
        t.1, y.2 = for i in range 3 with t.2 = t.0, y.0 = x:
            t.3 = push t.2, y.0
            y.1 = call twice y.0
            yield t.3, y.1
        t.4, s.2 = for j in backward range 3 with t.5 = t.1, s.0 = 0.0:
            t.6, v = pop t.5
            s.1 = add s.0, v
            yield t.6, s.1
        return y.2, s.2, t.4, t.1
    func twice(a):
        b = mul 2, a
        return b
    """)
    assert interpret(program, (1.5,), RUN) == (12.0, 10.5, [], [1.5, 3.0, 6.0])


Point = namedtuple("Point", "x y")


@dataclasses.dataclass(frozen=True)
class Layer:
    w: object
    b: object


def test_writes_make_new_values_along_their_path():
    w = np.zeros(3)
    layers = [Layer(w, 1.0), Layer(w, 2.0)]
    new = setitem({"net": layers}, 5.0, "net", 1, 2, path="[#][#].w[#]")
    assert new["net"][1].w.tolist() == [0, 0, 5]
    assert new["net"][0] is layers[0]
    assert not w.any() and layers[1].w is w
    assert setitem(Point(1, 2), 3, path=".y") == Point(1, 3)
    assert setitem((1, Point(1, 2)), 3, 1, path="[#].x") == (1, Point(3, 2))
    assert additem([1, 2], 5, 0, path="[#]") == [6, 2]
    assert additem(Layer(1, 2), 5, path=".b") == Layer(1, 7)
    assert getitem(layers, 0, path="[#].b") == 1.0


def test_additem_adds_as_often_as_an_index_is_named():
    base = np.zeros(3)
    assert additem(base, 1.0, np.array([0, 0, 2]), path="[#]").tolist() == [2, 0, 1]
    assert additem(base, 1.0, 1, path="[#:]").tolist() == [0, 1, 1]
    assert not base.any()
