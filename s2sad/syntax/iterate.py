"""Going through things: what `for`, unpacking, `sum` and comprehensions iterate over.

Two questions are asked of a value. `known_items`: which values does it yield, where
that is known one by one? `sequence_of`: how long is it, and what is its item number i?
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from s2sad.ir.kinds import Array, Dict, Kind, List, Object, Scalar, Static, Table, Tuple
from s2sad.ir.nodes import Atom, Lit, Var
from s2sad.rules.joins import elem_kind
from s2sad.syntax.frame import Frame
from s2sad.syntax.maybe import sure_of
from s2sad.syntax.operators import special
from s2sad.syntax.records import glance
from s2sad.syntax.run import Task
from s2sad.syntax.state import held_by
from s2sad.syntax.subscripts import Parts, get_item
from s2sad.syntax.values import BAD, Entries, Items, Known, Pack, Ref

ZERO, ONE = Lit(0), Lit(1)
MANY = 256  # items, from where a range is not spread out


@dataclass(frozen=True, eq=False)
class RangeOf:
    start: Any
    stop: Any
    step: Any
    form: str = "range"


@dataclass(frozen=True, eq=False)
class Zipped:
    parts: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Enumerated:
    part: Any
    start: Any


@dataclass(frozen=True, eq=False)
class Reversed:
    part: Any


@dataclass(frozen=True, eq=False)
class Mapped:
    callee: Any
    parts: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Filtered:
    callee: Any
    part: Any


@dataclass(frozen=True, eq=False)
class Generated:
    """A generator expression, not run yet."""

    node: ast.GeneratorExp
    overlays: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class View:
    """`d.items()`, `d.keys()`, `d.values()`."""

    base: Any
    what: str


@dataclass(frozen=True, eq=False)
class Wrapped:
    """An iterable handed through a call that only looks on: `tqdm(range(n))`."""

    part: Any
    made: Any = None  # what that call returned


LAZY = (
    RangeOf,
    Zipped,
    Enumerated,
    Reversed,
    Mapped,
    Filtered,
    Generated,
    View,
    Wrapped,
)


# ---- items known one by one ----------------------------------------------------------


def known_items(f: Frame, value: Any, node: ast.AST, count: int | None = None) -> Task:
    """The items as a list of values, or None. `count`: how many there have to be."""
    value = sure_of(f, value)
    if isinstance(value, Ref) and not value.path:
        content = f.content(value.storage)
        if isinstance(content, (Items, Entries)):
            value = content
    if isinstance(value, (Pack, Items)):
        return list(value.items)
    if isinstance(value, Entries):
        return [
            Lit(key) if not isinstance(key, tuple) else Known(key)
            for key in value.entries
        ]
    if isinstance(value, RangeOf):
        return known_range(f, value)
    if isinstance(value, Wrapped):
        return (yield known_items(f, value.part, node, count))
    if isinstance(value, Reversed):
        items = yield known_items(f, value.part, node, count)
        return None if items is None else items[::-1]
    if isinstance(value, Enumerated):
        items = yield known_items(f, value.part, node, count)
        start = f.static(value.start)
        if items is None or not isinstance(start, int):
            return None
        return [Pack((Lit(i), item)) for i, item in enumerate(items, start)]
    if isinstance(value, Zipped):
        return (yield known_zip(f, value, node))
    if isinstance(value, Mapped):
        return (yield known_map(f, value, node))
    if isinstance(value, Filtered):
        return (yield known_filter(f, value, node))
    if isinstance(value, Generated):
        from s2sad.syntax.comprehensions import spread

        return (yield spread(f, value, node))
    if isinstance(value, View):
        return (yield known_view(f, value, node))
    if isinstance(f.kind(value), Object):
        return (yield known_of_object(f, value, node))
    return known_of_kind(f, value, node, count)


def known_of_object(f: Frame, value: Any, node: ast.AST) -> Task:
    """The items of an object of the user's: by `__iter__`, else by number."""
    called = special(f, "iter", [value], node)
    if called is not None:
        inner = yield called
        return None if inner is BAD else (yield known_items(f, inner, node))
    length = special(f, "len", [value], node)
    count = None if length is None else f.static((yield length))
    if not isinstance(count, int) or special(f, "getitem", [value, ZERO], node) is None:
        return None
    items = []
    for i in range(min(count, MANY)):
        items.append((yield special(f, "getitem", [value, Lit(i)], node)))
    return items


def known_range(f: Frame, value: RangeOf) -> list[Any] | None:
    bounds = [f.static(b) for b in (value.start, value.stop, value.step)]
    if not all(isinstance(b, int) for b in bounds) or bounds[2] == 0:
        return None
    numbers = range(*bounds)
    return None if len(numbers) > MANY else [Lit(i) for i in numbers]


