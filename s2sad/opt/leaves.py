"""Which floats are in a container: Python's or NumPy's, entry by entry.

    {"s": float, "w": float64[n]}     after   p_bar = {"s": s_bar, "w": w_bar}
    {"s": float64, "w": float64[n]}           where s_bar is a sum over an array

Tuples, dicts and objects, whose entries are known one by one.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.ir.kinds import (
    Array,
    Dict,
    Kind,
    Object,
    Scalar,
    Tuple,
    is_float_dtype,
    is_python_scalar,
)


def is_record(kind: Kind) -> bool:
    return isinstance(kind, (Tuple, Dict, Object))


def refined(kind: Kind, found: Kind) -> Kind:
    """A kind with the floats that were found in its places."""
    return _paired(kind, found, stronger=False)


def joined(a: Kind, b: Kind) -> Kind:
    """What is one of two: NumPy's floats are stronger."""
    return _paired(a, b, stronger=True)


def weakened(kind: Kind, value: Kind) -> Kind:
    """Any float of it may have become such a value."""
    if isinstance(value, Array) and value.dims is None:
        value = Scalar(value.dtype)  # it may be a number, too
    if _is_float(kind) and _is_float(value):
        return joined(kind, value)
    if isinstance(kind, (Tuple, Dict, Object)):
        return replace(kind, items=tuple(weakened(k, value) for k in kind.items))
    return kind


def _paired(a: Kind, b: Kind, stronger: bool) -> Kind:
    if _is_float(a) and _is_float(b):
        return a if stronger and is_python_scalar(b) else b
    if isinstance(a, (Tuple, Dict, Object)) and _alike(a, b):
        assert isinstance(b, (Tuple, Dict, Object))
        pairs = zip(a.items, b.items, strict=True)
        return replace(a, items=tuple(_paired(x, y, stronger) for x, y in pairs))
    return a


def _alike(a: Kind, b: Kind) -> bool:
    """Containers with the same entries?"""
    if isinstance(a, Tuple) and isinstance(b, Tuple):
        return len(a.items) == len(b.items)
    if isinstance(a, Dict) and isinstance(b, Dict):
        return a.keys == b.keys
    if isinstance(a, Object) and isinstance(b, Object):
        return a.fields == b.fields
    return False


def _is_float(kind: Kind) -> bool:
    return isinstance(kind, Scalar) and is_float_dtype(kind.dtype)
