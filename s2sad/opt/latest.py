"""Leave an adjoint where it is, at places that were added to, even twice.

    %1 = getitem a.0[i]                       %1 = getitem a.0[i]
    %2 = zeros_like a.0                       %2 = zeros_like a.0
    %3 = setitem %2[i], %n                    %3 = setitem %2[i], %n
    %4 = getitem %3[i]                        %4 = getitem %3[i]
    %5 = eq %4, %n                   ->       %5 = eq %4, %n
    w = where %5, %1, 0.0                     w = where %5, %1, 0.0
    a.1 = setitem a.0[i], 0.0                 (a.2 is a.0)
    a.2 = additem a.1[i], w

Of `y[i] += v` the last write to an element is the one that stays, and `w` is what it
hands on: nothing for the others. What goes back to `y` is what was there. For
`y[i] *= c` it is that times `c`, which is written there: again the last one stays.
"""

from __future__ import annotations

from s2sad.ir.nodes import Atom, Function, Lit, Op, Var
from s2sad.ir.walk import statements
from s2sad.opt.facts import count_uses, is_derived
from s2sad.opt.join import is_clear
from s2sad.opt.rewrite import Rewriter

SCALED = frozenset({"mul", "neg", "div"})
DEPTH = 6  # of a product


def latest(function: Function) -> Function:
    stmts = [stmt for stmt in statements(function.body) if isinstance(stmt, Op)]
    if not any(stmt.prim == "where" for stmt in stmts):
        return function
    if not any(stmt.prim == "additem" and is_derived(stmt) for stmt in stmts):
        return function
    return Latest(function, stmts).run(function)


class Latest(Rewriter):
    def __init__(self, function: Function, ops: list[Op]) -> None:
        super().__init__()
        uses = count_uses(function)
        self.makers = {out: op for op in ops for out in op.outs}
        self.cleared: dict[Var, Op] = {}  # versions that need not be made
        self.found: dict[Var, Op] = {}  # additions, and what cleared their places
        for add in ops:
            if add.prim != "additem" or not is_derived(add):
                continue
            clear = self.maker(add.args[0], "setitem")
            if clear is None or uses[clear.outs[0]] != 1 or not is_clear(clear):
                continue
            if place(clear) == place(add) and self.is_handed_on(add.args[1], clear):
                self.cleared[clear.outs[0]] = self.found[add.outs[0]] = clear

    def maker(self, atom: Atom, prim: str) -> Op | None:
        op = self.makers.get(atom)  # type: ignore[arg-type]
        return op if op is not None and op.prim == prim else None

    def is_handed_on(self, atom: Atom, clear: Op, depth: int = DEPTH) -> bool:
        """Is it what the last writes to a place were given, times something?"""
        if self.masked(atom, clear) is not None:
            return True
        op = self.makers.get(atom)  # type: ignore[arg-type]
        if op is None or depth == 0 or op.prim not in SCALED or "lib" in op.attrs:
            return False
        factors = op.args if op.prim == "mul" else op.args[:1]
        return any(self.is_handed_on(a, clear, depth - 1) for a in factors)

    def plain(self, atom: Atom, clear: Op) -> Atom:
        """The same for all writes: the last one stays."""
        value = self.masked(atom, clear)
        if value is not None:
            return self.get(value)
        op = self.makers.get(atom)  # type: ignore[arg-type]
        if op is None or not self.is_handed_on(atom, clear):
            return self.get(atom)
        out = op.outs[0].copy()
        args = tuple(self.plain(arg, clear) for arg in op.args)
        self.emit(Op((out,), op.prim, args, op.attrs, op.span))
        return out

    def masked(self, atom: Atom, clear: Op) -> Atom | None:
        """`v` of `where(last, v, 0.0)`, if that tells the last writes to the place."""
        choice = self.maker(atom, "where")
        if choice is None or choice.args[2] != Lit(0.0) or not is_derived(choice):
            return None
        test = self.maker(choice.args[0], "eq")
        read = None if test is None else self.maker(test.args[0], "getitem")
        write = None if read is None else self.maker(read.args[0], "setitem")
        if test is None or read is None or write is None:
            return None
        order = test.args[1]
        numbers = self.maker(order, "reshape")
        numbers = self.maker(order if numbers is None else numbers.args[0], "arange")
        one = place(read) == place(write) == place(clear)
        zeros = self.makers.get(write.args[0])  # type: ignore[arg-type]
        begun = zeros is not None and zeros.prim in ("zeros_like", "zeros")
        told = write.args[1] is order and numbers is not None and len(numbers.args) == 1
        return choice.args[1] if one and told and begun else None

    # ---- the walk --------------------------------------------------------------------

    def op(self, op: Op) -> None:
        out = op.outs[0] if op.outs else None
        if out in self.cleared:
            self.use(op.outs[0], op.args[0], rename=False)
            return
        clear = self.found.get(out)  # type: ignore[arg-type]
        if clear is None:
            self.emit(op)
            return
        self.changed = True
        value = self.plain(self.makers[op.outs[0]].args[1], clear)
        read = self.maker(value, "getitem")
        if read is not None and read.args[0] is clear.args[0]:
            if place(read) == place(clear):
                self.use(op.outs[0], op.args[0])
                return
        args = (op.args[0], value, *op.args[2:])
        self.emit(Op(op.outs, "setitem", args, op.attrs, op.span))


def place(op: Op) -> tuple[object, ...]:
    """The path and its operands."""
    return op.attrs["path"], *op.args[1 if op.prim == "getitem" else 2 :]
