"""Writes that need not wait until all is read.

    t = np.empty((m, n))                     for i in range(m):
    for i in range(m):                           for j in range(n):
        for j in range(n):                           t = r * v_bar[i + 1, j + 1]
            t[i, j] = r * v_bar[i + 1, j + 1]        v_bar[i + 1, j + 1] -= 4.0 * t
    v_bar[1:-1, 1:-1] -= 4.0 * t

Where the values that are written come from an array that is written, the writes have a
loop of their own, after all values (`Fusion.shifted`). The write to just the element
that a trip reads, and no other trip does, belongs to the trip.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from s2sad.emit.numba.loops import WRITES
from s2sad.ir.nodes import Atom, Lit, Op, Var

if TYPE_CHECKING:
    from s2sad.emit.numba.fusion import Fusion, Group


def with_own(fusion: Fusion, first: Group, writes: Group) -> list[Group]:
    """The values and the writes, with such writes among the values."""
    for family in list(writes.writes):
        (base, *_) = (op.args[0] for op in chain_of(fusion, writes, family))
        places = places_read(fusion, first, family, base)
        while places is not None and family in writes.writes:
            own = own_write(fusion, writes, family, places)
            if own is None:
                break
            places = {place_of(fusion, own)}
            first, writes = moved(fusion, first, writes, own)
    return [first, writes] if writes.ops else [first]


def read_in_place(fusion: Fusion, group: Group) -> set[Var]:
    """The arrays of which each trip reads and writes one element, and its own.

    So it may as well read the array as the trips before have left it.
    """
    found: set[Var] = set()
    for family in group.writes:
        chain = chain_of(fusion, group, family)
        base = chain[0].args[0]
        written = {place_of(fusion, op) for op in chain}
        places = places_read(fusion, group, family, base)
        if len(written) == 1 and None not in written and places == written:
            found.add(base)  # type: ignore[arg-type]
    return found


def places_read(
    fusion: Fusion, first: Group, family: Var, base: Atom
) -> set[tuple[int, ...] | None] | None:
    """Where the values read an array; None if they read another version of it."""
    found: set[tuple[int, ...] | None] = set()
    for op in first.ops:
        for arg in op.args[1:2] if op.prim in WRITES else op.args:
            access = fusion.access(arg, first)
            if access is not None and fusion.fam.find(access.root) is family:
                if access.root is not base:
                    return None
                found.add(access.offsets())
    return found


def place_of(fusion: Fusion, write: Op) -> tuple[int, ...] | None:
    target = fusion.target(write)
    assert target is not None
    return target.offsets()


def own_write(
    fusion: Fusion, writes: Group, family: Var, places: set[tuple[int, ...] | None]
) -> Op | None:
    """A write to an array that may be done where the values are worked out."""
    added = chain_of(fusion, writes, family)
    there = {op.outs[0]: op for op in writes.ops if op.prim not in WRITES}
    # What is added may be added in any order; else the first write is the first.
    any_order = all(op.prim == "additem" for op in added)
    for op in added if any_order else added[:1]:
        place = place_of(fusion, op)
        value = op.args[1]
        alone = sum(value in other.args for other in writes.ops) == 1
        made = there.get(value)  # type: ignore[call-overload]
        if made is not None and not there.keys().isdisjoint(made.args):
            continue  # a multiple of a multiple
        if place is not None and places <= {place}:
            if alone or isinstance(value, Lit):
                return op
    return None


def chain_of(fusion: Fusion, writes: Group, family: Var) -> list[Op]:
    """The writes to one array, each to the version that the one before it gives."""
    found = [op for op in writes.ops if op.prim in WRITES]
    return [op for op in found if fusion.fam.find(op.outs[0]) is family]


def moved(fusion: Fusion, first: Group, writes: Group, own: Op) -> tuple[Group, Group]:
    """The two loops with that write in the first one.

    It gives the first version of the array, and the others follow.
    """
    family = fusion.fam.find(own.outs[0])
    added = chain_of(fusion, writes, family)
    outs = [op.outs for op in added]
    versions = [added[0].args[0], *(out for (out,) in outs)]
    order = [own, *(op for op in added if op is not own)]
    chain = {
        op: replace(op, outs=out, args=(version, *op.args[1:]))
        for op, out, version in zip(order, outs, versions)
    }
    here = [op for op in writes.ops if op.outs[0] is own.args[1]]  # a multiple
    kept = [op for op in writes.ops if op is not own and op not in here]
    done = chain_of(fusion, first, family)
    if done and is_cleared(done[-1]):  # what is added to zero is written
        args = (done[-1].args[0], *chain[own].args[1:])
        chain[own] = replace(chain[own], prim="setitem", args=args)
    else:
        done = []
    before = [op for op in first.ops if op not in done]
    return (
        fusion.regrouped(first.dims, (*before, *here, chain[own])),
        fusion.regrouped(writes.dims, [chain.get(op, op) for op in kept]),
    )


def is_cleared(op: Op) -> bool:
    return (
        op.prim == "setitem" and isinstance(op.args[1], Lit) and op.args[1].value == 0
    )
