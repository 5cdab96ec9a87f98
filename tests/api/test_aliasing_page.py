"""`fixtures/aliasing.md`: each case is lowered, derived, run against differences."""

from __future__ import annotations

import copy
import inspect
import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from s2sad import Unsupported, adjoint, tangent
from s2sad.api.derive import lower_call
from s2sad.ir.printer import show
from tests.harness.numeric import Point, check_point
from tests.harness.values import leaves, outcome

PAGE = Path(__file__).parents[2] / "fixtures" / "aliasing.md"
CASE = re.compile(
    r"^## (?P<title>[^\n]+)\n\n(?P<why>(?:(?!```).)+?)\n\n"
    r"```python\n(?P<program>(?:(?!```).)+?)```\n(?P<rest>(?:(?!\n## ).)*)",
    re.M | re.S,
)
CASES = list(CASE.finditer(PAGE.read_text(encoding="utf-8")))
VALUES = {
    "x": np.array([0.7, -1.2, 0.4, 1.9]),
    "v": np.array([1.3, 0.8, -0.5, 0.9]),
    "A": np.array([[1.1, -0.3, 0.5], [0.2, 0.9, -0.7], [0.6, 0.1, 1.4]]),
    "w": np.array([-0.4, 1.7, 0.6]),
    "i": 2,
    "n": 3,
    "flag": True,
    "index": np.array([2, 0, 2]),
}
every = pytest.mark.parametrize("case", CASES, ids=[c["title"] for c in CASES])


@pytest.fixture
def load(tmp_path):
    """A program of the page as a function with a source file."""

    def loaded(case):
        path = tmp_path / "aliasing.py"
        path.write_text("import numpy as np\n\n\n" + case["program"], encoding="utf-8")
        spec = spec_from_file_location("fixture_aliasing", path)
        module = module_from_spec(spec)
        sys.modules["fixture_aliasing"] = module
        spec.loader.exec_module(module)
        functions = [v for v in vars(module).values() if inspect.isfunction(v)]
        f = functions[-1]
        names = inspect.signature(f).parameters
        same = {"y": VALUES["x"]}
        arguments = {n: copy.deepcopy({**same, **VALUES}[n]) for n in names}
        varied = tuple(n for n, value in arguments.items() if leaves(value))
        return f, Point(inspect.signature(f), arguments, varied)

    return loaded


def refusal(f, point) -> str | None:
    """What is said where the program is refused."""
    made = outcome(lambda: point.call(adjoint(f, point.wrt), y_bar=1.0))
    if isinstance(made.error, Unsupported):
        return re.sub(r"--> \S*aliasing.py", "--> aliasing.py", str(made.error))
    return None


@every
def test_is_right(case, load):
    f, point = load(case)
    if refusal(f, point) is None:
        rng = np.random.default_rng(1)
        check_point(f, tangent(f, point.wrt), adjoint(f, point.wrt), point, rng)


def written(case, f, point) -> str:
    """The case as the page has it."""
    head = f"## {case['title']}\n\n{case['why']}\n\n```python\n{case['program']}```\n"
    refused = refusal(f, point)
    if refused is not None:
        return f"{head}\n```\n{refused}\n```\n"
    args = [point.arguments[name] for name in point.signature.parameters]
    program = lower_call(f, copy.deepcopy(args), wrt=point.wrt)
    ir = "\n".join(show(function).rstrip() for function in program.functions.values())
    text = adjoint(f, point.wrt).specialized(*copy.deepcopy(args))
    return f"{head}\n```\n{ir}\n```\n\n```python\n{inspect.getsource(text)}```\n"


def test_page(bless, load):
    page = PAGE.read_text(encoding="utf-8")
    parts = [page[: CASES[0].start()]]
    parts.append("\n".join(written(case, *load(case)) for case in CASES))
    bless(PAGE, "".join(parts))


def test_every_heading_is_a_case():
    found = re.findall(r"^## ", PAGE.read_text(encoding="utf-8"), re.M)
    assert len(found) == len(CASES)
