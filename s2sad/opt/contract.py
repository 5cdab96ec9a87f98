"""Sum products without making them.

    %1 = mul x, y                       t = matmul x, y
    t = sum %1                ->

    %1 = mul A, B                       t = einsum A, B  ("ij,ij->j")
    t = sum %1 {axis=0}

    %1 = mul s, A                       %1 = sum A {axis=0}
    t = sum %1 {axis=0}                 t = mul s, %1

A product that is made only to be summed goes through memory twice, and a sum along the
last of several axes is slow where that axis is short. What is constant along the axes
that are summed is multiplied once, after the sum. A product of an array and weights,
which are smaller, is not made for several sums, either, if it is made for nothing else.
Only where all are of double precision: `einsum` adds one number after the other. Only
what differentiation wrote, and what the user sums along an axis: there the product is
as large as anything the function holds, and would lie beside its factors. Not for
targets without `einsum`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeGuard

from s2sad.ir.kinds import Array, Dim, Scalar, is_float_dtype, is_not_one
from s2sad.ir.nodes import NO_ATTRS, Atom, Block, Function, Op, Stmt, Var
from s2sad.ir.walk import blocks, primitives, statements
from s2sad.opt.compared import compared
from s2sad.opt.facts import alike, count_uses, is_derived, number
from s2sad.opt.rewrite import Rewriter
from s2sad.rules import TABLE, BadArguments

LETTERS = "ijklmnpq"
VIEW = re.compile(r"\[(:|None)(, (:|None))*\]")


def contract(function: Function) -> Function:
    """With sums of products in other words."""
    if "sum" not in primitives(function.body):
        return function
    if not any(is_total(stmt, users=True) for stmt in statements(function.body)):
        return function
    found: dict[Var, list[Op]] = {}
    gone: set[Var] = set()
    uses = count_uses(function)
    exact = compared(function)
    users = function.own is None  # else the other half may compute it again
    todo = [function.body]
    while todo:
        block = todo.pop()
        for stmt in block.stmts:
            todo.extend(blocks(stmt))
        if not any(is_total(stmt, users=True) for stmt in block.stmts):
            continue
        made = parts_of(block, uses)
        for product, totals in shared(block, uses, made):
            parts = {**made, **turned(block, uses, made), product.outs[0]: product}
            signs: dict[Atom, Atom] = {}
            each = [Contraction(total, parts, signs) for total in totals]
            free = exact.isdisjoint(total.outs[0] for total in totals)
            if free and all([one.works() for one in each]):
                for one in each:
                    one.write(found, gone)
        for stmt in block.stmts:
            if is_total(stmt, users) and stmt.args[0] in made:
                if stmt.outs[0] in found or stmt.outs[0] in exact:
                    continue
                one = Contraction(stmt, made)
                if one.works():
                    one.write(found, gone)
    return Contract(found, gone).run(function) if found else function


class Contract(Rewriter):
    def __init__(self, found: dict[Var, list[Op]], gone: set[Var]) -> None:
        super().__init__()
        self.found = found
        self.gone = gone

    def op(self, op: Op) -> None:
        out = op.outs[0] if op.outs else None
        if out in self.gone:
            return
        for new in self.found.get(out, (op,)):  # type: ignore[arg-type]
            self.changed |= new is not op
            self.emit(Op(new.outs, new.prim, self.all(new.args), new.attrs, new.span))


def parts_of(block: Block, uses: Mapping[Var, int]) -> dict[Atom, Op]:
    """The products and views of a block that one operation reads."""
    return {
        stmt.outs[0]: stmt
        for stmt in block.stmts
        if isinstance(stmt, Op)
        and (is_product(stmt, users=True) or is_view(stmt))
        and uses.get(stmt.outs[0]) == 1
    }


def shared(
    block: Block, uses: Mapping[Var, int], made: Mapping[Atom, Op]
) -> Iterator[tuple[Op, list[Op]]]:
    """Products with weights that sums read, and nothing else; and those sums."""
    places = {id(stmt): at for at, stmt in enumerate(block.stmts)}
    readers: dict[Atom, list[Op]] = {}
    for stmt in block.stmts:
        if isinstance(stmt, Op):
            for arg in stmt.args:
                readers.setdefault(arg, []).append(stmt)
    signed = {**made, **turned(block, uses, made)}
    for stmt in block.stmts:
        if not isinstance(stmt, Op) or not is_product(stmt):
            continue
        number = uses.get(stmt.outs[0], 0)
        if number < 2 or not is_weighted(stmt, signed):
            continue
        totals = [
            inner
            for op in readers.get(stmt.outs[0], ())
            for inner in (
                readers.get(op.outs[0], [])
                if op.outs[0] in made and is_product(op)
                else [op]
            )
        ]
        if len(totals) == len(set(map(id, totals))) == number:
            if all(map(is_total, totals)):
                yield stmt, sorted(totals, key=lambda op: places[id(op)])


def turned(
    block: Block, uses: Mapping[Var, int], made: Mapping[Atom, Op]
) -> dict[Atom, Op]:
    """Views with another sign, that one operation reads."""
    return {
        stmt.outs[0]: stmt
        for stmt in block.stmts
        if isinstance(stmt, Op)
        and stmt.prim == "neg"
        and is_derived(stmt)
        and stmt.args[0] in made
        and is_view(made[stmt.args[0]])
        and uses.get(stmt.outs[0]) == 1
    }


def is_weighted(op: Op, made: Mapping[Atom, Op]) -> bool:
    """Is it an array as large as the result times a smaller one?"""
    ranks = []
    for arg in op.args:
        while arg in made and made[arg].prim != "mul":
            arg = made[arg].args[0]
        ranks.append(getattr(arg.kind, "rank", None) or 0)
    return max(ranks) > min(ranks) > 0


def is_product(op: Op, users: bool = False) -> bool:
    """Is it a product of double precision that differentiation wrote?

    Or, if asked for (`users`), anybody.
    """
    if op.prim != "mul" or not isinstance(op.outs[0].kind, Array):
        return False
    kinds = [atom.kind for atom in (*op.outs, *op.args)]
    return (
        "lib" not in op.attrs
        and (users or is_derived(op))
        and all(
            is_double(kind) if isinstance(kind, Array) else is_number(atom)
            for kind, atom in zip(kinds, (*op.outs, *op.args), strict=True)
        )
    )


def is_number(atom: Atom) -> bool:
    kind = atom.kind
    return isinstance(kind, Scalar) and (
        is_float_dtype(kind.dtype) or number(atom) is not None
    )


def is_double(kind: object) -> bool:
    return isinstance(kind, Array) and kind.dtype == "float64" and bool(kind.rank)


def is_view(op: Op) -> bool:
    """Does it only add axes?"""
    if op.prim != "getitem" or len(op.args) != 1:
        return False
    plain = VIEW.fullmatch(str(op.attrs.get("path")))
    return bool(plain) and "lib" not in op.attrs and is_double(op.args[0].kind)


def is_total(stmt: Stmt, users: bool = False) -> TypeGuard[Op]:
    """Is it a sum that differentiation wrote, of all or along axes that go?

    Or, if asked for (`users`), one of the user's, along axes?
    """
    if not isinstance(stmt, Op) or stmt.prim != "sum":
        return False
    if not is_derived(stmt) and (not users or isinstance(stmt.outs[0].kind, Scalar)):
        return False
    plain = not set(stmt.attrs) - {"axis", "keepdims", "spelling", "lib"}
    return plain and not stmt.attrs.get("keepdims") and is_double(stmt.args[0].kind)


class Contraction:
    """A sum of a product: its factors, and the letters of their axes."""

    def __init__(
        self, op: Op, made: Mapping[Atom, Op], signs: dict[Atom, Atom] | None = None
    ) -> None:
        self.op = op
        self.made = made
        self.signs = signs  # what has another sign already, where sums share a product
        self.gone: list[Var] = []
        self.ops: list[Op] = []
        rank = op.args[0].kind.rank  # type: ignore[union-attr]
        self.letters = LETTERS[:rank]
        axis = op.attrs.get("axis")
        axes = range(rank) if axis is None else (axis,) if type(axis) is int else axis
        self.summed = {self.letters[a] for a in axes}  # type: ignore[union-attr]
        self.left = "".join(c for c in self.letters if c not in self.summed)
        self.outside: list[tuple[Atom, str]] = []
        self.inside: list[tuple[Atom, str]] = []

    def works(self) -> bool:
        if len(self.letters) != self.op.args[0].kind.rank:  # type: ignore[union-attr]
            return False
        try:
            self.factors(self.op.args[0])
            return self.written()
        except BadArguments:
            return False

    def write(self, found: dict[Var, list[Op]], gone: set[Var]) -> None:
        found[self.op.outs[0]] = self.ops
        gone.update(self.gone)

    def factors(self, atom: Atom) -> None:
        op = self.made.get(atom)
        if op is not None and op.prim == "mul":
            self.gone.append(op.outs[0])
            for arg in op.args:
                self.factors(arg)
            return
        if isinstance(atom.kind, Scalar):
            self.outside.append((atom, ""))
            return
        minus = op is not None and op.prim == "neg"
        if op is not None and minus:
            self.gone.append(op.outs[0])
            op = self.made[op.args[0]]
        letters = self.letters[-atom.kind.rank :]  # type: ignore[union-attr]
        if op is not None:  # what a view adds is not looked at
            items = str(op.attrs["path"])[1:-1].split(", ")
            items += [":"] * (len(letters) - len(items))
            base = "".join(c for c, i in zip(letters, items, strict=True) if i == ":")
            if len(base) == op.args[0].kind.rank:  # type: ignore[union-attr]
                self.gone.append(op.outs[0])
                atom, letters = op.args[0], base
                if minus:
                    atom = self.turned(atom)
                    minus = False
        if minus:
            raise BadArguments("a sign that is not moved to what is viewed")
        if self.summed.isdisjoint(letters) and self.left.endswith(letters):
            self.outside.append((atom, letters))
        else:
            self.inside.append((atom, letters))

    def turned(self, atom: Atom) -> Atom:
        assert self.signs is not None
        if atom not in self.signs:
            self.signs[atom] = self.new("neg", atom)
        return self.signs[atom]

    def written(self) -> bool:
        """Write the sum in other words; False if there are none, or none better."""
        inner = {c for _, letters in self.inside for c in letters}
        if not self.inside or not self.summed <= inner or not self.is_full():
            return False
        if len(self.inside) == 1:
            ((x, letters),) = self.inside
            if letters != self.letters or not self.outside:
                return False
            total = self.new("sum", x, attrs=self.op.attrs)
        elif len(self.inside) == 3 and self.signs is not None and self.left:
            total = self.einsum()
        elif len(self.inside) == 2 and (self.left or len(self.letters) == 1):
            product = self.product()
            if product is None:
                return False
            total = product
        else:
            return False
        for factor, _ in self.outside:
            total = self.new("mul", factor, total)
        last = self.ops[-1]
        if not alike(last.outs[0].kind, self.op.outs[0].kind):
            return False
        self.ops[-1] = Op(self.op.outs, last.prim, last.args, last.attrs, last.span)
        return True

    def is_full(self) -> bool:
        """Is each axis as long in some factor as it is in the product?"""
        kind = self.op.args[0].kind
        assert isinstance(kind, Array) and kind.dims is not None
        factors = [*self.inside, *self.outside]
        for letter, dim in zip(self.letters, kind.dims, strict=True):
            lengths = [length(x, ls, letter) for x, ls in factors if letter in ls]
            if not any(d == dim or is_not_one(d) for d in lengths):
                return False
        return True

    def product(self) -> Atom | None:
        """The sum of the product of two: as a product of matrices, if it is one."""
        one, other = self.inside
        for (a, p), (b, q) in ((one, other), (other, one)):
            if min(len(p), len(q)) > 1 or max(len(p), len(q)) > 2:
                continue
            if {p[-1]} == {q[0]} == self.summed and p[:-1] + q[1:] == self.left:
                d, e = length(a, p, p[-1]), length(b, q, q[0])
                if d is not None and d == e or is_not_one(d) and is_not_one(e):
                    return self.new("matmul", a, b)
        return self.einsum() if self.left else None

    def einsum(self) -> Atom:
        atoms, letters = zip(*self.inside, strict=True)
        left = "".join(c for c in self.left if c in "".join(letters))
        subscripts = f"{','.join(letters)}->{left}"
        return self.new("einsum", *atoms, attrs={"subscripts": subscripts})

    def new(
        self, prim: str, *args: Atom, attrs: Mapping[str, object] = NO_ATTRS
    ) -> Atom:
        (kind,) = TABLE[prim].infer(args, attrs)
        out = Var("", kind)
        self.ops.append(Op((out,), prim, args, attrs, self.op.span))
        return out


def length(x: Atom, letters: str, letter: str) -> Dim:
    assert isinstance(x.kind, Array) and x.kind.dims is not None
    return x.kind.dims[letters.index(letter)]
