"""Loops that go backwards, and need not, go forwards.

    for i in range(len(x) - 2, 0, -1):          for i in range(1, len(x) - 1):
        t = k[i] * v_bar[i]                         t = k[i] * v_bar[i]
        v_bar[i] = 0.0                              v_bar[i] = 0.0
        u_bar[i - 1] += t                           u_bar[i - 1] += t

The trips of the reverse half go the other way round, which matters only where one
reads what another wrote. Here they add to arrays and numbers, and else write and read
what lies at their own index. Forwards the machine knows that `i - 1` is not negative,
and runs several trips at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from s2sad.emit.families import Families, links
from s2sad.emit.numba.sums import Sums
from s2sad.ir.kinds import Array, Scalar
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    For,
    Function,
    If,
    Lit,
    Op,
    Stmt,
    Var,
    While,
)
from s2sad.ir.paths import Subscript, parse_path
from s2sad.ir.walk import blocks, definitions, statements, stmt_uses, with_blocks
from s2sad.opt.facts import has_effect

LENGTHS = frozenset({"len", "shape", "size"})


def forwards(function: Function) -> Function:
    sums = Sums(function)
    indices: set[object] = set()  # that are not negative

    def block(old: Block) -> Block:
        return replace(old, stmts=tuple(map(stmt, old.stmts)))

    def stmt(old: Stmt) -> Stmt:
        if isinstance(old, For):
            least = sums.form(old.start)
            step = old.step.value if isinstance(old.step, Lit) else 0
            if type(step) is int and step > 0 and min(least.values(), default=0) >= 0:
                if all(s in indices or isinstance(s, str) for s in least if s != 1):
                    indices.add(old.index)
            if old.backward and any_order(old, old.index in indices):
                old = replace(old, backward=False)
        return with_blocks(old, tuple(map(block, blocks(old))))

    return replace(function, body=block(function.body))


def any_order(loop: For, positive: bool) -> bool:
    """May the trips be run in any order? `positive`: is no index one from the end?"""
    inner = list(statements(loop.body))
    if loop.body.stop is not None or not all(map(is_followed, inner)):
        return False
    fam = Families()
    for stmt in (loop, *inner):
        for a, b in links(stmt):
            fam.union(a, b)
    carried = set()
    for param, end in zip(loop.params, loop.body.yields, strict=True):
        if isinstance(param.kind, Array):
            carried.add(fam.find(param))
        elif not isinstance(param.kind, Scalar) or not is_sum(loop.body, param, end):
            return False
    inside = {*loop.params, *definitions(loop.body)}
    own: dict[Var, set[int]] = {}  # along which axes a trip keeps to its index
    read: set[Var] = set()  # or set: what others add to it matters
    for stmt in inner:
        for var in stmt_uses(stmt):
            if var not in inside and fam.find(var) in carried:
                return False  # as it was before the loop
        if not isinstance(stmt, Op):
            continue
        for place, arg in enumerate(stmt.args):
            if not isinstance(arg, Var) or fam.find(arg) not in carried:
                continue
            if stmt.prim in LENGTHS:
                continue
            if place or stmt.prim not in ("getitem", "setitem", "additem", "item"):
                return False
            axes = set(own_axes(stmt, loop.index)) if positive else set()
            family = fam.find(arg)
            own[family] = own.get(family, axes) & axes
            if stmt.prim != "additem":
                read.add(family)
    return all(own.get(family) for family in read)


def is_followed(stmt: Stmt) -> bool:
    if isinstance(stmt, Op):
        return stmt.prim in ("setitem", "additem") or not has_effect(stmt)
    if isinstance(stmt, (While, Call)):
        return False
    return isinstance(stmt, If) or all(b.stop is None for b in blocks(stmt))


def own_axes(op: Op, index: Var) -> Iterator[int]:
    """The axes along which a place in an array is at the index of the loop."""
    if op.prim == "item":
        yield from (axis for axis, arg in enumerate(op.args[1:]) if arg is index)
        return
    steps = parse_path(str(op.attrs["path"]))
    operands = op.args[1:] if op.prim == "getitem" else op.args[2:]
    if not isinstance(steps[0], Subscript) or None in steps[0].items:
        return
    for axis, item in enumerate(steps[0].items):
        if item is ...:
            return
        if isinstance(item, int) and operands[item] is index:
            yield axis


def is_sum(block: Block, start: Var, end: Atom) -> bool:
    """Is `end` what a number was, and something added to it?

    Nothing but the next trip may read it, on the way or at its end: what it is by then
    depends on the trips before.
    """
    if end is start:
        return True
    version = start
    while version is not end:
        users = [s for s in block.stmts if version in stmt_uses(s)]
        if len(users) != 1 or version in block.yields:
            return False
        (user,) = users
        if isinstance(user, Op):
            added = user.prim == "add" and user.args.count(version) == 1
            if not added and not (user.prim == "sub" and user.args[0] is version):
                return False
            if user.prim == "sub" and user.args[1] is version:
                return False
            version = user.outs[0]
        elif isinstance(user, For) and user.inits.count(version) == 1:
            place = user.inits.index(version)
            if stmt_uses(user).count(version) != 1:
                return False
            if not is_sum(user.body, user.params[place], user.body.yields[place]):
                return False
            version = user.outs[place]
        else:
            return False
    read = any(end in stmt_uses(stmt) for stmt in block.stmts)
    return not read and block.yields.count(end) == 1
