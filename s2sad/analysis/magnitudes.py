"""How large whole numbers may become, and which of them would not fit into 64 bits.

    fact = 1                        grows faster than the number of trips:
    for k in range(1, n):           n = 22 is enough
        fact *= k
        s += x**k / fact            and it is seen: a wrong one gives a wrong number

Python's whole numbers have no end, those of compiled code have. Counts, lengths and
indices are taken to be below 2**31, and trips of a loop, too; from there the magnitudes
of sums, products and powers are worked out. What a loop carries grows with the trips if
it grows by no more than something from outside, and beyond all bounds if it grows by
its own multiple. An index that is too large finds no memory anyway: what counts is
what ends up in a real number, in an array, or in the result.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from s2sad.ir.kinds import Scalar
from s2sad.ir.nodes import Atom, Block, Call, For, Function, If, Lit, Op, Var, While
from s2sad.ir.walk import definitions

COUNT = 2.0**31
LIMIT = 2.0**63
GROWN = 2.0**52  # by something from outside, once a trip
FIRST, SECOND = 2.0**33, 2.0**34  # magnitudes that a loop's growth is tried with

Sizes = dict[Var, float]

# Where a whole number is a place or a count: from which operand on.
PLACES = {"getitem": 1, "item": 1, "setitem": 2, "additem": 2}
COUNTS = frozenset(
    "zeros ones empty full arange reshape eye repeat roll swapaxes moveaxis".split()
)
TESTS = frozenset(("lt", "le", "gt", "ge", "eq", "ne"))


def outgrown(function: Function) -> list[Var]:
    """The whole numbers that may need more than 64 bits, and are seen."""
    sizes: Sizes = {p.var: COUNT for p in function.params if is_whole(p.var)}
    _block(function.body, sizes)
    large = [var for var in definitions(function.body) if sizes.get(var, 0) >= LIMIT]
    seen = _seen(function.body) if large else ()
    return [var for var in large if var in seen]


def is_whole(atom: Atom) -> bool:
    """Is it one of Python's own whole numbers? NumPy's have an end in NumPy, too."""
    return isinstance(atom.kind, Scalar) and atom.kind.dtype == "int"


# ---- magnitudes ----------------------------------------------------------------------


def _block(block: Block, sizes: Sizes) -> None:
    for stmt in block.stmts:
        if isinstance(stmt, Op):
            for out in stmt.outs:
                if is_whole(out):
                    sizes[out] = _size(stmt, sizes)
        elif isinstance(stmt, If):
            _block(stmt.then, sizes)
            _block(stmt.orelse, sizes)
            for out, a, b in zip(stmt.outs, stmt.then.yields, stmt.orelse.yields):
                if is_whole(out):
                    sizes[out] = max(_of(a, sizes), _of(b, sizes))
        elif isinstance(stmt, Call):
            sizes.update((out, COUNT) for out in stmt.outs if is_whole(out))
        else:
            _loop(stmt, sizes)


def _loop(loop: For | While, sizes: Sizes) -> None:
    if isinstance(loop, For):
        sizes[loop.index] = COUNT
    slots = [k for k, param in enumerate(loop.params) if is_whole(param)]

    def ends(start: float) -> list[float]:
        """How large the numbers are after a trip that begins with such."""
        inner = dict(sizes)
        for k in slots:
            inner[loop.params[k]] = max(start, _of(loop.inits[k], sizes))
        _block(loop.body, inner)
        return [_of(loop.body.yields[k], inner) for k in slots]

    for k, first, second in zip(slots, ends(FIRST), ends(SECOND)):
        slope = (second - first) / (SECOND - FIRST) if first < math.inf else math.inf
        init = _of(loop.inits[k], sizes)
        if slope > 1 + 1e-9:
            bound = math.inf
        elif slope > 1 - 1e-9:
            bound = max(init, GROWN) if first > FIRST else max(init, COUNT)
        else:
            bound = max(init, second)
        sizes[loop.params[k]] = bound
    if isinstance(loop, While):
        _block(loop.test, sizes)
    _block(loop.body, sizes)
    for k in slots:
        end = max(_of(loop.inits[k], sizes), _of(loop.body.yields[k], sizes))
        sizes[loop.outs[k]] = end


def _of(atom: Atom, sizes: Sizes) -> float:
    if isinstance(atom, Lit):
        value = atom.value
        return float(abs(value)) if isinstance(value, (int, float)) else 0.0
    return sizes.get(atom, COUNT)


def _size(op: Op, sizes: Sizes) -> float:
    rule = _RULES.get(op.prim)
    if rule is None:
        return COUNT
    try:
        return rule(op.args, *(_of(arg, sizes) for arg in op.args))
    except OverflowError:
        return math.inf


def _floordiv(args: tuple[Atom, ...], a: float, b: float) -> float:
    return a / b if isinstance(args[1], Lit) and b > 1 else a


def _mod(args: tuple[Atom, ...], a: float, b: float) -> float:
    return b


def _pow(args: tuple[Atom, ...], a: float, b: float) -> float:
    if isinstance(args[1], Lit):
        return a**b
    return 1.0 if isinstance(args[0], Lit) and a <= 1 else math.inf


def _shl(args: tuple[Atom, ...], a: float, b: float) -> float:
    return a * 2.0**b if isinstance(args[1], Lit) else math.inf


def _times(args: tuple[Atom, ...], a: float, b: float) -> float:
    return a * b if a and b else 0.0


_RULES: dict[str, Callable[..., float]] = {
    "add": lambda args, a, b: a + b,
    "sub": lambda args, a, b: a + b,
    "mul": _times,
    "neg": lambda args, a: a,
    "pos": lambda args, a: a,
    "abs": lambda args, a: a,
    "floordiv": _floordiv,
    "mod": _mod,
    "pow": _pow,
    "shl": _shl,
    "shr": lambda args, a, b: a,
    "maximum": lambda args, a, b: max(a, b),
    "minimum": lambda args, a, b: max(a, b),
}


# ---- what is seen --------------------------------------------------------------------


def _seen(body: Block) -> set[Var]:
    """The whole numbers that are more than a place, a count, or part of a test."""
    before: dict[Var, list[Atom]] = {}
    seen: list[Atom] = list(body.yields)
    _look(body, before, seen)
    found: set[Var] = set()
    while seen:
        atom = seen.pop()
        if isinstance(atom, Var) and atom not in found:
            found.add(atom)
            seen += before.get(atom, ())
    return found


def _look(block: Block, before: dict[Var, list[Atom]], seen: list[Atom]) -> None:
    for stmt in block.stmts:
        if isinstance(stmt, Op):
            if any(map(is_whole, stmt.outs)) or stmt.prim in ("push", "pop"):
                for out in stmt.outs:
                    before.setdefault(out, []).extend(stmt.args)
            elif stmt.prim not in COUNTS and stmt.prim not in TESTS:
                seen += stmt.args[: PLACES.get(stmt.prim, len(stmt.args))]
            elif stmt.prim in TESTS and not all(map(is_whole, stmt.args)):
                seen += stmt.args
        elif isinstance(stmt, Call):
            seen += stmt.args
        elif isinstance(stmt, If):
            for arm in (stmt.then, stmt.orelse):
                _look(arm, before, seen)
                for out, atom in zip(stmt.outs, arm.yields):
                    before.setdefault(out, []).append(atom)
        else:
            if isinstance(stmt, While):
                _look(stmt.test, before, seen)
            _look(stmt.body, before, seen)
            slots = zip(stmt.outs, stmt.params, stmt.inits, stmt.body.yields)
            for out, param, init, end in slots:
                before.setdefault(out, []).extend((init, end))
                before.setdefault(param, []).extend((init, end))
