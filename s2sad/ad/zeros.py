"""Zeros, and values of the right shape: what a tangent or adjoint starts from."""

from __future__ import annotations

from s2sad.errors import InternalError
from s2sad.ir.build import Builder
from s2sad.ir.kinds import (
    Array,
    Dict,
    Kind,
    List,
    Object,
    Scalar,
    Tape,
    Tuple,
    is_real,
)
from s2sad.ir.nodes import UNDEF, Atom, Lit

ZERO = Lit(0.0)


def zero_of(b: Builder, donor: Atom, name: str = "") -> Atom:
    """The zero of the tangent space at `donor`, of which only the shape is read."""
    kind = donor.kind
    if donor == UNDEF:
        return UNDEF
    if isinstance(kind, Scalar):
        return ZERO
    if isinstance(kind, Tape):
        return b.op("tape", (), kind, name)
    if isinstance(kind, (Tuple, List, Dict, Object)) and not any_real(kind):
        return Lit(None)
    return b.op("zeros_like", (donor,), kind, name)


def any_real(kind: Kind) -> bool:
    if isinstance(kind, (Tuple, Dict, Object)):
        return any(any_real(item) for item in kind.items)
    if isinstance(kind, List):
        items = (kind.elem,) if kind.items is None else kind.items
        return any(item is None or any_real(item) for item in items)
    return is_real(kind) or not isinstance(kind, (Scalar, Array))


def full(b: Builder, atom: Atom | None, donor: Atom, name: str = "") -> Atom:
    """An adjoint with the shape of `donor`: None and a lazy scalar become arrays.

    An adjoint of an array may be a scalar for a while: each element is that number.
    """
    if atom is None:
        return zero_of(b, donor, name)
    if isinstance(donor.kind, Array) and isinstance(atom.kind, Scalar):
        return b.op("full_like", (donor, atom), donor.kind, name)
    return atom


def accumulate(b: Builder, now: Atom, bar: Atom, kind: Kind) -> Atom:
    """The sum of two contributions to the adjoint of a value of this kind."""
    arrays = [a.kind for a in (now, bar) if isinstance(a.kind, Array)]
    if not isinstance(kind, (Scalar, Array)) and not arrays:
        raise InternalError(
            f"two adjoints of one {type(kind).__name__} cannot be added"
        )
    if isinstance(kind, Array) and not arrays:
        return b.op("add", (now, bar), now.kind)  # still lazy: one number for all
    return b.op("add", (now, bar), kind)
