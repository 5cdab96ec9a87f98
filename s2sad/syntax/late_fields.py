"""Fields that were found late: what is read of a later version, the earlier ones have.

    self.last = x        # self.1 = setitem self.0 .last, x
    y = self.w * x       # read of self.1, and self.0 has it, too

Which fields an object has is asked where they are read. Its zero, which a tangent
starts from, must have them all: a field found on one version is one of those that it
was made of, back to the parameter, unless a write on the way has put it there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from s2sad.ir.kinds import Object
from s2sad.ir.nodes import Atom, Call, For, Function, If, Op, Stmt, Var, While
from s2sad.ir.walk import statements


def hand_back(functions: Mapping[str, Function | None]) -> None:
    """Let all versions of objects know of the fields that are read later."""
    bodies = [each.body for each in functions.values() if each is not None]
    stmts = [stmt for body in bodies for stmt in statements(body)]
    links = [link for stmt in reversed(stmts) for link in versions(stmt, functions)]
    while any([give(*link) for link in links]):
        pass


Link = tuple[Atom, Atom, str]  # a later version, an earlier, the field in between


def versions(stmt: Stmt, functions: Mapping[str, Function | None]) -> Iterator[Link]:
    """What of a statement is one object, and another version of it."""
    if isinstance(stmt, Op):
        if stmt.prim in ("setitem", "additem"):
            path = str(stmt.attrs["path"])
            yield stmt.outs[0], stmt.args[0], path[1:] if path[0] == "." else ""
        return
    pairs: Iterable[tuple[Atom, Atom]] = ()
    if isinstance(stmt, If):
        pairs = [*zip(stmt.outs, stmt.then.yields), *zip(stmt.outs, stmt.orelse.yields)]
    elif isinstance(stmt, (For, While)):
        ways = (stmt.params, stmt.inits), (stmt.outs, stmt.body.yields)
        pairs = [pair for way in ways for pair in zip(*way)]
        pairs += [*zip(stmt.outs, stmt.params), *zip(stmt.body.yields, stmt.params)]
    elif isinstance(stmt, Call):
        callee = functions.get(stmt.function)
        if callee is not None:
            inner = [param.var for param in callee.params]
            pairs = [*zip(inner, stmt.args), *zip(stmt.outs, callee.results)]
    for later, earlier in pairs:
        yield later, earlier, ""


def give(later: Atom, earlier: Atom, written: str) -> bool:
    """Give an earlier version the fields of a later one; were there any to give?"""
    new, old = later.kind, earlier.kind
    if not isinstance(new, Object) or not isinstance(old, Object):
        return False
    if not isinstance(earlier, Var):
        return False
    missing = {
        name: kind
        for name, kind in zip(new.fields, new.items, strict=True)
        if name not in old.fields and name != written
    }
    if missing:
        fields, items = (*old.fields, *missing), (*old.items, *missing.values())
        earlier.kind = Object(old.cls, fields, items)
    return bool(missing)
