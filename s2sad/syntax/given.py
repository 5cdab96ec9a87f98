"""What containers of the run have been given.

    rows.append(row)        `row` is held from here on, and known by its name as well:
    row[0] = x              refused, `rows` would show it
    rows[i][0] = x          `row` shows it, and may not be read any more

Such a container is one value; which of its entries is which, lowering does not follow.
It knows the storages that one was given (`Storage.held`, and `escaped` with the place
for all of them), those that some container was given on an earlier trip or another way
(`given_on`), and whether one may have been given twice (`shared`): then two ways lead
to it that no name tells, and nothing is written through either.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from s2sad.ir.kinds import Object
from s2sad.ir.nodes import Var
from s2sad.syntax.kinds import is_container
from s2sad.syntax.state import held_by
from s2sad.syntax.values import (
    Entries,
    Fields,
    Items,
    Pack,
    Poison,
    Ref,
    Storage,
    all_held,
    root,
)

if TYPE_CHECKING:
    from s2sad.syntax.frame import Frame


def tell_holders(
    f: Frame, storage: Storage, content: Any, node: ast.AST, inside: bool
) -> None:
    """A storage is written: refused where a container holds it that is not told; what
    holds the same entries is not known any more.
    """
    deep = inside and is_container(f.kind(content))
    alike = storage.shares | f.session.given_on if deep else set()
    mine = (storage, *(storage.shares & alike))
    place = next(filter(None, (held(f, each) for each in mine)), None)
    for other in alike:
        if other in f.state.store and other is not storage:
            poison = Poison(f.place(node), storage.name, "entries-shared")
            f.state.store[other] = poison
    if place is not None:
        also = [(place, "given to it here")]
        shown = storage.name or f.text(node)
        told = f.diagnostic("held-array", node, also=also, name=shown)
        f.session.found.append(told)


def lost_inside(f: Frame, storage: Storage) -> Iterator[Storage]:
    """What may have changed with something in this container."""
    for other in all_held(storage, *storage.maybe, *storage.shares):
        if other in f.state.store and not is_out(f, other):
            yield other


def refuse_lasting(
    f: Frame, storage: Storage, content: Any, node: ast.AST, inside: bool
) -> None:
    """What the next call finds as this one leaves it is not written."""
    if storage.origin == "default":
        f.refuse("write-to-write", node, name=storage.name)
    if storage.outlives:
        f.refuse("captured-write", node, name=storage.name or f.text(node))
    frozen = f.session.frozen.keys() & {storage, *storage.maybe}
    if frozen and (inside or isinstance(f.kind(content), Object)):
        name, place = f.session.frozen[frozen.pop()]
        also = [(place, "kept from here on, by `cached_property`")]
        f.refuse("captured-write", node, also=also, name=name)


def hold(f: Frame, value: Any, node: ast.AST, by: Storage) -> None:
    """A container of the run is given this value: what it holds is not followed."""
    session, place = f.session, f.place(node)
    for storage in f.aliases.get(value, ()) if isinstance(value, Var) else ():
        give(f, storage, place)
        session.shared = session.shared or place
    for ref in refs_in(f, value):
        if ref.path and is_container(f.kind(f.content(ref.storage))):
            session.shared = session.shared or place  # an entry, given once more
            session.lent.setdefault(ref.storage, place)
            continue
        storage = root(ref.storage)
        # given on each trip if it was there before,
        again = any(storage in base.store for base in session.bases[-1:])
        # and what is no container yet has been lent when it was made one
        near = {storage, *storage.maybe} - kept_back(f, storage)
        lent = not isinstance(value, Ref)
        again |= not lent and bool(near & f.state.given)
        give(f, storage, place)
        by.held.add(storage)
        if again:
            session.shared = session.shared or place


def is_out(f: Frame, storage: Storage) -> bool:
    """Was it taken out of the only container that held it?"""
    session = f.session
    back = storage in session.escaped or storage in session.lent
    return bool(storage.taken) and not back


def held(f: Frame, storage: Storage) -> Any:
    """Where a container of the run was given what is, or may be, in this place."""
    escaped = f.session.escaped
    away = kept_back(f, storage) | f.elsewhere
    near = (s for s in (storage, *storage.maybe) if s not in away)
    return next((escaped[s] for s in near if s in escaped), None)


def give(f: Frame, storage: Storage, place: Any) -> None:
    """A container of the run holds this from here on."""
    f.session.escaped.setdefault(storage, place)
    f.session.gifts.append(storage)
    f.state.given.add(storage)
    f.elsewhere.discard(storage)


def give_on(f: Frame, storage: Storage, place: Any) -> None:
    """Some container of the run holds this, since an earlier trip."""
    give(f, storage, place)
    f.session.given_on.add(storage)


def kept_back(f: Frame, storage: Storage, until: int | None = None) -> set[Storage]:
    """What may be the same place, but on no way on which it has been given away;
    `until` so many things had been given.
    """
    given = set(f.session.gifts[storage.joined : until])
    return storage.apart - given


def hold_items(f: Frame, items: Iterable[Any], node: ast.AST) -> None:
    """A container of the run holds these from here on."""
    session, place = f.session, f.place(node)
    found: set[Storage] = set()
    for item in items:
        if isinstance(item, Ref):
            mine = {root(item.storage)} | held_by(item.storage, f.state)
            if mine & (found | f.state.given):  # one of them, twice
                session.shared = session.shared or place
            found |= mine
    for storage in found:
        give(f, storage, place)


def refs_in(f: Frame, value: Any) -> Iterator[Ref]:
    """What a value refers to, itself first, and what that holds one by one."""
    waiting, seen = [value], set[Storage]()
    while waiting:
        item = waiting.pop()
        if isinstance(item, (Pack, Items)):
            waiting += item.items
        elif isinstance(item, (Entries, Fields)):
            waiting += item.entries.values()
        elif isinstance(item, Ref) and item.storage not in seen:
            yield item
            if not item.path:
                seen.add(item.storage)
                waiting.append(f.content(item.storage))
