"""`fixtures/passes.md`: each case does what it shows, and computes the same as before."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from s2sad import opt
from s2sad.ir.interp import interpret
from s2sad.ir.kinds import Array, Scalar
from s2sad.ir.nodes import Program
from s2sad.ir.parser import parse_program
from s2sad.ir.printer import show
from s2sad.ir.verify import verify_program
from s2sad.opt import (
    absorb,
    brackets,
    cancel,
    clears,
    contract,
    cse,
    dce,
    drain,
    fold,
    forward,
    hoist,
    indices,
    inline,
    inward,
    join,
    merge,
    newest,
    plain,
    powers,
    regroup,
    rows,
    settle,
    simplify,
    stack,
    starts,
    stay,
    trim,
    unfill,
    unguard,
)
from s2sad.rules import TABLE

PAGE = Path(__file__).parents[2] / "fixtures" / "passes.md"
MODULES = (
    absorb,
    brackets,
    cancel,
    clears,
    regroup,
    cse,
    dce,
    fold,
    forward,
    hoist,
    indices,
    inward,
    join,
    merge,
)
MODULES += (
    contract,
    drain,
    newest,
    plain,
    powers,
    rows,
    settle,
    simplify,
    stack,
    starts,
    stay,
)
MODULES += (unfill, unguard)
PASSES = {module.__name__.split(".")[-1]: module for module in MODULES}
WHOLE = {"inline": inline.inline, "trim": trim.trim}
CASE = re.compile(
    r"^## (?P<title>(?P<name>\w+): [^\n]+)\n\n(?P<why>[^#]+?)\n"
    r"```\n(?P<before>.+?)```\n(\n```\n(?P<after>.+?)```\n)?",
    re.M | re.S,
)
CASES = list(CASE.finditer(PAGE.read_text(encoding="utf-8")))


def infer(prim, args, attrs):
    return TABLE[prim].infer(args, attrs)


def apply(name: str, text: str) -> tuple[Program, Program]:
    """The program that a text holds, before and after a pass (run until it rests)."""
    before = verify_program(parse_program(text, infer))
    if name == "optimise":
        return before, opt.optimise(before)
    if name in WHOLE:
        return before, WHOLE[name](before)
    run = getattr(PASSES[name], name)
    program = before
    for _ in range(5):
        functions = {key: run(f) for key, f in program.functions.items()}
        if all(functions[key] is f for key, f in program.functions.items()):
            break
        program = Program(program.main, functions)
    return before, program


def shown(program: Program) -> str:
    return show(program) if len(program.functions) > 1 else show(program.entry)


def test_the_page_holds_what_the_passes_do(bless):
    def case(found: re.Match) -> str:
        _, after = apply(found["name"], found["before"])
        code = f"```\n{found['before']}```\n\n```\n{shown(after)}```\n"
        return f"## {found['title']}\n\n{found['why']}\n{code}"

    bless(PAGE, CASE.sub(case, PAGE.read_text(encoding="utf-8")))


def test_every_heading_is_a_case():
    headings = re.findall(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), re.M)
    assert [case["title"] for case in CASES] == headings
    assert {case["name"] for case in CASES} == {*PASSES, *WHOLE, "optimise"}


def example(kind, k: int):
    """A value of this kind: five for counts, as every axis is five long or as told."""
    if isinstance(kind, Array):
        shape = [dim if isinstance(dim, int) else 5 for dim in kind.dims]
        size = int(np.prod(shape))
        values = np.linspace(-1.0, 2.0 + k, size).reshape(shape)
        return values.astype(kind.dtype)
    assert isinstance(kind, Scalar)
    return {"int": 5 - k % 2, "float64": np.float64(0.3 + k)}.get(kind.dtype, 1.7 - k)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_the_case_computes_the_same(case):
    before, after = apply(case["name"], case["before"])
    verify_program(after)
    kinds = [param.var.kind for param in before.entry.params]
    args = [
        4 if isinstance(kind, Scalar) and kind.dtype == "int" else example(kind, k)
        for k, kind in enumerate(kinds)
    ]

    def outcome(program):
        said = []

        def opaque(*args, effect, **attrs):
            if effect:
                said.append(args)
            return 0.5

        def run(prim):
            known = {"print": said.append, "opaque": opaque, "free": lambda name: 3.0}
            return known.get(prim) or TABLE[prim].run

        return interpret(program, args, run), said

    (results, said), (others, repeated) = outcome(before), outcome(after)
    assert said == repeated
    for result, other in zip(results, others, strict=True):
        if case["name"] in (
            "stack",
            "regroup",
            "contract",
            "cancel",
        ):  # they add up in another order
            np.testing.assert_allclose(result, other, rtol=1e-14, strict=True)
        else:
            np.testing.assert_array_equal(result, other, strict=True)
        assert isinstance(result, type(other)) or isinstance(other, type(result))
