"""Sum the products of a loop's trips as one product of matrices after it.

    W.2 = for t in backward range n         rows.3, hs.3 = for t in backward range n
        with W.0 = zeros:                       with rows.1 = empty, hs.1 = empty:
        ...                                     ...
        %1 = outer a, h              ->         rows.2 = setitem rows.1[t], a
        W.1 = add W.0, %1                       hs.2 = setitem hs.1[t], h
        yield W.1                               yield rows.2, hs.2
                                            W.2 = matmul rows.3.T, hs.3

The gradient of the weights of a recurrence adds a whole matrix in each trip; a row of
each factor is far less, and the product at the end is what BLAS does best. For a batch,
`matmul x.T, a` in each trip, the factors are matrices, whose rows are put one below
the other. What adds up one of the factors alone, as the gradient of a bias does, is the
sum of its rows; rows that are read from an array, `xs[t]`, are there already.

The rows take memory for each trip. So only a loop that has taken as much before is
changed: it reads arrays from a tape, or rows of a matrix.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from s2sad.ir.build import Builder
from s2sad.ir.kinds import Array, Kind, Scalar, Tape, Tuple, is_not_one
from s2sad.ir.nodes import Atom, Block, Call, For, Function, Lit, Op, Stmt, Var, While
from s2sad.ir.walk import (
    blocks,
    definitions,
    inner_params,
    primitives,
    statements,
    with_blocks,
)
from s2sad.opt.dce import dce
from s2sad.opt.facts import count_uses, is_derived
from s2sad.rules.handles import Handle, build, lift

ZERO, ONE = Lit(0), Lit(1)
FLOATS = ("float64", "float32")


def stack(function: Function) -> Function:
    if "For" not in primitives(function.body):
        return function
    made = [stmt for stmt in statements(function.body) if isinstance(stmt, Op)]
    if not any(op.prim in ("outer", "matmul") and is_derived(op) for op in made):
        return function
    stacker = Stacker(function, {out: op for op in made for out in op.outs})
    body = stacker.block(function.body)
    return dce(replace(function, body=body)) if stacker.changed else function


@dataclass
class Term:
    """One summand of what is accumulated: `left.T @ right`, or the rows of `left`.

    `product` is what must not be read by anybody else.
    """

    sign: str  # "add" or "sub"
    left: Var
    right: Var | None = None
    product: Var | None = None


@dataclass
class Total:
    """What a loop accumulates: the place among what it carries, and the summands."""

    slot: int
    terms: list[Term]


@dataclass
class Rows:
    """The rows of one factor over all trips: carried by the loop, or there before."""

    width: Atom
    batch: Atom  # rows in a trip
    matrix: Var | None = None
    param: Var | None = None
    init: Var | None = None
    out: Var = field(default_factory=Var)


class Stacker:
    def __init__(self, function: Function, made: dict[Var, Op]) -> None:
        self.uses = count_uses(function)
        self.made = made
        self.counters = set(self.counted(function))
        self.lengths: dict[object, tuple[Var, int]] = {}  # of which array and axis
        self.numbers: dict[object, Var] = {}  # lengths that are there as numbers
        for param in function.params:
            self.note(param.var)
        self.changed = False

    def counted(self, function: Function) -> Iterator[Atom]:
        """What counts the trips of a loop, from none."""
        for loop in statements(function.body):
            if not isinstance(loop, (For, While)):
                continue
            slots = zip(loop.outs, loop.inits, loop.params, loop.body.yields)
            for out, init, param, end in slots:
                op = self.made.get(end) if isinstance(end, Var) else None
                if op is not None and op.prim == "add" and op.args == (param, ONE):
                    if init == ZERO:
                        yield out

    def block(self, block: Block) -> Block:
        stmts: list[Stmt] = []
        outside = dict(self.lengths), dict(self.numbers)
        for stmt in block.stmts:
            if not isinstance(stmt, (Op, Call)):
                stmt = with_blocks(stmt, tuple(map(self.block, blocks(stmt))))
            stmts += self.loop(stmt) if isinstance(stmt, For) else [stmt]
            if isinstance(stmt, Op):
                for out in stmt.outs:
                    self.note(out)
        self.lengths, self.numbers = outside
        return replace(block, stmts=tuple(stmts))

    def note(self, array: Var) -> None:
        """An array that is there tells the lengths of its axes."""
        if isinstance(array.kind, Scalar) and isinstance(array.kind.size, str):
            self.numbers.setdefault(array.kind.size, array)
        if isinstance(array.kind, Array):
            for axis, dim in enumerate(array.kind.dims or ()):
                if is_not_one(dim):
                    self.lengths.setdefault(dim, (array, axis))

    def loop(self, loop: For) -> list[Stmt]:
        if loop.body.stop is not None or (loop.start, loop.step) != (ZERO, ONE):
            return [loop]
        totals = self.totals(loop)
        if not any(term.right for total in totals for term in total.terms):
            return [loop]
        if not self.has_rows(loop) or not all(map(self.is_sized, totals)):
            return [loop]
        self.changed = True
        if not loop.index.name.strip("_"):
            loop.index.name = "i"  # now it is read
        return Stacked(self, loop, totals).statements()

    # ---- what is accumulated ---------------------------------------------------------

    def totals(self, loop: For) -> list[Total]:
        found = []
        for slot, param in enumerate(loop.params):
            terms = self.terms(loop.body.yields[slot], param, loop)
            if terms:
                found.append(Total(slot, terms))
        while True:
            fit = list(filter(self.fits(found), found))
            if len(fit) == len(found):
                return found
            found = fit

    def fits(self, found: list[Total]) -> Callable[[Total], bool]:
        """Nothing else reads its products, and what it sums alone is a factor."""
        terms = [term for total in found for term in total.terms]
        read = Counter(term.product for term in terms)
        factors = {each for t in terms if t.right for each in (t.left, t.right)}

        def fit(total: Total) -> bool:
            return all(
                term.left in factors
                if term.product is None
                else self.uses.get(term.product) == read[term.product]
                for term in total.terms
            )

        return fit

    def terms(self, end: Atom, param: Var, loop: For) -> list[Term] | None:
        """The summands by which `end` differs from `param`, all of this trip."""
        own = {out for stmt in loop.body.stmts for out in stmt.outs}
        terms: list[Term] = []
        while end is not param:
            op = self.made.get(end) if isinstance(end, Var) else None
            if op is None or op.prim not in ("add", "sub") or not is_derived(op):
                return None
            if end not in own or self.uses.get(op.outs[0]) != 1:
                return None
            end, part = op.args
            term = self.term(op.prim, part, param, own)
            if term is None:
                return None
            terms.append(term)
        return terms[::-1] if self.uses.get(param) == 1 else None

    def term(self, sign: str, part: Atom, total: Var, own: set[Var]) -> Term | None:
        if part not in own or not isinstance(part, Var):
            return None
        op = self.made.get(part)
        if rank(total.kind) == 1:
            if op is not None and op.prim == "sum" and op.attrs.get("axis") == 0:
                (matrix,) = op.args
                if rank(matrix.kind) == 2 and not op.attrs.get("keepdims"):
                    if matrix in own and self.uses.get(part) == 1:
                        return Term(sign, matrix)  # type: ignore[arg-type]
            return Term(sign, part) if rank(part.kind) == 1 else None
        if op is None or rank(total.kind) != 2:
            return None
        left, right = op.args if len(op.args) == 2 else (None, None)
        if op.prim == "matmul" and isinstance(left, Var):
            turned = self.made.get(left)
            if turned is None or turned.prim != "transpose" or turned.attrs.get("axes"):
                return None
            (left,) = turned.args
        elif op.prim != "outer":
            return None
        if left not in own or right not in own:
            return None
        wanted = 1 if op.prim == "outer" else 2
        if rank(left.kind) != wanted or rank(right.kind) != wanted:  # type: ignore
            return None
        if not left.kind.dtype == right.kind.dtype == total.kind.dtype:  # type: ignore
            return None
        return Term(sign, left, right, part)  # type: ignore[arg-type]

    # ---- what memory there is --------------------------------------------------------

    def has_rows(self, loop: For) -> bool:
        """Does it read an array of each trip, which takes memory already?"""
        for op in loop.body.stmts:
            if isinstance(op, Op) and op.prim == "pop":
                tape = op.args[0].kind
                if isinstance(tape, Tape) and isinstance(tape.elem, Array):
                    return True
            if self.matrix_of(op, loop) is not None:
                return True
        return False

    def is_sized(self, total: Total) -> bool:
        """Is it known before the loop how many rows the factors have in a trip?"""
        terms = [term for term in total.terms if term.right]
        return all(rank(t.left.kind) == 1 or self.batch(t) is not None for t in terms)

    def batch(self, term: Term) -> tuple[Var, int] | Lit | None:
        """How many rows both factors of a product have: a number, or of what axis."""
        for factor in (term.left, term.right):
            dims = factor.kind.dims if factor is not None else None  # type: ignore
            if dims and isinstance(dims[0], int):
                return Lit(dims[0])
            if dims and dims[0] in self.lengths:
                return self.lengths[dims[0]]
        return None

    def matrix_of(self, op: Stmt, loop: For) -> Var | None:
        """The array of which this reads the row of the trip."""
        if not isinstance(op, Op) or op.prim != "getitem" or op.attrs["path"] != "[#]":
            return None
        base, index = op.args
        inside = {*inner_params(loop), *definitions(loop.body)}
        if index is not loop.index or base in inside or rank(base.kind) not in (2, 3):
            return None
        return base  # type: ignore[return-value]

    def whole_matrix_of(self, vector: Var, loop: For) -> Var | None:
        """The array whose rows are the values of a factor in all trips."""
        op = self.made.get(vector)
        base = None if op is None else self.matrix_of(op, loop)
        size = getattr(loop.stop.kind, "size", None)
        if base is None or size is None or base.kind.dims[0] != size:  # type: ignore[attr-defined]
            return None
        return base


class Stacked:
    """One loop while it is changed."""

    def __init__(self, stacker: Stacker, loop: For, totals: list[Total]) -> None:
        self.stacker = stacker
        self.loop = loop
        self.totals = totals
        self.before = Builder(loop.span)
        self.inside = Builder(loop.span)
        self.after = Builder(loop.span)
        self.rows: dict[Var, Rows] = {}
        terms = [term for total in totals for term in total.terms]
        self.products = {term.product: term for term in terms if term.right}
        self.count: Atom | None = None
        self.flat: dict[Var, Handle] = {}
        self.batches: dict[object, Atom] = {}
        self.heights: dict[Atom, Handle] = {}

    def statements(self) -> list[Stmt]:
        for total in self.totals:
            for term in total.terms:
                if term.right is not None:
                    self.take(term.left, term, total, 0)
                    self.take(term.right, term, total, 1)
        for total in self.totals:
            self.sum_up(total)
        return [*self.before.stmts, self.changed_loop(), *self.after.stmts]

    # ---- rows ------------------------------------------------------------------------

    def take(self, factor: Var, term: Term, total: Total, axis: int) -> None:
        """See to it that the rows of a factor are there after the loop."""
        if factor in self.rows:
            return
        b = self.before
        width = self.length(self.donor(total), axis)
        sizes = [self.trips(), width]
        batch: Atom = ONE
        if rank(factor.kind) == 2:
            batch = self.height(term)
            sizes.insert(1, batch)
        matrix = self.stacker.whole_matrix_of(factor, self.loop)
        if matrix is not None:
            self.rows[factor] = Rows(width, batch, matrix)
            return
        sizes_kind = Tuple(tuple(each.kind for each in sizes))
        shape_of_rows = lift(b, b.op("tuple", sizes, sizes_kind))
        dtype = factor.kind.dtype  # type: ignore[attr-defined]
        options = {} if dtype == "float64" else {"dtype": dtype}
        empty = build("empty", shape_of_rows, **options).atom
        assert isinstance(empty, Var)
        name = f"{factor.name}_rows" if factor.name else "rows"
        empty.name = name
        param, out = Var(name, empty.kind), Var(name, empty.kind)
        self.rows[factor] = Rows(width, batch, None, param, empty, out)

    def height(self, term: Term) -> Atom:
        """How many rows the factors of a product have in a trip."""
        found = self.stacker.batch(term)
        assert found is not None
        if found not in self.batches:
            atom = found if isinstance(found, Lit) else self.length(*found)
            self.batches[found] = atom
        return self.batches[found]

    def length(self, array: Var, axis: int) -> Atom:
        dims = array.kind.dims  # type: ignore[attr-defined]
        if dims is not None and isinstance(dims[axis], int):
            return Lit(dims[axis])
        if dims is not None and dims[axis] in self.stacker.numbers:
            return self.stacker.numbers[dims[axis]]
        shape = build("shape", lift(self.before, array), spelling=".shape")
        return build("getitem", shape, axis, path="[#]").atom

    def donor(self, total: Total) -> Var:
        """An array of the shape of what is accumulated."""
        init = self.loop.inits[total.slot]
        assert isinstance(init, Var)
        op = self.stacker.made.get(init)
        zeros = op is not None and op.prim == "zeros_like"
        return op.args[0] if zeros else init  # type: ignore[union-attr, return-value]

    def trips(self) -> Atom:
        """How many trips there are: never less than none."""
        if self.count is None:
            self.count = self.loop.stop
            if not self.is_count(self.count):
                stop = lift(self.before, self.count)
                self.count = build("py_max", stop, 0).atom
        return self.count

    def is_count(self, stop: Atom) -> bool:
        if isinstance(stop, Lit):
            return isinstance(stop.value, int) and stop.value >= 0
        named = isinstance(stop.kind, Scalar) and stop.kind.size is not None
        return named or stop in self.stacker.counters

    # ---- the loop --------------------------------------------------------------------

    def changed_loop(self) -> For:
        loop = self.loop
        gone = {total.slot for total in self.totals}
        keep = [k for k in range(len(loop.params)) if k not in gone]
        stmts: list[Stmt] = []
        ends: dict[Var, Atom] = {}
        for stmt in loop.body.stmts:
            term = self.products.get(stmt.outs[0]) if stmt.outs else None
            if term is None:
                stmts.append(stmt)
                continue
            for vector in (term.left, term.right):
                rows = self.rows[vector]  # type: ignore[index]
                if rows.param is not None and rows.param not in ends:
                    stmts.append(self.written(rows, vector, stmt))
                    ends[rows.param] = stmts[-1].outs[0]
        carried = [rows for rows in self.rows.values() if rows.param is not None]
        return replace(
            loop,
            outs=(*(loop.outs[k] for k in keep), *(rows.out for rows in carried)),
            params=(*(loop.params[k] for k in keep), *(rows.param for rows in carried)),
            inits=(*(loop.inits[k] for k in keep), *(rows.init for rows in carried)),
            body=replace(
                loop.body,
                stmts=tuple(stmts),
                yields=(
                    *(loop.body.yields[k] for k in keep),
                    *(ends[rows.param] for rows in carried),  # type: ignore[index]
                ),
            ),
        )

    def written(self, rows: Rows, vector: Atom, stmt: Stmt) -> Op:
        assert rows.param is not None
        args = (rows.param, vector, self.loop.index)
        return Op((rows.param.like(),), "setitem", args, {"path": "[#]"}, stmt.span)

    # ---- sums ------------------------------------------------------------------------

    def sum_up(self, total: Total) -> None:
        out, init = self.loop.outs[total.slot], self.loop.inits[total.slot]
        made = self.stacker.made.get(init) if isinstance(init, Var) else None
        fresh = made is not None and made.prim == "zeros_like" and is_derived(made)
        value = None if fresh else lift(self.after, init)
        for term in total.terms:
            part = self.part(term)
            if value is None:
                value = -part if term.sign == "sub" else part
            else:
                value = value + part if term.sign == "add" else value - part
        assert value is not None
        made_last = value.atom
        last = self.after.stmts.pop()
        assert isinstance(last, Op) and last.outs == (made_last,)
        self.after.add(replace_outs(last, out))

    def part(self, term: Term) -> Handle:
        left = self.matrix(term.left)
        if term.right is None:
            return build("sum", left, axis=0)
        right = self.matrix(term.right)
        return build("matmul", build("transpose", left, spelling=".T"), right)

    def matrix(self, factor: Var) -> Handle:
        """All rows of a factor, one below the other."""
        if factor not in self.flat:
            rows = self.rows[factor]
            whole = lift(self.after, rows.out if rows.matrix is None else rows.matrix)
            if rank(factor.kind) == 2:
                sizes = (self.total_rows(rows), rows.width)
                whole = build("reshape", whole, *sizes, spelling=".reshape")
                whole = lift(self.after, whole.atom)
            self.flat[factor] = whole
        return self.flat[factor]

    def total_rows(self, rows: Rows) -> Handle:
        """The rows of all trips: as many for all factors of one number in a trip."""
        if rows.batch not in self.heights:
            batch = lift(self.after, rows.batch)
            height = lift(self.after, self.trips()) * batch
            self.heights[rows.batch] = lift(self.after, height.atom)
        return self.heights[rows.batch]


def replace_outs(op: Op, out: Var) -> Op:
    return Op((out,), op.prim, op.args, op.attrs, op.span)


def rank(kind: Kind) -> int | None:
    """The rank of an array of floats; None for all else."""
    return kind.rank if isinstance(kind, Array) and kind.dtype in FLOATS else None
