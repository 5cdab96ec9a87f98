"""What may be None: tests tell where it is not, and there it is what it is.

    best = None                     Maybe(float)
    for v in x:
        if best is None or v < best:      # the second test: a float
            best = v
    return 2 * best                 # taken for a float: of None, Python complains

`present` is the operation that takes a value for what it is; it computes nothing and is
not printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from s2sad.ir.kinds import Maybe, Static
from s2sad.ir.nodes import Atom, Var
from s2sad.syntax.state import State
from s2sad.syntax.values import Entries, Fields, Items, Pack, Ref

if TYPE_CHECKING:
    from s2sad.syntax.frame import Frame

# Operations that take None as readily as anything else: they compute nothing.
INDIFFERENT = frozenset(
    """tuple list dict object push append copy fresh present is_ is_not eq ne not_
    in_ not_in bool opaque print fstring raise assert warnings.warn zeros_of""".split()
)


class Told(NamedTuple):
    """What a test tells: these are not None where it is true, those where it is not."""

    if_true: frozenset[Var] = frozenset()
    if_false: frozenset[Var] = frozenset()


NOTHING = Told()


def told_by(f: Frame, cond: Any) -> Told:
    """What is known of values after a test."""
    if isinstance(cond, Var) and isinstance(cond.kind, Maybe):
        return Told(frozenset((cond,)))  # None is not true
    return f.told.get(cond, NOTHING) if isinstance(cond, Var) else NOTHING


def note_test(f: Frame, prim: str, x: Any, y: Any, out: Any) -> None:
    """`x is None` and its like have been asked."""
    for value, other in ((x, y), (y, x)):
        none = getattr(other, "kind", None) == Static(None)
        if isinstance(out, Var) and none and is_maybe(value):
            found = frozenset((value,))
            told = Told(frozenset(), found) if prim in ("is_", "eq") else Told(found)
            f.told[out] = told


def note_negation(f: Frame, atom: Atom, out: Any) -> None:
    told = told_by(f, atom)
    if isinstance(out, Var) and told != NOTHING:
        f.told[out] = Told(told.if_false, told.if_true)


def note_both(f: Frame, form: str, first: Atom, second: Any, out: Any) -> None:
    """`first and second`, `first or second`: both are true, or neither is."""
    if not isinstance(out, Var):
        return
    a, b = told_by(f, first), told_by(f, second)
    if form == "and":
        told = Told(a.if_true | b.if_true)
    else:
        told = Told(frozenset(), a.if_false | b.if_false)
    if told != NOTHING:
        f.told[out] = told


def is_maybe(value: Any) -> bool:
    return isinstance(value, Var) and isinstance(value.kind, Maybe)


def may_be_none(f: Frame, value: Any) -> bool:
    """Is it None, or what a name holds that may be?"""
    return f.static(value) is None or isinstance(f.kind(value), Maybe)


def sure(f: Frame, cond: Any, way: bool) -> None:
    """From here on `cond` is known: what it tells is there is taken for what it is."""
    told = told_by(f, cond)
    found = told.if_true if way else told.if_false
    state = f.state
    for var in found:
        if var in f.reads:
            state.sure |= {f.reads[var]}
        holders = held_in(state)
        if any(is_in(var, value) for value in holders):
            taken = present(f, var)
            swap(state, lambda value, a=var, b=taken: b if value is a else value)


def present(f: Frame, value: Any) -> Any:
    """The value, which is not None: else Python would complain of it here."""
    if not is_maybe(value):
        return value
    taken = f.w.op("present", (value,), value.kind.of, value.name)
    f.taken[taken] = value
    if value in f.aliases:
        f.aliases[taken] = set(f.aliases[value])
    return taken


def note_read(f: Frame, args: Sequence[Atom], path: object, out: Any) -> Any:
    """What a container holds at a place: of what has been tested there, not None."""
    if not is_maybe(out):
        return out
    key = (*args, path)
    f.reads[out] = key
    return present(f, out) if key in f.state.sure else out


def operands(f: Frame, prim: str, args: Sequence[Any]) -> Sequence[Any]:
    """The operands of an operation, taken for what they are where it computes."""
    if prim in INDIFFERENT or not any(map(is_maybe, args)):
        return args
    if prim == "setitem":  # None may be put into a list
        return (present(f, args[0]), *args[1:])
    return [present(f, arg) for arg in args]


def sure_of(f: Frame, value: Any) -> Any:
    """The same for any value, as a name holds it."""
    if isinstance(value, Ref) and not value.path and value.storage.of is None:
        content = f.state.store.get(value.storage)
        if is_maybe(content):
            f.state.store[value.storage] = present(f, content)
    return present(f, value)


def as_before(f: Frame, value: Any) -> Any:
    """What a value was before a test told that it is there."""
    return f.taken.get(value, value) if isinstance(value, Var) else value


# ---- in all that a state knows -------------------------------------------------------


def held_in(state: State) -> Iterable[Any]:
    return (*state.env.values(), *state.store.values())


def is_in(var: Var, value: Any) -> bool:
    if isinstance(value, (Pack, Items)):
        return any(is_in(var, item) for item in value.items)
    if isinstance(value, (Entries, Fields)):
        return any(is_in(var, item) for item in value.entries.values())
    return value is var


def swap(state: State, change: Callable[[Any], Any]) -> None:
    for table in (state.env, state.store):
        for key, value in table.items():
            new = inside(value, change)
            if new is not value:
                table[key] = new


def inside(value: Any, change: Callable[[Any], Any]) -> Any:
    """The value with what it holds changed; itself, if nothing changes."""
    if isinstance(value, (Pack, Items)):
        items = tuple(inside(item, change) for item in value.items)
        same = all(a is b for a, b in zip(items, value.items))
        return value if same else replace(value, items=items)
    if isinstance(value, (Entries, Fields)):
        entries = {key: inside(item, change) for key, item in value.entries.items()}
        same = all(entries[key] is value.entries[key] for key in entries)
        return value if same else replace(value, entries=entries)
    return change(value)
