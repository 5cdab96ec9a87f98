"""Live ranges: at which points of the printed text a variable is still needed.

Points are numbered down the text, two to a statement: what it reads is read at the even
one, what it defines is there from the odd one on. A range is a list of stretches, since
a variable may be dead in one branch and needed in the next:

    if c:          #  2   c
        x = a      #  4   a -> x          a lives to 4 and from 6 to 8
    else:          #  6
        x = a * b  #  8

Where a block ends, its yields are moved into the variables that go on (read at an even
point, all at once); what a loop reads from outside lives to the loop's end.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from s2sad.emit.families import UPDATES
from s2sad.emit.nest import Nesting, expression_reads, is_choice
from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Atom, Block, For, Function, If, Op, Stmt, Var, While

Stretches = list[tuple[int, int]]


@dataclass
class _Frame:
    """A block being walked: the points where its statement and the block begin."""

    before: int
    start: int
    loop: bool
    outside: dict[Var, int] = field(default_factory=dict)  # read inside -> stretch


@dataclass
class Ranges:
    stretches: dict[Var, dict[int, int]] = field(default_factory=dict)
    at: dict[int, int] = field(default_factory=dict)  # id of statement -> its point
    end: dict[int, int] = field(
        default_factory=dict
    )  # id of block -> point of its moves

    def of(self, var: Var) -> Stretches:
        return merged(self.stretches.get(var, {}).items())


def carried_stop(stmt: For | While, nesting: Nesting) -> Var | None:
    """The parameter that carries on the very flag that the loop stops on."""
    for param, atom in zip(stmt.params, stmt.body.yields, strict=True):
        if isinstance(atom, Var) and atom is stmt.body.stop:
            if param not in nesting.jumps.gone:
                return param
    return None


def merged(stretches: object) -> Stretches:
    """Sorted, with touching stretches made one."""
    result: Stretches = []
    for start, end in sorted(stretches):  # type: ignore[call-overload]
        if result and start <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def overlap(few: Stretches, many: Stretches) -> bool:
    """Is there a point in both? Best with the shorter list first."""
    for start, end in few:
        i = bisect_left(many, (start,))
        if i < len(many) and many[i][0] <= end:
            return True
        if i and many[i - 1][1] >= start:
            return True
    return False


def insert(few: Stretches, many: Stretches) -> None:
    """Add stretches that do not overlap to a list of them."""
    for start, end in few:
        i = bisect_left(many, (start,))
        if i < len(many) and many[i][0] == end + 1:
            end = many.pop(i)[1]
        if i and many[i - 1][1] == start - 1:
            i -= 1
            start = many.pop(i)[0]
        many.insert(i, (start, end))


def live_ranges(
    function: Function, nesting: Nesting, *, contents: bool = False
) -> Ranges:
    """Of variables, or of their `contents`: to ask for a shape does not read those."""
    walk = _Walk(nesting, contents)
    walk.function(function)
    return walk.found


# Which operand of a primitive serves for its shape alone.
SHAPE_ONLY = {
    **dict.fromkeys(("shape", "size", "ndim", "len"), 0),
    **dict.fromkeys(("zeros_like", "ones_like", "empty_like", "full_like"), 0),
    "unbroadcast": 1,
}


def is_asked(stmt: Stmt, position: int) -> bool:
    """Does a statement read nothing but the shape of an operand?"""
    if not isinstance(stmt, Op) or SHAPE_ONLY.get(stmt.prim) != position:
        return False
    return isinstance(stmt.args[position].kind, Array)


class _Walk:
    def __init__(self, nesting: Nesting, contents: bool = False) -> None:
        self.nesting = nesting
        self.contents = contents
        self.found = Ranges()
        self.point = 0
        self.frames: list[_Frame] = []
        self.home: dict[Var, tuple[int, int]] = {}  # depth and first point

    def function(self, function: Function) -> None:
        for param in function.params:
            self.define(param.var, 1)
        self.point = 2
        self.body(function.body)
        self.found.end[id(function.body)] = self.point
        self.read_all(function.body.yields, self.point)

    # ---- points ----------------------------------------------------------------------

    def define(self, var: Var, point: int, depth: int | None = None) -> None:
        at = len(self.frames) if depth is None else depth
        self.home[var] = (at, point)
        self.stretch(var, point, point)

    def stretch(self, var: Var, start: int, end: int) -> None:
        found = self.found.stretches.setdefault(var, {})
        if end > found.get(start, -1):
            found[start] = end

    def read_all(self, atoms: Sequence[Atom | None], point: int) -> None:
        for atom in atoms:
            for var in self.leaves(atom):
                self.read(var, point)

    def leaves(self, atom: Atom | None) -> list[Var]:
        if not self.contents:
            return self.nesting.leaves(atom)
        stmt = self.nesting.inline.get(atom) if isinstance(atom, Var) else None
        if stmt is None:
            return [atom] if isinstance(atom, Var) else []
        inner = enumerate(expression_reads(stmt))
        return [v for k, a in inner if not is_asked(stmt, k) for v in self.leaves(a)]

    def reads(self, stmt: Stmt) -> list[Var]:
        if not self.contents or not isinstance(stmt, Op):
            return self.nesting.reads(stmt)
        read = (a for k, a in enumerate(stmt.args) if not is_asked(stmt, k))
        return [var for atom in read for var in self.leaves(atom)]

    def read(self, var: Var, point: int) -> None:
        if var not in self.home:
            raise AssertionError(f"{var!r} is read before it is defined")
        depth, start = self.home[var]
        for frame in self.frames[depth:]:
            if frame.loop:
                frame.outside[var] = start
                self.stretch(var, start, frame.start)
                return
            self.stretch(var, start, frame.before)
            start = frame.start
        self.stretch(var, start, point)

    def close(self, frame: _Frame) -> None:
        """A loop ends here: what it read from outside was needed until now."""
        for var, start in frame.outside.items():
            self.stretch(var, start, self.point)

    # ---- statements ------------------------------------------------------------------

    def body(self, block: Block) -> None:
        for stmt in self.nesting.roots(block):
            self.stmt(stmt)

    def stmt(self, stmt: Stmt) -> None:
        self.found.at[id(stmt)] = self.point
        late = stmt.args[0] if isinstance(stmt, Op) and stmt.prim in UPDATES else None
        for var in self.reads(stmt):
            # before a write, its base may have to be moved to the name of the result
            self.read(var, self.point + (late is not None and var is not late))
        if isinstance(stmt, For):
            self.bounds(stmt)
        if isinstance(stmt, If):
            if is_choice(stmt, self.nesting.inline):
                self.read_all([*stmt.then.yields, *stmt.orelse.yields], self.point)
                self.define(stmt.outs[0], self.point + 1)
                self.point += 2
            else:
                self.if_(stmt)
        elif isinstance(stmt, (For, While)):
            self.loop(stmt)
        else:
            for var in stmt.outs:
                self.define(var, self.point + 1)
            self.point += 2

    def bounds(self, stmt: For) -> None:
        """The head of a loop is read after its variables have got their first values.

        What goes on as one of them under its own name has this value then.
        """
        goes_on = {
            init
            for init, param in zip(stmt.inits, stmt.params, strict=True)
            if isinstance(init, Var) and init.name == param.name
        }
        for atom in (stmt.start, stmt.stop, stmt.step):
            for var in self.leaves(atom):
                if var not in goes_on:
                    self.read(var, self.point + 1)

    def if_(self, stmt: If) -> None:
        before = self.point
        arrived = []
        for branch in (stmt.then, stmt.orelse):
            self.point += 2
            self.frames.append(_Frame(before, self.point, loop=False))
            self.point += 2
            self.body(branch)
            self.found.end[id(branch)] = self.point
            self.read_all(branch.yields, self.point)
            self.frames.pop()
            arrived.append((self.point + 1, self.point + 2))
            self.point += 2
        for var in stmt.outs:
            self.define(var, self.point - 1)
            for start, end in arrived:
                self.stretch(var, start, end)
        self.point += 2

    def loop(self, stmt: For | While) -> None:
        before = self.point
        depth = len(self.frames)
        self.point += 2
        frame = _Frame(before, self.point, loop=True)
        self.frames.append(frame)
        for var in stmt.params:
            self.define(var, before + 1, depth + 1)
        if isinstance(stmt, While):
            self.body(stmt.test)
            self.found.end[id(stmt.test)] = self.point
            self.read_all(stmt.test.yields, self.point)
        for var in stmt.params:  # the loop may end here, with these
            self.stretch(var, before + 1, self.point)
        if isinstance(stmt, For):
            head = self.nesting.heads.get(id(stmt))
            for base in head.bases if head is not None else ():
                for var in self.leaves(base):  # none of a global's name
                    self.read(var, self.point)
            self.define(stmt.index, self.point + 1)
            for item in head.items if head is not None else ():
                self.define(item, self.point + 1)
        self.point += 2
        self.body(stmt.body)
        self.found.end[id(stmt.body)] = moved = self.point
        self.read_all(stmt.body.yields, moved)
        self.point += 2
        if carried_stop(stmt, self.nesting) is None:  # else it is read as it is carried
            self.read_all([stmt.body.stop], self.point)
        self.frames.pop()
        self.point += 2
        for var in stmt.params:
            self.stretch(var, moved + 1, self.point)
        self.close(frame)
        for var in stmt.outs:
            self.define(var, self.point + 1)
        self.point += 2
