"""The plan of a function's text: what is nested, what shares a name, what is copied."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from s2sad.analysis.absent import HANDED
from s2sad.emit.classes import Class, Classes, coalesce
from s2sad.emit.copies import find_copies
from s2sad.emit.groups import grouped
from s2sad.emit.inside import inside
from s2sad.emit.jumps import source_lines, words_of
from s2sad.emit.nest import STATEMENTS, Nesting, is_derived, is_effect, nest
from s2sad.emit.order import branches_last
from s2sad.emit.prune import prune
from s2sad.emit.ranges import Ranges, live_ranges
from s2sad.emit.renames import renamed
from s2sad.emit.reuse import Asked, choose, in_order_of_text
from s2sad.emit.sharing import Copies, Edge, is_mutable
from s2sad.emit.spelling import BINARY, spelling_of
from s2sad.emit.undone import undone
from s2sad.ir.kinds import Array, Scalar, Tape, is_not_one
from s2sad.ir.nodes import (
    NONE,
    UNDEF,
    Atom,
    Block,
    For,
    Function,
    If,
    Op,
    Stmt,
    Var,
    While,
)
from s2sad.ir.walk import blocks, definitions, statements
from s2sad.opt.facts import is_derived as was_added
from s2sad.opt.facts import is_elementwise, is_straight
from s2sad.opt.taken import as_named

# target, source, and why the source is copied ("" for no reason given, None for no
# copy)
Pairs = list[tuple[Var, Atom, str | None]]
NOTHING: Asked = {}


@dataclass
class Plan:
    function: Function
    nesting: Nesting
    ranges: Ranges
    classes: Classes
    copies: Copies = field(default_factory=Copies)
    handed: set[Var] = field(default_factory=set)  # kept even where they are undefined
    freed: dict[int, list[Class]] = field(default_factory=dict)  # see `free`
    undone: set[int] = field(default_factory=set)  # ids of ways back from a view
    lifts: dict[int, list[Op]] = field(default_factory=dict)  # see `lift`: of loops
    lifted: dict[int, Var] = field(
        default_factory=dict
    )  # ids of ops: what stands there

    @cached_property
    def reads(self) -> dict[Var, Op]:
        """Parts of adjoints that have a name: arrays, for a number is at hand."""
        return {
            stmt.outs[0]: stmt
            for stmt in statements(self.function.body)
            if isinstance(stmt, Op) and stmt.prim == "getitem" and was_added(stmt)
            if isinstance(stmt.outs[0].kind, Array)
        }

    @property
    def views(self) -> dict[Var, Op]:
        """What is taken before loops."""
        return {op.outs[0]: op for ops in self.lifts.values() for op in ops}

    @property
    def absent(self) -> frozenset[Var]:
        """What is no array after one branch, or before a trip, but None or a number."""
        # what a forward half has kept may not have been there, nor its derivative
        if is_straight(self.function) and not self.kept:
            return frozenset()
        return frozenset(self.spread(set(self.kept), ()) | self.missing)

    @property
    def missing(self) -> frozenset[Var]:
        """What may be None, since some way does not assign it: here, or in the forward
        half that has kept it.
        """
        if is_straight(self.function) and not self.kept:
            return frozenset()
        told = {var for var, op in self.kept.items() if op.attrs.get("absent")}
        stmts = statements(self.function.body)
        passed = [s for s in stmts if isinstance(s, Op) and passes_on(s)]
        return frozenset(self.spread(told, passed))

    @property
    def kept(self) -> dict[Var, Op]:
        """What the forward half has kept."""
        params = [p.var for p in self.function.params]
        boxes = {var for var in params if "kept" in var.name.split("_")}
        if not boxes:
            return {}
        return {
            stmt.outs[0]: stmt
            for stmt in statements(self.function.body)
            if isinstance(stmt, Op) and stmt.prim == "getitem" and stmt.args[0] in boxes
        }

    def spread(self, found: set[Var], passed: Sequence[Op]) -> set[Var]:
        """These, what some way leaves undefined, and what may be any of them."""
        stmts = statements(self.function.body)
        branches = [s for s in stmts if isinstance(s, If)]
        loops = [s for s in stmts if isinstance(s, (For, While))]
        count = -1
        while count < len(found):
            count = len(found)
            for op in passed:
                if not found.isdisjoint(op.args):
                    found.update(op.outs)
            for stmt in branches:
                arms = zip(stmt.then.yields, stmt.orelse.yields, strict=True)
                for out, pair in zip(stmt.outs, arms, strict=True):
                    handed = UNDEF in pair and out in self.handed
                    number = any(isinstance(atom.kind, Scalar) for atom in pair)
                    if (number and isinstance(out.kind, Array)) or handed:
                        found.add(out)
                    elif NONE in pair or not found.isdisjoint(pair):
                        found.add(out)
            for loop in loops:
                for k, param in enumerate(loop.params):
                    init, end = loop.inits[k], loop.body.yields[k]
                    number = isinstance(init.kind, Scalar)
                    number = number and isinstance(param.kind, Array)
                    handed = init == UNDEF and param in self.handed
                    taped = isinstance(param.kind, Tape) and end in found
                    if init in found or number or handed or taped:
                        found.update((param, loop.outs[k]))
        return found

    # ---- copies ----------------------------------------------------------------------

    def copied(self, stmt: Stmt, *where: object) -> str | None:
        """Why an operand, or what a branch hands on, is copied; None if it is not."""
        edges = self.copies.edges
        return edges.get((id(stmt), *where)) if edges else None

    def copied_base(self, op: Op) -> str | None:
        """Why the base of a write is copied before it; None if it is not."""
        return self.copies.writes.get(id(op))

    # ---- updates in place ------------------------------------------------------------

    def may_augment(self, op: Op, position: int = 0) -> bool:
        """May `x = x + y` be printed as `x += y`?"""
        if not self.could_augment(op, position):
            return False
        if not is_mutable(op.args[position].kind):
            return True
        return position == 0 and id(op) not in self.copies.apart

    def written_over(self, op: Op) -> int | None:
        """Which operand's memory the result takes (see `reuse`)."""
        if id(op) in self.copies.apart:
            return None
        return self.nesting.reuse.get(id(op))

    def could_augment(self, op: Op, position: int = 0) -> bool:
        """Would it be the same, if nothing else shared the memory of `x`?"""
        base, out = op.args[position], op.outs[0]
        if (
            not isinstance(base, Var)
            or base in self.nesting.inline
            or out in self.nesting.inline
        ):
            return False
        if spelling_of(op) or not self.classes.same(base, out):
            return False
        if not is_derived(out.name) and not wrote_augmented(op):
            return False
        if is_mutable(base.kind):
            whole = is_whole(base, out) or is_as_written(op)
            return same_array(base, out) or is_elementwise(op) and whole
        return True

    # ---- moves -----------------------------------------------------------------------

    def is_needed(self, var: Var) -> bool:
        return var not in self.nesting.jumps.gone

    def branch_moves(self, stmt: If, branch: Block) -> Pairs:
        word = "then" if branch is stmt.then else "else"
        return [
            (out, atom, self.edge((id(stmt), word, k)))
            for k, (out, atom) in enumerate(zip(stmt.outs, branch.yields, strict=True))
            if out not in self.nesting.jumps.gone and self.nesting.counts.get(out)
        ]

    def start_moves(self, stmt: For | While) -> Pairs:
        return [
            (param, atom, self.edge((id(stmt), "init", k)))
            for k, (param, atom) in enumerate(zip(stmt.params, stmt.inits, strict=True))
        ]

    def body_moves(self, stmt: For | While) -> Pairs:
        return [
            (param, atom, self.edge((id(stmt), "yield", k)))
            for k, (param, atom) in enumerate(
                zip(stmt.params, stmt.body.yields, strict=True)
            )
        ]

    def end_moves(self, stmt: For | While) -> Pairs:
        return [
            (out, param, None)
            for out, param in zip(stmt.outs, stmt.params, strict=True)
            if self.nesting.counts.get(out)
        ]

    def jump_moves(self, stmt: Stmt, block: Block) -> Pairs:
        """What a block on the way to a `break` hands on."""
        if isinstance(stmt, If):
            return self.branch_moves(stmt, block)
        assert isinstance(stmt, (For, While))
        return self.body_moves(stmt)

    def edge(self, edge: Edge) -> str | None:
        return self.copies.edges.get(edge)


