"""What to keep: a minimum cut between what can't be had again and what is needed.

The raw reverse half names forward values that it cannot see. Each either *crosses* on
a tape or is computed again from others that do. Values of the top level are still there
as locals, and so are the indices of loops; carried values, the results of calls, loops
and expensive operations can't be had again. Between them lies a graph of cheap
operations, and the cheapest set of values to keep is a minimum cut through it, each at
a cost of N^(loops around it + its rank). An exponential or a sine over an array takes
longer than keeping it does, so computing it again has a price, too. So has a sum of
products along an axis, for which one pass is made over what is multiplied.

An element of an array that is final when it is read, or written, is read again from the
array as it is at the end (`analysis/final.py`): that costs nothing where the array is
there anyway, and as much as the array where it has to be handed over. Or an array is
put back as it was, as the reverse half goes (`twins`): that costs what is overwritten.
Where both what a trip starts from and what it ends with would be kept, one is enough:
what it ends with is what the next one started from, so the mirrored loop carries it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from math import prod

from s2sad.ad.cut import FOREVER, SINK, SOURCE, Graph
from s2sad.ad.donors import donors, shaped
from s2sad.analysis.final import Final
from s2sad.ir.kinds import BOOL, FLOAT, INT, Array, Kind, List, Scalar, Table, children
from s2sad.ir.nodes import (
    UNDEF,
    Atom,
    Block,
    Call,
    For,
    Function,
    Lit,
    Op,
    Stmt,
    Var,
    While,
)
from s2sad.ir.walk import blocks, inner_params
from s2sad.rules import TABLE

TRIPS = 16  # what a loop or an axis is taken to multiply by
FEW = 8  # elements

CHEAP = frozenset(
    "getitem tuple len shape size ndim transpose reshape ravel expand_dims squeeze "
    "free where zeros_like unbroadcast".split()
)


@dataclass(frozen=True)
class End:
    """Of what a trip ends with: the loop, what a trip starts from, what is left."""

    loop: For | While
    param: Var
    out: Var


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
    olds: Collection[Var] = frozenset()  # what writes take away
    mirrors_of: Mapping[Var, Var] = field(default_factory=dict)  # twin -> version
    twins_of: dict[Var, list[Var]] = field(default_factory=dict)  # and the other way
    twin_needs: Mapping[Var, Collection[Var]] = field(default_factory=dict)
    shapes: dict[Var, Var] = field(default_factory=dict)  # see `ends_as`
    ends: dict[Var, End] = field(default_factory=dict)  # what a trip ends with
    apart: bool = False  # are values handed over to a reverse half that stands apart?
    thrifty: bool = True  # is memory worth more than to compute a little again?
    again: Collection[Stmt] = frozenset()  # calls that may be made again: see `rerun`
    _recipes: dict[Var, Stmt | None] = field(default_factory=dict)

    def recipe(self, var: Var) -> Stmt | None:
        """How the reverse half may compute a value again."""
        if var not in self._recipes:
            made = self._last(var) or self.stmt[var]
            if isinstance(made, Op):
                last = None if self.apart else self.ends_as
                made = shaped(made, self.nested, self.at_hand, last)
            self._recipes[var] = made
        return self._recipes[var]

    def ends_as(self, array: Var) -> Var | None:
        """What stands for the array where only its shape is asked for."""
        later = self.final.lineage.later(array) if self.final is not None else []
        if not later:
            return None
        last = later[-1][0]
        return self.shapes.setdefault(last, Var(last.name, last.kind))

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


def homes(primal: Function, apart: bool = False, thrifty: bool = True) -> Homes:
    """Find where every variable of a forward half lives."""
    body = primal.body
    found = Homes(
        final=Final(body), at_hand=donors(primal), apart=apart, thrifty=thrifty
    )
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
                _note_ends(found, stmt)
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


def _note_ends(found: Homes, loop: For | While) -> None:
    own = {out for stmt in loop.body.stmts for out in stmt.outs}
    slots = zip(loop.body.yields, loop.params, loop.inits, loop.outs, strict=False)
    for end, param, init, out in slots:
        if end in own and init.kind != UNDEF.kind and alike(end.kind, param.kind):
            found.ends.setdefault(end, End(loop, param, out))  # type: ignore[arg-type]


def alike(a: Kind, b: Kind) -> bool:
    """Are both arrays of one rank and dtype, or scalars of one dtype?"""
    if isinstance(a, Array) and isinstance(b, Array):
        return a.dtype == b.dtype and a.rank == b.rank
    return isinstance(a, Scalar) and a == b


def recomputable(stmt: Stmt | None) -> bool:
    """May the reverse half run this statement again rather than keep its result?"""
    if not isinstance(stmt, Op) or len(stmt.outs) != 1:
        return False
    primitive = TABLE[stmt.prim]
    if primitive.effect or stmt.prim in ("opaque", "matmul", "dot"):
        return False
    if stmt.prim in CHEAP or stmt.prim in ("free",):
        return True
    if stmt.prim == "list":  # an index
        return all(isinstance(atom.kind, Scalar) for atom in stmt.args)
    kinds = [atom.kind for atom in (*stmt.args, *stmt.outs)]
    if stmt.prim in ("py_min", "py_max"):  # of lengths, as `zip` takes it
        return all(isinstance(k, Scalar) and k.dtype == INT.dtype for k in kinds)
    elementwise = primitive.verb == "smooth" or stmt.prim in ELEMENTWISE
    return elementwise and all(isinstance(kind, (Scalar, Array)) for kind in kinds)


def is_sum_of_products(stmt: Stmt | None, found: Homes) -> bool:
    """Is it an array of sums along an axis, for which no product need be made?"""
    if not isinstance(stmt, Op) or stmt.prim != "sum":
        return False
    total, summed = stmt.outs[0].kind, stmt.args[0]
    made = found.stmt.get(summed)  # type: ignore[call-overload]
    if type(stmt.attrs.get("axis")) is not int or stmt.attrs.get("keepdims"):
        return False
    if not isinstance(made, Op) or made.prim != "mul" or "lib" in made.attrs:
        return False
    kinds = [total, *(atom.kind for atom in made.args)]
    return all(isinstance(kind, Array) and kind.dtype == "float64" for kind in kinds)


ELEMENTWISE = frozenset(
    "add sub mul div neg pos floordiv mod lt le gt ge eq ne not_ is_ is_not "
    "sign floor ceil trunc abs maximum minimum float int bool".split()
)


@dataclass
class Choice:
    """What the reverse half pops, what it computes again, which twins it restores."""

    kept: set[Var] = field(default_factory=set)
    again: set[Var] = field(default_factory=set)
    twins: set[Var] = field(default_factory=set)
    versions: set[Var] = field(default_factory=set)  # arrays that twins stand for
    carried: set[Var] = field(
        default_factory=set
    )  # by mirrored loops: see `Homes.ends`


def choose(
    needed: Iterable[Var], found: Homes, forced: Collection[Var] = frozenset()
) -> Choice:
    """Which of the nested values that are needed, or lead to them, to keep.

    Values of branches outside loops are locals: kept for nothing. What is `forced` is
    kept, if it is needed at all.
    """
    needed = list(needed)
    choice = _Chooser(found, forced).choose(needed)
    ends = {
        var
        for var in (*choice.kept, *choice.again)
        if var in found.ends and found.ends[var].param in choice.kept
        if var in choice.kept or is_costly(found.stmt[var])
    }
    return _Chooser(found, forced, ends).choose(needed) if ends else choice


OLD = "old"  # marks the nodes of what writes took away, which may be reads, too


class _Chooser:
    """The graph of what the reverse half may compute again, and of what."""

    def __init__(
        self, found: Homes, forced: Collection[Var], ends: Collection[Var] = ()
    ) -> None:
        self.found = found
        self.forced = forced
        self.ends = ends  # what mirrored loops may carry
        self.graph = Graph()
        self.seen: set[Var] = set()
        self.free: set[Var] = set()
        self.handed: set[Var] = set()
        self.lost: set[Var] = set()

    def choose(self, needed: Iterable[Var]) -> Choice:
        wanted = [var for var in needed if self.is_open(var)]
        for var in wanted:
            self.graph.edge((var, 1), SINK, FOREVER)
        self.enter(wanted)
        late = self.graph.cut()
        kept = {v for v in self.seen if (v, 1) in late and (v, 0) not in late}
        lost = {v for v in self.lost if (OLD, v, 1) in late and (OLD, v, 0) not in late}
        return self.choice(wanted, kept | self.free, lost)

    def is_open(self, var: Atom) -> bool:
        """Is it a value that is not there anyway?"""
        return var in self.found.nested and var not in self.found.index

    def sources(self, var: Var) -> list[Var] | None:
        """What a value is computed again of; None if it must be kept."""
        recipe = self.found.recipe(var)
        if var in self.forced:
            return None
        if var in self.ends:
            end = self.found.ends[var]
            return [end.param, end.out]
        if self.may_run_again(recipe):
            return [arg for arg in recipe.args if isinstance(arg, Var)]  # type: ignore[union-attr]
        return self.found.twins_of.get(var)

    def may_run_again(self, stmt: Stmt | None) -> bool:
        if stmt in self.found.again:
            return True
        return recomputable(stmt) or is_sum_of_products(stmt, self.found)

    def enter(self, wanted: Iterable[Var]) -> None:
        work = list(wanted)
        while work:
            var = work.pop()
            if var in self.seen:
                continue
            self.seen.add(var)
            if var in self.found.twin_needs:
                self.graph.edge((var, 0), (var, 1), FOREVER)
                for need in self.found.twin_needs[var]:
                    work += self.edge(need, var)
                continue
            if self.found.depth[var] == 0:
                self.free.add(var)
                self.graph.edge((var, 0), (var, 1), 0)
                continue
            self.graph.edge((var, 0), (var, 1), cost(var, self.found))
            sources = self.sources(var)
            if sources is None:
                self.graph.edge(SOURCE, (var, 0), FOREVER)
                continue
            if var in self.ends:
                if not self.is_open(self.found.ends[var].out):
                    self.last(self.found.ends[var].out, var)
            else:
                self.hand_over(var)
                price = cost_again(var, self.found)
                self.graph.edge(SOURCE, (var, 0), price)
            for source in sources:
                work += self.edge(source, var)

    def edge(self, source: Var, var: Var) -> list[Var]:
        """`var` can be had only if `source` can."""
        if var in self.found.twin_needs and self.is_lost(source):
            return self.take_away(source, var)
        twin = source in self.found.mirrors_of
        if twin and source not in self.found.twin_needs:
            self.graph.edge(SOURCE, (var, 0), FOREVER)  # a twin that was not made
            return []
        if not twin and not self.is_open(source):
            if var in self.found.twin_needs:
                self.last(source, var)
            return []
        self.graph.edge((source, 1), (var, 0), FOREVER)
        return [source]

    def is_lost(self, var: Var) -> bool:
        """Is it what a write took away, and can't be had from elsewhere?"""
        recipe = self.found.recipe(var) if var in self.found.olds else None
        if recipe is None or recipe is not self.found.stmt[var]:
            return False
        return bool(self.found.twins_of.get(recipe.args[0]))  # type: ignore

    def take_away(self, var: Var, twin: Var) -> list[Var]:
        """The twin is made of it: it can't be read from the twin."""
        self.graph.edge((OLD, var, 1), (twin, 0), FOREVER)
        if var in self.lost:
            return []
        self.lost.add(var)
        if var in self.forced:
            self.graph.edge((var, 1), (OLD, var, 1), FOREVER)  # kept anyway
            return [var]
        self.graph.edge(SOURCE, (OLD, var, 0), FOREVER)
        price = cost(var, self.found) + 2  # it has to be put back, too
        self.graph.edge((OLD, var, 0), (OLD, var, 1), price)
        return []

    def hand_over(self, var: Var) -> None:
        """An element read from the array as it ends: the array is handed over."""
        recipe = self.found.recipe(var)
        if recipe is not self.found.stmt[var] and recipe.prim == "getitem":  # type: ignore[union-attr]
            self.last(recipe.args[0], var)  # type: ignore[union-attr]

    def last(self, array: Atom, var: Var) -> None:
        """`var` is had from an array of the top level, which has its price."""
        if not self.found.apart or not isinstance(array, Var):
            return
        if not isinstance(array.kind, (Array, List)):
            return
        if array not in self.handed:
            self.handed.add(array)
            self.graph.edge(SOURCE, (array, 0), FOREVER)
            self.graph.edge((array, 0), (array, 1), cost(array, self.found))
        self.graph.edge((array, 1), (var, 0), FOREVER)

    def choice(
        self, wanted: Iterable[Var], kept: Collection[Var], lost: Collection[Var]
    ) -> Choice:
        """What comes of it, as far as what is wanted comes to it."""
        made = Choice()
        work, seen = list(wanted), set()
        while work:
            var = work.pop()
            if var in seen or var not in self.seen:
                continue
            seen.add(var)
            if var in kept:
                made.kept.add(var)
            elif var in self.found.twin_needs:
                made.twins.add(var)
                needs = self.found.twin_needs[var]
                made.kept.update(need for need in needs if need in lost)
                work += [need for need in needs if need not in lost]
            else:
                sources = self.sources(var) or []
                if var in self.ends:
                    made.carried.add(var)
                elif self.may_run_again(self.found.recipe(var)):
                    made.again.add(var)
                else:
                    made.versions.add(var)
                work += sources
        made.again -= made.kept
        return made


