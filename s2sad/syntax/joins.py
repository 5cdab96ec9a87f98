"""Where two paths meet: one environment and one store of two.

A name that is bound to the same thing on both paths stays as it is. Numbers become a
result of the `If`. References are compared by storage: each pair of storages (the one
on this path, the one on that) becomes one new storage, which may be the same place as
either; a write to one of them makes the others unreadable (`Frame.write`).
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from s2sad.errors import Diagnostic
from s2sad.ir.build import Region
from s2sad.ir.kinds import BOOL, Kind, List
from s2sad.ir.nodes import FALSE, TRUE, UNDEF, Atom, Lit, Var
from s2sad.rules.joins import elem_kind, join_kinds
from s2sad.syntax.frame import Frame
from s2sad.syntax.given import give_on, kept_back
from s2sad.syntax.kinds import describe, is_reference
from s2sad.syntax.maybe import as_before
from s2sad.syntax.state import EXITS, State, held_by
from s2sad.syntax.values import (
    BAD,
    Bad,
    Closure,
    Either,
    Entries,
    Fields,
    Items,
    Known,
    Method,
    Pack,
    Partial,
    Poison,
    Ref,
    Storage,
    is_atom,
    is_record,
    is_undef,
    root,
    same,
    share,
)


class Clash:
    """A value of one kind on one path and of another on the other: refused when
    read.
    """

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


class Unsettled(Clash):
    """A value that depends on where an exception came from: refused when read, but
    where `flag` is true it is `good`.
    """

    good: Any = None
    flag: Atom | None = None


def may_share(a: Storage | None, b: Storage | None) -> bool:
    """Do they hold the same entries?"""
    return a is not None and b is not None and b in a.shares


def may_meet(a: Storage | None, b: Storage | None) -> bool:
    """May two references on one path be one array?"""
    return a is not None and b is not None and (a is b or b in a.maybe)


def is_function(value: Any) -> bool:
    if isinstance(value, Either):
        return is_function(value.then)
    if isinstance(value, Known):
        return callable(value.value)
    return isinstance(value, (Closure, Partial, Method))


def is_text(value: Any) -> bool:
    if isinstance(value, Either):
        return is_text(value.then)
    return isinstance(value, (Lit, Known)) and isinstance(value.value, str)


class Join:
    """The meeting of the ends of two (or one) blocks."""

    def __init__(
        self,
        f: Frame,
        base: State,
        edges: list[tuple[State, Region]],
        node: ast.AST,
        cond: Atom | None = None,
        given: list[set[Storage]] | None = None,
    ) -> None:
        self.cond = cond
        self.given = given  # by the end of each edge, to containers of the run
        self.f = f
        self.base = base
        self.edges = edges
        self.node = node
        self.outs: list[Var] = []
        self.yields: list[list[Atom]] = [[] for _ in edges]
        self.joints: dict[tuple[Any, ...], Storage] = {}
        self.sources: list[tuple[Storage, list[Storage | None]]] = []
        self.state = State()
        self.start = 0  # how much had been given away when the blocks had ended
        self.before: list[set[Storage]] = []  # and what, by the end of each edge

    def run(self, *extra: Any) -> list[Any]:
        """Join everything; returns what becomes of `extra`, one value per edge each."""
        base, state = self.base, self.state
        self.start = len(self.f.session.gifts)
        self.before = [set(s.given) for s, _ in self.edges]
        lives = [s for s, _ in self.edges if not s.dead]
        state.dead = not lives
        if not lives:
            self.state = base.fork()
            self.state.dead = True
            return [UNDEF for _ in extra]
        results = [self.unify(list(values), UNDEF, "") for values in extra]
        names = dict.fromkeys(name for s, _ in self.edges for name in s.env)
        for name in names:
            before = base.env.get(name, UNDEF)
            values = [s.env.get(name, UNDEF) for s, _ in self.edges]
            state.env[name] = self.unify(values, before, name)
        self.join_store()
        state.store.join_marks([s.store for s in lives])
        state.sure = frozenset.intersection(*(s.sure for s in lives))
        for exit_ in EXITS:
            flags = [FALSE if s.dead else s.exits[exit_] for s, _ in self.edges]
            state.exits[exit_] = self.flag(flags, lives, exit_)
        results_ = [s.result for s, _ in self.edges]
        state.result = self.unify(results_, base.result, "")
        self.mark_aliases()
        self.keep_back()
        return results

    def flag(self, flags: list[Atom], lives: list[State], exit_: str) -> Atom:
        alive = [s.exits[exit_] for s in lives]
        if all(a == alive[0] for a in alive) and isinstance(alive[0], Lit):
            return alive[0]
        if (
            flags == [TRUE, FALSE]
            and isinstance(self.cond, Var)
            and self.cond.kind == BOOL
        ):
            return self.cond
        return self.out(flags, BOOL, "")

    def join_store(self) -> None:
        f = self.f
        storages = dict.fromkeys(s for s in self.base.store)
        storages.update(
            dict.fromkeys(s for e, _ in self.edges for s in e.store if s in f.initial)
        )
        for storage in storages:
            before = self.base.store.get(storage, f.initial.get(storage))
            contents = [
                UNDEF if s.dead else s.store.get(storage, f.initial.get(storage, BAD))
                for s, _ in self.edges
            ]
            joined = self.unify_content(contents, before, storage.name)
            self.state.store[storage] = joined
            if isinstance(joined, Var):
                for s, _ in self.edges:
                    storage.held |= held_by(storage, s)

    def mark_aliases(self) -> None:
        """Joined storages and the ones they come from may be the same place.

        Two joined ones only if they come from one on the same path: `a, b = b, a` on
        one path leaves two places.
        """
        old = {s: [s, *s.maybe] for _, sources in self.sources for s in sources if s}
        for joint, sources in self.sources:
            for source in sources:
                for other in old[source] if source else ():
                    there = other in self.state.store or other in self.f.initial
                    if there and other is not joint:
                        joint.maybe.add(other)
                        other.maybe.add(joint)
            for source in sources:
                for other in old[source] if source else ():
                    for holder in list(other.shares):
                        share(joint, holder)
            for twin, others in self.sources:
                if twin is not joint and any(map(may_meet, sources, others)):
                    joint.maybe.add(twin)
                if twin is not joint and any(map(may_share, sources, others)):
                    share(joint, twin)

    def keep_back(self) -> None:
        """Note what an edge has not given away: `rows.append(row); row = []` on one
        does not give away the `row` of the other.
        """
        self.state.given = set().union(*(s.given for s, _ in self.edges))
        for joint, sources in self.sources:
            for source, (state, _) in zip(sources, self.edges):
                if source is not None and not state.dead:
                    self.give_up(joint, {source, *source.maybe} & state.given)
        if self.given is None:
            return
        edges = [
            (s.given | given, s.given - before, s)
            for (s, _), given, before in zip(self.edges, self.given, self.before)
        ]
        for joint, sources in self.sources:
            out: set[Storage] = set()
            for source, (given, here, state) in zip(sources, edges, strict=True):
                if source is not None and not state.dead:
                    near = {source, *source.maybe}
                    kept = kept_back(self.f, source, self.start)
                    out |= ((near - kept) & given) | (near & here)
                    joint.apart |= near
            joint.apart -= out
            if self.gone(joint, out):
                joint.apart.discard(joint)
            joint.joined = len(self.f.session.gifts)

    def gone(self, joint: Storage, given: set[Storage]) -> set[Storage]:
        """What was made and given away in a block: it is there under one name alone."""
        return given - joint.maybe - self.state.store.keys()

    def give_up(self, joint: Storage, given: set[Storage]) -> None:
        for storage in self.gone(joint, given):
            give_on(self.f, joint, self.f.session.escaped[storage])

    # ---- values ----------------------------------------------------------------------

    def unify(self, values: list[Any], before: Any, hint: str) -> Any:
        """One value for what is one of several."""
        values = self.before_tests(values)
        lives = [v for v, (s, _) in zip(values, self.edges) if not s.dead]
        defined = [v for v in lives if not is_undef(v) and not isinstance(v, Bad)]
        if not defined:
            return BAD if any(isinstance(v, Bad) for v in lives) else UNDEF
        first = defined[0]
        if len(defined) == len(lives) and all(
            v is first or same(v, first) for v in lives
        ):
            if len(lives) > 1 or first is before or not self.is_inner(first):
                return first
        for value in defined:
            if isinstance(value, Clash):
                return value
        if all(isinstance(v, Pack) for v in defined):
            sizes = {(len(v.items), v.cls) for v in defined}
            if len(sizes) == 1:
                return self.unify_packs(values, first, hint)
        if all(isinstance(v, Ref) for v in defined):
            return self.unify_refs(values, hint)
        if all(isinstance(v, Closure) and v.is_again(first) for v in defined):
            return self.unify_closures(values, first)
        return self.either(values, defined, hint)

    def before_tests(self, values: list[Any]) -> list[Any]:
        """What one path or each has taken for what it is (`maybe`): as it was, where
        that is the same on all.
        """
        if not self.f.taken:
            return values
        old = [as_before(self.f, v) for v in values]
        lives = [v for v, (s, _) in zip(old, self.edges) if not s.dead]
        return old if all(v is lives[0] for v in lives) else values

    def either(self, values: list[Any], defined: list[Any], hint: str) -> Any:
        """A function, or a string, that is one of two: which, the condition says."""
        chosen = all(map(is_function, defined)) or all(map(is_text, defined))
        two = len(values) == len(defined) == 2 and isinstance(self.cond, Var)
        if not chosen or not two:
            return self.unify_atoms(values, defined, hint)
        whole = None
        if all(map(is_text, defined)):
            whole = self.unify_atoms(values, defined, hint)
        assert self.cond is not None
        first, second = (self.lifted(v, k) for k, v in enumerate(values))
        return Either(self.cond, first, second, whole)

    def lifted(self, value: Any, edge: int) -> Any:
        """A choice made in a branch, with its condition as a result of the branch; a
        function made there, with its defaults as results.
        """
        if isinstance(value, Closure):
            here = [value if k == edge else UNDEF for k in range(len(self.edges))]
            return self.unify_closures(here, value)
        if not isinstance(value, Either):
            return value
        flags = [value.cond if k == edge else FALSE for k in range(len(self.edges))]
        cond = self.out(flags, BOOL, "")
        parts = self.lifted(value.then, edge), self.lifted(value.orelse, edge)
        return Either(cond, *parts, None)

    def is_inner(self, value: Any) -> bool:
        """Does a value need something that exists in one block only?"""
        if isinstance(value, Var):
            return True
        if isinstance(value, Pack):
            return any(map(self.is_inner, value.items))
        if isinstance(value, Ref):
            return bool(value.path) or value.storage not in self.base.store
        return False

    def unify_packs(self, values: list[Any], first: Pack, hint: str) -> Pack:
        items = []
        for i in range(len(first.items)):
            each = [v.items[i] if isinstance(v, Pack) else UNDEF for v in values]
            items.append(self.unify(each, UNDEF, ""))
        return Pack(tuple(items), first.cls)

    def unify_closures(self, values: list[Any], first: Closure) -> Closure:
        """One function made on several paths: its defaults are of the path taken."""

        def column(words: str, i: int) -> Any:
            return self.unify(
                [
                    getattr(v, words)[i] if isinstance(v, Closure) else UNDEF
                    for v in values
                ],
                UNDEF,
                "",
            )

        given = {
            words: tuple(
                item if item is None else column(words, i)
                for i, item in enumerate(getattr(first, words))
            )
            for words in ("defaults", "kw_defaults")
        }
        return replace(first, **given)

    def unify_atoms(self, values: list[Any], defined: list[Any], hint: str) -> Any:
        f = self.f
        kinds: list[Kind] = []
        for value, (state, region) in zip(values, self.edges):
            if any(value is v for v in defined):
                with f.on(state, region):
                    kinds.append(f.kind(value))
        if any(not self.has_atom(v) for v in defined):
            return self.clash(kinds, hint)
        kind = kinds[0]
        for more in kinds[1:]:
            kind = join_kinds(kind, more)
        atoms = self.atoms(values)
        if atoms is None:
            return BAD
        out = self.out(atoms, kind, hint)
        if not is_reference(kind) and not any(isinstance(v, Ref) for v in defined):
            return out
        storage = Storage(hint)
        self.state.store[storage] = out
        self.note_sources(storage, values)
        return Ref(storage)

    def has_atom(self, value: Any) -> bool:
        if isinstance(value, Either):
            return value.whole is not None
        return is_atom(value) or isinstance(value, (Ref, Pack, Known, Items, Entries))

    def clash(self, kinds: list[Kind], hint: str) -> Clash:
        first, second = (*map(describe, kinds), "something else")[:2]
        return Clash(
            self.f.diagnostic(
                "kinds-disagree",
                self.node,
                name=hint or "this",
                first=first,
                second=second,
            )
        )

    def atoms(self, values: list[Any]) -> list[Atom] | None:
        """Each value as an atom, emitted at the end of its own block."""
        f = self.f
        atoms: list[Atom] = []
        for value, (state, region) in zip(values, self.edges):
            if state.dead or is_undef(value) or isinstance(value, Bad):
                atoms.append(UNDEF)
                continue
            with f.on(state, region):
                atom = f.atom(value, self.node)
            if atom is BAD:
                return None
            atoms.append(atom)
        return atoms

    def out(self, atoms: list[Atom], kind: Kind, hint: str) -> Var:
        var = Var(hint, kind)
        self.outs.append(var)
        for mine, atom in zip(self.yields, atoms):
            mine.append(atom)
        return var

    # ---- storages --------------------------------------------------------------------

    def unify_refs(self, values: list[Any], hint: str) -> Any:
        key = tuple(
            (v.storage if not v.path else (v.storage, v.path, v.operands))
            if isinstance(v, Ref)
            else None
            for v in values
        )
        joint = self.joints.get(key)
        if joint is None:
            contents: list[Any] = []
            for value, (state, region) in zip(values, self.edges):
                if not isinstance(value, Ref) or state.dead:
                    contents.append(UNDEF)
                    continue
                with self.f.on(state, region):
                    content = self.f.content(value.storage)
                    if value.path:
                        content = self.f.read(value, self.node)
                contents.append(content)
            joint = self.joints[key] = Storage(hint)
            self.state.store[joint] = self.unify_content(contents, None, hint)
            if isinstance(self.state.store[joint], Var):
                for value, (s, _) in zip(values, self.edges):
                    if isinstance(value, Ref):
                        joint.held |= value.storage.held | held_by(value.storage, s)
            self.note_sources(joint, values)
        return Ref(joint)

    def note_sources(self, joint: Storage, values: list[Any]) -> None:
        sources = [root(v.storage) if isinstance(v, Ref) else None for v in values]
        self.sources.append((joint, sources))
        joint.taken.update(*(source.taken for source in sources if source))

    def unify_content(self, contents: list[Any], before: Any, hint: str) -> Any:
        contents = self.before_tests(contents)
        lives = [c for c, (s, _) in zip(contents, self.edges) if not s.dead]
        if before is not None and all(c is before for c in lives):
            return before
        defined = [c for c in lives if not is_undef(c) and not isinstance(c, Bad)]
        if not defined:
            return BAD
        for content in defined:
            if isinstance(content, Poison):
                return content
        first = defined[0]
        if len(defined) > 1 and all(is_atom(c) and c is first for c in defined):
            return first
        if all(isinstance(c, Items) for c in defined):
            if len({len(c.items) for c in defined}) == 1:
                columns = [
                    [c.items[i] if isinstance(c, Items) else UNDEF for c in contents]
                    for i in range(len(first.items))
                ]
                return Items(tuple(self.unify(column, UNDEF, "") for column in columns))
        for cls in (Entries, Fields):
            if all(isinstance(c, cls) for c in defined):
                if len({tuple(c.entries) for c in defined}) == 1:
                    return replace(first, entries=self.unify_entries(contents, first))
        if any(isinstance(c, Fields) and not is_record(c) for c in defined):
            return self.f.refuse(
                "kinds-disagree",
                self.node,
                name=hint or "this",
                first="an object with some fields",
                second="one with others",
            )
        atoms = self.atoms(contents)
        if atoms is None:
            return BAD
        kind = self.kind_of_contents([a for a in atoms if not is_undef(a)])
        return self.out(atoms, kind, hint)

    def unify_entries(self, contents: list[Any], first: Any) -> dict[Any, Any]:
        made = {}
        for key in first.entries:
            each = [getattr(c, "entries", {}).get(key, UNDEF) for c in contents]
            made[key] = self.unify(each, UNDEF, str(key))
        return made

    def kind_of_contents(self, atoms: list[Atom]) -> Kind:
        kind = atoms[0].kind
        for atom in atoms[1:]:
            kind = join_kinds(kind, atom.kind)
        if isinstance(kind, List) and any(a.kind != kind for a in atoms):
            return List(None, elem_kind(kind))
        return kind