def same_array(base: Var, out: Var) -> bool:
    """Are both arrays of one known shape and dtype?"""
    a, b = base.kind, out.kind
    return (
        isinstance(a, Array)
        and isinstance(b, Array)
        and a.dtype == b.dtype
        and a.dims is not None
        and a.dims == b.dims
        and None not in a.dims
    )


def is_whole(base: Var, out: Var) -> bool:
    """Is an operand as large as what it gives with others, element by element?

    Where none of its axes has length 1, nothing can make it larger.
    """
    a, b = base.kind, out.kind
    return (
        isinstance(a, Array)
        and isinstance(b, Array)
        and a.dtype == b.dtype
        and a.dims is not None
        and b.dims is not None
        and len(a.dims) == len(b.dims)
        and all(is_not_one(d) or d == e == 1 for d, e in zip(a.dims, b.dims))
    )


def wrote_augmented(op: Op) -> bool:
    """Did the user write `x += y`, as far as the text is known? Not if it is ours."""
    lines = source_lines(op)
    if op.span is None or op.outs[0].name not in words_of(op.span.source):
        return True
    return not any(lines) or any(f"{BINARY[op.prim][0]}=" in line for line in lines)


def is_as_written(op: Op) -> bool:
    """Did the user write `x += y` of this very `x`, which then has to fit?"""
    out = op.outs[0]
    a, b = op.args[0].kind, out.kind
    if was_added(op) or not out.name or op.prim not in BINARY:
        return False
    if not isinstance(a, Array) or not isinstance(b, Array) or a.dtype != b.dtype:
        return False
    if a.rank is None or a.rank != b.rank:
        return False
    update = re.compile(rf"\b{re.escape(out.name)} *{re.escape(BINARY[op.prim][0])}=")
    return any(update.search(line) for line in source_lines(op))


