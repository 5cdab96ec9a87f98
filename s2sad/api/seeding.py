"""Seeds: tangents and cotangents that fit, or an error that says what would.

A seed of another shape would be broadcast silently and answer another question.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeGuard

from s2sad.errors import raise_all, refuse
from s2sad.ir.kinds import Array, Dict, Kind, List, Object, Scalar, Static, Tuple, show


def conform(value: Any, kind: Kind, name: str, what: str = "seed") -> Any:
    """The seed as a value of this kind: ints and lists are converted, no shape is."""
    if isinstance(kind, Scalar):
        return _number(value, kind, name, what)
    if isinstance(kind, Array):
        return _array(value, kind, name, what)
    if isinstance(kind, Static):
        return value
    if isinstance(kind, (Tuple, List)) and kind.items is not None:
        if not isinstance(value, (tuple, list)) or len(value) != len(kind.items):
            _misfit(value, kind, name, what)
        items = [
            conform(item, inner, f"{name}[{i}]", what)
            for i, (item, inner) in enumerate(zip(value, kind.items))
        ]
        if isinstance(kind, List):
            return items
        return kind.cls(*items) if kind.cls else tuple(items)
    if isinstance(kind, List) and isinstance(value, (tuple, list)) and _real(kind.elem):
        return [
            conform(item, kind.elem, f"{name}[{i}]", what)
            for i, item in enumerate(value)
        ]
    if isinstance(kind, Dict):
        if not isinstance(value, dict) or value.keys() != set(kind.keys):
            _misfit(value, kind, name, what)
        return {
            key: conform(value[key], inner, f"{name}[{key!r}]", what)
            for key, inner in zip(kind.keys, kind.items)
        }
    if isinstance(kind, Object) and not isinstance(value, kind.cls):
        _misfit(value, kind, name, what)
    return value


def _real(kind: Kind | None) -> TypeGuard[Kind]:
    return isinstance(kind, (Scalar, Array)) and str(kind.dtype).startswith("float")


def _number(value: Any, kind: Scalar, name: str, what: str) -> Any:
    if type(value) is float and kind.dtype == "float":
        return value
    shape = getattr(value, "shape", ())
    real = isinstance(value, (int, float)) or getattr(value, "dtype", None) is not None
    if shape != () or not real or isinstance(value, complex):
        _misfit(value, kind, name, what)
    if kind.dtype in ("float", "int"):
        return float(value)
    import numpy

    return numpy.dtype(kind.dtype).type(value)


def _array(value: Any, kind: Array, name: str, what: str) -> Any:
    import numpy

    if not isinstance(value, (numpy.ndarray, numpy.generic, list, tuple, int, float)):
        _misfit(value, kind, name, what)
    array = numpy.asarray(value)
    if array.dtype.kind not in "iufb":
        _misfit(value, kind, name, what)
    dims = kind.dims
    if dims is not None and (
        array.ndim != len(dims)
        or any(isinstance(d, int) and d != n for d, n in zip(dims, array.shape))
    ):
        _misfit(value, kind, name, what)
    return array.astype(kind.dtype, copy=False)


def same_shapes(value: Any, seed: Any, name: str, what: str) -> None:
    """Every array in a seed has the shape of what it is the seed of.

    A seed of another structure is left to `conform`, which says more.
    """
    if isinstance(value, (tuple, list)) and isinstance(seed, (tuple, list)):
        for i, (a, b) in enumerate(zip(value, seed)):
            same_shapes(a, b, f"{name}[{i}]", what)
    elif isinstance(value, dict):
        for key in value.keys() & seed.keys() if isinstance(seed, dict) else ():
            same_shapes(value[key], seed[key], f"{name}[{key!r}]", what)
    else:
        want, have = getattr(value, "shape", None), getattr(seed, "shape", None)
        if want is not None and have is not None and want != have:
            _refuse(name, what, f"the shape {have}", f"{want}")


def _misfit(value: Any, kind: Kind, name: str, what: str) -> None:
    shape = getattr(value, "shape", None)
    have = f"the type {type(value).__name__}" if shape is None else f"the shape {shape}"
    _refuse(name, what, have, show(kind))


def _refuse(name: str, what: str, have: str, want: str) -> None:
    raise_all([refuse("seed-shape", what=what, name=name, have=have, want=want)])


def caster(kind: Kind, name: str, what: str) -> Callable[[Any], Any]:
    """A converter for one parameter of a dispatching function."""

    def seed(value: Any) -> Any:
        return conform(value, kind, name, what)

    return seed
