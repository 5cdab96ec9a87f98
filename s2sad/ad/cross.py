"""Make the raw reverse half closed: keep what was chosen, compute the rest again.

A kept value of a loop body is pushed right after it is defined and popped where the
mirrored body begins. Its tape is a value, threaded through every loop and branch around
it, on the way in and on the way back. What is computed again is computed late, at the
first statement that needs it. A value of a branch outside loops is yielded from the
branch, undefined on the other path: it is still there as a local. In the split shape,
where it is handed over, it is None on the other path.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from s2sad.ad.keep import ELEMENTWISE, Choice, Homes
from s2sad.ad.reverse import Mirrors, reverse_span
from s2sad.ad.tries import plain
from s2sad.ir.build import Builder
from s2sad.ir.kinds import UNKNOWN, Array, Tape
from s2sad.ir.nodes import (
    UNDEF,
    Atom,
    Block,
    Call,
    For,
    If,
    Op,
    Span,
    Stmt,
    Var,
    While,
)
from s2sad.ir.walk import (
    blocks,
    free_vars,
    mapping,
    operands,
    reading,
    statements,
    substitute,
)
from s2sad.rules import TABLE

Tapes = dict[Var, Atom]  # kept variable -> its tape, so far


class Crossing:
    """Carries the kept values of one function from its forward to its reverse half."""

    def __init__(
        self,
        mirrors: Mirrors,
        found: Homes,
        choice: Choice,
        absent: Atom = UNDEF,
        copies: bool = False,
    ) -> None:
        self.absent = absent  # what stands for a value of the branch not taken
        self.copies = copies  # may the caller change arrays before the reverse half?
        self.mirrors = mirrors
        self.found = found
        self.again, kept = choice.again, choice.kept
        self.versions = choice.versions
        self.ends: dict[Stmt, list[Var]] = {}  # what a loop's mirror carries besides
        for var in found.block:
            if var in choice.carried:
                self.ends.setdefault(found.ends[var].loop, []).append(var)
        self.late: set[Var] = set()  # what is needed before its array is put back
        self.taped = [v for v in found.block if v in kept and found.depth[v] > 0]
        self.locals = [v for v in found.block if v in kept and found.depth[v] == 0]
        self.inside: dict[Stmt, list[Var]] = {}
        self.here: dict[Block, list[Var]] = {}
        for var in (*self.taped, *self.locals):
            self._enter(var)
        self.env: dict[Var, Atom] = {}
        self.bundles = {new.outs[-1] for new in mirrors.replaced.values()}

    def _enter(self, var: Var) -> None:
        """Note the blocks and statements around a kept variable."""
        block = self.found.block[var]
        self.here.setdefault(block, []).append(var)
        while block in self.found.parents:
            stmt, block = self.found.parents[block]
            self.inside.setdefault(stmt, []).append(var)

    # ---- forward ---------------------------------------------------------------------

    def forward(self, body: Block) -> tuple[tuple[Stmt, ...], Tapes]:
        """The forward half with its pushes, and the tapes it leaves."""
        b = Builder()
        tapes: Tapes = {}
        for stmt in body.stmts:
            for var in self._taped_in(stmt):
                if var not in tapes:
                    with b.at(stmt.span):
                        tapes[var] = b.op("tape", (), Tape(var.kind), tape_name(var))
            self._forward_stmt(b, stmt, tapes)
        return tuple(b.stmts), tapes

    def _taped_in(self, stmt: Stmt) -> list[Var]:
        return [v for v in self.inside.get(stmt, ()) if self.found.depth[v] > 0]

    def _forward_stmt(self, b: Builder, stmt: Stmt, tapes: Tapes) -> None:
        new = self.mirrors.replaced.get(stmt, stmt)
        if isinstance(new, (Op, Call)):
            b.add(new)
            return
        taped = self._taped_in(stmt)
        if isinstance(stmt, If):
            b.add(self._forward_if(stmt, taped, tapes))
        else:
            assert isinstance(stmt, (For, While))
            b.add(self._forward_loop(stmt, taped, tapes))

    def _forward_block(self, block: Block, tapes: Tapes) -> tuple[Stmt, ...]:
        b = Builder()
        mine = [v for v in self.here.get(block, ()) if self.found.depth[v] > 0]
        for var in mine:
            if self.found.stmt[var] is None and var not in self._call_kept(block):
                self.push(b, var, tapes)  # a parameter or index of the loop
        owner = self.found.parents.get(block, (None, None))[0]
        # an exception must not leave a tape with an entry that the reverse half
        # does not pop
        late = isinstance(owner, If) and owner.form == "try" and block is owner.then
        waiting: list[tuple[Var, Stmt]] = []
        for stmt in block.stmts:
            self._forward_stmt(b, stmt, tapes)
            new = self.mirrors.replaced.get(stmt, stmt)
            waiting += [(var, stmt) for var in new.outs if var in mine]
            if not late or stmt is block.stmts[-1]:
                for var, at in waiting:
                    with b.at(at.span):
                        self.push(b, var, tapes)
                waiting = []
        return tuple(b.stmts)

    def push(self, b: Builder, var: Var, tapes: Tapes) -> None:
        value: Atom = var
        if self.copies and isinstance(var.kind, Array) and not is_new(self.found, var):
            value = b.op("copy", (var,), var.kind, var.name)
        tapes[var] = b.op("push", (tapes[var], value), Tape(var.kind), tape_name(var))

    def _call_kept(self, block: Block) -> set[Var]:
        return {
            new.outs[-1]
            for stmt in block.stmts
            if (new := self.mirrors.replaced.get(stmt)) is not None
        }

    def _forward_if(self, stmt: If, taped: list[Var], tapes: Tapes) -> If:
        arms, ends = [], []
        for arm in (stmt.then, stmt.orelse):
            inner = dict(tapes)
            arms.append(self._forward_block(arm, inner))
            ends.append([inner[var] for var in taped])
        outs = [tape_var(var) for var in taped]
        tapes.update(zip(taped, outs, strict=True))
        yields = [[*stmt.then.yields, *ends[0]], [*stmt.orelse.yields, *ends[1]]]
        for var in self.inside.get(stmt, ()):
            if self.found.depth[var] > 0:
                continue
            k = 0 if self._within(var, stmt.then) else 1
            inner = self.env.get(var, var)
            arm = (stmt.then, stmt.orelse)[k]
            if not stmt.tests and inner in arm.yields:
                self.env[var] = stmt.outs[arm.yields.index(inner)]
                continue
            yields[k].append(self.env.get(var, var))
            yields[1 - k].append(self.absent)
            # what a callee kept is one value, which may be None
            out = var.like(kind=UNKNOWN if var in self.bundles else None)
            self.env[var] = out
            outs.append(out)
        then, orelse = (
            replace(arm, stmts=stmts, yields=tuple(ys))
            for arm, stmts, ys in zip(
                (stmt.then, stmt.orelse), arms, yields, strict=True
            )
        )
        return replace(stmt, outs=(*stmt.outs, *outs), then=then, orelse=orelse)

    def _within(self, var: Var, arm: Block) -> bool:
        block = self.found.block[var]
        while block is not arm:
            if block not in self.found.parents:
                return False
            block = self.found.parents[block][1]
        return True

    def _forward_loop(
        self, stmt: For | While, taped: list[Var], tapes: Tapes
    ) -> For | While:
        params = [tape_var(var) for var in taped]
        outs = [tape_var(var) for var in taped]
        inits = [tapes[var] for var in taped]
        inner: Tapes = dict(zip(taped, params, strict=True))
        stmts = self._forward_block(stmt.body, inner)
        ends = [inner[var] for var in taped]
        tapes.update(zip(taped, outs, strict=True))
        body = replace(stmt.body, stmts=stmts, yields=(*stmt.body.yields, *ends))
        return replace(
            stmt,
            outs=(*stmt.outs, *outs),
            params=(*stmt.params, *params),
            inits=(*stmt.inits, *inits),
            body=body,
        )

    # ---- reverse ---------------------------------------------------------------------

    def reverse(self, rev: Block, body: Block, tapes: Tapes) -> Block:
        """The reverse half, which now reads only what it can see."""
        b = Builder()
        env = {**self.env, **{new: last for last, new in self.found.shapes.items()}}
        yields = self._reverse_stmts(b, rev, body, env, tapes)
        return b.close(yields)

    def _reverse_stmts(
        self,
        b: Builder,
        rev: Block,
        home: Block,
        env: dict[Var, Atom],
        tapes: Tapes,
    ) -> tuple[Atom, ...]:
        for stmt in rev.stmts:
            if self.again:
                self._compute_again(b, self._reads(stmt), home, env)
            self._check(operands(stmt), env)
            self._reverse_stmt(b, stmt, env, tapes)
            if self.versions:
                self._restored(stmt.outs, env)
        self._compute_again(b, [a for a in rev.yields if isinstance(a, Var)], home, env)
        self._check(rev.yields, env)
        return tuple(map(mapping(env), rev.yields))

    def _reads(self, stmt: Stmt) -> Iterable[Var]:
        """What a statement of the reverse half will read, as far as that is outside."""
        reads = free_vars(stmt)
        if not self.ends or isinstance(stmt, (Op, Call)):
            return reads
        loops = [stmt, *(s for block in blocks(stmt) for s in statements(block))]
        ends = [end for s in loops for end in self._ends(s)]
        return [*reads, *(self.found.ends[end].out for end in ends)]

    def _ends(self, stmt: Stmt) -> list[Var]:
        fwd = self.mirrors.of.get(stmt)
        return [] if fwd is None else self.ends.get(fwd, [])

    def _restored(self, outs: Iterable[Var], env: dict[Var, Atom]) -> None:
        """From here on, these twins stand for the versions that they are of."""
        for out in outs:
            version = self.mirrors.twins.get(out)
            if version is None or version not in self.versions:
                continue
            env[version] = out
            shape = self.found.ends_as(version)
            if shape is not None:
                env[shape] = out

    def _check(self, reads: Iterable[Atom], env: dict[Var, Atom]) -> None:
        if self.versions:
            self.late |= {a for a in reads if a in self.versions and a not in env}  # type: ignore[misc]

    def _reverse_stmt(
        self, b: Builder, stmt: Stmt, env: dict[Var, Atom], tapes: Tapes
    ) -> None:
        if isinstance(stmt, Op):
            b.add(reading(stmt, env))
            return
        get = mapping(env)
        if isinstance(stmt, Call):
            b.add(substitute(stmt, get))
            return
        fwd = self.mirrors.of[stmt]
        taped = [var for var in self._taped_in(fwd) if var in tapes]
        if isinstance(stmt, If):
            arms = []
            for arm, home in zip(blocks(stmt), blocks(fwd), strict=True):
                arms.append(self._reverse_block(b, arm, home, env, tapes, taped))
            outs = [tape_var(var) for var in taped]
            then, orelse = arms
            b.add(
                replace(
                    stmt,
                    cond=get(stmt.cond),
                    outs=(*stmt.outs, *outs),
                    then=then,
                    orelse=orelse,
                )
            )
            tapes.update(zip(taped, outs, strict=True))
            return
        assert isinstance(stmt, For) and isinstance(fwd, (For, While))
        ends = self._ends(stmt)
        params = [end.copy() for end in ends]
        inits = [get(self.found.ends[end].out) for end in ends]
        starts = [self.found.ends[end].param for end in ends]
        inner_env = {**env, **dict(zip(ends, params, strict=True))}
        outs = [param.like() for param in params]
        params += [tape_var(var) for var in taped]
        outs += [tape_var(var) for var in taped]
        inits += [tapes[var] for var in taped]
        if stmt in self.mirrors.index:
            old, new = self.mirrors.index[stmt]
            inner_env[old] = new
        self._restored(stmt.params, inner_env)
        loop_tapes = dict(zip(taped, params[len(ends) :], strict=True))
        inner_tapes: Tapes = {**tapes, **loop_tapes}
        rev = replace(stmt.body, yields=(*stmt.body.yields, *starts))
        body = self._reverse_block(b, rev, fwd.body, inner_env, inner_tapes, taped)
        b.add(
            replace(
                stmt,
                start=get(stmt.start),
                stop=get(stmt.stop),
                step=get(stmt.step),
                outs=(*stmt.outs, *outs),
                params=(*stmt.params, *params),
                inits=(*map(get, stmt.inits), *inits),
                body=body,
            )
        )
        tapes.update(zip(taped, outs[len(ends) :], strict=True))

    def _reverse_block(
        self,
        b: Builder,
        rev: Block,
        home: Block,
        env: dict[Var, Atom],
        tapes: Tapes,
        taped: Sequence[Var],
    ) -> Block:
        inner_env, inner_tapes = dict(env), dict(tapes)
        with b.block() as region:
            for var in reversed(self.here.get(home, ())):
                if self.found.depth[var] > 0:
                    with b.at(self._place(var, home)):
                        inner_env[var] = pop(b, var, inner_tapes)
            yields = self._reverse_stmts(b, rev, home, inner_env, inner_tapes)
        return region.close((*yields, *(inner_tapes[var] for var in taped)))

    def _place(self, var: Var, home: Block):
        stmt = self.found.stmt[var]
        if stmt is None and home in self.found.parents:
            stmt = self.found.parents[home][0]
        return None if stmt is None else reverse_span(stmt.span)

    # ---- again -----------------------------------------------------------------------

    def _compute_again(
        self, b: Builder, reads, home: Block, env: dict[Var, Atom]
    ) -> None:
        """Compute what these reads come to, as far as it was defined in this block."""
        order: list[Var] = []
        seen: set[Var] = set()
        work = [(var, False) for var in reads if var in self.again]
        while work:
            var, ready = work.pop()
            if ready:
                if self.found.block[var] is home:
                    order.append(var)
                continue
            if var in seen or var in env:
                continue
            seen.add(var)
            work.append((var, True))
            op = self.found.recipe(var)
            assert isinstance(op, (Op, Call))
            work.extend(
                (a, False) for a in op.args if isinstance(a, Var) and a in self.again
            )
        for var in order:
            op = self.found.recipe(var)
            assert isinstance(op, (Op, Call))
            if var in env:
                continue  # with another result of one call
            if any(arg in self.versions and arg not in env for arg in op.args):
                self.late.add(var)
            if isinstance(op, Op):
                outs, op = (var.like(kind=op.outs[0].kind),), plain(op)
                env[var] = outs[0]
            else:
                outs = tuple(out.like() for out in op.outs)
                env.update({o: new for o, new in zip(op.outs, outs) if o in self.again})
            args = tuple(map(mapping(env), op.args))
            b.add(replace(op, outs=outs, args=args, span=again_span(op.span)))


def again_span(span: Span | None) -> Span | None:
    span = reverse_span(span)
    return None if span is None else replace(span, again=True)


def tape_name(var: Var) -> str:
    return f"{var.name}_tape" if var.name else "tape"


def tape_var(var: Var) -> Var:
    return Var(tape_name(var), Tape(var.kind))


def is_new(found: Homes, var: Var) -> bool:
    """Is an array surely no view of another, since an operation has just made it?"""
    op = found.stmt.get(var)
    return isinstance(op, Op) and (
        TABLE[op.prim].verb in ("smooth", "bilinear") or op.prim in ELEMENTWISE
    )


def pop(b: Builder, var: Var, tapes: Tapes) -> Var:
    tape, value = b.ops(
        "pop", (tapes[var],), (Tape(var.kind), var.kind), (tape_name(var), var.name)
    )
    tapes[var] = tape
    return value
