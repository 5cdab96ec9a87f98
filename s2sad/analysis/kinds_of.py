"""The kinds of values: what a call tells about its arguments.

kind_of(np.ones((3, 1)), "x")  ->  float64[x.0, 1]

Axes of length 1 are told apart, all other lengths are left open: they get names, and
the same specialisation serves them all.
"""

from __future__ import annotations

import dataclasses
import sys
from types import (
    BuiltinFunctionType,
    FunctionType,
    MethodType,
    ModuleType,
)

from s2sad.ir.kinds import (
    COMPLEX,
    FLOAT,
    INT,
    UNKNOWN,
    Array,
    Dict,
    Kind,
    List,
    Object,
    Scalar,
    Static,
    Tuple,
)
from s2sad.ir.sources import is_source

_LIBRARIES = ("numpy", "scipy", "numba", "s2sad", "sympy", "libcst", "rich", "tqdm")

LONG = 16  # a longer list of equal kinds is one whose length is left open
DEEP = 8  # containers in containers, from where nothing is known

_NUMBERS = {float: FLOAT, int: INT, complex: COMPLEX}
_STATIC = (
    str,
    bytes,
    bool,
    type(None),
    type(...),
    slice,
    type,
    ModuleType,
    FunctionType,
    BuiltinFunctionType,
    MethodType,
)


def kind_of(value: object, name: str = "", depth: int = 0) -> Kind:
    """The kind of a value; its open lengths are called after `name`."""
    number = _NUMBERS.get(type(value))
    if number is not None:
        return number
    if isinstance(value, _STATIC) or depth > DEEP:
        return UNKNOWN if depth > DEEP else Static(value)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        if type(value) is numpy.ndarray:
            return array_kind(value, name)
        if isinstance(value, numpy.generic):
            return (
                Static(value)
                if value.dtype.kind not in "iufc"
                else Scalar(value.dtype.name)
            )
        if isinstance(value, (numpy.dtype, numpy.ufunc)):
            return Static(value)
    return _container(value, name, depth + 1)


def array_kind(value: object, name: str) -> Array:
    shape = value.shape  # type: ignore[attr-defined]
    dims = tuple(1 if n == 1 else f"{name}.{axis}" for axis, n in enumerate(shape))
    dtype = value.dtype  # type: ignore[attr-defined]
    # NumPy knows `float64` by its name, but text of a length by `<U3` alone
    return Array(dtype.str if dtype.kind in "USV" else dtype.name, dims)


def _container(value: object, name: str, depth: int) -> Kind:
    if isinstance(value, tuple):
        items = tuple(kind_of(v, f"{name}[{i}]", depth) for i, v in enumerate(value))
        plain = type(value) is tuple
        if plain or hasattr(value, "_fields"):
            return Tuple(items, None if plain else type(value))
        return Static(value)
    if type(value) is list:
        if len(value) > LONG:
            return List(None, _common([kind_of(v, "~", depth) for v in value]))
        return List(
            tuple(kind_of(v, f"{name}[{i}]", depth) for i, v in enumerate(value))
        )
    if type(value) is dict:
        entries = value.items()
        items = tuple(kind_of(v, f"{name}[{k!r}]", depth) for k, v in entries)
        return Dict(tuple(value), items)
    if is_source(type(value)):
        return Object(type(value))  # any of them: which numbers come is not asked
    if isinstance(value, (complex, int, float)) or is_library(type(value)):
        return Static(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = tuple(
            f.name for f in dataclasses.fields(value) if hasattr(value, f.name)
        )
        items = tuple(kind_of(getattr(value, n), f"{name}.{n}", depth) for n in names)
        return Object(type(value), names, items)
    if hasattr(type(value), "__code__"):
        return Static(value)  # a function that Cython has compiled
    if hasattr(value, "__dict__") and not isinstance(value, type):
        return Object(type(value))  # attributes are asked about one by one
    return Static(value)


def is_library(cls: type) -> bool:
    """Is this a class of Python's or of a library whose objects keep to themselves?"""
    top = (getattr(cls, "__module__", None) or "builtins").split(".")[0]
    if top in ("types", "collections", "argparse", "__main__"):
        return top == "collections"  # SimpleNamespace, Namespace: just attributes
    return top in sys.stdlib_module_names or top in _LIBRARIES


def _common(kinds: list[Kind]) -> Kind:
    """The kind of every item of a long list; lengths of axes are not kept."""
    first = _loose(kinds[0])
    return first if all(_loose(kind) == first for kind in kinds) else UNKNOWN


def _loose(kind: Kind) -> Kind:
    if isinstance(kind, Array) and kind.dims is not None:
        return Array(kind.dtype, tuple(1 if d == 1 else None for d in kind.dims))
    return kind
