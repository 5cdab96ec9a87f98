"""Keep in rows what is asked for in rows: one array instead of a tape and a copy.

    h.3, tape.3 = for i in range n          rows.0 = empty n, ...
        with tape.1 = tape:                 h.3, rows.3 = for i in range n
        tape.2 = push tape.1, h.1               with rows.1 = rows.0:
        ...                                     rows.2 = setitem rows.1[i], h.1
    rows.0 = empty n, ...           ->          ...
    ... = for i in backward range n         ... = for i in backward range n:
        with rows.1 = rows.0, ...:              h.5 = getitem rows.3[i]
        tape.5, h.5 = pop tape.4                ...
        rows.2 = setitem rows.1[i], h.5
        ...

`stack` puts the values of all trips back into the rows of one array, for the product
after the loop. Where each of them comes from a tape that the forward half has filled, a
value in each trip, it is written to its row at once, and read there.

        tape.5, a.5 = pop tape.4                a.5 = getitem rows.3[i]
        ...                             ->      ...
        rows.2 = setitem rows.1[i], a_bar       rows.4 = setitem rows.3[i], a_bar

What is put into rows in its stead, of the same shape, takes its place: the adjoint of
what a trip has kept is written over it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from s2sad.analysis.lineage import WRITES
from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Atom, Block, For, Function, Op, Stmt, Var
from s2sad.ir.walk import blocks, stmt_uses, with_blocks
from s2sad.opt.dce import dce
from s2sad.opt.facts import count_uses, has_effect
from s2sad.rules import TABLE

Makers = Mapping[Atom, Stmt]


def in_rows(function: Function) -> Function:
    keeper = Keeper(count_uses(function))
    body = keeper.block(function.body)
    return dce(replace(function, body=body)) if keeper.changed else function


@dataclass
class Kept:
    """A tape between two loops, and the rows that the second writes of it."""

    push: Op
    pop: Op
    write: Op
    slot: int  # of the tape, in the first loop; and in the second
    popped: int
    row: int  # of the rows, in the second
    moved: list[Op]  # what makes the rows, in order

    @property
    def is_replaced(self) -> bool:
        """Is something else written to the row?"""
        return self.write.args[1] is not self.pop.outs[1]


class Keeper:
    def __init__(self, uses: Mapping[Var, int]) -> None:
        self.uses = uses
        self.changed = False

    def block(self, block: Block) -> Block:
        stmts = [
            with_blocks(stmt, tuple(map(self.block, blocks(stmt))))
            for stmt in block.stmts
        ]
        while (found := self.pair(stmts)) is not None:
            stmts, self.changed = rewritten(stmts, *found), True
        return replace(block, stmts=tuple(stmts))

    # ---- what there is ---------------------------------------------------------------

    def pair(self, stmts: list[Stmt]) -> tuple[int, int, Kept] | None:
        """Rows of what is kept itself before those of what may take its place."""
        found = list(self.pairs(stmts))
        return min(found, key=lambda each: each[2].is_replaced, default=None)

    def pairs(self, stmts: list[Stmt]) -> Iterator[tuple[int, int, Kept]]:
        for at, stmt in enumerate(stmts):
            if isinstance(stmt, For) and is_plain(stmt) and stmt.backward:
                for first, kept in self.of_loop(stmt, stmts[:at]):
                    yield first, at, kept

    def of_loop(self, back: For, before: list[Stmt]) -> Iterator[tuple[int, Kept]]:
        makers: Makers = {out: s for s in before for out in s.outs}
        inside = {out: s for s in back.body.stmts for out in s.outs}
        for popped, tape in enumerate(back.inits):
            forth = makers.get(tape)
            if not isinstance(forth, For) or not is_plain(forth) or forth.backward:
                continue
            if (forth.start, forth.stop, forth.step) != (
                back.start,
                back.stop,
                back.step,
            ):
                continue
            slot = forth.outs.index(tape)  # type: ignore[arg-type]
            pop, push = self.pop(back, popped, inside), self.push(forth, slot, makers)
            if pop is None or push is None or not is_same(push.args[1], pop.outs[1]):
                continue
            first = before.index(forth)
            for row in range(len(back.params)):
                write = self.write(back, row, inside, pop.outs[1])
                if write is None:
                    continue
                moved = self.moved(back.inits[row], first, before)
                if moved is not None:
                    kept = Kept(push, pop, write, slot, popped, row, moved)
                    yield first, kept

    def once(self, *variables: Atom) -> bool:
        return all(self.uses.get(var) == 1 for var in variables)  # type: ignore

    def pop(self, back: For, k: int, inside: Makers) -> Op | None:
        """What takes a value off the tape in each trip, if nothing else reads it."""
        op, param = inside.get(back.body.yields[k]), back.params[k]
        if not isinstance(op, Op) or op.prim != "pop" or op.args[0] is not param:
            return None
        alone = self.once(back.inits[k], param, op.outs[0])
        return op if alone and not self.uses.get(back.outs[k]) else None

    def push(self, forth: For, k: int, makers: Makers) -> Op | None:
        """What puts a value on it in each trip, if it begins with none."""
        ops: Makers = {out: s for s in forth.body.stmts for out in s.outs}
        op, begun = ops.get(forth.body.yields[k]), makers.get(forth.inits[k])
        param = forth.params[k]
        if not isinstance(op, Op) or op.prim != "push" or op.args[0] is not param:
            return None
        if not isinstance(begun, Op) or begun.prim != "tape":
            return None
        return op if self.once(forth.inits[k], param, op.outs[0]) else None

    def write(self, back: For, k: int, inside: Makers, value: Var) -> Op | None:
        """What writes the value, or what may replace it, to the row of the trip, if all
        it does is fill rows.
        """
        op, param = inside.get(back.body.yields[k]), back.params[k]
        if not isinstance(op, Op) or op.prim != "setitem":
            return None
        if op.attrs["path"] != "[#]" or len(op.args) != 3:
            return None
        if op.args[0] is not param or op.args[2] is not back.index:
            return None
        if op.args[1] is not value:
            if not may_replace(op.args[1], value) or handed_on(value, back, op):
                return None
        rows, kind = param.kind, value.kind
        fits = (
            isinstance(rows, Array)
            and isinstance(kind, Array)
            and rows.dtype == kind.dtype
            and kind.rank is not None
            and rows.rank == kind.rank + 1
        )
        return op if fits and self.once(back.inits[k], param, op.outs[0]) else None

    def moved(self, rows: Atom, first: int, before: list[Stmt]) -> list[Op] | None:
        """What makes the empty rows after the first loop and could stand before it."""
        late = {out: stmt for stmt in before[first:] for out in stmt.outs}
        made = late.get(rows)
        if not isinstance(made, Op) or made.prim != "empty":
            return None
        found: list[Op] = []
        todo: list[Stmt] = [made]
        while todo:
            stmt = todo.pop()
            if not isinstance(stmt, Op) or has_effect(stmt):
                return None
            if stmt not in found:
                found.append(stmt)
                todo += [late[atom] for atom in stmt.args if atom in late]  # type: ignore
        return sorted(found, key=before.index)


# ---- the two loops as they are then --------------------------------------------------


def rewritten(stmts: list[Stmt], first: int, at: int, kept: Kept) -> list[Stmt]:
    forth, back = stmts[first], stmts[at]
    assert isinstance(forth, For) and isinstance(back, For)
    moved = [replace(op, span=forth.span) for op in kept.moved]
    rest = [stmt for stmt in stmts[first + 1 : at] if stmt not in kept.moved]
    if kept.is_replaced:
        forth = filling(forth, back, kept)
        back = replacing(back, kept, forth.outs[kept.slot])
    else:
        forth, back = filling(forth, back, kept), reading(back, kept)
    return [*stmts[:first], *moved, forth, *rest, back, *stmts[at + 1 :]]


def is_plain(loop: For) -> bool:
    return loop.body.stop is None


def is_same(pushed: Atom, popped: Var) -> bool:
    """Is what comes off of the very shape of what was put on?"""
    a, b = pushed.kind, popped.kind
    if not isinstance(a, Array) or not isinstance(b, Array):
        return False
    return a == b and a.dims is not None and None not in a.dims


def may_replace(written: Atom, kept: Var) -> bool:
    """Is it as large a matrix? Vectors are small beside what a loop multiplies by."""
    rank = kept.kind.rank if isinstance(kept.kind, Array) else None
    return rank is not None and rank > 1 and is_same(written, kept)


def handed_on(value: Var, loop: For, write: Op) -> bool:
    """May the next trip read its memory?"""
    same = {value}
    for stmt in loop.body.stmts:
        if stmt is write or isinstance(stmt, Op) and is_formula(stmt):
            continue
        read = stmt_uses(stmt)
        if isinstance(stmt, Op) and stmt.prim in WRITES:
            read = stmt.args[:1]  # type: ignore[assignment]
        if not same.isdisjoint(read):
            same.update(stmt.outs)
    return not same.isdisjoint(loop.body.yields)  # type: ignore[arg-type]


def is_formula(op: Op) -> bool:
    """Does it give an array of its own?"""
    return TABLE[op.prim].verb == "smooth" or op.prim in ("matmul", "sum", "copy")


def filling(forth: For, back: For, kept: Kept) -> For:
    """The first loop with rows in the place of the tape."""
    (row,) = kept.write.outs
    index = forth.index
    if not index.name.strip("_"):
        index.name = "i"  # now it is read
    param = back.params[kept.row]
    attrs = {"path": "[#]", "keeps": True}
    value, init, out = kept.push.args[1], back.inits[kept.row], back.outs[kept.row]
    if kept.is_replaced:
        name = f"{value.name}_rows" if isinstance(value, Var) and value.name else "rows"
        for var in (init, param, row, out):
            var.name = name  # type: ignore[union-attr]
        row, param, out = row.like(), param.like(), out.like()
    write = Op((row,), "setitem", (param, value, index), attrs)
    stmts = tuple(
        replace(write, span=kept.push.span) if stmt is kept.push else stmt
        for stmt in forth.body.stmts
    )
    k = kept.slot
    return replace(
        forth,
        outs=put(forth.outs, k, out),
        params=put(forth.params, k, param),
        inits=put(forth.inits, k, init),
        body=replace(forth.body, stmts=stmts, yields=put(forth.body.yields, k, row)),
    )


def reading(back: For, kept: Kept) -> For:
    """The second loop without the tape; a row is read where it is needed first."""
    rows, value = back.outs[kept.row], kept.pop.outs[1]
    read = Op((value,), "getitem", (rows, back.index), {"path": "[#]"}, kept.pop.span)
    gone_ops = (kept.pop, kept.write)
    stmts = [stmt for stmt in back.body.stmts if stmt not in gone_ops]
    readers = (at for at, stmt in enumerate(stmts) if value in stmt_uses(stmt))
    first = next(readers, len(stmts))
    if first < len(stmts) or value in back.body.yields:
        stmts.insert(first, read)
    gone = {kept.popped, kept.row}
    left = [k for k in range(len(back.params)) if k not in gone]
    return replace(
        back,
        outs=tuple(back.outs[k] for k in left),
        params=tuple(back.params[k] for k in left),
        inits=tuple(back.inits[k] for k in left),
        body=replace(
            back.body,
            stmts=tuple(stmts),
            yields=tuple(back.body.yields[k] for k in left),
        ),
    )


def replacing(back: For, kept: Kept, rows: Var) -> For:
    """The second loop, which reads each row and then writes another in its place."""
    param, value = back.params[kept.row], kept.pop.outs[1]
    read = Op((value,), "getitem", (param, back.index), {"path": "[#]"}, kept.pop.span)
    stmts = [stmt for stmt in back.body.stmts if stmt is not kept.write]
    stmts[stmts.index(kept.pop)] = read
    back = replace(
        back,
        inits=put(back.inits, kept.row, rows),
        body=replace(back.body, stmts=(*stmts, kept.write)),
    )
    left = [k for k in range(len(back.params)) if k != kept.popped]
    return replace(
        back,
        outs=tuple(back.outs[k] for k in left),
        params=tuple(back.params[k] for k in left),
        inits=tuple(back.inits[k] for k in left),
        body=replace(back.body, yields=tuple(back.body.yields[k] for k in left)),
    )


def put(items: tuple, k: int, item: object) -> tuple:
    made = list(items)
    made[k] = item
    return tuple(made)