def prepared(function: Function, taken: Collection[str] = ()) -> Function:
    """The function as it will be printed, before anything is decided about its text."""
    function = prune(as_named(function))
    ordered = branches_last(function)
    if ordered is not function:
        function = prune(ordered)
    function = grouped(inside(function))
    return results_apart(renamed(function, taken))


def planned(
    function: Function, fresh_results: bool, reuse: Asked | None = NOTHING
) -> Plan:
    """The plan of a prepared function; `reuse` are the operations that may write into
    operands, or None for all.
    """
    nesting = nest(function)
    if reuse is None or reuse:
        function = in_order_of_text(function, nesting)
        nesting = nest(function)
        choose(function, nesting, reuse)
    ranges = live_ranges(function, nesting)
    classes = coalesce(function, nesting, ranges)
    nest_in_moves(function, nesting, classes)
    made = Plan(function, nesting, ranges, classes)
    made.handed = handed_on(function, classes)
    if not has_memory(function):
        return made
    contents = live_ranges(function, nesting, contents=True)
    made.copies = find_copies(
        function, nesting, contents, classes, made.could_augment, fresh_results
    )
    made.undone = undone(function, nesting, classes, made.copies)
    return made


def has_memory(function: Function) -> bool:
    """Is there a value that can be changed, and so would have to be copied?"""
    params = [param.var for param in function.params]
    made = definitions(function.body)
    kinds = {id(var.kind): var.kind for var in chain(params, made)}  # most are the same
    return any(map(is_mutable, kinds.values()))


def results_apart(function: Function) -> Function:
    """`return a, b` as two results, so that each may come out of branches and loops.

    %1 = tuple a, b
    return %1           ->    return a, b
    """
    body = function.body
    last = body.stmts[-1] if body.stmts else None
    if not isinstance(last, Op) or last.prim != "tuple" or len(last.args) < 2:
        return function
    if body.yields != last.outs or last.attrs.get("cls") is not None:
        return function
    if not any(isinstance(stmt, (If, For, While)) for stmt in body.stmts):
        return function
    if any(stmt.span is not None and stmt.span.reverse for stmt in body.stmts):
        return function
    return replace(function, body=Block(body.stmts[:-1], last.args, body.stop))


