"""Lists that hold whole numbers at first, and floats later, hold floats from the start.

    slots = [0, 0, 0]                   slots = [0.0, 0.0, 0.0]
    for i in range(len(x)):             for i in range(len(x)):
        slots[i % 3] = x[i] ** 2            slots[i % 3] = x[i] ** 2

Python's lists hold anything; a compiled one has one type, and would cut what is written
into a list of whole numbers.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.emit.families import families
from s2sad.emit.numba.operations import Misfitting
from s2sad.ir.kinds import (
    FLOAT,
    Kind,
    List,
    Scalar,
    children,
    elements,
    is_float_dtype,
)
from s2sad.ir.nodes import Atom, Block, Function, Lit, Op, Stmt, Var
from s2sad.ir.walk import blocks, definitions, statements, with_blocks

# What gives the list that it was given, with something in it, or put into it.
GROWN = frozenset({"setitem", "additem", "append", "push", "pop"})


def with_float_lists(function: Function) -> Function:
    """The function with such lists as lists of floats; a `Misfitting` where a list of
    whole numbers comes from elsewhere.
    """
    found = families(function)
    params = [p.var for p in function.params]
    numbers: dict[Var, set[bool]] = {}
    lists = [v for v in (*params, *definitions(function.body)) if is_list(v.kind)]
    for var in lists:
        numbers.setdefault(found.find(var), set()).update(are_floats(var.kind))
    mixed = {root for root, kinds in numbers.items() if kinds == {True, False}}
    if not mixed:
        return function
    made = {
        out: stmt
        for stmt in statements(function.body)
        if isinstance(stmt, Op)
        for out in stmt.outs
    }
    for var in lists:
        op = made.get(var)
        whole = found.find(var) in mixed and False in are_floats(var.kind)
        nested = any(map(is_list, (*children(var.kind), *elements(var.kind))))
        known = op is None or is_known(op)
        if whole and (nested or var in params or not known):
            misfit = Misfitting("a list of whole numbers that is given floats")
            misfit.span = op.span if op is not None else None
            raise misfit

    def floats(block: Block) -> Block:
        stmts: list[Stmt] = []
        for stmt in block.stmts:
            if isinstance(stmt, Op) and any(found.find(v) in mixed for v in stmt.outs):
                stmt = with_floats(stmt, stmts)
            stmts.append(with_blocks(stmt, tuple(map(floats, blocks(stmt)))))
        return replace(block, stmts=tuple(stmts))

    return replace(function, body=floats(function.body))


def is_list(kind: Kind) -> bool:
    return isinstance(kind, List)


def are_floats(kind: Kind) -> set[bool]:
    """Of which numbers the items of a list are: floats, whole ones, or both."""
    assert isinstance(kind, List)
    items = kind.items if kind.items is not None else (kind.elem,)
    inner = [k for k in items if is_list(k)]
    found = {is_float_dtype(k.dtype) for k in items if isinstance(k, Scalar)}
    return found.union(*map(are_floats, inner))


def is_known(op: Op) -> bool:
    return op.prim in GROWN or op.prim == "list"


def with_floats(op: Op, before: list[Stmt]) -> Op:
    """The numbers that are put into a list, as floats."""
    first = 0 if op.prim == "list" else 1
    last = len(op.args) if op.prim == "list" else 2

    def as_float(atom: Atom) -> Atom:
        kind = atom.kind
        if not isinstance(kind, Scalar) or is_float_dtype(kind.dtype):
            return atom
        if isinstance(atom, Lit):
            return Lit(float(atom.value))
        out = Var(getattr(atom, "name", ""), FLOAT)
        before.append(Op((out,), "float", (atom,), span=op.span))
        return out

    args = (as_float(a) if first <= k < last else a for k, a in enumerate(op.args))
    return replace(op, args=tuple(args))
