"""Which array may be which from trip to trip, where a loop binds names anew.

A loop gives each reference that it carries a storage of its own: what the name, or the
entry of a list or dict, holds at the head of a trip. That storage may be one from
before the loop, and two of them may be one array:

    a, b = x, y                 at the head `a` may be x or y, and so may `b`,
    for i in range(n):          but a and b are two arrays on every trip
        a[i] = b[0]
        a, b = b, a

A slot is such a place: a name or a carried storage, and the keys from there. Facts
about slots are gathered from where the loop starts and where its trips end, until they
say nothing new (see `carry`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from s2sad.syntax.frame import Frame
from s2sad.syntax.given import give_on, held
from s2sad.syntax.state import State
from s2sad.syntax.values import (
    Entries,
    Fields,
    Items,
    Pack,
    Ref,
    Storage,
    relate,
    root,
    share,
)

Slot = tuple[Any, ...]

RESULT = object()  # the slot of what a trip returns


@dataclass
class Kin:
    """What is known of the slots of one loop."""

    origins: dict[Slot, set[Storage]] = field(default_factory=dict)
    pairs: set[frozenset[Slot]] = field(default_factory=set)  # may be one array
    # those that may hold the same entries, and with what from before the loop
    sharing: set[frozenset[Slot]] = field(default_factory=set)
    shared: dict[Slot, set[Storage]] = field(default_factory=dict)
    # what a trip has given to a container of the run, and where
    held: dict[Slot, Any] = field(default_factory=dict)

    def size(self) -> int:
        found = (*self.origins.values(), *self.shared.values())
        many = len(self.pairs) + len(self.sharing) + len(self.held)
        return many + sum(map(len, found))

    def start(self, f: Frame, plan: Any, base: State) -> None:
        """What the references are before the first trip."""
        found = slots(f, plan, base)
        for slot, storage in found.items():
            near = (m for m in storage.maybe if m in base.store or m in f.initial)
            self.origins.setdefault(slot, set()).update((storage, *near))
            others = (m for m in storage.shares if m in base.store or m in f.initial)
            self.shared.setdefault(slot, set()).update(others)
        for (s, a), (t, b) in combinations(found.items(), 2):
            if a is b or b in a.maybe:
                self.pairs.add(frozenset((s, t)))
            if b in a.shares:
                self.sharing.add(frozenset((s, t)))

    def end(self, f: Frame, plan: Any, base: State, head: State, end: State) -> bool:
        """What they are after a trip; says whether that was news."""
        before = self.size()
        heads = {storage: slot for slot, storage in slots(f, plan, head).items()}
        found = slots(f, plan, end)
        for slot, storage in found.items():
            mine = self.origins.setdefault(slot, set())
            for each in (storage, *storage.maybe):
                if each in heads:
                    mine |= self.origins.get(heads[each], set())
                elif each in base.store or each in f.initial:
                    mine.add(each)
            self.shares(f, base, heads, slot, storage)
            place = held(f, storage)
            if place is not None:
                self.held.setdefault(slot, place)
        for (s, a), (t, b) in combinations(found.items(), 2):
            if self.meet(a, b, heads):
                self.pairs.add(frozenset((s, t)))
            if b in a.shares:
                self.sharing.add(frozenset((s, t)))
        return self.size() != before

    def shares(
        self,
        f: Frame,
        base: State,
        heads: dict[Storage, Slot],
        slot: Slot,
        storage: Storage,
    ) -> None:
        """What the container in a slot, after a trip, has entries in common with."""
        mine = self.shared.setdefault(slot, set())
        for each in (storage, *storage.maybe):
            if each in heads:
                mine |= self.shared.get(heads[each], set())
            for other in each.shares:
                if other in heads:
                    there = heads[other]
                    mine |= self.origins.get(there, set())
                    mine |= self.shared.get(there, set())
                    self.sharing.add(frozenset((slot, there)))
                elif other in base.store or other in f.initial:
                    mine.add(other)

    def meet(self, a: Storage, b: Storage, heads: dict[Storage, Slot]) -> bool:
        if a is b or b in a.maybe or a in b.taken or b in a.taken:
            return True  # taken out: of a container that the other leads into
        pair = frozenset((heads.get(a, ()), heads.get(b, ())))
        return pair in self.pairs

    def apply(self, f: Frame, plan: Any, state: State) -> None:
        """Tell the storages of this state what they may be."""
        found = slots(f, plan, state)
        for slot, storage in found.items():
            if slot in self.held:
                give_on(f, storage, self.held[slot])
            for other in self.origins.get(slot, ()):
                relate(storage, other)
            for other in self.shared.get(slot, ()):
                share(storage, other)
        for (s, a), (t, b) in combinations(found.items(), 2):
            if frozenset((s, t)) in self.pairs:
                relate(a, b)
            if frozenset((s, t)) in self.sharing:
                share(a, b)


def slots(f: Frame, plan: Any, state: State) -> dict[Slot, Storage]:
    """The references that the loop carries, as they are in this state."""
    before, f.state = f.state, state
    try:
        found: dict[Slot, Storage] = {}
        for name in plan.names:
            found.update(references(f, state.env.get(name), (name,)))
        found.update(references(f, state.result, (RESULT,)))
        for storage in plan.stores:
            found.update(references(f, f.content(storage), (storage,)))
        return found
    finally:
        f.state = before


def references(f: Frame, value: Any, slot: Slot) -> Iterator[tuple[Slot, Storage]]:
    if isinstance(value, Ref):
        yield slot, root(value.storage)
        if not value.path and value.storage.of is None:
            yield from references(f, f.content(value.storage), (*slot, "*"))
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, (Pack, Items)):
        items = enumerate(value.items)
    elif isinstance(value, (Entries, Fields)):
        items = value.entries.items()
    for key, item in items:
        yield from references(f, item, (*slot, key))
