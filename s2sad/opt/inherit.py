"""Begin the adjoint of an array as that of its copy.

    u_bar.0 = zeros_like u                        u_bar.0 = copy v_bar
    u_bar.4, v_bar.3 = for i in range 1, m        u_bar.4 = for i in range 1, m
            with u_bar.1 = u_bar.0,                       with u_bar.1 = u_bar.0:
                 v_bar.1 = v_bar:                     b = getitem v_bar[i]
        b = getitem v_bar.1[i]              ->        w = mul k, b
        v_bar.2 = setitem v_bar.1[i], 0.0             u_bar.2 = additem u_bar.1[j], w
        w = mul k, b                                  %1 = neg w
        u_bar.2 = additem u_bar.1[j], w               u_bar.3 = additem u_bar.2[i], %1
        %1 = sub b, w                                 yield u_bar.3
        u_bar.3 = additem u_bar.2[i], %1
        yield u_bar.3, v_bar.2
    u_bar.5 = add u_bar.4, v_bar.3

`v = u.copy(); for i ...: v[i] = u[i] + k * (...)`: an element of the copy that is
written anew is cleared in its adjoint, and most of what it held goes to the element of
`u` at the same place, to which the rest of the copy is added behind the loop. Where
each element is cleared once at most, nothing need be cleared, and nothing be added.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Atom, Block, For, Function, Lit, Op, Stmt, Var
from s2sad.ir.paths import Subscript, parse_path
from s2sad.ir.walk import blocks, statements, stmt_uses
from s2sad.opt.facts import count_uses, is_derived
from s2sad.opt.forward import same_place
from s2sad.opt.join import is_clear
from s2sad.opt.starts import ZEROS
from s2sad.opt.summands import Summands


def inherit(function: Function) -> Function:
    found = list(statements(function.body))
    ops = [stmt for stmt in found if isinstance(stmt, Op)]
    if len(ops) == len(found) or not any(map(is_clearing, ops)):
        return function
    return Inherit(function, ops).run(function)


def is_clearing(op: Op) -> bool:
    return op.prim == "setitem" and is_clear(op)


@dataclass(eq=False)
class Nest:
    """What becomes of one array that loops carry: the loops, and what the innermost
    block does with it.
    """

    loops: tuple[For, ...]
    block: Block
    ops: tuple[Op, ...]


class Inherit(Summands):
    """Finds such loops, and writes them."""

    def __init__(self, function: Function, ops: list[Op]) -> None:
        super().__init__(count_uses(function), {o: op for op in ops for o in op.outs})
        self.starts: dict[For, tuple[int, Atom]] = {}  # which begins as a copy of what
        self.cleared: set[Var] = set()  # versions that need not be made
        self.parts: dict[Var, Var] = {}  # version -> what need not be added to it
        self.sums: dict[Var, Var] = {}  # a sum behind a loop -> the adjoint it adds to
        for block in every_block(function.body):
            makers = {
                out: s for s in block.stmts if isinstance(s, For) for out in s.outs
            }
            for op in block.stmts if makers else ():
                if isinstance(op, Op) and op.prim == "add" and is_derived(op):
                    self.look(op, makers)

    def look(self, total: Op, makers: dict[Var, For]) -> None:
        """Note a sum of two arrays that one loop carries, if it need not be made."""
        a, b = total.args
        loop = makers.get(a)  # type: ignore[arg-type]
        if loop is None or makers.get(b) is not loop or a is b:  # type: ignore[arg-type]
            return
        for source, copy in ((a, b), (b, a)):
            if self.uses[source] == self.uses[copy] == 1:  # type: ignore[index]
                if self.begins(
                    total, loop, loop.outs.index(source), loop.outs.index(copy)
                ):
                    return

    def begins(self, total: Op, loop: For, source: int, copy: int) -> bool:
        start, inherited = loop.inits[source], loop.inits[copy]
        kinds = start.kind, *(loop.outs[k].kind for k in (source, copy)), inherited.kind
        dims = getattr(kinds[0], "dims", None)
        if not dims or None in dims or len(set(kinds)) != 1 or loop in self.starts:
            return False
        given, taken = self.nest(loop, source), self.nest(loop, copy)
        if given is None or taken is None or given.block is not taken.block:
            return False
        if len(taken.ops) != 2 or any(op.prim != "additem" for op in given.ops):
            return False
        read, clear = taken.ops
        if read.prim != "getitem" or not is_clearing(clear):
            return False
        if not same_place(read, 1, clear, 2) or not once_each(clear, taken.loops):
            return False
        (moved,) = read.outs
        for add in given.ops:
            if same_place(add, 2, clear, 2) and moved in self.summands(add.args[1]):
                self.starts[loop] = source, inherited
                self.cleared.add(clear.outs[0])
                self.parts[add.outs[0]] = moved
                self.sums[total.outs[0]] = loop.outs[source]
                return True
        return False

    def nest(self, loop: For, place: int) -> Nest | None:
        """The loops through which an array goes, each with nothing else of it."""
        loops = [loop]
        while True:
            block, version, end = loop.body, loop.params[place], loop.body.yields[place]
            if block.stop is not None or block.yields.count(end) != 1:
                return None
            users = [stmt for stmt in block.stmts if version in stmt_uses(stmt)]
            if len(users) != 1 or not isinstance(users[0], For):
                break
            (loop,) = users
            place = loop.inits.index(version) if version in loop.inits else -1
            if place < 0 or self.uses[version] != 1 or loop.outs[place] is not end:
                return None
            loops.append(loop)
        ops: list[Op] = []
        for stmt in block.stmts:
            if version not in stmt_uses(stmt):
                continue
            if not isinstance(stmt, Op) or stmt.args.count(version) != 1:
                return None
            if stmt.args[0] is not version:
                return None
            ops.append(stmt)
            if stmt.prim in ("setitem", "additem"):
                version = stmt.outs[0]
        read = [a for stmt in ops for a in stmt.args[:1]]
        whole = all(self.uses[v] == read.count(v) for v in set(read) if v != end)  # type: ignore[index]
        if version is not end or self.uses[end] != 1 or not whole:
            return None
        return Nest(tuple(loops), block, tuple(ops))

    # ---- the walk --------------------------------------------------------------------

    def enter(self, stmt: Stmt) -> Stmt:
        if not isinstance(stmt, For) or stmt not in self.starts:
            return stmt
        place, inherited = self.starts[stmt]
        start, total = stmt.inits[place], self.get(inherited)
        made = self.makers.get(start)  # type: ignore[arg-type]
        out = Var(getattr(start, "name", ""), start.kind)
        if made is not None and made.prim in ZEROS and is_derived(made):
            self.emit(Op((out,), "copy", (total,), span=made.span))
        else:
            args = self.get(start), total
            self.emit(Op((out,), "add", args, span=stmt.span))
        self.changed = True
        inits = tuple(out if k == place else a for k, a in enumerate(stmt.inits))
        return replace(stmt, inits=inits)

    def op(self, op: Op) -> None:
        out = op.outs[0] if op.outs else None
        if out in self.cleared:
            self.use(op.outs[0], op.args[0], rename=False)
        elif out in self.parts:
            self.add_without(op, self.parts[op.outs[0]])
        elif out in self.sums:
            self.use(op.outs[0], self.get(self.sums[op.outs[0]]))
        else:
            self.emit(op)


def every_block(block: Block) -> Iterator[Block]:
    yield block
    for stmt in block.stmts:
        for inner in blocks(stmt):
            yield from every_block(inner)


def once_each(op: Op, loops: tuple[For, ...]) -> bool:
    """Is another element written in each trip of these loops?

    Each index is one of the place's numbers, and none counts from the far end.
    """
    steps = parse_path(str(op.attrs["path"]))
    if len(steps) != 1 or not isinstance(steps[0], Subscript):
        return False
    if not isinstance(op.args[0].kind, Array):
        return False
    items = [op.args[2 + n] for n in steps[0].items if type(n) is int]
    return all(
        loop.index in items and ascends(loop.start) and ascends(loop.step)
        for loop in loops
    )


def ascends(atom: Atom) -> bool:
    return isinstance(atom, Lit) and type(atom.value) is int and atom.value >= 0