def known_zip(f: Frame, value: Zipped, node: ast.AST) -> Task:
    columns: list[Any] = []
    for part in value.parts:
        columns.append((yield known_items(f, part, node)))
    lengths = [len(column) for column in columns if column is not None]
    if not lengths:
        return None if value.parts else []
    count = min(lengths)
    for i, part in enumerate(value.parts):
        if columns[i] is None:  # an array beside a tuple: as many as there are
            sequence = yield sequence_of(f, part, node)
            if sequence is None or not same_length(f, part, count):
                return None
            column = []
            for j in range(count):
                column.append((yield sequence.at(Lit(j))))
            columns[i] = column
    return [Pack(tuple(row)) for row in zip(*columns)]


def same_length(f: Frame, value: Any, count: int) -> bool:
    kind = f.kind(value)
    return isinstance(kind, Array) and bool(kind.dims) and kind.dims[0] == count  # type: ignore[index]


def known_map(f: Frame, value: Mapped, node: ast.AST) -> Task:
    from s2sad.syntax.calls import call_value

    rows = yield known_items(f, Zipped(value.parts), node)
    if rows is None:
        return None
    found = []
    for row in rows:
        found.append((yield call_value(f, value.callee, list(row.items), {}, node)))
    return found


def known_filter(f: Frame, value: Filtered, node: ast.AST) -> Task:
    from s2sad.syntax.calls import call_value
    from s2sad.syntax.comparisons import truth

    items = yield known_items(f, value.part, node)
    if items is None:
        return None
    kept = []
    for item in items:
        test = item
        if f.static(value.callee) is not None:
            test = yield call_value(f, value.callee, [item], {}, node)
        verdict = truth(f, test)
        if verdict is None:
            return None
        if verdict:
            kept.append(item)
    return kept


def known_view(f: Frame, value: View, node: ast.AST) -> Task:
    from s2sad.syntax.displays import dict_entries

    entries = dict_entries(f, value.base, node)
    if entries is None:
        return None
    keys = [Lit(key) if not isinstance(key, tuple) else Known(key) for key in entries]
    if value.what == "keys":
        return keys
    if value.what == "values":
        return list(entries.values())
    return [Pack((key, item)) for key, item in zip(keys, entries.values())]
    yield


def known_of_kind(
    f: Frame, value: Any, node: ast.AST, count: int | None
) -> list[Any] | None:
    """The items of a value of the run, where its kind says how many there are."""
    kind = f.kind(value)
    if isinstance(kind, (List, Dict, Table)):
        glance(f, value)
    if isinstance(kind, Static) and isinstance(kind.value, (set, frozenset)):
        if any(isinstance(v, (str, bytes)) for v in kind.value):
            return None  # each process has another order for them
        return [Lit(v) if type(v) is int else Known(v) for v in kind.value]
    if isinstance(kind, Static) and isinstance(kind.value, (str, tuple, list, range)):
        return [Lit(v) if isinstance(v, (str, int)) else Known(v) for v in kind.value]
    if isinstance(kind, Dict):
        return [Lit(key) for key in kind.keys]
    number: int | None = None
    if isinstance(kind, (Tuple, List)) and kind.items is not None:
        number = len(kind.items)
    elif isinstance(kind, List) and count is not None:
        number = count
    elif isinstance(kind, Array) and kind.dims:
        first = kind.dims[0]
        number = count if not isinstance(first, int) else first
        if number is not None and number > MANY:
            return None
        if number is None and isinstance(first, str):
            f.session.lengths.add(first)
    if number is None:
        return None
    return [get_item(f, value, Parts((Lit(i),), False), node) for i in range(number)]


# ---- items by number -----------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Sequence:
    """How long something is, and its item number i (an atom, counted from 0)."""

    length: Atom
    at: Callable[[Atom], Task]
    form: str


def sequence_of(f: Frame, value: Any, node: ast.AST) -> Task:
    """The value as a sequence that a loop can index, or None."""
    if isinstance(value, Wrapped):
        return (yield sequence_of(f, value.part, node))
    if isinstance(value, RangeOf):
        return range_sequence(f, value, node)
    if isinstance(value, Zipped):
        return (yield zip_sequence(f, value, node))
    if isinstance(value, Enumerated):
        return (yield enumerate_sequence(f, value, node))
    if isinstance(value, Reversed):
        return (yield reversed_sequence(f, value, node))
    if isinstance(value, Mapped):
        return (yield mapped_sequence(f, value, node))
    if isinstance(value, View) and isinstance(f.kind(value.base), Table):
        return table_sequence(f, value, node)
    if isinstance(value, LAZY):
        return None
    return indexed(f, value, node)


