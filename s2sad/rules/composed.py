"""Functions that are made of other primitives: their rules are those of the parts.

    average = composed("np.average", lambda a, w: sum_(a * w) / sum_(w))

The formula is written out at the place of the derivative, and each of its
operations differentiated by its own rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from s2sad.ir.build import Builder
from s2sad.ir.kinds import Kind
from s2sad.ir.nodes import Atom, Op, Stmt, Var
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
from s2sad.rules.structural import zero_of
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
        for stmt in stmts:
            assert isinstance(stmt, Op), "a formula has no branches"
            if any(out in dots for out in stmt.outs):
                continue
            given_dots = [dots.get(arg) for arg in stmt.args]
            if all(dot is None for dot in given_dots):
                continue
            found = PRIMITIVES[stmt.prim].jvp(b, stmt, given_dots)
            dots.update(
                (o, d) for o, d in zip(stmt.outs, found, strict=True) if d is not None
            )
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
        for stmt in stmts:
            if not isinstance(stmt, Op) or PRIMITIVES[stmt.prim].flat:
                continue
            if any(arg in active for arg in stmt.args if isinstance(arg, Var)):
                active.update(stmt.outs)
        local = LocalAdjoints(b, active, targets)
        if isinstance(result, Var):
            local.found[result] = full(y_bar, op.outs[0]).atom
            local.reaches[result] = bars.reach(op.outs[0])
        for stmt in reversed(stmts):
            if any(out in active and out not in targets for out in stmt.outs):
                PRIMITIVES[stmt.prim].vjp(b, stmt, local)  # type: ignore[union-attr]
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
