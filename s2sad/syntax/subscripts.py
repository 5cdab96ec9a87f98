"""Subscripts: reading and writing entries of arrays, lists, tuples and dicts.

Of an array, `x[1:, None]` is a view: a reference with a longer path. `x[i]` of the
right rank is a number, `x[mask]` and `x[[0, 2]]` are new arrays. Of containers whose
items are known one by one, the item itself.
"""

from __future__ import annotations

import ast
import enum
from collections.abc import Callable
from dataclasses import dataclass
from types import GeneratorType
from typing import Any

import numpy as np

from s2sad.ir.kinds import (
    UNKNOWN,
    Array,
    Dict,
    Kind,
    List,
    Scalar,
    Static,
    Table,
    Tuple,
    Unknown,
)
from s2sad.ir.nodes import Atom, Lit, Var
from s2sad.rules import TABLE, BadArguments
from s2sad.rules.joins import as_table, is_one_kind
from s2sad.syntax import operators
from s2sad.syntax.control import choose
from s2sad.syntax.expressions import SIGNS, arithmetic, expression
from s2sad.syntax.frame import Frame
from s2sad.syntax.given import hold, hold_items
from s2sad.syntax.kinds import describe, is_reference
from s2sad.syntax.maybe import sure_of
from s2sad.syntax.records import is_recorded, record
from s2sad.syntax.resolve import attribute_of_known
from s2sad.syntax.run import Task
from s2sad.syntax.values import (
    BAD,
    Either,
    Entries,
    Items,
    Known,
    Pack,
    Poison,
    Ref,
    SliceValue,
)


@dataclass(frozen=True, eq=False)
class Parts:
    """What stands in one pair of brackets."""

    items: tuple[Any, ...]
    is_tuple: bool


def subscript_parts(f: Frame, node: ast.Subscript) -> Task:
    """The values in the brackets; None if one was refused."""
    inner = node.slice
    if isinstance(inner, ast.Tuple):
        from s2sad.syntax.displays import elements

        items = yield elements(f, inner.elts)
        if items is None:
            return None
        return Parts(tuple(items), True)
    value = yield inner
    if value is BAD:
        return None
    if isinstance(value, Pack):
        return Parts(value.items, True)
    return Parts((value,), False)


@expression(ast.Subscript)
def subscript(f: Frame, node: ast.Subscript) -> Task:
    base = yield node.value
    parts = yield subscript_parts(f, node)
    if base is BAD or parts is None:
        return BAD
    called = operators.special(f, "getitem", [base, as_value(parts)], node)
    if called is not None:
        return (yield called)

    def item(parts: Parts) -> Any:
        return get_item(f, base, parts, node)

    return f.alike.standing(f, (yield by_key(f, base, parts, item, node, "expr")))


def by_key(
    f: Frame,
    base: Any,
    parts: Parts,
    act: Callable[[Parts], Any],
    node: ast.AST,
    form: str = "if",
) -> Task:
    """Do it for a key; where a condition says which of two, do it in either branch."""

    def way(each: Any) -> Task:
        if not isinstance(each, Either):
            return (yield from done(act(Parts((each,), False))))
        ways = [lambda: way(each.then), lambda: way(each.orelse)]
        return (yield choose(f, each.cond, *ways, node, form))

    key = parts.items[0] if not parts.is_tuple else None
    kind = f.kind(base)
    if isinstance(key, Either) and isinstance(kind, Table) and key.whole is not None:
        return (yield from done(act(parts)))
    if isinstance(key, Either) and isinstance(kind, (Dict, Table, Static)):
        return (yield way(key))
    return (yield from done(act(parts)))


def done(found: Any) -> Task:
    """What an action gives, which may take lowering more."""
    return (yield found) if isinstance(found, GeneratorType) else found


def as_value(parts: Parts) -> Any:
    """What `__getitem__` is given."""
    return Pack(parts.items) if parts.is_tuple else parts.items[0]


def opened(f: Frame, base: Any, parts: Parts, node: ast.AST) -> Parts:
    """An index of an array that is a tuple, as if its entries stood in the brackets:
    they tell whether it is a view.
    """
    if not isinstance(f.kind(base), Array):
        return parts
    entries = parts.items
    if not parts.is_tuple:
        (index,) = parts.items
        kind = None if isinstance(index, SliceValue) else f.kind(index)
        if not isinstance(kind, Tuple) or are_grid(kind):
            return parts
        entries = tuple(child(f, index, k, node) for k in range(len(kind.items)))
    return Parts(entries, True) if entries else Parts((Known(...),), False)


