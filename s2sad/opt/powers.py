"""A power of an array by a smaller one that is computed anyway.

    %1 = pow x, 3                     %2 = pow x, 2
    ...                       ->      %1 = mul %2, x
    %2 = pow x, 2                     ...

The derivative of a power reads the next smaller one. NumPy raises to the second power
by multiplying, and to any other by `pow`, which takes a hundred times as long: so the
power of the user's shares what its derivative reads. The last digit may differ: what a
comparison comes from stays as it is, and the user's own where the other half may
compute it again. Arrays alone: of Python's numbers, `x**3` raises an OverflowError
where `x * x * x` is inf.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.ir.kinds import Array, is_float_dtype
from s2sad.ir.nodes import Atom, Block, Function, Lit, Op, Var
from s2sad.ir.walk import primitives
from s2sad.opt.compared import compared
from s2sad.opt.facts import has_effect, is_derived, written_over
from s2sad.opt.rewrite import Rewriter


def powers(function: Function) -> Function:
    if "pow" not in primitives(function.body):
        return function
    todo = [function.body]
    while todo:
        block = todo.pop()
        ops = [s for s in block.stmts if isinstance(s, Op) and s.prim == "pow"]
        if any(exponent(op) > 2 for op in ops):
            users = function.own is None  # else the other half may compute it again
            return Powers(written_over(function), compared(function), users).run(
                function
            )
        for stmt in block.stmts:
            todo += stmt.inner
    return function


class Powers(Rewriter):
    def __init__(self, written: set[Var], exact: set[Var], users: bool) -> None:
        super().__init__()
        self.written = written
        self.exact = exact
        self.users = users  # their own powers, too
        self.known: dict[Var, dict[int, Var]] = {}  # of a base: its powers so far
        self.wanted: dict[Var, dict[int, Op]] = {}  # those of a block that come later

    def block(self, block: Block) -> Block:
        known, wanted = self.known, self.wanted
        self.known = {base: dict(found) for base, found in known.items()}
        self.wanted = {}
        for stmt in block.stmts:
            if isinstance(stmt, Op) and exponent(stmt) and self.is_free(stmt):
                found = self.wanted.setdefault(stmt.args[0], {})  # type: ignore[arg-type]
                found.setdefault(exponent(stmt), stmt)
        done = super().block(block)
        self.known, self.wanted = known, wanted
        return done

    def is_free(self, op: Op) -> bool:
        return self.written.isdisjoint((*op.outs, op.args[0]))  # type: ignore[arg-type]

    def op(self, op: Op) -> None:
        number = exponent(op)
        if not number or not self.is_free(op):
            self.emit(op)
            return
        (base, out) = op.args[0], op.outs[0]
        assert isinstance(base, Var)
        known = self.known.setdefault(base, {1: base})
        free = self.users or is_derived(op)
        if number > 2 and (not free or out in self.exact):
            known.setdefault(number, out)
            self.emit(op)
            return
        if number in known:
            self.use(out, known[number])
            return
        if number > 2:
            less = self.smaller(op, base, number, known)
            if less is not None:
                self.changed = True
                op = Op((out,), "mul", (less, base), span=op.span)
        known[number] = out
        self.emit(op)

    def smaller(
        self, op: Op, base: Var, number: int, known: dict[int, Var]
    ) -> Atom | None:
        """The next smaller power, brought here if it is computed later."""
        if number - 1 in known:
            return known[number - 1]
        later = self.wanted.get(base, {}).get(number - 1)
        if later is None:
            return None
        span = op.span if op.span is None else replace(op.span, derived=True)
        again = Op((later.outs[0].copy(""),), later.prim, later.args, later.attrs, span)
        self.op(again)
        return known[number - 1]


def exponent(op: Op) -> int:
    """Which power of an array it is: a whole one from 2 on, else 0."""
    if len(op.outs) != 1 or op.prim not in ("pow", "mul") or len(op.args) != 2:
        return 0
    base, other = op.args
    kind = base.kind
    if not isinstance(base, Var) or not isinstance(kind, Array) or not kind.dims:
        return 0
    if not is_float_dtype(kind.dtype) or op.outs[0].kind != kind or None in kind.dims:
        return 0
    if op.attrs.get("spelling") or "lib" in op.attrs or has_effect(op):
        return 0
    if op.prim == "mul":
        return 2 if other is base else 0
    if not isinstance(other, Lit) or type(other.value) not in (int, float):
        return 0
    value = other.value
    return int(value) if value in range(2, 9) else 0  # type: ignore[arg-type]
