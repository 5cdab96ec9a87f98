"""Lengths that must be known: a second run, for arrays as long as in this call.

    names = ["a", "b", "c"]
    d = dict(zip(names, x))          how long is x? float64[x.0] does not say

Most programs are lowered for arrays of any length. Where one is refused for want of a
length, it is lowered again with the axes as long as they are; the specialisation then
serves arrays of this length only.

    u * k            is u as long as k, or is one of them broadcast?

Where a derivative would have to look at each call which of two arrays is the smaller,
it is derived once more for axes that are as long as each other in this call, or for
axes of a few elements. If nothing is left to look at, that is the specialisation, and
it is guarded by those lengths.

    p                n points in space: float64[p.0, 3]

What is compiled goes through the few columns of an array without a loop, if it knows
how many they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from s2sad.api.cases import Situation
from s2sad.errors import InternalError, S2sadError, raise_all
from s2sad.ir.kinds import Array, Dict, Dim, Kind, List, Object, Tuple, children
from s2sad.load.dispatch import Case
from s2sad.syntax.session import NeedsLengths

LONG = 64  # elements, from where nothing is spread out
FEW = 4  # elements: a point, a state, a pair of weights

Result = TypeVar("Result")


def with_lengths(
    situation: Situation,
    sizes: Callable[[Situation], Mapping[str, int]],
    run: Callable[[Situation], Result],
) -> Result:
    """`run(situation)`; again with lengths filled in, where it asks for some."""
    try:
        return run(situation)
    except NeedsLengths as asked:
        found = asked.found
        known = wanted(asked.dims, sizes(situation))
    if known:
        kinds = tuple(filled(kind, known) for kind in situation.kinds)
        try:
            return run(replace(situation, kinds=kinds))
        except (InternalError, NeedsLengths, S2sadError) as second:
            if isinstance(second, InternalError):
                raise
    raise_all(found)


def with_equal_lengths(
    situation: Situation,
    sizes: Callable[[Situation], Mapping[str, int]],
    run: Callable[..., Case],
) -> Case:
    """`run(situation)`; again with lengths that are equal, if that leaves less open."""
    found = run(situation)
    left = undecided(found)
    for known in guesses(sizes(situation)) if left else ():
        kinds = tuple(filled(kind, known) for kind in situation.kinds)
        try:
            other = run(replace(situation, kinds=kinds), again=True)
        except (NeedsLengths, S2sadError):
            continue  # it was for more general kinds that all was well
        if not undecided(other):
            return other
    return found


def with_few_columns(
    situation: Situation,
    sizes: Callable[[Situation], Mapping[str, int]],
    run: Callable[[Situation], Result],
) -> Result:
    """`run(situation)`, with the last axes of tables filled in where they are short."""
    known = sizes(situation)
    last = set(last_axes(situation.kinds))
    few = {dim: n for dim, n in known.items() if dim in last and 1 < n <= FEW}
    if few:
        kinds = tuple(filled(kind, few) for kind in situation.kinds)
        try:
            return run(replace(situation, kinds=kinds))
        except (NeedsLengths, S2sadError):
            pass  # it may do for more general kinds, or says so again
    return run(situation)


def last_axes(kinds: Iterable[Kind]) -> Iterator[Dim]:
    """The last axis of each array that has several."""
    for kind in kinds:
        if isinstance(kind, Array) and len(kind.dims or ()) > 1:
            yield (kind.dims or ())[-1]
        yield from last_axes(children(kind))


def undecided(case: Case) -> int:
    """How many shapes a text has to compare."""
    return getattr(case.about, "text", "").count("unbroadcast")


def guesses(sizes: Mapping[str, int]) -> Iterator[dict[str, Dim]]:
    """What may be said of lengths: which are equal, and which are few elements."""
    first: dict[int, str] = {}
    for name, size in sizes.items():
        first.setdefault(size, name)
    equal: dict[str, Dim] = {name: first[size] for name, size in sizes.items()}
    if len(first) < len(sizes):
        yield equal
    few = {name: size for name, size in sizes.items() if 1 < size <= FEW}
    if few:
        yield {**equal, **few}


def wanted(dims: Collection[str], sizes: Mapping[str, int]) -> dict[str, int]:
    """The lengths of the axes that these dims are made of; none if one is too long."""
    found: dict[str, int] = {}
    for dim in dims:
        words = dim.removeprefix("~")
        names = [n for n in sizes if re.match(re.escape(n) + r"(?![\w.])", words)]
        if not names or any(sizes[name] > LONG for name in names):
            return {}
        found.update((name, sizes[name]) for name in names)
    return found


def filled(kind: Kind, lengths: Mapping[str, Dim]) -> Kind:
    """The kind with numbers, or other names, for the dims that are known."""
    if isinstance(kind, Array) and kind.dims is not None:
        dims = tuple(lengths.get(d, d) if isinstance(d, str) else d for d in kind.dims)
        return replace(kind, dims=dims)
    if isinstance(kind, (Tuple, Dict, Object)) or (
        isinstance(kind, List) and kind.items is not None
    ):
        items = tuple(filled(item, lengths) for item in kind.items or ())
        return replace(kind, items=items)
    return kind
