"""Random IR programs compute the same before and after the passes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from s2sad.ir.nodes import Call, Program
from s2sad.ir.printer import show
from s2sad.ir.verify import verify_program
from s2sad.ir.walk import statements
from s2sad.opt import optimise, pipeline

sys.path.insert(0, str(Path(__file__).parents[1] / "ir"))

from programs import outcome, random_args, random_program, same  # noqa: E402


def agree(program: Program, tidy: Program, seed: int) -> None:
    verify_program(tidy)
    results, said = outcome(program, random_args(seed))
    others, repeated = outcome(tidy, random_args(seed))
    pairs = [*zip(results, others, strict=True), *zip(said, repeated, strict=True)]
    assert all(same(a, b) for a, b in pairs), show(program) + "\n" + show(tidy)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("seed", range(0, 200))
def test_optimise(seed, level):
    program = random_program(seed)
    tidy = optimise(program, level)
    agree(program, tidy, seed)
    assert show(optimise(tidy, level)) == show(tidy), "not a fixed point"


@pytest.mark.parametrize("seed", range(2000, 2060))
def test_calls_that_stay(seed):
    program = random_program(seed)
    tidy = optimise(program, keep=("helper", "loud"))
    agree(program, tidy, seed)
    called = {s.function for s in statements(tidy.entry.body) if isinstance(s, Call)}
    assert called <= tidy.functions.keys()


@pytest.mark.parametrize("one", [*pipeline.PASSES, pipeline.dce])
def test_each_pass_alone(one):
    for seed in range(1000, 1060):
        program = random_program(seed)
        functions = {key: one(f) for key, f in program.functions.items()}
        agree(program, Program("main", functions), seed)


@pytest.mark.campaign
def test_campaign():
    for seed in range(10_000, 40_000):
        program = random_program(seed)
        agree(program, optimise(program), seed)
