"""One function while it is being lowered: its names, its store, the code it writes.

Every handler of syntax gets the frame as its first argument. What they share stands
here: making ops, reading and writing storages, binding names, complaining.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FunctionType
from typing import TYPE_CHECKING, Any

from s2sad.errors import Diagnostic, refuse
from s2sad.ir.kinds import (
    UNKNOWN,
    Dict,
    Kind,
    List,
    Object,
    Scalar,
    Static,
    Tuple,
)
from s2sad.ir.nodes import Atom, Lit, Op, Var
from s2sad.rules import TABLE, BadArguments
from s2sad.syntax import maybe
from s2sad.syntax.given import (
    hold_items,
    lost_inside,
    refuse_lasting,
    tell_holders,
)
from s2sad.syntax.held_alike import HeldAlike
from s2sad.syntax.kinds import (
    is_reference,
    may_view,
)
from s2sad.syntax.names import names_of
from s2sad.syntax.read import Reading
from s2sad.syntax.state import Guard, State, Writer, held_by
from s2sad.syntax.values import (
    BAD,
    ENTRIES,
    INSIDE,
    LENGTH,
    Bad,
    Closure,
    Either,
    Entries,
    Fields,
    Items,
    Known,
    Overlay,
    Pack,
    Poison,
    Ref,
    SliceValue,
    Storage,
    is_undef,
    root,
)
from s2sad.syntax.views import is_new_and_whole, look, write_through

if TYPE_CHECKING:
    from s2sad.ir.build import At, Region
    from s2sad.syntax.session import Session

PLAIN = (str, bytes, bool, int, float, complex, type(None), type(...))

# What NumPy may give a view of; whether it does may depend on the run.
VIEWS = frozenset(
    """T transpose reshape ravel swapaxes squeeze expand_dims broadcast_to asarray
    atleast_1d atleast_2d atleast_3d moveaxis split array_split hsplit vsplit dsplit
    diagonal diag matrix_transpose real flip flipud fliplr rot90 broadcast_arrays
    stop_gradient""".split()
)

# What takes entries out of containers, or puts them into new ones.
OF_OTHERS = frozenset("getitem joined picked put_back py_sorted".split())


class Frame:
    def __init__(
        self,
        session: Session,
        reading: Reading,
        name: str,
        function: FunctionType | None = None,
        parent: Frame | None = None,
    ) -> None:
        self.session = session
        self.reading = reading
        self.name = name
        self.function = function
        self.parent = parent
        self.globals: Mapping[str, Any] = (
            function.__globals__ if function else parent.globals if parent else {}
        )
        self.walrus = ":=" in reading.source.text
        self.locals, self.forbidden = names_of(reading.node, self.walrus)
        self.caller: Frame | None = None
        self.summary: Any = None  # of the call that this frame belongs to
        self.host: Frame | None = None  # into whose code this one is lowered in place
        self.home: Any = None  # and the block that the call stands in
        self.nested = 0  # calls lowered in place around this one
        self.captured: dict[tuple[Any, str], Any] = {}
        self.captured_vars: list[Var] = []
        self.imports: list[str] = []
        self.bound: tuple[Overlay, ...] = ()  # comprehensions around a lambda
        self.w = Writer()
        if session.guarding:  # called in a `try`
            self.w.guards.append(Guard())
        self.state = State()
        # given to containers of the run on the other way of a branch alone
        self.elsewhere: set[Storage] = set()
        self.moving = False  # is what is written into a container an entry of it?
        self.overlays: list[Overlay] = []  # names of comprehensions, inner last
        self.prologue: list[Op] = []  # reads of globals and closure values
        self.free: dict[str, Var] = {}  # the variable of each, by its text
        self.outer: dict[str, Any] = {}  # and what it is as a value
        # where a captured one comes from: the path, the value, the module
        self.outside: dict[Storage, tuple[Any, Any, Any]] = {}
        self.initial: dict[
            Storage, Any
        ] = {}  # what captured storages hold at the start
        self.params: dict[Storage, str] = {}
        self.parts: dict[Storage, str] = {}  # what those hold that were taken apart
        self.written: dict[Storage, Any] = {}  # parameters written into, first where
        self.into: dict[Storage, Any] = {}  # and those with a write to an array in them
        self.views: dict[tuple[int, Atom], tuple[Var, Region, Any]] = {}
        # entries of containers as they were read, and how their insides were marked
        self.snapshots: dict[Ref, tuple[Var, Region, object]] = {}
        self.looks: dict[tuple[Storage, Var], tuple[Var, Region]] = {}  # see `views`
        self.aliases: dict[Var, set[Storage]] = {}
        self.alike = HeldAlike()
        self.went: dict[Atom, Var] = {}  # flag of a handler that leaves: its opposite
        self.stay_none: set[tuple[int, int, str]] = set()  # in which loop, what
        self.told: dict[Var, maybe.Told] = {}  # by tests: what is not None
        self.reads: dict[Var, tuple[Any, ...]] = {}  # entries that may be: where from
        self.taken: dict[Var, Var] = {}  # what is taken for what it is: from what
        self.undef_reads: dict[str, ast.AST] = {}
        self.loops = 0

    # ---- complaining -----------------------------------------------------------------

    def place(self, node: ast.AST):
        return self.reading.place(node)

    def diagnostic(self, code: str, node: ast.AST, **fields: Any) -> Diagnostic:
        return refuse(code, self.place(node), **fields)

    def refuse(self, code: str, node: ast.AST, **fields: Any) -> Bad:
        self.session.found.append(self.diagnostic(code, node, **fields))
        self.session.pins.want(self.values_read(node))
        return BAD

    def values_read(self, node: ast.AST) -> Iterator[Any]:
        """What the names in a piece of syntax are bound to, here or further out."""
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        frame: Frame | None = self
        while frame is not None:
            for name in names:
                yield frame.state.env.get(name)
                yield frame.outer.get(name)
            frame = frame.parent

    def missing(self, error: type, node: ast.AST, key: object, have: str) -> Bad:
        """An entry that is not there: refused, but in a `try` an exception."""
        if not self.w.guards:
            what = self.text(node)
            shown = key if error is IndexError else repr(key)
            return self.refuse("missing-key", node, what=what, key=shown, have=have)
        from s2sad.syntax.kept_calls import opaque

        made = opaque(self, error.__name__, [Lit(key)], {}, node, error)
        self.w.ops("raise", (made,), ())
        self.state.dead = True
        return BAD

    def refuse_scope(self, name: str) -> None:
        """A name under `global` or `nonlocal` is assigned."""
        node = self.forbidden[name]
        code = "global-write" if isinstance(node, ast.Global) else "nonlocal-write"
        if not any(d.place == self.place(node) for d in self.session.found):
            self.refuse(code, node, name=name)

    def text(self, node: ast.AST) -> str:
        """What the user wrote, cut to one short line."""
        words = " ".join(self.reading.text(node).split())
        return words if len(words) <= 60 else words[:57] + "..."

    # ---- making ops ------------------------------------------------------------------

    def op(
        self,
        prim: str,
        args: Sequence[Atom],
        node: ast.AST,
        attrs: Mapping[str, object] | None = None,
        name: str = "",
    ) -> Any:
        """Append an op with one result; BAD if its operands do not fit."""
        args = maybe.operands(self, prim, args)
        try:
            kinds = TABLE[prim].infer(args, attrs or {})
        except BadArguments as exc:
            what = str((attrs or {}).get("spelling") or prim)
            return self.refuse("bad-arguments", node, function=what, reason=str(exc))
        outs: tuple[Var, ...]
        if len(kinds) == 1:
            outs = (self.w.op(prim, args, kinds[0], name, attrs),)
        else:
            outs = self.w.ops(prim, args, kinds, [name] * len(kinds), attrs)
        if prim in OF_OTHERS:  # of a container made of its items
            known = [self.aliases[arg] for arg in args if arg in self.aliases]
            for out in outs if known else ():
                self.aliases.setdefault(out, set()).update(*known)
        if len(outs) == 1 and type(outs[0].kind) is not Scalar:
            self.alike.note(self, prim, attrs, args, outs[0], node)
        if len(outs) == 1 and is_new_and_whole(self, prim, attrs, args, outs[0]):
            self.session.whole.add(outs[0])
        self.session.pins.follow(outs, args)
        if prim == "getitem":
            return maybe.note_read(self, args, (attrs or {}).get("path"), outs[0])
        return outs[0] if len(outs) == 1 else outs

    def at(self, node: ast.AST) -> At:
        return self.w.at(self.reading.span(node))

    @contextmanager
    def on(self, state: State, region: Region) -> Iterator[None]:
        """What is emitted goes to the end of this block, in this state."""
        before, self.state = self.state, state
        try:
            with self.w.reopen(region):
                yield
        finally:
            self.state = before

    # ---- kinds -----------------------------------------------------------------------

    def kind(self, value: Any) -> Kind:
        """The kind of a value, without emitting anything."""
        if isinstance(value, (Var, Lit)):
            return value.kind
        if isinstance(value, Known):
            return Static(value.value)
        if isinstance(value, Either):
            return getattr(value.whole, "kind", UNKNOWN)
        if isinstance(value, Pack):
            return Tuple(tuple(map(self.kind, value.items)), value.cls)
        if isinstance(value, Ref):
            content = self.content(value.storage)
            if self.is_stale(value):
                kept = self.snapshots.get(value)
                return UNKNOWN if kept is None else kept[0].kind
            if isinstance(content, (Var, Lit)):
                return self.kind_at(content, value.path, value.operands)
            return self.kind(content)
        if isinstance(value, Items):
            return List(tuple(map(self.kind, value.items)))
        if isinstance(value, Fields):
            fields = value.entries
            return Object(
                value.cls, tuple(fields), tuple(map(self.kind, fields.values()))
            )
        if isinstance(value, Entries):
            entries = value.entries
            return Dict(tuple(entries), tuple(map(self.kind, entries.values())))
        return UNKNOWN

    def kind_at(self, atom: Atom, path: str, operands: tuple[Atom, ...]) -> Kind:
        if not path or not isinstance(atom, (Var, Lit)):
            return getattr(atom, "kind", UNKNOWN)
        try:
            return TABLE["getitem"].infer((atom, *operands), {"path": path})[0]
        except BadArguments:
            return UNKNOWN

    def is_lost(self, value: Any) -> bool:
        """Is it not known any more what this refers to?"""
        return isinstance(value, Ref) and isinstance(
            self.content(value.storage), Poison
        )

    # ---- the store -------------------------------------------------------------------

    def content(self, storage: Storage) -> Any:
        if storage.of is not None:
            return look(self, storage)
        found = self.state.store.get(storage)
        return self.initial.get(storage, BAD) if found is None else found

    def new_storage(
        self, content: Any, name: str = "", origin: str = "fresh"
    ) -> Storage:
        storage = Storage(name, origin)
        storage.whole = content in self.session.whole
        if isinstance(content, Var):
            for other in self.aliases.get(content, ()):
                storage.maybe.add(other)
                other.maybe.add(storage)
            self.alike.settle(self, storage, content)
        self.state.store[storage] = content
        return storage

    def refer(self, value: Any, name: str = "") -> Any:
        """A value as a name or container holds it: arrays and containers by
        reference.
        """
        if isinstance(value, (Items, Entries, Fields)):
            return Ref(self.new_storage(value, name))
        if isinstance(value, Var):
            # a call that is kept as written may have given a view of its argument
            if is_reference(value.kind) or value in self.aliases:
                return Ref(self.new_storage(value, name))
        if isinstance(value, Ref) and not value.storage.name:
            value.storage.name = name
            content = None if value.path else self.content(value.storage)
            if isinstance(content, Var) and not content.name:
                content.name = name
        return value

    def looking_into(self, value: Any, bases: Collection[Storage]) -> Any:
        """A value that may be a view of these: a reference, so that what is taken out
        of it is known to be theirs, too.
        """
        if not bases or not isinstance(value, Var) or not may_view(value.kind):
            return value
        found = self.aliases.setdefault(value, set())
        for base in map(root, bases):
            found.update((base, *base.maybe))
        made = self.refer(value)
        made.storage.window = True
        return made

    def write(
        self,
        storage: Storage,
        content: Any,
        node: ast.AST,
        entries: bool = True,
        inside: bool = True,
        length: bool | None = None,
        level: int = 0,
    ) -> None:
        """A storage gets a new content; what may be the same place is not known any
        more. Of a container: are entries replaced, is something in them, are there
        more or fewer, and of which: its own or, at level 1, those of what it holds?
        """
        if isinstance(content, Var) and not content.name:
            content.name = storage.name
        if storage.of is not None:
            write_through(self, storage, content, node)
            return
        tell_holders(self, storage, content, node, inside)
        if length is None:
            length = count_of(self.content(storage)) != count_of(content)
        if isinstance(content, Var):
            self.alike.settle(self, storage, content)
            # what it held one by one is not known any more
            storage.held |= held_by(storage, self.state)
            for other in lost_inside(self, storage) if inside else ():
                poison = Poison(self.place(node), storage.name)
                self.state.store[other] = poison
        self.state.store[storage] = content
        said = {(ENTRIES, level): entries, (INSIDE, 0): inside, (LENGTH, level): length}
        changes = (change for change, is_so in said.items() if is_so)
        self.state.store.change(storage, *changes)
        refuse_lasting(self, storage, content, node, inside)
        if storage.origin != "fresh":
            self.written.setdefault(storage, self.place(node))
            if inside:
                self.into.setdefault(storage, self.place(node))
        for holder in storage.taken:  # ways into it may lead here
            self.state.store.change(holder, (INSIDE, 0))
        for other in storage.maybe:
            if other in self.state.store:
                window = storage.window
                poison = Poison(self.place(node), storage.name, window=window)
                self.state.store[other] = poison

    # ---- atoms -----------------------------------------------------------------------

    def atom(self, value: Any, node: ast.AST, name: str = "", lend: bool = True) -> Any:
        """The value as an operand: emits what it takes to have it. BAD stays BAD.

        `lend`: a container made of its items is there to stay, not just to be read.
        """
        if isinstance(value, (Var, Lit)):
            if is_undef(value):
                return BAD
            return value
        if isinstance(value, Ref):
            return self.read(value, node, name)
        if isinstance(value, Known):
            return self.known_atom(value)
        if isinstance(value, Pack):
            attrs = {"cls": value.cls} if value.cls else None
            return self.make("tuple", value.items, node, attrs, name, lend)
        if isinstance(value, Items):
            return self.make("list", value.items, node, None, name, lend)
        if isinstance(value, Entries):
            keys = tuple(value.entries)
            items = tuple(value.entries.values())
            return self.make("dict", items, node, {"keys": keys}, name, lend)
        if isinstance(value, Fields):
            if value.cls in self.session.local_classes:
                return self.refuse("class", node, name=value.cls.__name__)
            attrs = {"cls": value.cls, "fields": tuple(value.entries)}
            items = tuple(value.entries.values())
            return self.make("object", items, node, attrs, name, lend)
        if isinstance(value, Bad):
            return BAD
        if isinstance(value, Either) and isinstance(value.whole, (Var, Lit)):
            return value.whole
        if isinstance(value, SliceValue):
            parts = [
                self.static(part) for part in (value.start, value.stop, value.step)
            ]
            if all(part is not self.NOT_STATIC for part in parts):
                return Lit(slice(*parts))
        told = getattr(value, "diagnostic", None)
        if told is not None:  # of one kind on one path, of another on the other
            self.session.found.append(told)
            return BAD
        what = type(value).__name__.lower()
        if isinstance(value, Closure):
            what = f"the function `{value.name}` as a value"
        if isinstance(value, Either):
            what = "a function that the run chooses, as a value,"
        return self.refuse("construct", node, what=f"using {what} here")

    def make(
        self,
        prim: str,
        items: Sequence[Any],
        node: ast.AST,
        attrs: Mapping[str, object] | None,
        name: str = "",
        lend: bool = True,
    ) -> Any:
        """A container op of these items."""
        atoms = [self.atom(item, node, lend=lend) for item in items]
        if BAD in atoms:
            return BAD
        made = self.op(prim, atoms, node, attrs, name)
        if lend:
            hold_items(self, items, node)
        self.alike.note_made(self, made, items)
        return made

    def known_atom(self, value: Known) -> Atom:
        if value.atom is not None:
            return value.atom
        if not value.text or type(value.value) in PLAIN and not value.text[0].isalpha():
            return Lit(value.value, value.text or None)
        return self.free_read(value.text, Static(value.value))

    def free_read(self, text: str, kind: Kind) -> Var:
        """The op that reads a name of the user's module, once per function."""
        found = self.free.get(text)
        if found is None:
            attrs: dict[str, object] = {"name": text}
            if self.function is not self.session.function:
                attrs["owner"] = self.owner()
            found = Var(text.rpartition(".")[2], kind)
            self.prologue.append(Op((found,), "free", (), attrs))
            self.free[text] = found
        return found

    def owner(self) -> object:
        """The function whose globals and cells a free name of this frame belongs to."""
        frame: Frame | None = self
        while frame is not None and frame.function is None:
            frame = frame.parent
        return frame.function if frame else None

    def take_back(self, written: int) -> None:
        """Only so many statements of this block stay; nobody reads the others again."""
        gone = {out for stmt in self.w.stmts[written:] for out in stmt.outs}
        del self.w.stmts[written:]
        for memory in (self.views, self.looks):
            for key in [k for k, found in memory.items() if found[0] in gone]:
                del memory[key]  # type: ignore[attr-defined]

    def read(self, ref: Ref, node: ast.AST, name: str = "") -> Any:
        """What a reference holds now."""
        content = self.content(ref.storage)
        if self.is_stale(ref):
            return self.as_it_was(ref, node)
        if isinstance(content, Poison):
            shown = ref.storage.name or self.text(node)
            tried = content.code == "try-unsettled"
            also = [(content.place, "tried here" if tried else "written here")]
            if content.window:
                name = content.name or "what was written"
                return self.refuse(
                    "maybe-view",
                    node,
                    also=also,
                    label="read here",
                    name=name,
                    base=shown,
                )
            choice = content.name or shown
            words = {}
            if content.code == "which-array-read" and not choice.isidentifier():
                words["help"] = "decide by `if`, and do this in each branch"
            return self.refuse(
                content.code, node, also=also, name=shown, choice=choice, **words
            )
        if isinstance(content, (Items, Entries, Fields, Bad)):
            held = held_by(ref.storage, self.state)
            ref.storage.held |= held
            atom = self.atom(content, node, name, lend=False)
            if isinstance(atom, Var) and held:
                self.aliases.setdefault(atom, set()).update(held)
            return atom
        if not ref.path:
            return content
        key = (id(ref), content)
        found = self.views.get(key)
        if found is not None and self.w.is_open(found[1]):
            self.keep(ref, found[0], found[1])
            return found[0]
        atom = self.op(
            "getitem", (content, *ref.operands), node, {"path": ref.path}, name
        )
        if isinstance(atom, Var):
            self.views[key] = (atom, self.w.region, ref)
            self.aliases.setdefault(atom, set()).add(ref.storage)
            self.keep(ref, atom, self.w.region)
        return atom

    def is_stale(self, ref: Ref) -> bool:
        """Has an entry been replaced since this way into the container was taken?"""
        if ref.mark is None:
            return False
        now, levels = self.state.store.mark(ref.storage), range(ref.depth)
        return any(now.of(ENTRIES, k) is not ref.mark.of(ENTRIES, k) for k in levels)

    def keep(self, ref: Ref, atom: Var, region: Region) -> None:
        """Remember an entry as it is, should it be replaced."""
        if ref.mark is not None:
            inside = self.state.store.mark(ref.storage).of(INSIDE)
            self.snapshots[ref] = (atom, region, inside)

    def as_it_was(self, ref: Ref, node: ast.AST) -> Any:
        """An entry that has been replaced since, for those who hold the old one."""
        kept = self.snapshots.get(ref)
        if kept is not None and self.w.is_open(kept[1]):
            if kept[2] is self.state.store.mark(ref.storage).of(INSIDE):
                return kept[0]
        name = ref.storage.name or "this container"
        self.session.wanted.add(ref.storage.name)
        return self.refuse("entry-replaced", node, name=self.text(node), holder=name)

    # ---- static values ---------------------------------------------------------------

    NOT_STATIC = object()

    def static(self, value: Any) -> Any:
        """The Python value if it is fixed while lowering, else NOT_STATIC."""
        if isinstance(value, Lit):
            return self.NOT_STATIC if is_undef(value) else value.value
        if isinstance(value, Known):
            return value.value
        if value is None:
            return None
        if isinstance(value, Pack):
            items = [self.static(item) for item in value.items]
            if any(item is self.NOT_STATIC for item in items):
                return self.NOT_STATIC
            return value.cls(*items) if value.cls else tuple(items)
        if isinstance(value, Ref):
            content = self.content(value.storage)
            if isinstance(content, Items):
                items = [self.static(item) for item in content.items]
                if not any(item is self.NOT_STATIC for item in items):
                    return items
            return self.NOT_STATIC
        if isinstance(value, Var):
            kind = value.kind
            if isinstance(kind, Static):
                return kind.value
            if isinstance(kind, Scalar) and isinstance(kind.size, int):
                return kind.size
        return self.NOT_STATIC

    def is_static(self, value: Any) -> bool:
        return self.static(value) is not self.NOT_STATIC

    # ---- names -----------------------------------------------------------------------

    def bind(self, name: str, value: Any, node: ast.AST) -> None:
        """`name = value`."""
        if isinstance(value, Var) and not value.name:
            value.name = name
        new = not isinstance(value, Ref)
        value = self.refer(value, name)
        if isinstance(value, Ref):
            if new:
                self.name_entries(value.storage)
            if value.path:  # a view has its own name from here on
                self.read(value, node, name)
        for overlay in reversed(self.overlays):
            if name in overlay:
                overlay[name] = value
                return
        self.state.env[name] = value

    def name_entries(self, storage: Storage) -> None:
        """What was called as its key is `state_w`, now that the dict has a name."""
        content = self.content(storage)
        if not isinstance(content, Entries):
            return
        for key, item in content.entries.items():
            inner = self.content(item.storage) if isinstance(item, Ref) else item
            name = f"{storage.name}_{key}"
            if isinstance(inner, Var) and inner.name == key:
                inner.name = name
                if isinstance(item, Ref) and item.storage.name == key:
                    item.storage.name = name

    def entry(self, key: object, value: Any) -> Any:
        """A value as a dict or object holds it: called as its key, if nothing yet."""
        name = key if isinstance(key, str) and key.isidentifier() else ""
        if isinstance(value, Var) and not value.name:
            value.name = name
        value = self.refer(value, name)
        if isinstance(value, Ref) and not value.path and not value.storage.name:
            value.storage.name = name
        return value

    def lookup_local(self, name: str) -> Any:
        for overlay in reversed(self.overlays):
            if name in overlay:
                return overlay[name]
        return self.state.env.get(name)


def count_of(content: Any) -> int | None:
    """How many entries a container has; None for all else."""
    if isinstance(content, Items):
        return len(content.items)
    if isinstance(content, Entries):
        return len(content.entries)
    kind = getattr(content, "kind", None)
    if isinstance(kind, (List, Dict)) and kind.items is not None:
        return len(kind.items)
    return None
