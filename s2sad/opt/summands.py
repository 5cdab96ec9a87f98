"""What is added up to a value, and that sum without one of them."""

from __future__ import annotations

from collections.abc import Mapping

from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Atom, Op, Var
from s2sad.opt.facts import is_derived
from s2sad.opt.rewrite import Rewriter

REACH = 40  # additions to an array, and summands, that are looked at


class Summands(Rewriter):
    """A pass that takes a summand out of sums."""

    def __init__(self, uses: Mapping[Var, int], makers: Mapping[Var, Op]) -> None:
        super().__init__()
        self.uses = uses
        self.makers = makers

    def summands(self, atom: Atom) -> list[Var]:
        """What is added up to this, with a plus."""
        found: list[Var] = []
        todo = [atom]
        while todo and len(found) < REACH:
            part = todo.pop()
            if not isinstance(part, Var):
                continue
            found.append(part)
            op = self.makers.get(part)
            if op is None or not is_derived(op) or self.uses.get(part) != 1:
                continue
            if op.prim == "add":
                todo += op.args
            elif op.prim == "sub":
                todo.append(op.args[0])
        return found

    def add_without(self, add: Op, part: Var) -> None:
        """An addition to an array, but of one of the summands."""
        left = self.without(add.args[1], part, add)
        if left is None:
            self.use(add.outs[0], add.args[0], rename=False)
            return
        self.changed = True
        args = (add.args[0], left, *add.args[2:])
        self.emit(Op(add.outs, "additem", args, add.attrs, add.span))

    def without(self, total: Atom, part: Var, at: Op) -> Atom | None:
        """The sum without one summand; None if nothing is left."""
        if total == part:
            return None
        op = self.makers[total]  # type: ignore[index]
        a, b = op.args
        if part not in self.summands(a):
            a, b = b, a
        left, rest = self.without(a, part, at), self.get(b)
        if left is None:
            return rest if op.prim == "add" else self.new("neg", at, rest)
        return self.new(op.prim, at, left, rest)

    def new(self, prim: str, at: Op, *args: Atom) -> Atom:
        kind = next((a.kind for a in args if isinstance(a.kind, Array)), args[0].kind)
        out = Var("", kind)
        self.emit(Op((out,), prim, args, span=at.span))
        return out
