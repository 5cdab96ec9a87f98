"""The evaluation tables as text and as Markdown.

Side by side: the forward primal trace, the forward tangent trace, and the reverse
adjoint trace, which is read from the bottom up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from s2sad.proof.tracing import Trace, TraceRow

HEAD = ("forward primal trace", "forward tangent trace", "reverse adjoint trace")


def number(value: Any) -> str:
    """A value as the literature prints it: three decimals, no closing zeros."""
    if value is None:
        return ""
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return number(value[()])
        if value.size > 9:
            return f"{value.dtype}{list(value.shape)}"
        return "[" + ", ".join(number(item) for item in value) + "]"
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (int, float, np.number)
    ):
        return "..." if len(str(value)) > 20 else str(value)
    size = abs(float(value))
    if size and not 5e-3 <= size < 1e7:
        return f"{float(value):.3g}"
    text = f"{float(value):.3f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _cells(row: TraceRow) -> tuple[str, ...]:
    """Six cells: what and how much, for value, tangent and adjoint."""
    label = row.name
    if row.variable and row.variable != row.expression:
        label = f"{row.name} = {row.variable}"
    primal = f"{label} = {_cut(row.expression)}"
    dot = (
        f"{row.name}_dot = {_cut(row.tangent_expression)}"
        if row.tangent_expression
        else ""
    )
    if not row.tangent_expression and row.tangent is not None:
        dot = f"{row.name}_dot"
    bar = f"{row.name}_bar" if row.adjoint is not None else ""
    if bar and row.adjoint_expression:
        bar += f" = {_cut(row.adjoint_expression)}"
    return (
        primal,
        number(row.value),
        dot,
        number(row.tangent) if dot else "",
        bar,
        number(row.adjoint) if bar else "",
    )


def _cut(text: str, width: int = 40) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def _grid(trace: Trace) -> list[tuple[str, ...]]:
    return [_cells(row) for row in trace.rows]


def trace_text(trace: Trace) -> str:
    """For a terminal: the three tables in columns, each with its values aligned."""
    grid = _grid(trace)
    widths = [max((len(row[i]) for row in grid), default=0) for i in range(6)]
    blocks = [
        max(widths[2 * i] + 2 + widths[2 * i + 1], len(HEAD[i])) for i in range(3)
    ]

    def join(parts: list[str]) -> str:
        return " | ".join(
            part.ljust(width) for part, width in zip(parts, blocks)
        ).rstrip()

    lines = [join(list(HEAD)), "-+-".join("-" * width for width in blocks)]
    for row in grid:
        parts = []
        for i in range(3):
            what, much = row[2 * i], row[2 * i + 1]
            parts.append(what + much.rjust(blocks[i] - len(what)) if what else "")
        lines.append(join(parts))
    return "\n".join(lines)


def trace_markdown(trace: Trace) -> str:
    """A table of six columns; a `|` in an operation is kept from meaning anything."""
    head = "| " + " | ".join(f"{title} | " for title in HEAD) + "|"
    lines = [head.replace(" |  |", " | |"), "|---|--:|---|--:|---|--:|"]
    for row in _grid(trace):
        cells = [
            f"`{cell.replace('|', chr(92) + '|')}`" if i % 2 == 0 and cell else cell
            for i, cell in enumerate(row)
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
