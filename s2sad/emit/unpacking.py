"""Unpacking: reads of all entries of a tuple or an array, as one line.

%1 = len p
%2 = ne %1, 3
if %2:
    raise ValueError(...)        x, y, z = p
x = getitem p[0]
y = getitem p[1]
z = getitem p[2]
"""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.emit.assignments import Assignments
from s2sad.emit.describe import READS
from s2sad.emit.heads import ITEM
from s2sad.emit.layout import laid
from s2sad.emit.nest import STATEMENTS, is_derived
from s2sad.ir.kinds import Array, Tuple
from s2sad.ir.nodes import Atom, If, Lit, Op, Stmt, Var


class Unpacking(Assignments):
    """Finds such reads among the statements of a block, and writes them."""

    def entries(self, stmts: Sequence[Stmt], at: int) -> list[Op]:
        """Statements that one after the other read all entries of some tuples."""
        found: list[Op] = []
        for number in range(at, len(stmts)):
            stmt = stmts[number]
            if not self.is_entry(stmt):
                break
            assert isinstance(stmt, Op)
            found.append(stmt)
        if len(found) < 2:
            return []
        by_base = entries_by_base(found)
        names = [self.classes.of[op.outs[0]] for op in found]
        bases = [self.classes.of[base] for base in by_base]
        if len({*names, *bases}) < len(names) + len(bases):
            return []
        whole = all(
            [op.args[1:] for op in reads] == [(Lit(k),) for k in range(size_of(base))]
            and len({op.prim for op in reads}) == 1
            for base, reads in by_base.items()
        )
        lines = {op.span.line for op in found if op.span is not None}
        return found if whole and len(lines) < 2 else []

    def checked(self, stmts: Sequence[Stmt], at: int) -> list[Op]:
        """The reads of all entries of an array, after a check that it has so many."""
        length = self.length_checked(stmts[at])
        if length is None:
            return []
        array, count = length
        found: list[Op] = []
        for stmt in stmts[at + 1 :]:
            if not isinstance(stmt, Op) or not self.is_read(stmt):
                break
            if not same_length(stmt.args[0], array):
                break
            found.append(stmt)
        by_base = entries_by_base(found)
        names = [self.classes.of[op.outs[0]] for op in found]
        bases = [self.classes.of[base] for base in by_base]
        if len({*names, *bases}) < len(names) + len(bases) or array not in by_base:
            return []
        keys = [Lit(k) for k in range(count)]
        for base, ops in by_base.items():
            read = [op.args[1] for op in ops]
            wanted = keys if base is not array else [k for k in keys if k in read]
            if read != wanted or len({op.prim for op in ops}) > 1:
                return []
        return found

    def length_checked(self, stmt: Stmt) -> tuple[Var, int] | None:
        """`a` and 3, if the statement is `if len(a) != 3: raise ValueError(...)`."""
        if not isinstance(stmt, If) or stmt.orelse.stmts or len(stmt.then.stmts) != 2:
            return None
        error, raised = stmt.then.stmts
        if not isinstance(error, Op) or error.attrs.get("callee") != "ValueError":
            return None
        if not isinstance(raised, Op) or raised.prim != "raise":
            return None
        if any(self.nesting.counts.get(out) for out in stmt.outs):
            return None
        test = self.nesting.inline.get(stmt.cond)  # type: ignore[arg-type]
        if not isinstance(test, Op) or test.prim != "ne":
            return None
        length, count = test.args
        made = self.nesting.inline.get(length)  # type: ignore[arg-type]
        if not isinstance(made, Op) or made.prim != "len" or not isinstance(count, Lit):
            return None
        array = made.args[0]
        if not isinstance(array, Var) or not isinstance(array.kind, Array):
            return None
        many = type(count.value) is int and count.value > 1
        return (array, count.value) if many else None  # type: ignore[return-value]

    def is_read(self, op: Op) -> bool:
        """Is it a named entry of an array, at a number?"""
        if op.prim not in READS or op.attrs.get("path", ITEM) != ITEM:
            return False
        base, out = op.args[0], op.outs[0]
        if not isinstance(base, Var) or not isinstance(base.kind, Array):
            return False
        if base in self.nesting.inline or out in self.nesting.inline:
            return False
        apart = self.plan.copied(op, 0) is None and isinstance(op.args[1], Lit)
        return bool(out.name) and bool(self.nesting.counts.get(out)) and apart

    def is_entry(self, stmt: Stmt) -> bool:
        if not isinstance(stmt, Op) or stmt.prim not in READS:
            return False
        base = stmt.args[0]
        if stmt in self.nesting.unpacked or stmt.attrs.get("path", ITEM) != ITEM:
            return False
        if not isinstance(base, Var) or base in self.nesting.inline:
            return False
        named = self.nesting.counts.get(stmt.outs[0], 0) and stmt.outs[0].name
        apart = self.plan.copied(stmt, 0) is None
        return bool(named) and apart and size_of(base) > 1

    def unpacked(self, reads: Sequence[Op], length: int = 0) -> None:
        """`x, y, z = p`; with a length given, `_` stands for what is not read."""
        for base, mine in entries_by_base(reads).items():
            self.here = mine[0]
            self.extra = is_derived(mine[0].outs[0].name)
            left = self.names_of(mine, length)
            plain = mine[0].prim == "item"
            right = self.exprs.listed(base) if plain else self.exprs.arg(base)
            self.put(laid("", left, f" = {right}", self.depth))

    def names_of(self, reads: Sequence[Op], length: int = 0) -> str:
        names = {op.args[1]: self.namer.of(op.outs[0]) for op in reads}
        keys = map(Lit, range(length)) if length else names
        return ", ".join(names.get(key) or self.namer.unread for key in keys)

    def only_unpacked(self, stmt: Stmt, reads: Sequence[Op]) -> bool:
        """Is the result of a statement nothing but the tuple that is read next?"""
        if not isinstance(stmt, Op) or len(stmt.outs) != 1 or stmt.outs[0].name:
            return False
        if stmt.prim in STATEMENTS or {op.args[0] for op in reads} != {stmt.outs[0]}:
            return False
        if any(op.prim != "getitem" for op in reads):
            return False
        return self.nesting.counts.get(stmt.outs[0]) == len(reads)


def entries_by_base(reads: Sequence[Op]) -> dict[Var, list[Op]]:
    found: dict[Var, list[Op]] = {}
    for op in reads:
        assert isinstance(op.args[0], Var)
        found.setdefault(op.args[0], []).append(op)
    return found


def same_length(base: Atom, checked: Var) -> bool:
    """Is it as long as what is checked, by its kind, or because it is its tangent?"""
    if base is checked or isinstance(base, Var) and base.of == (checked.origin, "_dot"):
        return True
    dims, known = getattr(base.kind, "dims", None), getattr(checked.kind, "dims", None)
    return bool(dims and known and dims[0] == known[0] is not None)


def size_of(base: Var) -> int:
    """How many entries a tuple or array has that may be unpacked; 0 for all else."""
    kind = base.kind
    if isinstance(kind, Array):
        first = kind.dims[0] if kind.dims else None
        return first if isinstance(first, int) else 0
    return len(kind.items) if isinstance(kind, Tuple) else 0
