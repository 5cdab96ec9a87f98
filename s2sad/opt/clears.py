"""Drop the clearing of adjoints that no later trip of a loop reads.

    w = for i in backward range n with a.1 = a_bar, w.1 = 0.0:
        v = getitem a.1[i]
        a.2 = setitem a.1[i], 0.0
        w.2 = add w.1, v                  w = for i in backward range n with w.1 = 0.0:
        yield a.2, w.2             ->         v = getitem a_bar[i]
                                              w.2 = add w.1, v
                                              yield w.2

Writing an element moves its adjoint out and clears it. That is for those who read the
element later; if every read in the loop is at the loop's own index, which is another
element in each trip, and after the loop only elements are read that it does not come
to, there are none. An index that may be negative may name an element twice (`u[5]`,
`u[-1]`), so it must be known not to be. Nor need an element at a number be cleared
where only elements at other numbers are read below:

    a.2 = setitem a.1[1], 0.0
    v = getitem a.2[0]             ->    v = getitem a.1[0]
"""

from __future__ import annotations

from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Block, For, Function, Lit, Op, Stmt, Var
from s2sad.ir.paths import Subscript, parse_path
from s2sad.ir.walk import blocks, exits, operands
from s2sad.opt.facts import is_free, is_straight, number
from s2sad.opt.rewrite import Rewriter

Readers = dict[Var, list["Stmt | Block"]]

READS = ("getitem", "item")
WRITES = ("setitem", "additem")


def clears(function: Function) -> Function:
    if is_straight(function):
        return function
    return Clears(readers_of(function)).run(function)


class Clears(Rewriter):
    def __init__(self, readers: Readers) -> None:
        super().__init__()
        self.readers = readers
        self.vain: set[Var] = set()  # what clears leave that nobody needs

    def op(self, op: Op) -> None:
        if op.outs and (op.outs[0] in self.vain or self.is_last(op)):
            self.use(op.outs[0], op.args[0])
        else:
            self.emit(op)

    def enter(self, stmt: Stmt) -> Stmt:
        if isinstance(stmt, For) and distinct(stmt):
            for k in range(len(stmt.params)):
                self.carried(stmt, k)
        return stmt

    def carried(self, loop: For, k: int) -> None:
        """Note the clear of a carried array if no later trip reads what it clears."""
        var, end = loop.params[k], loop.body.yields[k]
        if end is var or not isinstance(var.kind, Array):
            return
        clear: Op | None = None
        axes: set[int | None] = set()
        while var is not end:
            write: Op | None = None
            for reader in self.readers.get(var, ()):
                if not isinstance(reader, Op):
                    return
                if reader.prim == "getitem" and clear is None:
                    axes.add(own_axis(reader, 1, loop.index))
                elif reader.prim in WRITES and reader.args[0] is var and not write:
                    write = reader
                else:
                    return
            if write is None or write.args.count(var) != 1:
                return
            if write.prim == "setitem":
                if clear is not None or not is_clear(write):
                    return
                clear = write
                axes.add(own_axis(write, 2, loop.index))
            var = write.outs[0]
        if clear is None or len(axes) != 1 or None in axes:
            return
        if self.readers.get(var) != [loop.body] or not self.short_of(loop, k, axes):
            return
        self.vain.add(clear.outs[0])

    def short_of(self, loop: For, k: int, axes: set[int | None]) -> bool:
        """Are after the loop only elements read whose number is below its indices?"""
        least = lowest(loop)
        return least is not None and all(
            isinstance(reader, Op)
            and reader.prim in READS
            and axes == {0}
            and (place := literal(reader, 1)) is not None
            and 0 <= place < least
            for reader in self.readers.get(loop.outs[k], ())
        )

    def is_last(self, op: Op) -> bool:
        """Does it clear a place by number, with only other places read below?"""
        if op.prim != "setitem" or not is_clear(op):
            return False
        place = literal(op, 2)
        return place is not None and all(
            isinstance(reader, Op)
            and reader.prim in READS
            and (other := literal(reader, 1)) is not None
            and other != place
            and (other < 0) == (place < 0)
            for reader in self.readers.get(op.outs[0], ())
        )


def is_clear(op: Op) -> bool:
    return number(op.args[1]) == 0 and is_free(op.args[1], op)


def literal(op: Op, bases: int) -> int | None:
    """The number by which a path picks from the first axis."""
    if op.attrs["path"] != "[#]":
        return None
    index = op.args[bases]
    return index.value if isinstance(index, Lit) and type(index.value) is int else None


def lowest(loop: For) -> int | None:
    """A number that no index of the loop is below."""
    step, start, stop = number(loop.step), number(loop.start), number(loop.stop)
    if not step:
        return None
    least = start if step > 0 else stop
    return None if least is None else int(least) + (0 if step > 0 else 1)


def distinct(loop: For) -> bool:
    """Is the index another element in each trip, as none of its values is negative?"""
    least = lowest(loop)
    return least is not None and least >= 0


def own_axis(op: Op, bases: int, index: Var) -> int | None:
    """The axis that a path picks an element of by `index` alone."""
    step = parse_path(str(op.attrs["path"]))[0]
    if not isinstance(step, Subscript):
        return None
    for axis, item in enumerate(step.items):
        if item is None or item is ...:
            return None
        if type(item) is int:
            atom = op.args[bases + item]
            if atom is index:
                return axis
            if isinstance(atom.kind, Array):  # a mask takes as many axes as it has
                return None
    return None


def readers_of(function: Function) -> Readers:
    """Who reads each variable: statements themselves, and blocks where they end."""
    found: Readers = {}
    pending = [function.body]
    while pending:
        block = pending.pop()
        for stmt in block.stmts:
            for atom in operands(stmt):
                if isinstance(atom, Var):
                    found.setdefault(atom, []).append(stmt)
            pending.extend(blocks(stmt))
        for atom in exits(block):
            if isinstance(atom, Var):
                found.setdefault(atom, []).append(block)
    return found
