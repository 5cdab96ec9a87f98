"""The results as tables in Markdown."""

from __future__ import annotations

import math
from statistics import median
from typing import Any

from tests.benchmarks.measure import ratio

Row = dict[str, Any]

RATIOS = {
    "ours / hand": ("ours", "hand"),
    "O2 / hand": ("ours O2", "hand"),
    "ours / primal": ("ours", "primal"),
    "Numba: ours / hand": ("ours Numba", "hand Numba"),
    "Numba: ours / primal": ("ours Numba", "primal Numba"),
}


def seconds(value: float) -> str:
    """A time in three digits: 231 ns, 4.05 us, 12.1 ms."""
    for unit, size in (("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3)):
        if value < 999.5 * size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g} s"


def cell(row: Row, column: str) -> str:
    if column in row["samples"]:
        return seconds(median(row["samples"][column]))
    return row["missing"].get(column, "")


def times(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if value < 99.5 else f"{value:.0f}"


def geometric(values: list[float]) -> float | None:
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def table(heads: list[str], lines: list[list[str]]) -> str:
    """A table whose columns are as wide as they need to be."""
    widths = [max(len(line[i]) for line in [heads, *lines]) for i in range(len(heads))]
    rule = ["-" * widths[0], *("-" * (w - 1) + ":" for w in widths[1:])]

    def laid(line: list[str]) -> str:
        first, *rest = line
        cells = [
            first.ljust(widths[0]),
            *(c.rjust(w) for c, w in zip(rest, widths[1:])),
        ]
        return f"| {' | '.join(cells)} |"

    return "\n".join([laid(heads), f"| {' | '.join(rule)} |", *map(laid, lines)])


def of_times(rows: list[Row], columns: list[str]) -> str:
    return table(
        ["workload", *columns],
        [[row["name"], *(cell(row, column) for column in columns)] for row in rows],
    )


def of_ratios(rows: list[Row], peers: list[str] = []) -> str:
    """How many times; the last line is the geometric mean of each column."""
    wanted = dict(RATIOS)
    for peer in peers:
        wanted[f"{peer} / hand"] = (peer, "hand")
        wanted[f"{peer} / ours Numba"] = (peer, "ours Numba")
    found = [
        [
            *(ratio(row["samples"], a, b) for a, b in wanted.values()),
            memory(row),
            memory_2(row),
        ]
        for row in rows
    ]
    lines = [[row["name"], *map(times, line)] for row, line in zip(rows, found)]
    means = [geometric([v for v in column if v]) for column in zip(*found)]
    lines.append(["**geometric mean**", *map(times, means)])
    return table(
        ["workload", *wanted, "memory: ours / hand", "memory: O2 / hand"], lines
    )


def memory(row: Row, column: str = "ours") -> float | None:
    peaks = row["peaks"]
    if column not in peaks or not peaks.get("hand"):
        return None
    return peaks[column] / peaks["hand"]


def memory_2(row: Row) -> float | None:
    """At `optimize=2`, which uses buffers again; that of the default where the text is
    the same.
    """
    return memory(row, "ours O2") or memory(row)
