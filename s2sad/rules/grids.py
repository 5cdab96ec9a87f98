"""Arrays against one another: `meshgrid`, `broadcast_arrays`, and indices of grids."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import BOOL, Array, Kind, List, Tuple
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import infer
from s2sad.rules.containers import array_operand, as_array_kind, give
from s2sad.rules.dims import dims_from
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.lazy import full, unbroadcast
from s2sad.rules.order import pair_kind
from s2sad.rules.primitive import Adjoints, Tangents
from s2sad.rules.registry import BadArguments
from s2sad.rules.verbs import custom, flat

# NumPy 1 gives lists
SEVERAL = Tuple if isinstance(np.meshgrid(0), tuple) else List


def several(
    spellings: str,
    back: Callable[..., Handle],
    *,
    kind: Callable[..., tuple[Kind, ...]],
    **rest: object,
):
    """As many results as operands; `back(y_bar, y, x, i)` is the i-th adjoint."""

    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        if all(dot is None for dot in tangents):
            return (None,)
        dots = []
        for arg, dot in zip(op.args, tangents, strict=True):
            x = array_operand(b, arg)
            given = None if dot is None else full(array_operand(b, dot), x)
            dots.append(build("zeros_like", x) if given is None else given)
        return (build(op.prim, *dots, **op.attrs).atom,)

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        found = [bars.item(op.outs[0], i) for i in range(len(op.args))]
        bars.take(op.outs[0])
        for i, (arg, bar) in enumerate(zip(op.args, found, strict=True)):
            if bar is None or not bars.wants(arg):
                continue
            y = build("getitem", lift(b, op.outs[0]), i, path="[#]")
            y_bar = full(lift(b, bar), y)
            options = {k: v for k, v in op.attrs.items() if k != "spelling"}
            give(b, bars, arg, back(y_bar, y, array_operand(b, arg), i, **options))

    return custom(spellings, forward, backward, kind=kind, partials=back, **rest)


def _arrays(args: Sequence[Atom]) -> list[Kind]:
    b = Builder()
    kinds = [array_operand(b, arg).kind for arg in args]
    infer.refuse_complex(kinds)
    if any(infer.dims_of(kind) is None for kind in kinds):
        raise BadArguments("grids need arrays of known rank")
    return kinds


def _mesh_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kinds = _arrays(args)
    sides = []
    for kind in kinds:
        dims = infer.dims_of(kind)
        if len(dims) > 1:  # type: ignore[arg-type]
            raise BadArguments("`meshgrid` is supported for arrays of one axis")
        sides.append(dims[0] if dims else 1)
    if attrs.get("indexing", "xy") == "xy":
        sides[:2] = sides[1::-1] if len(sides) > 1 else sides
    dtypes = [infer.numpy_dtype(kind.dtype).name for kind in kinds]  # type: ignore[attr-defined]
    return (SEVERAL(tuple(Array(dtype, tuple(sides)) for dtype in dtypes)),)


def _mesh_back(y_bar, y, x, i, indexing="xy"):
    """y_bar summed along the other axes"""
    rank = len(infer.dims_of(y_bar.kind))
    if infer.dims_of(x.kind) == ():
        return build("sum", y_bar)
    mine = 1 - i if indexing == "xy" and i < 2 and rank > 1 else i
    others = tuple(axis for axis in range(rank) if axis != mine)
    if not others:
        return y_bar
    return build("sum", y_bar, axis=others[0] if len(others) == 1 else others)


meshgrid = several(
    "np.meshgrid",
    _mesh_back,
    kind=_mesh_kind,
    signature="*xi; *, copy!, sparse!, indexing='xy'",
)


def _broadcast_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    kinds = _arrays(args)
    dims = infer.broadcast([infer.dims_of(kind) for kind in kinds])
    dtypes = [infer.numpy_dtype(kind.dtype).name for kind in kinds]  # type: ignore[attr-defined]
    return (SEVERAL(tuple(Array(dtype, dims) for dtype in dtypes)),)


broadcast_arrays = several(
    "np.broadcast_arrays",
    lambda y_bar, y, x, i: unbroadcast(y_bar, x, y),
    kind=_broadcast_kind,
    signature="*args; *, subok!",
)

# ---- indices: no derivative ----------------------------------------------------------


def _indices_of(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    dims = infer.dims_of(args[0].kind)
    if dims is None:
        raise BadArguments("indices of an array need its rank")
    return (Tuple((Array("int64", (None,)),) * len(dims)),)


diag_indices_from = flat("np.diag_indices_from", kind=_indices_of, signature="arr")
tril_indices_from = flat("np.tril_indices_from", kind=pair_kind, signature="arr; k=0")
triu_indices_from = flat("np.triu_indices_from", kind=pair_kind, signature="arr; k=0")


def _indices_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    dims = dims_from(args)
    dims = None if dims is None else (len(dims), *dims)
    return (Array("int64", dims),)


indices = flat(
    "np.indices", kind=_indices_kind, signature="dimensions; dtype!, sparse!"
)


def _mesh_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found: list[Kind] = []
    for at, arg in enumerate(args):
        kind = as_array_kind(arg.kind)
        dims = infer.dims_of(kind)
        if not isinstance(kind, Array) or dims is None or len(dims) != 1:
            raise BadArguments("`ix_` needs vectors of whole numbers or bools")
        number = None if kind.dtype == "bool" else dims[0]  # as many as are true
        before, after = (1,) * at, (1,) * (len(args) - at - 1)
        found.append(Array("int64", (*before, number, *after)))
    return (Tuple(tuple(found)),)


ix_ = flat("np.ix_", kind=_mesh_kind, signature="*args")


def _unravel_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    dims = dims_from(args[1:2])
    if dims is None:
        raise BadArguments("`unravel_index` needs a shape of known rank")
    each = infer.array_or_scalar("int64", infer.dims_of(args[0].kind))
    return (Tuple((each,) * len(dims)),)


unravel_index = flat(
    "np.unravel_index", kind=_unravel_kind, signature="indices, shape; order!"
)
tri = flat(
    "np.tri",
    kind=lambda args, attrs: (
        Array("float64", (*(dims_from(args[:1]) or ()), *(dims_from(args[-1:]) or ()))),
    ),
    signature="N, M=None; k=0, dtype!",
)
isin = flat(
    "np.isin np.in1d",
    kind=lambda args, attrs: (
        infer.array_or_scalar("bool", infer.dims_of(args[0].kind)),
    ),
    signature="element, test_elements; assume_unique!, invert=False",
)
isscalar = flat("np.isscalar", kind=infer.always(BOOL), signature="element")