def are_grid(kind: Tuple) -> bool:
    """Are they arrays of several axes each, as `np.ix_` gives them? No view is looked
    into with those.
    """
    ranks = {getattr(item, "rank", None) for item in kind.items}
    return ranks == {len(kind.items)} and len(kind.items) > 1


def get_item(f: Frame, base: Any, parts: Parts, node: ast.AST) -> Any:
    """`base[parts]`."""
    base = sure_of(f, base)
    parts = opened(f, base, parts, node)
    content = base
    if isinstance(base, Ref) and f.is_stale(base):
        base = content = f.read(base, node)
        if base is BAD:
            return BAD
    if isinstance(base, Ref):
        if isinstance(f.content(base.storage), Poison):
            return f.atom(base, node)
        if not base.path:
            content = f.content(base.storage)
    if isinstance(content, (Pack, Items)) and not parts.is_tuple:
        found = item_of(f, content, parts.items[0], node)
        if found is not None:
            return found
    if isinstance(content, Entries):
        key = key_of(f, parts)
        if key is f.NOT_STATIC:
            return dynamic_entry(f, base, content, parts, node)
        if key not in content.entries:
            have = ", ".join(map(repr, content.entries)) or "none"
            return f.missing(KeyError, node, key, have)
        return content.entries[key]
    if isinstance(content, Known):
        if content.value is np.s_:  # what stands in the brackets, as a value
            return Pack(parts.items) if parts.is_tuple else parts.items[0]
        return known_item(f, content, parts, node)
    kind = f.kind(base)
    if isinstance(kind, (Tuple, List, Dict, Table)):
        return container_item(f, base, kind, parts, node)
    if isinstance(kind, Static) and isinstance(kind.value, (str, bytes)):
        return known_item(f, Known(kind.value), parts, node)
    if isinstance(kind, (Array, Unknown)) or isinstance(kind, Scalar):
        return array_item(f, base, kind, parts, node)
    return f.refuse("construct", node, what=f"a subscript of {describe(kind)}")


def key_of(f: Frame, parts: Parts) -> Any:
    keys = [f.static(part) for part in parts.items]
    if any(key is f.NOT_STATIC for key in keys):
        return f.NOT_STATIC
    return tuple(keys) if parts.is_tuple else keys[0]


def item_of(f: Frame, content: Pack | Items, index: Any, node: ast.AST) -> Any:
    """An item or slice of a tuple or list whose items are known; None: not
    known which.
    """
    where = static_index(f, index)
    if where is f.NOT_STATIC:
        if isinstance(index, SliceValue):
            return None
        return dynamic_item(f, content, index, node)
    if not isinstance(where, (int, slice)):
        return f.refuse("construct", node, what="this subscript")
    try:
        found = content.items[where]
    except IndexError:
        count = len(content.items)
        have = f"{count} items" if count != 1 else "1 item"
        return f.missing(IndexError, node, where, have)
    if isinstance(where, slice):
        return Pack(found) if isinstance(content, Pack) else Items(found)
    return found


def static_index(f: Frame, index: Any) -> Any:
    """An index or slice as Python's object, where it is known."""
    if isinstance(index, SliceValue):
        parts = [f.static(p) for p in (index.start, index.stop, index.step)]
        return f.NOT_STATIC if any(p is f.NOT_STATIC for p in parts) else slice(*parts)
    return f.static(index)


def dynamic_item(f: Frame, content: Pack | Items, index: Any, node: ast.AST) -> Any:
    """`rows[i]` of known items: the container becomes a value of the run."""
    kinds = {f.kind(item) for item in content.items}
    if any(isinstance(kind, (Static, Unknown)) for kind in kinds) or not kinds:
        return f.refuse("dynamic-key", node, what=f.text(node))
    whole = f.atom(content, node, lend=False)
    at = f.atom(index, node)
    if BAD in (whole, at):
        return BAD
    found = f.op("getitem", (whole, at), node, {"path": "[#]"})
    held = {item.storage for item in content.items if isinstance(item, Ref)}
    if isinstance(found, Var) and held:  # one of them
        f.aliases.setdefault(found, set()).update(held)
    return found


