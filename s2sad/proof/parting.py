"""Where a derivative goes wrong: the first statement that differences contradict.

The primal runs statement by statement at the point where the check failed, and at two
points beside it; each statement's tangent, by its rule, is held against the difference
of its values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2sad.proof.leaves import Arguments
from s2sad.proof.numeric import Miss, fresh, quiet, shifted
from s2sad.proof.replay import Replay
from s2sad.proof.wengert import Line, Wengert, lowered

STEP = 1e-6


def first_parting(
    f: Callable,
    arguments: Arguments,
    wrt: list[str],
    miss: Miss,
    lower: Callable[..., Any],
) -> str:
    """A sentence that names the statement, or says that each alone is right."""
    try:
        with quiet():
            line, tangent, difference = _part(f, arguments, wrt, miss, lower)
    except Exception as error:
        return f"(the statement could not be found: {type(error).__name__}: {error})"
    if line is None:
        return (
            "each statement's own tangent agrees with differences: "
            "the fault is in how they are put together"
        )
    what = f"operation {line.op.prim}: tangent {tangent}, difference {difference}"
    span = line.op.span
    if span is None:
        return f"first parting at {what}"
    source = span.source
    place = f"{source.filename}:{source.first_line + span.line - 1}"
    return f"first parting at {place}: `{source.line(span.line).strip()}`, {what}"


def _part(
    f: Callable, arguments: Arguments, wrt: list[str], miss: Miss, lower: Callable
) -> tuple[Line | None, Any, Any]:
    again = Replay(f, arguments.values)

    def at(t: float) -> Wengert:
        again()
        values = fresh(shifted(miss.point, miss.direction, t))
        call = arguments.call(lambda *args, **kwargs: (args, kwargs), values)
        return lowered(lower, f, *call, wrt)

    middle, left, right = at(0.0), at(-STEP), at(STEP)
    middle.push([miss.direction.get(var.name) for var in middle.inputs])
    for line, low, high in zip(middle.lines, left.lines, right.lines):
        if line.op.prim != low.op.prim or line.op.prim != high.op.prim:
            return None, None, None  # the points took different paths
        if not line.op.outs or not _real(middle.env[line.op.outs[0]]):
            continue
        a, b = left.env[low.op.outs[0]], right.env[high.op.outs[0]]
        difference = (np.asarray(b) - np.asarray(a)) / (2 * STEP)
        tangent = np.asarray(0.0 if line.tangent is None else line.tangent)
        scale = max(np.max(np.abs(difference), initial=0.0), 1e-3)
        if np.max(np.abs(tangent - difference), initial=0.0) > 1e-4 * scale:
            return line, tangent[()], difference[()]
    return None, None, None


def _real(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "f"
    return isinstance(value, (float, np.floating))
