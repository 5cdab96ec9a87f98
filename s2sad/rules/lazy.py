"""Adjoints and tangents smaller than their variables, and how they are made full."""

from __future__ import annotations

from s2sad.ir.kinds import (
    Array,
    Kind,
    Scalar,
    Static,
    Unknown,
    is_not_one,
    is_one,
)
from s2sad.rules.handles import build, is_lazy, lift


def is_settled(value: Kind, variable: Kind) -> bool:
    """Do the kinds tell whether `value` is full or lazy with respect to `variable`?"""
    if isinstance(value, Scalar) or not isinstance(variable, (Array, Unknown)):
        return True
    if not isinstance(value, Array) or not isinstance(variable, Array):
        return False
    if value.dims is None or variable.dims is None:
        return False
    if len(value.dims) < len(variable.dims):
        return True
    pairs = zip(value.dims, variable.dims, strict=True)
    # an axis that is longer than 1 is as long as that of what it broadcasts to
    return all(
        is_one(d) or is_not_one(d) or (d is not None and d == v) for d, v in pairs
    )


def settled(value, like, operands=()):
    """`value`, made full if the kinds leave open whether it is.

    With at most one array among the operands, as in `x * x`, everything has its shape.
    """
    arrays = {id(x) for x in operands if not isinstance(x.kind, (Scalar, Static))}
    if len(arrays) <= 1 or is_settled(value.kind, like.kind):
        return value
    return build("full_like", like, value)


def full(value, like):
    """A tangent or adjoint in the shape of the variable `like` (an atom or handle)."""
    like = lift(value.b, like)
    if not is_lazy(value.kind, like.kind):
        return value
    return build("full_like", like, value)


def unbroadcast(value, arg, out=None, by="sum"):
    """Reduce an adjoint of the shape of `out` to the shape of the operand `arg`.

    `value` may be lazy with respect to `out`: it is made full if something is to be
    summed. With dims known this is nothing, or one sum; else the op `unbroadcast`.
    A condition is reduced `by` "any".
    """
    target = arg.kind
    source = out.kind if out is not None else value.kind
    axes = summed_axes(source, target)
    if axes == ((), ()):
        return value
    if out is not None:
        value = full(value, out)
    if axes is None:
        if by == "any":
            return build("unbroadcast", build("full_like", out, value), arg) != 0
        return build("unbroadcast", value, arg)
    lead, kept = axes
    if isinstance(target, Scalar) or not kept and target.dims == ():  # type: ignore[attr-defined]
        return build(by, value)
    if not kept:
        return build(by, value, axis=lead[0] if len(lead) == 1 else lead)
    if not lead:
        return build(by, value, axis=kept[0] if len(kept) == 1 else kept, keepdims=True)
    reduced = build(by, value, axis=lead + kept)
    back = tuple(axis - len(lead) for axis in kept)
    return build("expand_dims", reduced, axis=back[0] if len(back) == 1 else back)


def summed_axes(
    source: Kind, target: Kind
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Axes of `source` that `target` lacks, and those that it has with length 1.

    None where kinds do not tell.
    """
    if isinstance(source, Scalar):
        return (), ()
    if not isinstance(source, Array):
        return None
    if isinstance(target, Scalar):
        return (tuple(range(source.rank or 1)), ()) if source.dims != () else ((), ())
    if not isinstance(target, Array) or source.dims is None or target.dims is None:
        return None
    extra = len(source.dims) - len(target.dims)
    kept = []
    for axis, (d, t) in enumerate(
        zip(source.dims[extra:], target.dims, strict=True), extra
    ):
        if is_not_one(t) or is_one(d) or (isinstance(t, str) and d == t):
            continue
        if not is_one(t):
            return None
        kept.append(axis)
    return tuple(range(extra)), tuple(kept)
