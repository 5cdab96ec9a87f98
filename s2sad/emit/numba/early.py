"""What is done before operations are made loops.

s = sum t                    a sum stands where its operand is worked out,
                             so that one loop does both
d = sub p[None], p[:, None]  what is cheap, and larger than what it is made of, is
                             worked out again wherever it is read
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.emit.numba.loops import ELEMENTWISE
from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Block, Function, Op, Stmt, Var
from s2sad.ir.walk import blocks, uses, with_blocks

CHEAP = frozenset("add sub mul neg square".split())
DEEPEST = 3  # operations one upon the other


def prepared(function: Function) -> Function:
    return replace(function, body=again(early(function.body)))


# ---- sums ----------------------------------------------------------------------------


def early(block: Block) -> Block:
    """Each sum right behind what it sums."""
    stmts: list[Stmt] = []
    behind: dict[Var, list[Stmt]] = {}
    for stmt in block.stmts:
        if is_sum(stmt) and stmt.operands[0] in behind:
            behind[stmt.operands[0]].append(stmt)  # type: ignore[index]
            continue
        stmts.append(with_blocks(stmt, tuple(map(early, blocks(stmt)))))
        behind |= {out: [] for out in stmt.outs if isinstance(stmt, Op)}
    found = [s for stmt in stmts for s in (stmt, *sums_behind(stmt, behind))]
    return replace(block, stmts=tuple(found))


def sums_behind(stmt: Stmt, behind: dict[Var, list[Stmt]]) -> list[Stmt]:
    return [s for out in stmt.outs for s in behind.get(out, ())]


def is_sum(stmt: Stmt) -> bool:
    return isinstance(stmt, Op) and stmt.prim == "sum" and len(stmt.args) == 1


# ---- what is cheap -------------------------------------------------------------------


def again(block: Block) -> Block:
    """Cheap operations before each of the operations that read them."""
    inside = [with_blocks(s, tuple(map(again, blocks(s)))) for s in block.stmts]
    cheap = cheap_ones(replace(block, stmts=tuple(inside)))
    if not cheap:
        return replace(block, stmts=tuple(inside))
    stmts: list[Stmt] = []

    def copied(var: Var) -> Var:
        op = cheap[var]
        args = tuple(copied(a) if a in cheap else a for a in op.args)  # type: ignore[arg-type, index]
        out = Var(var.name, var.kind)
        stmts.append(replace(op, outs=(out,), args=args))
        return out

    for stmt in inside:
        if stmt.outs and stmt.outs[0] in cheap:
            continue
        if isinstance(stmt, Op):
            table = {a: copied(a) for a in dict.fromkeys(stmt.args) if a in cheap}  # type: ignore[arg-type]
            if table:
                args = tuple(table.get(a, a) for a in stmt.args)  # type: ignore[arg-type]
                stmt = replace(stmt, args=args)
        stmts.append(stmt)
    return replace(block, stmts=tuple(stmts))


def cheap_ones(block: Block) -> dict[Var, Op]:
    """Those that only operations over the same axes read."""
    found: dict[Var, Op] = {}
    depth: dict[Var, int] = {}
    for stmt in block.stmts:
        if isinstance(stmt, Op) and stmt.prim in CHEAP and grows(stmt, depth):
            out = stmt.outs[0]
            below = [depth[a] for a in stmt.args if a in depth]  # type: ignore[index]
            if max(below, default=0) < DEEPEST:
                found[out] = stmt
                depth[out] = 1 + max(below, default=0)
    for var in reversed(list(found)):
        reads = [s for s in block.stmts if isinstance(s, Op) and var in s.args]
        whole = sum(read is var for read in uses(block))
        inner = sum(s.args.count(var) for s in reads)
        if whole != inner or not all(map(goes_over, reads)):
            del found[var]  # what it is made of may be worked out again all the same
    return found


def grows(op: Op, depth: dict[Var, int]) -> bool:
    """Is the result larger than each operand that is no such result itself?"""
    axes = extent(op.outs[0])
    arrays = [a for a in op.args if isinstance(a.kind, Array) and a not in depth]
    large = any(a in depth for a in op.args)
    if axes is None or len(op.attrs) or not (arrays or large):
        return False
    sizes = [extent(a) for a in arrays if isinstance(a, Var)]
    return all(size is not None and size < axes for size in sizes)


def extent(var: Var) -> int | None:
    """How many axes are longer than 1, as far as that is known."""
    dims = var.kind.dims if isinstance(var.kind, Array) else None
    if dims is None or None in dims or var.kind.dtype != "float64":  # type: ignore[union-attr]
        return None
    return sum(dim != 1 for dim in dims)


def goes_over(op: Op) -> bool:
    """Is it an operation that a loop over elements does?"""
    return op.prim in ELEMENTWISE or op.prim == "sum"
