"""Calls without a rule: kept as written, and refused where an active value needs them.

A call that is opaque passes no derivative on, so that it must be known, before anything
is differentiated, that no result depends on an active value by way of one.
"""

from __future__ import annotations

from collections.abc import Iterable

from s2sad.analysis.activity import Analyser
from s2sad.errors import Diagnostic, raise_all, refuse
from s2sad.ir.kinds import may_vary
from s2sad.ir.nodes import Call, Function, Op, Program, Var
from s2sad.ir.walk import statements


def refuse_unknown_calls(program: Program, roots: Iterable[Var]) -> None:
    """Raise what there is to say of calls through which a result depends on `roots`."""
    found = Search(program).through(program.entry, set(roots))
    if found:
        raise_all(found)


class Search:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.analyser = Analyser(program)
        self.seen: set[tuple[str, frozenset[int]]] = set()

    def through(self, function: Function, roots: set[Var]) -> list[Diagnostic]:
        """The complaints about one function whose parameters `roots` vary."""
        body = function.body
        ops = [s for s in statements(body) if isinstance(s, Op) and s.prim == "opaque"]
        calls = [s for s in statements(body) if isinstance(s, Call)]
        if not ops and not calls:
            return []
        varied = self.varied(function, roots)
        found: list[Diagnostic] = []
        for call in calls:
            passed = [k for k, arg in enumerate(call.args) if arg in varied]
            key = (call.function, frozenset(passed))
            if passed and key not in self.seen:
                self.seen.add(key)
                callee = self.program.functions[call.function]
                inner = {callee.params[k].var for k in passed}
                found += self.through(callee, inner)
        # One opaque call may feed another: what comes out of the first varies, too.
        reached: dict[Var, Op] = {}
        while True:
            new = {
                op.outs[0]: op
                for op in ops
                if op.outs[0] not in reached and any(a in varied for a in op.args)
            }
            if not new:
                break
            reached.update(new)
            varied |= self.varied(function, set(reached))
        for out, op in reached.items():
            after = self.varied(function, {out})
            if any(result in after for result in body.yields):
                found.append(complaint(op))
        return found

    def varied(self, function: Function, roots: set[Var]) -> set[Var]:
        active = {var: ((),) for var in roots if may_vary(var.kind)}
        return roots | set(self.analyser.varied(function.body, active))


def complaint(op: Op) -> Diagnostic:
    prepared = op.attrs.get("refusal")
    if isinstance(prepared, Diagnostic):
        return prepared
    return refuse("unknown-callable", None, what=str(op.attrs.get("callee")))
