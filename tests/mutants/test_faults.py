"""The mutants are what they say: the faults, where they are put, who is asked."""

from __future__ import annotations

import ast
import builtins
import random

import pytest

from tests.mutants.equivalents import SAME
from tests.mutants.faults import all_faults, bytes_of, changes, paths_of
from tests.mutants.segments import NOTED, noting, segment_at, segments_of

SAMPLE = random.Random(0).sample(all_faults(wider=True), 40)


@pytest.mark.parametrize("fault", SAMPLE, ids=lambda f: f"{f.path}:{f.line}")
def test_a_fault_is_another_program(fault):
    before, after = ast.parse(bytes_of(fault.path)), ast.parse(fault.text())
    assert ast.dump(before) != ast.dump(after)


def kinds(text: str) -> list[str]:
    (statement,) = ast.parse(text).body
    return [f"{kind}: {after}" for _, kind, after in changes(statement)]


def test_signs_factors_terms_and_operands():
    assert kinds("y = a - b") == [
        "sign: ((a) + (b))",
        "term dropped: (a)",
        "operands swapped: ((b) - (a))",
    ]
    assert kinds("y = -a * b") == [
        "factor: ((-a) / (b))",
        "factor dropped: (-a)",
        "sign: (a)",
    ]
    assert kinds("y = 2 * a[1]") == [
        "factor: ((2) / (a[1]))",
        "factor dropped: (2)",
        "number: 3",
        "constant: 2",
    ]
    assert kinds("y = a[-1:]")[0] == "constant: (1)"


def test_accumulation_zeroing_and_statements():
    assert kinds("y += x") == ["accumulation: y = x", "sign: y -= x"]
    assert kinds("y = np.zeros(n)") == ["zeroing: np.ones"]
    assert kinds("bars.clear(x)") == ["statement dropped: pass"]


def test_conditions_and_comparisons():
    assert kinds("y = a if b == c else d") == ["condition: (not (b == c))"]
    assert kinds("y = a if b < c else d") == [
        "condition: (not (b < c))",
        "comparison: (b <= c)",
    ]
    assert kinds("y = a < b") == ["comparison: (a <= b)"]
    assert kinds("y = a is b") == ["comparison: (a is not b)"]


def test_words_types_and_complaints_are_left_alone():
    assert not kinds('raise ValueError(f"{x + 1} of {n - 1}")')
    assert not kinds('refuse("code", 1 + 2)')
    assert not kinds('found.add(refuse("code", 1 + 2))')
    assert not kinds("y: dict[int, 3] = a")
    assert not kinds("MOST = 12")
    assert not kinds("y = zip(a, b, strict=True)")
    assert not kinds("y = isinstance(a, B)")


def test_modules_that_note_their_segments():
    text = b"def f(x):\n    if x:\n        return 1\n    return (lambda: 2)()\n"
    tree, labels = noting(text, 0)
    assert labels == ["f#0", "f#1", "f#2", "f.<lambda>#0"]
    noted = bytearray(4)
    space = {"__builtins__": {**vars(builtins), NOTED: noted}}
    exec(compile(tree, "f.py", "exec"), space)
    assert space["f"](0) == 2 and list(noted) == [1, 0, 1, 1]
    found = segments_of(text)
    assert [segment_at(found, place) for place in ((1, 0), (3, 8), (4, 20))] == [
        None, "f#1", "f.<lambda>#0",
    ]  # fmt: skip


@pytest.mark.parametrize("path", paths_of())
def test_segments_compile(path):
    tree, _ = noting(bytes_of(path), 0)
    compile(tree, path, "exec", dont_inherit=True)


@pytest.mark.parametrize("case", SAME, ids=str)
def test_what_is_said_to_be_the_same_is_there(case):
    path, says, _ = case
    assert says in bytes_of(f"s2sad/{path}").decode()
