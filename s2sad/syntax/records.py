"""Containers that outlive the call: what is written into them is kept, once, in order.

    history.append(x)      calls["n"] += 1      config.last = x

A write to a list, dict or object of the module, or of an enclosing function, is an
effect like `print`, as long as the call does not read it: what is read back would carry
values from statement to statement behind the back of the arguments, and is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from s2sad.errors import refuse
from s2sad.ir.kinds import UNKNOWN, Array, Object
from s2sad.ir.nodes import Lit, Op, Stmt, Var
from s2sad.ir.walk import operands, statements
from s2sad.syntax.frame import Frame
from s2sad.syntax.values import BAD, Poison, Ref

METHODS = frozenset("append extend insert update".split())
WRITES = frozenset((".[]=", ".[]+=", ".name=", ".name+=", *("." + m for m in METHODS)))


def is_recorded(f: Frame, base: Any) -> bool:
    """Is this a container, not an array, that outlives the call?"""
    if not isinstance(base, Ref) or base.storage.origin != "captured":
        return False
    return not isinstance(f.kind(base), Array) and base.storage in f.initial


def record(f: Frame, base: Ref, write: str, args: list[Any], node: ast.AST) -> Any:
    """Keep a write as an effect; `write` is a method, or how the text goes on."""
    whole = f.initial[base.storage]
    if base.path:
        whole = f.op("getitem", (whole, *base.operands), node, {"path": base.path})
    atoms = [f.atom(arg, node) for arg in args]
    if whole is BAD or BAD in atoms:
        return BAD
    f.lend(args, node)  # it holds them from here on
    name = base.storage.name + base.path.replace("#", "...")
    path = f"{base.path}.{f.static(args[0])}" if write.startswith("name") else base.path
    f.session.records.setdefault((base.storage.name, path), f.place(node))
    if base.storage in f.outside:
        f.session.recorded.append((f.outside[base.storage][1], f.place(node)))
    attrs = {
        "callee": "." + write,
        "keywords": (),
        "effect": True,
        "place": f.place(node),
        "refusal": refuse("captured-read-back", f.place(node), name=name),
        "may_write": True,
    }
    f.w.op("opaque", (whole, *atoms), UNKNOWN, attrs=attrs)
    if not base.path and not isinstance(whole.kind, Object):
        # of an object, other attributes may be read
        found = Poison(f.place(node), name, "captured-read-back")
        f.state.store[base.storage] = found
    return Lit(None)


def refuse_read_back(f: Frame) -> None:
    """Look for what reads a container that is written."""
    records = f.session.records
    if not records:
        return
    names = {name for name, _ in records}
    bodies = [fn.body for fn in f.session.functions.values() if fn is not None]
    ops: list[Stmt] = [*f.prologue, *f.w.stmts]
    everything = [*ops, *(s for stmt in ops for s in inside(stmt))]
    for body in bodies:
        everything += statements(body)
    roots: dict[Var, tuple[str, str]] = {}
    for stmt in everything:
        if isinstance(stmt, Op) and stmt.prim == "free":
            if str(stmt.attrs["name"]) in names:
                roots[stmt.outs[0]] = (str(stmt.attrs["name"]), "")
    for stmt in everything:
        if isinstance(stmt, Op) and stmt.prim == "getitem" and stmt.args[0] in roots:
            name, _ = roots[stmt.args[0]]  # type: ignore[index]
            roots[stmt.outs[0]] = name, str(stmt.attrs["path"])
    for stmt in everything:
        for where, atom in enumerate(operands(stmt)):
            if not isinstance(atom, Var) or atom not in roots or goes_on(stmt, where):
                continue
            name, path = roots[atom]
            for (written, at), place in records.items():
                if written == name and (at.startswith(path) or path.startswith(at)):
                    tell(f, name, place_of(f, stmt) or place, place)


def place_of(f: Frame, stmt: Stmt) -> Any:
    for reading in (f.reading, *f.session.readings.values()):
        if stmt.span is not None and reading.source is stmt.span.source:
            return reading.place_of(stmt.span)
    return None


def goes_on(stmt: Stmt, where: int) -> bool:
    """Is it only the way to what is written, or to another attribute?"""
    if not isinstance(stmt, Op) or where != 0:
        return False
    if stmt.prim == "opaque":
        return stmt.attrs.get("callee") in WRITES
    return stmt.prim == "getitem" and str(stmt.attrs["path"])[0] == "."


def inside(stmt: Stmt) -> Iterator[Stmt]:
    from s2sad.ir.walk import blocks

    for block in blocks(stmt):
        yield from statements(block)


def tell(f: Frame, name: str, here: Any, place: Any) -> None:
    also = [(place, "written here")]
    found = refuse("captured-read-back", here, also, name=name)
    if found not in f.session.found:
        f.session.found.append(found)
