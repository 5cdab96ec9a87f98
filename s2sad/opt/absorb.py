"""Sum a product that is made already, in the place of its parts.

    D = mul t, e                        D = mul t, e
    %1 = mul t, D_bar                   %1 = mul D, D_bar
    %2 = sum %1 {axis=0}        ->      e_bar = sum %1 {axis=0}
    e_bar = mul e, %2

A factor that is the same along the axes that are summed may be multiplied before the
sum as well as after it; where its product with what is summed stands there anyway, it
need not be multiplied at all, and what the product was made of is no longer kept for
it. Exponents are such factors: the derivative of `exp(s)` is `exp(s)` again. Only what
differentiation wrote, in double precision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Atom, Block, Function, Op, Stmt, Var
from s2sad.ir.walk import blocks, primitives, statements
from s2sad.opt.compared import compared
from s2sad.opt.contract import is_double, is_product, is_total
from s2sad.opt.facts import alike, count_uses, is_derived, written_over
from s2sad.opt.rewrite import Rewriter

Found = Mapping[Var, Op]  # by what the ops define


def absorb(function: Function) -> Function:
    if "sum" not in primitives(function.body):
        return function
    if not any(map(is_total, statements(function.body))):
        return function
    idle = written_over(function) | compared(function)
    finder = _Finder(count_uses(function), idle)
    finder.block(function.body, {})
    return _Absorb(finder.found).run(function) if finder.found else function


class _Finder:
    """Looks for sums that are multiplied, and for the products that make that idle."""

    def __init__(self, uses: Mapping[Var, int], written: set[Var]) -> None:
        self.uses = uses
        self.written = written
        self.found: dict[Var, Op] = {}  # what takes the place of the op that makes it

    def block(self, block: Block, known: Mapping[frozenset[Atom], Var]) -> None:
        products = dict(known)
        makers: dict[Atom, Op] = {}
        for stmt in block.stmts:
            for inner in blocks(stmt):
                self.block(inner, products)
            if not isinstance(stmt, Op) or len(stmt.outs) != 1:
                continue
            out = stmt.outs[0]
            makers[out] = stmt
            if stmt.prim == "mul" and is_double(out.kind) and "lib" not in stmt.attrs:
                if is_derived(stmt) and out not in self.written:
                    self.look(stmt, makers, products)
                if out not in self.written:
                    products.setdefault(frozenset(stmt.args), out)

    def look(
        self, op: Op, makers: Mapping[Atom, Op], products: Mapping[frozenset[Atom], Var]
    ) -> None:
        for factor, total in (op.args, op.args[::-1]):
            made = makers.get(total)
            if made is None or not is_total(made) or self.uses.get(total) != 1:  # type: ignore[call-overload]
                continue
            inside = makers.get(made.args[0])
            if inside is None or self.uses.get(inside.outs[0]) != 1:
                continue
            if not is_product(inside) or not is_outside(factor, op, made):
                continue
            for part, other in (inside.args, inside.args[::-1]):
                whole = products.get(frozenset((part, factor)))
                if whole is None or self.uses.get(part) != 2:  # type: ignore[call-overload]
                    continue
                if alike(part.kind, whole.kind) and alike(
                    part.kind, inside.outs[0].kind
                ):
                    self.found[inside.outs[0]] = replace(inside, args=(whole, other))
                    self.found[op.outs[0]] = replace(made, outs=op.outs, span=op.span)
                    return


def is_outside(factor: Atom, op: Op, total: Op) -> bool:
    """Is it as large as the sum, which goes along the axes that come first?"""
    summed, kind = total.args[0].kind, total.outs[0].kind
    if not isinstance(kind, Array) or not isinstance(summed, Array):
        return False
    if not is_double(factor.kind) or not alike(factor.kind, kind):
        return False
    axis = total.attrs.get("axis")
    axes = axis if isinstance(axis, tuple) else (axis,)
    first = tuple(range((summed.rank or 0) - (kind.rank or 0)))
    return alike(op.outs[0].kind, kind) and tuple(axes) == first


class _Absorb(Rewriter):
    def __init__(self, found: Found) -> None:
        super().__init__()
        self.found = found

    def op(self, op: Op) -> None:
        new: Stmt | None = self.found.get(op.outs[0]) if len(op.outs) == 1 else None
        self.changed |= new is not None
        self.emit(op if new is None else new)
