"""Is every derivative of a program right? What can't be judged here is discarded."""

from __future__ import annotations

import hashlib
import inspect
import linecache
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from s2sad import S2sadError, adjoint, tangent
from tests.harness.numeric import (
    Point,
    check_adjoint,
    check_tangent,
    differences,
    seed_names,
)
from tests.harness.values import Outcome, direction, flat, outcome

ARGUMENTS: dict[str, Any] = {
    "x": 0.37,
    "y": -0.81,
    "a": np.array([0.23, 1.19, -0.58, 0.44]),
    "b": np.array([-0.94, 0.41, 0.66, -0.27]),
    "m": np.array(
        [
            [0.31, -0.62, 0.85, 0.12],
            [-0.43, 0.77, 0.28, -0.91],
            [0.53, 0.15, -0.34, 0.69],
        ]
    ),
    "n": 3,
    "q": [0.3, -0.6, 0.8],
    "p": {"s": 0.45, "w": np.array([0.6, -0.3, 0.9, 0.2])},
}


class Discarded(Exception):
    """Differences say nothing here: a kink is near, the numbers are too large, or the
    program raises by itself.
    """


class Refused(Exception):
    """s2sad says no; the reason is the code of the first complaint."""


class Wrong(AssertionError):
    """The derivative is wrong, or there is none and no refusal either."""


class Endless(BaseException):
    """Out of time; no `except Exception` on the way takes it for an answer."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """So much processor time; what takes longer will not end, which is wrong, too."""

    def stop(number: int, frame: Any) -> None:
        raise Endless

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    except Endless as late:
        raise Wrong(f"does not end within {seconds:g} s") from late
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)


def defined(text: str) -> Callable[..., Any]:
    """The function `program` of that text, whose source can be found."""
    filename = f"<program {hashlib.sha256(text.encode()).hexdigest()[:12]}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    space = {"__name__": "random_program"}
    exec(compile(text, filename, "exec"), space)
    return space["program"]


def points(
    program: Callable[..., Any], wrt: tuple[str, ...], count: int
) -> list[Point]:
    """The arguments above, and others on which the program goes other ways."""
    signature = inspect.signature(program)
    rng = np.random.default_rng(3)
    found = []
    for number in range(count):
        values = {name: ARGUMENTS[name] for name in signature.parameters}
        if number:
            values = {k: _other(v, rng) for k, v in values.items()}
            values["n"] = (0, 2, 1)[number - 1]
        found.append(Point(signature, values, wrt))
    return found


def _other(value: Any, rng: np.random.Generator) -> Any:
    if isinstance(value, dict):
        return {key: _other(item, rng) for key, item in value.items()}
    if isinstance(value, list):
        return [_other(item, rng) for item in value]
    if isinstance(value, np.ndarray):
        return rng.uniform(-1.2, 1.2, value.shape)
    return float(rng.uniform(-1.2, 1.2)) if isinstance(value, float) else value


@dataclass(frozen=True)
class Slope:
    """What differences say of a function at a point, along one direction."""

    along: list[Any]
    value: Outcome
    rows: list[np.ndarray]  # with large and with small steps


def slope(point: Point, function: Callable[..., Any], rng: Any) -> Slope | None:
    """None where slopes with large and small steps, left and right, do not agree."""
    along = [direction(value, rng) for value in point.varied()]
    at = lambda h: point.call(function, point.moved(along, h))  # noqa: E731
    with np.errstate(over="raise", invalid="raise"):  # of what is not returned, too
        ends = outcome(lambda: (flat(at(-1e-6)), flat(at(0.0)), flat(at(1e-6))))
    if ends.raised or len({end.shape for end in ends.value}) > 1:
        return None
    left, here, right = ends.value
    far, near = differences(at)
    if far.shape != near.shape or not np.all(np.isfinite(far)):
        return None
    scale = max(1.0, np.max(np.abs(far), initial=0.0))
    turn = np.max(np.abs(right - 2 * here + left) * 1e6, initial=0.0)
    step = np.max(np.abs(far - near), initial=0.0)
    if scale > 1e4 or step > 1e-6 * scale or turn > 1e-2 * scale:
        return None
    return Slope(along, outcome(lambda: point.call(function)), [far, near])


def examine(
    text: str, wrt: tuple[str, ...], second: str = "", count: int = 3, *, seconds: float
) -> None:
    """Derivatives of the program in `text`, at a few points, in so much time.

    `second` is "", "jvp" (of the vjp too) or "both" (jvp and vjp of the vjp too).
    """
    with warnings.catch_warnings(), within(seconds):
        warnings.simplefilter("ignore")
        examine_function(defined(text), wrt, second, count)


def examine_function(
    program: Callable[..., Any], wrt: tuple[str, ...], second: str, count: int
) -> None:
    judged = [_examine(program, p, second) for p in points(program, wrt, count)]
    if not any(judged):
        raise Discarded


def _examine(program: Any, point: Point, second: str) -> bool:
    value = outcome(lambda: point.call(program))
    if value.raised:
        raise Discarded
    if not flat(value.value).size or _whole(value.value):
        return False
    rng = np.random.default_rng(5)
    found = slope(point, program, rng)
    if found is None:
        return False
    first = derived(program, point.wrt)
    judge(*first, point, found, rng, 1e-5, "first order")
    if not second:
        return True
    reverse = first[1]
    (y_bar,) = seed_names(reverse, point.signature, {})
    seed = direction(value.value, np.random.default_rng(6))
    inner = point.holding(**{y_bar: seed})
    if not np.all(np.isfinite(flat(inner.call(reverse)))):
        return True
    found = slope(inner, reverse, rng)
    if found is not None:
        forward, back = derived(reverse, point.wrt)
        back = back if second == "both" else None
        judge(forward, back, inner, found, rng, 1e-4, "second order")
    return True


_made: dict[Any, Any] = {}


def _whole(value: Any) -> bool:
    """Is any number of it whole? A sum of nothing is the int 0, which has no tangent."""
    if isinstance(value, (tuple, list)):
        return any(map(_whole, value))
    if isinstance(value, dict):
        return any(map(_whole, value.values()))
    return isinstance(value, int)


def derived(f: Any, wrt: tuple[str, ...]) -> Any:
    """Both derivatives, made once for all points."""
    found = _made.get((f, wrt))
    if found is None:
        if len(_made) > 8:
            _made.clear()
        found = _made[f, wrt] = tangent(f, wrt), adjoint(f, wrt)
    return found


def judge(
    forward: Any,
    back: Any,
    point: Point,
    found: Slope,
    rng: Any,
    rtol: float,
    what: str,
) -> None:
    """The jvp against differences, and the vjp against the jvp."""
    try:
        exact = check_tangent(
            forward, point, found.along, found.value, found.rows, rtol
        )
        if back is not None:
            check_adjoint(back, point, found.along, found.value, exact, rng, 1e-9)
    except S2sadError as error:
        if getattr(error, "code", None) is None:
            raise Wrong(f"{what}: {type(error).__name__}: {error}") from error
        raise Refused(error.code) from error
    except AssertionError as error:
        raise Wrong(f"{what}: {error}") from error
    except Exception as error:
        raise Wrong(f"{what}: {type(error).__name__}: {error}") from error
