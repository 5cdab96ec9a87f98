"""Is a value of unknown kind new, and held by one name only?

Then `x += v` is `x = x + v` whether it is a number or an array: nobody else would see a
write. So texts of recursive derivatives, whose kinds are not known, can be lowered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from s2sad.ir.kinds import Scalar
from s2sad.ir.nodes import Atom, Block, Call, Function, If, Lit, Op, Stmt, Var
from s2sad.ir.walk import blocks, operands
from s2sad.syntax.frame import Frame
from s2sad.syntax.values import Bad, Entries, Items, Known, Pack, Ref

# They keep none of their operands, and what they give is new.
ARITHMETIC = frozenset(
    "add sub mul div floordiv mod pow neg matmul sin cos tan exp log sqrt tanh".split()
)


def is_sole(f: Frame, name: str, value: Any) -> bool:
    """Does `name` alone hold this value, which arithmetic has made?"""
    if not isinstance(value, Var) or f.host is not None:
        return False
    others = [held for other, held in f.state.env.items() if other != name]
    if any(may_hold(held, value) for held in (*others, *f.state.store.values())):
        return False
    return is_new(f.session.functions, f.w.visible, value, set())


def may_hold(held: Any, value: Var) -> bool:
    if isinstance(held, (Var, Lit)):
        return held is value
    if isinstance(held, Ref):
        return value in held.operands
    if isinstance(held, (Pack, Items)):
        return any(may_hold(item, value) for item in held.items)
    if isinstance(held, Entries):
        return any(may_hold(item, value) for item in held.entries.values())
    return not isinstance(held, (Known, Bad))


def is_new(
    functions: Mapping[str, Function],
    stmts: Sequence[Stmt],
    value: Atom,
    seen: set[tuple[str, int]],
) -> bool:
    """Has one of these statements made it, and does none of them keep it?

    Of a recursive function that is asked about already it is taken to be so: at the
    bottom of the recursion stands something else.
    """
    if isinstance(value, Lit) or isinstance(value.kind, Scalar):
        return isinstance(value.kind, Scalar)
    maker = next((s for s in stmts if any(out is value for out in s.outs)), None)
    if maker is None or any(keeps(stmt, value) for stmt in stmts):
        return False
    if isinstance(maker, Op):
        return maker.prim in ARITHMETIC
    at = next(k for k, out in enumerate(maker.outs) if out is value)
    if isinstance(maker, If):
        return all(yields_new(functions, b, at, seen) for b in blocks(maker))
    if not isinstance(maker, Call):
        return False
    function = functions.get(maker.function)
    if function is None:  # it is being lowered
        return False
    if (maker.function, at) in seen:
        return True
    seen.add((maker.function, at))
    return yields_new(functions, function.body, at, seen)


def yields_new(
    functions: Mapping[str, Function],
    block: Block,
    at: int,
    seen: set[tuple[str, int]],
) -> bool:
    value = block.yields[at]
    once = sum(each is value for each in block.yields) == 1
    known = isinstance(value.kind, Scalar)
    return known or once and is_new(functions, block.stmts, value, seen)


def keeps(stmt: Stmt, value: Var) -> bool:
    """May this statement give the value, or something that holds it, a second name?"""
    if isinstance(stmt, Op):
        return stmt.prim not in ARITHMETIC and value in stmt.args
    if not isinstance(stmt, If) and value in operands(stmt):
        return True
    return any(
        value in block.yields or any(keeps(inner, value) for inner in block.stmts)
        for block in blocks(stmt)
    )
