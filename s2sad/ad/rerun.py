"""Which helpers of a loop the reverse half runs again: a loop keeps its state alone.

    for i in range n with y = y:         for i in reversed range n:
        k1 = call rhs y, p                   k1 = call rhs y, p
        k2 = call rhs (y + h k1), p    ->    t, s = call rhs_vjp (y + h k1), p, k2_bar
        y = y + h k2                         ...

The forward half of a helper hands on all that its reverse half reads: of the right-hand
side of an equation of motion dozens of numbers, for each call of each trip. To write
them down and to read them takes about as long as to compute them, and the memory is
that of all trips. So where a helper is called in a loop, and its adjoint reads much
more than its arguments, the loop keeps what the arguments are made of, and the adjoint
of the helper begins by running it again.

Only what comes out the same and costs little is run again: no loops, nothing that is
done besides returning a value, no draws, no writes to arguments, nothing that takes
longer than to go once through its operands. Text that is compiled keeps: there numbers
are handed on in no time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from s2sad.ad.keep import is_slow, rank, recomputable
from s2sad.ad.redraws import completing
from s2sad.analysis.lineage import WRITES
from s2sad.ir.kinds import Array, Kind, Scalar, Tuple, children
from s2sad.ir.nodes import Atom, Call, For, Function, If, Op, Stmt, Var, While
from s2sad.ir.walk import statements, stmt_uses

AXIS = 16  # what a step along an axis is taken to multiply by
SLOW = 4  # what an exponential of an array costs, in products
WORTH = 5  # operations made again for each value that need not be kept

FRESH = frozenset(
    "zeros ones empty full zeros_like ones_like empty_like full_like copy array".split()
)
PASSES = frozenset(  # beside what `keep` computes again: once through the operands
    "setitem additem tuple sum mean dot matmul outer concatenate stack roll diff "
    "cumsum maximum minimum py_abs array list".split()
)


def may_run_again(
    functions: Mapping[str, Function], key: str, path: tuple[str, ...] = ()
) -> bool:
    """Does a function come out the same, do nothing besides, and take one pass?

    `path` is how it is called; a function that calls itself may take any time.
    """
    function = functions.get(key)
    if function is None or function.checkpoint or key in path:
        return False
    ends = (*(param.var for param in function.params), *function.results)
    if not all(is_plain(end.kind) for end in ends):
        return False
    stmts = list(completing(function.body))
    made = {out: stmt for stmt in stmts for out in stmt.outs}
    called = dict.fromkeys(s.function for s in stmts if isinstance(s, Call))
    return all(
        is_repeatable(stmt, made) for stmt in stmts if not isinstance(stmt, Call)
    ) and all(may_run_again(functions, each, (*path, key)) for each in called)


def is_plain(kind: Kind) -> bool:
    """A number, an array, or some of these: what a caller has in its hands?"""
    if isinstance(kind, Tuple):
        return all(map(is_plain, children(kind)))
    return isinstance(kind, (Scalar, Array))


def is_repeatable(stmt: Stmt, made: Mapping[Var, Stmt]) -> bool:
    if isinstance(stmt, (For, While)):
        return False
    if isinstance(stmt, If):
        return stmt.tests
    assert isinstance(stmt, Op)
    if stmt.prim in WRITES:
        return is_own(stmt.args[0], made)
    return (
        recomputable(stmt) or stmt.prim in PASSES or stmt.prim in FRESH
    ) and not stmt.attrs.get("effect")


def is_own(array: Atom, made: Mapping[Var, Stmt]) -> bool:
    """Was an array made here, so that nobody sees what is written to it?"""
    while isinstance(array, Var):
        maker = made.get(array)
        if not isinstance(maker, Op):
            return False
        if maker.prim not in WRITES:
            return maker.prim in FRESH
        array = maker.args[0]
    return False


def pays(
    primal: Function, read: Collection[Var], functions: Mapping[str, Function]
) -> bool:
    """Is what the reverse half reads, beside the arguments, worth to be made again?

    What the arguments are made of should be no more than what is read; often it is
    less, since the loop goes from one state to the next.
    """
    params = {param.var for param in primal.params}
    made = sum(size(var.kind) for var in read if var not in params)
    kept = sum(size(var.kind) for var in read)
    return WORTH * made >= effort(primal, functions) and given(primal) <= 2.0 * kept


def given(function: Function) -> float:
    """How many numbers of its arguments it takes: of an array, those it reads."""
    taken: dict[Atom, float] = {}
    for stmt in statements(function.body):
        element = isinstance(stmt, Op) and stmt.prim == "getitem"
        for atom in stmt_uses(stmt):
            kind = stmt.outs[0].kind if element else atom.kind
            taken[atom] = taken.get(atom, 0.0) + size(kind)
    params = [param.var for param in function.params]
    return sum(min(size(var.kind), taken.get(var, 0.0)) for var in params)


def effort(function: Function, functions: Mapping[str, Function]) -> float:
    """What a run costs, in operations on numbers."""
    total = 0.0
    for stmt in completing(function.body):
        if isinstance(stmt, Call):
            total += effort(functions[stmt.function], functions)
        elif isinstance(stmt, Op) and stmt.outs:
            total += price(stmt)
    return total


def price(op: Op) -> float:
    """What an operation costs; an element or a part of an array is had at once."""
    if op.prim in ("getitem", "tuple", "list"):
        return 1.0
    kinds = [atom.kind for atom in (*op.args, *op.outs)]
    if op.prim in ("matmul", "dot"):
        ranks = sum(map(rank, kinds[:2]))
        return float(AXIS ** max(ranks - 1, 0))
    cost = float(AXIS ** max(map(rank, kinds)))
    return SLOW * cost if is_slow(op) else cost


def size(kind: Kind) -> float:
    """How many numbers it holds."""
    if isinstance(kind, Tuple):
        return sum(map(size, children(kind)))
    return float(AXIS ** rank(kind))
