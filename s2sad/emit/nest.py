"""Nesting: which results are printed inside the expression that reads them.

    %1 = mul r, x.1
    %2 = sub 1.0, x.1            x = r * x * (1.0 - x)
    x.2 = mul %1, %2

A result that has no name of its own, or that only continues an accumulation of the same
statement, goes where it is read if that is one place in the same block, nothing between
the two may change what it reads (see `families`), and the expression stays shallow.
What is too wide for a line is taken apart again when the line is printed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from s2sad.emit.families import (
    UPDATES,
    Families,
    count_uses,
    decides,
    families,
)
from s2sad.emit.heads import Head, loop_heads
from s2sad.emit.jumps import Jumps, find_jumps, returning
from s2sad.emit.spelling import has_effect
from s2sad.ir.kinds import Array, Tape, Tuple
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    For,
    Function,
    If,
    Lit,
    Op,
    Stmt,
    Var,
    While,
)
from s2sad.ir.walk import blocks, definitions, operands, uses

DEEPEST = 40  # levels of operations in one expression

# What a `with` or an `except` names: it is printed there, and nowhere else.
BOUND = ("entered", "caught")
# Never part of an expression: they are statements, or change what they are given.
STATEMENTS = frozenset(
    {*UPDATES, "print", "raise", "assert", "warn", "set_random_state"}
)
DERIVED = ("_bar", "_dot", "_tape")
LAZY = ("expr", "and", "or")


@dataclass
class Nesting:
    """`inline` maps a variable to the statement printed in its place."""

    inline: dict[Var, Stmt] = field(default_factory=dict)
    counts: dict[Var, int] = field(default_factory=dict)
    returning: set[int] = field(default_factory=set)  # ids of `If`s, see `jumps`
    jumps: Jumps = field(default_factory=Jumps)
    heads: dict[int, Head] = field(default_factory=dict)  # of loops, by id
    answers: set[Var] = field(
        default_factory=set
    )  # results that are named before they return
    hidden: set[Var] = field(default_factory=set)  # set by the head of a loop
    # of ops that write into an operand, by id: which one (see `reuse`)
    reuse: dict[int, int] = field(default_factory=dict)
    split: set[Var] = field(default_factory=set)  # no longer nested, for that
    unpacked: list[Op] = field(default_factory=list)  # reads of `kept`, in one line

    def roots(self, block: Block) -> list[Stmt]:
        """The statements of a block that are printed as statements."""
        inline, hidden = self.inline, self.hidden
        return [
            stmt
            for stmt in block.stmts
            if len(stmt.outs) != 1
            or (stmt.outs[0] not in inline and stmt.outs[0] not in hidden)
        ]

    def leaves(self, atom: Atom | None) -> list[Var]:
        """The variables that an expression reads when it is printed."""
        if not isinstance(atom, Var):
            return []
        if atom not in self.inline:
            return [atom]
        found: list[Var] = []
        todo = [atom]
        while todo:
            var = todo.pop()
            stmt = self.inline.get(var)
            if stmt is None:
                found.append(var)
                continue
            inner = expression_reads(stmt)
            todo.extend(a for a in reversed(inner) if isinstance(a, Var))
        return found

    def reads(self, stmt: Stmt) -> list[Var]:
        """The variables a printed statement reads before anything inside it runs."""
        atoms = operands(stmt)
        if isinstance(stmt, For) and id(stmt) in self.heads:
            atoms = stmt.inits  # the range is not mentioned
        inline = self.inline
        found: list[Var] = []
        for atom in atoms:
            if isinstance(atom, Var):
                if atom in inline:
                    found += self.leaves(atom)
                else:
                    found.append(atom)
        return found


def expression_reads(stmt: Stmt) -> tuple[Atom, ...]:
    """What an expression is made of: the operands, and the values of its branches."""
    if isinstance(stmt, If):
        return (stmt.cond, *stmt.then.yields, *stmt.orelse.yields)
    return operands(stmt)


def is_effect(stmt: Stmt) -> bool:
    """Does it do something besides giving a value? Calls of unknown things may."""
    if not isinstance(stmt, Op):
        return not isinstance(stmt, If)
    return has_effect(stmt.prim) or "guarded" in stmt.attrs


def is_part(op: Op) -> bool:
    """Is it a part of an array that changes when the array does?"""
    if op.prim != "getitem":
        return False
    part, base, *indices = (isinstance(a.kind, Array) for a in (*op.outs, *op.args))
    return part and base and not any(indices)


def is_derived(name: str) -> bool:
    return name.endswith(DERIVED)


def answers(function: Function) -> set[Var]:
    """The values that the forward half ends with, where a reverse half follows it."""
    body = function.body
    if not any(stmt.span is not None and stmt.span.reverse for stmt in body.stmts):
        return set()
    makers = {out: stmt for stmt in body.stmts for out in stmt.outs}
    found: set[Var] = set()
    todo = list(body.yields)
    while todo:
        atom = todo.pop()
        stmt = makers.get(atom) if isinstance(atom, Var) else None
        if isinstance(stmt, Op) and stmt.prim == "tuple":
            todo.extend(stmt.args)
        elif stmt is not None and stmt.span is not None and not stmt.span.reverse:
            found.update(var for var in (atom,) if isinstance(var, Var))
    return found


def kept_reads(function: Function) -> list[Op]:
    """The entries that a reverse half reads of what was kept, if that is all of it."""
    params = [p.var for p in function.params if p.var.name == "kept"]
    if not params or not isinstance(params[0].kind, Tuple):
        return []
    kept = params[0]
    reads = [
        stmt
        for stmt in function.body.stmts
        if isinstance(stmt, Op)
        and stmt.prim == "getitem"
        and stmt.args[0] is kept
        and stmt.attrs["path"] == "[#]"
        and isinstance(stmt.args[1], Lit)
    ]
    alone = sum(var is kept for var in uses(function.body)) == len(reads)
    apart = len({stmt.args[1] for stmt in reads}) == len(reads)
    return reads if alone and apart else []


def nest(function: Function) -> Nesting:
    """Choose what is nested; the function itself does not change."""
    counts = count_uses(function.body)
    found = Nesting(counts=counts, returning=returning(function, counts))
    found.jumps = find_jumps(function, counts)
    found.heads = loop_heads(function, counts)
    found.hidden = {item for head in found.heads.values() for item in head.items}
    found.unpacked = kept_reads(function)
    found.answers = answers(function)
    _Nester(found, families(function)).block(function.body, returns=True)
    return found


class _Nester:
    def __init__(self, nesting: Nesting, fam: Families) -> None:
        self.inline = nesting.inline
        self.counts = nesting.counts
        self.returning = nesting.returning
        self.nesting = nesting
        self.fam = fam
        self.bases: dict[Atom, Var] = {}  # the families that views look into
        self.left: dict[Atom, int] = {}  # how often they will still be read

    def block(self, block: Block, *, returns: bool) -> None:
        """`returns`: what the block yields is read where it ends, not moved."""
        run = _Run(self)
        for stmt in block.stmts:
            run.stmt(stmt)
        run.close(block, returns)
        for stmt in block.stmts:
            if stmt.inner:
                self.inside(stmt)

    def inside(self, stmt: Stmt) -> None:
        if isinstance(stmt, While):
            self.block(stmt.test, returns=True)
            self.block(stmt.body, returns=False)
        elif not (isinstance(stmt, If) and is_choice(stmt, self.inline)):
            for inner in stmt.inner:
                jump = self.nesting.jumps.at.get(id(inner))
                returns = jump is not None and jump.word == "return"
                self.block(inner, returns=returns or id(stmt) in self.returning)

    def choice(self, stmt: If) -> bool:
        """Can this `If` be printed as a conditional expression? Nest its branches."""
        if stmt.form not in LAZY or len(stmt.outs) != 1:
            return False
        for branch in (stmt.then, stmt.orelse):
            for inner in branch.stmts:
                if isinstance(inner, If):
                    if not self.choice(inner):
                        return False
                elif not isinstance(inner, Op) or inner.prim in STATEMENTS:
                    return False
                if inner.outs[0].name or self.counts.get(inner.outs[0], 0) != 1:
                    if not (isinstance(inner, Op) and inner.prim == "free"):
                        return False
        for branch in (stmt.then, stmt.orelse):
            self.block(branch, returns=True)
            if any(inner.outs[0] not in self.inline for inner in branch.stmts):
                return False
        return True


def is_choice(stmt: If, inline: dict[Var, Stmt]) -> bool:
    """Was the `If` found to be a conditional expression?"""
    return (
        stmt.form in LAZY
        and len(stmt.outs) == 1
        and all(
            len(s.outs) == 1 and s.outs[0] in inline
            for branch in (stmt.then, stmt.orelse)
            for s in branch.stmts
        )
    )


@dataclass(slots=True)
class _Pending:
    stmt: Stmt
    reads: set[Var]  # families
    views: set[Atom]  # of arrays that may be written
    depth: int
    effect: bool


class _Run:
    """One pass down a block: the results that may still be nested, in order."""

    def __init__(self, nester: _Nester) -> None:
        self.nester = nester
        self.pending: dict[Var, _Pending] = {}
        self.readers: dict[Var, set[Var]] = {}  # family -> pending results that read it

    def stmt(self, stmt: Stmt) -> None:
        nester = self.nester
        find = nester.fam.find
        choice = isinstance(stmt, If) and nester.choice(stmt)
        if isinstance(stmt, Op):
            if stmt.prim == "free":
                nester.inline[stmt.outs[0]] = stmt
                return
            if stmt.prim == "getitem" and is_part(stmt):
                view, base = stmt.outs[0], stmt.args[0]
                nester.bases[view] = nester.bases.get(base) or find(base)  # type: ignore[arg-type]
                nester.left[view] = nester.counts.get(view, 0)
        if choice:
            assert isinstance(stmt, If)
            read_here: tuple[Atom, ...] = (stmt.cond,)
            inner_reads = {
                find(var)
                for branch in (stmt.then, stmt.orelse)
                for atom in branch.yields
                for var in Nesting(nester.inline).leaves(atom)
            }
            # an operand that a branch reads would be computed only sometimes
            self.keep_read_inside(stmt)
        else:
            read_here = (
                () if id(stmt) in nester.nesting.heads else nested_operands(stmt)
            )
            inner_reads = set()
            if isinstance(stmt, If) and decides(stmt) and stmt.cond in self.pending:
                assert isinstance(stmt.cond, Var)
                self.drop(stmt.cond)  # printed as a statement, it is read twice
        for atom in stmt.operands if nester.left else ():
            if atom in nester.left:
                nester.left[atom] -= 1
        effect = is_effect(stmt)
        candidate = self.one_use(stmt) and (choice or self.may_nest(stmt))
        taken = self.take(stmt, read_here, candidate, effect)
        if candidate:
            families_read = {find(a) for a in read_here if isinstance(a, Var)}
            if inner_reads:
                families_read |= inner_reads
            bases = nester.bases
            views = {a for a in read_here if a in bases} if bases else set()
            depth = 1
            for part in taken:
                families_read |= part.reads
                views |= part.views
                depth = max(depth, part.depth + 1)
                effect |= part.effect
            if effect:
                self.keep_effects()
            self.add(stmt.outs[0], _Pending(stmt, families_read, views, depth, effect))
            return
        if effect or any(part.effect for part in taken):
            self.keep_effects()
        self.defined(stmt)

    def may_nest(self, stmt: Stmt) -> bool:
        if not isinstance(stmt, Op):
            return isinstance(stmt, Call)
        if stmt.prim in STATEMENTS or stmt.prim in BOUND:
            return False
        return not isinstance(stmt.outs[0].kind, Tape)

    def one_use(self, stmt: Stmt) -> bool:
        if len(stmt.outs) != 1:
            return False
        (out,), nesting = stmt.outs, self.nester.nesting
        if nesting.counts.get(out, 0) != 1 or out in nesting.hidden:
            return False
        if out in nesting.answers or stmt in nesting.unpacked:
            return False
        return not out.name or is_derived(out.name)

    def take(
        self, stmt: Stmt, reads: tuple[Atom, ...], candidate: bool, effect: bool
    ) -> list[_Pending]:
        """Nest the pending results that a statement reads."""
        taken = []
        for atom in reads:
            if not isinstance(atom, Var) or atom not in self.pending:
                continue
            part = self.pending[atom]
            if not self.joins(part, stmt) or candidate and part.depth >= DEEPEST:
                continue
            self.drop(atom)
            self.nester.inline[atom] = part.stmt
            taken.append(part)
        return taken

    def joins(self, part: _Pending, stmt: Stmt) -> bool:
        """A named result joins only what goes on with it in the same statement, or what
        says it once more for each element."""
        name = part.stmt.outs[0].name
        if not name or isinstance(stmt, Op) and stmt.prim == "full_like":
            return True
        return (
            isinstance(stmt, Op)
            and len(stmt.outs) == 1
            and stmt.outs[0].name == name
            and stmt.prim != "tuple"
            and part.stmt.span == stmt.span
        )

    def add(self, var: Var, part: _Pending) -> None:
        self.pending[var] = part
        for family in part.reads:
            self.readers.setdefault(family, set()).add(var)

    def drop(self, var: Var) -> None:
        part = self.pending.pop(var)
        for family in part.reads:
            self.readers[family].discard(var)

    def keep_effects(self) -> None:
        for var in [var for var, part in self.pending.items() if part.effect]:
            self.drop(var)

    def keep_read_inside(self, stmt: If) -> None:
        inside = {
            atom
            for inner in blocks(stmt)
            for s in inner.stmts
            for atom in operands(s)
            if isinstance(atom, Var)
        }
        inside |= {a for b in blocks(stmt) for a in b.yields if isinstance(a, Var)}
        if decides(stmt):
            inside.discard(stmt.cond)
        for var in inside & self.pending.keys():
            self.drop(var)

    def defined(self, stmt: Stmt) -> None:
        """A statement was printed: what reads an older version may not wait longer."""
        find = self.nester.fam.find
        written = {find(var) for var in stmt.outs}
        for inner in stmt.inner:
            written |= {find(var) for var in definitions(inner)}
        if isinstance(stmt, (For, While)):
            written |= {find(var) for var in stmt.params}
        if isinstance(stmt, Op) and stmt.prim in STATEMENTS and stmt.args:
            if isinstance(stmt.args[0], Var):
                written.add(find(stmt.args[0]))
        for family in written:
            readers = self.readers.get(family)
            for var in list(readers) if readers else ():
                self.drop(var)
        # a view that is read later, too, is copied before the write, and others are not
        bases, left = self.nester.bases, self.nester.left
        for view in [view for view, base in bases.items() if base in written]:
            if not left[view]:
                for var in [v for v, p in self.pending.items() if view in p.views]:
                    self.drop(var)
            del bases[view]

    def close(self, block: Block, returns: bool) -> None:
        if not returns:
            return
        for atom in block.yields:
            part = self.pending.get(atom) if isinstance(atom, Var) else None
            if part is not None and not part.stmt.outs[0].name:
                self.nester.inline[part.stmt.outs[0]] = part.stmt


def nested_operands(stmt: Stmt) -> tuple[Atom, ...]:
    """The operands in whose place an expression may stand."""
    if isinstance(stmt, Op):  # the base of an update is a name
        return stmt.args[1:] if stmt.prim in UPDATES else stmt.args
    if isinstance(stmt, For):
        return (stmt.start, stmt.stop, stmt.step)
    return () if isinstance(stmt, While) else stmt.operands
