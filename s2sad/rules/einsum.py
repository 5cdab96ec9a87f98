"""`einsum`: the adjoint of an operand is another `einsum`.

    y = einsum("ij,jk->ik", a, b)      a_bar = einsum("ik,jk->ij", y_bar, b)

`...` is written out in letters once the ranks are known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import UNKNOWN, Array, Dim, Kind
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import infer
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.lazy import full, unbroadcast
from s2sad.rules.primitive import (
    Adjoints,
    Tangents,
    options_of,
    taken,
    total,
    wanted,
)
from s2sad.rules.products import array_dims
from s2sad.rules.reductions import new_axes
from s2sad.rules.registry import BadArguments
from s2sad.rules.signature import bind
from s2sad.rules.verbs import custom

CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _einsum_bind(args: Sequence[object], kwargs: dict[str, object]):
    first, *operands = args
    if not operands:
        raise BadArguments("`einsum` takes subscripts, then arrays")
    return bind(
        "einsum",
        "*operands; *, subscripts, optimize=False, out!, dtype!, order!, casting!",
        operands,
        {**kwargs, "subscripts": first},
    )


def parse_subscripts(
    text: object, ranks: Sequence[int | None]
) -> tuple[list[str], str]:
    """The letters of each operand and of the result."""
    if not isinstance(text, str):
        raise BadArguments("the subscripts of `einsum` must be one string")
    left, arrow, right = text.replace(" ", "").partition("->")
    inputs = left.split(",")
    if not arrow:
        letters = left.replace(",", "").replace(".", "")
        right = "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
        right = "..." + right if "." in left else right
    if len(inputs) != len(ranks):
        raise BadArguments(f"`einsum` subscripts {text!r} for {len(ranks)} arrays")
    if "." not in text:
        return inputs, right
    counts = [_axes_left(subs, rank) for subs, rank in zip(inputs, ranks, strict=True)]
    free = [c for c in CAPITALS if c not in text][: max(counts)]
    inputs = [
        subs.replace("...", "".join(free[len(free) - count :]))
        for subs, count in zip(inputs, counts, strict=True)
    ]
    return inputs, right.replace("...", "".join(free))


def is_view(args: Sequence[Atom], attrs: infer.Attrs) -> bool:
    """Does it look into its only operand: axes in another order, or a diagonal?"""
    if len(args) != 1 or not isinstance(args[0].kind, Array):
        return False
    try:
        (letters,), output = parse_subscripts(attrs["subscripts"], [args[0].kind.rank])
    except BadArguments:
        return True  # nothing is known of it
    return set(letters) == set(output)


def _axes_left(subs: str, rank: int | None) -> int:
    """How many axes `...` stands for."""
    if "..." not in subs:
        return 0
    if rank is None:
        raise BadArguments("`einsum` with `...` needs arrays of known rank")
    count = rank - len(subs.replace("...", ""))
    if count < 0:
        raise BadArguments(
            f"`einsum` subscripts {subs!r} for an array of {infer.axes(rank)}"
        )
    return count


def _ranks(shapes: Sequence[infer.Dims]) -> list[int | None]:
    return [None if dims is None else len(dims) for dims in shapes]


def _einsum_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = array_dims(args)
    if found is None:
        return (UNKNOWN,)
    dtype, shapes = found
    inputs, output = parse_subscripts(attrs["subscripts"], _ranks(shapes))
    lengths: dict[str, Dim] = {}
    for letters, dims in zip(inputs, shapes, strict=True):
        if dims is None:
            raise BadArguments("`einsum` needs arrays of known rank")
        if len(letters) != len(dims):
            raise BadArguments(
                f"`einsum` subscripts {letters!r} for an array of "
                f"{infer.axes(len(dims))}"
            )
        for letter, dim in zip(letters, dims, strict=True):
            lengths[letter] = infer.broadcast_dim(lengths.get(letter, 1), dim)
    return (
        infer.array_or_scalar(
            infer.numpy_dtype(dtype).name, tuple(lengths[c] for c in output)
        ),
    )


def _einsum(*operands: object, subscripts: str, **options: object) -> object:
    return np.einsum(subscripts, *operands, **options)  # type: ignore[call-overload]


def _einsum_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    terms = []
    for i, dot_ in enumerate(tangents):
        if dot_ is not None:
            operands = [lift(b, arg) for arg in op.args]
            operands[i] = full(lift(b, dot_), op.args[i])
            terms.append(build("einsum", *operands, **op.attrs))
    found = total(terms)
    return (None if found is None else found.atom,)


def _einsum_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None:
        return
    y_bar = full(y_bar, op.outs[0])
    operands = [lift(b, arg) for arg in op.args]
    for i in wanted(op, bars):
        bars.add(op.args[i], _einsum_adjoint(y_bar, operands, i, op).atom)


def _einsum_adjoint(
    y_bar: Handle, operands: Sequence[Handle], i: int, op: Op
) -> Handle:
    """The same product with y_bar in the place of operand i, and letters exchanged.

    A number is no operand: what is left is multiplied by it.
    """
    ranks = _ranks([infer.dims_of(operand.kind) for operand in operands])
    inputs, output = parse_subscripts(op.attrs["subscripts"], ranks)
    x, letters = operands[i], inputs[i]
    subs = [s for j, s in enumerate(inputs) if j != i]
    values = [v for j, v in enumerate(operands) if j != i]
    if output:
        subs, values = [output, *subs], [y_bar, *values]
    # a letter twice in the operand: only the diagonal takes part
    spare = (c for c in CAPITALS if c not in "".join(inputs) + output)
    target, lengths = "", infer.dims_of(x.kind) or ()
    for place, letter in enumerate(letters):
        if letter in target:
            new = next(spare)
            subs.append(letter + new)
            values.append(build("eye", lift(x.b, _length(x, place)), **_dtype_of(x)))
            letter = new
        target += letter
    # a letter that only this operand has was summed over: the same adjoint all along it
    seen = set("".join(subs))
    known = "".join(c for c in target if c in seen)
    options = {k: v for k, v in options_of(op).items() if k != "subscripts"}
    if not values:
        return build("full_like", x, y_bar)
    if subs == [known]:
        found = values[0]
    else:
        said = f"{','.join(subs)}->{known}"
        found = build("einsum", *values, subscripts=said, **options)
    if not output:
        found = y_bar * found
    if known != target:
        gone = tuple(place for place, c in enumerate(target) if c not in seen)
        if known:
            found = new_axes(found, gone, len(target))
        return build("full_like", x, found)
    source = Array(x.kind.dtype, tuple(_joint(c, inputs, operands) for c in target))  # type: ignore[attr-defined]
    if source.dims != lengths:
        return unbroadcast(found, x)
    return found


def _dtype_of(x: Handle) -> dict[str, object]:
    dtype = x.kind.dtype  # type: ignore[attr-defined]
    return {} if dtype == "float64" else {"dtype": dtype}


def _length(x: Handle, place: int) -> object:
    dims = infer.dims_of(x.kind)
    if dims is not None and isinstance(dims[place], int):
        return dims[place]
    return build("getitem", build("shape", x, spelling=".shape"), place, path="[#]")


def _joint(letter: str, inputs: Sequence[str], operands: Sequence[Handle]) -> Dim:
    """The length of a letter over all operands: NumPy lets 1 stand for any."""
    found: Dim = 1
    for letters, operand in zip(inputs, operands, strict=True):
        for c, dim in zip(letters, infer.dims_of(operand.kind) or (), strict=False):
            if c == letter:
                found = infer.broadcast_dim(found, dim)
    return found


einsum = custom(
    "np.einsum",
    _einsum_forward,
    _einsum_backward,
    kind=_einsum_kind,
    run=_einsum,
    binder=_einsum_bind,
    doc="y_bar in the place of the operand, its letters exchanged with the result's",
)
