"""Drop writes to elements that nobody reads later, above all the clearing of adjoints.

    w = for i in backward range n with a.1 = a_bar, w.1 = 0.0:
        v = getitem a.1[i]
        a.2 = setitem a.1[i], 0.0
        w.2 = add w.1, v                  w = for i in backward range n with w.1 = 0.0:
        yield a.2, w.2             ->         v = getitem a_bar[i]
                                              w.2 = add w.1, v
                                              yield w.2

Writing an element moves its adjoint out and clears it. That is for those who read the
element later. If every later read, in this trip or the next ones or after the loop, is
certain to be of another element (`analysis/overlap.py`), there are none. An index that
may be negative may name an element twice (`u[5]`, `u[-1]`): it must be known not to.
The same holds for all that differentiation writes, and for what the user writes at
numbers: `x[0] = v` where only `x[1]` is read.
"""

from __future__ import annotations

from s2sad.analysis.lineage import WRITES, Lineage
from s2sad.analysis.overlap import Access, meet
from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Block, For, Function, If, Lit, Op, Stmt, Var, While
from s2sad.ir.walk import exits, statements
from s2sad.opt.facts import is_derived, is_free, number
from s2sad.opt.rewrite import Rewriter

Readers = dict[Var, list["Stmt | Block"]]

# They look at no element.
SHAPES = frozenset("shape len size ndim zeros_like ones_like".split())
MANY, VERSIONS = 24, 100  # reads that are compared, and versions: with more it stays


def clears(function: Function) -> Function:
    writes = [op for op in statements(function.body) if is_candidate(op)]
    return Clears(function, writes).run(function) if writes else function  # type: ignore


def is_candidate(op: Stmt) -> bool:
    return (
        isinstance(op, Op)
        and op.prim in WRITES
        and isinstance(op.outs[0].kind, Array)
        and (is_derived(op) or is_clear(op) or is_at_numbers(op))
    )


def is_at_numbers(op: Op) -> bool:
    return all(isinstance(atom, Lit) for atom in op.args[2:])


class Clears(Rewriter):
    def __init__(self, function: Function, writes: list[Op]) -> None:
        super().__init__()
        self.function = function
        self.readers = readers_of(function)
        self.lineage: Lineage | None = None  # made when it is first asked
        self.vain: set[Var] = {op.outs[0] for op in writes if self.is_vain(op)}

    def op(self, op: Op) -> None:
        if op.outs and op.outs[0] in self.vain:
            self.use(op.outs[0], op.args[0], rename=False)
        else:
            self.emit(op)

    def is_vain(self, write: Op) -> bool:
        """Does nobody read the place that it writes, after it?"""
        versions = {write.outs[0]}
        reads = self.later(write.outs[0], versions)
        if reads is None:
            return False
        return not any(self.meets(write, read, versions) for read in reads)

    def later(self, out: Var, seen: set[Var]) -> list[Op] | None:
        """Who reads elements of this version and of later ones; None if others do.

        The versions are entered in `seen`.
        """
        found: list[Op] = []
        todo = [out]
        while todo:
            if len(found) > MANY or len(seen) > VERSIONS:
                return None
            var = todo.pop()
            for reader in self.readers.get(var, ()):
                after = self.passes(reader, var, found)
                if after is None:
                    return None
                todo += [v for v in after if v not in seen]
                seen.update(after)
        return found

    def passes(
        self, reader: Stmt | Block, var: Var, found: list[Op]
    ) -> list[Var] | None:
        """The versions that a reader makes of one; its reads of elements are noted."""
        if isinstance(reader, Block):
            return self.ends(reader, var)
        if isinstance(reader, (For, While)):
            slots = [k for k, init in enumerate(reader.inits) if init is var]
            return [v for k in slots for v in (reader.params[k], reader.outs[k])]
        if not isinstance(reader, Op) or var in reader.args[1:]:
            return None
        if reader.prim in SHAPES:
            return []
        if reader.prim == "getitem":
            found.append(reader)
            return []
        if reader.prim not in WRITES:
            return None
        if reader.prim == "additem":
            found.append(reader)
        return [reader.outs[0]]

    def ends(self, block: Block, var: Var) -> list[Var] | None:
        stmt = self.whole().holder.get(block)
        if stmt is None or block.stop is var:
            return None
        if isinstance(stmt, While) and block is stmt.test:
            return None
        slots = [k for k, end in enumerate(block.yields) if end is var]
        if isinstance(stmt, If):
            return [stmt.outs[k] for k in slots]
        assert isinstance(stmt, (For, While))
        return [v for k in slots for v in (stmt.params[k], stmt.outs[k])]

    def whole(self) -> Lineage:
        if self.lineage is None:
            self.lineage = Lineage(self.function.body)
        return self.lineage

    def meets(self, write: Op, read: Op, versions: set[Var]) -> bool:
        lineage = self.whole()
        first, then = (
            Access(op, lineage.where[lineage.block[op]]) for op in (write, read)
        )
        common = []
        for one, two in zip(first.where.loops, then.where.loops, strict=False):
            if one is not two:
                break
            common.append(one)
        same_trip = lineage.at[read] > lineage.at[write]
        return meet(lineage, first, then, common, same_trip, versions)


def is_clear(op: Op) -> bool:
    return number(op.args[1]) == 0 and is_free(op.args[1], op)


def readers_of(function: Function) -> Readers:
    """Who reads each variable: statements themselves, and blocks where they end."""
    found: Readers = {}
    pending = [function.body]
    while pending:
        block = pending.pop()
        for stmt in block.stmts:
            for atom in stmt.operands:
                if isinstance(atom, Var):
                    if atom in found:
                        found[atom].append(stmt)
                    else:
                        found[atom] = [stmt]
            pending += stmt.inner
        for atom in exits(block):
            if isinstance(atom, Var):
                found.setdefault(atom, []).append(block)
    return found
