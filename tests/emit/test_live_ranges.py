"""What is read of an array: its elements, or only its shape."""

from __future__ import annotations

import pytest

from s2sad.emit.ranges import is_asked
from s2sad.ir.nodes import Op
from s2sad.ir.parser import parse_function
from s2sad.opt.newest import ASKED
from s2sad.rules import TABLE


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("shape x", [0]),
        ("size x", [0]),
        ("ndim x", [0]),
        ("len x", [0]),
        ("zeros_like x", [0]),
        ("ones_like x", [0]),
        ("empty_like x", [0]),
        ("full_like x, s", [0]),
        ("full_like s, s", []),
        ("unbroadcast x, y", [1]),
        ("unbroadcast x, s", []),
        ("mul x, y", []),
        ("sum x", []),
    ],
)
def test_which_operand_serves_for_its_shape(text, asked):
    rows = (
        f"func f(x: float64[n], y: float64[n], s: float):\n    a = {text}\n    return a"
    )
    (op,) = parse_function(rows, lambda *op: TABLE[op[0]].infer(*op[1:])).body.stmts
    assert isinstance(op, Op)
    assert [k for k in range(len(op.args)) if is_asked(op, k)] == asked
    known = ASKED.get(op.prim)  # to passes
    assert known is None or asked in ([known], [])
