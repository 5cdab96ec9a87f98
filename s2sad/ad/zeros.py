"""Zeros, and values of the right shape: what a tangent or adjoint starts from."""

from __future__ import annotations

from s2sad.ir.build import Builder
from s2sad.ir.kinds import (
    Array,
    Kind,
    List,
    Scalar,
    Tape,
)
from s2sad.ir.nodes import UNDEF, Atom, Lit, Var
from s2sad.rules import structural
from s2sad.rules.handles import is_lazy, lift

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
    if kind == List(()):
        return b.op("list", (), kind, name)  # one that will grow
    zero = structural.zero_of(b, donor)
    if isinstance(zero, Var) and not zero.name:
        zero.name = name
    return zero


def handed_over(b: Builder, bar: Atom | None, donor: Atom) -> Atom:
    """`full` for a value that a callee or a container has given: a tape has entries."""
    if bar is None and isinstance(donor.kind, Tape):
        return structural.zero_of(b, donor)
    return full(b, bar, donor)


def full(b: Builder, atom: Atom | None, donor: Atom, name: str = "") -> Atom:
    """An adjoint with the shape of `donor`: zero for None, and spread out if lazy.

    An adjoint of an array may for a while be smaller than it, and broadcast to it.
    """
    if atom is None:
        return zero_of(b, donor, name)
    if not is_lazy(atom.kind, donor.kind):
        return atom
    return b.op("full_like", (donor, atom), donor.kind, name)


def accumulate(b: Builder, now: Atom, bar: Atom, kind: Kind) -> Atom:
    """The sum of two contributions to the adjoint of a value of this kind."""
    if not isinstance(kind, (Scalar, Array)) and not isinstance(bar.kind, Array):
        found = (
            kind if isinstance(now.kind, Scalar) and now.kind != bar.kind else now.kind
        )
        return b.op("add_items", (now, bar), found)
    if all(is_lazy(atom.kind, kind) for atom in (now, bar)):
        return (lift(b, now) + lift(b, bar)).atom
    return b.op("add", (now, bar), kind)
