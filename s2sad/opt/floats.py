"""Read elements as Python floats in the user's half, too, where nobody can tell.

    r = x[0]                     r = x.item(0)
    w = r / t             ->     w = r / t if t else np.divide(r, t)
    J[0] = 2.0 * w * r           J[0] = 2.0 * w * r

NumPy's scalars take three to six times as long as Python's floats in every operation,
and make scalars of NumPy of all that follows. An element is read as a Python float if
all that comes of it is computed with, compared, or written into arrays of numbers: then
its type is seen by nobody. What is returned, put into a container, handed to a function
that is not known, raised to a power (which overflows with an exception) stays as it was
read. Where both parts of a division become Python floats, a zero below gives what NumPy
gives, and no exception.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from s2sad.analysis.lineage import WRITES
from s2sad.ir.kinds import FLOAT, Array, Kind, List, Scalar, Table, is_python_scalar
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
from s2sad.ir.walk import blocks, primitives, statements, with_blocks, with_stmts
from s2sad.opt.bound import bound
from s2sad.opt.clears import Readers, readers_of
from s2sad.opt.facts import is_of_user, number
from s2sad.opt.unguard import raises_at_zero
from s2sad.rules import TABLE, BadArguments

ELEMENT = re.compile(r"\[#(, #)*\]")
ITEM = MappingProxyType({"spelling": ".item"})
MANY = 3  # operations for each element read, outside loops
WORTH_A_GUARD = 8  # operations on Python floats, for a division to be tested
ARITHMETIC = frozenset("add sub mul neg pos abs div py_abs".split())
CHOICES = frozenset("py_min py_max".split())  # they give one of their arguments
COMPARISONS = frozenset("lt le gt ge eq ne".split())
CONVERSIONS = frozenset("float float64 float32 int bool".split())
NUMBERS = frozenset("float64 int int64 bool float".split())


def floats(
    function: Function, at_risk: Collection[Var] = ()
) -> tuple[Function, set[Var]]:
    """The function with elements read as Python floats where that changes nothing.

    And the quotients that are to be guarded, unless they are bound to raise anyway:
    see `unbound`. Those in `at_risk` are known not to be.
    """
    found_here = primitives(function.body)
    if "getitem" not in found_here or "errstate" in found_here:
        return function, set()
    reads = {
        op.outs[0]
        for op in statements(function.body)
        if isinstance(op, Op) and op.prim == "getitem" and is_element(op)
    }
    if not reads:
        return function, set()
    found = _Floats(function, reads, at_risk)
    together = [group for group in unpacked(function) if reads.issuperset(group)]
    while found.reads:
        found.spread()
        allowed = found.reads - found.seen_elsewhere()
        kept = {var for var in allowed if found.serves(var)}
        if kept == found.reads:
            kept = found.worth()
        for group in together:
            all_of_it = allowed.issuperset(group) and not kept.isdisjoint(group)
            kept = kept | group if all_of_it else kept - group
        if kept == found.reads:
            break
        found.reads = kept
    if not found.reads:
        return function, set()
    return found.rewritten(), found.new.intersection(found.quotients())


@dataclass
class _Floats:
    function: Function
    reads: set[Var]
    known: Collection[Var]  # quotients that are not bound to raise
    may: dict[Var, list[Var]] = field(default_factory=dict)  # what it is made of
    new: set[Var] = field(default_factory=set)  # what was not before
    at_risk: set[Var] = field(default_factory=set)  # quotients that may need a guard
    readers: Readers = field(default_factory=dict)
    owners: dict[Block, Stmt] = field(default_factory=dict)
    pops: list[Var] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.readers = readers_of(self.function)
        self.at_risk = set(self.quotients())
        if self.at_risk:
            self.at_risk -= bound(self.function).keys() - set(self.known)
        for stmt in statements(self.function.body):
            self.owners.update((block, stmt) for block in blocks(stmt))
            if isinstance(stmt, Op) and stmt.prim == "pop":
                self.pops.append(stmt.outs[1])

    # ---- what becomes a Python float -------------------------------------------------

    def spread(self) -> None:
        """Find all that may be a Python float if what is read is one.

        Where branches or trips meet, it may be one already.
        """
        self.may = {var: [] for var in (*self.reads, *self.joined())}
        todo = list(self.may)
        while todo:
            for out in self.made_of(todo.pop()):
                if is_float64(out) and out not in self.may:
                    self.may[out] = []
                    todo.append(out)
        self.new = set(self.reads)
        for var in self.may:
            for out in self.made_of(var):
                if out in self.may:
                    self.may[out].append(var)
        makes: dict[Var, list[Var]] = {}
        for out, parts in self.may.items():
            for part in parts:
                makes.setdefault(part, []).append(out)
        todo = list(self.reads)
        while todo:
            more = [out for out in makes.get(todo.pop(), ()) if out not in self.new]
            self.new.update(more)
            todo += more

    def joined(self) -> Iterator[Var]:
        """The numbers that are Python's on one way and NumPy's on another."""
        for stmt in statements(self.function.body):
            if isinstance(stmt, Op) and stmt.prim == "getitem":
                if isinstance(stmt.args[0].kind, (List, Table)):
                    yield from filter(is_float64, stmt.outs)
                continue
            if isinstance(stmt, If):
                ends = (stmt.then.yields, stmt.orelse.yields)
                outs: tuple[Var, ...] = stmt.outs
            elif isinstance(stmt, (For, While)):
                ends = (stmt.inits, stmt.body.yields)
                outs = stmt.params
            else:
                continue
            for k, (a, b) in enumerate(zip(*ends)):
                if is_float64(outs[k]) and (is_plain(a) or is_plain(b)):
                    yield outs[k]
                    yield stmt.outs[k]

    def made_of(self, var: Var) -> Iterator[Var]:
        """What has the type of a value, where all that it is made of may be floats."""
        for reader in self.readers.get(var, ()):
            if isinstance(reader, Block):
                yield from self.ends(reader, var)
            elif isinstance(reader, (For, While)):
                for k, init in enumerate(reader.inits):
                    if init is var:
                        yield reader.params[k]
                        yield reader.outs[k]
            elif isinstance(reader, Op) and reader.prim == "push":
                yield from self.pops
            elif isinstance(reader, Op) and self.gives_float(reader):
                yield from reader.outs

    def ends(self, block: Block, var: Var) -> Iterator[Var]:
        """What a block hands a value on to, where it ends."""
        owner = self.owners.get(block)
        slots = [k for k, end in enumerate(block.yields) if end is var]
        if isinstance(owner, If):
            yield from (owner.outs[k] for k in slots)
        elif isinstance(owner, (For, While)) and block is owner.body:
            for k in slots:
                yield owner.params[k]
                yield owner.outs[k]

    def gives_float(self, op: Op) -> bool:
        """Does an operation on numbers give a Python float, by what may be one?"""
        if len(op.outs) != 1 or op.prim in CONVERSIONS:
            return False
        args = [self.as_float(arg) for arg in op.args]
        if not all(isinstance(arg.kind, Scalar) for arg in args):
            return False
        try:
            return TABLE[op.prim].infer(args, op.attrs) == (FLOAT,)
        except BadArguments:
            return False

    def as_float(self, atom: Atom) -> Atom:
        return Var("", FLOAT) if atom in self.may else atom

    # ---- who would see it ------------------------------------------------------------

    def seen_elsewhere(self) -> set[Var]:
        """What is read that comes to be seen by somebody who can tell the type."""
        todo = [
            var
            for var in self.may
            if not all(self.takes(r, var) for r in self.readers.get(var, ()))
        ]
        seen = set(todo)
        while todo:
            for source in self.may[todo.pop()]:
                if source not in seen:
                    seen.add(source)
                    todo.append(source)
        return seen & self.reads

    def takes(self, reader: Stmt | Block, var: Var) -> bool:
        """Does it do the same with a Python float?"""
        if isinstance(reader, Block):
            if reader not in self.owners or reader.stop is var:
                return False
            return all(out in self.may for out in self.ends(reader, var))
        if isinstance(reader, If):
            return reader.tests
        if isinstance(reader, (For, While)):
            return var in reader.inits
        if isinstance(reader, Call):
            return False
        if reader.prim in WRITES:
            base, value, *index = reader.args
            return isinstance(base.kind, Array) and var not in (base, *index)
        if reader.prim in ("push", *CONVERSIONS):
            return True
        if reader.prim == "list":
            users = self.readers.get(reader.outs[0], ())
            return all(isinstance(u, Op) and u.prim == "array" for u in users)
        if not all(is_number(atom.kind) for atom in (*reader.args, *reader.outs)):
            return False
        if reader.prim in COMPARISONS:
            return self.decides(reader.outs[0])
        if reader.prim in CHOICES:
            return reader.outs[0] in self.may
        if reader.prim == "div" and reader.outs[0] in self.new:
            if reader.outs[0] in self.at_risk and not self.pays(reader):
                below = reader.args[1]  # by NumPy's number, it is as NumPy has it
                return var is not below and isinstance(below, Var) and is_float64(below)
        return reader.prim in ARITHMETIC or self.is_library(reader)

    def is_library(self, op: Op) -> bool:
        """Is it a function of NumPy or `math`, which makes its own of any number?"""
        primitive = TABLE[op.prim]
        if str(op.attrs.get("spelling", "np")).startswith("."):
            return False
        return op.attrs.get("lib", primitive.library) in ("np", "math") and (
            primitive.verb in ("smooth", "linear", "flat")
        )

    def decides(self, test: Var) -> bool:
        """Is a test used for nothing but to decide?"""
        todo, seen = [test], {test}
        while todo:
            var = todo.pop()
            for reader in self.readers.get(var, ()):
                if isinstance(reader, Op) and reader.prim == "push":
                    continue
                if isinstance(reader, Op) and reader.prim == "not_":
                    more = list(reader.outs)
                elif isinstance(reader, If):
                    continue
                elif isinstance(reader, Block) and reader in self.owners:
                    more = list(self.ends(reader, var))
                else:
                    return False
                todo += [v for v in more if v not in seen]
                seen.update(more)
        return True

    def serves(self, var: Var) -> bool:
        """Is anything computed faster by it, where it is read or in later trips?"""
        for reader in self.readers.get(var, ()):
            if isinstance(reader, Op):
                if self.gives_float(reader) or reader.prim in COMPARISONS:
                    return True
            elif isinstance(reader, (For, While)):
                carried = zip(reader.params, reader.inits, strict=True)
                if any(init is var and self.serves(param) for param, init in carried):
                    return True
            elif isinstance(reader, Block) and any(self.ends(reader, var)):
                return True
        return False

    def pays(self, div: Op) -> bool:
        """Is enough computed faster, before and after, for a test of the divisor?"""
        before = closure(div.args, lambda atom: self.may.get(atom, ()))
        after = closure(
            div.outs, lambda var: filter(self.may.__contains__, self.made_of(var))
        )
        reached = [var for var in (*before, *after) if var in self.may]
        faster = [var for var in reached if var not in self.reads]
        guards = self.at_risk.intersection((*reached, *div.outs))
        return len(faster) >= WORTH_A_GUARD * len(guards)

    def worth(self) -> set[Var]:
        """What is read in loops, or for them; the rest where much is computed of few
        elements.
        """
        once = [stmt for stmt in straight(self.function.body) if isinstance(stmt, Op)]
        here = {op.outs[0] for op in once if op.outs}
        reads, faster = here & self.reads, here & self.may.keys()
        if len(faster) - len(reads) >= MANY * len(reads):
            return self.reads
        inner = [var for var in self.may if var not in here and var not in self.reads]
        for_loops = closure(inner, lambda atom: self.may.get(atom, ()))
        return {var for var in self.reads if var not in reads or var in for_loops}

    # ---- the function as it is then --------------------------------------------------

    def rewritten(self) -> Function:
        return replace(self.function, body=self.block(self.function.body))

    def block(self, block: Block) -> Block:
        return with_stmts(block, list(map(self.stmt, block.stmts)))

    def stmt(self, stmt: Stmt) -> Stmt:
        if not isinstance(stmt, Op):
            return with_blocks(stmt, tuple(map(self.block, blocks(stmt))))
        if stmt.prim == "getitem" and stmt.outs[0] in self.reads:
            return replace(stmt, prim="item", attrs=ITEM)
        return stmt

    def quotients(self) -> Iterator[Var]:
        """The user's quotients whose divisor may be zero, without an exception.

        What differentiation divides has its own guards where the function is finite;
        what it computes again has not.
        """
        for op in statements(self.function.body):
            if isinstance(op, Op) and op.prim == "div":
                if is_of_user(op) and not number(op.args[1]):
                    yield op.outs[0]


def closure(start: Iterable[Atom], step: Callable[[Atom], Iterable[Atom]]) -> set[Atom]:
    """All that is reached from these, themselves too."""
    found, todo = set(start), list(start)
    while todo:
        more = [atom for atom in step(todo.pop()) if atom not in found]
        found.update(more)
        todo += more
    return found


def straight(block: Block) -> Iterator[Stmt]:
    """The statements outside loops."""
    for stmt in block.stmts:
        yield stmt
        if isinstance(stmt, If):
            for inner in blocks(stmt):
                yield from straight(inner)


def unpacked(function: Function) -> Iterator[set[Var]]:
    """Entries of an array that one line unpacks, as `a, b, c = p`."""
    lengths = {
        op.outs[0]: op.args[0]
        for op in statements(function.body)
        if isinstance(op, Op) and op.prim == "len"
    }
    counted = {
        lengths[op.args[0]]  # type: ignore[index]
        for op in statements(function.body)
        if isinstance(op, Op) and op.prim == "ne" and op.args[0] in lengths
    }
    todo = [function.body]
    while todo:
        block = todo.pop()
        taken: dict[Atom, set[Var]] = {}
        for stmt in block.stmts:
            todo += blocks(stmt)
            if isinstance(stmt, Op) and stmt.prim == "getitem" and len(stmt.args) == 2:
                if stmt.outs[0].name and isinstance(stmt.args[1], Lit):
                    taken.setdefault(stmt.args[0], set()).add(stmt.outs[0])
        for base, reads in taken.items():
            dims = getattr(base.kind, "dims", None) or (None,)
            if base in counted or dims[0] == len(reads):
                yield reads


def unbound(function: Function, quotients: set[Var]) -> set[Var]:
    """Those of the quotients that no division of Python's numbers raises for anyway."""
    if not quotients:
        return quotients
    sure = bound(function).items()
    return quotients - {q for q, others in sure if any(map(raises_at_zero, others))}


