"""Places that change places: `A[[i, j]] = A[[j, i]]`.

Whether `i` and `j` are the same or not, the adjoints of the two change places as well;
no other write with a list as index can be turned round without asking which element was
written twice.
"""

from __future__ import annotations

from s2sad.ir.kinds import Scalar
from s2sad.ir.nodes import Atom, Block, Op, Var
from s2sad.ir.walk import statements


def exchanges(body: Block) -> dict[Var, tuple[Atom, ...]]:
    """The results of such writes, and the index at which each of them reads."""
    made: dict[Atom, Op] = {}
    found: dict[Var, tuple[Atom, ...]] = {}
    for stmt in statements(body):
        if not isinstance(stmt, Op) or len(stmt.outs) != 1:
            continue
        if stmt.prim in ("list", "getitem"):
            made[stmt.outs[0]] = stmt
        elif stmt.prim == "setitem":
            base, value, *places = stmt.args
            read = made.get(value)
            if read is None or read.prim != "getitem" or read.args[0] is not base:
                continue
            if read.attrs["path"] != stmt.attrs["path"]:
                continue
            pairs = [(a, b) for a, b in zip(read.args[1:], places) if a != b]
            if len(pairs) == 1 and _crossed(*(made.get(atom) for atom in pairs[0])):
                found[stmt.outs[0]] = read.args[1:]
    return found


def _crossed(a: Op | None, b: Op | None) -> bool:
    """Are these `[i, j]` and `[j, i]`?"""
    if a is None or b is None or not a.prim == b.prim == "list":
        return False
    numbers = all(isinstance(item.kind, Scalar) for item in (*a.args, *b.args))
    return numbers and len(a.args) == 2 and a.args == b.args[::-1]
