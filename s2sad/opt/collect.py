"""Add up terms that differ in a number only.

    %1 = mul c, c                             %1 = mul c, c
    %2 = mul %1, c_bar                        %2 = mul %1, c_bar
    a = sub t, %2                             %3 = mul 3, %2
    %3 = mul 2, c                    ->       b = sub t, %3
    %4 = mul c, c_bar
    %5 = mul %3, %4
    b = sub a, %5

The derivative of `c * c * c` comes in three parts, which are one. This rounds otherwise
than the parts do: it is the one pass on formulas that does. Products of one statement
are looked at, which differ by a small whole number. What cancels stays, as it is
nothing only where it is finite.
"""

from __future__ import annotations

from collections import Counter

from s2sad.ir.kinds import Array, Scalar, is_float_dtype
from s2sad.ir.nodes import Atom, Function, Lit, Op, Var
from s2sad.ir.walk import statements
from s2sad.opt.facts import count_uses, is_derived, number
from s2sad.opt.rewrite import Rewriter

TERMS, DEPTH = 8, 6  # of a sum, and of products in products, that are looked at

Key = frozenset[tuple[Var, int]]  # factors, and how often


def collect(function: Function) -> Function:
    ops = [op for op in statements(function.body) if isinstance(op, Op)]
    if not any(op.prim in ("add", "sub") and is_derived(op) for op in ops):
        return function
    return Collect(function, ops).run(function)


class Term:
    """A summand: its sign, its value, its number and its other factors."""

    def __init__(self, sign: int, atom: Atom, made: dict[Var, Op], at: Op) -> None:
        self.sign = sign
        self.atom = atom
        factors: Counter[Var] = Counter()
        self.number = float(sign)
        todo = [(atom, 0)]
        while todo:
            part, depth = todo.pop()
            known = number(part)
            op = made.get(part) if isinstance(part, Var) else None
            if known is not None:
                self.number *= known
            elif op is not None and op.span == at.span and depth < DEPTH:
                todo += [(arg, depth + 1) for arg in op.args]
            else:
                assert isinstance(part, Var)
                factors[part] += 1
        self.key: Key = frozenset(factors.items())
        self.size = sum(factors.values())


class Collect(Rewriter):
    def __init__(self, function: Function, ops: list[Op]) -> None:
        super().__init__()
        self.uses = count_uses(function)
        self.made: dict[Var, Op] = {}  # products
        self.sums: dict[Var, Op] = {}  # derived ones, read once
        for op in ops:
            if not is_plain(op):
                continue
            if op.prim == "mul":
                self.made[op.outs[0]] = op
            elif op.prim in ("add", "sub") and is_derived(op):
                self.sums[op.outs[0]] = op
        # a sum that is part of another is looked at there
        self.inner = {
            arg
            for op in self.sums.values()
            for arg in op.args
            if arg in self.sums and self.uses.get(arg) == 1
            if joins(arg, op) and self.sums[arg].span == op.span
        }

    def op(self, op: Op) -> None:
        if op.outs and op.outs[0] in self.sums and op.outs[0] not in self.inner:
            terms = self.terms(op)
            if terms is not None and (collected := self.collected(terms)) is not None:
                self.written(op, collected)
                return
        self.emit(op)

    def terms(self, op: Op) -> list[Term] | None:
        """The summands in their order."""
        found: list[Term] = []
        todo = [(1, op.args[0]), (1 if op.prim == "add" else -1, op.args[1])]
        while todo:
            sign, atom = todo.pop(0)
            if atom in self.inner:
                inner = self.sums[atom]  # type: ignore[index]
                other = sign if inner.prim == "add" else -sign
                todo[:0] = [(sign, inner.args[0]), (other, inner.args[1])]
            else:
                found.append(Term(sign, atom, self.made, op))
            if len(found) + len(todo) > TERMS:
                return None
        return found

    def collected(self, terms: list[Term]) -> list[tuple[Term, int]] | None:
        """The terms that are left, with what each is taken times."""
        groups: dict[Key, list[Term]] = {}
        for term in terms:
            groups.setdefault(term.key, []).append(term)
        if len(groups) == len(terms):
            return None
        left = []
        for key, group in groups.items():
            total = sum(term.number for term in group)
            first = min(group, key=lambda term: abs(term.number))
            if len(group) == 1:
                left.append((first, 1))
                continue
            if not total or not first.number or sum(n for _, n in key) < 2:
                return None
            ratio = total / first.number
            if ratio != int(ratio) or abs(ratio) > 9:
                return None
            left.append((first, int(ratio)))
        return left

    def written(self, op: Op, terms: list[tuple[Term, int]]) -> None:
        self.changed = True
        if len(terms) == 1:
            ((term, ratio),) = terms
            args = Lit(ratio * term.sign), self.get(term.atom)
            self.new(op, "mul", *args, last=True)
            return
        total: Atom | None = None
        for place, (term, ratio) in enumerate(terms):
            value = self.get(term.atom)
            sign = term.sign if ratio > 0 else -term.sign
            if abs(ratio) != 1:
                value = self.new(op, "mul", Lit(abs(ratio)), value)
            if total is None:
                total = self.new(op, "neg", value) if sign < 0 else value
                continue
            prim = "add" if sign > 0 else "sub"
            last = place == len(terms) - 1
            total = self.new(op, prim, total, value, last=last)

    def new(self, at: Op, prim: str, *args: Atom, last: bool = False) -> Atom:
        kinds = [arg.kind for arg in args if isinstance(arg.kind, Array)]
        if last:
            out = at.outs[0]
        elif len(kinds) == 1:
            out = Var("", kinds[0])
        elif kinds:
            out = Var("", at.outs[0].kind)
        else:
            out = Var("", args[-1].kind)
        self.emit(Op((out,), prim, args, span=at.span))
        return out


def is_plain(op: Op) -> bool:
    """Is it an operator on real numbers, or arrays of them?"""
    if op.prim not in ("add", "sub", "mul") or "lib" in op.attrs or len(op.args) != 2:
        return False
    kinds = [op.outs[0].kind]
    kinds += [arg.kind for arg in op.args if number(arg) is None]
    return all(
        isinstance(kind, (Scalar, Array)) and is_float_dtype(kind.dtype)
        for kind in kinds
    )


def joins(inner: Var, op: Op) -> bool:
    """Is a sum of no name of its own, but that of the sum it is part of?"""
    return inner.name in ("", op.outs[0].name)
