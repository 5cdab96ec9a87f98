"""Write the rows of a matrix of zeros where they stand.

    x_bar.0 = zeros x.shape[0]
    x_bar.1 = setitem x_bar.0[3], v        J.1 = setitem J.0[i, 3], v
    x_bar.2 = setitem x_bar.1[5], w   ->   J.2 = setitem J.1[i, 5], w
    J.1 = setitem J.0[i], x_bar.2

What is made element by element, and then copied into a matrix that is zero there, needs
no array of its own. The matrix is new, and nothing has been written to that row before:
rows at numbers that differ, or at the index of the loop that writes them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from s2sad.analysis.lineage import WRITES
from s2sad.ir.kinds import Array, Scalar
from s2sad.ir.nodes import Atom, Block, For, Function, Op, Stmt, Var
from s2sad.ir.paths import Subscript, parse_path
from s2sad.ir.walk import blocks, primitives, with_blocks
from s2sad.opt.facts import count_uses, is_derived
from s2sad.opt.rewrite import same
from s2sad.opt.starts import ZEROS, apart


def rows(function: Function) -> Function:
    """The function with rows written where they stand."""
    if "setitem" not in primitives(function.body):
        return function
    uses = count_uses(function)
    body = _block(function.body, uses, set())
    return function if body is function.body else replace(function, body=body)


def _block(block: Block, uses: dict[Var, int], blank: set[Var]) -> Block:
    """`blank`: what the loop around starts from zeros and writes at its index alone."""
    found = _Rows(uses, blank)
    stmts = found.run(block.stmts)
    new = [_inside(stmt, uses, found) if stmt.inner else stmt for stmt in stmts]
    return block if same(new, block.stmts) else replace(block, stmts=tuple(new))


def _inside(stmt: Stmt, uses: dict[Var, int], found: _Rows) -> Stmt:
    old = blocks(stmt)
    blank = set()
    if isinstance(stmt, For):
        blank = {
            param
            for param, init in zip(stmt.params, stmt.inits, strict=True)
            if found.written.get(init) == () and uses.get(param) == 1  # type: ignore[call-overload]
            if _written_at(stmt, param)
        }
    new = tuple(_block(block, uses, blank) for block in old)
    return with_blocks(stmt, new)


def _written_at(loop: For, param: Var) -> bool:
    """Does each trip write its own row of a carried array, and nothing else of it?"""
    for op in loop.body.stmts:
        if isinstance(op, Op) and op.args and op.args[0] is param:
            last = loop.body.yields[loop.params.index(param)]
            return (
                op.prim == "setitem"
                and op.args[2:3] == (loop.index,)
                and (op.outs[0] is last)
            )
    return False


@dataclass
class _Rows:
    uses: dict[Var, int]
    blank: set[Var]

    def __post_init__(self) -> None:
        self.written: dict[Atom, tuple[Op, ...]] = dict.fromkeys(self.blank, ())
        self.at: dict[Var, int] = {}
        self.chains: dict[Var, list[Op]] = {}  # arrays made of zeros, write by write

    def run(self, stmts: tuple[Stmt, ...]) -> list[Stmt]:
        moved: dict[Stmt, Stmt | None] = {}
        for number, stmt in enumerate(stmts):
            for out in stmt.outs:
                self.at[out] = number
            if not isinstance(stmt, Op) or len(stmt.outs) != 1:
                continue
            out = stmt.outs[0]
            if stmt.prim in ZEROS and isinstance(out.kind, Array) and is_derived(stmt):
                self.written[out] = ()
                self.chains[out] = [stmt]
            elif stmt.prim in WRITES:
                chain = self.row(stmt)
                if chain:
                    moved.update(self.moved(stmt, chain))
                base = stmt.args[0]
                if base in self.written:
                    self.written[out] = (*self.written[base], stmt)
                if base in self.chains and self.uses.get(base) == 1:  # type: ignore[arg-type]
                    self.chains[out] = [*self.chains[base], stmt]  # type: ignore[index]
        if not moved:
            return list(stmts)
        return [new for stmt in stmts if (new := moved.get(stmt, stmt)) is not None]

    def row(self, write: Op) -> list[Op] | None:
        """How the row that is written was made, if it may be made in its place."""
        base, value, *index = write.args
        chain = self.chains.get(value)  # type: ignore[arg-type]
        if write.prim != "setitem" or not is_derived(write) or not chain or not index:
            return None
        if len(chain) < 2 or self.uses.get(value) != 1:  # type: ignore[arg-type]
            return None
        if base not in self.written or self.uses.get(base) != 1:  # type: ignore[arg-type]
            return None
        if write.attrs["path"] != f"[{', '.join('#' * len(index))}]":
            return None
        if not all(apart(write, other) for other in self.written[base]):
            return None
        if self.at.get(base, -1) > self.at[chain[0].outs[0]]:  # type: ignore[call-overload]
            return None
        whole, part = base.kind, value.kind
        assert isinstance(whole, Array) and isinstance(part, Array)
        if whole.dims is None or whole.dims[len(index) :] != part.dims:
            return None
        if None in (part.dims or ()) or whole.dtype != part.dtype:
            return None
        return chain if all(map(is_simple, chain[1:])) else None

    def moved(self, write: Op, chain: list[Op]) -> dict[Stmt, Stmt | None]:
        """The writes as writes to the matrix; nothing is left of zeros and copy."""
        base, _, *index = write.args
        found: dict[Stmt, Stmt | None] = {chain[0]: None, write: None}
        here: Atom = base
        for op in chain[1:]:
            last = op is chain[-1]
            out = write.outs[0] if last else base.like()  # type: ignore[union-attr]
            path = f"[{'#, ' * len(index)}{str(op.attrs['path'])[1:]}"
            args = (here, op.args[1], *index, *op.args[2:])
            found[op] = replace(
                op, outs=(out,), args=args, attrs={**op.attrs, "path": path}
            )
            here = out
        return found


def is_simple(write: Op) -> bool:
    """Is the place that is written named in one pair of brackets, by whole numbers?

    Among arrays of indices, the number of a row would turn the axes.
    """
    steps = parse_path(str(write.attrs["path"]))
    if len(steps) != 1 or not isinstance(steps[0], Subscript):
        return False
    kinds = [atom.kind for atom in write.args[2:]]
    whole = all(isinstance(k, Scalar) and k.dtype in ("int", "int64") for k in kinds)
    return whole and ... not in steps[0].items
