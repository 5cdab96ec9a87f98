"""What an expression evaluates to, and what a name is bound to, while lowering.

    value = Var | Lit        a number, or anything that exists at run time only
          | Known            an object known while lowering: a module, function, type
          | Ref              an array, list, dict, object: a storage and a path into it
          | Pack             a tuple whose items are values
          | Closure          a lambda or nested function, with the scope it was made in
          | Either           one of two functions or strings, as a condition says
          | Method           `x.sum` before it is called
          | Lazy (see iterate)  range(...), zip(...), map(...), a generator expression
          | Bad              the value of something refused; swallows later complaints

A storage is an identity. What it holds now stands in the store of the state:

    content = Var | Lit      an array, or a container that exists at run time only
            | Items          a list whose items are values
            | Entries        a dict whose entries are values
            | Fields         an object whose fields are values
            | Poison         not to be read any more: which array it is, the run decides
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from s2sad.ir.nodes import UNDEF, Atom, Lit, Var
from s2sad.ir.paths import parse_path

if TYPE_CHECKING:
    from s2sad.syntax.frame import Frame


@dataclass(frozen=True, eq=False)
class Known:
    """An object known while lowering; `text` is how the user reaches it."""

    value: Any
    text: str = ""
    atom: Atom | None = None  # a parameter that holds it


@dataclass(eq=False)
class Storage:
    """A place that holds an array or container; equal only to itself."""

    name: str = ""
    # "param": the caller's; "captured": a global or closure value; "cached": what
    # `lru_cache` or a cached property gives each time
    origin: str = "fresh"
    maybe: set[Storage] = field(default_factory=set)  # may be the same place
    # of these: no container of the run was given them before they were joined to it,
    apart: set[Storage] = field(default_factory=set)
    joined: int = 0  # when so many had been given one
    # what it held one by one before it became one value of the run
    held: set[Storage] = field(default_factory=set)
    shares: set[Storage] = field(default_factory=set)  # other containers of the same
    taken: set[Storage] = field(default_factory=set)  # it was taken out of these
    of: Ref | None = None  # a view: of this,
    lens: Any = None  # seen so (see `views`)
    window: bool = False  # a view or a copy, which is not known
    whole: bool = False  # an array whose elements lie one after the other

    @property
    def outlives(self) -> bool:
        """May the next call find it as this one left it?"""
        near = (self, *self.maybe)
        return any(each.origin in ("captured", "cached") for each in near)

    def __repr__(self) -> str:
        return f"<storage {self.name} {id(self) & 0xFFFF:x}>"


def relate(a: Storage, b: Storage) -> None:
    """Two that may be the same place."""
    if a is not b:
        a.maybe.add(b)
        b.maybe.add(a)


def share(one: Storage, other: Storage) -> None:
    """Two containers hold the same entries, and so do those that each shares with."""
    pairs = [(one, b) for b in (other, *other.shares)]
    for a, b in (*pairs, *((a, other) for a in one.shares)):
        if a is not b:
            a.shares.add(b)
            b.shares.add(a)
    one.held |= other.held


def all_held(*containers: Storage) -> set[Storage]:
    """What containers of the run may hold, and what that may hold."""
    found, work = set[Storage](), list(containers)
    while work:
        more = work.pop().held - found
        found |= more
        for each in more:
            near = each.maybe | each.shares
            found |= near
            work += (each, *near)
    return found - set(containers)


ENTRIES, INSIDE, LENGTH = "entries", "inside", "length"
Change = tuple[str, int]  # what, and at which level: 1 is what its entries hold


@dataclass(frozen=True)
class Marks:
    """Which was the last replacing of entries at a level, the last change of their
    number, the last write into one of them.
    """

    last: Mapping[Change, object] = field(default_factory=dict)

    def of(self, what: str, level: int = 0) -> object:
        return self.last.get((what, level))

    def after(self, *changes: Change) -> Marks:
        return Marks({**self.last, **dict.fromkeys(changes, object())})

    def differences(self, other: Marks) -> set[Change]:
        every = {*self.last, *other.last}
        return {each for each in every if self.of(*each) is not other.of(*each)}

    def above(self, level: int, below: Marks) -> Marks:
        """As it is said here of the levels above this one, and there of the others."""
        mine = {each: self.last[each] for each in self.last if each[1] < level}
        theirs = {each: below.last[each] for each in below.last if each[1] >= level}
        return Marks({**mine, **theirs})


@dataclass(frozen=True, eq=False)
class Ref:
    """A storage, and a path into it: the text of the subscripts, and operands.

    Where the path leads to an entry of a container, `mark` is what the storage was
    marked with then: since an entry was replaced on the way, it leads to another one.
    """

    storage: Storage
    path: str = ""
    operands: tuple[Atom, ...] = ()
    mark: Marks | None = None

    @property
    def depth(self) -> int:
        return len(parse_path(self.path))


@dataclass(frozen=True, eq=False)
class Pack:
    items: tuple[Any, ...] = ()
    cls: type | None = None  # of a NamedTuple


@dataclass(frozen=True, eq=False)
class Closure:
    """A function made inside the function that is lowered."""

    node: ast.Lambda | ast.FunctionDef
    scope: Frame
    name: str
    defaults: tuple[Any, ...] = ()
    kw_defaults: tuple[Any, ...] = ()
    bound: tuple[Overlay, ...] = ()  # names of comprehensions around a lambda

    def is_again(self, other: Closure) -> bool:
        """The same function, made once more? Its defaults may be others."""
        return self.node is other.node and self.scope is other.scope


@dataclass(frozen=True, eq=False)
class Inside:
    """A method of a class that the function itself defines (see `local_classes`)."""

    closure: Closure
    how: str  # "plain", "property", "static", "class"


@dataclass(frozen=True, eq=False)
class Method:
    """An attribute of a run-time value, not called yet."""

    base: Any
    name: str


@dataclass(frozen=True, eq=False)
class Partial:
    """A callable with its first arguments given: a partial, a bound method."""

    callee: Any
    args: tuple[Any, ...] = ()
    kwargs: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, eq=False)
class Either:
    """A function or string that a branch has chosen; `whole`: as one value, if it can
    be one.
    """

    cond: Atom
    then: Any
    orelse: Any
    whole: Any = None


@dataclass(frozen=True, eq=False)
class Super:
    """`super()`: the class that asks, the class of the object, and the object."""

    cls: type
    of: type
    me: Any


@dataclass(frozen=True, eq=False)
class SliceValue:
    """A slice made by `a:b` or `slice(a, b)`."""

    start: Any
    stop: Any
    step: Any


class Overlay(dict[str, Any]):
    """The names of one comprehension; equal only to itself."""

    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__  # type: ignore[assignment]


class Bad:
    """The value of something that was refused."""

    def __repr__(self) -> str:
        return "<refused>"


BAD = Bad()


@dataclass(frozen=True, eq=False)
class Items:
    """A list whose items are known one by one."""

    items: tuple[Any, ...] = ()


@dataclass(frozen=True, eq=False)
class Entries:
    """A dict whose entries are known one by one."""

    entries: dict[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Fields:
    """An object of a user's class that is made here: its fields, known one by one."""

    cls: type
    entries: dict[str, Any] = field(default_factory=dict)


