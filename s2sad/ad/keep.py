"""What to keep: a minimum cut between what can't be had again and what is needed.

The raw reverse half names forward values that it cannot see. Each either *crosses* on
a tape or is computed again from others that do. Values of the top level are still there
as locals, and so are the indices of loops; carried values, the results of calls, loops
and expensive operations can't be had again. Between them lies a graph of cheap
operations, and the cheapest set of values to keep is a minimum cut through it, each at
a cost of N^(loops around it + its rank).

An element of an array that is final when it is read, or written, is read again from the
array as it is at the end (`analysis/final.py`): that costs nothing where the array is
there anyway, and as much as the array where it has to be handed over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from s2sad.ad.donors import donors, shaped
from s2sad.analysis.final import Final
from s2sad.ir.kinds import FLOAT, Array, Kind, List, Scalar, children
from s2sad.ir.nodes import Atom, Block, For, Function, Op, Stmt, Var, While
from s2sad.ir.walk import blocks, inner_params
from s2sad.rules import TABLE

TRIPS = 16  # what a loop or an axis is taken to multiply by
FOREVER = 1 << 60

CHEAP = frozenset(
    "getitem tuple len shape size ndim transpose reshape ravel expand_dims squeeze "
    "free where zeros_like unbroadcast".split()
)


@dataclass
class Homes:
    """Where each forward variable is defined."""

    block: dict[Var, Block] = field(default_factory=dict)
    stmt: dict[Var, Stmt | None] = field(default_factory=dict)
    depth: dict[Var, int] = field(default_factory=dict)  # loops around it
    nested: set[Var] = field(default_factory=set)  # not of the top level
    index: set[Var] = field(default_factory=set)
    parents: dict[Block, tuple[Stmt, Block]] = field(default_factory=dict)
    final: Final | None = None  # which elements are read from the array as it ends
    at_hand: Mapping[Kind, Var] = field(default_factory=dict)  # whose shape is known
    apart: bool = False  # are values handed over to a reverse half that stands apart?
    _recipes: dict[Var, Stmt | None] = field(default_factory=dict)

    def recipe(self, var: Var) -> Stmt | None:
        """How the reverse half may compute a value again."""
        if var not in self._recipes:
            made = self._last(var) or self.stmt[var]
            if isinstance(made, Op):
                made = shaped(made, self.nested, self.at_hand)
            self._recipes[var] = made
        return self._recipes[var]

    def _last(self, var: Var) -> Op | None:
        op = self.final.again(var) if self.final is not None else None
        if op is None or op.args[1:] == getitem_index(self.stmt[var]):
            return op
        # a value that was stored; its place must be known without keeping anything
        return op if all(map(self.is_there, op.args[1:])) else None

    def is_there(self, atom: Atom, depth: int = 4) -> bool:
        """Is it known in the reverse half, by index arithmetic at most?"""
        if not isinstance(atom, Var) or atom not in self.nested or atom in self.index:
            return True
        made = self.stmt[atom]
        return (
            depth > 0
            and isinstance(made, Op)
            and made.prim in ("add", "sub", "mul", "neg")
            and all(self.is_there(arg, depth - 1) for arg in made.args)
        )


def getitem_index(stmt: Stmt | None) -> tuple[Atom, ...] | None:
    is_read = isinstance(stmt, Op) and stmt.prim == "getitem"
    return stmt.args[1:] if is_read else None  # type: ignore[union-attr]


def homes(primal: Function, apart: bool = False) -> Homes:
    """Find where every variable of a forward half lives."""
    body = primal.body
    found = Homes(final=Final(body), at_hand=donors(primal), apart=apart)
    work: list[tuple[Block, int, bool]] = [(body, 0, False)]
    while work:
        block, depth, nested = work.pop()
        for stmt in block.stmts:
            _define(found, stmt.outs, block, stmt, depth, nested)
            loop = isinstance(stmt, (For, While))
            for inner in blocks(stmt):
                found.parents[inner] = (stmt, block)
                work.append((inner, depth + loop, True))
            if isinstance(stmt, (For, While)):
                _define(found, inner_params(stmt), stmt.body, None, depth + 1, True)
            if isinstance(stmt, For):
                found.index.add(stmt.index)
    return found


def _define(
    found: Homes,
    outs: Iterable[Var],
    block: Block,
    stmt: Stmt | None,
    depth: int,
    nested: bool,
) -> None:
    for var in outs:
        found.block[var] = block
        found.stmt[var] = stmt
        found.depth[var] = depth
        if nested:
            found.nested.add(var)


def recomputable(stmt: Stmt | None) -> bool:
    """May the reverse half run this statement again rather than keep its result?"""
    if not isinstance(stmt, Op) or len(stmt.outs) != 1:
        return False
    primitive = TABLE[stmt.prim]
    if primitive.effect or stmt.prim in ("opaque", "matmul", "dot"):
        return False
    if stmt.prim in CHEAP or stmt.prim in ("free",):
        return True
    kinds = [atom.kind for atom in (*stmt.args, *stmt.outs)]
    elementwise = primitive.verb == "smooth" or stmt.prim in ELEMENTWISE
    return elementwise and all(isinstance(kind, (Scalar, Array)) for kind in kinds)


ELEMENTWISE = frozenset(
    "add sub mul div neg pos floordiv mod lt le gt ge eq ne not_ is_ is_not "
    "sign floor ceil trunc abs maximum minimum float int bool".split()
)


def choose(needed: Iterable[Var], found: Homes) -> tuple[set[Var], set[Var]]:
    """Which of the nested values that are needed, or lead to them, to keep.

    Returns (kept, recomputed). Values of branches outside loops are locals: kept for
    nothing.
    """
    graph = Graph()
    seen: set[Var] = set()
    work = [var for var in needed if var in found.nested and var not in found.index]
    for var in work:
        graph.edge((var, 1), SINK, FOREVER)
    free: set[Var] = set()
    handed: set[Var] = set()
    while work:
        var = work.pop()
        if var in seen:
            continue
        seen.add(var)
        if found.depth[var] == 0:
            free.add(var)
            graph.edge((var, 0), (var, 1), 0)
            continue
        graph.edge((var, 0), (var, 1), cost(var, found))
        stmt = found.recipe(var)
        if not recomputable(stmt):
            graph.edge(SOURCE, (var, 0), FOREVER)
            continue
        assert isinstance(stmt, Op)
        last = stmt.args[0] if stmt.prim == "getitem" else None
        if isinstance(last, Var) and found.apart and stmt is not found.stmt[var]:
            if last not in handed:
                handed.add(last)
                graph.edge(SOURCE, (last, 0), FOREVER)
                graph.edge((last, 0), (last, 1), cost(last, found))
            graph.edge((last, 1), (var, 0), FOREVER)
        for arg in stmt.args:
            if isinstance(arg, Var) and arg in found.nested and arg not in found.index:
                graph.edge((arg, 1), (var, 0), FOREVER)
                work.append(arg)
    late = graph.cut()
    kept = {var for var in seen - free if (var, 1) in late and (var, 0) not in late}
    kept |= free
    again: set[Var] = set()
    work = [var for var in needed if var in seen]
    while work:
        var = work.pop()
        if var in again or var in kept:
            continue
        again.add(var)
        stmt = found.recipe(var)
        assert isinstance(stmt, Op)
        work.extend(arg for arg in stmt.args if isinstance(arg, Var) and arg in seen)
    return kept & reach(needed, kept, found), again


def reach(needed: Iterable[Var], kept: set[Var], found: Homes) -> set[Var]:
    """The values that the reverse half comes to when it computes what it needs."""
    seen: set[Var] = set()
    work = [var for var in needed if var in found.nested]
    while work:
        var = work.pop()
        if var in seen:
            continue
        seen.add(var)
        stmt = found.recipe(var)
        if var not in kept and isinstance(stmt, Op):
            work.extend(
                a for a in stmt.args if isinstance(a, Var) and a in found.nested
            )
    return seen


def cost(var: Var, found: Homes) -> int:
    """What keeping it costs; between equals, what the user named is kept."""
    base = 64 * TRIPS ** min(found.depth.get(var, 0) + rank(var.kind), 8)
    return base + (not var.name)


def rank(kind: Kind) -> int:
    """How often the length of an axis, or of a list that grows, is in its size."""
    if isinstance(kind, Array):
        return kind.rank or 1
    if isinstance(kind, List) and kind.items is None:
        return 1 + rank(kind.elem or FLOAT)
    return max(map(rank, children(kind)), default=0)


# ---- minimum cut ---------------------------------------------------------------------

SOURCE, SINK = "source", "sink"
Node = object


class Graph:
    """A flow network, with the cut that lies nearest to the sink."""

    def __init__(self) -> None:
        self.capacity: dict[Node, dict[Node, int]] = {SOURCE: {}, SINK: {}}

    def edge(self, a: Node, b: Node, capacity: int) -> None:
        out = self.capacity.setdefault(a, {})
        out[b] = out.get(b, 0) + capacity
        self.capacity.setdefault(b, {}).setdefault(a, 0)

    def cut(self) -> set[Node]:
        """The nodes on the sink's side of a minimum cut (Edmonds and Karp)."""
        while True:
            path = self._augmenting()
            if path is None:
                break
            flow = min(self.capacity[a][b] for a, b in path)
            for a, b in path:
                self.capacity[a][b] -= flow
                self.capacity[b][a] += flow
        side: set[Node] = {SINK}
        work: list[Node] = [SINK]
        while work:
            node = work.pop()
            for other in self.capacity[node]:
                if other not in side and self.capacity[other][node] > 0:
                    side.add(other)
                    work.append(other)
        return side

    def _augmenting(self) -> list[tuple[Node, Node]] | None:
        before: dict[Node, Node] = {SOURCE: SOURCE}
        queue: deque[Node] = deque([SOURCE])
        while queue:
            node = queue.popleft()
            for other, room in self.capacity[node].items():
                if room > 0 and other not in before:
                    before[other] = node
                    if other == SINK:
                        return self._trace(before)
                    queue.append(other)
        return None

    @staticmethod
    def _trace(before: dict[Node, Node]) -> list[tuple[Node, Node]]:
        path: list[tuple[Node, Node]] = []
        node: Node = SINK
        while node != SOURCE:
            path.append((before[node], node))
            node = before[node]
        return path
