"""Shapes as operands: `np.zeros((n, 3))`, `x.reshape(-1, n)`."""

from __future__ import annotations

import math
from collections.abc import Sequence

from s2sad.ir.kinds import Array, Dim, List, Scalar, Tuple
from s2sad.ir.nodes import Atom, Lit, Var
from s2sad.rules import infer
from s2sad.rules.handles import Handle, build
from s2sad.rules.registry import BadArguments
from s2sad.rules.signature import NOT_STATIC, static

BY_SHAPE = frozenset({"zeros", "ones", "empty", "full"})  # which come first


def dims_from(atoms: Sequence[Atom]) -> infer.Dims:
    """The dims that one shape, or several lengths, describe; -1 stays -1."""
    if len(atoms) != 1:
        return tuple(_dim(atom) for atom in atoms)
    (atom,) = atoms
    value = static(atom)
    if isinstance(value, (tuple, list)):
        return tuple(value)
    kind = atom.kind
    if isinstance(kind, (Tuple, List)):
        if kind.items is None:
            return None
        return tuple(
            item.size if isinstance(item, Scalar) else None for item in kind.items
        )
    if isinstance(kind, Scalar):
        return (_dim(atom),)
    return None


def _dim(atom: Atom) -> Dim:
    value = static(atom)
    if isinstance(value, int):
        return value
    if isinstance(atom.kind, Scalar):
        if atom.kind.dtype.startswith("float"):
            raise BadArguments("a shape is made of integers")
        return size_of(atom)
    return None


def size_of(atom: Atom) -> Dim:
    """The length that an int stands for: its own, or one called after the variable."""
    if isinstance(atom, Var) and isinstance(atom.kind, Scalar):
        return atom.kind.size or f"~{atom.name}#{atom.serial}"
    return atom.value if isinstance(atom, Lit) and isinstance(atom.value, int) else None


def settle(dims: infer.Dims, source: infer.Dims) -> infer.Dims:
    """Dims with -1 worked out where the number of elements is known."""
    if dims is None or -1 not in dims:
        return dims
    rest = [dim for dim in dims if dim != -1]
    free: Dim = None
    if source is not None and all(isinstance(d, int) for d in (*source, *rest)):
        have, need = math.prod(source), math.prod(rest)  # type: ignore[arg-type]
        free = have // need if need else None
    elif source is not None:
        # the same names on both sides cancel
        left = [dim for dim in source if dim != 1]
        for dim in rest:
            if dim in left:
                left.remove(dim)
            elif dim != 1:
                left = [None, None]
        if len(left) == 1:
            free = left[0]
        elif not left:
            free = 1
    return tuple(free if dim == -1 else dim for dim in dims)


def shape_of(x: Handle) -> Handle:
    """`x.shape`"""
    return build("shape", x, spelling=".shape")


def length(x: Handle, axis: int) -> object:
    """`x.shape[axis]`, or the number where it is known."""
    dims = infer.dims_of(x.kind)
    if dims is not None and isinstance(dims[axis], int):
        return dims[axis]
    return build("getitem", shape_of(x), axis, path="[#]")


def same_shape(y_bar: Handle, x: Handle) -> Handle:
    """`y_bar` with its elements in the shape of x, if it has not got it already."""
    if isinstance(x.kind, Scalar):
        return build("sum", y_bar) if isinstance(y_bar.kind, Array) else y_bar
    mine, its = infer.dims_of(y_bar.kind), infer.dims_of(x.kind)
    if mine is not None and its is not None and len(mine) == 1 and len(its) == 1:
        return y_bar
    if its and all(isinstance(dim, int) for dim in its):
        return build("reshape", y_bar, *its, spelling=".reshape")
    return build("reshape", y_bar, shape_of(x), spelling=".reshape")


def is_literal(atom: Atom) -> bool:
    return isinstance(atom, Lit) or static(atom) is not NOT_STATIC


def slice_of(x: Handle, axis: object, start: object, stop: object) -> Handle:
    """x[..., start:stop] along an axis."""
    bounds = [bound for bound in (start, stop) if bound is not None]
    part = f"{'#' if start is not None else ''}:{'#' if stop is not None else ''}"
    at = 0 if axis is None else int(axis)  # type: ignore[call-overload]
    before, after = ([":"] * at, []) if at >= 0 else (["..."], [":"] * (-at - 1))
    if at < 0 and infer.dims_of(x.kind) is not None:
        before, after = [":"] * (len(infer.dims_of(x.kind)) + at), []  # type: ignore[arg-type]
    return build("getitem", x, *bounds, path=f"[{', '.join([*before, part, *after])}]")


def widened(x: Handle) -> Handle:
    """x as float64, in which some functions compute whatever they are given."""
    dtype = getattr(x.kind, "dtype", "float64")
    if dtype in ("float64", "float", "int"):
        return x
    return build("astype", x, dtype="float64", spelling=".astype")