def indexed(f: Frame, value: Any, node: ast.AST) -> Sequence | None:
    """An array, or a list or tuple of equal kinds."""
    kind = f.kind(value)
    if isinstance(kind, (Tuple, List)):
        if not one_kind(kind):
            return None
        if not isinstance(value, Ref) or not isinstance(
            f.content(value.storage), (Items,)
        ):
            whole = value
        else:
            whole = f.atom(value, node)
    elif isinstance(kind, Array) and kind.dims != ():
        whole = value
    elif isinstance(kind, Table):
        return table_sequence(f, View(value, "keys"), node)
    else:
        return None
    atom = f.atom(whole, node)
    if whole is BAD or atom is BAD:
        return None
    items = getattr(kind, "items", None)
    held = held_by(value.storage, f.state) if isinstance(value, Ref) else set()
    length = Lit(len(items)) if items is not None else f.op("len", (atom,), node)

    def at(i: Atom) -> Task:
        item = get_item(f, whole, Parts((i,), False), node)
        if held and isinstance(item, Var):  # one of them
            f.aliases.setdefault(item, set()).update(held)
        return item
        yield

    return None if length is BAD else Sequence(length, at, "each")


def table_sequence(f: Frame, value: View, node: ast.AST) -> Sequence | None:
    """Keys that the run has found, and what they lead to when their turn comes."""
    from s2sad.syntax.tables import keys_of

    keys = keys_of(f, value.base, node)
    inner = None if keys is BAD else indexed(f, keys, node)
    if inner is None or value.what == "keys":
        return inner

    def at(i: Atom) -> Task:
        key = yield inner.at(i)
        item = get_item(f, value.base, Parts((key,), False), node)
        return item if value.what == "values" else Pack((key, item))

    return Sequence(inner.length, at, inner.form)


def one_kind(kind: Kind) -> bool:
    """Are all items numbers, or arrays, of one kind, so that a loop can index them?"""
    items = getattr(kind, "items", None)
    if items is None:
        return True
    if not items:
        return False
    if all(isinstance(item, Scalar) for item in items):
        return len({item.dtype for item in items}) == 1
    common = elem_kind(kind)
    return (
        isinstance(common, (Array, Tuple))
        and all(
            type(item) is type(common) and rank(item) == rank(common) for item in items
        )
        and (not isinstance(common, Tuple) or all(item == common for item in items))
    )


def rank(kind: Kind) -> object:
    return (kind.dtype, kind.rank) if isinstance(kind, Array) else None


def range_length(f: Frame, value: RangeOf, node: ast.AST) -> Any:
    start, stop, step = (f.atom(v, node) for v in (value.start, value.stop, value.step))
    if BAD in (start, stop, step):
        return BAD
    if start == ZERO and step == ONE:
        return stop
    if step == ONE:
        return f.op("py_max", (f.op("sub", (stop, start), node), ZERO), node)
    makes = f.w.op("range", (start, stop, step), List(None, Scalar("int")))
    return f.op("len", (makes,), node)


def range_sequence(f: Frame, value: RangeOf, node: ast.AST) -> Sequence | None:
    length = range_length(f, value, node)
    if length is BAD:
        return None
    start, step = f.atom(value.start, node), f.atom(value.step, node)

    def at(i: Atom) -> Task:
        shift = i if step == ONE else f.op("mul", (i, step), node)
        return shift if start == ZERO else f.op("add", (start, shift), node)
        yield

    return Sequence(length, at, "range")


def zip_sequence(f: Frame, value: Zipped, node: ast.AST) -> Task:
    parts = []
    for part in value.parts:
        sequence = yield sequence_of(f, part, node)
        if sequence is None:
            return None
        parts.append(sequence)
    if not parts:
        return None
    length = parts[0].length
    for part in parts[1:]:
        if length != part.length and not equal_sizes(length, part.length):
            length = f.op("py_min", (length, part.length), node)

    def at(i: Atom) -> Task:
        items = []
        for part in parts:
            items.append((yield part.at(i)))
        return Pack(tuple(items))

    return Sequence(length, at, "zip")


def equal_sizes(a: Atom, b: Atom) -> bool:
    """Are two lengths the same number, whatever it is?"""
    first, second = (getattr(atom.kind, "size", None) for atom in (a, b))
    return first is not None and first == second


def enumerate_sequence(f: Frame, value: Enumerated, node: ast.AST) -> Task:
    inner = yield sequence_of(f, value.part, node)
    start = f.atom(value.start, node)
    if inner is None or start is BAD:
        return None

    def at(i: Atom) -> Task:
        number = i if start == ZERO else f.op("add", (i, start), node)
        item = yield inner.at(i)
        return Pack((number, item))

    return Sequence(inner.length, at, "enumerate")


def reversed_sequence(f: Frame, value: Reversed, node: ast.AST) -> Task:
    inner = yield sequence_of(f, value.part, node)
    if inner is None:
        return None
    last = f.op("sub", (inner.length, ONE), node)

    def at(i: Atom) -> Task:
        return (yield inner.at(f.op("sub", (last, i), node)))

    return Sequence(inner.length, at, inner.form)


def mapped_sequence(f: Frame, value: Mapped, node: ast.AST) -> Task:
    from s2sad.syntax.calls import call_value

    inner = yield sequence_of(f, Zipped(value.parts), node)
    if inner is None:
        return None

    def at(i: Atom) -> Task:
        row = yield inner.at(i)
        return (yield call_value(f, value.callee, list(row.items), {}, node))

    return Sequence(inner.length, at, "comp")
