"""Multiply a part of an adjoint where it lies, rather than add multiples of it.

    v = getitem a.0[1:-1]                 v = getitem a.0[1:-1]
    w = mul r, v                          w = mul r, v
    a.1 = additem a.0[2:], w              %1 = mul 2.0, r
    a.2 = additem a.1[:-2], w      ->     %2 = sub 1.0, %1
    %1 = mul 2.0, w                       %3 = mul v, %2
    %2 = neg %1                           a.1 = setitem a.0[1:-1], %3
    a.3 = additem a.2[1:-1], %2           a.2 = additem a.1[2:], w
                                          a.3 = additem a.2[:-2], w

In the adjoint of `u[1:-1] = u[1:-1] + r * (...)` what each part gives to its own place
is what lies there times something. Others may only add to the array in between, which
may as well be done after; nobody reads a version in between, or the part itself any
more. It is done where the factor takes no more operations on arrays than the sum did,
numbers and other scalars being put together first. A number less a product is written
as a sum: NumPy then adds in the memory of the product, which has no name.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from s2sad.ir.kinds import FLOAT, Array
from s2sad.ir.nodes import Atom, Block, Function, Lit, Op, Var
from s2sad.ir.walk import stmt_uses
from s2sad.opt.facts import count_uses, is_derived, same_number
from s2sad.opt.forward import same_place
from s2sad.opt.inherit import every_block
from s2sad.opt.regroup import NoDecimal, digits, literal
from s2sad.opt.rewrite import Rewriter

REACH = 40  # additions to one array that are looked at
DEPTH = 8  # of a sum


def rescale(function: Function) -> Function:
    found = Rescale(count_uses(function))
    for block in every_block(function.body):
        if any(isinstance(s, Op) and is_addition(s) for s in block.stmts):
            found.look(block)
    return found.run(function) if found.factors else function


@dataclass(frozen=True)
class Multiple:
    """A summand of the factor: a number times these."""

    number: Fraction
    scalars: tuple[Atom, ...] = ()
    arrays: tuple[Atom, ...] = ()

    @property
    def atoms(self) -> tuple[Atom, ...]:
        return *self.scalars, *self.arrays

    def times(self, atom: Atom) -> Multiple:
        value = digits(atom)
        if value is not None:
            return Multiple(self.number * value, self.scalars, self.arrays)
        if isinstance(atom.kind, Array):
            return Multiple(self.number, self.scalars, (*self.arrays, atom))
        return Multiple(self.number, (*self.scalars, atom), self.arrays)


@dataclass(frozen=True)
class Factor:
    """What a part of an array is to be multiplied by: a number, multiples of scalars,
    multiples of arrays.
    """

    part: Var
    at: Op  # the addition that it stands for
    number: Fraction
    scalars: Sequence[Multiple]
    arrays: Sequence[Multiple]

    @property
    def cost(self) -> int:
        """How many operations on arrays it takes."""
        products = sum(
            len(each.arrays) - 1 + bool(each.scalars or abs(each.number) != 1)
            for each in self.arrays
        )
        sums = len(self.arrays) - (not self.number and not self.scalars)
        return products + max(sums, 0)


class Rescale(Rewriter):
    def __init__(self, uses: Mapping[Var, int]) -> None:
        super().__init__()
        self.uses = uses
        self.makers: dict[Var, Op] = {}  # of the block that is looked at
        self.where: dict[Var, int] = {}
        self.factors: dict[Var, Factor] = {}  # by the first addition that comes after
        self.gone: set[Var] = set()  # versions that need not be made

    # ---- finding ---------------------------------------------------------------------

    def look(self, block: Block) -> None:
        self.makers, self.where = {}, {}
        for number, stmt in enumerate(block.stmts):
            for out in stmt.outs:
                self.where[out] = number
                if isinstance(stmt, Op):
                    self.makers[out] = stmt
        for stmt in block.stmts:
            if isinstance(stmt, Op) and is_addition(stmt):
                if isinstance(stmt.args[1].kind, Array):
                    self.note(stmt, block)

    def note(self, last: Op, block: Block) -> None:
        """Note an addition of multiples of what its place held before others."""
        first = last
        for _ in range(REACH):
            base = first.args[0]
            part = self.part_of(base, last)
            if part is not None:
                break
            above = self.makers.get(base)  # type: ignore[arg-type]
            if above is None or not is_addition(above) or self.uses[above.outs[0]] != 1:
                return
            first = above
        else:
            return
        cone: set[Var] = set()
        sums = self.multiples(last.args[1], part, cone, DEPTH)
        begin = self.where[first.outs[0]]
        if sums is None or first.outs[0] in (*self.gone, *self.factors):
            return
        needed = {part, *(atom for each in sums for atom in each.atoms)}
        if any(self.where.get(atom, -1) >= begin for atom in needed):  # type: ignore[arg-type]
            return
        later = (s for s in block.stmts[begin:] if cone.isdisjoint(s.outs))
        if part in block.yields or any(part in stmt_uses(s) for s in later):
            return
        try:
            factor = together(part, last, sums)
        except NoDecimal:
            return
        if factor.cost < sum(isinstance(out.kind, Array) for out in cone):
            self.factors[first.outs[0]] = factor
            self.gone.add(last.outs[0])

    def part_of(self, base: Atom, add: Op) -> Var | None:
        """What is read of this version at the place to which is added."""
        for part, op in self.makers.items():
            if (
                op.prim == "getitem"
                and op.args[0] is base
                and same_place(op, 1, add, 2)
            ):
                kind = part.kind
                if isinstance(kind, Array) and kind.dtype == "float64":
                    return part if same_number(add.args[1].kind, kind) else None
        return None

    def multiples(
        self, atom: Atom, part: Var, cone: set[Var], depth: int
    ) -> list[Multiple] | None:
        """The sum that a value is, if each summand is `part` times something.

        What is made for it alone is put into `cone`. What others read as well is taken
        apart where it is a multiple by numbers.
        """
        if atom is part:
            return [Multiple(Fraction(1))]
        op = self.makers.get(atom) if isinstance(atom, Var) else None
        if op is None or depth == 0 or not is_formula(op):
            return None
        alone = self.uses[op.outs[0]] == 1
        if alone:
            cone.add(op.outs[0])
        if op.prim == "mul":
            for inner, factor in (op.args, op.args[::-1]):
                if not fits(factor, part if alone else None):
                    continue
                below = cone if alone else set()
                found = self.multiples(inner, part, below, depth - 1)
                if found is not None and (alone or len(found) == 1):
                    return self.product(found, factor, part, below, depth - 1)
            return None
        if not alone:
            return None
        parts = [self.multiples(arg, part, cone, depth - 1) for arg in op.args]
        return None if None in parts else summed(op, parts)  # type: ignore[arg-type]

    def product(
        self, found: list[Multiple], factor: Atom, part: Var, cone: set[Var], depth: int
    ) -> list[Multiple]:
        """Each summand times a factor, which may be a sum made for it alone."""
        op = self.makers.get(factor) if isinstance(factor, Var) else None
        if op is None or depth == 0 or not is_formula(op):
            return [m.times(factor) for m in found]
        opens = op.prim == "mul" or len(found) == 1
        alone = self.uses[op.outs[0]] == 1
        if not opens or not alone or not all(fits(arg, part) for arg in op.args):
            return [m.times(factor) for m in found]
        cone.add(op.outs[0])
        if op.prim == "mul":
            for arg in op.args:
                found = self.product(found, arg, part, cone, depth - 1)
            return found
        return summed(
            op, [self.product(found, arg, part, cone, depth - 1) for arg in op.args]
        )

    # ---- writing ---------------------------------------------------------------------

    def op(self, op: Op) -> None:
        out = op.outs[0] if op.outs else None
        factor = self.factors.get(out)  # type: ignore[arg-type]
        if factor is not None:
            base = self.scaled(factor, op.args[0])
            op = Op(op.outs, op.prim, (base, *op.args[1:]), op.attrs, op.span)
        if out in self.gone:
            self.use(op.outs[0], op.args[0])
        else:
            self.emit(op)

    def scaled(self, factor: Factor, base: Atom) -> Var:
        """The array with a part multiplied."""
        at, total, rest = factor.at, None, None
        for each in factor.arrays:
            total = self.plus(at, total, each)
        if factor.number or not factor.scalars:
            rest = literal(factor.number, True)
        for each in factor.scalars:
            rest = self.plus(at, rest, each)
        if total is None:
            total = rest
        elif factor.number or factor.scalars:
            total = self.new("add", at, total, rest)
        value = self.new("mul", at, self.get(factor.part), total)
        out = Var("", base.kind)
        args = (base, value, *self.all(at.args[2:]))
        self.emit(Op((out,), "setitem", args, at.attrs, at.span))
        self.changed = True
        return out

    def plus(self, at: Op, total: Atom | None, each: Multiple) -> Atom:
        number, prim = each.number, "add"
        if total is not None and number < 0:
            number, prim = -number, "sub"
        value: Atom | None = None if number == 1 else literal(number, True)
        for atom in map(self.get, each.atoms):
            value = atom if value is None else self.new("mul", at, value, atom)
        assert value is not None
        return value if total is None else self.new(prim, at, total, value)

    def new(self, prim: str, at: Op, *args: Atom) -> Atom:
        arrays = [a.kind for a in args if isinstance(a.kind, Array)]
        out = Var("", arrays[0] if arrays else FLOAT)
        self.emit(Op((out,), prim, args, span=at.span))
        return out


def is_addition(op: Op) -> bool:
    return op.prim == "additem" and is_derived(op)


def is_formula(op: Op) -> bool:
    plain = op.prim in ("neg", "mul", "add", "sub") and "lib" not in op.attrs
    return plain and is_derived(op)


def fits(factor: Atom, part: Var | None) -> bool:
    """Is it a number, or an array of the same shape as this?"""
    kind = factor.kind
    if isinstance(kind, Array):
        return part is not None and same_number(kind, part.kind)
    return kind == FLOAT or digits(factor) is not None


def summed(op: Op, parts: Sequence[list[Multiple]]) -> list[Multiple]:
    """The summands of a sum, by those of its parts."""
    if op.prim == "add":
        return [*parts[0], *parts[1]]
    *plus, minus = parts
    return [*itertools.chain(*plus), *(each.times(Lit(-1)) for each in minus)]


def together(part: Var, at: Op, sums: Sequence[Multiple]) -> Factor:
    """One and these summands, those put together that differ in a number only.

    Raises `NoDecimal` if a number of it is none.
    """
    number, found = Fraction(1), {}
    for each in sums:
        if not each.atoms:
            number += each.number
            continue
        key = each.scalars, each.arrays
        more = found[key].number if key in found else 0
        found[key] = Multiple(each.number + more, *key)
    kept = [each for each in found.values() if each.number]
    for value in (number, *(each.number for each in kept)):
        literal(value, True)
    if not number and not kept:
        raise NoDecimal("nothing would be left")
    scalars = [each for each in kept if not each.arrays]
    return Factor(part, at, number, scalars, [each for each in kept if each.arrays])
