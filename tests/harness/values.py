"""Arguments and results as their real numbers, whatever holds them.

Written apart from `s2sad.proof.leaves` on purpose: a test that used the product's own
walk over containers would share its mistakes.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import io
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Visit = Callable[[str, Any], Any]


def is_real(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "f"
    return isinstance(value, (float, np.floating))


def is_record(value: Any) -> bool:
    """A dataclass or an object of a class of the fixture's own."""
    if type(value).__new__ is not object.__new__:  # a function, a class, a module
        return False
    return dataclasses.is_dataclass(value) or (
        hasattr(value, "__dict__")
        and type(value).__module__.startswith(("fixture_", "tests."))
    )


def mapped(value: Any, visit: Visit, name: str = "", rest: Any = ...) -> Any:
    """The value with `visit(name, leaf)` in place of each real leaf.

    What is not real is left as it is, or replaced by `rest`.
    """
    if is_real(value):
        return visit(name, value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        fields = zip(value._fields, value, strict=True)
        return type(value)(*(mapped(v, visit, f"{name}.{k}", rest) for k, v in fields))
    if type(value) in (tuple, list):
        items = enumerate(value)
        return type(value)(mapped(v, visit, f"{name}[{i}]", rest) for i, v in items)
    if type(value) is dict:
        return {k: mapped(v, visit, f"{name}[{k!r}]", rest) for k, v in value.items()}
    if is_record(value):
        made = copy.copy(value)
        for key, item in vars(value).items():
            object.__setattr__(made, key, mapped(item, visit, f"{name}.{key}", rest))
        return made
    return value if rest is ... else rest


def leaves(value: Any, name: str = "") -> dict[str, Any]:
    """The real leaves by name."""
    found: dict[str, Any] = {}

    def visit(part: str, leaf: Any) -> Any:
        found[part] = leaf
        return leaf

    mapped(value, visit, name)
    return found


def arrays(value: Any) -> list[np.ndarray]:
    return [leaf for leaf in leaves(value).values() if isinstance(leaf, np.ndarray)]


def direction(value: Any, rng: np.random.Generator) -> Any:
    """A random tangent or seed for a value: its structure, its dtypes, None for the rest."""

    def visit(_: str, leaf: Any) -> Any:
        drawn = rng.uniform(0.5, 1.5, np.shape(leaf)) * rng.choice(
            [-1, 1], np.shape(leaf)
        )
        if isinstance(leaf, np.ndarray):
            return np.asarray(drawn, leaf.dtype)
        return type(leaf)(drawn)

    return mapped(value, visit, rest=None)


def moved(value: Any, along: Any, step: float) -> Any:
    """value + step * along, in double precision."""
    steps = leaves(along)

    def visit(name: str, leaf: Any) -> Any:
        far = np.asarray(leaf, float) + step * np.asarray(steps[name], float)
        if isinstance(leaf, np.ndarray):
            return far
        return float(far) if isinstance(leaf, float) else np.float64(far)

    return mapped(value, visit)


def dot(a: Any, b: Any) -> float:
    """The inner product; what one side lacks (None) counts as zero."""
    right = leaves(b)
    return float(
        sum(
            np.sum(np.asarray(leaf, float) * np.asarray(right[name], float))
            for name, leaf in leaves(a).items()
            if name in right
        )
    )


def flat(value: Any) -> np.ndarray:
    """All real numbers in a row."""
    parts = [np.ravel(np.asarray(leaf, float)) for leaf in leaves(value).values()]
    return np.concatenate(parts) if parts else np.zeros(0)


def single(value: Any) -> bool:
    """Is any number in it of less than double precision?"""
    found = leaves(value).values()
    return any(np.asarray(leaf).dtype.itemsize < 8 for leaf in found)


def same(a: Any, b: Any) -> bool:
    """Equal to the last bit, types and structure included; nan equals nan."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return (
            type(a) is type(b)
            and (a.dtype, a.shape) == (b.dtype, b.shape)
            and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        )
    if type(a) is not type(b):
        return False
    if isinstance(a, np.random.Generator):
        return True  # a draw moves it on: see tests/api/test_random_draws.py
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (float, np.floating)):
        return bool(a == b or (a != a and b != b))
    if is_record(a):
        return same(vars(a), vars(b))
    return bool(a == b)


@dataclasses.dataclass
class Outcome:
    """What a call did: its value or its exception, and what it printed."""

    value: Any = None
    raised: tuple[str, str] | None = None
    printed: str = ""
    error: Exception | None = None

    def agrees(self, other: Outcome) -> bool:
        if (self.raised, self.printed) != (other.raised, other.printed):
            return False
        return same(self.value, other.value)


@contextlib.contextmanager
def quiet() -> Iterator[io.StringIO]:
    """What is said in here, be it printed, logged or warned of, is collected."""
    printed = io.StringIO()
    listener = logging.StreamHandler(printed)
    heard = logging.getLogger()
    heard.addHandler(listener)
    try:
        with contextlib.redirect_stdout(printed), np.errstate(all="ignore"):
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                yield printed
            for each in warned:
                if each.category is UserWarning:
                    printed.write(f"warning: {each.message}\n")
    finally:
        heard.removeHandler(listener)


def outcome(call: Callable[[], Any]) -> Outcome:
    made = Outcome()
    with quiet() as printed:
        try:
            made.value = call()
        except Exception as error:
            made.raised, made.error = (type(error).__name__, str(error)), error
    made.printed = printed.getvalue()
    return made
