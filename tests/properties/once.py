"""What the derivatives of one program have in common is worked out once.

Each of them lowers the program and tidies what it gives, the same every time. Two
thousand programs in a few minutes can't afford that: here the second derivative gets
what the first one got. Nothing that is checked is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import s2sad.api.compose as compose
import s2sad.api.lowering as lowering
from s2sad.ir.nodes import Program


@contextmanager
def once() -> Iterator[list[Program]]:
    """The programs that are lowered in here, each once."""
    lower, optimise = lowering.lower, compose.optimise
    lowered: dict[Any, Any] = {}
    tidied: dict[Any, tuple[Program, Program]] = {}
    seen: list[Program] = []

    def lower_once(
        function: Callable[..., Any],
        kinds: Any,
        values: Any = None,
        text: str | None = None,
        bound: Any = (),
    ) -> Any:
        # other values than whole numbers go by their kinds
        known = [(k, v) for k, v in (values or {}).items() if isinstance(v, int)]
        key = (function, tuple(kinds), tuple(known), text, tuple(bound))
        if key not in lowered:
            lowered[key] = lower(function, kinds, values, text, bound)
            seen.append(lowered[key].program)
        return lowered[key]

    def optimise_once(
        program: Program,
        level: int = 1,
        keep: Collection[str] = (),
        native: bool = False,
    ) -> Program:
        key = (id(program), level, tuple(keep), native)
        if key not in tidied:  # the program is kept, so that its id stays its own
            tidied[key] = program, optimise(program, level, keep, native)
        return tidied[key][1]

    lowering.lower, compose.optimise = lower_once, optimise_once
    try:
        yield seen
    finally:
        lowering.lower, compose.optimise = lower, optimise
