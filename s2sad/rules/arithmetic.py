"""Operators: + - * / // % ** and their signs, and the builtins that are operators."""

from __future__ import annotations

import operator
from collections.abc import Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import BOOL, FLOAT, INT, UNKNOWN, Array, Kind, Scalar, Tuple
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import infer
from s2sad.rules.compare import rint, sign
from s2sad.rules.handles import (
    Handle,
    build,
    lift,
    quotient,
)
from s2sad.rules.lazy import full, unbroadcast
from s2sad.rules.primitive import Adjoints, Tangents, taken
from s2sad.rules.signature import UFUNC, UFUNC_1
from s2sad.rules.verbs import (
    custom,
    flat,
    linear,
    smooth,
)


def is_python(*values: object) -> bool:
    """Handles of Python's own scalars, or plain numbers?"""
    return all(
        infer.is_weak(value.kind)
        if isinstance(value, Handle)
        else type(value) in (int, float)
        for value in values
    )


# ---- sums and products ---------------------------------------------------------------

add = smooth(
    "a + b  np.add operator.add",
    lambda y, a, b: (1, 1),
    kind=infer.arithmetic,
    signature=UFUNC,
)
sub = smooth(
    "a - b  np.subtract operator.sub",
    lambda y, a, b: (1, -1),
    kind=infer.arithmetic,
    signature=UFUNC,
)
mul = smooth(
    "a * b  np.multiply operator.mul",
    lambda y, a, b: (b, a),
    kind=infer.arithmetic,
    signature=UFUNC,
)
div = smooth(
    "a / b  np.divide np.true_divide operator.truediv",
    lambda y, a, b: (quotient(1, b), -y / b),
    kind=infer.division,
    signature=UFUNC,
    run=operator.truediv,
)
neg = smooth(
    "-a  np.negative operator.neg",
    lambda y, a: -1,
    kind=infer.arithmetic,
    signature=UFUNC_1,
)
pos = smooth(
    "+a  np.positive operator.pos",
    lambda y, a: 1,
    kind=infer.arithmetic,
    signature=UFUNC_1,
)


def whole_quotient(a, b):
    """a // b, by NumPy where it was NumPy's `mod`, which does not raise for b = 0."""
    if isinstance(b, Handle) and b.lib == "np" and is_python(a, b):
        return build("floordiv", a, b, lib="np")
    return a // b


# ---- quotient and remainder ----------------------------------------------------------

floordiv = flat(
    "a // b  np.floor_divide operator.floordiv", kind=infer.arithmetic, signature=UFUNC
)
mod = smooth(
    "a % b  np.mod np.remainder operator.mod",
    lambda y, a, b: (1, -whole_quotient(a, b)),
    kind=infer.arithmetic,
    signature=UFUNC,
)
fmod = smooth(
    "np.fmod math.fmod",
    lambda y, a, b: (1, -rint((a - y) / b)),
    kind=infer.same_function,
    signature=UFUNC,
)
remainder = smooth(
    "math.remainder",
    lambda y, a, b: (1, -rint((a - y) / b)),
    kind=infer.always(FLOAT),
    signature="a, b",
)


def _divmod_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    return (Tuple(infer.arithmetic(args, attrs) * 2),)


