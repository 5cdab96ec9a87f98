"""Go through a tape by itself, where it is as long as there are trips to go back over.

    tape.0 = tape                                  tape.0 = tape
    x, tape.2, n = while ... trips = 0:            x, tape.2 = while ...:
        tape.1 = push tape.0, x                        tape.1 = push tape.0, x
        yield x, tape.1, trips + 1        ->           yield x, tape.1
    ... = for trip in range n:                     n = len tape.2
        tape.4, x = pop tape.3                     ... = for trip in range n:
                                                       tape.4, x = pop tape.3

Each trip puts one value on the tape and nothing else does; so nobody need count. What
takes one value off in each trip, and begins with that, is printed as a loop through the
tape (`emit/loops.py`). A tape of whole numbers holds counts itself, and stays as it is.
"""

from __future__ import annotations

from s2sad.ir.kinds import INT, Kind, Scalar, Tape
from s2sad.ir.nodes import Atom, Block, For, Function, Lit, Op, Stmt, Var, While
from s2sad.ir.walk import primitives
from s2sad.opt.facts import count_uses
from s2sad.opt.rewrite import Rewriter

Makers = dict[Atom, Stmt]


def drain(function: Function) -> Function:
    if primitives(function.body).isdisjoint(("For", "While")):
        return function
    found: dict[Var, Var] = {}
    todo = [function.body]
    uses: dict[Var, int] | None = None
    while todo:
        block = todo.pop()
        for stmt in block.stmts:
            todo += stmt.inner
            if isinstance(stmt, While) or (isinstance(stmt, For) and stmt.body.stop):
                if uses is None:
                    uses = count_uses(function)
                found.update(counted_by_tapes(stmt, block, uses))
    return Drain(found).run(function) if found else function


class Drain(Rewriter):
    def __init__(self, found: dict[Var, Var]) -> None:
        super().__init__()
        self.found = found

    def block(self, block: Block) -> Block:
        outer, self.stmts = self.stmts, []
        for stmt in block.stmts:
            self.stmt(stmt)
            for out in stmt.outs:
                if out in self.found:
                    length = Var("", INT)
                    self.stmts.append(
                        Op((length,), "len", (self.found[out],), span=stmt.span)
                    )
                    self.use(out, length, rename=False)
        stmts, self.stmts = self.stmts, outer
        stop = None if block.stop is None else self.get(block.stop)
        return Block(tuple(stmts), self.all(block.yields), stop)


def counted_by_tapes(
    loop: For | While, block: Block, uses: dict[Var, int]
) -> dict[Var, Var]:
    """The number of trips that a loop counts, and a tape that is as long."""
    ends = list(zip(loop.outs, loop.params, loop.inits, loop.body.yields, strict=True))
    makers: Makers = {out: stmt for stmt in loop.body.stmts for out in stmt.outs}
    counts = [
        out for out, param, init, end in ends if counts_up(param, init, makers, end)
    ]
    begun: dict[Atom, Var] = {
        stmt.outs[0]: stmt.outs[0]
        for stmt in block.stmts
        if isinstance(stmt, Op) and stmt.prim == "tape"
    }
    tapes = [
        out
        for out, param, init, end in ends
        if init in begun
        and uses.get(begun[init]) == uses.get(param) == uses.get(out) == 1
        and is_push(makers, end, param)
        and not is_int(out.kind)
    ]
    if not tapes:
        return {}
    return {count: tapes[0] for count in counts if uses.get(count)}


def counts_up(param: Var, init: Atom, makers: Makers, end: Atom) -> bool:
    op = makers.get(end)
    add = isinstance(op, Op) and op.prim == "add" and op.args == (param, Lit(1))
    return add and init == Lit(0)


def is_push(makers: Makers, end: Atom, tape: Var) -> bool:
    op = makers.get(end)
    return isinstance(op, Op) and op.prim == "push" and op.args[0] is tape


def is_int(kind: Kind) -> bool:
    """Is it a tape of whole numbers?"""
    elem = kind.elem if isinstance(kind, Tape) else kind
    return isinstance(elem, Scalar) and elem.dtype == "int"
