"""What passes ask about one op: may it go, may two be one, who wrote it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from s2sad.analysis.lineage import WRITES
from s2sad.ir.kinds import Array, Kind, Scalar, is_not_one
from s2sad.ir.nodes import NO_ATTRS, Atom, Call, Function, If, Lit, Op, Stmt, Var
from s2sad.ir.walk import primitives, statements, uses

if TYPE_CHECKING:
    from s2sad.rules import Primitive

# New storage each time: two accumulators that begin as equal zeros are two.
ALLOCATIONS = frozenset(
    "zeros ones empty full zeros_like ones_like empty_like full_like tape list dict "
    "object copy array errstate".split()
)

# A value that is taken and given back: an older version must not be used again.
THREADED = frozenset("push pop append".split())
UNSHARED = ALLOCATIONS | THREADED | {"opaque"}

# Statements with blocks in them.
NESTS = frozenset(("If", "For", "While"))


@lru_cache(maxsize=1)
def table() -> Mapping[str, Primitive]:
    from s2sad.rules import TABLE  # the table is large: not before it is asked for

    return TABLE


def has_effect(op: Op) -> bool:
    """Must the op stay, once and in its place?"""
    attrs = op.attrs
    if attrs is not NO_ATTRS and attrs:
        if "guarded" in attrs:
            return True  # its exception decides which way a `try` goes
        told = attrs.get("effect")
        if told is not None:
            return bool(told)
    primitive = table().get(op.prim)
    return primitive is None or bool(primitive.effect)


def may_merge(op: Op) -> bool:
    """Are two of these with equal operands one?

    Not what allocates or threads a value, and not a call kept as it was written: a
    clock gives another answer each time.
    """
    return op.prim not in UNSHARED and bool(op.outs) and not has_effect(op)


def is_elementwise(op: Op) -> bool:
    primitive = table().get(op.prim)
    return primitive is not None and (
        primitive.verb == "smooth" or op.prim in ("where", "astype")
    )


def is_derived(op: Stmt) -> bool:
    """Did differentiation write this? What the user wrote keeps its form."""
    span = op.span
    return span is None or span.reverse or span.derived


def is_of_user(op: Stmt) -> bool:
    """Did the user write this, be it the reverse half that computes it again?"""
    again = op.span is not None and op.span.again and not op.span.derived
    return again or not is_derived(op)


def number(atom: Atom) -> int | float | None:
    """The value of a literal that is a real number."""
    if isinstance(atom, Lit) and type(atom.value) in (int, float):
        return atom.value  # type: ignore[return-value]
    return None


def is_free(atom: Atom, op: Op) -> bool:
    """May the literal `atom` be computed with: is it not of the user's spelling, or
    does it stand in an op that is not the user's? A constant with a name stays a name.
    """
    if not isinstance(atom, Lit):
        return False
    text = atom.text
    return text is None or is_derived(op) and (text[0].isdigit() or text[0] in "-.")


def known_shape(kind: Kind) -> bool:
    """Are two values of this kind certain to have the same shape?"""
    return isinstance(kind, Scalar) or (
        isinstance(kind, Array) and kind.dims is not None and None not in kind.dims
    )


def plain(kind: Kind) -> Kind:
    """The kind without what is known of an int's value."""
    if isinstance(kind, Scalar) and kind.size is not None:
        return Scalar(kind.dtype)
    return kind


def same_number(a: Kind, b: Kind) -> bool:
    """Are both numbers or arrays of one type and shape?"""
    return isinstance(a, (Scalar, Array)) and known_shape(a) and plain(a) == plain(b)


def alike(a: Kind, b: Kind) -> bool:
    """Have both one type and shape? Lengths that meet are equal, unless one is 1."""
    if not isinstance(a, Array) or not isinstance(b, Array):
        return plain(a) == plain(b)
    if a.dtype != b.dtype or a.rank != b.rank:
        return False
    pairs = zip(a.dims or (), b.dims or (), strict=True)
    return all(d == e or is_not_one(d) and is_not_one(e) for d, e in pairs)


def is_straight(function: Function) -> bool:
    """Has it neither branches nor loops?"""
    return primitives(function.body).isdisjoint(NESTS)


def count_uses(function: Function) -> dict[Var, int]:
    """How often each variable is read."""
    return Counter(uses(function.body))


def written_over(function: Function) -> set[Var]:
    """The arrays and containers that a write may reuse the storage of: what `setitem`
    and `additem` start from, and what branches and loops hand on to there.
    """
    comes_from: dict[Var, list[Atom]] = {}
    todo: list[Atom] = []
    pending = [function.body]
    while pending:
        for stmt in pending.pop().stmts:
            if isinstance(stmt, Op):
                if stmt.prim in WRITES:
                    todo.append(stmt.args[0])
                continue
            pending += stmt.inner
            if isinstance(stmt, If):
                sides = zip(stmt.then.yields, stmt.orelse.yields, strict=True)
                comes_from.update(zip(stmt.outs, map(list, sides), strict=True))
            elif not isinstance(stmt, Call):
                edges = zip(stmt.inits, stmt.body.yields, strict=True)
                for out, param, edge in zip(stmt.outs, stmt.params, edges, strict=True):
                    comes_from[out] = comes_from[param] = list(edge)
    found: set[Var] = set()
    while todo:
        atom = todo.pop()
        if isinstance(atom, Var) and atom not in found:
            found.add(atom)
            todo.extend(comes_from.get(atom, ()))
    return found


def signless(function: Function, uses: dict[Var, int]) -> set[Var]:
    """The values whose only reader takes a sign for nothing: a sum, or what adds it."""
    found: set[Var] = set()
    for op in statements(function.body):
        if not isinstance(op, Op) or op.prim not in SUMS or not is_derived(op):
            continue
        if op.prim == "sum" and not is_total(op):
            continue
        read = op.args[1:2] if op.prim in ("additem", "sub") else op.args
        for atom in read:
            if isinstance(atom, Var) and uses[atom] == 1:
                found.add(atom)
    return found


SUMS = frozenset("additem add sub sum".split())


def is_total(op: Op) -> bool:
    return op.prim == "sum" and isinstance(op.outs[0].kind, Scalar)
