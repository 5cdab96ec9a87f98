"""Optimising takes time in proportion to the statements, and no recursion over them."""

from __future__ import annotations

import time

from s2sad.ir.build import Builder
from s2sad.ir.kinds import BOOL, FLOAT
from s2sad.ir.nodes import Block, Function, If, Lit, Op, Param, Program, Var
from s2sad.ir.verify import verify_program
from s2sad.opt import optimise


def chain(length: int) -> Program:
    """Straight-line code with work for most passes."""
    x = Var("x", FLOAT)
    b, y = Builder(), x
    for _ in range(length // 4):
        t = b.op("neg", (y,), FLOAT)
        u = b.op("mul", (t, x), FLOAT)
        v = b.op("mul", (Lit(1.0), u), FLOAT)
        y = b.op("add", (v, y), FLOAT, "y")
    return Program("f", {"f": Function("f", (Param(x),), b.close((y,)))})


def seconds(program: Program) -> float:
    start = time.process_time()
    optimise(program)
    return time.process_time() - start


def test_two_thousand_statements_in_well_under_a_second():
    optimise(chain(8))  # what is loaded at first
    assert min(seconds(chain(2000)) for _ in range(3)) < 0.5


def test_the_time_grows_with_the_length():
    short = min(seconds(chain(2000)) for _ in range(3))
    long = min(seconds(chain(8000)) for _ in range(3))
    assert long < 10 * short


def test_deep_nesting():
    c, x = Var("c", BOOL), Var("x", FLOAT)
    block = Block((), (x,))
    for _ in range(200):
        out, more = Var("y", FLOAT), Var("z", FLOAT)
        inner = If((out,), c, block, Block((), (Lit(0.0),)))
        block = Block((inner, Op((more,), "mul", (out, x))), (more,))
    program = Program("f", {"f": Function("f", (Param(c), Param(x)), block)})
    assert verify_program(optimise(program))


def test_the_chain_is_what_is_left_of_it():
    stmts = optimise(chain(400)).entry.body.stmts
    assert [op.prim for op in stmts if isinstance(op, Op)] == ["mul", "sub"] * 100
