"""Arguments and results as their real numbers: floats and float arrays, held or not.

A leaf has a name that says where it is: `x`, `params['w']`, `self.bias`, `pair[1]`.
"""

from __future__ import annotations

import copy
import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

Visit = Callable[[str, Any], Any]


def is_real(value: object) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fO"
    return isinstance(value, (float, np.floating)) or type(value).__name__ == "Num"


def mapped(
    value: Any, visit: Visit, name: str, ints: bool = False, rest: Any = ...
) -> Any:
    """The value with each real leaf replaced by `visit(name, leaf)`.

    With `ints` a whole number counts as real. `rest` stands for what is not real, which
    is left as it is by default.
    """
    if is_real(value) or (ints and type(value) is int):
        return visit(name, value)

    def inner(item: Any, part: str) -> Any:
        return mapped(item, visit, name + part, False, rest)

    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(inner(getattr(value, f), f".{f}") for f in value._fields))
    if type(value) in (tuple, list):
        return type(value)(inner(item, f"[{i}]") for i, item in enumerate(value))
    if type(value) is dict:
        return {key: inner(item, f"[{key!r}]") for key, item in value.items()}
    if is_record(value):
        made = copy.copy(value)
        for key, item in vars(value).items():
            # What is not real stays: an object without it would be none of its class.
            new = mapped(item, visit, f"{name}.{key}")
            object.__setattr__(made, key, new)
        return made
    return value if rest is ... else rest


def is_record(value: object) -> bool:
    """An object of a user's class, or a dataclass: its attributes may hold numbers."""
    if isinstance(value, type) or callable(value) and not hasattr(value, "__dict__"):
        return False
    if dataclasses.is_dataclass(value):
        return True
    cls = type(value)
    return (
        hasattr(value, "__dict__")
        and not inspect.isroutine(value)
        and not inspect.ismodule(value)
        and cls.__module__.partition(".")[0] not in ("builtins", "numpy", "functools")
    )


def leaves(value: Any, name: str, ints: bool = False) -> list[tuple[str, Any]]:
    """Name and value of each real leaf, in order."""
    found: list[tuple[str, Any]] = []

    def visit(part: str, leaf: Any) -> Any:
        found.append((part, leaf))
        return leaf

    mapped(value, visit, name, ints)
    return found


def entries(name: str, leaf: Any) -> Iterator[tuple[str, Any]]:
    """Each number of a leaf, named."""
    if isinstance(leaf, np.ndarray) and leaf.ndim:
        for index in np.ndindex(*leaf.shape):
            yield f"{name}[{', '.join(map(str, index))}]", leaf[index]
    else:
        yield name, leaf[()] if isinstance(leaf, np.ndarray) else leaf


def dot(a: Any, b: Any) -> float:
    """The inner product of two structures of the same shape; None counts as zero."""
    left, right = dict(leaves(a, "", ints=True)), dict(leaves(b, "", ints=True))
    return sum(
        float(np.sum(np.asarray(left[name], float) * np.asarray(right[name], float)))
        for name in left
        if name in right
    )


# ---- arguments by name ---------------------------------------------------------------


@dataclasses.dataclass
class Arguments:
    """The arguments of one call: values by parameter name, and how they are passed."""

    signature: inspect.Signature
    bound: inspect.BoundArguments

    @property
    def values(self) -> dict[str, Any]:
        return self.bound.arguments

    def call(self, function: Callable, values: Mapping[str, Any], **extra: Any) -> Any:
        """`function` with these values, passed the way `f` was."""
        bound = inspect.BoundArguments(self.signature, dict(values))  # type: ignore[arg-type]
        return function(*bound.args, **bound.kwargs, **extra)


def bind(f: Callable, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Arguments:
    """Raises TypeError as the call itself would."""
    signature = None if isinstance(f, np.ufunc) else _signature(f)
    if signature is None:  # np.sin and its like do not tell, or tell too much
        names = ["x"] if len(args) == 1 else list("abcd")[: len(args)]
        kind = inspect.Parameter.POSITIONAL_ONLY
        signature = inspect.Signature([inspect.Parameter(n, kind) for n in names])
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    return Arguments(signature, bound)


def _signature(f: Callable) -> inspect.Signature | None:
    try:
        return inspect.signature(f)
    except ValueError:
        return None


def parameters(arguments: Arguments, wrt: Any = None) -> list[str]:
    """The parameters to differentiate by: those named, else those that hold real
    numbers, else those that are whole numbers.
    """
    names = list(arguments.values)
    if wrt is not None:
        wanted = wrt if isinstance(wrt, (tuple, list)) else (wrt,)
        found = [
            names[each] if isinstance(each, int) else _root(each) for each in wanted
        ]
        return list(dict.fromkeys(found))
    real = [name for name, value in arguments.values.items() if leaves(value, name)]
    if real:
        return real
    return [name for name, value in arguments.values.items() if type(value) is int]


def _root(path: str) -> str:
    """The parameter that a path starts from, which is checked as a whole."""
    return path.partition(".")[0].partition("[")[0]
