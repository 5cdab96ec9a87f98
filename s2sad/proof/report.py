"""What `check` says: a verdict for every output by every input, and how it came."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PROVED, AGREES, FAILS = "PROVED", "AGREES", "FAILS"
MOST = 8  # conditions that are printed
_ORDER = {PROVED: 0, AGREES: 1, FAILS: 2}


@dataclass
class Row:
    """One derivative: `output` by `input`."""

    output: str
    input: str
    verdict: str
    how: str = ""
    error: float | None = None  # the worst relative error against differences


@dataclass
class CheckReport:
    """True unless a derivative fails. `verdict` is the worst of the rows."""

    function: str
    at: str
    rows: list[Row] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    points: int = 0
    error: float | None = None  # worst relative error against differences
    dot_error: float | None = None  # worst relative error of the dot-product identity
    failure: str = ""  # where tangent and difference part ways

    @property
    def verdict(self) -> str:
        if self.failure:
            return FAILS
        return max(
            (row.verdict for row in self.rows), key=_ORDER.__getitem__, default=AGREES
        )

    def __bool__(self) -> bool:
        return self.verdict != FAILS

    def __str__(self) -> str:
        head = ("output", "input", "verdict", "how")
        table = [(row.output, row.input, row.verdict, row.how) for row in self.rows]
        widths = [max(map(len, column)) for column in zip(head, *table)]
        lines = [f"{self.function} at {self.at}" if self.at else self.function, ""]
        for cells in (head, *table):
            line = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths))
            lines.append("  " + line.rstrip())
        lines.append("")
        if self.assumed:
            shown = self.assumed[:MOST]
            more = len(self.assumed) - len(shown)
            shown += [f"and {more} conditions more"] if more else []
            lines.append("assumed: " + "; ".join(shown))
        lines += [f"note: {note}" for note in self.notes]
        if self.points:
            lines.append(self._numbers())
        if self.failure:
            lines += ["", self.failure]
        lines.append(self.verdict)
        return "\n".join(lines)

    __repr__ = __str__

    def _numbers(self) -> str:
        points = f"{self.points} point{'s' * (self.points != 1)}"
        parts = []
        if self.error is not None:
            parts.append(f"{self.error:.1e} against differences")
        if self.dot_error is not None:
            parts.append(f"{self.dot_error:.1e} in the dot-product identity")
        return f"numerically, at {points}: worst relative error {', '.join(parts)}"

    def as_json(self) -> dict[str, Any]:
        return {
            "function": self.function,
            "at": self.at,
            "verdict": self.verdict,
            "rows": [vars(row) for row in self.rows],
            "assumed": self.assumed,
            "notes": self.notes,
            "points": self.points,
            "error": self.error,
            "dot_error": self.dot_error,
            "failure": self.failure,
        }
