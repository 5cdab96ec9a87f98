"""Random draws of what is made again: the same numbers, without keeping them.

    forward half    state = rng.bit_generator.state         what it draws next
                    ... the call, or the trips of a loop
    reverse half    now = rng.bit_generator.state
                    rng.bit_generator.state = state
                    ... the same again, with the same draws
                    rng.bit_generator.state = now

That takes a source that is there before the first draw, of a class whose state is all
that a draw depends on. A source that is made on the way from a seed is made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from s2sad.ad.tries import never_completes
from s2sad.ir.build import Builder
from s2sad.ir.kinds import Kind, Object, Scalar
from s2sad.ir.nodes import Atom, Block, Call, Function, If, Lit, Op, Stmt, Var
from s2sad.ir.sources import has_state
from s2sad.ir.walk import blocks, definitions, statements, stmt_uses, uses
from s2sad.rules.streams import STATE

STREAMS = ("random_state", "set_random_state")


@dataclass(frozen=True)
class Source:
    """Where numbers are drawn from, as seen where a block begins.

    `text` spells it (`np.random`), or `path` leads to it from `start`, a value that is
    there; a path may begin with a name outside the function.
    """

    cls: str
    start: Atom | None = None
    path: tuple[Op, ...] = ()
    text: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """Two sources of one key are the same."""
        start = id(self.start.value) if isinstance(self.start, Lit) else self.start
        return self.text, start, tuple(map(step_key, self.path))

    def put(self, b: Builder, given: Mapping[Var, Var]) -> list[Atom]:
        """The operands that stand for it, for who has the values by `given`."""
        atom = self.start
        if isinstance(atom, Var):
            atom = given.get(atom, atom)
        for op in self.path:
            args = op.args if atom is None else (atom, *op.args[1:])
            atom = b.op(op.prim, args, op.outs[0].kind, op.outs[0].name, op.attrs)
        return [] if atom is None else [atom]

    @property
    def attrs(self) -> dict[str, object]:
        spelled = {"callee": self.text} if self.text else {}
        return {**spelled, "cls": self.cls}


def step_key(op: Op) -> tuple[object, ...]:
    """Two steps of one key lead from the same value to the same."""
    owner = getattr(op.attrs.get("owner"), "__globals__", None)  # where a name means it
    return op.prim, op.args[1:], op.attrs.get("name"), id(owner), op.attrs.get("path")


class Lost(Exception):
    """The draws cannot be made again."""


@dataclass(frozen=True)
class Redraws:
    """The sources that a block draws from, and the states kept of them.

    `keys` are the functions it calls that draw.
    """

    sources: tuple[Source, ...] = ()
    keys: frozenset[str] = frozenset()

    def kept(self) -> tuple[Var, ...]:
        return tuple(Var("random_state", STATE) for _ in self.sources)

    def states(
        self, b: Builder, name: str, given: Mapping[Var, Var] | None = None
    ) -> list[Var]:
        """What each source draws next."""
        operands = [source.put(b, given or {}) for source in self.sources]
        return [
            b.op("random_state", args, STATE, name, source.attrs)
            for args, source in zip(operands, self.sources, strict=True)
        ]

    def acts(self, stmt: Stmt) -> bool:
        """Does it draw, or call what does?"""
        return is_draw(stmt) or isinstance(stmt, Call) and stmt.function in self.keys

    def go_on(
        self, b: Builder, states: Sequence[Atom], given: Mapping[Var, Var] | None = None
    ) -> None:
        """Each source draws from here."""
        for source, state in zip(self.sources, states, strict=True):
            args = [*source.put(b, given or {}), state]
            b.ops("set_random_state", args, (), attrs=source.attrs)


def redraws(body: Block, functions: Mapping[str, Function]) -> Redraws | None:
    """Where a block draws from; None if it cannot draw the same again."""
    try:
        found, drawing = _Sources(functions).of(body)
    except Lost:
        return None
    draws = bool(drawing) or any(map(is_draw, statements(body)))
    if draws and any(map(is_stranger, completing(body))):
        return None  # it may draw, too, or set a seed
    return Redraws(tuple(found.values()), frozenset(drawing))


def completing(block: Block) -> Iterator[Stmt]:
    """The statements of a run that goes through."""
    for stmt in block.stmts:
        yield stmt
        for inner in blocks(stmt):
            if not (isinstance(stmt, If) and never_completes(inner)):
                yield from completing(inner)


def is_stranger(stmt: Stmt) -> bool:
    """Is it a call that is kept as it is, of which nobody knows what it does?"""
    kept = isinstance(stmt, Op) and stmt.prim == "opaque"
    return kept and bool(stmt.attrs.get("effect", True)) and not is_seeded(stmt)


def is_draw(stmt: Stmt) -> bool:
    """Is all that it does besides to move on a source of random numbers, or to make
    one from a seed?
    """
    if not isinstance(stmt, Op):
        return False
    return stmt.prim in ("draw", *STREAMS) or is_seeded(stmt)


def is_seeded(op: Op) -> bool:
    """`np.random.default_rng(7)`: the same source each time."""
    if op.prim != "opaque" or not op.args or len(op.outs) != 1:
        return False
    if str(op.attrs.get("callee", ".")).startswith("."):
        return False
    whole = (isinstance(a.kind, Scalar) and a.kind.dtype == "int" for a in op.args)
    return class_of(op.outs[0].kind) is not None and all(whole)


def class_of(kind: Kind) -> type | None:
    cls = kind.cls if isinstance(kind, Object) else None
    return cls if isinstance(cls, type) and has_state(cls) else None


Found = dict[tuple[object, ...], Source]


class _Sources:
    """Finds what blocks draw from, through the functions that they call."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self.functions = functions
        self.known: dict[str, Found] = {}
        self.drawing: set[str] = set()
        self.open: set[str] = set()

    def of(self, body: Block) -> tuple[Found, set[str]]:
        while True:  # a function that calls itself is asked until nothing is new
            before = sum(map(len, self.known.values())), len(self.drawing)
            self.open.clear()
            found = self.block(body)
            if before == (sum(map(len, self.known.values())), len(self.drawing)):
                return found, self.drawing

    def block(self, body: Block) -> Found:
        found: Found = {}
        made: dict[Var, Op | None] = dict.fromkeys(definitions(body))
        for stmt in statements(body):
            if isinstance(stmt, Op):
                made.update((out, stmt) for out in stmt.outs)
        for stmt in statements(body):
            for source in self.drawn(stmt):
                if (here := self.there(source, made)) is not None:
                    found[here.key] = here
        return found

    def drawn(self, stmt: Stmt) -> list[Source]:
        if isinstance(stmt, Call):
            return self.called(stmt)
        if not isinstance(stmt, Op) or stmt.prim not in ("draw", *STREAMS):
            return []
        stream: tuple[str, str] | None = stmt.attrs.get("stream")  # type: ignore[assignment]
        if stmt.prim in STREAMS:
            name, text = str(stmt.attrs["cls"]), str(stmt.attrs.get("callee") or "")
            return [Source(name, None if text else stmt.args[0], text=text)]
        if stream is not None and stmt.attrs["callee"] is not None:
            if stream[1] not in ("Generator", "RandomState", "Random"):
                raise Lost
            return [Source(stream[1], text=stream[0])]
        first = stmt.args[0]
        if stmt.attrs["callee"] is None:  # a method, with what it is a method of
            assert isinstance(first, Lit)
            first = Lit(first.value.__self__)  # type: ignore[attr-defined]
            cls = class_of(Object(type(first.value)))
        else:
            cls = class_of(first.kind)
        if cls is None:
            raise Lost
        return [Source(cls.__name__, first)]

    def called(self, stmt: Call) -> list[Source]:
        """What a call draws from, in terms of its arguments."""
        key = stmt.function
        function = self.functions.get(key)
        if function is None:
            return []
        if key not in self.open:
            self.open.add(key)
            self.known[key] = self.block(function.body)
            if any(map(self.draws, statements(function.body))):
                self.drawing.add(key)
        params = (param.var for param in function.params)
        given = dict(zip(params, stmt.args, strict=True))
        return [
            replace(source, start=given.get(source.start, source.start))  # type: ignore[arg-type]
            for source in self.known.get(key, {}).values()
        ]

    def draws(self, stmt: Stmt) -> bool:
        return is_draw(stmt) or isinstance(stmt, Call) and stmt.function in self.drawing

    def there(self, source: Source, made: Mapping[Var, Op | None]) -> Source | None:
        """The source as seen where the block begins; None if it is made anew in it."""
        while isinstance(source.start, Var) and source.start in made:
            op = made[source.start]
            if op is None or (op.attrs.get("effect") and not is_seeded(op)):
                raise Lost
            if is_seeded(op):
                return None
            if op.prim == "free":
                return replace(source, start=None, path=(op, *source.path))
            plain = all(isinstance(arg, Lit) for arg in op.args[1:])
            if op.prim != "getitem" or not plain:
                raise Lost
            source = replace(source, start=op.args[0], path=(op, *source.path))
            if source.cls == "BitGenerator":  # `rng` itself, whose it is
                source = replace(source, cls="Generator", path=source.path[1:])
        return source


def without_last_draws(
    stmts: Sequence[Stmt], after: Block, draws: Redraws
) -> tuple[Stmt, ...]:
    """The statements but for draws that nobody reads, with none behind them."""
    kept: list[Stmt] = []
    read, drawn = set(uses(after)), False
    for stmt in reversed(stmts):
        inner = (stmt, *(s for block in blocks(stmt) for s in statements(block)))
        acts = any(map(draws.acts, inner))
        idle = isinstance(stmt, Op) and acts and read.isdisjoint(stmt.outs)
        if idle and not drawn:
            continue
        drawn |= acts
        kept.append(stmt)
        read.update(stmt_uses(stmt))
    return tuple(reversed(kept))
