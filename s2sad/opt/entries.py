"""Make a small array of all its entries at once.

    p_bar.0 = zeros_like p
    p_bar.1 = setitem p_bar.0[2], c_bar          %1 = list a_bar, 0.0, c_bar
    p_bar.2 = setitem p_bar.1[0], a_bar    ->    p_bar.2 = array %1

The adjoint of `a, b, c = p`. How many entries there are is known from the kind, or from
the test that unpacking makes. Only floats of double precision, nobody reads the array
meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping

from s2sad.ir.kinds import FLOAT, Array, List, Scalar
from s2sad.ir.nodes import Atom, Block, Function, If, Lit, Op, Stmt, Var
from s2sad.ir.walk import primitives, statements
from s2sad.opt.facts import count_uses, is_derived, number
from s2sad.opt.rewrite import Rewriter

MOST = 8  # entries
FLOATS = ("float", "float64")


def entries(function: Function) -> Function:
    if "zeros_like" not in primitives(function.body):
        return function
    return _Entries(function).run(function)


class _Entries(Rewriter):
    def __init__(self, function: Function) -> None:
        super().__init__()
        self.makers: dict[Var, Op] = {
            out: stmt
            for stmt in statements(function.body)
            if isinstance(stmt, Op)
            for out in stmt.outs
        }
        self.uses = count_uses(function)
        self.lengths = checked(function.body, self.makers)
        self.last = {}
        for op in self.makers.values():
            written = self.written(op)
            if written is not None:
                self.last[op] = written
        self.gone = {
            out for op in self.last for out in self.chain(op) if out is not op.outs[0]
        }

    def op(self, op: Op) -> None:
        values = self.last.get(self.makers.get(op.outs[0])) if op.outs else None  # type: ignore[arg-type]
        if values is not None:
            listed = Var("", List(items=(FLOAT,) * len(values)))
            self.emit(Op((listed,), "list", self.all(values), span=op.span))
            self.emit(Op(op.outs, "array", (listed,), span=op.span))
            self.changed = True
        elif not op.outs or op.outs[0] not in self.gone:
            self.emit(op)

    def chain(self, op: Op) -> list[Var]:
        """The versions back to the zeros."""
        found = [op.outs[0]]
        while op.prim == "setitem":
            op = self.makers[op.args[0]]  # type: ignore[index]
            found.append(op.outs[0])
        return found

    def written(self, last: Op) -> tuple[Atom, ...] | None:
        """All entries, if `last` is the last write of what is made of zeros."""
        if last.prim != "setitem" or not is_derived(last):
            return None
        values: dict[int, Atom] = {}
        op = last
        while op.prim == "setitem":
            base, value, *index = op.args
            key = number(index[0]) if len(index) == 1 else None
            if op.attrs["path"] != "[#]" or type(key) is not int or key in values:
                return None
            if not isinstance(value.kind, Scalar) or value.kind.dtype not in FLOATS:
                return None
            values[key] = value
            made = self.makers.get(base) if isinstance(base, Var) else None
            if made is None or self.uses[base] > 1:  # type: ignore[index]
                return None
            op = made
        size = self.size(op)
        if size is None or not is_derived(op) or any(not 0 <= k < size for k in values):
            return None
        return tuple([values.get(k, Lit(0.0)) for k in range(size)])

    def size(self, zeros: Op) -> int | None:
        """How many entries a new array of zeros has, if they are few."""
        kind = zeros.outs[0].kind
        if zeros.prim != "zeros_like" or not isinstance(kind, Array):
            return None
        if kind.rank != 1 or kind.dtype != "float64":
            return None
        (dim,) = kind.dims or (None,)
        size = dim if type(dim) is int else self.lengths.get(dim)
        return size if size is not None and 1 < size <= MOST else None


def checked(body: Block, makers: Mapping[Var, Op]) -> dict[object, int]:
    """Lengths of arrays that are known, since another one would have raised."""
    found: dict[object, int] = {}
    for stmt in body.stmts:
        if isinstance(stmt, If) and raises(stmt.then):
            test = makers.get(stmt.cond)  # type: ignore[arg-type]
            if test is not None and test.prim == "ne":
                length, count = test.args
                made = makers.get(length)  # type: ignore[arg-type]
                if made is not None and made.prim == "len" and isinstance(count, Lit):
                    dims = getattr(made.args[0].kind, "dims", None)
                    if dims and isinstance(dims[0], str) and type(count.value) is int:
                        found[dims[0]] = count.value
    return found


def raises(block: Block) -> bool:
    last: Stmt | None = block.stmts[-1] if block.stmts else None
    return isinstance(last, Op) and last.prim == "raise"