def nest_in_moves(function: Function, nesting: Nesting, classes: Classes) -> None:
    """Nest what a block computes last into the move that hands it on.

    yield b, %1 where %1 is a + b:    a, b = b, a + b
    """
    for stmt in statements(function.body):
        if not isinstance(stmt, (For, While)):
            continue
        block = stmt.body
        targets = dict(zip(block.yields, stmt.params, strict=True))
        for op in reversed(nesting.roots(block)):
            if not isinstance(op, Op) or len(op.outs) != 1 or op.prim in STATEMENTS:
                break
            out = op.outs[0]
            if out not in targets or nesting.counts.get(out) != 1 or is_effect(op):
                break
            if id(op) in nesting.reuse:
                break
            target = targets[out]
            if len(classes.of[out].members) > 1 or out.name not in ("", target.name):
                break
            if any(a in targets and a not in stmt.params for a in nesting.reads(op)):
                break
            nesting.inline[out] = op
            del classes.of[out]


def handed_on(function: Function, classes: Classes) -> set[Var]:
    """What is put on a tape or among the kept values, and all that this comes from; and
    what one branch hands on under another name.

    The other half reads it only where it is defined, but putting it there reads it.
    What is computed with, too, has to be there: where it is not, Python shall say so.
    """
    if not any(stmt.inner for stmt in function.body.stmts):
        return set()  # all is there
    found = set(put_there(function.body, set()))
    if function.own is not None:  # a helper's forward half, and what that has kept
        kept = function.results[function.own :]
        found.update(a for a in kept if isinstance(a, Var))
    sources: dict[Var, list[Atom]] = {}
    for stmt in statements(function.body):
        if isinstance(stmt, If):
            for out, *atoms in zip(
                stmt.outs, stmt.then.yields, stmt.orelse.yields, strict=True
            ):
                sources[out] = atoms
                named = (a for a in atoms if isinstance(a, Var) and a in classes.of)
                if out in classes.of:
                    found.update(a for a in named if not classes.same(out, a))
        elif isinstance(stmt, (For, While)):
            for k, param in enumerate(stmt.params):
                sources[param] = [stmt.inits[k], stmt.body.yields[k]]
                sources[stmt.outs[k]] = [param]
        elif isinstance(stmt, Op) and stmt.prim == "copy":
            sources[stmt.outs[0]] = list(stmt.args)
    todo = list(found)
    while todo:
        for atom in sources.get(todo.pop(), ()):
            if isinstance(atom, Var) and atom not in found:
                found.add(atom)
                todo.append(atom)
    return found


# What may be done with None, too: it computes nothing.
IDLE = frozenset("tuple list dict push copy fresh is_ is_not zeros_of".split())


def put_there(block: Block, needed: set[Atom]) -> Iterator[Var]:
    """What is put on a tape or among the kept values, or has an adjoint in its shape,
    and may not be there: no statement of its block, or of one around it, computes with
    it. `needed` is what those around it compute with.
    """
    ops = [stmt for stmt in block.stmts if isinstance(stmt, Op)]
    here: set[Atom] = set()
    for op in ops:
        if op.prim not in IDLE:
            here.update(op.args[1:] if is_like(op) else op.args)
    here -= needed
    needed |= here
    for stmt in block.stmts:
        for inner in blocks(stmt):
            yield from put_there(inner, needed)
    for op in ops:
        kept = op.prim == "tuple" and op.outs[0].name.endswith("kept")
        there = op.args if kept or op.prim == "push" else op.args[: is_like(op)]
        yield from (a for a in there if isinstance(a, Var) and a not in needed)
    needed -= here


def passes_on(op: Op) -> bool:
    """Is a result missing where an operand is?"""
    return op.prim in HANDED or op.prim == "zeros_like" and was_added(op)


def is_like(op: Op) -> bool:
    """An adjoint in the shape of a value; of no value it is nothing that is read."""
    return op.prim in ("zeros_like", "full_like") and was_added(op)
