"""Drop the clearing of adjoints that no later trip of a loop reads.

    w = for i in backward range n with a.1 = a_bar, w.1 = 0.0:
        v = getitem a.1[i]
        a.2 = setitem a.1[i], 0.0
        w.2 = add w.1, v                  w = for i in backward range n with w.1 = 0.0:
        yield a.2, w.2             ->         v = getitem a_bar[i]
                                              w.2 = add w.1, v
                                              yield w.2

Writing an element moves its adjoint out and clears it. That is for those who read the
element later; if every read in the loop is at the loop's own index (or at `i + 1`, at
`n - 1 - i`), which is another element in each trip, and after the loop only elements
are read that it does not come to, there are none. An index that may be negative may
name an element twice (`u[5]`, `u[-1]`), so it must be known not to be. Nor need an
element at a number be written where only elements at other numbers are read below:

    a.2 = setitem a.1[1], x
    v = getitem a.2[0]             ->    v = getitem a.1[0]
"""

from __future__ import annotations

from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Atom, Block, For, Function, Lit, Op, Stmt, Var
from s2sad.ir.paths import Subscript, parse_path
from s2sad.ir.walk import blocks, exits, operands, statements
from s2sad.opt.facts import is_free, number
from s2sad.opt.rewrite import Rewriter

Readers = dict[Var, list["Stmt | Block"]]

READS = ("getitem", "item")
WRITES = ("setitem", "additem")


def clears(function: Function) -> Function:
    if not any(
        isinstance(s, Op) and s.prim in WRITES for s in statements(function.body)
    ):
        return function
    return Clears(readers_of(function)).run(function)


class Clears(Rewriter):
    def __init__(self, readers: Readers) -> None:
        super().__init__()
        self.readers = readers
        self.vain: set[Var] = set()  # what clears leave that nobody needs
        self.makers: dict[Var, Op] = {}

    def op(self, op: Op) -> None:
        if op.prim in ("add", "sub"):
            self.makers[op.outs[0]] = op
        if op.outs and (op.outs[0] in self.vain or self.is_last(op)):
            self.use(op.outs[0], op.args[0])
        else:
            self.emit(op)

    def enter(self, stmt: Stmt) -> Stmt:
        if isinstance(stmt, For) and distinct(stmt):
            moved = self.moved(stmt)
            for k in range(len(stmt.params)):
                self.carried(stmt, k, moved)
        return stmt

    def moved(self, loop: For) -> dict[Var, int | None]:
        """What is another element in each trip, and a number that none is below."""
        least = lowest(loop)
        found = {loop.index: least}
        for op in loop.body.stmts:
            if not isinstance(op, Op) or op.prim not in ("add", "sub"):
                continue
            self.makers[op.outs[0]] = op
            left, right = op.args
            if left is not loop.index:
                left, right = (right, left) if op.prim == "add" else (left, right)
            if left is loop.index and isinstance(right, Lit):
                more = number(right)
                if isinstance(more, int) and least is not None:
                    found[op.outs[0]] = least + (more if op.prim == "add" else -more)
            elif right is loop.index and self.is_last_index(loop, left):
                found[op.outs[0]] = 0
        return {var: low for var, low in found.items() if low is None or low >= 0}

    def is_last_index(self, loop: For, atom: Atom) -> bool:
        """Is it `n - 1`, of a loop over `range(n)`?"""
        op = self.makers.get(atom) if isinstance(atom, Var) else None
        if op is None or op.prim != "sub" or number(loop.step) != 1:
            return False
        return op.args[0] == loop.stop and number(op.args[1]) == 1

    def carried(self, loop: For, k: int, moved: dict[Var, int | None]) -> None:
        """Note the clear of a carried array if no later trip reads what it clears."""
        var, end = loop.params[k], loop.body.yields[k]
        if end is var or not isinstance(var.kind, Array):
            return
        clear: Op | None = None
        places: set[tuple[int, Var] | None] = set()
        while var is not end:
            write: Op | None = None
            for reader in self.readers.get(var, ()):
                if not isinstance(reader, Op):
                    return
                if reader.prim == "getitem" and clear is None:
                    places.add(own_place(reader, 1, moved))
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
                places.add(own_place(write, 2, moved))
            var = write.outs[0]
        place = places.pop() if len(places) == 1 else None
        if clear is None or place is None:
            return
        axis, index = place
        if self.readers.get(var) != [loop.body]:
            return
        if not self.short_of(loop, k, axis, moved[index]):
            return
        self.vain.add(clear.outs[0])

    def short_of(self, loop: For, k: int, axis: int, least: int | None) -> bool:
        """Are after the loop only elements read whose number is below its indices?"""
        return least is not None and all(
            isinstance(reader, Op)
            and reader.prim in READS
            and axis == 0
            and (place := literal(reader, 1)) is not None
            and 0 <= place < least
            for reader in self.readers.get(loop.outs[k], ())
        )

    def is_last(self, op: Op) -> bool:
        """Does it write to a place by number, with only other places read below?"""
        if op.prim not in WRITES or not isinstance(op.args[0].kind, Array):
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


def own_place(
    op: Op, bases: int, moved: dict[Var, int | None]
) -> tuple[int, Var] | None:
    """The axis along which a path picks another element in each trip, and by what."""
    step = parse_path(str(op.attrs["path"]))[0]
    if not isinstance(step, Subscript):
        return None
    for axis, item in enumerate(step.items):
        if item is None or item is ...:
            return None
        if type(item) is int:
            atom = op.args[bases + item]
            if isinstance(atom, Var) and atom in moved:
                return axis, atom
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
