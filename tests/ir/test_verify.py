"""The verifier accepts what is well formed, and says what is not at its statement."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s2sad.errors import InternalError
from s2sad.ir.nodes import (
    FALSE,
    UNDEF,
    Block,
    Call,
    For,
    Function,
    If,
    Lit,
    Op,
    Param,
    Program,
    Var,
    While,
)
from s2sad.ir.parser import parse_function, parse_program
from s2sad.ir.verify import verify, verify_program

X, Y, C = Var("x"), Var("y"), Var("c")
MUL = Op((Y,), "mul", (X, X))


def function(*stmts, yields=(X,), stop=None):
    return Function("f", (Param(X), Param(C)), Block(stmts, yields, stop))


def loop(body, outs=1, inits=1, params=1):
    made = [[Var("a") for _ in range(n)] for n in (outs, params)]
    index, one = Var("i"), Lit(1)
    head = tuple(made[0]), index, Lit(0), Lit(3), one, tuple(made[1])
    return For(*head, (X,) * inits, body)


BAD = {
    "`y` is not defined before": function(yields=(Y,)),
    "`y` is defined a second time": function(MUL, MUL),
    "`y` is out of scope": function(If((), C, Block((MUL,)), Block()), yields=(Y,)),
    "yields 0 values where 1": function(
        If((Y,), C, Block((), (X,)), Block()), yields=(Y,)
    ),
    "yields 2 values where 1": function(loop(Block((), (X, X)))),
    "params, 1 inits, 2 results": function(loop(Block((), (X, X)), outs=2, params=2)),
    "only the body of a loop may stop": function(
        If((), C, Block((), (), FALSE), Block())
    ),
    "the function returns undef": function(yields=(UNDEF,)),
    "reads undef": function(Op((Y,), "mul", (X, UNDEF))),
    "has no path": function(Op((Y,), "getitem", (X, Lit(0)))),
    "has 1 holes, 2 operands": function(
        Op((Y,), "getitem", (X, Lit(0), Lit(1)), {"path": "[#]"})
    ),
    "`c` is defined a second time": function(
        While((Var(),), (C,), (X,), Block((), (C,)), Block((), (C,)))
    ),
}


@pytest.mark.parametrize("why", BAD)
def test_faults(why):
    with pytest.raises(InternalError) as raised:
        verify(BAD[why])
    assert why in str(raised.value)
    assert "    ^ " in raised.value.ir


def test_a_fault_stands_under_its_statement():
    f = parse_function("func f(x):\n    y = mul x, x   # 2\n    return y")
    (op,) = f.body.stmts
    bad = replace(f, body=replace(f.body, stmts=(op, replace(op))))
    with pytest.raises(InternalError) as raised:
        verify(bad)
    assert raised.value.ir == (
        "func f(x):\n"
        "    y = mul x, x   # 2\n"
        "    y = mul x, x   # 2\n"
        "    ^ `y` is defined a second time\n"
        "    return y\n"
    )


def test_undef_may_be_yielded_and_carried():
    f = parse_function("""
    func f(x, n: int, c):
        y = if c:
            yield x
        else:
            yield undef
        z.0 = for i in range n with z.1 = undef:
            yield x stop c
        return y
    """)
    assert verify(f) is f


def test_siblings_do_not_see_each_other():
    a = Var("a")
    inner = Block((Op((a,), "neg", (X,)),), (a,))
    outs = Var("y"), Var("z")
    fine = function(If(outs[:1], C, inner, Block((), (X,))), yields=outs[:1])
    verify(fine)
    with pytest.raises(InternalError, match="`a` is out of scope"):
        verify(function(If(outs[:1], C, inner, Block((), (a,))), yields=outs[:1]))


def test_calls_must_fit():
    text = "func f(x):\n    y = call g x\n    return y\nfunc g(a):\n    return a\n"
    program = parse_program(text)
    assert verify_program(program) is program
    calls = {
        "no function 'h'": Call((Y,), "h", (X,)),
        "1 arguments are expected": Call((Y,), "g", (X, X)),
        "the callee has 1 results": Call((), "g", (X,)),
    }
    for why, call in calls.items():
        functions = {"f": function(call), "g": program.functions["g"]}
        with pytest.raises(InternalError, match=why):
            verify_program(Program("f", functions))
