"""Ask the version of an array that is there anyway for its shape.

    a.3 = for i in range n with a.1 = a.0:        a.3 = for i in range n with a.1 = a.0:
        m = len a.0                          ->       m = len a.1
        a.2 = setitem a.1[i], m                       a.2 = setitem a.1[i], m
        yield a.2                                     yield a.2

All versions have one shape. The first one, which serves for all while passes look for
equal values, would have to stay as it was until it is asked: the last is being written
in its place.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.analysis.lineage import WRITES
from s2sad.analysis.numbers import numbers_at_first
from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Atom, Block, Call, For, Function, If, Op, Stmt, Var, While
from s2sad.ir.walk import primitives, statements, with_stmts
from s2sad.opt.facts import known_shape

# Which operand of a primitive serves for its shape alone.
ASKED = {
    "len": 0,
    "shape": 0,
    "size": 0,
    "ndim": 0,
    "zeros_like": 0,
    "ones_like": 0,
    "full_like": 0,
    "unbroadcast": 1,
}

Newest = dict[Var, Var]  # the first version -> the one that is there now


def newest(function: Function) -> Function:
    if primitives(function.body).isdisjoint(ASKED):
        return function
    walk = _Newest(numbers_at_first(statements(function.body)))
    return replace(function, body=walk.block(function.body, {}))


class _Newest:
    def __init__(self, numbers: set[Var]) -> None:
        self.numbers = numbers  # whose next version may be an array
        self.first: dict[Var, Var] = {}  # version -> the first of its array

    def root(self, atom: Atom) -> Var | None:
        if not isinstance(atom, Var) or not isinstance(atom.kind, Array):
            return None
        return self.first.get(atom, atom)

    def follow(self, new: Var, old: Atom, now: Newest) -> None:
        """`new` is the next version of the array that `old` is one of."""
        root = self.root(old)
        if root is not None:
            self.first[new] = root
            now[root] = new

    def there(self, atom: Atom, now: Newest) -> Atom:
        root = self.root(atom)
        return atom if root is None else now.get(root, atom)

    def block(self, block: Block, now: Newest) -> Block:
        return with_stmts(block, [self.stmt(stmt, now) for stmt in block.stmts])

    def stmt(self, stmt: Stmt, now: Newest) -> Stmt:
        if isinstance(stmt, Op):
            if stmt.prim in ASKED:
                return self.asks(stmt, now)
            if stmt.prim in WRITES or self.is_rebound(stmt):
                self.follow(stmt.outs[0], stmt.args[0], now)
            return stmt
        if isinstance(stmt, If):
            return self.branch(stmt, now)
        return stmt if isinstance(stmt, Call) else self.loop(stmt, now)

    def is_rebound(self, op: Op) -> bool:
        """Is it `x = x + v`, an array of the same name and shape?"""
        if op.prim not in ("add", "sub", "mul", "div"):
            return False
        base, out = op.args[0], op.outs[0]
        if not isinstance(base, Var) or base in self.numbers:
            return False
        if not out.name or base.name != out.name or base.kind != out.kind:
            return False
        return known_shape(out.kind)

    def asks(self, op: Op, now: Newest) -> Op:
        place = ASKED[op.prim]
        new = self.there(op.args[place], now)
        if new is op.args[place]:
            return op
        return replace(op, args=(*op.args[:place], new, *op.args[place + 1 :]))

    def branch(self, stmt: If, now: Newest) -> If:
        then, orelse = self.block(stmt.then, {**now}), self.block(stmt.orelse, {**now})
        for out, a, b in zip(stmt.outs, then.yields, orelse.yields, strict=True):
            if self.root(a) is self.root(b):
                self.follow(out, a, now)
        return replace(stmt, then=then, orelse=orelse)

    def loop(self, stmt: For | While, now: Newest) -> For | While:
        """Of a carried array, all versions are of one shape if it is one array."""
        slots = list(range(len(stmt.params)))
        while True:
            inside = dict(now)
            for k in slots:
                self.follow(stmt.params[k], stmt.inits[k], inside)
            new = stmt
            if isinstance(stmt, While):
                new = replace(stmt, test=self.block(stmt.test, dict(inside)))
            new = replace(new, body=self.block(stmt.body, inside))
            same = [
                k
                for k in slots
                if self.root(stmt.body.yields[k]) is self.root(stmt.inits[k])
            ]
            if same == slots:
                break
            for k in set(slots) - set(same):
                self.first.pop(stmt.params[k], None)
            slots = same
        for k in slots:
            self.follow(stmt.outs[k], stmt.inits[k], now)
        return new
