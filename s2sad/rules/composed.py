"""Functions that are made of other primitives: their rules are those of the parts.

    average = composed("np.average", lambda a, w: sum_(a * w) / sum_(w))

The formula is written out at the place of the derivative, and each of its
operations differentiated by its own rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from s2sad.ir.build import Builder
from s2sad.ir.kinds import Kind
from s2sad.ir.nodes import Atom, Block, If, Op, Stmt, Var
from s2sad.ir.walk import clone_block
from s2sad.rules.containers import array_operand, give
from s2sad.rules.handles import build, lift
from s2sad.rules.lazy import full
from s2sad.rules.primitive import (
    Adjoints,
    Primitive,
    Tangents,
    options_of,
    taken,
)
from s2sad.rules.reach import Reach, either, placed
from s2sad.rules.registry import PRIMITIVES
from s2sad.rules.structural import tangent_or_zero, zero_of
from s2sad.rules.verbs import custom


class LocalAdjoints:
    """The adjoints of the operations of one formula."""

    def __init__(self, b: Builder, active: set[Var], operands: Sequence[Atom]) -> None:
        self.b, self.active, self.operands = b, active, operands
        self.found: dict[Var, Atom] = {}
        self.reaches: dict[Var, Reach | None] = {}

    def take(self, out: Var) -> Atom | None:
        found = self.found.get(out)
        return found if out in self.operands else self.found.pop(out, None)

    def wants(self, arg: Atom) -> bool:
        return arg in self.active

    def reach(self, out: Var, *key: object) -> Reach | None:
        return None if key else self.reaches.get(out)

    def exchanges(self, out: Var) -> None:
        return None

    def _read(self, arg: Var, reach: Reach | None) -> None:
        if arg in self.found:
            reach = either(self.reaches.get(arg), reach)
        self.reaches[arg] = reach

    def add(self, arg: Atom, value: Atom, reach: Reach | None = None) -> None:
        assert isinstance(arg, Var)
        self._read(arg, reach)
        before = self.found.get(arg)
        if before is not None:
            value = (lift(self.b, before) + lift(self.b, value)).atom
        self.found[arg] = value

    def add_at(
        self,
        arg: Atom,
        path: str,
        index: Sequence[Atom],
        value: Atom,
        reach: Reach | None = None,
    ) -> None:
        assert isinstance(arg, Var)
        x = lift(self.b, arg)
        self._read(arg, placed(self.b, reach, x, path, index))
        before = self.found.get(arg)
        if before is None:
            base = lift(self.b, zero_of(self.b, arg))
        else:
            base = full(lift(self.b, before), x)
        places = [lift(self.b, atom) for atom in index]
        added = build("additem", base, lift(self.b, value), *places, path=path)
        self.found[arg] = added.atom

    def item(self, out: Var, key: object) -> Atom | None:
        found = self.found.get(out)
        if found is None:
            return None
        return build("getitem", lift(self.b, found), key, path="[#]").atom

    def pass_on(self, out: Var, base: Atom, path: str, index: Sequence[Atom]) -> None:
        return None


# ---- through the statements of a formula ---------------------------------------------
# They are operations, and choices between numbers (`rules.selecting`), which are
# branches: their arms are written again, beside what is derived from them.


def spread(stmts: Sequence[Stmt], active: set[Var]) -> None:
    """Add what varies with something in `active`."""
    for stmt in stmts:
        if isinstance(stmt, If):
            for arm in (stmt.then, stmt.orelse):
                spread(arm.stmts, active)
            pairs = zip(stmt.outs, stmt.then.yields, stmt.orelse.yields, strict=True)
            active.update(out for out, *ends in pairs if any(e in active for e in ends))
        elif not PRIMITIVES[stmt.prim].flat:  # type: ignore[union-attr]
            if any(arg in active for arg in stmt.args):  # type: ignore[union-attr]
                active.update(stmt.outs)


def push_forward(b: Builder, stmts: Sequence[Stmt], dots: dict[Atom, Atom]) -> None:
    """Append the tangents of statements that stand in the program."""
    for stmt in stmts:
        if any(out in dots for out in stmt.outs):
            continue
        if isinstance(stmt, If):
            _push_branch(b, stmt, dots)
            continue
        assert isinstance(stmt, Op)
        given = [dots.get(arg) for arg in stmt.args]
        if all(dot is None for dot in given):
            continue
        found = PRIMITIVES[stmt.prim].jvp(b, stmt, given)
        pairs = zip(stmt.outs, found, strict=True)
        dots.update((out, dot) for out, dot in pairs if dot is not None)


def _push_branch(b: Builder, stmt: If, dots: dict[Atom, Atom]) -> None:
    regions, ends = [], []
    for arm in (stmt.then, stmt.orelse):
        with b.block() as region:
            copied, inner = _copied(b, arm), dict(dots)
            push_forward(b, copied.stmts, inner)
            ends.append([(end, inner.get(end)) for end in copied.yields])
        regions.append(region)
    slots = [
        k for k, pair in enumerate(zip(*ends, strict=True)) if any(d for _, d in pair)
    ]
    if not slots:
        return
    outs = tuple(Var("", stmt.outs[k].kind) for k in slots)
    arms = []
    for region, arm in zip(regions, ends, strict=True):
        with b.reopened(region):
            given = [tangent_or_zero(b, *arm[k]) for k in slots]
        arms.append(region.close(given))
    then, orelse = arms
    b.add(If(outs, stmt.cond, then, orelse, stmt.form))
    dots.update(zip((stmt.outs[k] for k in slots), outs, strict=True))


def pull_back(b: Builder, stmts: Sequence[Stmt], local: LocalAdjoints) -> None:
    """Append the adjoints of statements that stand in the program."""
    for stmt in reversed(stmts):
        if any(out in local.active and out not in local.operands for out in stmt.outs):
            if isinstance(stmt, If):
                _pull_branch(b, stmt, local)
            else:
                PRIMITIVES[stmt.prim].vjp(b, stmt, local)  # type: ignore[union-attr]


def _pull_branch(b: Builder, stmt: If, local: LocalAdjoints) -> None:
    taken_bars = [local.take(out) for out in stmt.outs]
    regions, arms = [], []
    for arm in (stmt.then, stmt.orelse):
        with b.block() as region:
            copied, active = _copied(b, arm), set(local.active)
            spread(copied.stmts, active)
            inner = LocalAdjoints(b, active, local.operands)
            for end, bar in zip(copied.yields, taken_bars, strict=True):
                if bar is not None and end in active:
                    inner.add(end, bar)
            pull_back(b, copied.stmts, inner)
        regions.append(region)
        arms.append({v: bar for v, bar in inner.found.items() if v in local.active})
    places = list(dict.fromkeys([*arms[0], *arms[1]]))
    if not places:
        return
    for region, arm in zip(regions, arms, strict=True):
        with b.reopened(region):
            for v in places:
                bar = arm.get(v)
                arm[v] = zero_of(b, v) if bar is None else full(lift(b, bar), v).atom
    outs = tuple(Var("", v.kind) for v in places)
    then, orelse = (
        region.close([arm[v] for v in places])
        for region, arm in zip(regions, arms, strict=True)
    )
    b.add(If(outs, stmt.cond, then, orelse, stmt.form))
    for v, out in zip(places, outs, strict=True):
        local.add(v, out)


def _copied(b: Builder, arm: Block) -> Block:
    """The statements of an arm once more, defining variables of their own."""
    copied = clone_block(arm, {})
    for stmt in copied.stmts:
        b.add(stmt)
    return copied


def composed(
    spellings: str,
    formula: Callable[..., object],
    *,
    kind: Callable[..., tuple[Kind, ...]] | None = None,
    **rest: object,
) -> Primitive:
    """A function given by a `formula` over handles; options come as keywords."""

    def written(b: Builder, op: Op) -> tuple[list[Atom], list[Stmt], Atom]:
        operands = [array_operand(b, arg) for arg in op.args]
        start = len(b.stmts)
        atoms = [operand.atom for operand in operands]
        result = formula(*operands, **options_of(op)).atom  # type: ignore[attr-defined]
        return atoms, b.stmts[start:], result

    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        if all(dot is None for dot in tangents):
            return (None,)
        atoms, stmts, result = written(b, op)
        dots: dict[Atom, Atom] = {}
        for arg, atom, dot in zip(op.args, atoms, tangents, strict=True):
            if dot is not None:
                given = array_operand(b, dot)
                dots[atom] = full(given, atom).atom if atom is arg else given.atom
        push_forward(b, stmts, dots)
        return (dots.get(result),)

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        y_bar = taken(b, op, bars)
        if y_bar is None:
            return
        atoms, stmts, result = written(b, op)
        wanted = [
            (arg, atom)
            for arg, atom in zip(op.args, atoms, strict=True)
            if bars.wants(arg)
        ]
        targets = [atom for _, atom in wanted]
        active: set[Var] = {atom for atom in targets if isinstance(atom, Var)}
        spread(stmts, active)
        local = LocalAdjoints(b, active, targets)
        if isinstance(result, Var):
            local.found[result] = full(y_bar, op.outs[0]).atom
            local.reaches[result] = bars.reach(op.outs[0])
        pull_back(b, stmts, local)
        for arg, atom in dict.fromkeys(wanted):
            found = local.found.get(atom)  # type: ignore[arg-type]
            if found is not None:
                give(b, bars, arg, lift(b, found), local.reaches.get(atom))  # type: ignore[arg-type]

    return custom(
        spellings,
        forward,
        backward,
        kind=kind or formula_kind(formula),
        partials=formula,
        **rest,
    )


def formula_kind(formula: Callable[..., object]):
    """The kind that a formula comes to."""

    def kind(args: Sequence[Atom], attrs) -> tuple[Kind, ...]:
        b = Builder()
        operands = [array_operand(b, arg) for arg in args]
        options = {k: v for k, v in attrs.items() if k not in ("spelling", "lib")}
        return (formula(*operands, **options).kind,)  # type: ignore[attr-defined]

    return kind