def dynamic_entry(
    f: Frame, base: Any, content: Entries, parts: Parts, node: ast.AST
) -> Any:
    """`d[k]` of known entries: the dict becomes a value of the run."""
    from s2sad.syntax.tables import as_table_of_the_run, has_one_kind

    if not content.entries:
        return f.missing(KeyError, node, f.text(node), "none")
    held = any(isinstance(item, Ref) for item in content.entries.values())
    if isinstance(base, Ref) and held:
        if not as_table_of_the_run(f, base, node):
            return BAD
        return container_item(f, base, f.kind(base), parts, node)
    if not has_one_kind(f, content):
        return f.refuse("dynamic-key", node, what=f.text(node))
    return container_item(f, content, f.kind(content), parts, node)


def known_item(f: Frame, base: Known, parts: Parts, node: ast.AST) -> Any:
    """An item of an object known while lowering (a string, a type)."""
    looked_up = hasattr(type(base.value), "__getitem__")
    if isinstance(base.value, type) and not looked_up:
        return base  # list[int], np.ndarray[...]: a type hint used as a value
    key = static_index(f, parts.items[0]) if not parts.is_tuple else key_of(f, parts)
    if key is f.NOT_STATIC:
        return f.refuse("dynamic-key", node, what=f.text(node))
    if isinstance(base.value, enum.EnumMeta) and key in base.value.__members__:
        return attribute_of_known(f, base, str(key), node)
    if not isinstance(base.value, (str, bytes, tuple, range, frozenset)):
        return f.refuse("unknown-structure", node, what=f.text(node))
    try:
        value = base.value[key]
    except Exception:
        return f.missing(IndexError, node, key, "other keys")
    return Lit(value) if isinstance(value, (str, bytes, int, float)) else Known(value)


# ---- containers that exist at run time -----------------------------------------------


def child(f: Frame, base: Any, key: Any, node: ast.AST) -> Any:
    """The entry `key` (a Python value) of a container."""
    return get_item(f, base, Parts((Lit(key),), False), node)


def container_item(f: Frame, base: Any, kind: Kind, parts: Parts, node: ast.AST) -> Any:
    """An entry of a tuple, list or dict that is a value of the run."""
    index = parts.items[0] if not parts.is_tuple else Pack(parts.items)
    if isinstance(index, SliceValue):
        return container_slice(f, base, kind, index, node)
    key = f.static(index)
    if isinstance(kind, Dict) and key is f.NOT_STATIC:
        table = as_table(kind)
        if table is None:
            return f.missing(KeyError, node, f.text(node), "none")
        if not is_one_kind(table.elem):
            return f.refuse("dynamic-key", node, what=f.text(node))
        found: Kind = table.elem
    elif isinstance(kind, Table):
        found = kind.elem
    elif isinstance(kind, Dict):
        if key not in kind.keys:
            have = ", ".join(map(repr, kind.keys)) or "none"
            return f.missing(KeyError, node, key, have)
        found = kind.items[kind.keys.index(key)]
    elif kind.items is not None and key is not f.NOT_STATIC:  # type: ignore[attr-defined]
        try:
            found = kind.items[key]  # type: ignore[attr-defined]
        except (IndexError, TypeError):
            have = f"{len(kind.items)} items"  # type: ignore[attr-defined]
            return f.missing(IndexError, node, key, have)
    else:
        found = UNKNOWN
    if isinstance(found, Static):
        return Known(found.value)
    at = f.atom(index, node)
    if at is BAD:
        return BAD
    return step_into(f, base, "[#]", (at,), node)


def container_slice(
    f: Frame, base: Any, kind: Kind, index: SliceValue, node: ast.AST
) -> Any:
    where = static_index(f, index)
    items = getattr(kind, "items", None)
    if where is not f.NOT_STATIC and items is not None:
        numbers = range(len(items))[where]
        found = tuple(child(f, base, i, node) for i in numbers)
        return Pack(found) if isinstance(kind, Tuple) else Items(found)
    path, operands = path_of(f, Parts((index,), False), node)
    whole = f.atom(base, node)
    if whole is BAD or operands is None:
        return BAD
    return f.op("getitem", (whole, *operands), node, {"path": path})