def guarded(function: Function, quotients: Collection[Var]) -> Function:
    """The function with these as `a / b if b else np.divide(a, b)`.

    They count as Python floats: where the last is NumPy's, nobody sees that.
    """
    if not quotients:
        return function
    return replace(function, body=_guarded(function.body, quotients))


def _guarded(block: Block, quotients: Collection[Var]) -> Block:
    def stmt(old: Stmt) -> Stmt:
        if isinstance(old, Op) and old.prim == "div" and old.outs[0] in quotients:
            return guard(old)
        return with_blocks(old, tuple(_guarded(b, quotients) for b in blocks(old)))

    return with_stmts(block, list(map(stmt, block.stmts)))


def guard(div: Op) -> If:
    quotient, limit = Var("", FLOAT), Var("", Scalar("float64"))
    then = Block((replace(div, outs=(quotient,)),), (quotient,))
    attrs = MappingProxyType({**div.attrs, "lib": "np", "spelling": "np.divide"})
    orelse = Block((replace(div, outs=(limit,), attrs=attrs),), (limit,))
    return If(div.outs, div.args[1], then, orelse, "expr", div.span)


def is_number(kind: Kind) -> bool:
    """Numbers that a Python float leaves in double precision?"""
    return isinstance(kind, (Scalar, Array)) and kind.dtype in NUMBERS


def is_float64(var: Var) -> bool:
    return isinstance(var.kind, Scalar) and var.kind.dtype == "float64"


def is_plain(atom: Atom) -> bool:
    return isinstance(atom.kind, Scalar) and is_python_scalar(atom.kind)


def is_element(op: Op) -> bool:
    """Is it a read of one element of an array of floats?"""
    base, *index = op.args
    kind = base.kind
    return (
        isinstance(kind, Array)
        and kind.dtype == "float64"
        and kind.rank == len(index)
        and ELEMENT.fullmatch(str(op.attrs["path"])) is not None
        and all(isinstance(a.kind, Scalar) and a.kind.dtype == "int" for a in index)
    )
