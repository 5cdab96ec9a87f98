"""Random programs, printed and run: the numbers, the messages and the arguments."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from tests.emit.running import formatted, ruff, runnable

sys.path.insert(0, str(Path(__file__).parents[1] / "ir"))
from programs import outcome, random_args, random_program, same  # noqa: E402

sys.path.pop(0)


def check(seed: int) -> str:
    program, args = random_program(seed), random_args(seed)
    expected, messages = outcome(program, args)
    text, function = runnable(program)
    said: list = []
    function.__globals__["print"] = said.append
    given = [arg.copy() if isinstance(arg, np.ndarray) else arg for arg in args]
    with np.errstate(all="ignore"):
        result = function(*given)
    where = f"seed {seed}\n{text.text}"
    assert len(result) == len(expected), where
    assert all(same(a, b) for a, b in zip(result, expected, strict=True)), where
    assert len(said) == len(messages), where
    assert all(same(a, b) for a, b in zip(said, messages, strict=True)), where
    assert all(same(a, b) for a, b in zip(given, args, strict=True)), where
    arrays = [value for value in (*result, *given) if isinstance(value, np.ndarray)]
    for i, a in enumerate(arrays):
        assert not any(np.shares_memory(a, b) for b in arrays[i + 1 :]), where
    return text.text


@pytest.mark.parametrize("first", range(0, 400, 50))
def test_random_programs(first):
    for seed in range(first, first + 50):
        check(seed)


@pytest.mark.skipif(ruff() is None, reason="ruff is not installed")
def test_random_programs_are_formatted():
    texts = [check(seed) for seed in range(60)]
    for text in texts:
        assert formatted(text) == text


@pytest.mark.campaign
def test_many_random_programs():
    for seed in range(1_000, 20_000):
        check(seed)


def test_text_is_the_same_each_time():
    for seed in range(20):
        assert runnable(random_program(seed))[0] == runnable(random_program(seed))[0]
