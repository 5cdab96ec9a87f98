"""Does an index that is an array or a list name each place once?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from s2sad.ir.kinds import Array, Kind, List, Static, Tuple, is_not_one
from s2sad.ir.nodes import Atom, Lit, Op, Var

MAKERS = frozenset(("arange", "list", "array", "reshape"))  # of what is known of here


def is_unique(atom: Atom, makers: Mapping[Var, Op]) -> bool:
    """Does an index, if it is an array, hold no number twice?"""
    kind = atom.kind
    if isinstance(kind, Static):
        return not isinstance(kind.value, (list, tuple)) or differ(kind.value)
    if not isinstance(kind, (Array, List, Tuple)):
        return True
    if isinstance(kind, Array) and (kind.dtype == "bool" or kind.dims == ()):
        return True
    op = makers.get(atom) if isinstance(atom, Var) else None
    if op is None:
        return False
    if op.prim == "arange":
        return len(op.args) == 1 or len(op.args) == 2 and is_natural(op.args[0])
    if op.prim == "list":
        values = [a.value if isinstance(a, Lit) else None for a in op.args]
        return differ(values)
    return is_unique(op.args[0], makers)


def are_distinct(index: Sequence[Atom], makers: Mapping[Var, Op]) -> bool:
    """Do indices that go together name each place once?

    They do if each names a place of its axis once, or if one of those in rows does and
    is as long as the row that they make.
    """
    if all(is_unique(atom, makers) for atom in index):
        return True
    rows = [atom for atom in index if isinstance(atom.kind, (Array, List, Tuple))]
    if not all(is_row(atom.kind) for atom in rows):
        return False
    dims = {atom.kind.dims[0] for atom in rows}  # type: ignore[union-attr, index]
    for atom in rows:
        if is_unique(atom, makers):
            (own,) = atom.kind.dims  # type: ignore[union-attr, misc]
            if own is not None and (dims <= {own, 1} or is_not_one(own)):
                return True
    return False


def is_row(kind: Kind) -> bool:
    return isinstance(kind, Array) and kind.rank == 1 and kind.dtype != "bool"


def is_natural(atom: Atom) -> bool:
    return isinstance(atom, Lit) and type(atom.value) is int and atom.value >= 0


def differ(values: object) -> bool:
    """Are they numbers that name different places, all counted from the same end?"""
    if not isinstance(values, (list, tuple)):
        return False
    if not all(type(value) is int for value in values):
        return False
    one_end = len({value < 0 for value in values}) < 2
    return one_end and len(set(values)) == len(values)
