"""Lowering with one addition: calls of derivatives are known (see `inner`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import FunctionType

from s2sad.api.inner import calls
from s2sad.errors import raise_all
from s2sad.ir.kinds import Kind
from s2sad.ir.nodes import Program
from s2sad.syntax.functions import lower_main
from s2sad.syntax.session import Lowered, Session, Signature
from s2sad.syntax.source import find_source


def lower(
    function: FunctionType,
    kinds: Sequence[tuple[str, Kind]],
    values: Mapping[str, object] | None = None,
    text: str | None = None,
) -> Lowered:
    """The program of a function for these kinds of its parameters.

    `text` is its source where that cannot be found.
    """
    session = Session(function, Signature(tuple(kinds), values))
    session.calls = calls
    source = find_source(function, text)
    reading = session.reading(function, source)
    main = lower_main(session, reading, function, session.signature)
    if session.found:
        raise_all(session.found)
    return Lowered(
        Program(main, session.functions),
        tuple(session.guards.values()),
        tuple(session.warnings),
        source,
        reading,
    )
