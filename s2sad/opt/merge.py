"""Make one of results that are equal wherever they are read.

    b.1, b.2 = if c:                      b.1 = if c:
        v = exp x                             v = exp x
        yield v, v                            yield v
    else:                                 else:
        yield x, undef             ->         yield x
    a = if c:                             a = if c:
        y = mul b.2, w                        y = mul b.1, w
        yield y                               yield y
    else:                                 else:
        yield 0.0                             yield 0.0

What the reverse half needs of a branch leaves it as a result that is `undef` after the
other branch. If another result is the same after this one, it serves, provided that
every read is under the same condition: elsewhere, reading `undef` is an error of the
user's that must stay one. Two results that are the same after either branch, and None
after one, are one wherever they are read; so are two carried values of a loop that
start and go on as one.
"""

from __future__ import annotations

from s2sad.ir.kinds import Scalar
from s2sad.ir.nodes import NONE, UNDEF, Atom, Block, Function, If, Op, Stmt, Var
from s2sad.ir.walk import blocks, exits, operands
from s2sad.opt.facts import is_straight, plain
from s2sad.opt.rewrite import Rewriter

# A result that is of use after one branch only: the condition, and which branch.
Side = tuple[Atom, bool]


def merge(function: Function) -> Function:
    if is_straight(function):
        return function
    sides = one_sided(function.body)
    return Merge(only_there(function.body, sides)).run(function)


class Merge(Rewriter):
    looks_at_ops = False

    def __init__(self, sides: dict[Var, Side]) -> None:
        super().__init__()
        self.sides = sides

    def enter(self, stmt: Stmt) -> Stmt:
        if isinstance(stmt, If):
            self.branch(stmt)
        elif not isinstance(stmt, Op):
            self.loop(stmt)
        return stmt

    def branch(self, stmt: If) -> None:
        """Results that another result of the statement stands for."""
        for j, out in enumerate(stmt.outs):
            side = self.sides.get(out)
            if side is None or out in self.table:
                continue
            block = stmt.then if side[1] else stmt.orelse
            for i, other in enumerate(stmt.outs):
                same = i != j and block.yields[i] == block.yields[j]
                if same and other not in self.table and alike(out, other):
                    self.use(out, other)
                    break
        first: dict[tuple[Atom, Atom], Var] = {}
        for key in zip(stmt.outs, stmt.then.yields, stmt.orelse.yields, strict=True):
            out, pair = key[0], key[1:]
            if (NONE in pair or UNDEF in pair) and out not in self.table:
                other = first.setdefault(pair, out)
                if other is not out and alike(out, other):
                    self.use(out, other)

    def loop(self, stmt) -> None:
        first: dict[tuple[Atom, Atom], int] = {}
        for k, key in enumerate(zip(stmt.inits, stmt.body.yields, strict=True)):
            i = first.setdefault(key, k)
            out, other = stmt.outs[k], stmt.outs[i]
            if i == k or out in self.table or not alike(out, other) or UNDEF in key:
                continue
            self.use(stmt.params[k], stmt.params[i])
            self.use(out, other)


def alike(a: Var, b: Var) -> bool:
    """May `b` stand for `a`? The type of one number may be known better."""
    both_numbers = isinstance(a.kind, Scalar) and isinstance(b.kind, Scalar)
    return both_numbers or plain(a.kind) == plain(b.kind)


def one_sided(body: Block) -> dict[Var, Side]:
    """The results that are `undef` after one branch."""
    found: dict[Var, Side] = {}
    todo = [body]
    while todo:
        for stmt in todo.pop().stmts:
            if isinstance(stmt, Op):
                continue
            if isinstance(stmt, If) and stmt.tests:
                pairs = zip(
                    stmt.outs, stmt.then.yields, stmt.orelse.yields, strict=True
                )
                for out, a, b in pairs:
                    if (a == UNDEF) != (b == UNDEF):
                        found[out] = (stmt.cond, b == UNDEF)
            todo.extend(blocks(stmt))
    return found


def only_there(body: Block, sides: dict[Var, Side]) -> dict[Var, Side]:
    """Those of `sides` that are read under their condition only."""
    if not sides:
        return sides
    left = dict(sides)

    def read(atoms: tuple[Atom, ...], known: dict[Atom, bool]) -> None:
        for atom in atoms:
            side = left.get(atom) if isinstance(atom, Var) else None
            if side is not None and known.get(side[0]) is not side[1]:
                del left[atom]  # type: ignore[arg-type]

    def go(block: Block, known: dict[Atom, bool]) -> None:
        for stmt in block.stmts:
            read(operands(stmt), known)
            if isinstance(stmt, If) and stmt.tests:
                go(stmt.then, {**known, stmt.cond: True})
                go(stmt.orelse, {**known, stmt.cond: False})
            else:
                for inner in blocks(stmt):
                    go(inner, known)
        read(exits(block), known)

    go(body, {})
    return left
