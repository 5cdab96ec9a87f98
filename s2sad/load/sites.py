"""Which site serves a function: found by its code object, and forgotten with it."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable
from types import CodeType

from s2sad.load.dispatch import Site

Entry = tuple["weakref.ref[CodeType]", dict[Hashable, Site]]

_lock = threading.Lock()
_by_code: dict[int, Entry] = {}


def site_of(code: CodeType, recipe: Hashable, name: Callable[[], str]) -> Site:
    """The site of this code object, derived in this way; a new one is given a name."""
    # By identity: two code objects may be equal and belong to different functions.
    known = _by_code.get(id(code))
    if known is not None and known[0]() is code:
        site = known[1].get(recipe)
        if site is not None:
            return site
    with _lock:
        known = _by_code.get(id(code))
        if known is None or known[0]() is not code:
            known = _by_code[id(code)] = (_watched(code, _by_code), {})
        return known[1].setdefault(recipe, Site(name()))


def _watched(code: CodeType, table: dict[int, Entry]) -> weakref.ref[CodeType]:
    """A reference whose end takes the entry out of the table."""
    key = id(code)

    def forget(gone: weakref.ref[CodeType]) -> None:
        entry = table.get(key)
        if entry is not None and entry[0] is gone:
            del table[key]

    return weakref.ref(code, forget)


def count() -> int:
    """How many code objects have sites at present."""
    return len(_by_code)
