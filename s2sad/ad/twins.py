"""Twins: arrays that the reverse half puts back as they were, element by element.

    forward                            reverse
    old = getitem a.1[i]
    a.2 = setitem a.1[i], v            a.1' = setitem a.2'[i], old

An array that is overwritten in a loop is not kept whole for each trip: what a write
takes away is kept, and the reverse half puts it back where it undoes the write. Its
*twin* of a version holds what that version held. Twins start from the array as it is
at the end of the top level; mirrored loops carry them, mirrored branches pass them on
if both sides have one. A version that some other operation made (`a = sin(a)`) starts
anew: there is nothing to go back to from it.

The raw reverse half gets all twins there are. Which of them anybody reads is decided
where what to keep is decided (`keep`): a twin costs the elements that are lost before
it. The others are taken out again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from s2sad.analysis.lineage import WRITES
from s2sad.ir.build import Builder
from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Atom, Block, Function, If, Op, Stmt, Var
from s2sad.ir.nodes import For as ForLoop
from s2sad.ir.nodes import While as WhileLoop
from s2sad.ir.paths import Slice, Subscript, parse_path
from s2sad.ir.walk import blocks, definitions, with_blocks, with_stmts
from s2sad.rules.places import place_kind
from s2sad.rules.registry import BadArguments

Loop = ForLoop | WhileLoop


class Region(Protocol):
    """A block of the reverse half while it is built: see `adjoints.Scope`."""

    b: Builder
    twins: dict[Var, Atom]


# ---- what is lost --------------------------------------------------------------------


def name_lost(function: Function) -> tuple[Function, dict[Op, Var]]:
    """The function with a name for whatever a write in a loop takes away, by write."""
    olds: dict[Op, Var] = {}
    body = _named(function.body, False, olds)
    return replace(function, body=body), olds


def _named(block: Block, in_loop: bool, olds: dict[Op, Var]) -> Block:
    reads: dict[tuple, Var] = {}
    stmts: list[Stmt] = []
    for stmt in block.stmts:
        if not isinstance(stmt, Op):
            inside = in_loop or isinstance(stmt, (ForLoop, WhileLoop))
            inner = [_named(b, inside, olds) for b in blocks(stmt)]
            stmts.append(with_blocks(stmt, tuple(inner)))
            continue
        if stmt.prim == "getitem":
            reads[place_of(stmt, 1)] = stmt.outs[0]
        elif in_loop and stmt.prim in WRITES and loses_part(stmt):
            old = reads.get(place_of(stmt, 2))
            if old is None and (read := reading(stmt)) is not None:
                stmts.append(read)
                old = read.outs[0]
            if old is not None:
                olds[stmt] = old
        stmts.append(stmt)
    return with_stmts(block, stmts)


def place_of(op: Op, bases: int) -> tuple:
    return (op.args[0], op.attrs["path"], op.args[bases:])


def loses_part(op: Op) -> bool:
    """Does a write change part of an array? All of it, there is none to go back to."""
    if not isinstance(op.args[0], Var) or not isinstance(op.args[0].kind, Array):
        return False
    return any(
        not isinstance(step, Subscript)
        or any(item not in (..., Slice(None, None, None)) for item in step.items)
        for step in parse_path(str(op.attrs["path"]))
    )


def reading(write: Op) -> Op | None:
    """A read of what is about to be overwritten."""
    base, index, path = write.args[0], write.args[2:], str(write.attrs["path"])
    try:
        kind = place_kind(base.kind, path, index)
    except BadArguments:
        return None
    old = Var("", kind)
    return Op((old,), "getitem", (base, *index), {"path": path}, write.span)


# ---- while the reverse half is built -------------------------------------------------


@dataclass
class Twins:
    """The twins of one function: made as its blocks are reversed."""

    body: Block
    olds: dict[Op, Var]
    tops: set[Var] = field(default_factory=set)  # there, when the reverse half runs
    of: dict[Var, Var] = field(default_factory=dict)  # twin -> the version it is of

    def __post_init__(self) -> None:
        self.tops.update(out for stmt in self.body.stmts for out in stmt.outs)

    def at(self, known: dict[Var, Atom], version: Atom) -> Atom | None:
        """What holds what this version held, if anything does."""
        if not isinstance(version, Var) or not isinstance(version.kind, Array):
            return None
        return known.get(version, version if version in self.tops else None)

    def undo(self, scope: Region, stmt: Stmt) -> None:
        """After the adjoint of a write: put back what it took away."""
        if not isinstance(stmt, Op) or stmt not in self.olds:
            return
        base, index = stmt.args[0], stmt.args[2:]
        after = self.at(scope.twins, stmt.outs[0])
        assert isinstance(base, Var)
        if after is None or self.at(scope.twins, base) is not None:
            return
        twin = self.new(base)
        args = (after, self.olds[stmt], *index)
        path = {"path": stmt.attrs["path"]}
        scope.b.add(Op((twin,), "setitem", args, path, scope.b.span))
        scope.twins[base] = twin

    def new(self, version: Var) -> Var:
        twin = version.copy()
        self.of[twin] = version
        return twin

    # ---- branches --------------------------------------------------------------------

    def enter(self, scope: Region, arm: Region, stmt: If, block: Block) -> None:
        """What a branch ends with is what the statement gives."""
        for out, end in zip(stmt.outs, block.yields, strict=True):
            twin = self.at(scope.twins, out)
            if twin is not None and isinstance(end, Var):
                if self.at(arm.twins, end) is None:
                    arm.twins[end] = twin

    def leave(
        self, scope: Region, arms: Sequence[Region], stmt: If
    ) -> list[tuple[Var, list[Atom]]]:
        """Twins of versions from before the branch: of both sides, or there is none."""
        first, then = arms
        inside = {var for block in blocks(stmt) for var in definitions(block)}
        made: list[tuple[Var, list[Atom]]] = []
        for version in first.twins:
            if version in then.twins and version not in scope.twins:
                if version not in inside:
                    twin = self.new(version)
                    made.append((twin, [first.twins[version], then.twins[version]]))
        return made

    # ---- loops -----------------------------------------------------------------------

    def start(self, scope: Region, inner: Region, stmt: Loop) -> Carried:
        """The twins that a mirrored loop carries, as they are in its body."""
        ends = {
            k: twin
            for k, out in enumerate(stmt.outs[: len(stmt.params)])
            if (twin := self.at(scope.twins, out)) is not None
        }
        known = set(scope.twins)
        carried = Carried()
        inside = {*stmt.params, *definitions(stmt.body)}
        for k in self.restorable(stmt, ends, known):
            end = stmt.body.yields[k]
            if end not in inside or end in inner.twins:
                continue
            assert isinstance(end, Var)
            param = self.new(end)
            inner.twins[end] = param
            carried.slots.append(k)
            carried.params.append(param)
            carried.inits.append(ends[k])
        return carried

    def finish(self, inner: Region, stmt: Loop, carried: Carried) -> None:
        """What the next trip of the mirrored loop gets: it starts where this began."""
        for i in reversed(range(len(carried.slots))):
            twin = inner.twins.get(stmt.params[carried.slots[i]])
            if (
                twin is None
            ):  # a way that nobody goes back; who needs it keeps the array
                del carried.slots[i], carried.params[i], carried.inits[i]
                continue
            carried.yields.insert(0, twin)
            carried.outs.insert(0, carried.params[i].copy())

    def after(self, scope: Region, stmt: Loop, carried: Carried) -> None:
        """What the loop started from is there again."""
        for k, out in zip(carried.slots, carried.outs, strict=True):
            init = stmt.inits[k]
            if isinstance(init, Var) and self.at(scope.twins, init) is None:
                scope.twins[init] = out
                self.of[out] = init

    # ---- which loops can be gone back through ----------------------------------------

    def restorable(
        self, stmt: Loop, slots: Iterable[int], known: Collection[Var]
    ) -> list[int]:
        """The carried arrays that the body leads back to, from where it ends."""
        left = [
            k
            for k in slots
            if isinstance(stmt.body.yields[k], Var)
            and isinstance(stmt.params[k].kind, Array)
        ]
        while left:
            ends = {stmt.body.yields[k] for k in left}
            there = self._there(stmt.body, {*known, *ends})  # type: ignore[arg-type]
            fit = [k for k in left if stmt.params[k] in there]
            if fit == left:
                break
            left = fit
        return left

    def _there(self, block: Block, known: set[Var]) -> set[Var]:
        """The versions that have twins where the mirror of a block ends."""

        def has(var: Atom) -> bool:
            return var in known or var in self.tops

        for stmt in reversed(block.stmts):
            if isinstance(stmt, Op):
                if stmt in self.olds and has(stmt.outs[0]):
                    known.add(stmt.args[0])  # type: ignore[arg-type]
            elif isinstance(stmt, If):
                if not stmt.tests:
                    continue
                sides = []
                for arm in blocks(stmt):
                    pairs = zip(stmt.outs, arm.yields, strict=True)
                    ends = {end for out, end in pairs if has(out)}
                    sides.append(self._there(arm, {*known, *variables(ends)}))
                inside = {var for arm in blocks(stmt) for var in definitions(arm)}
                known |= (sides[0] & sides[1]) - inside
            elif isinstance(stmt, (ForLoop, WhileLoop)):
                slots = [
                    k for k, o in enumerate(stmt.outs[: len(stmt.params)]) if has(o)
                ]
                for k in self.restorable(stmt, slots, known):
                    known |= variables([stmt.inits[k]])
        return known


@dataclass
class Carried:
    """The twins that one mirrored loop carries."""

    slots: list[int] = field(default_factory=list)
    params: list[Var] = field(default_factory=list)
    inits: list[Atom] = field(default_factory=list)
    yields: list[Atom] = field(default_factory=list)
    outs: list[Var] = field(default_factory=list)


def variables(atoms: Iterable[Atom]) -> set[Var]:
    return {atom for atom in atoms if isinstance(atom, Var)}


# ---- what each of them needs ---------------------------------------------------------


def needs(raw: Block, of: dict[Var, Var]) -> dict[Var, set[Var]]:
    """For each twin, what it is made of: other twins, and values of the forward half.

    That the mirrored loops and branches around it run is part of it.
    """
    return _Needs(of).all(raw)


class _Needs:
    def __init__(self, of: dict[Var, Var]) -> None:
        self.of = of
        self.found: dict[Var, set[Var]] = {}
        self.made: dict[Var, set[Var]] = {}  # in the reverse half, of what

    def all(self, raw: Block) -> dict[Var, set[Var]]:
        self.block(raw, set())
        return self.found

    def reads(self, atoms: Iterable[Atom]) -> set[Var]:
        """Twins and values of the forward half that these come to."""
        found: set[Var] = set()
        for var in variables(atoms):
            found |= self.made.get(var, {var}) if var not in self.of else {var}
        return found

    def block(self, block: Block, around: set[Var]) -> None:
        for stmt in block.stmts:
            if isinstance(stmt, Op):
                reads = self.reads(stmt.args)
                for out in stmt.outs:
                    if out in self.of:
                        self.found[out] = around | reads
                    elif not isinstance(out.kind, Array):
                        self.made[out] = reads  # of a loop's bounds, perhaps
            elif isinstance(stmt, If):
                inner = around | self.reads([stmt.cond])
                for arm in blocks(stmt):
                    self.block(arm, inner)
                for k, out in enumerate(stmt.outs):
                    if out in self.of:
                        ends = [arm.yields[k] for arm in blocks(stmt)]
                        self.found[out] = inner | self.reads(ends)
            elif isinstance(stmt, ForLoop):
                inner = around | self.reads([stmt.start, stmt.stop, stmt.step])
                self.block(stmt.body, inner)
                for k, param in enumerate(stmt.params):
                    if param in self.of:
                        ends = [stmt.inits[k], stmt.body.yields[k]]
                        self.found[param] = inner | self.reads(ends)
                        if stmt.outs[k] in self.of:
                            self.found[stmt.outs[k]] = {param}
