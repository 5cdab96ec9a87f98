"""Lowering with one addition: calls of derivatives are known (see `inner`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import FunctionType

from s2sad.api.inner import calls
from s2sad.ir.kinds import Kind
from s2sad.syntax import session
from s2sad.syntax.session import Lowered, Signature
from s2sad.syntax.source import find_source


def lower(
    function: FunctionType,
    kinds: Sequence[tuple[str, Kind]],
    values: Mapping[str, object] | None = None,
    text: str | None = None,
    bound: Iterable[str] = (),
) -> Lowered:
    """The program of a function for these kinds of its parameters.

    `text` is its source where that cannot be found; `bound` are the parameters that
    the callable brings along.
    """
    signature = Signature(tuple(kinds), values, frozenset(bound))
    source = find_source(function, text)
    return session.lower(function, signature, source=source, calls=calls, lengths=True)
