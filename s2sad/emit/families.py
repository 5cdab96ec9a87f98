"""Families: the variables that may come to share a name or a buffer when printed.

    x.2 = mul x.1, r          x.1 and x.2 are both the user's `x`
    a.2 = setitem a.1[i], v   so are a.1 and a.2, written in place
    x.3 = for ... x.1 = x.0   and what a loop starts from, carries, yields and ends with

A read of one may not be moved past a definition of another: it would find the new
value, or keep the two from sharing.
"""

from __future__ import annotations

from collections import Counter

from s2sad.ir.nodes import Atom, Block, For, Function, If, Op, Stmt, Var, While
from s2sad.ir.walk import inner_params, primitives, statements, uses

# Primitives that give a new version of their first operand, in the place of the old
# one.
GROWS = frozenset({"push", "pop", "append", "inserted", "taken_out"})
UPDATES = GROWS | {"setitem", "additem"}


class Families:
    """A union-find over the variables of a function."""

    def __init__(self) -> None:
        self.parent: dict[Var, Var] = {}
        self.by_name: dict[str, Var] = {}

    def find(self, var: Var) -> Var:
        parent = self.parent
        if var not in parent:
            return var
        root = parent[var]
        while root in parent:
            root = parent[root]
        while (up := parent[var]) is not root:
            parent[var], var = root, up
        return root

    def union(self, a: Atom, b: Atom) -> None:
        if isinstance(a, Var) and isinstance(b, Var):
            one, other = self.find(a), self.find(b)
            if one is not other:
                self.parent[one] = other

    def name(self, var: Var) -> None:
        if var.name:
            first = self.by_name.setdefault(var.name, var)
            if first is not var:
                self.union(var, first)


def families(function: Function) -> Families:
    found = Families()
    for param in function.params:
        found.name(param.var)
    todo = [function.body]
    while todo:
        block = todo.pop()
        for stmt in block.stmts:
            for var in stmt.outs:
                if var.name:
                    found.name(var)
            if stmt.inner:
                for var in inner_params(stmt):
                    found.name(var)
                todo += stmt.inner
            elif stmt.prim not in UPDATES:
                continue
            for a, b in links(stmt):
                found.union(a, b)
    return found


def links(stmt: Stmt) -> list[tuple[Atom, Atom]]:
    """Pairs of atoms that ought to become one variable, the most pressing first."""
    if isinstance(stmt, Op):
        return [(stmt.args[0], stmt.outs[0])] if stmt.prim in UPDATES else []
    if isinstance(stmt, If):
        pairs = list(zip(stmt.outs, stmt.then.yields, strict=True))
        return [*pairs, *zip(stmt.outs, stmt.orelse.yields, strict=True)]
    if isinstance(stmt, (For, While)):
        return [
            *zip(stmt.outs, stmt.params, strict=True),
            *zip(stmt.params, stmt.body.yields, strict=True),
            *zip(stmt.params, stmt.inits, strict=True),
        ]
    return []


def count_uses(body: Block) -> dict[Var, int]:
    """How often each variable is read, anywhere in a block."""
    counts = Counter(uses(body))
    for stmt in statements(body) if "If" in primitives(body) else ():
        if isinstance(stmt, If) and decides(stmt):
            assert isinstance(stmt.cond, Var)
            counts[stmt.cond] -= 1  # `a and b` says `a` once
    return counts


def decides(stmt: If) -> bool:
    """Is the condition of an `and` or `or` its value, too?"""
    branch = {"and": stmt.orelse, "or": stmt.then}.get(stmt.form)
    return (
        branch is not None
        and branch.yields == (stmt.cond,)
        and isinstance(stmt.cond, Var)
    )
