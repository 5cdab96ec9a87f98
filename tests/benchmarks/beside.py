"""Our text beside the one by hand, for each row above its bar."""

from __future__ import annotations

from inspect import getsource
from typing import Any

from tests.benchmarks.bars import NUMBA, PYTHON
from tests.benchmarks.columns import NotThere, derived
from tests.benchmarks.measure import ratio
from tests.benchmarks.reasons import IN_NUMBA, IN_PYTHON
from tests.benchmarks.workload import Program, Workload

Row = dict[str, Any]

HEAD = """# Where ours takes longer than the one by hand

For each row above {python} (Python) or {numba} (Numba): the emitted text, the one by
hand, and what makes the difference. Written by `python -m tests.benchmarks --out`.
"""


def page(rows: list[Row], workloads: list[Workload]) -> str:
    """All workloads with a row above its bar, each once for a target."""
    parts = [HEAD.format(python=PYTHON, numba=NUMBA)]
    for target, column, hand, limit, reasons in (
        ("Python", "ours", "hand", PYTHON, IN_PYTHON),
        ("Numba", "ours Numba", "hand Numba", NUMBA, IN_NUMBA),
    ):
        for workload in workloads:
            slow = [
                f"{row['name']}: {times:.2f}"
                for row in rows
                if row["workload"] == workload.name
                and (times := ratio(row["samples"], column, hand)) is not None
                and times > limit
            ]
            if slow:
                reason = reasons.get(workload.name, "")
                parts.append(section(workload, target, slow, reason))
    return "\n".join(parts)


def section(workload: Workload, target: str, slow: list[str], reason: str) -> str:
    by_hand = workload.hand if target == "Python" else workload.loops or workload.hand
    lines = [f"## {workload.name}, {target}", "", f"{'; '.join(slow)}.", ""]
    lines += [reason, ""] if reason else []
    lines += ["<table><tr><th>ours</th><th>by hand</th></tr><tr><td>", ""]
    lines += ["```python", text(workload, target).rstrip(), "```", "", "</td><td>", ""]
    lines += ["```python", with_helpers(by_hand), "```", ""]
    return "\n".join([*lines, "</td></tr></table>", ""])


def with_helpers(f: Program) -> str:
    """The source, and those of the functions beside it that it calls."""
    called = [f.__globals__.get(name) for name in f.__code__.co_names]
    own = [g for g in called if getattr(g, "__module__", "") == f.__module__]
    return "\n\n\n".join(getsource(g).rstrip() for g in [f, *own])


def text(workload: Workload, target: str) -> str:
    options = {} if target == "Python" else {"target": "numba"}
    try:
        return derived(workload, workload.arguments(workload.small), **options).source
    except NotThere as why:
        return f"# {why}"
