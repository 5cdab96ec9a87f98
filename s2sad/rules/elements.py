"""Differences, triangles, diagonals, margins; elements out of an array."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import (
    FLOAT,
    INT,
    UNKNOWN,
    Array,
    Kind,
    List,
    Scalar,
)
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import helpers, infer
from s2sad.rules.containers import as_array_kind
from s2sad.rules.dims import length, same_shape, slice_of
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.lazy import full
from s2sad.rules.places import shortened
from s2sad.rules.primitive import Adjoints, Tangents, taken
from s2sad.rules.reductions import axes_of, operand_kind
from s2sad.rules.registry import BadArguments
from s2sad.rules.shape import moved
from s2sad.rules.verbs import custom, linear

# ---- differences, triangles, diagonals -----------------------------------------------


def _diff_kind(
    dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs
) -> infer.Dims:
    if dims is None:
        return None
    (at,) = axes_of(attrs.get("axis", -1), len(dims))
    d, n = dims[at], int(attrs.get("n", 1))  # type: ignore[call-overload]
    extra = sum(key in attrs for key in ("prepend", "append"))
    new = max(d + extra - n, 0) if isinstance(d, int) else None
    if d is not None and extra == n:
        new = d
    elif isinstance(d, str) and not extra and n > 0:
        new = shortened(d, n)
    return (*dims[:at], new, *dims[at + 1 :])


def _diff_back(y_bar, y, x, n=1, axis=-1, prepend=None, append=None):
    """-diff of y_bar between zeros"""
    result = full(y_bar, y)
    for _ in range(n):
        result = -build("diff", result, axis=axis, prepend=0, append=0)
    if prepend is not None or append is not None:
        start, stop = None if prepend is None else 1, None if append is None else -1
        result = slice_of(result, axis, start, stop)
    if result.kind.dtype != x.kind.dtype:  # the zeros have widened it
        result = build("astype", result, dtype=x.kind.dtype, spelling=".astype")
    return result


def _diff_dtype(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    (kind,) = moved(_diff_kind)(args, attrs)
    ends = [attrs[key] for key in ("prepend", "append") if key in attrs]
    if not isinstance(kind, Array) or not ends:
        return (kind,)
    dtype = np.result_type(np.dtype(kind.dtype), *(np.asarray(end) for end in ends))
    return (Array(dtype.name, kind.dims),)


diff = linear(
    "np.diff",
    _diff_back,
    kind=_diff_dtype,
    still=("prepend", "append"),
    signature="a; n=1, axis=-1, prepend=None, append=None",
)


def _tri_dims(dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs) -> infer.Dims:
    if dims is not None and len(dims) < 2:
        raise BadArguments("`tril` and `triu` are supported for two axes or more")
    return dims


def _tri(spelling: str):
    def back(y_bar, y, x, **options):
        return build(spelling[3:], full(y_bar, y), **options)

    back.__doc__ = f"{spelling[3:]} of y_bar"
    return linear(spelling, back, kind=moved(_tri_dims), signature="m; k=0")


tril = _tri("np.tril")
triu = _tri("np.triu")


def _diag_kind(
    dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs
) -> infer.Dims:
    if dims is None or len(dims) not in (1, 2):
        raise BadArguments("`diag` needs an array of one or two axes")
    k = attrs.get("k", attrs.get("offset", 0))
    if len(dims) == 1:
        side = (
            dims[0] + abs(k)
            if isinstance(dims[0], int)
            else dims[0]
            if k == 0
            else None
        )  # type: ignore[arg-type]
        return (side, side)
    return (dims[0] if dims[0] == dims[1] and k == 0 else None,)


def _diag_back(y_bar, y, x, k=0):
    """y_bar on, or from, the diagonal"""
    if len(infer.dims_of(x.kind)) == 1:
        return build("diag", full(y_bar, y), **({"k": k} if k else {}))
    return on_diagonal(full(y_bar, y), x, k)


def is_square(kind: Kind) -> bool:
    dims = infer.dims_of(kind)
    return dims is not None and len(dims) == 2 and dims[0] == dims[1] is not None


def on_diagonal(y_bar: Handle, x: Handle, k: int) -> Handle:
    """Zeros like x with y_bar on the k-th diagonal."""
    if k == 0 and is_square(x.kind) and y_bar.kind.dtype == x.kind.dtype:
        return build("diag", y_bar)
    rows = build("arange", build("size", y_bar, spelling=".size"))
    down, right = max(-k, 0), max(k, 0)
    index = (rows + down if down else rows, rows + right if right else rows)
    return build("additem", build("zeros_like", x), y_bar, *index, path="[#, #]")


diag = linear("np.diag", _diag_back, kind=moved(_diag_kind), signature="v; k=0")


def _diagonal_kind(
    dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs
) -> infer.Dims:
    if dims is None or len(dims) != 2:
        raise BadArguments("`diagonal` and `trace` need an array of two axes")
    return _diag_kind(dims, args, attrs)


diagonal = linear(
    "np.diagonal .diagonal",
    lambda y_bar, y, x, offset=0: on_diagonal(full(y_bar, y), x, offset),
    kind=moved(_diagonal_kind),
    signature="a; offset=0, axis1!, axis2!",
)


def _trace_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    (kind,) = diagonal.infer(args, attrs)
    return (Scalar(kind.dtype) if isinstance(kind, Array) else kind,)


def _trace_back(y_bar, y, x, offset=0):
    """y_bar on the diagonal"""
    options: dict[str, object] = {"k": offset} if offset else {}
    if x.kind.dtype != "float64":
        options["dtype"] = x.kind.dtype
    return build("eye", lift(x.b, length(x, 0)), length(x, 1), **options) * y_bar


trace = linear(
    "np.trace .trace",
    _trace_back,
    kind=_trace_kind,
    signature="a; offset=0, axis1!, axis2!, dtype!, out!",
)


def _widths(width: object, rank: int) -> list[tuple[int, int]]:
    pairs = np.broadcast_to(np.asarray(width), (rank, 2))
    return [(int(low), int(high)) for low, high in pairs]


def _pad_kind(dims: infer.Dims, args: Sequence[Atom], attrs: infer.Attrs) -> infer.Dims:
    if attrs.get("mode", "constant") != "constant" or dims is None:
        raise BadArguments("`pad` is supported with mode='constant' and a known rank")
    pairs = zip(dims, _widths(attrs["pad_width"], len(dims)), strict=True)
    return tuple(
        d + sum(w) if isinstance(d, int) else d if w == (0, 0) else None
        for d, w in pairs
    )


def _pad_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    dot = full(lift(b, tangents[0]), op.args[0])
    return (build("pad", dot, pad_width=op.attrs["pad_width"]).atom,)


def _pad_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None or not bars.wants(op.args[0]):
        return
    y_bar = full(y_bar, op.outs[0])
    rank = len(infer.dims_of(as_array_kind(op.args[0].kind)) or ())
    for axis, (low, high) in enumerate(_widths(op.attrs["pad_width"], rank)):
        if low or high:
            y_bar = slice_of(y_bar, axis, low or None, -high if high else None)
    bars.add(op.args[0], y_bar.atom)


pad = custom(
    "np.pad",
    _pad_forward,
    _pad_backward,
    kind=moved(_pad_kind),
    run=lambda x, pad_width, mode="constant", **rest: np.pad(
        x, pad_width, mode, **rest
    ),
    signature="array; pad_width, mode='constant', *, constant_values=0",
    doc="y_bar without its margins",
)

# ---- elements out of an array --------------------------------------------------------


def _item_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kind = args[0].kind
    if isinstance(kind, (Scalar, Array)):
        infer.refuse_complex([kind])
        sort = infer.numpy_dtype(kind.dtype).kind
        return ({"f": FLOAT, "b": Scalar("bool")}.get(sort, INT),)
    return (UNKNOWN,)


def _item_path(op: Op) -> str:
    index = op.args[1:]
    dims = infer.dims_of(op.args[0].kind)
    if dims is None or len(index) != len(dims):
        raise BadArguments("`.item` with one index into several axes is not supported")
    return f"[{', '.join('#' * len(index))}]"


def _item_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    if isinstance(tangents[0].kind, Scalar):
        return (build("float", lift(b, tangents[0])).atom,)
    dot = full(lift(b, tangents[0]), op.args[0])
    index = [lift(b, arg) for arg in op.args[1:]]
    return (build("item", dot, *index, **op.attrs).atom,)


def _item_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = bars.take(op.outs[0])
    if y_bar is None or not bars.wants(op.args[0]):
        return
    if len(op.args) == 1:
        bars.add(op.args[0], y_bar)  # the only element
    else:
        bars.add_at(op.args[0], _item_path(op), op.args[1:], y_bar)


item = custom(
    ".item",
    _item_forward,
    _item_backward,
    kind=_item_kind,
    run=lambda x, *index: x.item(*index),
    doc="added at its place",
)


def _tolist_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    (elem,) = _item_kind(args, attrs)
    dims = infer.dims_of(args[0].kind)
    if dims is None:
        raise BadArguments("`.tolist` needs an array of known rank")
    for dim in reversed(dims):
        elem = (
            List((elem,) * dim)
            if isinstance(dim, int) and dim < 16
            else List(None, elem)
        )
    return (elem,)


def _as_array(y_bar, y, x):
    """the array of y_bar"""
    return build("array", y_bar)


def _tolist_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = bars.take(op.outs[0])
    if y_bar is not None and bars.wants(op.args[0]):
        bars.add(op.args[0], build("array", lift(b, y_bar)).atom)


def _tolist_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    return (build(op.prim, full(lift(b, tangents[0]), op.args[0])).atom,)


tolist = custom(
    ".tolist",
    _tolist_forward,
    _tolist_backward,
    kind=_tolist_kind,
    run=lambda x: x.tolist(),
    signature="a",
    doc="the array of y_bar",
)


def _rows_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kind = args[0].kind
    if isinstance(kind, Array) and kind.dims:
        return (List(None, infer.array_or_scalar(kind.dtype, kind.dims[1:])),)
    return (List(None, UNKNOWN),)


rows = custom(
    "<rows>",
    _tolist_forward,
    _tolist_backward,
    kind=_rows_kind,
    run=list,
    doc="list(x): an array as a list of its rows",
)


def _repeated_back(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = bars.take(op.outs[0])
    if y_bar is not None and bars.wants(op.args[1]):
        bars.add(op.args[1], build("sum", build("array", lift(b, y_bar))).atom)


def _repeated_forward(
    b: Builder, op: Op, tangents: Tangents
) -> tuple[Atom | None, ...]:
    if tangents[1] is None:
        return (None,)
    return (build("repeated", lift(b, op.args[0]), lift(b, tangents[1])).atom,)


repeated = custom(
    "<repeated>",
    _repeated_forward,
    _repeated_back,
    kind=lambda args, attrs: (List(None, args[1].kind),),
    run=helpers.repeated,
    doc="[value] * len(items)",
)


def _take_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = operand_kind(args)
    dims, index = infer.dims_of(found), infer.dims_of(as_array_kind(args[1].kind))
    if found == UNKNOWN or dims is None or index is None:
        raise BadArguments("`take` needs an array and indices of known rank")
    if attrs.get("axis") is None:
        return (infer.array_or_scalar(found.dtype, index),)  # type: ignore[attr-defined]
    (at,) = axes_of(attrs["axis"], len(dims))
    return (infer.array_or_scalar(found.dtype, (*dims[:at], *index, *dims[at + 1 :])),)  # type: ignore[attr-defined]


def _take_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None or not bars.wants(op.args[0]):
        return
    x, y_bar, axis = lift(b, op.args[0]), full(y_bar, op.outs[0]), op.attrs.get("axis")
    rank = len(infer.dims_of(x.kind))  # type: ignore[arg-type]
    at = 0 if axis is None else axes_of(axis, rank)[0]
    ravelled = axis is None and rank != 1
    count = build("size", x, spelling=".size") if ravelled else length(x, at)
    index = _within(lift(b, op.args[1]), count, op.attrs.get("mode", "raise"))
    if ravelled:
        zeros = build("zeros_like", build("ravel", x))
        found = build("additem", zeros, y_bar, index, path="[#]")
        bars.add(op.args[0], same_shape(found, x).atom)
        return
    path = f"[{', '.join([':'] * at + ['#'])}]"
    bars.add_at(op.args[0], path, (index.atom,), y_bar.atom)


def _within(index: Handle, count: object, mode: object) -> Handle:
    """The indices that `take` reads, none out of bounds."""
    if mode == "wrap":
        return index % count
    if mode == "clip":
        return build("clip", index, 0, count - 1)  # type: ignore[operator]
    return index


def _take_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None:
        return (None,)
    dot = full(lift(b, tangents[0]), op.args[0])
    return (build("take", dot, lift(b, op.args[1]), **op.attrs).atom,)


take = custom(
    "np.take .take",
    _take_forward,
    _take_backward,
    kind=_take_kind,
    signature="a, indices; axis=None, out!, mode='raise'",
    doc="added at their places",
)
