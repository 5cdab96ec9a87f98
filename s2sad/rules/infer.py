"""Kinds of results: NumPy 2's promotion of dtypes, and broadcasting of dims.

Python scalars are weak: they never widen an array or a NumPy scalar of the same sort.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np

from s2sad.ir.kinds import (
    BOOL,
    FLOAT,
    FLOAT64,
    PYTHON_SCALARS,
    UNKNOWN,
    Array,
    Dim,
    Kind,
    Scalar,
    Static,
    Unknown,
    is_not_one,
)
from s2sad.ir.nodes import Atom
from s2sad.rules.registry import BadArguments

Attrs = Mapping[str, object]
Dims = tuple[Dim, ...] | None

SORTS = {"b": 0, "i": 1, "u": 1, "f": 2, "c": 3}
PYTHON_SORT = {"bool": 0, "int": 1, "float": 2, "complex": 3}
DEFAULT = (
    "bool",
    "int64",
    "float64",
    "complex128",
)  # what NumPy makes of a Python scalar


PYTHON_KINDS: dict[type, Kind] = {bool: BOOL, int: Scalar("int"), float: FLOAT}


# ---- dtypes --------------------------------------------------------------------------


def numpy_dtype(dtype: str) -> np.dtype:
    """The NumPy dtype of a kind's dtype: `"float"` is float64."""
    if dtype in PYTHON_SORT:
        return np.dtype(DEFAULT[PYTHON_SORT[dtype]])
    return np.dtype(dtype)


def is_weak(kind: Kind) -> bool:
    return isinstance(kind, Scalar) and kind.dtype in PYTHON_SCALARS


@functools.lru_cache(maxsize=4096)
def _promote(strong: tuple[str, ...], weak: tuple[str, ...]) -> str:
    top = max((PYTHON_SORT[name] for name in weak), default=0)
    if not strong:
        return DEFAULT[top]
    found = np.result_type(*map(np.dtype, strong))
    if SORTS.get(found.kind, 3) < top:
        found = (
            np.result_type(found, np.complex64) if top == 3 else np.dtype(DEFAULT[top])
        )
    return found.name


def promote(kinds: Sequence[Kind]) -> str:
    """The NumPy dtype of an operation on these."""
    dtypes = [kind for kind in kinds if isinstance(kind, (Scalar, Array))]
    strong = tuple(kind.dtype for kind in dtypes if not is_weak(kind))
    weak = tuple(kind.dtype for kind in dtypes if is_weak(kind))
    return _promote(strong, weak)


@functools.lru_cache(maxsize=256)
def to_float(dtype: str) -> str:
    """The dtype that `np.sin` gives for `dtype`."""
    found = numpy_dtype(dtype)
    if found.kind in "fc":
        return found.name
    if found.kind == "b" or found.itemsize == 1:
        return "float16"
    return "float32" if found.itemsize == 2 else "float64"


def strong(kind: Kind) -> Kind:
    """A Python number as the array that NumPy makes of it: no longer weak."""
    if isinstance(kind, Scalar) and is_weak(kind):
        return Scalar(numpy_dtype(kind.dtype).name)
    return kind


# ---- dims ----------------------------------------------------------------------------


def dims_of(kind: Kind) -> Dims:
    """The dims of a number or array; None where the rank is unknown."""
    kind = numeric(kind)
    return (
        kind.dims
        if isinstance(kind, Array)
        else ()
        if isinstance(kind, Scalar)
        else None
    )


def broadcast_dim(a: Dim, b: Dim) -> Dim:
    """The length of an axis made of two."""
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    for dim in (a, b):
        if isinstance(dim, int):
            return dim
    for dim in (a, b):
        if is_not_one(dim):
            return dim
    return None


def broadcast(shapes: Sequence[Dims]) -> Dims:
    if any(shape is None for shape in shapes):
        return None
    rank = max((len(shape) for shape in shapes if shape is not None), default=0)
    padded = [
        (1,) * (rank - len(shape)) + shape for shape in shapes if shape is not None
    ]
    return tuple(
        functools.reduce(broadcast_dim, axis) for axis in zip(*padded, strict=True)
    )


def array_or_scalar(dtype: str, dims: Dims) -> Kind:
    """What NumPy returns: a scalar where there are no axes."""
    return Scalar(dtype) if dims == () else Array(dtype, dims)


# ---- elementwise ---------------------------------------------------------------------


