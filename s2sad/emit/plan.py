"""The plan of a function's text: what is nested, what shares a name, what is copied."""

from __future__ import annotations

from dataclasses import dataclass, field

from s2sad.emit.classes import Classes, coalesce
from s2sad.emit.jumps import flags
from s2sad.emit.nest import Nesting, nest
from s2sad.emit.ranges import Ranges, live_ranges
from s2sad.ir.kinds import Scalar
from s2sad.ir.nodes import Atom, Block, For, Function, If, Op, Stmt, Var, While


@dataclass
class Plan:
    function: Function
    nesting: Nesting
    ranges: Ranges
    classes: Classes
    flags: set[Var]
    reverse: set[int] = field(default_factory=set)

    # ---- copies ------------------------------------------------------------------------

    def copies_operand(self, stmt: Stmt, position: int) -> bool:
        return False

    def copies_base(self, op: Op) -> bool:
        if op.prim in ("push", "pop", "append"):
            return False
        base = op.args[0]
        return not isinstance(base, Var) or True

    def why(self, op: Op) -> str:
        return ""

    def may_augment(self, op: Op, base: int) -> bool:
        return isinstance(op.outs[0].kind, Scalar)

    # ---- moves -------------------------------------------------------------------------

    def is_needed(self, var: Var) -> bool:
        return var not in self.flags

    def branch_moves(self, stmt: If, branch: Block) -> list[tuple[Var, Atom, bool]]:
        return [
            (out, atom, False)
            for out, atom in zip(stmt.outs, branch.yields, strict=True)
            if out not in self.flags and self.nesting.counts.get(out)
        ]

    def start_moves(self, stmt: For | While) -> list[tuple[Var, Atom, bool]]:
        return [(p, a, False) for p, a in zip(stmt.params, stmt.inits, strict=True)]

    def body_moves(self, stmt: For | While) -> list[tuple[Var, Atom, bool]]:
        return [(p, a, False) for p, a in zip(stmt.params, stmt.body.yields, strict=True)]

    def end_moves(self, stmt: For | While) -> list[tuple[Var, Atom, bool]]:
        return [
            (out, param, False)
            for out, param in zip(stmt.outs, stmt.params, strict=True)
            if self.nesting.counts.get(out)
        ]


def plan(function: Function) -> Plan:
    nesting = nest(function)
    ranges = live_ranges(function, nesting)
    classes = coalesce(function, nesting, ranges)
    return Plan(function, nesting, ranges, classes, flags(function, nesting.counts))
