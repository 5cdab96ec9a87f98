"""Containers of the run that hold the same arrays or containers.

    inner = rows[1:]        another list, of the same rows
    inner[0][2] = x         `rows` has changed, too: it may not be read any more
    inner.append(row)       `rows` has not

Lowering follows storages. What a container of the run holds is not followed one by one,
so it is noted which containers share their entries (`Storage.shares`), and a write into
an entry of one makes the others unknown (`Frame.write`). Before a new container has a
storage, what it was made of is known by its variable.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from s2sad.ir.kinds import List
from s2sad.ir.nodes import Atom, Var
from s2sad.syntax.given import give_on
from s2sad.syntax.kinds import holds_references, is_reference
from s2sad.syntax.state import held_by
from s2sad.syntax.values import Ref, Storage, all_held, relate, root, share

if TYPE_CHECKING:
    from s2sad.syntax.frame import Frame

# Containers of what is put there or stays there: lowering knows of each one.
_OF_ITEMS = frozenset(
    "list tuple dict object append inserted taken_out pop push setitem additem".split()
)
_NEW = frozenset({"zeros_of", "zero_entries", "zeros_like"})  # all through


@dataclass
class HeldAlike:
    """What is known of containers that have no storage yet."""

    shared: dict[Var, set[Storage]] = field(default_factory=dict)  # with these
    put: dict[Var, set[Storage]] = field(default_factory=dict)  # what was put there
    twice: dict[Var, Any] = field(default_factory=dict)  # an entry may be, since where
    cuts: dict[Var, tuple[str, tuple[Atom, ...]]] = field(default_factory=dict)

    def note(
        self,
        f: Frame,
        prim: str,
        attrs: Mapping[str, object] | None,
        args: Sequence[Atom],
        out: Var,
        node: ast.AST,
    ) -> None:
        """`rows[1:]`, `rows + more`: a new container of what others hold. An entry of
        such a one may be an entry of theirs.
        """
        if prim in _OF_ITEMS or prim in _NEW or not is_reference(out.kind):
            return
        path = str((attrs or {}).get("path"))
        if prim == "getitem" and not (isinstance(args[0].kind, List) and ":" in path):
            for table in (self.shared, self.put):
                if args[0] in table:
                    f.aliases.setdefault(out, set()).update(table[args[0]])  # type: ignore[index]
            return
        if not holds_references(out.kind):
            return
        put = [self.put[arg] for arg in args if arg in self.put]  # type: ignore[index]
        if put:
            self.put[out] = set().union(*put)
        held = [self.holders(f, arg) for arg in args if holds_references(arg.kind)]
        found = set().union(*held)
        if not found:
            return
        self.shared[out] = found
        if prim == "getitem":
            self.cuts[out] = path, tuple(args)
        elif prim == "repeated" or sum(map(len, held)) > len(found):
            if not self.is_turned(args):
                self.twice[out] = f.place(node)

    def note_made(self, f: Frame, out: Any, items: Iterable[Any]) -> None:
        """A container was made of its items."""
        refs = [root(item.storage) for item in items if isinstance(item, Ref)]
        if refs and isinstance(out, Var):
            self.put[out] = set(refs).union(*(held_by(s, f.state) for s in refs))

    def holders(self, f: Frame, atom: Atom) -> set[Storage]:
        """The storages that hold what a container does."""
        found = set(self.shared.get(atom, ()))  # type: ignore[call-overload]
        store = f.state.store
        before = (item for item in f.initial.items() if item[0] not in store)
        for storage, content in (*store.items(), *before):
            if content is atom:
                found |= {storage, *storage.shares}
        return found

    def is_once(self, f: Frame, spliced: Any, more: Any) -> None:
        """What is before a slice and what is after it have no entry in common."""
        if not self.holders(f, more):
            self.twice.pop(spliced, None)

    def is_turned(self, args: Sequence[Atom]) -> bool:
        """Is it `rows[k:] + rows[:k]`?"""
        cuts = [self.cuts.get(arg) for arg in args]  # type: ignore[call-overload]
        if len(cuts) != 2 or None in cuts:
            return False
        (path, after), (there, before) = cuts  # type: ignore[misc]
        return {path, there} == {"[#:]", "[:#]"} and after == before

    def settle(self, f: Frame, storage: Storage, content: Var) -> None:
        """The container has a storage from here on."""
        storage.held |= self.put.get(content, set())
        for other in self.shared.get(content, ()):
            share(storage, other)
        if content in self.twice:
            f.session.lent[storage] = self.twice[content]

    def taken_out(self, f: Frame, holder: Storage, value: Any) -> Any:
        """`row = rows.pop()`: it may be what a name, too, had put there. No container
        holds it any more, but for those that share entries.
        """
        made = f.refer(value)
        if not isinstance(made, Ref):
            return made
        storage = made.storage
        near = (holder, *holder.maybe, *holder.shares)
        place = next((f.session.lent[s] for s in near if s in f.session.lent), None)
        place = place or f.session.shared
        names = all_held(*near) | f.session.given_on
        for other in names | holder.shares:
            relate(storage, other)
        if place is not None:  # another may hold it still
            f.session.lent[storage] = place
            give_on(f, storage, place)
        else:
            storage.apart |= names
            storage.joined = len(f.session.gifts)
        storage.held |= holder.held.union(*(other.held for other in near))
        storage.taken |= {*near}
        return made

    def standing(self, f: Frame, value: Any) -> Any:
        """A value that is read from here on: such a container needs a storage."""
        if type(value) is Var and (value in self.shared or value in self.put):
            return f.refer(value)
        return value