def numeric(kind: Kind) -> Kind:
    """A bool or number that is fixed while lowering, as the number it is."""
    if isinstance(kind, Static):
        return PYTHON_KINDS.get(type(kind.value), kind)
    return kind


def kinds_of(args: Sequence[Atom]) -> list[Kind]:
    return [numeric(arg.kind) for arg in args]


def refuse_complex(kinds: Sequence[Kind], what: str = "") -> None:
    for kind in kinds:
        if isinstance(kind, (Scalar, Array)) and kind.dtype.startswith("complex"):
            raise BadArguments("complex values are not differentiated yet")
        if isinstance(kind, Array) and numpy_dtype(kind.dtype).kind not in "biuf":
            raise BadArguments(f"arrays of {kind.dtype} are not supported{what}")


def _elementwise(kinds: Sequence[Kind]) -> tuple[str, Dims] | None:
    """dtype and dims of an elementwise operation; None if a kind is not known."""
    return _elementwise_of(tuple(kinds))


@functools.lru_cache(maxsize=4096)  # few kinds, and asked at every step of the way
def _elementwise_of(kinds: tuple[Kind, ...]) -> tuple[str, Dims] | None:
    refuse_complex(kinds)
    if any(isinstance(kind, Unknown) for kind in kinds):
        return None
    for kind in kinds:
        if not isinstance(kind, (Scalar, Array)):
            what = (
                "a string or None"
                if isinstance(kind, Static)
                else type(kind).__name__.lower()
            )
            raise BadArguments(f"expects numbers or arrays, not {what}")
    return promote(kinds), broadcast([dims_of(kind) for kind in kinds])


def arithmetic(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    """+ - *: Python's types for Python's scalars, else NumPy's."""
    for arg in args:
        if arg.kind is not FLOAT:
            break
    else:  # most of all
        return (FLOAT64 if attrs.get("lib") == "np" else FLOAT,)
    kinds = kinds_of(args)
    found = _elementwise(kinds)
    if found is None:
        return (UNKNOWN,)
    if all(map(is_weak, kinds)) and attrs.get("lib") != "np":
        top = max(PYTHON_SORT[kind.dtype] for kind in kinds)  # type: ignore[attr-defined]
        return (FLOAT if top == 2 else Scalar("int"),)
    return (array_or_scalar(*found),)


def division(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    """`/`: as arithmetic, but never an integer."""
    (kind,) = arithmetic(args, attrs)
    if isinstance(kind, Scalar):
        return (FLOAT,) if is_weak(kind) else (Scalar(to_float_64(kind.dtype)),)
    if isinstance(kind, Array):
        return (Array(to_float_64(kind.dtype), kind.dims),)
    return (kind,)


def to_float_64(dtype: str) -> str:
    """`/` makes float64 of every integer type (`np.sin` makes float16 of a bool)."""
    return dtype if numpy_dtype(dtype).kind in "fc" else "float64"


def float_function(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    """sin, exp, ...: floats of NumPy's, or of Python's where it is `math`'s."""
    if len(args) == 1 and args[0].kind is FLOAT:  # most of all
        return (FLOAT if attrs.get("lib") == "math" else FLOAT64,)
    found = _elementwise(kinds_of(args))
    if attrs.get("lib") == "math":
        return (FLOAT,)
    if found is None:
        return (UNKNOWN,)
    return (array_or_scalar(to_float(found[0]), found[1]),)


def same_function(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    """abs, maximum, clip, ...: the promoted dtype, as NumPy's scalar or array."""
    found = _elementwise(kinds_of(args))
    if attrs.get("lib") == "math":
        return (FLOAT,)
    return (UNKNOWN,) if found is None else (array_or_scalar(*found),)


def comparison(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    kinds = kinds_of(args)
    if not all(isinstance(kind, (Scalar, Array)) for kind in kinds):
        return (
            (UNKNOWN,) if any(isinstance(kind, Unknown) for kind in kinds) else (BOOL,)
        )
    dims = broadcast([dims_of(kind) for kind in kinds])
    return (array_or_scalar("bool", dims),)


def bool_function(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    """isfinite, logical_and, ...."""
    return comparison(args, attrs)


def always(*kinds: Kind):
    """The same kinds whatever the operands."""
    return lambda args, attrs: kinds


def like_first(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    return (args[0].kind,)


def axes(count: int) -> str:
    """How many axes, in words."""
    return "1 axis" if count == 1 else f"{count} axes"
