"""`fixtures/emission.md`: each program is printed as it shows, and runs as the IR does."""

from __future__ import annotations

import copy
import inspect
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from s2sad.ir.interp import interpret
from s2sad.ir.kinds import Array, List, Scalar, Tuple
from s2sad.ir.parser import guess, parse_program
from s2sad.rules import TABLE
from tests.emit.running import formatted, ruff, runnable

PAGE = Path(__file__).parents[2] / "fixtures" / "emission.md"
CASE = re.compile(
    r"^## (?P<title>[^\n]+)\n\n(?P<why>.+?)\n\n```\n(?P<ir>.+?)```\n"
    r"(\n```python\n(?P<python>.*?)```\n)?",
    re.M | re.S,
)
CASES = list(CASE.finditer(PAGE.read_text(encoding="utf-8")))
TITLES = [case["title"] for case in CASES]


def infer(prim, args, attrs):
    return TABLE[prim].infer(args, attrs) if prim in TABLE else guess(prim, args, 1)


def run_of(prim):
    return TABLE[prim].run


def values(program, seed: int) -> list:
    """Arguments for a program: four rows, four columns, four trips."""
    random = np.random.default_rng(seed)
    made: list = []
    for kind in [param.var.kind for param in program.entry.params]:
        if isinstance(kind, Tuple):
            made.append(
                (bool(seed % 2), *random.uniform(0.3, 1.6, len(kind.items) - 1))
            )
            continue
        if isinstance(kind, List):
            made.append([random.uniform(0.3, 1.6, item.dims) for item in kind.items])
            continue
        if isinstance(kind, Array):
            shape = tuple(d if isinstance(d, int) else 4 for d in kind.dims)
            whole = kind.dtype.startswith("int")
            made.append(
                random.integers(0, 3, shape)
                if whole
                else random.uniform(0.3, 1.6, shape)
            )
        elif isinstance(kind, Scalar) and kind.dtype == "int":
            made.append(4)
        elif isinstance(kind, Scalar) and kind.dtype == "bool":
            made.append(bool(seed % 2))
        else:
            made.append(float(random.uniform(0.3, 1.6)))
    return made


def copied(args: list) -> list:
    return copy.deepcopy(args)


def leaves(value) -> list:
    if isinstance(value, (tuple, list)):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def same(a, b) -> bool:
    left, right = leaves(a), leaves(b)
    return len(left) == len(right) and all(
        x is y or np.array_equal(np.asarray(x), np.asarray(y), equal_nan=True)
        for x, y in zip(left, right, strict=True)
    )


@pytest.mark.parametrize("case", CASES, ids=TITLES)
def test_runs_as_the_ir_does(case):
    program = parse_program(case["ir"], infer)
    text, function = runnable(program)
    for seed in range(4):
        args = values(program, seed)
        expected = interpret(program, copied(args), run_of)
        given = copied(args)
        with np.errstate(all="ignore"):
            result = function(*given)
        want = expected[0] if len(expected) == 1 else tuple(expected)
        assert same(result, want), text.text
        assert same(given, args), f"an argument was changed\n{text.text}"
        arrays = [leaf for leaf in leaves(result) if isinstance(leaf, np.ndarray)]
        mine = [leaf for leaf in leaves(given) if isinstance(leaf, np.ndarray)]
        for a, b in combinations([*arrays, *mine], 2):
            if a is not b or any(a is other for other in arrays):
                assert not np.shares_memory(a, b), f"results share memory\n{text.text}"


@pytest.mark.parametrize("case", CASES, ids=TITLES)
@pytest.mark.skipif(ruff() is None, reason="ruff is not installed")
def test_is_a_fixed_point_of_the_formatter(case):
    text = runnable(parse_program(case["ir"], infer))[0].text
    assert formatted(text) == text


def test_page(bless):
    """What is printed is what the page shows."""
    page = PAGE.read_text(encoding="utf-8")
    for case in CASES:
        text = runnable(parse_program(case["ir"], infer))[0].text
        block = f"## {case['title']}\n\n{case['why']}\n\n```\n{case['ir']}```\n\n```python\n{text}```\n"
        page = page.replace(case.group(0), block)
    bless(PAGE, page)


def test_every_heading_is_a_case():
    found = len(re.findall(r"^## ", PAGE.read_text(encoding="utf-8"), re.M))
    assert found == len(CASES) == len(set(TITLES))


def test_no_name_hides_another():
    for case in CASES:
        text, function = runnable(parse_program(case["ir"], infer))
        code = inspect.unwrap(function).__code__
        assert not {"np", "math", "range", "len"} & set(code.co_varnames), text.text
