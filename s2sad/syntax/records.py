"""Containers that outlive the call: what is written into them is kept, once, in order.

    history.append(x)      calls["n"] += 1      config.last = x

A write to a list, dict or object of the module, or of an enclosing function, or to the
object of a bound method, is an effect like `print`, as long as the call does not read
it: what is read back would carry values from statement to statement behind the back of
the arguments, and is refused. (The object of a bound method is then lowered once more
as any other argument: what is written is a copy of it, and a warning says so.)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from s2sad.analysis.kinds_of import kind_of
from s2sad.errors import refuse
from s2sad.ir.kinds import UNKNOWN, Array, Dict, List, Object, Scalar
from s2sad.ir.nodes import Atom, Block, Call, Function, Lit, Op, Stmt, Var
from s2sad.ir.walk import blocks, operands, statements
from s2sad.syntax.frame import Frame
from s2sad.syntax.given import hold_items
from s2sad.syntax.run import Task
from s2sad.syntax.values import BAD, Poison, Ref

METHODS = frozenset("append extend insert update".split())


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
    from s2sad.syntax.objects import path_of

    hold_items(f, args, node)  # it holds them from here on
    name = base.storage.name + base.path.replace("#", "...")
    path = f"{base.path}.{f.static(args[0])}" if write.startswith("name") else base.path
    f.session.records.setdefault((base.storage.name, path), f.place(node))
    if isinstance(f.kind(base), (List, Dict)) and not base.operands:
        f.session.unread.append(path_of(f, base))
    note_written(f, base, write, args, f.place(node))
    if base.storage in f.outside:
        f.session.recorded.append((f.outside[base.storage][1], f.place(node)))
    attrs = {
        "callee": "." + write,
        "keywords": (),
        "effect": True,
        "place": f.place(node),
        "refusal": refuse("captured-read-back", f.place(node), name=name),
        "may_write": False,
    }
    f.w.op("opaque", (whole, *atoms), UNKNOWN, attrs=attrs)
    if not base.path and not isinstance(whole.kind, Object):
        # of an object, other attributes may be read
        found = Poison(f.place(node), name, "captured-read-back")
        f.state.store[base.storage] = found
    return Lit(None)


def note_written(f: Frame, base: Ref, write: str, args: list[Any], place: Any) -> None:
    """Remember what of an argument is written into: this list, dict, object or array.

    With the guard path that leads there, and whether what it holds may change, too.
    """
    from s2sad.syntax.objects import path_of, value_of

    if f.params.get(base.storage) is None:
        return
    inside = write[-1] == "=" and write not in ("name=", "[]=")
    if base.operands:
        base, inside = Ref(base.storage), True  # somewhere in it
    written, way = value_of(f, base), path_of(f, base)
    name = str(f.static(args[0])) if args else ""
    if inside and write.startswith("name") and not base.operands:
        inside = not holds_number(f, base, name)
        if inside:
            written, way = getattr(written, name, None), ("attr", way, name)
    elif inside and isinstance(f.kind(base), Dict):
        kind = f.kind(base)
        inside = not all(isinstance(item, Scalar) for item in kind.items or (None,))
    f.session.kept_writes.append((f.params[base.storage], way, written, place, inside))


def counts(f: Frame, node: ast.Assign) -> Task:
    """`obj.n = obj.n + v`: only what it writes is read, if it is a number."""
    value, (target, *others) = node.value, node.targets
    if others or not isinstance(target, ast.Attribute):
        return False
    if not isinstance(value, ast.BinOp) or type(value.op) not in (ast.Add, ast.Sub):
        return False
    if not isinstance(target.value, ast.Name):
        return False
    if ast.unparse(value.left) != ast.unparse(target):
        return False
    base = yield target.value
    if not is_recorded(f, base) or not holds_number(f, base, target.attr):
        return False
    change = yield value.right
    if change is not BAD:
        sign = "+" if isinstance(value.op, ast.Add) else "-"
        record(f, base, f"name{sign}=", [Lit(target.attr), change], node)
    return True


def holds_number(f: Frame, base: Any, name: str) -> bool:
    """Is this attribute of the object at hand a number of Python's, as it is stored?"""
    from s2sad.syntax.objects import path_of, value_of

    stored = getattr(value_of(f, base), "__dict__", {}).get(name)
    if type(stored) not in (int, float):
        return False
    f.session.guard(("attr", path_of(f, base), name), "kind", kind_of(stored))
    return True


