"""Arrays that each trip of a loop fills anew stay from trip to trip.

    t = np.empty(max(len(u) - 2, 0))
    for _ in range(n):
        for i in range(len(u) - 2):
            t[i] = ...

To ask for memory in each trip costs more than many a loop over it.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.emit.numba.lengths import length_of_dim
from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Atom, Block, For, Function, If, Lit, Op, Stmt, Var, While
from s2sad.ir.walk import blocks, definitions, inner_params, stmt_uses, with_blocks


def kept_outside(function: Function) -> Function:
    scope = [param.var for param in function.params]
    return replace(function, body=_outside(function.body, scope))


def _outside(block: Block, scope: list[Var]) -> Block:
    mark, stmts = len(scope), []
    for stmt in block.stmts:
        mine = len(scope)
        scope += inner_params(stmt)
        stmt = with_blocks(stmt, tuple(_outside(b, scope) for b in blocks(stmt)))
        del scope[mine:]
        before: list[Stmt] = []
        if isinstance(stmt, For) and stmt.body.stop is None:
            before, stmt = _Lift(stmt, scope).lifted()
        for each in (*before, stmt):
            stmts.append(each)
            scope += each.outs
    del scope[mark:]
    return replace(block, stmts=tuple(stmts))


class _Lift:
    """Arrays that one loop makes in each trip, made before it and carried by it."""

    def __init__(self, loop: For, scope: list[Var]) -> None:
        self.loop = loop
        self.scope = scope
        self.inside = {loop.index, *loop.params, *definitions(loop.body)}
        self.before: list[Stmt] = []
        self.moved: dict[Var, Atom] = {}
        ops = [s for s in loop.body.stmts if isinstance(s, Op)]
        self.makers = {out: s for s in ops for out in s.outs}

    def outside(self, atom: Atom) -> Atom | None:
        """A length as it is known before the loop, if it is the same in all trips."""
        if not isinstance(atom, Var) or atom not in self.inside:
            return atom
        if atom not in self.moved:
            op = self.makers.get(atom)
            found = None if op is None else self.length(op) or self.computed(op)
            if found is None:
                return None
            self.moved[atom] = found
        return self.moved[atom]

    def length(self, op: Op) -> Atom | None:
        """`len(x)` or `x.shape[1]` of an array in the loop."""
        array, axis = op.args[0] if op.args else None, 0
        if op.prim == "getitem" and isinstance(op.args[1], Lit):
            shape = self.makers.get(array)  # type: ignore[arg-type]
            if shape is None or shape.prim != "shape":
                return None
            array, axis = shape.args[0], int(op.args[1].value)  # type: ignore[call-overload]
        elif op.prim != "len":
            return None
        dims = array.kind.dims if array and isinstance(array.kind, Array) else None
        if not dims or dims[axis] is None:
            return None
        return length_of_dim(dims[axis], self.scope, self.before, op.span)

    def computed(self, op: Op) -> Atom | None:
        if op.prim not in ("sub", "add", "py_max", "tuple"):
            return None
        args = [self.outside(arg) for arg in op.args]
        if None in args:
            return None
        out = Var(op.outs[0].name, op.outs[0].kind)
        self.before.append(replace(op, outs=(out,), args=tuple(args)))  # type: ignore[arg-type]
        return out

    def has_border(self, zeros: Var, body: Block) -> bool:
        """Are the same elements of it written in each trip, and no others ever?"""
        loop = next((s for s in body.stmts if zeros in stmt_uses(s)), None)
        indices: set[Atom] = set()
        while isinstance(loop, For) and zeros in loop.inits:
            if self.outside(loop.stop) is None or loop.body.stop is not None:
                return False
            if not isinstance(loop.start, Lit) or not isinstance(loop.step, Lit):
                return False
            indices.add(loop.index)
            zeros = loop.params[loop.inits.index(zeros)]
            users = [s for s in loop.body.stmts if zeros in stmt_uses(s)]
            if len(users) != 1:
                return False
            for stmt in loop.body.stmts:  # an index and a number
                if isinstance(stmt, Op) and stmt.prim == "add":
                    if all(a in indices or isinstance(a, Lit) for a in stmt.args):
                        indices.add(stmt.outs[0])
            (loop,) = users
        if not isinstance(loop, Op) or loop.prim != "setitem":
            return False
        return loop.args[1] is not zeros and all(a in indices for a in loop.args[2:])

    def lifted(self) -> tuple[list[Stmt], For]:
        """What comes before the loop, and the loop that carries these arrays."""
        loop, body = self.loop, self.loop.body
        stmts: list[Stmt] = []
        params, inits, ends, outs = [], [], [], []
        for at, stmt in enumerate(body.stmts):
            size = None
            if isinstance(stmt, Op) and stmt.prim in ("empty", "zeros"):
                end = filled(stmt.outs[0], body, at)
                if stmt.prim == "zeros" and not self.has_border(stmt.outs[0], body):
                    end = None
                size = self.outside(stmt.args[0]) if end is not None else None
            if size is None:
                stmts.append(stmt)
                continue
            (var,) = stmt.outs
            start = Var(var.name, var.kind)
            self.before.append(replace(stmt, outs=(start,), args=(size,)))
            params.append(var)
            inits.append(start)
            ends.append(end)
            outs.append(Var(var.name, var.kind))
        if not params:
            return [], loop
        made = replace(
            loop,
            params=(*loop.params, *params),
            inits=(*loop.inits, *inits),
            outs=(*loop.outs, *outs),
            body=Block(tuple(stmts), (*body.yields, *ends)),
        )
        return self.before, made


def filled(var: Var, body: Block, at: int) -> Var | None:
    """The version of an array when it is full; None if it outlives the trip."""
    for stmt in body.stmts[at + 1 :]:
        if isinstance(stmt, For) and var in stmt.inits:
            var = stmt.outs[stmt.inits.index(var)]
            break
        if isinstance(stmt, Op) and stmt.prim == "setitem" and stmt.args[0] is var:
            var = stmt.outs[0]
            break
        if var in stmt_uses(stmt):
            return None
    else:
        return None
    held = {var}
    for stmt in body.stmts:
        reads = [a for a in stmt_uses(stmt) if a in held]
        if not reads:
            continue
        if isinstance(stmt, Op):
            if stmt.prim in ("push", "list", "tuple", "append", "dict"):
                return None
            if isinstance(stmt.outs[0].kind, Array) and stmt.prim in VIEWS:
                held.add(stmt.outs[0])
        elif isinstance(stmt, (For, While)):
            if any(init in held for init in stmt.inits):
                return None
        elif not isinstance(stmt, If):
            return None
    return None if any(end in held for end in body.yields) else var


VIEWS = frozenset(
    "getitem expand_dims reshape ravel transpose squeeze swapaxes flip asarray".split()
)
