"""Long programs: no recursion errors, and time that grows with the length."""

from __future__ import annotations

import time

import pytest

from s2sad.emit import emit
from s2sad.ir.build import Builder
from s2sad.ir.kinds import BOOL, FLOAT, Array
from s2sad.ir.nodes import Block, Function, If, Lit, Param, Program, Var

ARRAY = Array("float64", ("n",))


def chain(b, x, a, n):
    v = x
    for _ in range(n):
        v = b.op("add", (v, x), FLOAT)
    return v


def statements(b, x, a, n):
    v = x
    for i in range(n):
        v = b.op("mul", (v, x), FLOAT, name=f"v{i}")
    return v


def versions(b, x, a, n):
    v = x
    for _ in range(n):
        v = b.op("mul", (v, x), FLOAT, name="v")
    return v


def all_alive(b, x, a, n):
    found = [x]
    for i in range(n):
        found.append(b.op("mul", (found[-1], x), FLOAT, name=f"v{i}"))
    v = x
    for each in reversed(found):
        v = b.op("mul", (v, each), FLOAT, name="s")
    return v


def writes(b, x, a, n):
    for i in range(n):
        a = b.op("setitem", (a, x, Lit(i)), ARRAY, name="a", attrs={"path": "[#]"})
    return a


def signs(b, x, a, n):
    v = x
    for _ in range(n):
        v = b.op("neg", (v,), FLOAT)
    return v


def branches(b, x, a, n):
    v = x
    for _ in range(n):
        cond = b.op("gt", (v, Lit(0.0)), BOOL)
        with b.block() as then:
            new = b.op("mul", (v, x), FLOAT, name="v")
        out = Var("v", FLOAT)
        b.add(If((out,), cond, then.close((new,)), Block((), (v,))))
        v = out
    return v


SHAPES = [chain, statements, versions, all_alive, writes, signs, branches]


def program(shape, n):
    b, x, a = Builder(), Var("x", FLOAT), Var("a", ARRAY)
    result = shape(b, x, a, n)
    function = Function("f", (Param(x), Param(a)), b.close((result,)))
    return Program("f", {"f": function})


@pytest.mark.parametrize("shape", SHAPES)
def test_two_thousand(shape):
    made = program(shape, 2_000)
    started = time.process_time()
    text = emit(made).text
    assert (
        time.process_time() - started < 10
    )  # a second, on a machine with nothing else to do
    compile(text, "<long>", "exec")


def test_early_returns_one_after_the_other():
    """As lowering nests them: the rest of the function is the other branch."""
    x = Var("x", FLOAT)

    def rest(depth):
        b = Builder()
        if not depth:
            return b.close((b.op("mul", (x, x), FLOAT),))
        cond = b.op("gt", (x, Lit(float(depth))), BOOL)
        out = Var("", FLOAT)
        b.add(If((out,), cond, Block((), (Lit(float(depth)),)), rest(depth - 1)))
        return b.close((out,))

    made = Function("f", (Param(x),), rest(90))
    text = emit(Program("f", {"f": made})).text
    assert text.count("return") == 91 and "else" not in text
    space: dict = {}
    exec(compile(text, "<returns>", "exec"), space)
    assert space["f"](3.5) == 3.0 and space["f"](0.5) == 0.25