def _divmod_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    p, q = (lift(b, arg) for arg in op.args)
    terms = []
    if tangents[0] is not None:
        terms.append(lift(b, tangents[0]))
    if tangents[1] is not None:
        terms.append(-(p // q) * lift(b, tangents[1]))
    if not terms:
        return (None,)
    dot = terms[0] if len(terms) == 1 else terms[0] + terms[1]
    floor = lift(b, 0.0)
    if isinstance(op.outs[0].kind.items[0], Array):  # type: ignore[attr-defined]
        floor = build("zeros_like", build("floordiv", p, q))
    dot = full(dot, floor)  # as large as the other
    return (b.op("tuple", (floor.atom, dot.atom), op.outs[0].kind),)


def _divmod_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    found = bars.item(op.outs[0], 1)
    bars.take(op.outs[0])
    if found is None:
        return
    p, q = (lift(b, arg) for arg in op.args)
    y_bar, whole = lift(b, found), p // q
    for arg, bar in ((op.args[0], y_bar), (op.args[1], -whole * y_bar)):
        if bars.wants(arg):
            bars.add(arg, unbroadcast(bar, lift(b, arg), whole).atom)


divmod_ = custom(
    "divmod np.divmod",
    _divmod_forward,
    _divmod_backward,
    kind=_divmod_kind,
    signature="a, b",
    doc="(a // b, a % b)",
)

# ---- signs ---------------------------------------------------------------------------


def sign_of(x):
    """-1, 0 or 1; on Python's floats without NumPy."""
    if isinstance(x, Handle) and is_python(x):
        return (x > 0) - (x < 0)
    return sign(x)


def _abs_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    if attrs.get("lib") in ("py", "math"):
        return (
            infer.always(FLOAT)(args, attrs)
            if attrs["lib"] == "math"
            else infer.arithmetic(args, {})
        )
    return infer.same_function(args, attrs)


abs_ = smooth(
    "np.abs np.absolute np.fabs abs operator.abs math.fabs",
    lambda y, x: sign_of(x),
    kind=_abs_kind,
    signature=UFUNC_1,
)

# ---- conversions ---------------------------------------------------------------------


def _float_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if not tangents or tangents[0] is None:
        return (None,)
    # idle ones go when it is known what joins of numbers really give
    return (b.op(op.prim, (tangents[0],), op.outs[0].kind),)


def _float_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None or not bars.wants(op.args[0]):
        return
    kind, mine = op.args[0].kind, y_bar.kind
    if isinstance(kind, Array) and isinstance(mine, Array) and kind.dtype != mine.dtype:
        y_bar = build("astype", y_bar, dtype=kind.dtype, spelling=".astype")
    bars.add(op.args[0], y_bar.atom, bars.reach(op.outs[0]))


float_ = custom(
    "float",
    _float_forward,
    _float_backward,
    kind=infer.always(FLOAT),
    run=float,
    doc="y_bar",
)


def _cast_kind(dtype: str):
    def kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
        found = infer.numeric(args[0].kind) if args else FLOAT
        infer.refuse_complex([found])
        if not isinstance(found, (Scalar, Array)):
            return (UNKNOWN,)
        return (infer.array_or_scalar(dtype, infer.dims_of(found)),)

    return kind


float64 = custom(
    "np.float64 np.double",
    _float_forward,
    _float_backward,
    kind=_cast_kind("float64"),
    run=np.float64,
    doc="y_bar",
)
float32 = custom(
    "np.float32",
    _float_forward,
    _float_backward,
    kind=_cast_kind("float32"),
    run=np.float32,
    doc="y_bar",
)
int64 = flat("np.int64", kind=_cast_kind("int64"), signature="x")
int32 = flat("np.int32", kind=_cast_kind("int32"), signature="x")
np_bool = flat("np.bool_", name="np_bool", kind=_cast_kind("bool"), signature="x")

# ---- the real part of what is real ---------------------------------------------------


def _real_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    infer.refuse_complex(infer.kinds_of(args))
    return (args[0].kind,)


real = linear(
    "np.real .real",
    lambda y_bar, y, x: y_bar,
    moves=True,
    kind=_real_kind,
    signature="val",
)
conj = linear(
    "np.conj np.conjugate .conj .conjugate",
    lambda y_bar, y, x: y_bar,
    moves=True,
    kind=_real_kind,
    signature=UFUNC_1,
)
imag = flat("np.imag .imag", kind=_real_kind, signature="val")

# ---- whole numbers -------------------------------------------------------------------

int_ = flat("int", kind=infer.always(INT), run=int)
bool_ = flat("bool", kind=infer.always(BOOL), run=bool)


def _round_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kind = args[0].kind
    if isinstance(kind, Array):
        return (kind,)
    return (INT if len(args) == 1 else kind,)


py_round = flat("round", kind=_round_kind, run=round, name="py_round")

# ---- bits and booleans ---------------------------------------------------------------


def _bits_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kinds = infer.kinds_of(args)
    if kinds and all(kind == BOOL for kind in kinds):
        return (BOOL,)
    return infer.arithmetic(args, attrs)


def _invert_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kind = args[0].kind
    return (INT if kind == BOOL else kind,)


invert = flat(
    "~a  np.invert np.bitwise_not operator.invert", kind=_invert_kind, signature=UFUNC_1
)
and_ = flat("a & b  np.bitwise_and operator.and_", kind=_bits_kind, signature=UFUNC)
or_ = flat("a | b  np.bitwise_or operator.or_", kind=_bits_kind, signature=UFUNC)
xor = flat("a ^ b  np.bitwise_xor operator.xor", kind=_bits_kind, signature=UFUNC)
shl = flat(
    "a << b  np.left_shift operator.lshift",
    kind=_bits_kind,
    signature=UFUNC,
    run=lambda a, b: a << b,
)
shr = flat(
    "a >> b  np.right_shift operator.rshift",
    kind=_bits_kind,
    signature=UFUNC,
    run=lambda a, b: a >> b,
)
not_ = flat("not a  operator.not_", kind=infer.always(BOOL), run=lambda a: not a)
