"""The workload of size: a thousand statements, and their gradient as a program writes it.

Each statement names one of the last few values or two of them. The gradient goes through
them backwards: adjoints begin at their first contribution, and what a sum, a product by
a constant or a value that nobody uses would need is neither computed nor kept.
"""

from __future__ import annotations

import os
import random as draws
import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from tests.benchmarks.workload import Workload

PRODUCT, SUM, LINEAR, SINE, RATIO = range(5)

FORMS = (
    # the statement, and what the adjoint of each operand gains
    ("{a} * {b}", ("{b} * {y}_bar", "{a} * {y}_bar")),
    ("{a} + {b}", ("{y}_bar", "{y}_bar")),
    ("0.5 * {a} - {b}", ("0.5 * {y}_bar", "-{y}_bar")),
    ("math.sin({a})", ("math.cos({a}) * {y}_bar",)),
    ("{a} / (1.0 + {b} * {b})", ("t", "-2.0 * {b} * {y} * t")),
)


def statements(count: int, seed: int) -> list[tuple[str, int, tuple[str, ...]]]:
    """Name, form and operands of each; the last few are used, so that all matter."""
    draw = draws.Random(seed)
    names = ["x", "y"]
    found = []
    for i in range(count):
        form = draw.choices(range(len(FORMS)), weights=(2, 3, 3, 2, 1))[0]
        a, b = names[-1], draw.choice(names[-6:-1])
        found.append((f"v{i}", form, (a, b)))
        names.append(f"v{i}")
    return found


def text(count: int, seed: int = 1) -> str:
    """A module that holds the program and its gradient."""
    program = statements(count, seed)
    last = program[-1][0]
    lines = ["import math", "", "", "def f(x, y):"]
    for y, form, (a, b) in program:
        lines.append(f"    {y} = {FORMS[form][0].format(a=a, b=b)}")
    lines += [f"    return {last}", "", "", "def f_hand(x, y):"]
    for y, form, (a, b) in needed(program):
        if form == RATIO:  # its denominator is kept
            lines += [f"    {y}_d = 1.0 + {b} * {b}", f"    {y} = {a} / {y}_d"]
        else:
            lines.append(f"    {y} = {FORMS[form][0].format(a=a, b=b)}")
    lines += [f"    {last}_bar = 1.0"]
    begun = {last}
    for y, form, (a, b) in reversed(program):
        lines += reverse(y, form, a, b, begun)
    return "\n".join([*lines, "    return x_bar, y_bar", ""])


def needed(program: list) -> list:
    """The statements whose value a partial derivative reads, directly or not."""
    read = set()
    for y, form, (a, b) in program:
        read |= {PRODUCT: {a, b}, SINE: {a}, RATIO: {b, y}}.get(form, set())
    kept = []
    for y, form, operands in reversed(program):
        if y in read:
            kept.append((y, form, operands))
            read |= set(operands[:1] if form == SINE else operands)
    return kept[::-1]


def reverse(y: str, form: int, a: str, b: str, begun: set[str]) -> list[str]:
    """What goes back through one statement."""
    lines, gains = [], FORMS[form][1]
    if form == RATIO:
        lines.append(f"    t = {y}_bar / {y}_d")
    for name, gain in zip((a, b), gains):
        gain, bar = gain.format(a=a, b=b, y=y), f"{name}_bar"
        if name not in begun:
            lines.append(f"    {bar} = {gain}")
        elif gain.startswith("-"):
            lines.append(f"    {bar} -= {gain[1:]}")
        else:
            lines.append(f"    {bar} += {gain}")
        begun.add(name)
    return lines


@cache
def module(count: int) -> ModuleType:
    """The text as a file that stays, as Numba's cache and our own reading want it."""
    folder = Path(__file__).parent / "__pycache__"
    path = folder / f"generated_{count}.py"
    wanted = text(count)
    if not path.exists() or path.read_text() != wanted:
        folder.mkdir(exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(wanted)
        fresh.replace(path)  # at once, as other processes may do the same
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    found = sys.modules[path.stem] = module_from_spec(spec)  # Numba's cache looks there
    spec.loader.exec_module(found)
    return found


def workload(count: int) -> Workload:
    found = module(count)
    return Workload(
        f"{count:,} generated statements",
        found.f,
        found.f_hand,
        args=lambda n: (0.3, 0.7),
        sizes=(1,),
        small=1,
        kind="numbers",
        wrt=(0, 1),
    )


WORKLOADS = [workload(1000)]
