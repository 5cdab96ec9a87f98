"""Forward mode: each statement is preceded by its tangent.

    y = mul x, x        ->      y_dot = add (mul x_dot, x), (mul x, x_dot)
                                y = mul x, x

Branches and loops carry tangents beside primals. A callee has a tangent form that takes
the tangents of its active arguments after its arguments and returns the tangents of its
active results after its results.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from s2sad.ad.lengths import renewed
from s2sad.ad.refuse import Refusals, place_of
from s2sad.ad.seeds import Seeds, dots_name, like_result
from s2sad.ad.tries import (
    decider,
    definitions_of,
    flagged,
    handed_out,
    is_errstate,
    never_completes,
    plain,
    without_effects,
)
from s2sad.ad.zeros import ZERO, full, zero_of
from s2sad.analysis.activity import Analyser, Roots
from s2sad.analysis.numbers import note, numbers_at_first
from s2sad.errors import refuse
from s2sad.ir.build import Builder, free_name
from s2sad.ir.kinds import Scalar, Static, Tuple, may_vary
from s2sad.ir.nodes import (
    NONE,
    UNDEF,
    Atom,
    Block,
    Call,
    For,
    Function,
    If,
    Lit,
    Op,
    Param,
    Program,
    Span,
    Stmt,
    Var,
    While,
)
from s2sad.ir.walk import (
    blocks,
    clone_stmt,
    mapping,
    statements,
    stmt_uses,
    substitute_block,
    with_blocks,
)
from s2sad.rules import TABLE

Dots = dict[Var, Atom]
Active = Collection[Var]


def jvp(program: Program, wrt: Seeds, *, value: bool = True) -> Program:
    """The tangent program: `(*args, *tangents) -> (y, y_dot)`.

    One tangent parameter follows for each place in `wrt`. With `value` false it
    returns `y_dot` alone.
    """
    machine = Forward(program)
    main = machine.entry(wrt, value)
    machine.refusals.check()
    return closed(main, machine.made, program)


@dataclass
class Forward:
    program: Program

    def __post_init__(self) -> None:
        self.analyser = Analyser(self.program)
        self.made: dict[str, Function] = {}
        self.names: dict[tuple[str, int], str] = {}
        self.refusals = Refusals()
        self.numbers: set[Var] = set()  # for a while, and arrays by their kinds

    # ---- functions -------------------------------------------------------------------

    def entry(self, wrt: Seeds, value: bool) -> Function:
        primal = renewed(self.program.entry)
        primal = replace(primal, body=flagged(primal.body))
        seeds = wrt.bind(primal)
        active = self.active(primal, seeds.roots)
        b = Builder()
        tangents = seeds.tangent_params()
        dots: Dots = seeds.tangents_of(b, tangents)
        self.block(b, primal.body, dots, active)
        (y,) = primal.results
        y_dot = full(b, dots.get(y) if isinstance(y, Var) else None, y)
        y_dot = like_result(b, y_dot, y.kind)
        yields = (tuple_of(b, (y, y_dot)),) if value else (y_dot,)
        return Function(
            f"{primal.name}_jvp",
            seeds.join_params(primal.params, tangents),
            b.close(yields),
            primal.source,
            seeds.tangent_doc(primal.name, value),
        )

    def active(self, primal: Function, roots: Roots) -> frozenset[Var]:
        """What varies and matters; calls without a rule in its way are refused."""
        active = self.analyser.activity(primal, roots).active
        self.refusals.unknown_calls(primal.body, active)
        body = statements(primal.body)
        self.numbers |= numbers_at_first(body, self.program.functions)
        return active

    def callee(self, key: str, mask: int) -> tuple[str, tuple[bool, ...]]:
        """The tangent form of a callee whose arguments in `mask` vary."""
        original = self.program.functions[key]
        passes = self.analyser.passes(key, mask)
        name = self.callee_name(key, mask)
        if name in self.made:
            return name, passes
        self.made[name] = original  # a placeholder while it is being made: recursion
        primal = renewed(original)
        primal = replace(primal, body=flagged(primal.body))
        given = [p.var for k, p in enumerate(primal.params) if mask >> k & 1]
        roots = {var: ((),) for var in given if may_vary(var.kind)}
        active = self.active(primal, roots)
        b = Builder()
        tangents = [tangent_var(var) for var in roots]
        dots: Dots = dict(zip(roots, tangents, strict=True))
        self.block(b, primal.body, dots, active)
        yields = list(primal.results)
        for atom, passed in zip(primal.results, passes, strict=True):
            if passed:
                dot = dots.get(atom) if isinstance(atom, Var) else None
                yields.append(full(b, dot, atom))
        params = [Param(p.var) for p in primal.params]
        params += [Param(var) for var in tangents]
        doc = f"Tangent of `{primal.name}`."
        del self.made[name]
        title = primal.name + name.removeprefix(key)
        self.made[name] = Function(
            title, tuple(params), b.close(yields), primal.source, doc
        )
        return name, passes

    def callee_name(self, key: str, mask: int) -> str:
        """`g_jvp`; `g_jvp_u` if of its real arguments only `u` varies."""
        if (key, mask) not in self.names:
            taken = {*self.program.functions, *self.names.values()}
            self.names[key, mask] = free_name(self.plain_name(key, mask), taken)
        return self.names[key, mask]

    def plain_name(self, key: str, mask: int) -> str:
        function = self.program.functions[key]
        # the main function returns one tuple: met in a recursion it has another name
        base = f"{key}_tangent" if key == self.program.main else f"{key}_jvp"
        if mask == full_mask(function):
            return base
        active = [p.var.name for k, p in enumerate(function.params) if mask >> k & 1]
        return "_".join((base, *active))

    # ---- statements ------------------------------------------------------------------

    def block(self, b: Builder, block: Block, dots: Dots, active: Active) -> None:
        for stmt in block.stmts:
            with b.at(stmt.span):
                self.stmt(b, stmt, dots, active)

    def stmt(self, b: Builder, stmt: Stmt, dots: Dots, active: Active) -> None:
        if isinstance(stmt, Op):
            self.op(b, stmt, dots, active)
        elif isinstance(stmt, If):
            self.branch(b, stmt, dots, active)
        elif isinstance(stmt, Call):
            self.call(b, stmt, dots, active)
        else:
            self.loop(b, stmt, dots, active)

    def op(self, b: Builder, op: Op, dots: Dots, active: Active) -> None:
        if not any(out in active for out in op.outs):
            b.add(op)
            return
        tangents = [dots.get(arg) if isinstance(arg, Var) else None for arg in op.args]
        if all(tangent is None for tangent in tangents):
            b.add(op)
            return
        with b.at(derived_span(op.span)), b.block() as before:
            rule = TABLE[op.prim].jvp
            found = self.refusals.guard(op, lambda: rule(b, plain(op), tangents))
        tangent = before.stmts
        # its tangent goes first, unless it reads the result
        late = any(var in op.outs for stmt in tangent for var in stmt_uses(stmt))
        for stmt in (op, *tangent) if late else (*tangent, op):
            b.add(stmt)
        for stmt in tangent:
            note(stmt, self.numbers)
        for out, dot in zip(op.outs, found or (), strict=False):
            if dot is not None:
                with b.at(derived_span(op.span)):
                    dots[out] = named(self.spread(b, dot, out), out)

    def spread(self, b: Builder, dot: Atom, out: Var) -> Atom:
        """An array where the value is one, though the tangent started from a number."""
        if dot not in self.numbers or out in self.numbers:
            return dot
        return b.op("full_like", (out, dot), out.kind)

    def branch(self, b: Builder, stmt: If, dots: Dots, active: Active) -> None:
        slots = [k for k, out in enumerate(stmt.outs) if out in active]
        if stmt.form == "try" and not never_completes(stmt.orelse):
            self.attempt(b, stmt, slots, dots, active)
            return
        closed = []
        for arm in (stmt.then, stmt.orelse):
            with b.block() as region:
                inner = dict(dots)
                self.block(b, arm, inner, active)
                extra = [
                    self.dot_as(b, arm.yields[k], inner, stmt.outs[k]) for k in slots
                ]
            closed.append(region.close((*arm.yields, *extra)))
        outs = [self.tangent_of(stmt.outs[k]) for k in slots]
        then, orelse = closed
        b.add(replace(stmt, outs=(*stmt.outs, *outs), then=then, orelse=orelse))
        dots.update(zip((stmt.outs[k] for k in slots), outs, strict=True))

    def attempt(
        self, b: Builder, stmt: If, slots: list[int], dots: Dots, active: Active
    ) -> None:
        """The tangents of a `try` stand behind it: what they raise is not the user's.

        Values of its two blocks are handed out for that; a branch or loop inside them
        is run again, beside its tangents.
        """
        if not slots:
            b.add(stmt)
            return
        wide, tables = handed_out(stmt)
        b.add(wide)
        closed = []
        for arm, table in zip((stmt.then, stmt.orelse), tables, strict=True):
            with b.block() as region:
                inner = dict(dots)
                self.behind(b, arm, inner, active)
                extra = [
                    self.dot_as(b, arm.yields[k], inner, stmt.outs[k]) for k in slots
                ]
            closed.append(substitute_block(region.close(extra), mapping(table)))
        outs = tuple(self.tangent_of(stmt.outs[k]) for k in slots)
        then, orelse = closed
        b.add(If(outs, decider(wide), then, orelse, "if", derived_span(stmt.span)))
        dots.update(zip((stmt.outs[k] for k in slots), outs, strict=True))

    def behind(self, b: Builder, arm: Block, dots: Dots, active: Active) -> None:
        """The tangents of a block whose values are there already."""
        for stmt in arm.stmts:
            if not any(out in active for out in stmt.outs):
                continue
            span = derived_span(stmt.span)
            if isinstance(stmt, Op):
                with b.at(span), b.block() as alone:
                    self.op(b, stmt, dots, active)
                for each in alone.stmts:
                    if each is not stmt:
                        b.add(each)
                continue
            again = self.silent(stmt)
            if isinstance(again, If) and again.form == "with":
                again = replace(again, cond=self.entry_again(b, again, arm))
            table: dict[Var, Atom] = {}
            twin = clone_stmt(again, table)
            more = {new for old, new in table.items() if old in active}
            with b.at(span):
                self.stmt(b, twin, dots, frozenset(active) | more)  # type: ignore[arg-type]
            for out in stmt.outs:
                new = table[out]
                if isinstance(new, Var) and new in dots:
                    dots[out] = dots[new]

    def entry_again(self, b: Builder, stmt: If, arm: Block) -> Atom:
        """The context of a `with` in a second run: a manager is entered but once."""
        for made in arm.stmts:
            if is_errstate(made) and stmt.cond in made.outs:
                assert isinstance(made, Op)
                op = plain(made)
                return b.op(op.prim, op.args, made.outs[0].kind, attrs=op.attrs)
        return NONE

    def silent(self, stmt: Stmt) -> Stmt:
        """The statement to be run again: what it does besides has been done."""
        again = with_blocks(stmt, tuple(map(without_effects, blocks(stmt))))
        made = set(definitions_of(stmt)) - set(definitions_of(again))
        if not made.isdisjoint(stmt_uses(again)):
            why = "a call in a branch or loop of its body would be made twice"
            self.refusals.add(refuse("try", place_of(stmt.span), why=why))
        return again

    def loop(self, b: Builder, stmt: For | While, dots: Dots, active: Active) -> None:
        slots = [
            k
            for k, pair in enumerate(zip(stmt.params, stmt.outs, strict=True))
            if pair[0] in active or pair[1] in active
        ]
        inits = [self.start(b, stmt, k, dots) for k in slots]
        params = [self.tangent_of(stmt.params[k]) for k in slots]
        outs = [self.tangent_of(stmt.outs[k]) for k in slots]
        with b.block() as region:
            inner = dict(dots)
            pairs = zip(slots, params, strict=True)
            inner.update((stmt.params[k], param) for k, param in pairs)
            self.block(b, stmt.body, inner, active)
            extra = [
                self.dot_as(b, stmt.body.yields[k], inner, stmt.outs[k]) for k in slots
            ]
        body = region.close((*stmt.body.yields, *extra), stmt.body.stop)
        b.add(
            replace(
                stmt,
                outs=(*stmt.outs, *outs),
                params=(*stmt.params, *params),
                inits=(*stmt.inits, *inits),
                body=body,
            )
        )
        dots.update(zip((stmt.outs[k] for k in slots), outs, strict=True))

    def tangent_of(self, var: Var) -> Var:
        """That of what joins and loops give: a number where the value may be one."""
        made = tangent_var(var)
        if var in self.numbers:
            self.numbers.add(made)
        return made

    def start(self, b: Builder, stmt: For | While, k: int, dots: Dots) -> Atom:
        return self.dot_as(b, stmt.inits[k], dots, stmt.params[k])

    def call(self, b: Builder, stmt: Call, dots: Dots, active: Active) -> None:
        given = [dots.get(arg) if isinstance(arg, Var) else None for arg in stmt.args]
        mask = sum(1 << k for k, dot in enumerate(given) if dot is not None)
        if not mask or not any(out in active for out in stmt.outs):
            b.add(stmt)
            return
        name, passes = self.callee(stmt.function, mask)
        hits = [out for out, hit in zip(stmt.outs, passes, strict=True) if hit]
        outs = [tangent_var(out) for out in hits]
        pairs = zip(stmt.args, given, strict=True)
        args = [full(b, dot, arg) for arg, dot in pairs if dot is not None]
        b.add(Call((*stmt.outs, *outs), name, (*stmt.args, *args), stmt.span))
        if not self.numbers.isdisjoint(args):
            self.numbers.update(outs)
        for out, dot in zip(hits, outs, strict=True):
            dots[out] = self.spread(b, dot, out)

    def dot(self, b: Builder, atom: Atom, dots: Mapping[Var, Atom]) -> Atom:
        """The tangent of an atom where one is needed: joins, loops and results."""
        if atom == UNDEF:
            return UNDEF
        if isinstance(atom, Var) and atom in dots:
            return full(b, dots[atom], atom)
        return zero_of(b, atom) if isinstance(atom, Var) else literal_zero(atom)

    def dot_as(
        self, b: Builder, atom: Atom, dots: Mapping[Var, Atom], out: Var
    ) -> Atom:
        """The same for what goes on in `out`: a bool may do so as a number."""
        is_bool = isinstance(atom.kind, Static) and isinstance(atom.kind.value, bool)
        if is_bool and not isinstance(out.kind, Static):
            return ZERO
        return self.dot(b, atom, dots)


def closed(main: Function, made: dict[str, Function], primal: Program) -> Program:
    """The program of `main` with just the functions that it comes to."""
    known = {**primal.functions, **made, main.name: main}
    found: dict[str, Function] = {}
    work = [main.name]
    while work:
        key = work.pop()
        if key in found:
            continue
        found[key] = known[key]
        work += [s.function for s in statements(known[key].body) if isinstance(s, Call)]
    return Program(main.name, found)


def derived_span(span: Span | None) -> Span | None:
    return None if span is None else replace(span, derived=True)


def literal_zero(atom: Atom) -> Atom:
    """The tangent of a literal: zero of a number, nothing of anything else."""
    return ZERO if isinstance(atom.kind, Scalar) else Lit(None)


def tangent_var(var: Var) -> Var:
    made = var.like(dots_name(var.name))
    made.derives(var, "_dot")
    return made


def named(dot: Atom, out: Var) -> Atom:
    """Give an unnamed tangent the name of what it is the tangent of."""
    if isinstance(dot, Var) and not dot.name:
        dot.name = dots_name(out.name)
        if out.name or dot.of is None:
            dot.derives(out, "_dot")
    return dot


def tuple_of(b: Builder, atoms: Sequence[Atom]) -> Var:
    return b.op("tuple", tuple(atoms), Tuple(tuple(a.kind for a in atoms)))


def full_mask(function: Function) -> int:
    return sum(1 << k for k, p in enumerate(function.params) if may_vary(p.var.kind))