def is_plain(cls: type) -> bool:
    """Is it a dataclass whose objects are made of their fields, and of nothing else?"""
    return (
        is_dataclass(cls)
        and not hasattr(cls, "__post_init__")
        and all(each.init for each in fields(cls))
    )


def is_record(value: Fields) -> bool:
    """Could it be made of its fields by calling its class?"""
    names = [each.name for each in fields(value.cls)] if is_plain(value.cls) else None
    return names == list(value.entries)


@dataclass(frozen=True, eq=False)
class Poison:
    """What a storage holds after a write that may, or may not, have changed it."""

    place: Any
    name: str = ""
    code: str = "which-array-read"  # what to say where it is read
    good: Any = None  # what it holds where `flag` is true
    flag: Atom | None = None
    window: bool = False  # written through what may or may not be a view of it


def root(storage: Storage) -> Storage:
    """What a view is a view of."""
    while storage.of is not None:
        storage = storage.of.storage
    return storage


def is_undef(value: object) -> bool:
    return isinstance(value, Lit) and value == UNDEF


def same(a: object, b: object) -> bool:
    """Do two values stand for the same thing, whatever the run?"""
    if a is b:
        return True
    if isinstance(a, Lit) and isinstance(b, Lit):
        return a == b
    if isinstance(a, Known) and isinstance(b, Known):
        return a.value is b.value
    if isinstance(a, Ref) and isinstance(b, Ref):
        there = a.storage is b.storage and a.mark == b.mark
        return there and a.path == b.path and a.operands == b.operands
    if isinstance(a, Pack) and isinstance(b, Pack):
        return (
            len(a.items) == len(b.items)
            and a.cls is b.cls
            and all(map(same, a.items, b.items))
        )
    if isinstance(a, Closure) and isinstance(b, Closure):
        mine, other = (*a.defaults, *a.kw_defaults), (*b.defaults, *b.kw_defaults)
        return a.is_again(b) and all(map(same, mine, other))
    return False


def is_atom(value: object) -> bool:
    return isinstance(value, (Var, Lit))
