"""Multiply and add what differentiation wrote in the order that takes the least time.

    %1 = mul 0.5, S                           %1 = mul 0.3, S
    %2 = mul s, %1                    ->      a = mul %1, s
    a = mul 0.6, %2

    %1 = mul 0.01, u_bar                      %1 = mul 0.03, c
    %2 = mul c, c                             %2 = mul %1, c
    %3 = mul %2, %1                   ->      %3 = sub 0.01, %2
    %4 = mul 2, c                             a = mul %3, u_bar
    %5 = mul c, %1
    %6 = mul %4, %5
    %7 = sub %1, %3
    a = sub %7, %6

A sum of products is taken apart: numbers become one number, terms that differ in a
number only become one term, small factors are multiplied before large ones, and a
factor that several terms share is multiplied once. A parameter whose sign the user's
statement has changed is read as it is, where a number takes the sign, so that nothing
is held for it. What comes out replaces what was there only where it takes less time, by
the sizes that kinds tell; so that text that could not be better stays as it is. This
rounds otherwise, and is the one pass on formulas that does. Numbers are multiplied as
the decimals that they are written as, and only where the product is one, so that a
proof sees the same number. What cancels stays, as it is nothing only where it is
finite.

Looked at are values that nobody else reads, and that are printed in the formula or in
its statement.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import product
from math import prod

from s2sad.ir.kinds import (
    FLOAT,
    Array,
    Kind,
    Scalar,
    is_float_dtype,
    is_python_scalar,
)
from s2sad.ir.nodes import NO_ATTRS, Atom, Block, Function, Lit, Op, Var
from s2sad.ir.walk import blocks, exits, statements
from s2sad.opt.compared import compared
from s2sad.opt.facts import (
    alike,
    count_uses,
    is_derived,
    is_free,
    number,
    signless,
    written_over,
)
from s2sad.opt.rewrite import Rewriter
from s2sad.rules import TABLE, BadArguments

FORMULAS = frozenset(("add", "sub", "mul", "div", "neg"))
PARTS = FORMULAS | {"getitem"}  # of a formula
TERMS, FACTORS, DEPTH = 16, 12, 6  # that are looked at
CONE = 40  # operations of one formula
SCALAR, CALL, AXIS = 50, 500, 1000  # nanoseconds, or elements: of what an op takes
VIEW = re.compile(r"\[(:|None)(, (:|None))*\]")  # the same elements, with more axes


def regroup(function: Function) -> Function:
    if not any(map(is_candidate, statements(function.body))):
        return function
    plans = Plans(function)
    return Regroup(plans).run(function) if plans.found else function


class Regroup(Rewriter):
    def __init__(self, plans: Plans) -> None:
        super().__init__()
        self.plans = plans

    def op(self, op: Op) -> None:
        out = op.outs[0] if op.outs else None
        if out in self.plans.gone:
            return
        plan = self.plans.found.get(out)  # type: ignore[arg-type]
        if plan is None:
            self.emit(op)
            return
        self.changed = True
        for new in plan:
            self.emit(Op(new.outs, new.prim, self.all(new.args), new.attrs, new.span))


# ---- products and sums, taken apart --------------------------------------------------


@dataclass(eq=False)
class Factor:
    """A value that is multiplied, or a view with more axes of a product of values."""

    atom: Atom | None
    kind: Kind
    view: Op | None = None
    inner: tuple[Factor, ...] = ()

    def key(self) -> object:
        if self.view is None:
            return self.atom
        return self.view.attrs["path"], tuple(factor.key() for factor in self.inner)


@dataclass(eq=False)
class Term:
    """A summand: a number, what it is times, and what that is divided by."""

    number: Fraction
    over: list[Factor] = field(default_factory=list)
    under: list[Factor] = field(default_factory=list)
    real: bool = False  # was a number in it written with a point?
    divisor: Fraction = Fraction(1)  # a number that stays one to divide by
    numbers: int = 0  # how many there are in it, and signs
    freed: int = 0  # elements that need not be held for it any more

    def deep(self, made: dict[Var, Op], at: Op) -> tuple[list[Fraction], object]:
        """Its other factors, and the numbers in them, if products are taken apart that
        stay."""
        numbers: list[Fraction] = []
        over: dict[object, int] = {}
        todo = [(factor.atom, factor, 0) for factor in self.over]
        while todo:
            atom, factor, depth = todo.pop()
            op = made.get(atom) if isinstance(atom, Var) else None
            known = digits(atom) if op is None else None
            if known:
                numbers.append(known)
            elif (
                op is not None
                and op.prim == "mul"
                and depth < DEPTH
                and (
                    not op.outs[0].name or op.span == at.span
                )  # else known by its name
            ):
                todo += [(arg, None, depth + 1) for arg in op.args]
            else:
                key = atom if factor is None else factor.key()
                over[key] = over.get(key, 0) + 1
        under = Counter([f.key() for f in self.under]) if self.under else {}
        return numbers, (frozenset(over.items()), frozenset(under.items()))

    def value(self, numbers: list[Fraction]) -> Fraction:
        """Its number and those in its factors."""
        return prod(numbers, start=self.number / self.divisor)


def digits(atom: Atom | None) -> Fraction | None:
    """The value of a number that has no name."""
    known = number(atom) if atom is not None else None
    if known is None or not isinstance(atom, Lit) or known - known != 0:
        return None
    named = atom.text is not None and atom.text[0] not in "-.0123456789"
    return None if named else fraction(repr(known))


fraction = lru_cache(maxsize=1000)(Fraction)


SIGNS = {1: Fraction(1), -1: Fraction(-1)}


class Plans:
    """For each root of a formula the operations that are to stand in its place."""

    def __init__(self, function: Function) -> None:
        self.found: dict[Var, list[Op]] = {}
        self.made: dict[Var, Op] = {}
        self.home: dict[Var, Block] = {}
        self.readers: dict[Var, list[Var | None]] = {}  # by what they make
        self.taken: set[Var] = set()  # they are inside the formula of another
        self.gone: set[Var] = set()  # which is written otherwise
        self.function = function
        self.note()
        exact = compared(function)
        for block in every(function.body):
            for stmt in reversed(block.stmts):
                if stmt.prim not in FORMULAS or stmt.outs[0] in self.taken:
                    continue
                op = self.made.get(stmt.outs[0])
                if op is not None and is_derived(op) and op.outs[0] not in exact:
                    self.plan(op)

    @cached_property
    def params(self) -> set[Atom]:
        return {param.var for param in self.function.params}

    @cached_property
    def written(self) -> set[Var]:
        return written_over(self.function)

    @cached_property
    def signless(self) -> set[Var]:
        return signless(self.function, count_uses(self.function))

    def note(self) -> None:
        for block in every(self.function.body):
            for stmt in block.stmts:
                if not isinstance(stmt, Op) or len(stmt.outs) != 1:
                    self.read(stmt.operands, None)
                    continue
                (reader,) = stmt.outs
                if stmt.prim in PARTS and is_formula(stmt):
                    self.made[reader] = stmt
                    self.home[reader] = block
                self.read(stmt.args, reader)
            self.read(exits(block), None)

    def read(self, atoms: Sequence[Atom], reader: Var | None) -> None:
        readers = self.readers
        for atom in atoms:
            if isinstance(atom, Var):
                if atom in readers:
                    readers[atom].append(reader)
                else:
                    readers[atom] = [reader]

    # -- which operations belong to one formula

    def inside(self, root: Op) -> dict[Var, Op]:
        """The operations that only this formula reads, outermost first."""
        block = self.home[root.outs[0]]
        inside: dict[Var | None, Op] = {}
        todo: list[tuple[Atom, bool]] = [(root.outs[0], True)]
        for atom, summand in todo:  # which grows
            if len(inside) >= CONE:
                break
            op = self.made.get(atom) if isinstance(atom, Var) else None
            if op is None or atom in inside or self.home[atom] is not block:  # type: ignore[index]
                continue
            if op is not root and not self.opens(op, root, summand, inside):
                continue
            inside[atom] = op  # type: ignore[index]
            sums = op.prim in ("add", "sub", "neg")
            parts = op.args[:1] if op.prim == "div" else op.args
            todo += [(part, summand and sums) for part in parts]
        return inside  # type: ignore[return-value]

    def opens(
        self, op: Op, root: Op, summand: bool, inside: dict[Var | None, Op]
    ) -> bool:
        """Is what makes a part of the formula a part of it, too?"""
        readers = self.readers[op.outs[0]]
        if not is_derived(op) and (op.outs[0].name or len(readers) > 1):
            return False  # the user's, and not only the derivative's by now
        if op.outs[0].name and op.span != root.span:
            return False
        if op.prim in ("add", "sub"):
            return summand and len(readers) == 1
        return len(readers) == 1 or all(reader in inside for reader in readers)

    # -- what the formula is

    def terms(self, root: Op, inside: dict[Var, Op]) -> list[Term]:
        found: list[Term] = []
        todo: list[tuple[int, Atom]] = [(1, root.outs[0])]
        while todo:
            sign, atom = todo.pop(0)
            op = inside.get(atom) if isinstance(atom, Var) else None
            if op is not root and not self.read_once(atom):
                op = None
            if op is not None and op.prim in ("add", "sub"):
                other = sign if op.prim == "add" else -sign
                todo[:0] = [(sign, op.args[0]), (other, op.args[1])]
            elif op is not None and op.prim == "neg":
                todo.insert(0, (-sign, op.args[0]))
            else:
                term = Term(SIGNS[sign], numbers=int(sign < 0))
                self.factors(atom, root, inside, term, above=True)
                found.append(term)
            if len(found) + len(todo) > TERMS:
                return []
        return found

    def read_once(self, atom: Atom) -> bool:
        return len(self.readers.get(atom, ())) <= 1  # type: ignore[arg-type]

    def factors(
        self, atom: Atom, root: Op, inside: dict[Var, Op], term: Term, above: bool
    ) -> None:
        known = digits(atom)
        if known and is_free(atom, root):
            term.numbers += 1
            if above:
                term.number *= known
                term.real |= isinstance(number(atom), float)
            else:
                term.divisor *= known
            return
        op = inside.get(atom) if isinstance(atom, Var) else None
        if op is None and self.is_turned(atom, root):
            op = self.made[atom]  # type: ignore[index]
            term.freed += size(atom.kind)
        if op is None or op.prim in ("add", "sub"):
            (term.over if above else term.under).append(Factor(atom, atom.kind))
        elif op.prim == "neg":
            term.numbers += 1
            term.number = -term.number
            self.factors(op.args[0], root, inside, term, above)
        elif op.prim == "mul" and above:
            for arg in op.args:
                self.factors(arg, root, inside, term, above)
        elif op.prim == "div" and above:
            self.factors(op.args[0], root, inside, term, above)
            self.factors(op.args[1], root, inside, term, above=False)
        elif op.prim == "getitem" and above:
            self.viewed(op, root, inside, term)
        else:
            (term.over if above else term.under).append(Factor(atom, atom.kind))

    def is_turned(self, atom: Atom, root: Op) -> bool:
        """Is it a parameter with its sign changed in a statement of the user's, and
        held for this formula alone? That takes the sign for nothing, where it begins
        with a number.
        """
        op = self.made.get(atom) if isinstance(atom, Var) else None
        if op is None or op.prim != "neg" or is_derived(op) or op.outs[0].name:
            return False
        base, readers = op.args[0], self.readers[op.outs[0]]
        return (
            base in self.params
            and base not in self.written
            and len(readers) == 2
            and self.home[op.outs[0]] is self.home[root.outs[0]]
        )

    def viewed(self, op: Op, root: Op, inside: dict[Var, Op], term: Term) -> None:
        """Numbers leave a view; arrays stay in it."""
        inner = Term(Fraction(1))
        self.factors(op.args[0], root, inside, inner, above=True)
        if inner.under:
            term.over.append(Factor(op.outs[0], op.outs[0].kind))
            return
        arrays = [f for f in inner.over if isinstance(f.kind, Array)]
        term.number *= inner.number
        term.divisor *= inner.divisor
        term.numbers += inner.numbers + len(arrays)
        term.real |= inner.real
        term.over += [f for f in inner.over if not isinstance(f.kind, Array)]
        term.over.append(Factor(None, op.outs[0].kind, op, tuple(arrays)))

    # -- what it could be

    def plan(self, root: Op) -> None:
        inside = self.inside(root)
        if len(inside) < 2:
            return
        terms = self.terms(root, inside)
        if not terms or any(len(t.over) + len(t.under) > FACTORS for t in terms):
            return
        if not one_dtype(terms, root):
            return
        opened = self.opened(terms, inside)
        self.taken.update(opened)
        if len(terms) == 1 and not is_mixed(terms[0]):
            return
        collected = self.collected(terms, root)
        if collected is None:
            return
        if len(collected) == len(terms) and not any(map(is_mixed, terms)):
            if not have_common(terms):
                return
        sign = root.prim == "neg" and len(terms) == 1 and root.outs[0] in self.signless
        temporary = self.temporary(terms)
        before = total_cost([*opened.values(), root], sign, temporary)
        before += sum(term.freed // 8 for term in terms)
        best: Writer | None = None
        for shared, early in product((False, True), repeat=2):
            writer = Writer(root, sign, temporary if early else frozenset())
            try:
                done = writer.sum(collected, shared, goes_on(root, collected))
            except BadArguments:
                continue
            if done and (taken := total_cost(writer.ops, sign, temporary)) < before:
                best, before = writer, taken
        if best is not None:
            self.found[root.outs[0]] = best.ops
            self.gone.update(opened)

    def temporary(self, terms: list[Term]) -> frozenset[Atom | None]:
        """What is divided by and made for that alone."""
        under = (f.atom for term in terms for f in term.under)
        return frozenset(
            atom
            for atom in under
            if isinstance(atom, Var)
            and not atom.name
            and atom in self.made
            and self.read_once(atom)
            and is_array(atom)
        )

    def opened(self, terms: list[Term], inside: dict[Var, Op]) -> dict[Var, Op]:
        """The operations inside that are not read as they are in a term."""
        factors = [f for term in terms for f in (*term.over, *term.under)]
        rest = [f.atom for f in factors if f.view is None]
        rest += [g.atom for f in factors for g in f.inner]
        seen: set[Atom | None] = set()
        while rest:  # what is below a factor belongs to it
            atom = rest.pop()
            op = inside.get(atom)  # type: ignore[arg-type]
            if atom not in seen and op is not None:
                rest += op.args
            seen.add(atom)
        root, *others = inside.items()
        return {var: op for var, op in others if var not in seen}

    def collected(self, terms: list[Term], root: Op) -> list[Term] | None:
        """One term for those that differ in a number only."""
        if len(terms) == 1:
            return terms
        groups: dict[object, list[tuple[list[Fraction], Term]]] = {}
        for term in terms:
            numbers, key = term.deep(self.made, root)
            groups.setdefault(key, []).append((numbers, term))
        found = []
        for members in groups.values():
            if len(members) == 1:
                found.append(members[0][1])
                continue
            group = [(term.value(numbers), term) for numbers, term in members]
            value, first = min(group, key=lambda g: len(g[1].over))
            total = sum((value for value, _ in group), Fraction(0))
            if not total:
                return None
            scale = total / value * first.number
            real = any(term.real for _, term in group)
            found.append(replace(first, number=scale, real=real))
        return found


# ---- and put together again ----------------------------------------------------------


class Writer:
    """Operations that compute a sum of products, and what they take."""

    def __init__(self, root: Op, sign: bool, early: Collection[Atom | None]) -> None:
        self.root = root
        self.early = early  # what is divided by before arrays are multiplied
        self.sign = sign  # is there a sum that takes the sign of the result?
        self.ops: list[Op] = []
        self.total = 0

    def sum(self, terms: list[Term], shared: bool, first: Term | None) -> bool:
        """Write the sum; False if its kind would not be that of the root."""
        if first is None or len(terms) == 1:
            value = self.value(terms, shared)
        else:
            sign = 1 if self.root.prim == "add" else -1
            rest = [replace(t, number=sign * t.number) for t in terms if t is not first]
            if all(term.number < 0 for term in rest):
                sign, rest = -sign, [replace(t, number=-t.number) for t in rest]
            more = self.value(rest, shared)
            prim = "add" if sign > 0 else "sub"
            value = self.new(prim, self.product(first), more)
        last = self.ops[-1] if self.ops else None
        if last is None or last.outs[0] is not value:
            return False
        out = self.root.outs[0]
        if not alike(value.kind, out.kind):
            return False
        self.ops[-1] = Op((out,), last.prim, last.args, last.attrs, last.span)
        return True

    def value(self, terms: list[Term], shared: bool) -> Atom:
        found = most_shared(terms) if shared else None
        if found is not None:
            terms = self.taken_out(terms, found)
        # a sum begins with what is added, or with a number that takes the sign
        first = next((t for t in terms if t.number > 0), None)
        first = first or next((t for t in terms if abs(t.number) != 1), None)
        first = first or min(terms, key=lambda t: max(map(size_of, t.over), default=0))
        total = self.product(first, signed=True)
        for term in terms:
            if term is not first:
                prim = "add" if term.number > 0 else "sub"
                total = self.new(prim, total, self.product(term))
        return total

    def taken_out(self, terms: list[Term], found: Factor) -> list[Term]:
        """`f * (a + b) + c` for `f * a + f * b + c`."""
        with_it = [term for term in terms if has(term, found)]
        less = [without(term, found) for term in with_it]
        numbers = {(abs(term.number), term.divisor) for term in less}
        factor, divisor = numbers.pop() if len(numbers) == 1 else (Fraction(1),) * 2
        if all(term.number < 0 for term in less) and len(with_it) < len(terms):
            factor = -factor
        less = [
            replace(t, number=t.number / factor, divisor=t.divisor / divisor)
            for t in less
        ]
        value = self.value(less, shared=True)
        over = [Factor(value, value.kind), found]
        group = Term(factor, over, [], any(term.real for term in less), divisor)
        rest = [term for term in terms if term not in with_it]
        rest.insert(terms.index(with_it[0]), group)
        return rest

    def product(self, term: Term, signed: bool = False) -> Atom:
        """The product, or its negative: small factors come first."""
        negative = signed and term.number < 0
        over, under = (sorted(fs, key=size_of) for fs in (term.over, term.under))
        total: Atom | None = None
        factor, divisor = abs(term.number), term.divisor
        if (factor / divisor).denominator == 1:
            factor, divisor = factor / divisor, Fraction(1)
        if factor != 1 or not over:
            total = literal(-factor if negative else factor, term.real)
            negative = False
        while over or under:
            divides = bool(under) and self.precedes(under[0], total, over)
            next_size = size_of((under if divides else over)[0])
            grows = total is not None and next_size > size(total.kind)
            if negative and grows and not self.sign:
                total, negative = self.new("neg", total), False  # type: ignore[arg-type]
            if divisor != 1 and grows and not divides:
                total = self.new("div", total, literal(divisor, real=False))  # type: ignore[arg-type]
                divisor = Fraction(1)
            if divides:
                total = self.new("div", total, self.factor(under.pop(0)))  # type: ignore[arg-type]
                continue
            value = self.factor(over.pop(0))
            total = value if total is None else self.new("mul", total, value)
        assert total is not None
        if divisor != 1:
            total = self.new("div", total, literal(divisor, real=False))
        return self.new("neg", total) if negative else total

    def precedes(self, divisor: Factor, total: Atom | None, over: list[Factor]) -> bool:
        """Is it divided by before more is multiplied? Then less overflows."""
        if total is None or not over:
            return total is not None
        limit = size_of(over[0])
        if isinstance(total, Lit):
            return size_of(divisor) < limit
        if divisor.atom in self.early and not is_array(total):
            return size_of(divisor) <= limit
        return size_of(divisor) <= size(total.kind)

    def factor(self, factor: Factor) -> Atom:
        if factor.view is None:
            assert factor.atom is not None
            return factor.atom
        value = self.product(Term(Fraction(1), list(factor.inner)))
        return self.new("getitem", value, attrs=factor.view.attrs)

    def new(self, prim: str, *args: Atom, attrs=NO_ATTRS) -> Atom:
        (kind,) = TABLE[prim].infer(args, attrs)
        out = Var("", kind)
        op = Op((out,), prim, args, attrs, self.root.span)
        self.ops.append(op)
        self.total += cost(op)
        return out


def is_mixed(term: Term) -> bool:
    """Are there several numbers or signs in it, or factors of different sizes?"""
    return term.numbers > 1 or len({*map(size_of, term.over)}) > 1


def have_common(terms: list[Term]) -> bool:
    """Do some of the terms share a factor?"""
    found: set[object] = set()
    for term in terms:
        keys = {factor.key() for factor in term.over}
        if not found.isdisjoint(keys):
            return True
        found |= keys
    return False


def goes_on(root: Op, terms: list[Term]) -> Term | None:
    """The term that is the earlier version of the result, if no other is made of it."""
    made_of = [t for t in terms for f in (*t.over, *t.under) if f.atom is root.args[0]]
    if not isinstance(root.args[0], Var) or len(made_of) != 1:
        return None
    (term,) = made_of
    alone = len(term.over) == 1 and not term.under and term.number == term.divisor == 1
    name = root.args[0].name
    return term if alone and name and name == root.outs[0].name else None


def most_shared(terms: list[Term]) -> Factor | None:
    """The factor whose products are the most to save."""
    found: dict[object, list[Factor]] = {}
    for term in terms:
        for key, factor in {f.key(): f for f in term.over}.items():
            found.setdefault(key, []).append(factor)
    shared = [group for group in found.values() if len(group) > 1]
    if not shared:
        return None
    return max(shared, key=lambda g: (len(g) - 1) * size(g[0].kind))[0]


def has(term: Term, factor: Factor) -> bool:
    return any(f.key() == factor.key() for f in term.over)


def without(term: Term, factor: Factor) -> Term:
    over = list(term.over)
    at = next(k for k, f in enumerate(over) if f.key() == factor.key())
    del over[at]
    return replace(term, over=over)


class NoDecimal(BadArguments):
    """A number that no short decimal is."""


def literal(value: Fraction, real: bool) -> Lit:
    """A number as it would be written; whole ones as ints, which change no type."""
    if value.denominator == 1 and abs(value) < 2**31 and not real:
        return Lit(int(value))
    near = float(value)
    if Fraction(repr(near)) != value:
        raise NoDecimal(f"{value} is no decimal")
    return Lit(near)


# ---- what operations are, and what they take -----------------------------------------


def is_candidate(op: object) -> bool:
    """Is it a product or sum of real numbers that differentiation wrote?"""
    return (
        isinstance(op, Op) and op.prim in FORMULAS and is_derived(op) and is_formula(op)
    )


def is_formula(op: Op) -> bool:
    if op.prim not in FORMULAS:
        return op.prim == "getitem" and is_longer_view(op)
    if "lib" in op.attrs or not is_real(op.outs[0].kind):
        return False
    for arg in op.args:
        if not is_real(arg.kind) and number(arg) is None:
            return False
    return True


def is_longer_view(op: Op) -> bool:
    """Is it an array with more axes, of the same elements?"""
    kinds = [op.outs[0].kind, op.args[0].kind]
    view = len(op.args) == 1 and VIEW.fullmatch(str(op.attrs["path"])) is not None
    return view and all(isinstance(k, Array) and is_real(k) for k in kinds)


def is_real(kind: Kind) -> bool:
    if kind is FLOAT:  # most of all
        return True
    if isinstance(kind, Scalar):
        return is_float_dtype(kind.dtype)
    return (
        isinstance(kind, Array) and kind.dims is not None and is_float_dtype(kind.dtype)
    )


def one_dtype(terms: Iterable[Term], root: Op) -> bool:
    """Are all the numbers of one type, so that no order is the less precise one?"""
    factors = [f for term in terms for f in (*term.over, *term.under)]
    kinds = [f.kind for f in factors] + [g.kind for f in factors for g in f.inner]
    kinds.append(root.outs[0].kind)
    dtypes = {k.dtype for k in kinds if isinstance(k, Array) or not is_python_scalar(k)}  # type: ignore[union-attr]
    return len(dtypes) <= 1


def every(block: Block) -> Iterator[Block]:
    """A block and all those inside it."""
    todo = [block]
    while todo:
        here = todo.pop()
        yield here
        for stmt in here.stmts:
            todo.extend(blocks(stmt))


def size(kind: Kind) -> int:
    """How many elements, by what is known; more for one axis more."""
    if not isinstance(kind, Array):
        return 0
    total = 1
    for dim in kind.dims or ():
        total *= dim if isinstance(dim, int) else AXIS
    return total


def size_of(factor: Factor) -> int:
    return size(factor.kind)


def total_cost(
    ops: list[Op], sign: bool, temporary: Collection[Atom | None] = ()
) -> int:
    """What the operations of a formula take: not its sign, where a sum takes that.

    Two arrays that both wait to be put together want memory for both. A product had
    better begin with what is small.
    """
    made = {op.outs[0] for op in ops if is_array(op.outs[0]) and op.prim != "getitem"}
    made.update(temporary)  # type: ignore[arg-type]
    pairs = [op for op in ops if len(op.args) == 2 and made.issuperset(op.args)]
    total = sum(map(cost, ops)) + sum(size(op.outs[0].kind) // 4 for op in pairs)
    root = ops[-1]
    if not sign or root.prim != "neg":
        return total
    backward = any(op.outs[0] is root.args[0] and is_backward(op) for op in ops)
    return total - cost(root) + backward


def is_backward(op: Op) -> bool:
    return op.prim == "mul" and size(op.args[0].kind) > size(op.args[1].kind)


def is_array(atom: Atom) -> bool:
    return isinstance(atom.kind, Array)


def cost(op: Op) -> int:
    """What an operation takes."""
    kind = op.outs[0].kind
    if op.prim == "getitem":
        return CALL // 2
    return CALL + size(kind) if isinstance(kind, Array) else SCALAR
