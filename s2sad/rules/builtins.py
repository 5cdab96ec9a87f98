"""Python's `sum`, `max`, `min` and `math.prod`, over arguments or a sequence.

`max` and `min` give all of the slope to the argument that Python returns: the first
of equals. They are taken apart into comparisons, which cost nothing to write down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from s2sad.ir.build import Builder
from s2sad.ir.kinds import (
    BOOL,
    FLOAT,
    INT,
    UNKNOWN,
    Array,
    Kind,
    List,
    Scalar,
    Tuple,
    Unknown,
    is_real,
)
from s2sad.ir.nodes import Atom, Lit, Op, Var
from s2sad.rules import infer
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.lazy import full, unbroadcast
from s2sad.rules.places import common
from s2sad.rules.primitive import (
    Adjoints,
    Tangents,
    taken,
    total,
)
from s2sad.rules.reductions import reduction
from s2sad.rules.registry import BadArguments
from s2sad.rules.scans import exclusive_prod
from s2sad.rules.selecting import choose
from s2sad.rules.verbs import custom, flat

# ---- the items of a sequence ---------------------------------------------------------


def item_kinds(kind: Kind) -> tuple[Kind, ...] | None:
    """The kinds of a sequence's items, if their number is known."""
    return kind.items if isinstance(kind, (Tuple, List)) else None


def _item(b: Builder, sequence: Atom, index: object) -> Handle:
    return build("getitem", lift(b, sequence), index, path="[#]")


def row_kind(kind: Kind) -> Kind:
    """The kind of what iterating over a value gives."""
    if isinstance(kind, Array):
        dims = None if kind.dims is None else kind.dims[1:]
        return (
            Array(kind.dtype, None)
            if dims is None
            else infer.array_or_scalar(kind.dtype, dims)
        )
    if isinstance(kind, (Tuple, List)):
        if kind.items is not None:
            return common(kind.items)
        return kind.elem or UNKNOWN  # type: ignore[union-attr]
    return UNKNOWN


# ---- sum -----------------------------------------------------------------------------


def _sum_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    first = args[0].kind
    if isinstance(first, Array) and first.dims == ():
        raise BadArguments("a 0-d array cannot be iterated over")
    items = item_kinds(first)
    kinds = list(items) if items is not None else [row_kind(first)]
    if items is not None and not items:
        return (args[1].kind if len(args) > 1 else INT,)
    kinds += [arg.kind for arg in args[1:]]
    if any(isinstance(kind, Unknown) for kind in kinds):
        return (UNKNOWN,)
    return infer.arithmetic([Var("", kind) for kind in (*kinds, INT)], {})


def _sum_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    terms = []
    if tangents[0] is not None:
        if isinstance(op.args[0].kind, Array):
            dot = full(lift(b, tangents[0]), op.args[0])
            terms.append(build("sum", dot, axis=0))
        else:
            kind = _dot_sum_kind(op)
            terms.append(lift(b, b.op("py_sum", (tangents[0],), kind)))
    if len(tangents) > 1 and tangents[1] is not None:
        terms.append(lift(b, tangents[1]))
    found = total(terms)
    return (None if found is None else full(found, op.outs[0]).atom,)


def _dot_sum_kind(op: Op) -> Kind:
    return op.outs[0].kind if is_real(op.outs[0].kind) else FLOAT


def _sum_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None:
        return
    sequence = op.args[0]
    if bars.wants(sequence):
        _give_each(b, bars, sequence, y_bar, lift(b, op.outs[0]))
    if len(op.args) > 1 and bars.wants(op.args[1]):
        start = lift(b, op.args[1])
        bars.add(op.args[1], unbroadcast(y_bar, start, lift(b, op.outs[0])).atom)


def _give_each(
    b: Builder, bars: Adjoints, sequence: Atom, y_bar: Handle, y: Handle
) -> None:
    """The same adjoint to every item."""
    if isinstance(sequence.kind, Array):
        if isinstance(sequence.kind.dims, tuple) or isinstance(y_bar.kind, Scalar):
            bars.add(sequence, y_bar.atom)  # leading axes come back by broadcasting
        else:
            bars.add(sequence, build("full_like", lift(b, sequence), y_bar).atom)
        return
    items = item_kinds(sequence.kind)
    if items is None:
        elem = row_kind(sequence.kind)
        if not isinstance(elem, Scalar):
            if elem != y.kind:
                raise BadArguments(
                    "`sum` of a growing list of arrays of several shapes"
                )
            y_bar = full(y_bar, y)
        bars.add(sequence, build("repeated", lift(b, sequence), y_bar).atom)
        return
    for index, kind in enumerate(items):
        if is_real(kind):
            piece = unbroadcast(y_bar, _item(b, sequence, index), y)
            bars.add_at(sequence, "[#]", (Lit(index),), piece.atom)


py_sum = custom(
    "sum",
    _sum_forward,
    _sum_backward,
    name="py_sum",
    kind=_sum_kind,
    run=sum,
    signature="iterable, start=0",
    doc="y_bar to each item",
)

# ---- max and min ---------------------------------------------------------------------


