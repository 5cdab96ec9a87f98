"""Big functions: no recursion errors, and work that grows in proportion."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

from s2sad.ir.kinds import FLOAT
from s2sad.ir.verify import verify_program
from s2sad.syntax.session import Signature, Text, lower


def made(text: str):
    scope = {"np": np, "math": math}
    exec(text, scope)
    func = scope["f"]
    return lower(func, Signature((("x", FLOAT),)), source=Text(text))


def total(n):
    return f"def f(x):\n    return {' + '.join(f'x * {i}.0' for i in range(n))}\n"


def statements(n):
    body = "".join(f"    y{i} = x * {i}.0\n    x = x + y{i}\n" for i in range(n // 2))
    return f"def f(x):\n{body}    return x\n"


def branches(n):
    body = "".join(f"    if x > {i}:\n        x = x + {i}.0\n" for i in range(n // 2))
    return f"def f(x):\n{body}    return x\n"


@pytest.mark.parametrize(
    "text", [total, statements, branches], ids=lambda t: t.__name__
)
def test_two_thousand(text):
    def calls(n):
        """How many calls lowering and checking take: the same on a busy machine."""
        count = 0

        def each(frame, event, arg):
            nonlocal count
            count += event in ("call", "c_call")

        written, before = text(n), sys.getprofile()
        sys.setprofile(each)
        try:
            verify_program(made(written).program)
        finally:
            sys.setprofile(before)
        return count

    calls(10)
    small, big = calls(500), calls(2000)
    assert big < 5 * small, (small, big)


@pytest.mark.parametrize("depth", [50, 150])
def test_brackets(depth):
    text = f"def f(x):\n    return {'(1.0 + x * ' * depth}x{')' * depth}\n"
    stmts = made(text).program.entry.body.stmts
    assert len(stmts) == 2 * depth
    made(f"def f(x):\n    return {'math.sin(' * depth}x{')' * depth}\n")


def test_spelling_is_kept():
    (first, _) = made(
        "def f(x):\n    return x * 1_000.50 + 1e-3\n"
    ).program.entry.body.stmts
    assert first.args[1].text == "1_000.50"
