"""Compute the same thing once.

    %1 = sub 1.0, x                   %1 = sub 1.0, x
    y = mul r, %1                     y = mul r, %1
    %2 = sub 1.0, x           ->      y_bar = mul r, %1
    y_bar = mul r, %2

A value of an outer block serves the blocks inside it, and so one of the forward half
serves the reverse half. New storage (`zeros`, `tape`, `copy`, ...) is never shared, nor
is an array that is written to later: two accumulators that start equal must stay two.
How a function is spelled does not matter where the results are of the same type; one
that the user calls, too, is called in the user's words, wherever that is.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace

from s2sad.ir.kinds import Scalar, Unknown, is_numeric
from s2sad.ir.nodes import Atom, Block, Call, For, Function, If, Op, Stmt, Var, While
from s2sad.ir.walk import blocks, statements
from s2sad.opt.facts import has_effect, is_derived, may_merge, plain, written_over
from s2sad.opt.rewrite import Rewriter

COMMUTATIVE = frozenset("add mul eq ne logical_and logical_or".split())
IGNORED = ("spelling", "lib")


def cse(function: Function) -> Function:
    return Cse(function.body, written_over(function)).run(function)


class Cse(Rewriter):
    def __init__(self, whole: Block, written: set[Var]) -> None:
        super().__init__()
        self.whole = whole
        self.written = written
        self.known: dict[Hashable, Op | If] = {}
        self.added: list[Hashable] = []
        self.words: dict[Var, Mapping[str, object]] = {}  # the user's, of what is ours
        self.calls = 0  # that may have changed what a global name holds

    def block(self, block: Block) -> Block:
        start = len(self.added)
        done = super().block(block)
        if block is not self.whole:  # what it computes is not there after it
            for key in self.added[start:]:
                del self.known[key]
            del self.added[start:]
        return self.in_words(done) if self.words else done

    def in_words(self, block: Block) -> Block:
        stmts: list[Stmt] = []
        for stmt in block.stmts:
            if isinstance(stmt, Op) and len(stmt.outs) == 1:
                stmt = replace(stmt, attrs=self.words.pop(stmt.outs[0], stmt.attrs))
            stmts.append(stmt)
        return Block(tuple(stmts), block.yields, block.stop)

    def enter(self, stmt: Stmt) -> Stmt:
        if isinstance(stmt, (For, While)) and any(map(is_call, inside(stmt))):
            self.calls += 1  # those of one trip come before the next
        return stmt

    def emit(self, stmt: Stmt) -> None:
        if is_call(stmt):
            self.calls += 1
        self.stmts.append(stmt)

    def key(self, op: Op) -> Hashable | None:
        """What the op is known by; None if it must not be merged."""
        if not may_merge(op) or not self.written.isdisjoint(op.outs):
            return None
        return (self.calls, key_of(op)) if op.prim == "free" else key_of(op)

    def op(self, op: Op) -> None:
        self.share(op, self.key(op))

    def stmt(self, stmt: Stmt) -> None:
        """A branch that chooses between values is one of them, too."""
        if not isinstance(stmt, If) or not all(map(self.is_plain, inside(stmt))):
            super().stmt(stmt)
            return
        cond = self.get(stmt.cond)
        then, orelse = self.block(stmt.then), self.block(stmt.orelse)
        stmt = replace(stmt, cond=cond, then=then, orelse=orelse)
        named = (
            stmt.form == "if"
            or not stmt.tests
            or not self.written.isdisjoint(stmt.outs)
        )
        self.share(stmt, None if named else choice_key(stmt))

    def is_plain(self, stmt: Stmt) -> bool:
        return isinstance(stmt, Op) and self.key(stmt) is not None

    def share(self, stmt: Op | If, key: Hashable | None) -> None:
        """Use what is known of this key, or let the statement be what is known."""
        if key is None:
            self.emit(stmt)
            return
        found = self.known.setdefault(key, stmt)
        if found is not stmt:
            # a part of what the user wrote is not called after an adjoint
            rename = is_derived(found) or not is_derived(stmt)
            for out, atom in zip(stmt.outs, found.outs, strict=True):
                self.use(out, atom, rename)
            if isinstance(stmt, Op) and stmt.attrs and not is_derived(stmt):
                if isinstance(found, Op) and is_derived(found):
                    self.words.setdefault(found.outs[0], stmt.attrs)
            return
        self.added.append(key)
        self.stmts.append(stmt)  # no call: it has a key


def is_call(stmt: Stmt) -> bool:
    """Does the statement run code that nobody has looked at?"""
    if isinstance(stmt, Op):
        return stmt.prim == "opaque" and has_effect(stmt)
    return isinstance(stmt, Call)


def inside(stmt: Stmt) -> Iterator[Stmt]:
    for block in blocks(stmt):
        yield from statements(block)


def choice_key(stmt: If) -> Hashable | None:
    """What two branches have in common that choose the same; their ops are plain."""
    sides: list[Hashable] = []
    for block in (stmt.then, stmt.orelse):
        local: dict[Atom, Hashable] = {}  # what is computed in the block, by number
        for op in block.stmts:
            assert isinstance(op, Op)
            key = key_of(op, tuple([local.get(arg, arg) for arg in op.args]))
            if key is None:
                return None
            sides.append(key)
            for out in op.outs:
                local[out] = ("result", len(local))
        sides.append(tuple([local.get(atom, atom) for atom in block.yields]))
    return ("if", stmt.cond, *sides, *(plain(out.kind) for out in stmt.outs))


def key_of(op: Op, args: tuple[Hashable, ...] | None = None) -> Hashable | None:
    """What two ops have in common that compute the same; None where that is unclear.

    `args` are the operands, if other things stand for them.
    """
    args = op.args if args is None else args
    # a number's type is quicker to compare than its kind, and tells it from others
    kinds = [o.kind.dtype if isinstance(o.kind, Scalar) else o.kind for o in op.outs]
    attrs: tuple[Hashable, ...] = ()
    if op.attrs:
        unclear = any(isinstance(out.kind, Unknown) for out in op.outs)
        attrs = tuple(
            (key, frozen(value))
            for key, value in op.attrs.items()
            if unclear or key not in IGNORED
        )
        try:
            hash(attrs)
        except TypeError:
            return None
    if op.prim in COMMUTATIVE and len(args) == 2:
        a, b = args
        first = id(a) if isinstance(a, Var) else hash(a)
        second = id(b) if isinstance(b, Var) else hash(b)
        if (
            second < first
            and is_numeric(op.args[0].kind)
            and is_numeric(op.args[1].kind)
        ):
            args = args[::-1]  # any order does
    return (op.prim, args, attrs, *kinds)


def frozen(value: object) -> Hashable:
    """The value of an attribute as a key; 1, 1.0 and True are three."""
    if isinstance(value, (tuple, list)):
        return (type(value).__name__, *map(frozen, value))
    if isinstance(value, dict):
        return ("dict", *((key, frozen(item)) for key, item in value.items()))
    if isinstance(value, slice):
        return ("slice", frozen(value.start), frozen(value.stop), frozen(value.step))
    return (type(value).__name__, value)
