"""Dicts whose keys the run finds: asked for a key, read, changed, gone through.

A dict is known entry by entry for as long as its keys are. With the first key that the
run finds it becomes a value of the run (a `Table`), whose entries are of one kind.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from s2sad.ir.kinds import UNKNOWN, Dict, Kind, Table
from s2sad.ir.nodes import Lit
from s2sad.rules.joins import as_table, is_one_kind
from s2sad.syntax.control import choose, nothing
from s2sad.syntax.frame import Frame
from s2sad.syntax.run import Task
from s2sad.syntax.subscripts import Parts, get_item, write_item
from s2sad.syntax.values import BAD, Entries, Pack, Ref


def is_dict(kind: Kind) -> bool:
    return isinstance(kind, (Dict, Table))


def as_table_of_the_run(f: Frame, base: Ref, node: ast.AST) -> bool:
    """The dict as a value of the run from here on; False if its entries differ."""
    if not has_one_kind(f, base):
        f.refuse("dynamic-key", node, what=f.text(node))
        return False
    content = f.content(base.storage)
    if base.path or not isinstance(content, Entries):
        return True
    whole = f.atom(content, node)
    if whole is BAD:
        return False
    f.write(base.storage, whole, node, False, False, False)
    return True


def has_one_kind(f: Frame, base: Any) -> bool:
    kind = f.kind(base)
    table = as_table(kind) if isinstance(kind, (Dict, Table)) else None
    return table is None or is_one_kind(table.elem)


def has_entries(f: Frame, base: Any) -> bool:
    """May there be any? A new dict has none."""
    kind = f.kind(base)
    return isinstance(kind, Table) or bool(getattr(kind, "keys", ()))


def found_in(f: Frame, base: Ref, key: Any, node: ast.AST) -> Any:
    """Whether the dict has the key."""
    if not has_entries(f, base):
        return Lit(False)
    at = f.atom(key, node)
    whole = f.atom(f.content(base.storage) if not base.path else base, node, lend=False)
    return BAD if BAD in (at, whole) else f.op("in_", (at, whole), node)


def either(
    f: Frame, test: Any, then: Callable[[], Task], orelse: Any, node: ast.AST, form: str
) -> Task:
    if isinstance(test, Lit):
        return (yield (then if test.value else orelse)())
    return (yield choose(f, test, then, orelse, node, form))


# ---- methods -------------------------------------------------------------------------


def get(f: Frame, base: Ref, key: Any, default: Any, node: ast.AST) -> Task:
    """`d.get(key, default)`"""
    test = found_in(f, base, key, node)
    if test is BAD:
        return BAD

    def there() -> Task:
        return get_item(f, base, Parts((key,), False), node)
        yield

    def missing() -> Task:
        return default
        yield

    return (yield either(f, test, there, missing, node, "expr"))


def setdefault(f: Frame, base: Ref, key: Any, default: Any, node: ast.AST) -> Task:
    """`d.setdefault(key, default)`"""
    test = found_in(f, base, key, node)
    if test is BAD or not as_table_of_the_run(f, base, node):
        return BAD

    def missing() -> Task:
        write_item(f, base, Parts((key,), False), f.refer(default), node)
        yield from nothing()

    yield either(f, test, nothing, missing, node, "if")
    return get_item(f, base, Parts((key,), False), node)


def pop(f: Frame, base: Ref, key: Any, default: list[Any], node: ast.AST) -> Task:
    """`d.pop(key)`, `d.pop(key, default)`"""
    if not as_table_of_the_run(f, base, node):
        return BAD

    def there() -> Task:
        return taken(f, base, key, node)
        yield

    def missing() -> Task:
        return default[0]
        yield

    if not default:
        return (yield there())
    test = found_in(f, base, key, node)
    if test is BAD:
        return BAD
    return (yield either(f, test, there, missing, node, "if"))


def popitem(f: Frame, base: Ref, node: ast.AST) -> Any:
    """`d.popitem()`: what came last."""
    keys = keys_of(f, base, node)
    if keys is BAD:
        return BAD
    key = f.op("getitem", (keys, Lit(-1)), node, {"path": "[#]"})
    return Pack((key, taken(f, base, key, node)))


def taken(f: Frame, base: Ref, key: Any, node: ast.AST) -> Any:
    """The entry of a key, which the dict holds no longer."""
    value = get_item(f, base, Parts((key,), False), node)
    if isinstance(value, Ref):
        value = f.read(value, node)
        f.aliases.get(value, set()).discard(base.storage)
    take_out(f, base, key, node)
    return f.alike.taken_out(f, base.storage, value)


def take_out(f: Frame, base: Ref, key: Any, node: ast.AST) -> None:
    """`del d[key]`"""
    from s2sad.syntax.lists import update
    from s2sad.syntax.subscripts import writable

    if not as_table_of_the_run(f, base, node):
        return
    at, whole = f.atom(key, node), f.atom(base, node)
    if BAD in (at, whole) or not writable(f, base, node, True):
        return
    kind = f.kind(base)
    table = as_table(kind) if isinstance(kind, (Dict, Table)) else None
    if table is None:
        f.missing(KeyError, node, f.text(node), "none")
        return
    update(f, base, f.op("without", (whole, at), node), node)


# ---- going through -------------------------------------------------------------------


def keys_of(f: Frame, base: Any, node: ast.AST) -> Any:
    """The keys of a table, as a list."""
    whole = f.atom(base, node)
    return BAD if whole is BAD else f.op("keys", (whole,), node)


def key_kind_of(kind: Kind) -> Kind:
    return kind.key if isinstance(kind, Table) else UNKNOWN