def step_into(
    f: Frame, base: Any, step: str, operands: tuple[Atom, ...], node: ast.AST
) -> Any:
    """What stands at one more step of a path: a reference, or the number that
    is read.
    """
    if isinstance(base, Ref) and isinstance(f.content(base.storage), (Var, Lit)):
        mark = f.state.store.mark(base.storage)
        if base.mark is not None:
            mark = base.mark.above(base.depth, mark)
        ref = Ref(base.storage, base.path + step, base.operands + operands, mark)
        if is_reference(f.kind(ref)):
            return ref
        content = f.content(base.storage)
        return f.op("getitem", (content, *ref.operands), node, {"path": ref.path})
    whole = f.atom(base, node)
    if whole is BAD:
        return BAD
    return f.op("getitem", (whole, *operands), node, {"path": step})


# ---- arrays --------------------------------------------------------------------------


def path_of(f: Frame, parts: Parts, node: ast.AST) -> tuple[str, Any]:
    """The text of the brackets with a hole per operand, and the operands."""
    texts: list[str] = []
    operands: list[Atom] = []
    for part in parts.items:
        static = f.static(part) if not isinstance(part, SliceValue) else f.NOT_STATIC
        if isinstance(part, SliceValue):
            text = ""
            for i, bound in enumerate((part.start, part.stop, part.step)):
                if i == 1 or (i == 2 and bound is not None):
                    text += ":"
                if bound is not None and f.static(bound) is not None:
                    atom = f.atom(bound, node)
                    if atom is BAD:
                        return "", None
                    operands.append(atom)
                    text += "#"
            texts.append(text)
        elif static is None:
            texts.append("None")
        elif static is ...:
            texts.append("...")
        elif isinstance(static, slice):
            inner = [static.start, static.stop, static.step]
            bounds = [None if b is None else Lit(b) for b in inner]
            text, more = path_of(f, Parts((SliceValue(*bounds),), False), node)
            texts.append(text[1:-1])
            operands += more
        else:
            atom = f.atom(part, node)
            if atom is BAD:
                return "", None
            operands.append(atom)
            texts.append("#")
    inside = ", ".join(texts)
    if parts.is_tuple and len(texts) == 1:
        inside += ","
    return f"[{inside}]", tuple(operands)


def is_basic(f: Frame, parts: Parts) -> bool:
    """Integers, slices, `...` and None give views; arrays, lists and masks give
    copies.
    """
    for part in parts.items:
        if isinstance(part, SliceValue):
            continue
        kind = f.kind(part)
        if isinstance(kind, Scalar) and kind.dtype != "bool":
            continue
        if isinstance(kind, Static) and (
            kind.value is None or kind.value is ... or isinstance(kind.value, slice)
        ):
            continue
        return False
    return True


def array_item(f: Frame, base: Any, kind: Kind, parts: Parts, node: ast.AST) -> Any:
    path, operands = path_of(f, parts, node)
    if operands is None:
        return BAD
    if isinstance(base, Ref) and is_basic(f, parts):
        content = f.content(base.storage)
        ref = Ref(base.storage, base.path + path, base.operands + operands, base.mark)
        try:
            (found,) = TABLE["getitem"].infer(
                (content, *ref.operands), {"path": ref.path}
            )
        except BadArguments as exc:
            return f.refuse("bad-arguments", node, function="[]", reason=str(exc))
        if isinstance(found, Array):
            return ref
        if not isinstance(found, Unknown):
            return f.op("getitem", (content, *ref.operands), node, {"path": ref.path})
    whole = f.atom(base, node)
    if whole is BAD:
        return BAD
    result = f.op("getitem", (whole, *operands), node, {"path": path})
    if whole in f.session.strangers:  # an entry of what a call kept as written gave
        f.session.strangers[result] = f.session.strangers[whole]
    if isinstance(result, Var) and isinstance(result.kind, Unknown):
        bases = {base.storage} if isinstance(base, Ref) else f.aliases.get(whole)
        if bases:
            f.aliases.setdefault(result, set()).update(bases)
    return result


# ---- writing -------------------------------------------------------------------------


