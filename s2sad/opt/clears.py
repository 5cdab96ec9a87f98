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
element in each trip, and the result of the loop is not used, there are none. An index
that may be negative may name an element twice (`u[5]`, `u[-1]`), so it must be known
not to be.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Block, For, Function, Op, Stmt, Var
from s2sad.ir.paths import Subscript, parse_path
from s2sad.ir.walk import blocks, exits, operands
from s2sad.opt.facts import is_free, is_straight, number
from s2sad.opt.rewrite import Rewriter

Readers = dict[Var, list["Stmt | Block"]]


def clears(function: Function) -> Function:
    if is_straight(function):
        return function
    return Clears(readers_of(function)).run(function)


class Clears(Rewriter):
    def __init__(self, readers: Readers) -> None:
        super().__init__()
        self.readers = readers

    def enter(self, stmt: Stmt) -> Stmt:
        if not isinstance(stmt, For) or not distinct(stmt):
            return stmt
        yields = list(stmt.body.yields)
        for k, param in enumerate(stmt.params):
            if self.vain(stmt, k):
                yields[k] = param
                self.changed = True
        return replace(stmt, body=replace(stmt.body, yields=tuple(yields)))

    def vain(self, loop: For, k: int) -> bool:
        """Is all that happens to this carried array that elements read are cleared?"""
        param, out, end = loop.params[k], loop.outs[k], loop.body.yields[k]
        if end is param or not isinstance(param.kind, Array) or out in self.readers:
            return False
        readers = self.readers.get(param, [])
        clear = next((r for r in readers if isinstance(r, Op) and end in r.outs), None)
        if clear is None or clear.prim != "setitem" or clear.args[0] is not param:
            return False
        value = clear.args[1]
        if number(value) != 0 or not is_free(value, clear):
            return False
        if self.readers.get(end) != [loop.body]:  # type: ignore[arg-type]
            return False
        axis = own_axis(clear, 2, loop.index)
        others = [reader for reader in readers if reader is not clear]
        return axis is not None and all(
            isinstance(reader, Op)
            and reader.prim == "getitem"
            and reader.args[0] is param
            and own_axis(reader, 1, loop.index) == axis
            for reader in others
        )


def distinct(loop: For) -> bool:
    """Is the index another element in each trip, as none of its values is negative?"""
    step = number(loop.step)
    if not step:
        return False
    least = number(loop.start) if step > 0 else number(loop.stop)
    return least is not None and least >= (0 if step > 0 else -1)


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