def glance(f: Frame, value: Any) -> None:
    """How many entries a container has, or which, is about to be told while lowering:
    a read that no op shows.
    """
    content = f.content(value.storage) if isinstance(value, Ref) else None
    if isinstance(content, Var) and f.session.here is not None:
        frame, node = f.session.here
        f.session.glances.append((content, value.path, frame.place(node)))


def refuse_read_back(f: Frame, result: Atom) -> None:
    """Look for what reads a container that is written; `result` is what is returned."""
    records = f.session.records
    if not records:
        return
    before = len(f.session.found)
    for where, name, path in reads(f, result):
        for (written, at), place in records.items():
            if written == name and overlap(at, path):
                tell(f, name, where or place, place)
    if len(f.session.found) == before:
        guard_types(f)


def guard_types(f: Frame) -> None:
    """What is in a list or dict that is only written makes no difference to a call."""
    guards = f.session.guards
    for key, guard in guards.items():
        if guard.what == "kind" and guard.path in f.session.unread:
            made = list if isinstance(guard.value, List) else dict
            guards[key] = replace(guard, what="type", value=made)


def overlap(a: str, b: str) -> bool:
    """Does one of two paths lead into what the other leads to?"""
    short, long = sorted((a, b), key=len)
    return long.startswith(short) and long[len(short) :][:1] in ("", ".", "[")


def reads(f: Frame, result: Atom) -> Iterator[tuple[Any, str, str]]:
    """Where a container that is written, or a part of it, is read: name and path."""
    functions = {k: each for k, each in f.session.functions.items() if each is not None}
    mine = Function(f.name, (), Block((*f.prologue, *f.w.stmts), (result,)))
    everything = [mine, *functions.values()]
    stmts = [stmt for each in everything for stmt in statements(each.body)]
    roots = ways_in(f, stmts, functions)
    for stmt in stmts:
        for where, atom in enumerate(operands(stmt)):
            if isinstance(atom, Var) and atom in roots and not goes_on(stmt, where):
                if not isinstance(stmt, Call) or stmt.function not in functions:
                    yield place_of(f, stmt), *roots[atom]
    handed_on = {atom for each in everything for atom in each.results}
    handed_on.update(a for s in stmts for block in blocks(s) for a in block.yields)
    for stmt in stmts:
        for out in stmt.outs:
            if out in roots and out in handed_on:
                yield place_of(f, stmt), *roots[out]
    for var, path, place in f.session.glances:
        if var in roots:
            yield place, roots[var][0], roots[var][1] + path


def ways_in(
    f: Frame, stmts: list[Stmt], functions: Mapping[str, Function]
) -> dict[Var, tuple[str, str]]:
    """Variables that stand for a container that is written, or for a part of it."""
    names = dict.fromkeys(name for name, _ in f.session.records)
    called = {name: name for name in names} | other_names(f)
    roots: dict[Var, tuple[str, str]] = {}
    for param in f.session.bound.values():
        if param.name in called:
            roots[param] = called[param.name], ""
    for stmt in stmts:
        if isinstance(stmt, Op) and stmt.prim == "free":
            if str(stmt.attrs["name"]) in called:
                roots[stmt.outs[0]] = called[str(stmt.attrs["name"])], ""
    before = -1
    while before != len(roots):  # calls may lead to functions that stand further up
        before = len(roots)
        for stmt in stmts:
            if isinstance(stmt, Op) and stmt.prim == "getitem":
                found = roots.get(stmt.args[0])  # type: ignore[arg-type]
                if found is not None:
                    roots[stmt.outs[0]] = found[0], found[1] + str(stmt.attrs["path"])
            if isinstance(stmt, Call) and stmt.function in functions:
                for param, atom in zip(functions[stmt.function].params, stmt.args):
                    if atom in roots:
                        roots[param.var] = roots[atom]  # type: ignore[index]
    return roots


def other_names(f: Frame) -> dict[str, str]:
    """Names that lead to the same container as one that is written."""
    values = [(name, value) for name, _, value, _ in f.session.captured]
    values += (f.session.signature.values or {}).items()
    written = {name for name, _ in f.session.records}
    return {
        other: name
        for name, value in values
        if name in written
        for other, same in values
        if same is value and other != name
    }


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
        callee = str(stmt.attrs.get("callee"))
        return callee.endswith("=") or callee[1:] in METHODS
    return stmt.prim == "getitem" and str(stmt.attrs["path"])[0] == "."


def tell(f: Frame, name: str, here: Any, place: Any) -> None:
    also = [(place, "written here")]
    found = refuse("captured-read-back", here, also, name=name)
    if found not in f.session.found:
        f.session.found.append(found)