def place(f: Frame, node: ast.AST) -> Task:
    """The container that a write goes into.

    Where the run picks it out of a list (`grid[i][j] = v`), that list becomes a value
    of the run, and what is picked a place in it.
    """
    if not isinstance(node, ast.Subscript):
        return (yield node)
    base = yield place(f, node.value)
    parts = yield subscript_parts(f, node)
    if base is BAD or parts is None:
        return BAD
    if isinstance(base, Ref) and not base.path and not parts.is_tuple:
        content = f.content(base.storage)
        if isinstance(content, Items) and f.static(parts.items[0]) is f.NOT_STATIC:
            if content.items and all(isinstance(item, Ref) for item in content.items):
                whole = f.atom(content, node)
                if whole is BAD:
                    return BAD
                f.write(base.storage, whole, node, False, False, False)
    return get_item(f, base, parts, node)


def write_item(f: Frame, base: Any, parts: Parts, value: Any, node: ast.AST) -> None:
    """`base[parts] = value`."""
    if is_recorded(f, base):
        index = Pack(parts.items) if parts.is_tuple else parts.items[0]
        record(f, base, "[]=", [index, value], node)
        return
    if not isinstance(base, Ref):
        f.refuse("write-to-write", node, name=f.text(node))
        return
    parts = opened(f, base, parts, node)
    content = f.content(base.storage)
    if isinstance(content, Poison):
        shown = base.storage.name or f.text(node)
        also = [(content.place, "written here first")]
        help = f"make two arrays of them before the first write: `{shown}.copy()`"
        f.refuse("which-array", node, also=also, name=shown, help=help)
        return
    if isinstance(content, (Items, Entries)) and not base.path:
        if write_known(f, base, content, parts, value, node):
            return
        content = f.atom(base, node)
        if content is BAD:
            return
        hold_items(f, [base], node)
        del f.session.escaped[base.storage]
        f.state.given.discard(base.storage)
        f.write(base.storage, content, node, False, False)
    kind = f.kind(base)
    if isinstance(kind, List) and not fits(f, kind, parts, f.kind(value)):
        from s2sad.syntax.lists import splice

        splice(f, base, parts.items[0], value, node)
        return
    if isinstance(kind, (Dict, Table)):  # a tuple is one key
        parts = Parts((as_value(parts),), False)
    path, operands = path_of(f, parts, node)
    atom = f.atom(value, node)
    entry = holds(f, base) and not base.path
    if operands is None or atom is BAD or not writable(f, base, node, entry):
        return
    content = f.content(base.storage)
    everything = (*base.operands, *operands)
    name = base.storage.name
    before = f.kind_at(content, base.path + path, everything)
    new = f.op(
        "setitem", (content, atom, *everything), node, {"path": base.path + path}, name
    )
    if new is not BAD:
        entry = holds(f, base)
        if entry and is_reference(atom.kind) and not f.moving:
            hold(f, value, node, base.storage)
        entry = entry and (is_reference(atom.kind) or is_reference(before))
        deep = not entry or bool(base.path)
        f.write(base.storage, new, node, entry, deep, level=base.depth)


def fits(f: Frame, base: List, parts: Parts, value: Kind) -> bool:
    """Is it no slice of a list, or one that is as long as what takes its place?"""
    index = parts.items[0]
    if not isinstance(index, SliceValue) or index.step is not None:
        return True
    where, items = static_index(f, index), getattr(value, "items", None)
    if where is f.NOT_STATIC or items is None:
        return False
    if base.items is not None:
        return len(range(len(base.items))[where]) == len(items)
    start, stop = where.start or 0, where.stop
    return stop is not None and start >= 0 and stop - start == len(items)


def holds(f: Frame, base: Ref) -> bool:
    """Does a write put the value itself there (a container), not a copy (an array)?"""
    return not isinstance(f.kind(base), Array)


def writable(f: Frame, base: Ref, node: ast.AST, entry: bool = False) -> bool:
    """Refuse a write that another holder, out of sight, might see.

    Where an entry of a container is held elsewhere, another may take its place.
    """
    if f.is_stale(base):
        holder = base.storage.name or "this container"
        f.session.wanted.add(base.storage.name)
        f.refuse("entry-replaced", node, name=f.text(node), holder=holder)
        return False
    if f.content(base.storage) is BAD:  # a view of what has been replaced
        return False
    shared = None if entry else f.session.lent.get(base.storage)
    if f.session.shared and base.path and is_reference(f.kind(base)):
        if isinstance(f.kind(f.content(base.storage)), (List, Table, Dict)):
            shared = f.session.shared
    if shared:
        also = [(shared, "given to it here")]
        f.session.wanted.add(base.storage.name)
        f.refuse("held-array", node, also=also, name=f.text(node))
        return False
    if base.storage.origin == "captured" and isinstance(f.kind(base), Array):
        f.refuse("captured-write", node, name=base.storage.name)
        return False
    if isinstance(f.kind(base), (Tuple,)):
        f.refuse("write-to-write", node, name=f.text(node))
        return False
    return True


