"""Lists put in order, picked from, joined: what Python does with sequences.

The order is found by comparing and does not vary; what stands there moves along.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from s2sad.ir.build import Builder
from s2sad.ir.kinds import INT, Array, Kind, List, Scalar, Tuple
from s2sad.ir.nodes import Atom, Lit, Op, Var
from s2sad.rules import helpers
from s2sad.rules.builtins import row_kind
from s2sad.rules.handles import build, lift
from s2sad.rules.infer import Attrs, always
from s2sad.rules.joins import join_kinds
from s2sad.rules.lazy import full
from s2sad.rules.primitive import Adjoints, Tangents
from s2sad.rules.registry import BadArguments
from s2sad.rules.structural import ZERO, holder_tangent, zero_of
from s2sad.rules.verbs import custom, flat

FIRST = Lit(0)
EMPTY = (List(()), List(None, None))


def length_of(kind: Kind) -> int | None:
    """How many items there are, if that is known."""
    if isinstance(kind, (List, Tuple)):
        return None if kind.items is None else len(kind.items)
    if isinstance(kind, Array) and kind.dims and isinstance(kind.dims[0], int):
        return kind.dims[0]
    return None


def list_of(elem: Kind, count: int | None) -> List:
    return List(None, elem) if count is None or count > 16 else List((elem,) * count)


# ---- order ---------------------------------------------------------------------------


def _order_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    return (list_of(INT, length_of(args[0].kind)),)


order_of = flat(
    "<order_of>",
    kind=_order_kind,
    run=helpers.order_of,
    signature="x; *, reverse=False",
    doc="where each item of sorted(x) stands in x",
)


def _sorted_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    kind = args[0].kind
    if isinstance(kind, Array) and (kind.dims is None or len(kind.dims) != 1):
        raise BadArguments("rows have no order; `np.sort` sorts along an axis")
    return (list_of(row_kind(kind), length_of(kind)),)


def _sorted_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    order = _order(b, op)
    dot = full(lift(b, tangents[0]), op.args[0])
    return (b.op("picked", (dot.atom, order), op.outs[0].kind),)


def _sorted_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = bars.take(op.outs[0])
    x = op.args[0]
    if y_bar is None or not bars.wants(x):
        return
    order = _order(b, op)
    if isinstance(x.kind, Array):
        bars.add_at(x, "[#]", (order,), build("array", lift(b, y_bar)).atom)
    else:
        bars.add(x, b.op("put_back", (y_bar, order), x.kind))


def _order(b: Builder, op: Op) -> Atom:
    return build("order_of", lift(b, op.args[0]), **dict(_reverse(op))).atom


def _reverse(op: Op) -> list[tuple[str, object]]:
    return [("reverse", True)] if op.attrs.get("reverse") else []


py_sorted = custom(
    "sorted",
    _sorted_forward,
    _sorted_backward,
    name="py_sorted",
    kind=_sorted_kind,
    run=sorted,
    signature="x; *, reverse=False",
    doc="each adjoint back to where the item came from",
)


def _picked_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    return (list_of(row_kind(args[0].kind), length_of(args[1].kind)),)


def _moved(other: str):
    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        if tangents[0] is None:
            return (None,)
        dot = full(lift(b, tangents[0]), op.args[0])
        return (b.op(op.prim, (dot.atom, op.args[1]), op.outs[0].kind),)

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        y_bar = bars.take(op.outs[0])
        x, order = op.args
        if y_bar is None or not bars.wants(x):
            return
        if isinstance(x.kind, Array) and other == "put_back":
            bars.add_at(x, "[#]", (order,), build("array", lift(b, y_bar)).atom)
        elif isinstance(x.kind, Array):
            moved = b.op(other, (y_bar, order), op.outs[0].kind)
            bars.add(x, build("array", lift(b, moved)).atom)
        else:
            bars.add(x, b.op(other, (y_bar, order), x.kind))

    return forward, backward


picked = custom(
    "<picked>",
    *_moved("put_back"),
    kind=_picked_kind,
    run=helpers.picked,
    doc="the items at these places, each place named once",
)

put_back = custom(
    "<put_back>",
    *_moved("picked"),
    kind=_picked_kind,
    run=helpers.put_back,
    doc="the items where they were picked from",
)

bisect_right, bisect_left = (
    flat(
        f"bisect.{name}",
        kind=always(INT),
        signature="a, x; lo=0, hi=None",
        doc="where the value belongs in a sorted list",
    )
    for name in ("bisect_right bisect.bisect", "bisect_left")
)

# ---- one item more, or one less ------------------------------------------------------


def _inserted_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    kinds = [row_kind(args[0].kind)] if args[0].kind not in EMPTY else []
    return (List(None, reduce(join_kinds, [*kinds, args[2].kind])),)


def _inserted_forward(
    b: Builder, op: Op, tangents: Tangents
) -> tuple[Atom | None, ...]:
    items, at, value = op.args
    if tangents[0] is None and tangents[2] is None:
        return (None,)
    dots = holder_tangent(b, items, tangents[0]), holder_tangent(b, value, tangents[2])
    return (b.op("inserted", (dots[0], at, dots[1]), op.outs[0].kind),)


def _inserted_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar, (items, at, value) = bars.take(op.outs[0]), op.args
    if y_bar is None:
        return
    if at != FIRST:  # it may count from the end, and lie beyond either
        at = build("place_inserted", lift(b, y_bar), lift(b, at)).atom
    if isinstance(value, Var) and bars.wants(value):
        path = {"path": "[#]"}
        bars.add(value, b.op("getitem", (y_bar, at), value.kind, attrs=path))
    if bars.wants(items):
        bars.add(items, b.op("taken_out", (y_bar, at), items.kind))


inserted = custom(
    "<inserted>",
    _inserted_forward,
    _inserted_backward,
    kind=_inserted_kind,
    run=helpers.inserted,
    doc="a list with one item more; its adjoint is taken out",
)

place_inserted = flat(
    "<place_inserted>",
    kind=always(INT),
    run=helpers.place_inserted,
    doc="where an item was put by `insert`",
)


def _taken_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    return (b.op("taken_out", (tangents[0], op.args[1]), op.outs[0].kind),)


def _taken_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar, (items, at) = bars.take(op.outs[0]), op.args
    if y_bar is None or not bars.wants(items):
        return
    elem = row_kind(items.kind)
    old = ZERO
    if not isinstance(elem, Scalar):
        path = {"path": "[#]"}
        old = zero_of(b, b.op("getitem", (items, at), elem, attrs=path))
    if not (isinstance(at, Lit) and isinstance(at.value, int) and at.value >= 0):
        at = build("place_taken_out", lift(b, y_bar), lift(b, at)).atom
    bars.add(items, b.op("inserted", (y_bar, at, old), items.kind))


taken_out = custom(
    "<taken_out>",
    _taken_forward,
    _taken_backward,
    kind=lambda args, attrs: (List(None, row_kind(args[0].kind)),),
    run=helpers.taken_out,
    doc="a list with one item less; a zero is put there",
)

place_taken_out = flat(
    "<place_taken_out>",
    kind=always(INT),
    run=helpers.place_taken_out,
    doc="where an item was that was taken out",
)

# ---- joined --------------------------------------------------------------------------


def _joined_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    kinds = [row_kind(arg.kind) for arg in args if arg.kind not in EMPTY]
    return (List(None, reduce(join_kinds, kinds) if kinds else None),)


def _joined_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if all(dot is None for dot in tangents):
        return (None,)
    pairs = zip(op.args, tangents, strict=True)
    dots = [holder_tangent(b, arg, dot) for arg, dot in pairs]
    return (b.op("joined", dots, op.outs[0].kind),)


def _joined_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = bars.take(op.outs[0])
    if y_bar is None:
        return
    count = build("len", lift(b, op.args[0])).atom
    for arg, path in zip(op.args, ("[:#]", "[#:]"), strict=True):
        if bars.wants(arg):
            kind = arg.kind if isinstance(arg.kind, List) else op.outs[0].kind
            bars.add(arg, b.op("getitem", (y_bar, count), kind, attrs={"path": path}))


joined = custom(
    "<joined>",
    _joined_forward,
    _joined_backward,
    kind=_joined_kind,
    run=lambda x, y: [*x, *y],
    doc="two lists, one behind the other",
)
