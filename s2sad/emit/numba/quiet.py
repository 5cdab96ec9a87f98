"""`with np.errstate(...)`, which changes nothing where nobody warns.

    with np.errstate(divide="ignore"):      y = np.log(x)
        y = np.log(x)

Compiled code goes on with infinities and NaN in silence. So what stands in such a block
stands alone, unless the block asks for exceptions or calls.
"""

from __future__ import annotations

from s2sad.ir.nodes import Atom, Function, If, Lit, Op, Stmt
from s2sad.opt.rewrite import Rewriter

SILENT = ("ignore", "warn")


def without_errstate(function: Function) -> Function:
    return Quiet().run(function)


class Quiet(Rewriter):
    def __init__(self) -> None:
        super().__init__()
        self.silent: set[Atom] = set()

    def op(self, op: Op) -> None:
        if op.prim == "errstate" and is_silent(op):
            self.silent.update(op.outs)
        else:
            self.emit(op)

    def stmt(self, stmt: Stmt) -> None:
        if not isinstance(stmt, If) or stmt.cond not in self.silent:
            super().stmt(stmt)
            return
        for inner in stmt.then.stmts:
            self.stmt(inner)
        for out, value in zip(stmt.outs, stmt.then.yields):
            self.use(out, self.get(value))
        self.changed = True


def is_silent(op: Op) -> bool:
    """Does it ask for neither exceptions nor calls?"""
    told = {k: v for k, v in op.attrs.items() if k not in ("spelling", "lib")}
    how = [*told.values(), *(a.value if isinstance(a, Lit) else a for a in op.args)]
    return "call" not in told and all(value in (None, *SILENT) for value in how)
