"""Views undone: what was written through a view is in its base already.

    rows.0 = swapaxes a.0, 0, 1        rows = a.swapaxes(0, 1)
    rows.1 = setitem rows.0[0], v      rows[0] = v
    a.1 = swapaxes rows.1, 0, 1        (nothing: `a` has been written)

Where the writes are made in place, the way back to the base gives the base itself, and
its name still stands for it if nothing else has taken the name meanwhile.
"""

from __future__ import annotations

from s2sad.emit.classes import Classes
from s2sad.emit.nest import Nesting
from s2sad.emit.sharing import WRITES, Copies
from s2sad.emit.spelling import spelling_of
from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Atom, Block, Function, Op, Stmt, Var
from s2sad.ir.walk import blocks, definitions

TURNS = frozenset({"transpose", "swapaxes"})
ROWS = frozenset({"reshape", "ravel"})
NEW = frozenset("zeros ones empty full matmul outer concatenate stack".split())


def undone(
    function: Function, nesting: Nesting, classes: Classes, copies: Copies
) -> set[int]:
    """The ids of the statements that need no line."""
    found: set[int] = set()
    todo = [function.body]
    while todo:
        block = todo.pop()
        looks = _Looks(nesting, classes, copies, block)
        for back in looks.idle():
            found.add(id(back))
            for atom in back.args[1:]:  # nor is the shape asked for
                if isinstance(atom, Var):
                    nesting.counts[atom] -= 1
        for stmt in block.stmts:
            todo.extend(blocks(stmt))
    return found


class _Looks:
    """The views of one block."""

    def __init__(
        self, nesting: Nesting, classes: Classes, copies: Copies, block: Block
    ) -> None:
        self.nesting = nesting
        self.classes = classes
        self.copies = copies
        self.block = block
        self.known: dict[int, bool] = {}
        self.at = {id(stmt): k for k, stmt in enumerate(block.stmts)}
        self.makers = {
            stmt.outs[0]: stmt
            for stmt in block.stmts
            if isinstance(stmt, Op) and stmt.outs
        }

    def idle(self) -> list[Op]:
        return [
            stmt
            for stmt in self.block.stmts
            if isinstance(stmt, Op) and self.is_idle(stmt)
        ]

    def is_idle(self, back: Op) -> bool:
        if id(back) not in self.known:
            self.known[id(back)] = self._is_idle(back)
        return self.known[id(back)]

    def _is_idle(self, back: Op) -> bool:
        if back.prim not in TURNS | ROWS or not back.outs:
            return False
        look = self.look(back)
        if look is None or not self.leads_back(look, back):
            return False
        base, out = look.args[0], back.outs[0]
        if not isinstance(base, Var) or not self.are_one(base, out):
            return False
        mine = self.classes.of[out]
        between = self.block.stmts[self.at[id(look)] + 1 : self.at[id(back)]]
        return not any(
            self.classes.of.get(var) is mine
            for stmt in between
            if not isinstance(stmt, Op) or not self.is_idle(stmt)
            for var in set_by(stmt)
        )

    def look(self, back: Op) -> Op | None:
        """The view that was written through, in place, and is now undone."""
        if (id(back), 0) in self.copies.edges:
            return None
        var, written = back.args[0], False
        while isinstance(var, Var) and var not in self.nesting.inline:
            op = self.makers.get(var)
            if op is None:
                return None
            if op.prim in TURNS | ROWS:
                if self.is_idle(op):  # a view of a view, written and undone
                    inner = self.look(op)
                    assert inner is not None
                    var, written = inner.args[0], True
                    continue
                copied = (id(op), 0) in self.copies.edges
                return None if copied or not written else op
            if op.prim not in WRITES or id(op) in self.copies.writes:
                return None
            if not self.are_one(op.args[0], var):  # type: ignore[arg-type]
                return None
            var, written = op.args[0], True
        return None

    def leads_back(self, look: Op, back: Op) -> bool:
        """Does one undo the other?

        A row of elements is a view where the user saw one, or of a new array.
        """
        if look.prim in TURNS:
            alike = options(look) == options(back)
            plain = look.prim == "swapaxes" or "axes" not in options(look)
            return look.prim == back.prim and alike and plain
        if look.prim not in ROWS or back.prim != "reshape" or "strewn" in look.attrs:
            return False
        base, out = look.args[0].kind, back.outs[0].kind
        if not isinstance(base, Array) or not isinstance(out, Array):
            return False
        users = look.span is not None and not (look.span.reverse or look.span.derived)
        whole = users or self.is_whole(look.args[0])
        return whole and base == out and base.dims is not None and None not in base.dims

    def is_whole(self, atom: Atom) -> bool:
        """Do its elements lie one after the other, for it was made so?"""
        op = self.makers.get(atom) if isinstance(atom, Var) else None
        while op is not None and (op.prim in WRITES or self.is_idle(op)):
            if op.prim not in WRITES:
                op = self.look(op)
                assert op is not None
            op = self.makers.get(op.args[0])  # type: ignore[arg-type]
        if op is None:
            return False
        return op.prim in NEW or op.prim == "copy" and spelling_of(op) in ("", ".copy")

    def are_one(self, a: Var, b: Var) -> bool:
        """Are they printed as one variable?"""
        of = self.classes.of
        return a in of and b in of and of[a] is of[b]


def set_by(stmt: Stmt) -> list[Var]:
    found = list(stmt.outs)
    for block in blocks(stmt):
        found += definitions(block)
    return found


def options(op: Op) -> dict[str, object]:
    """What a view was made with, however it is spelled."""
    found = {k: v for k, v in op.attrs.items() if k not in ("spelling", "lib")}
    found.update(enumerate(op.args[1:]))  # type: ignore[arg-type]
    return {key: value for key, value in found.items() if value is not None}
