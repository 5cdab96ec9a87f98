"""The page `fixtures/numba.md`: programs, and what is printed of them for Numba."""

from __future__ import annotations

import pytest

from s2sad import adjoint
from s2sad.api import compiled
from tests.harness.cases import FIXTURES, case, specialized

HEAD = """# Written for Numba

What `grad(f, target="numba")` and its like print: the same program as for Python, in
the part of Python that Numba compiles. The page is written by
`pytest --bless tests/emit/test_numba_page.py`.
"""

CASES = [
    (
        "energy",
        "A loop of numbers. Its tape has a known length, so it is an array that the"
        " index of the loop fills and reads; the loop goes backwards by its range.",
    ),
    (
        "rosenbrock",
        "Operations on arrays that Numba would give an array each are one loop.",
    ),
    (
        "heat_step",
        "Rows of one array in the place of a list of copies. Sums and writes over the"
        " same elements are one loop.",
    ),
    (
        "black_scholes",
        "Scalars stay as they are; names that the user imported from a module are"
        " called by that module, for the text is a module of its own.",
    ),
    (
        "mlp_dict",
        "A dict is taken apart before the kernel and put together after it.",
    ),
    (
        "global_rate",
        "Globals are read at each call and handed over: Numba would freeze them.",
    ),
    (
        "axis_extremes",
        "What Numba lacks is a helper, compiled with the kernel.",
    ),
    (
        "scalar_becomes_array",
        "A name that is a number first and an array then is an array from the start.",
    ),
    (
        "overlapping_slices",
        "An update that reads what it writes: NumPy buffers it, Numba does not, so a"
        " copy stands in the text.",
    ),
]


def test_page(bless, monkeypatch):
    pytest.importorskip("numba")
    monkeypatch.setattr(compiled, "refusal", lambda *told: None)
    parts = [HEAD]
    for name, why in CASES:
        program = case(name)
        point = program.points[0]
        text, _ = specialized(
            adjoint(program.function, point.wrt, target="numba"), point
        )
        source = program.path(".py").read_text(encoding="utf-8")
        source = source.partition("POINTS")[0].partition("KEYWORDS")[0].strip()
        title = name.replace("_", " ")
        parts.append(
            f"## {title}\n\n{why}\n\n```python\n{source}\n```\n\n"
            f"```python\n{text.strip()}\n```\n"
        )
    bless(FIXTURES / "numba.md", "\n".join(parts))
