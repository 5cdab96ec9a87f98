"""One run: for each row its columns, checked against the gradient by hand, then timed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from functools import partial
from statistics import median
from typing import Any

from tests.benchmarks import (
    generated,
    learning,
    physics,
    recurrent,
    scalars,
    stencils,
    vectors,
    vision,
)
from tests.benchmarks.columns import OWN, Column, NotThere
from tests.benchmarks.measure import Effort, measured, peak
from tests.benchmarks.peers import Peer
from tests.benchmarks.workload import Workload, same

FAMILIES = (
    scalars,
    vectors,
    learning,
    recurrent,
    stencils,
    physics,
    vision,
    generated,
)
WORKLOADS = [workload for family in FAMILIES for workload in family.WORKLOADS]

MEMORY = ("hand", "ours", "ours O2")
"""The columns whose peak memory is counted; compiled code does not report its own."""

LONG = 0.1
"""Seconds from which on counting memory would take minutes: another size tells."""


def chosen(names: Iterable[str]) -> list[tuple[Workload, Any]]:
    """The rows whose name holds one of these, or all."""
    rows = [(w, size) for w in WORKLOADS for size in w.sizes]
    wanted = [name.lower() for name in names]
    if not wanted:
        return rows
    return [r for r in rows if any(name in r[0].row(r[1]).lower() for name in wanted)]


def row(
    workload: Workload,
    size: Any,
    columns: dict[str, Column],
    effort: Effort,
    memory: bool = True,
) -> dict[str, Any]:
    """What is known of one row: the samples, the cells without time, the peaks."""
    args = workload.arguments(size)
    expected = workload.hand(*args)
    calls, missing = {}, {}
    for name, column in columns.items():
        try:
            f = column(workload, args)
            found = f(*args)
        except NotThere as why:
            missing[name] = str(why)
            continue
        except Exception as error:  # a peer's or our own: the other cells stay
            missing[name] = f"raised {type(error).__name__}"
            continue
        if isinstance(f, Peer):
            found = f.compared()
        if not name.startswith("primal") and not same(found, expected):
            missing[name] = "WRONG"
            continue
        calls[name] = partial(f, *args)
    samples = measured(calls, effort)
    counted = [name for name in MEMORY if name in calls and memory]
    if median(samples["hand"]) > LONG:
        counted = []
    peaks = {name: peak(calls[name]) for name in counted}
    return {
        "name": workload.row(size),
        "workload": workload.name,
        "kind": workload.kind,
        "large": size == workload.sizes[-1],
        "samples": samples,
        "missing": missing,
        "peaks": peaks,
    }


def rows(
    wanted: list[tuple[Workload, Any]], columns: dict[str, Column], effort: Effort
) -> Iterator[dict[str, Any]]:
    for workload, size in wanted:
        begun = time.time()
        found = row(workload, size, columns, effort)
        print(f"{found['name']}: {time.time() - begun:.0f} s", file=sys.stderr)
        yield found


def growth(names: Iterable[str], effort: Effort) -> Iterator[dict[str, Any]]:
    """Times over sizes, of the workloads that name some."""
    for workload in {w.name: w for w, _ in chosen(names)}.values():
        for size in workload.growth:
            found = row(workload, size, OWN, effort, memory=False)
            print(f"{workload.name} at {size}", file=sys.stderr)
            yield {**found, "n": size[0] if isinstance(size, tuple) else size}
