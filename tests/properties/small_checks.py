"""Is every derivative of a small program right, on every level, for every shape?"""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from s2sad import S2sadError, adjoint, tangent
from tests.harness.numeric import (
    Point,
    check_adjoint,
    check_tangent,
    seed_names,
)
from tests.harness.values import arrays, direction, flat, leaves, outcome
from tests.properties.examine import (
    Discarded,
    Refused,
    Slope,
    Wrong,
    defined,
    judge,
    slope,
    within,
)
from tests.properties.small import Small

SECONDS = 20.0  # for one program; most take a tenth of one


def _arguments(n: int, seed: int, dtype: type = float) -> dict[str, Any]:
    rng = np.random.default_rng(seed)

    def array(*shape: int) -> np.ndarray:
        return rng.uniform(-1.2, 1.2, shape).astype(dtype)

    return {
        "x": 0.37 if seed < 2 else -0.62,
        "y": -0.81 if seed < 2 else 0.45,
        "v": array(n),
        "u": array(n),
        "m": array(n, n),
        "t": array(5, n),
        "c": array(n, 1),
        "q": [float(e) for e in array(n)],
        "n": n,
    }


PLAIN = _arguments(3, 1)
CALLS = {
    "plain": PLAIN,
    "other values": _arguments(3, 2) | {"n": 2},
    "one element": _arguments(1, 3),
    "no trip": PLAIN | {"n": 0},
    "empty": _arguments(0, 4) | {"q": [0.5]},
    "single precision": _arguments(3, 5, np.float32),
    "numbers of NumPy": PLAIN | {"x": np.float64(0.37), "y": np.float64(-0.81)},
}
MORE = tuple(CALLS)[1:]


def judge_small(program: Small, number: int) -> None:
    """Everything that holds of a derivative; `number` says what is looked at closer."""
    with warnings.catch_warnings(), within(SECONDS):
        warnings.simplefilter("ignore")
        function = defined(program.text)
        try:
            _judge(function, program, number)
        except (Wrong, Refused, Discarded):
            raise
        except S2sadError as error:
            if getattr(error, "code", None) is None:
                raise Wrong(f"{type(error).__name__}: {error}") from error
            raise Refused(error.code) from error
        except AssertionError as error:
            raise Wrong(str(error)) from error
        except Exception as error:
            raise Wrong(f"{type(error).__name__}: {error}") from error


def _judge(function: Callable[..., Any], program: Small, number: int) -> None:
    signature = inspect.signature(function)
    made = {
        level: (
            tangent(function, program.wrt, optimize=level),
            adjoint(function, program.wrt, optimize=level),
        )
        for level in (1, 0, 2)
    }
    judged = False
    for name in ("plain", MORE[number % len(MORE)]):
        values = {k: CALLS[name][k] for k in signature.parameters}
        point = Point(signature, values, program.wrt)
        expected = outcome(lambda p=point: p.call(function))
        if expected.raised or not flat(expected.value).size or _odd(expected.value):
            continue
        judged = True
        try:
            first = name == "plain"
            found = slope(point, function, np.random.default_rng(5))
            y_dot = _forward(made[1][0], point, expected, found)
            bars = _back(made[1][1], point, expected, found, y_dot)
            if first:
                for level in (0, 2):
                    other = _back(made[level][1], point, expected, found, y_dot)
                    _same(bars, other, f"vjp, level {level}")
                level = (0, 2)[number // 2 % 2]
                if number % 2:
                    other = _forward(made[level][0], point, expected, found)
                    _same(y_dot, other, f"jvp, level {level}")
            if first and len(program.wrt) > 1 and number % 3 == 0:
                _subset(function, point, bars, number)
            if first and number % 7 == 0:
                _second(made[1][1], point, expected, "both" if number % 2 else "jvp")
        except AssertionError as error:
            raise Wrong(f"{name}: {error}") from error
    if not judged:
        raise Discarded


def _odd(value: Any) -> bool:
    """Whole numbers, which have no tangent."""
    if isinstance(value, (tuple, list)):
        return any(map(_odd, value))
    return not isinstance(value, (float, np.floating)) and not (
        isinstance(value, np.ndarray) and value.dtype.kind == "f"
    )


def _along(point: Point, found: Slope | None) -> list[Any]:
    rng = np.random.default_rng(5)
    return [direction(v, rng) for v in point.varied()] if found is None else found.along


def _forward(forward: Any, point: Point, expected: Any, found: Slope | None) -> Any:
    """The tangent, held against differences where these can tell."""
    along = _along(point, found)
    rows = None if found is None else found.rows
    y_dot = check_tangent(forward, point, along, expected, rows, 1e-5)
    arguments = copy.deepcopy([*point.arguments.values(), *along])
    value, other = forward(*arguments)
    _apart(arguments, (value, other))
    for array in arrays(value):
        for tangent_of in arrays(other):
            assert not np.shares_memory(array, tangent_of), "y and y_dot share memory"
    return y_dot


def _back(
    back: Any, point: Point, expected: Any, found: Slope | None, y_dot: Any
) -> Any:
    """The adjoints, held against the tangent."""
    rng = np.random.default_rng(6)
    if np.all(np.isfinite(flat(y_dot))):
        along = _along(point, found)
        check_adjoint(back, point, along, expected, y_dot, rng, 1e-9)
    seed = direction(expected.value, np.random.default_rng(6))
    (name,) = seed_names(back, point.signature, {})
    arguments = copy.deepcopy([*point.arguments.values(), seed])
    value, bars = back(*arguments[:-1], **{name: arguments[-1]})
    _apart(arguments, (value, bars))
    return bars


def _apart(arguments: Any, results: Any) -> None:
    """What is handed out does not lie in what was handed in."""
    handed = arrays(arguments)
    for array in arrays(results):
        for other in handed:
            assert not np.shares_memory(array, other), "memory of an argument"


def _same(a: Any, b: Any, what: str) -> None:
    left, right = flat(a), flat(b)
    assert left.shape == right.shape, f"{what}: {b} for {a}"
    small = any(np.asarray(leaf).dtype.itemsize < 8 for leaf in leaves((a, b)).values())
    scale = np.max(np.abs(left[np.isfinite(left)]), initial=1.0)
    if not np.allclose(
        left, right, 1e-4 if small else 1e-9, (1e-4 if small else 1e-11) * scale, True
    ):
        raise AssertionError(f"{what}: {b} for {a}")


def _subset(function: Any, point: Point, bars: Any, number: int) -> None:
    """A gradient by one argument is that of all."""
    at = number // 3 % len(point.wrt)
    part = Point(point.signature, point.arguments, (point.wrt[at],))
    back = adjoint(function, part.wrt)
    y_bar = direction(
        outcome(lambda: part.call(function)).value, np.random.default_rng(6)
    )
    (name,) = seed_names(back, point.signature, {})
    _, (bar,) = part.call(back, None, **{name: copy.deepcopy(y_bar)})
    _same(bars[at], bar, f"by {part.wrt[0]} alone")


def _second(reverse: Any, point: Point, expected: Any, second: str) -> None:
    (y_bar,) = seed_names(reverse, point.signature, {})
    seed = direction(expected.value, np.random.default_rng(6))
    inner = point.holding(**{y_bar: seed})
    if not np.all(np.isfinite(flat(inner.call(reverse)))):
        return
    rng = np.random.default_rng(5)
    found = slope(inner, reverse, rng)
    if found is not None:
        forward, back = tangent(reverse, point.wrt), adjoint(reverse, point.wrt)
        back = back if second == "both" else None
        judge(forward, back, inner, found, rng, 1e-4, "second order")
