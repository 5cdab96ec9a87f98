"""Augmented assignments to places: `a[i] -= v` where the IR has a read and a write.

    %1 = getitem a.0[i]
    %2 = sub %1, v               a[i] -= v
    a.1 = setitem a.0[i], %2

    %1 = mul -2, t
    a.1 = additem a.0[i], %1     a[i] -= 2 * t

    x_bar.1 = add x_bar.0, a
    x_bar.2 = sub x_bar.1, b     x_bar += a - b

A sign in front of what is added goes into the operator: that is the same number. What
one statement adds to a number of ours is added up first, as anybody would: the last
digit may be another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from s2sad.emit.jumps import source_lines
from s2sad.emit.nest import Nesting, is_effect
from s2sad.emit.spelling import BINARY, spelling_of
from s2sad.ir.kinds import Array, List, Scalar, is_float_dtype
from s2sad.ir.nodes import Atom, Lit, Op, Var

OPERATORS = frozenset({"add", "sub", "mul", "div", "pow"})
READS = frozenset({"getitem", "item"})


def operator_of(
    write: Op, nesting: Nesting, reads: Mapping[Var, Op]
) -> tuple[str, Atom] | None:
    """The operator and operand of `a[i] += v`, if a `setitem` can be printed so.

    What is read there may have a name of its own: one of `reads`.
    """
    base, value, *index = write.args
    update = inlined(value, nesting)
    if update is None or update.prim not in OPERATORS or len(update.args) != 2:
        return None
    read = inlined(update.args[0], nesting) or reads.get(update.args[0])  # type: ignore[arg-type]
    if read is None or read.prim not in READS or read.args[0] is not base:
        return None
    path = read.attrs.get("path", write.attrs["path"])
    if path != write.attrs["path"] or len(read.args) - 1 != len(index):
        return None
    pairs = zip(read.args[1:], index, strict=True)
    if not all(same(a, b, nesting) for a, b in pairs):
        return None
    if not as_assigned(write, update) or not is_written(write, update):
        return None
    return BINARY[update.prim][0], update.args[1]


def as_assigned(write: Op, update: Op) -> bool:
    """Does `a[i] += v` store what `a[i] = a[i] + v` does?

    An element is a number, which both store. A slice is written to in place: the same
    where nothing is converted on the way.
    """
    holder, value = write.args[0].kind, update.outs[0].kind
    if isinstance(holder, List):
        return isinstance(value, Scalar) and isinstance(update.args[0].kind, Scalar)
    if not isinstance(holder, Array) or not is_float_dtype(holder.dtype):
        return False
    if isinstance(value, Scalar):
        return isinstance(update.args[0].kind, Scalar)
    return isinstance(value, Array) and value.dtype == holder.dtype


def is_written(write: Op, update: Op) -> bool:
    """Did the user write it so, or is it ours?"""
    if write.span is None or write.span.reverse or write.span.derived:
        return True
    lines = source_lines(write)
    return any(f"{BINARY[update.prim][0]}=" in line for line in lines)


def same(a: Atom, b: Atom, nesting: Nesting) -> bool:
    """Are two expressions the same text?"""
    if a == b:
        return True
    one, other = inlined(a, nesting, plain=False), inlined(b, nesting, plain=False)
    if one is None or other is None or is_effect(one):
        return False
    alike = one.prim == other.prim and dict(one.attrs) == dict(other.attrs)
    if not alike or len(one.args) != len(other.args):
        return False
    pairs = zip(one.args, other.args, strict=True)
    return all(same(x, y, nesting) for x, y in pairs)


def inlined(atom: Atom, nesting: Nesting, plain: bool = True) -> Op | None:
    """The operation printed in the place of an atom; if `plain`, as an operator."""
    op = nesting.inline.get(atom) if isinstance(atom, Var) else None
    if not isinstance(op, Op):
        return None
    special = plain and op.prim not in READS and spelling_of(op)
    return None if special else op


# ---- signs ---------------------------------------------------------------------------


def without_sign(atom: Atom, nesting: Nesting) -> Atom | None:
    """`x` for an expression that begins as `-x`; None where there is no sign."""
    if isinstance(atom, Lit):
        negative = type(atom.value) in (int, float) and atom.value < 0  # type: ignore[operator]
        free = atom.text is None or atom.text[0] in "-.0123456789"
        return Lit(-atom.value) if negative and free else None  # type: ignore[operator]
    op = inlined(atom, nesting)
    if op is None:
        return None
    if op.prim == "neg":
        return op.args[0]
    if op.prim not in ("add", "sub", "mul", "div") or len(op.args) != 2:
        return None
    first = without_sign(op.args[0], nesting)
    if first is None:
        return None
    turned = {"add": "sub", "sub": "add"}.get(op.prim, op.prim)
    if turned == "mul" and first == Lit(1):
        return op.args[1]
    out = Var("", op.outs[0].kind)
    nesting.inline[out] = Op((out,), turned, (first, op.args[1]), span=op.span)
    nesting.counts[out] = 1
    return out


# ---- sums ----------------------------------------------------------------------------

Terms = list[tuple[str, Atom]]  # each with "add" or "sub"; the first is not negated


def in_order(sums: Sequence[Op]) -> tuple[str, Terms]:
    """The terms of `x + a - b` after `x`, and the sign of all of them.

    One that is added comes first; if there is none, all are taken off together.
    """
    terms = [(each.prim, each.args[1]) for each in sums]
    added = [k for k, (prim, _) in enumerate(terms) if prim == "add"]
    if not added:
        return "-", [("add", atom) for _, atom in terms]
    first = terms.pop(added[0])
    return "+", [first, *terms]


def sum_of(terms: Terms, nesting: Nesting) -> Op:
    """The terms as one expression."""
    (_, total), *rest = terms
    for prim, atom in rest:
        out = Var("", atom.kind)
        op = Op((out,), prim, (total, atom))
        nesting.inline[out] = op
        nesting.counts[out] = 1
        total = out
    return op
