"""New arrays: constant, filled, from numbers, in equal steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import UNKNOWN, Array, Kind, Scalar, Unknown, is_real
from s2sad.ir.nodes import Atom, Lit, Op
from s2sad.rules import infer
from s2sad.rules.containers import as_array_kind, give, is_sequence
from s2sad.rules.dims import dims_from, same_shape, size_of
from s2sad.rules.handles import build, lift
from s2sad.rules.lazy import full, unbroadcast
from s2sad.rules.primitive import (
    Adjoints,
    Tangents,
    options_of,
    taken,
    total,
)
from s2sad.rules.registry import BadArguments
from s2sad.rules.signature import static
from s2sad.rules.verbs import custom, flat


def dtype_name(dtype: object, default: str = "float64") -> str:
    """The name of a dtype given as a type, a name or a dtype."""
    if dtype is None:
        return default
    try:
        name = np.dtype(dtype).name  # type: ignore[call-overload]
    except TypeError:
        raise BadArguments(f"`dtype={dtype!r}` is not a dtype") from None
    if np.dtype(name).kind not in "biuf":
        raise BadArguments(f"arrays of {name} are not supported")
    return name


# ---- constant ------------------------------------------------------------------------


def _constant_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    return (Array(dtype_name(attrs.get("dtype")), dims_from(args[:1])),)


CONSTANT = "shape; dtype=None, order!"
LIKE = "a; dtype=None, order!, subok!, shape!"

zeros = flat("np.zeros", kind=_constant_kind, signature=CONSTANT)
ones = flat("np.ones", kind=_constant_kind, signature=CONSTANT)
empty = flat("np.empty", kind=_constant_kind, signature=CONSTANT)


def _like_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kind = as_array_kind(args[0].kind)
    if isinstance(kind, Unknown):
        return (UNKNOWN,)
    default = infer.numpy_dtype(kind.dtype).name  # type: ignore[attr-defined]
    return (Array(dtype_name(attrs.get("dtype"), default), infer.dims_of(kind)),)


ones_like = flat("np.ones_like", kind=_like_kind, signature=LIKE)
empty_like = flat("np.empty_like", kind=_like_kind, signature=LIKE)


def _eye_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    rows = dims_from(args[:1])
    second = args[1:2]
    if not second or second[0] == Lit(None):
        columns = rows
    else:
        columns = dims_from(second)
    return (Array(dtype_name(attrs.get("dtype")), (*(rows or ()), *(columns or ()))),)


eye = flat("np.eye", kind=_eye_kind, signature="N, M=None; k=0, dtype=None, order!")
identity = flat("np.identity", kind=_eye_kind, signature="n; dtype=None")

# ---- filled --------------------------------------------------------------------------


def filled(spellings: str, kind, signature: str, **rest: object):
    """Linear in the second operand, which is broadcast."""

    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        if tangents[1] is None or not is_real(op.outs[0].kind):
            return (None,)
        first = lift(b, op.args[0])
        return (build(op.prim, first, lift(b, tangents[1]), **op.attrs).atom,)

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        y_bar = taken(b, op, bars)
        if y_bar is None or not bars.wants(op.args[1]):
            return
        y = lift(b, op.outs[0])
        value = lift(b, op.args[1])
        bars.add(op.args[1], unbroadcast(y_bar, value, y).atom)

    rest.setdefault("doc", "y_bar summed over all that was filled")
    return custom(spellings, forward, backward, kind=kind, signature=signature, **rest)


def _full_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    value = args[1].kind
    infer.refuse_complex([value])
    default = (
        infer.promote([value]) if isinstance(value, (Scalar, Array)) else "float64"
    )
    return (Array(dtype_name(attrs.get("dtype"), default), dims_from(args[:1])),)


full_ = filled("np.full", _full_kind, "shape, fill_value; dtype=None, order!")
full_like = filled(
    "np.full_like", _like_kind, "a, fill_value; dtype=None, order!, subok!, shape!"
)

# ---- from numbers --------------------------------------------------------------------


def _array_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kind = as_array_kind(args[0].kind)
    if isinstance(kind, Unknown):
        return (UNKNOWN,)
    infer.refuse_complex([kind])
    default = infer.numpy_dtype(kind.dtype).name  # type: ignore[attr-defined]
    dims = infer.dims_of(kind)
    return (Array(dtype_name(attrs.get("dtype"), default), dims),)


def _array_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None or not is_real(op.outs[0].kind):
        return (None,)
    dot = full(lift(b, tangents[0]), op.args[0])
    return (build("array", dot, **options_of(op)).atom,)


def _array_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is not None and bars.wants(op.args[0]):
        if is_sequence(op.args[0].kind) and not isinstance(y_bar.kind, Scalar):
            y_bar = full(y_bar, op.outs[0])  # it may have rows only
        give(b, bars, op.args[0], _same_dtype(y_bar, op.args[0].kind))


def _same_dtype(y_bar, kind: Kind):
    """`y_bar` in the dtype of an array of another precision."""
    mine = getattr(y_bar.kind, "dtype", None)
    if isinstance(kind, Array) and isinstance(y_bar.kind, Array) and mine != kind.dtype:
        return build("astype", y_bar, dtype=kind.dtype, spelling=".astype")
    return y_bar


array = custom(
    "np.array",
    _array_forward,
    _array_backward,
    kind=_array_kind,
    signature="object; dtype=None, *, copy=True, order!, subok!, ndmin!, like!",
    doc="each entry its part of y_bar",
)
np_copy = custom(
    "np.copy",
    _array_forward,
    _array_backward,
    name="np_copy",
    kind=_array_kind,
    signature="a; order!, subok!",
    doc="each entry its part of y_bar",
)
asarray = custom(
    "np.asarray np.ascontiguousarray np.asanyarray np.asfarray",
    _array_forward,
    _array_backward,
    kind=_array_kind,
    signature="a; dtype=None, order!, *, device!, copy!, like!",
    doc="each entry its part of y_bar",
)


def _astype_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kind = args[0].kind
    if not isinstance(kind, (Scalar, Array)):
        return (UNKNOWN,)
    infer.refuse_complex([kind])
    dims = infer.dims_of(kind)
    return (infer.array_or_scalar(dtype_name(attrs["dtype"]), dims),)


def _astype_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None or not is_real(op.outs[0].kind):
        return (None,)
    if isinstance(tangents[0].kind, Scalar):
        return (tangents[0],)
    return (build("astype", lift(b, tangents[0]), **op.attrs).atom,)


def _astype_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is not None and bars.wants(op.args[0]):
        bar = _same_dtype(y_bar, op.args[0].kind).atom
        bars.add(op.args[0], bar, bars.reach(op.outs[0]))


astype = custom(
    ".astype",
    _astype_forward,
    _astype_backward,
    kind=_astype_kind,
    run=lambda x, dtype, **rest: x.astype(dtype, **rest),
    signature="a; dtype, order!, casting!, subok!, copy!",
    doc="y_bar in the dtype of x",
)

# ---- equal steps ---------------------------------------------------------------------


def _arange_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kinds = [arg.kind for arg in args if arg != Lit(None)]
    infer.refuse_complex(kinds)
    if not all(isinstance(kind, Scalar) or infer.dims_of(kind) == () for kind in kinds):
        return (Array(dtype_name(attrs.get("dtype")), (None,)),)
    values = [static(arg) for arg in args]
    count: object = None
    if all(isinstance(value, int) for value in values):
        count = len(range(*values))  # type: ignore[arg-type]
    elif len(args) == 1:
        count = size_of(args[0])
    return (Array(dtype_name(attrs.get("dtype"), infer.promote(kinds)), (count,)),)  # type: ignore[arg-type]


def _steps(b: Builder, op: Op):
    """0, 1, 2, ... for each element of the result."""
    size = build("size", lift(b, op.outs[0]), spelling=".size")
    return build("arange", size)


def _arange_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if len(op.args) == 1:
        return (None,)
    terms = []
    if tangents[0] is not None:
        terms.append(lift(b, tangents[0]))
    if len(tangents) > 2 and tangents[2] is not None:
        terms.append(_steps(b, op) * lift(b, tangents[2]))
    found = total(terms)
    return (None if found is None else found.atom,)


def _arange_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None or len(op.args) == 1:
        return
    y_bar = full(y_bar, op.outs[0])
    if bars.wants(op.args[0]):
        bars.add(op.args[0], build("sum", y_bar).atom)
    if len(op.args) > 2 and bars.wants(op.args[2]):
        bars.add(op.args[2], build("sum", _steps(b, op) * y_bar).atom)


arange = custom(
    "np.arange",
    _arange_forward,
    _arange_backward,
    kind=_arange_kind,
    signature="*limits; dtype=None",
    doc="start + i * step; how many there are does not vary",
)


def _linspace_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kinds = [arg.kind for arg in args[:2]]
    infer.refuse_complex(kinds)
    if any(infer.dims_of(kind) != () for kind in kinds):
        raise BadArguments("`linspace` is supported between two numbers")
    dims = dims_from(args[2:3]) if len(args) > 2 else (50,)
    return (Array(dtype_name(attrs.get("dtype")), dims),)


def _fractions(b: Builder, op: Op):
    """From 0 to 1 as the result goes from start to stop."""
    num = lift(b, op.args[2]) if len(op.args) > 2 else lift(b, 50)
    return build("linspace", lift(b, 0.0), 1.0, num, **options_of(op))


def _linspace_forward(
    b: Builder, op: Op, tangents: Tangents
) -> tuple[Atom | None, ...]:
    if tangents[0] is None and tangents[1] is None:
        return (None,)
    ends = [lift(b, 0.0 if dot is None else dot) for dot in tangents[:2]]
    rest = [lift(b, arg) for arg in op.args[2:]]
    return (build("linspace", *ends, *rest, **op.attrs).atom,)


def _linspace_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None:
        return
    t = _fractions(b, op)
    for arg, share in ((op.args[0], lambda: 1.0 - t), (op.args[1], lambda: t)):
        if bars.wants(arg):
            found = build("sum", share() * y_bar)
            bars.add(arg, same_shape(found, lift(b, arg)).atom)


linspace = custom(
    "np.linspace",
    _linspace_forward,
    _linspace_backward,
    kind=_linspace_kind,
    signature="start, stop, num=50; endpoint=True, retstep!, dtype!, axis!, device!",
    doc="(1 - t) * start + t * stop",
)
