"""`np` and `math` for exact numbers: what the programs under proof are bound to.

Arrays are NumPy's own arrays of objects, so indexing, shapes, broadcasting, `@`, `sum`,
`einsum` and the rest of NumPy's machinery are the real thing; only what would make a
float (creation, elementwise functions, `linalg`) stands here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from s2sad.proof.exact import PI, E, NotSymbolic, Num, constant, lift, lift_or_none
from s2sad.proof.exact_functions import (
    ELEMENTWISE,
    TESTS,
    exact_array,
    hypot,
    op,
    spread_out,
)

# ---- creation ------------------------------------------------------------------------


def _is_real(dtype: Any) -> bool:
    if dtype is None or isinstance(dtype, _FloatType):
        return True
    return np.dtype(dtype).kind in "fO"


def _filled(shape: Any, value: Any, dtype: Any = None) -> Any:
    if not _is_real(dtype):
        return np.full(shape, value, dtype=dtype)
    made = np.empty(shape, dtype=object)
    made[...] = exact_array(value) if isinstance(value, np.ndarray) else lift(value)
    return made


def _like(value: Any) -> Callable:
    def filled(prototype: Any, *more: Any, dtype: Any = None, **options: Any) -> Any:
        number, shape = (*more, value)[0], options.get("shape")
        prototype = np.asanyarray(prototype)
        if dtype is None and prototype.dtype.kind in "iub":
            return np.full(shape or prototype.shape, number, dtype=prototype.dtype)
        return _filled(prototype.shape if shape is None else shape, number, dtype)

    return filled


def _array(value: Any, dtype: Any = None, copy: Any = None, **options: Any) -> Any:
    if dtype is not None and not _is_real(dtype):
        return np.array(value, dtype=dtype, **options)
    if isinstance(value, np.ndarray) and value.dtype == object:
        return value if copy is False else value.copy()
    made = np.array(value, **options)
    if made.dtype.kind in "iub" and dtype is not None:
        made = made.astype(float)
    result = exact_array(made)
    return result if isinstance(result, np.ndarray) else made


def _asarray(value: Any, dtype: Any = None, **options: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype == object:
        return value
    return _array(value, dtype, **options)


def _identity(
    n: int, m: int | None = None, k: int = 0, dtype: Any = None, **_: Any
) -> Any:
    return exact_array(np.eye(n, m, k, dtype=float if _is_real(dtype) else dtype))


# ---- reductions that NumPy computes with floats inside -------------------------------


def _count(x: Any, axis: Any) -> int:
    shape = np.shape(x)
    if axis is None:
        return math.prod(shape)
    axes = axis if isinstance(axis, tuple) else (axis,)
    return math.prod(shape[a] for a in axes)


def _mean(x: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims=False):
    total = np.sum(_asarray(x), axis=axis, keepdims=keepdims)
    return exact_array(total * constant(1) / _count(x, axis))


def _var(x: Any, axis: Any = None, dtype=None, out=None, ddof=0, keepdims=False):
    away = _asarray(x) - _mean(x, axis, keepdims=True)
    total = np.sum(away * away, axis=axis, keepdims=keepdims)
    return exact_array(total * constant(1) / (_count(x, axis) - ddof))


def _std(*args: Any, **options: Any) -> Any:
    return numpy.sqrt(_var(*args, **options))


def _clip(
    x: Any, lo: Any = None, hi: Any = None, out: Any = None, **options: Any
) -> Any:
    lo, hi = options.pop("min", lo), options.pop("max", hi)
    x = x if lo is None else numpy.maximum(x, lo)
    return x if hi is None else numpy.minimum(x, hi)


def _where(condition: Any, *choices: Any) -> Any:
    return exact_array(np.where(condition, *choices))


def _isclose(a: Any, b: Any, **_: Any) -> Any:
    raise NotSymbolic("np.isclose")


# ---- linear algebra ------------------------------------------------------------------


def _det(a: Any) -> Any:
    """By the first row: exact, and good for the small matrices of a proof."""
    a = np.asarray(a)
    if a.ndim > 2:
        return np.array([_det(each) for each in a], dtype=object)
    n = len(a)
    if n == 0:
        return constant(1)
    if n > 5:
        raise NotSymbolic(f"the determinant of a {n} by {n} matrix of symbols")
    if n == 1:
        return lift(a[0, 0])
    total = constant(0)
    for j in range(n):
        minor = np.delete(a[1:], j, axis=1)
        term = lift(a[0, j]) * _det(minor)
        total = total + term if j % 2 == 0 else total - term
    return total


def _inv(a: Any) -> Any:
    a = np.asarray(a)
    if a.ndim > 2:
        return np.array([_inv(each) for each in a], dtype=object)
    n, det = len(a), _det(a)
    made = np.empty((n, n), dtype=object)
    for i in range(n):
        for j in range(n):
            minor = np.delete(np.delete(a, i, axis=0), j, axis=1)
            made[j, i] = _det(minor) * (-1) ** (i + j) / det
    return made


def _solve(a: Any, b: Any) -> Any:
    return _inv(a) @ np.asarray(b)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    x = _asarray(x)
    if ord not in (None, 2, "fro") or (ord == 2 and axis is None and x.ndim > 1):
        raise NotSymbolic(f"np.linalg.norm of order {ord!r}")
    return numpy.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))


LINALG = {"det": _det, "inv": _inv, "solve": _solve, "norm": _norm}


# ---- types ---------------------------------------------------------------------------


class _FloatType(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, (Num, float))

    def __call__(cls, value: Any = 0, *_: Any) -> Num:
        if isinstance(value, str):
            return constant(float(value))
        made = lift_or_none(value)
        if made is None and isinstance(value, np.ndarray) and value.size == 1:
            made = lift(value.reshape(-1)[0])
        if made is None:
            raise NotSymbolic(f"float of a {type(value).__name__}")
        return made


class Float(metaclass=_FloatType):
    """`float` and `np.float64`: an exact number counts as one; as a dtype, objects."""

    is_integer = staticmethod(lambda x: lift(x).is_integer())


def _absent(name: str) -> Callable:
    def absent(*args: object, **options: object) -> None:
        raise NotSymbolic(name)

    return absent


class _Module(ModuleType):
    """A module of exact functions before NumPy's own; those are given exact results."""

    def __init__(self, name: str, table: dict[str, Any], behind: Any) -> None:
        super().__init__(name)
        self.__dict__.update(table)
        self.__dict__["_behind"] = behind

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._behind, name)
        if isinstance(found, np.ufunc) or (
            callable(found) and not isinstance(found, type)
        ):
            made = _exactly(found)
        elif isinstance(found, ModuleType):
            made = _Module(found.__name__, {}, found)
        else:
            made = exact_array(found)
        self.__dict__[name] = made
        return made