def write_known(
    f: Frame, base: Ref, content: Any, parts: Parts, value: Any, node: ast.AST
) -> bool:
    """Write into a list or dict whose items are known, at a known place."""
    if isinstance(content, Entries):
        key = key_of(f, parts)
        if key is f.NOT_STATIC:
            return False
        f.write(
            base.storage, Entries({**content.entries, key: f.entry(key, value)}), node
        )
        return True
    where = static_index(f, parts.items[0])
    if where is f.NOT_STATIC:
        return False
    items = list(content.items)
    if isinstance(where, slice):
        from s2sad.syntax.comparisons import sequence

        more = sequence(f, value)
        if more is None:
            f.refuse("list-length", node, name=base.storage.name or f.text(node))
            return True
        items[where] = list(more.items)
    else:
        try:
            items[where] = f.refer(value)
        except (IndexError, TypeError):
            have = f"{len(items)} items"
            f.missing(IndexError, node, where, have)
            return True
    f.write(base.storage, Items(tuple(items)), node)
    return True


def augment_item(
    f: Frame, base: Any, parts: Parts, prim: str, value: Any, node: ast.AugAssign
) -> None:
    """`base[parts] += value`."""
    target = node.target
    if is_recorded(f, base):
        index = Pack(parts.items) if parts.is_tuple else parts.items[0]
        record(f, base, f"[]{SIGNS[prim]}=", [index, value], node)
        return
    if isinstance(base, Ref) and prim == "add" and isinstance(f.kind(base), Array):
        if is_basic(f, parts):
            add_item(f, base, parts, value, node, target)
            return
    old = get_item(f, base, parts, target)
    held = isinstance(old, Ref) and isinstance(f.kind(base), (Dict, Table, List, Tuple))
    if held and isinstance(f.kind(old), (Array, List)):
        from s2sad.syntax.statements import augment_reference

        augment_reference(f, old, prim, value, node)  # type: ignore[arg-type]
        return
    result = arithmetic(f, prim, old, value, node)
    if result is not BAD:
        write_item(f, base, parts, result, target)


def add_item(
    f: Frame, base: Ref, parts: Parts, value: Any, node: ast.AST, target: ast.AST
) -> None:
    """Add to a part of an array; to an element as often as an index names it."""
    parts = opened(f, base, parts, node)
    content = f.content(base.storage)
    path, operands = path_of(f, parts, target)
    atom = f.atom(value, node)
    if operands is None or atom is BAD or not writable(f, base, node):
        return
    everything = (*base.operands, *operands)
    attrs = {"path": base.path + path}
    new = f.op("additem", (content, atom, *everything), node, attrs, base.storage.name)
    if new is not BAD:
        f.write(base.storage, new, node, False, True)


def delete_item(f: Frame, base: Any, parts: Parts, node: ast.AST) -> None:
    """`del base[parts]`, of a list, or of a dict whose entries are known."""
    from s2sad.syntax.displays import dict_entries
    from s2sad.syntax.lists import delete_from

    kind = f.kind(base) if isinstance(base, Ref) else None
    if isinstance(kind, List) and not parts.is_tuple:
        delete_from(f, base, parts.items[0], node)
        return
    key = key_of(f, parts)
    if isinstance(kind, Table) or isinstance(kind, Dict) and key is f.NOT_STATIC:
        from s2sad.syntax.tables import take_out

        assert isinstance(base, Ref)
        take_out(f, base, as_value(parts), node)
        return
    entries = dict_entries(f, base, node) if isinstance(kind, Dict) else None
    if entries is None or key is f.NOT_STATIC or base.path:
        f.refuse("del-element", node)
    elif key not in entries:
        have = ", ".join(map(repr, entries)) or "none"
        f.refuse("missing-key", node, what=f.text(node), key=repr(key), have=have)
    else:
        left = {k: v for k, v in entries.items() if k != key}
        f.write(base.storage, Entries(left), node)