def _extreme_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    if len(args) == 1:
        kind = infer.numeric(args[0].kind)
        if isinstance(kind, Array) and kind.dims is not None and len(kind.dims) != 1:
            raise BadArguments("`max` and `min` of Python take arrays of one axis")
        kinds: Sequence[Kind] = item_kinds(kind) or (row_kind(kind),)
        if isinstance(kind, Array) and kind.dims is None:
            kinds = (Scalar(kind.dtype),)
    else:
        kinds = infer.kinds_of(args)
    if any(isinstance(kind, Unknown) for kind in kinds):
        return (UNKNOWN,)
    for kind in kinds:
        if not isinstance(kind, Scalar) and infer.dims_of(kind) != ():
            raise BadArguments(
                "`max` and `min` of Python compare numbers; for arrays use `np.maximum`"
            )
    infer.refuse_complex(kinds)
    found = common(kinds)
    if isinstance(found, Scalar):
        return (Scalar(found.dtype),)
    # an int may win over floats; it varies no more than they do
    if all(infer.is_weak(kind) for kind in kinds):
        return (FLOAT if any(is_real(kind) for kind in kinds) else INT,)
    return (Scalar(infer.promote(kinds)),)


def extreme(spelling: str, name: str, beats: Callable[[Handle, Handle], Handle], run):
    """`beats(new, best)` tells whether Python prefers a later argument."""

    def rounds(items: Sequence[Handle]) -> list[Handle]:
        """For each item but the first: does it beat all before it?"""
        tests = []
        for i in range(1, len(items)):
            best = items[0] if i == 1 else build(name, *items[:i])
            # each is used twice, also inside branches: have it at hand
            test = beats(items[i], best)
            tests.append(lift(test.b, test.atom) if len(items) > 2 else test)
        return tests

    def operands(b: Builder, op: Op) -> list[Handle] | None:
        if len(op.args) > 1:
            return [lift(b, arg) for arg in op.args]
        items = item_kinds(op.args[0].kind)
        if items is None:
            return None
        return [_item(b, op.args[0], i) for i in range(len(items))]

    def winner(b: Builder, op: Op) -> Handle:
        """Where the winner stands in a sequence of any length."""
        sequence = lift(b, op.args[0])
        if isinstance(op.args[0].kind, Array):
            return build("argmax" if name == "py_max" else "argmin", sequence)
        return build("index_of", sequence, lift(b, op.outs[0]), spelling=".index")

    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        if all(dot is None for dot in tangents):
            return (None,)
        items = operands(b, op)
        if items is None:
            dot = full(lift(b, tangents[0]), op.args[0])
            return (build("getitem", dot, winner(b, op), path="[#]").atom,)
        if len(op.args) > 1:
            dots = [lift(b, 0.0 if dot is None else dot) for dot in tangents]
        else:
            dots = [_item(b, tangents[0], i) for i in range(len(items))]  # type: ignore[arg-type]
        found = dots[0]
        for test, dot in zip(rounds(items), dots[1:], strict=True):
            found = choose(test, dot, found)
        return (found.atom,)

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        bar = taken(b, op, bars)
        if bar is None:
            return
        items = operands(b, op)
        if items is None:
            if bars.wants(op.args[0]):
                bars.add_at(op.args[0], "[#]", (winner(b, op).atom,), bar.atom)
            return
        found: list[Handle] = []
        for test in reversed(rounds(items)):
            found.append(choose(test, bar, 0.0))
            bar = lift(b, choose(test, 0.0, bar).atom)
        found.append(bar)
        for index, piece in enumerate(reversed(found)):
            if len(op.args) > 1:
                if bars.wants(op.args[index]):
                    bars.add(op.args[index], piece.atom)
            elif bars.wants(op.args[0]) and is_real(items[index].kind):
                bars.add_at(op.args[0], "[#]", (Lit(index),), piece.atom)

    return custom(
        spelling,
        forward,
        backward,
        name=name,
        kind=_extreme_kind,
        run=run,
        signature="*items; *, key!, default!",
        doc="y_bar to the argument that Python returns",
    )


py_max = extreme("max", "py_max", lambda new, best: new > best, max)
py_min = extreme("min", "py_min", lambda new, best: new < best, min)

index_of = flat(
    "<index_of>",
    kind=infer.always(INT),
    run=lambda items, value: items.index(value),
    doc="items.index(value)",
)

# ---- products, truth, order ----------------------------------------------------------


def _prod_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kinds = item_kinds(args[0].kind) or (row_kind(args[0].kind),)
    if any(isinstance(kind, Unknown) for kind in kinds):
        return (UNKNOWN,)
    return infer.arithmetic([Var("", kind) for kind in (*kinds, INT)], {})


math_prod = reduction(
    "math.prod",
    lambda y, x: exclusive_prod(x),
    name="math_prod",
    kind=_prod_kind,
    signature="iterable; *, start!",
)

py_any = flat("any", name="py_any", kind=infer.always(BOOL), signature="iterable")
py_all = flat("all", name="py_all", kind=infer.always(BOOL), signature="iterable")