def _exactly(function: Any) -> Any:
    """NumPy's function on arrays of objects, floats in its result made exact."""

    def call(*args: Any, **options: Any) -> Any:
        dtype = options.get("dtype")
        if dtype is not None and _is_real(dtype):
            del options["dtype"]
        return exact_array(function(*args, **options))

    call.__name__ = getattr(function, "__name__", "function")
    for part in ("at", "reduce", "accumulate", "outer"):
        if isinstance(function, np.ufunc):
            setattr(call, part, getattr(function, part))
    return call


def _ufunc_parts(table: dict[str, Any]) -> dict[str, Any]:
    """`np.add.at` and its kin keep their places on the exact functions."""
    for name, function in table.items():
        real = getattr(np, name, None)
        if isinstance(real, np.ufunc):
            for part in ("at", "reduce", "accumulate", "outer"):
                setattr(function, part, getattr(real, part))
    return table


numpy = _Module(
    "numpy",
    {
        **_ufunc_parts({k: spread_out(k, f) for k, f in ELEMENTWISE.items()}),
        **{k: spread_out(k, f, test=True) for k, f in TESTS.items()},
        "pi": PI,
        "e": E,
        "float64": Float,
        "float32": Float,
        "floating": Float,
        "double": Float,
        "ndarray": np.ndarray,
        "zeros": lambda shape, dtype=None, **_: _filled(shape, 0, dtype),
        "ones": lambda shape, dtype=None, **_: _filled(shape, 1, dtype),
        "empty": lambda shape, dtype=None, **_: _filled(shape, 0, dtype),
        "full": lambda shape, value, dtype=None, **_: _filled(shape, value, dtype),
        "zeros_like": _like(0),
        "ones_like": _like(1),
        "empty_like": _like(0),
        "full_like": _like(0),
        "array": _array,
        "asarray": _asarray,
        "asanyarray": _asarray,
        "ascontiguousarray": _asarray,
        "eye": _identity,
        "identity": lambda n, dtype=None: _identity(n, dtype=dtype),
        "mean": _mean,
        "average": _mean,
        "var": _var,
        "std": _std,
        "clip": _clip,
        "where": _where,
        "isclose": _isclose,
        "allclose": _isclose,
        "linalg": _Module("numpy.linalg", LINALG, np.linalg),
    },
    np,
)

_MATH = {
    name: ELEMENTWISE[name]
    for name in (
        "sin cos tan sinh cosh tanh exp exp2 expm1 sqrt cbrt log log2 log10 log1p "
        "degrees radians fmod copysign hypot floor ceil trunc fabs"
    ).split()
}
mathematics = _Module(
    "math",
    {
        **_MATH,
        **{
            short: ELEMENTWISE[long]
            for short, long in {
                "asin": "arcsin",
                "acos": "arccos",
                "atan": "arctan",
                "asinh": "arcsinh",
                "acosh": "arccosh",
                "atanh": "arctanh",
            }.items()
        },
        **{name: op(name) for name in ("erf", "erfc", "gamma", "lgamma")},
        "atan2": ELEMENTWISE["arctan2"],
        "pow": ELEMENTWISE["power"],
        "fsum": lambda items: sum(items, constant(0)),
        "sumprod": lambda a, b: sum((lift(x) * y for x, y in zip(a, b)), constant(0)),
        "prod": lambda items, start=1: math.prod(items, start=start),
        "dist": lambda a, b: hypot(*(lift(x) - y for x, y in zip(a, b))),
        "isfinite": TESTS["isfinite"],
        "isnan": TESTS["isnan"],
        "isinf": TESTS["isinf"],
        "modf": _absent("math.modf"),
        "frexp": _absent("math.frexp"),
        "pi": PI,
        "e": E,
        "tau": 2 * PI,
    },
    math,
)