def cost(var: Var, found: Homes) -> int:
    """What keeping it costs; between equals, what the user named is kept.

    Which way a branch went is kept rather than a number that it hung on.
    """
    base = 64 * TRIPS ** min(found.depth.get(var, 0) + rank(var.kind), 8)
    base += base // 4 if isinstance(var.kind, Array) and is_small(var.kind) else 0
    return base * 7 // 8 if var.kind == BOOL else base + (not var.name)


def cost_again(var: Var, found: Homes) -> int:
    """What computing it again costs, on the same scale.

    Less than keeping it: again, if nothing more is kept to that end; and where one
    array is kept for four functions of it, as before the gates of a recurrence. In
    loops that are compiled the functions are most of the time, so there all are kept.
    """
    share = 11 if found.thrifty else 14
    recipe = found.recipe(var)
    slow = isinstance(recipe, Call) or is_slow(recipe)
    return cost(var, found) * share // 16 if slow else 0


def is_slow(stmt: Stmt | None) -> bool:
    """Does it take much longer than a product, or than keeping a result?"""
    if not isinstance(stmt, Op) or stmt.prim in QUICK:
        return False
    if isinstance(stmt.outs[0].kind, Scalar):
        return False
    if stmt.prim == "sum":
        return True
    if stmt.prim == "pow":
        power = stmt.args[1]
        return not (isinstance(power, Lit) and power.value in (2, 0.5, -1))
    return TABLE[stmt.prim].verb == "smooth"


def is_costly(stmt: Stmt | None) -> bool:
    """Is it dearer than handing a value on from trip to trip?"""
    return isinstance(stmt, Call) or (
        isinstance(stmt, Op)
        and stmt.prim not in QUICK
        and (TABLE[stmt.prim].verb == "smooth")
    )


QUICK = frozenset(
    "add sub mul div neg pos abs square sqrt reciprocal mod fmod remainder maximum "
    "minimum fmax fmin clip copysign heaviside degrees radians".split()
)


def rank(kind: Kind) -> int:
    """How often the length of an axis, or of a list that grows, is in its size."""
    if isinstance(kind, Array):
        # a point in space, a state of two: by reference it costs what a number costs
        return 0 if is_small(kind) else kind.rank or 1
    if isinstance(kind, List) and kind.items is None:
        return 1 + rank(kind.elem or FLOAT)
    if isinstance(kind, Table):
        return 1 + rank(kind.elem)
    return max(map(rank, children(kind)), default=0)


def is_small(kind: Array) -> bool:
    """Is an array known to have a few elements only?"""
    dims = kind.dims or (None,)
    lengths = [dim for dim in dims if isinstance(dim, int)]
    return len(lengths) == len(dims) and prod(lengths) <= FEW
