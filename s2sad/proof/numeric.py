"""The numeric half of `check`: the dot-product identity, and many differences.

At each point, with random directions v and seeds u:

    <u, J v>  from jvp   ==   <J^T u, v>  from vjp          to rounding
    J v       from jvp   ==   extrapolated central differences of f along v

Where Richardson's extrapolation is not good enough, a complex step is tried, which is
exact for analytic programs. At a kink a derivative between the two one-sided slopes is
right.
"""

from __future__ import annotations

import contextlib
import io
import math
import random
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from s2sad.proof.leaves import Arguments, dot, leaves, mapped
from s2sad.proof.replay import Replay

TOLERANCE = 1e-6  # of the derivative, against differences
DOT_TOLERANCE = 1e-9
SINGLE = 2e-2  # float32 results carry about 7 digits, a difference half of them

SLOW = 20.0  # seconds after which two points must do

Values = dict[str, Any]


@dataclass
class Miss:
    """A derivative that differences do not confirm."""

    output: str
    input: str
    derivative: Any
    difference: Any
    point: Values
    direction: Values


@dataclass
class Numbers:
    """What came of it."""

    points: int = 0
    errors: dict[tuple[str, str], float] = field(default_factory=dict)
    dot_error: float | None = None
    dot_miss: str = ""
    misses: list[Miss] = field(default_factory=list)
    kinks: int = 0
    skipped: int = 0
    why_not: str = ""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """What the user's function prints and warns of belongs to the user's own calls."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with np.errstate(all="ignore"):
            yield


def compare(
    f: Callable,
    products: Callable[[Values, list[Any]], tuple[Any, Any]],
    pullback: Callable[[Values, Any], tuple[Any, tuple]],
    arguments: Arguments,
    wrt: list[str],
    points: int,
    seed: int = 0,
) -> Numbers:
    """`products(values, tangents)` is (y, y_dot), `pullback(values, y_bar)` y, bars."""
    found = Numbers()
    rng = random.Random(seed)
    again = Replay(f, arguments.values)

    def run(values: Values) -> Any:
        again()
        return arguments.call(f, fresh(values))

    def forward(values: Values, tangents: list[Any]) -> tuple[Any, Any]:
        again()
        return products(values, tangents)

    def backward(values: Values, y_bar: Any) -> tuple[Any, tuple]:
        again()
        return pullback(values, y_bar)

    attempts = 0
    deadline = time.monotonic() + SLOW
    while found.points < points and attempts < 4 * points:
        if found.points >= 2 and time.monotonic() > deadline:
            break  # a slow function is compared at fewer points, and the report says so
        first = attempts == 0
        attempts += 1
        values = arguments.values if first else _near(arguments.values, wrt, rng)
        try:
            with quiet():
                y = run(values)
                if not _finite(y, "y"):
                    raise ArithmeticError("a result that is not finite")
                _one_point(found, run, forward, backward, values, wrt, y, rng)
        except (
            ArithmeticError,
            ValueError,
            np.linalg.LinAlgError,
            IndexError,
        ) as error:
            found.skipped += 1
            if first:
                found.why_not = f"{type(error).__name__}: {error}"
            continue
        found.points += 1
        if found.misses or found.dot_miss:
            break
    return found


def _one_point(
    found: Numbers,
    run: Callable[[Values], Any],
    products: Callable,
    pullback: Callable,
    values: Values,
    wrt: list[str],
    y: Any,
    rng: random.Random,
) -> None:
    direction = {name: random_like(values[name], name, rng) for name in wrt}
    y_bar = random_like(y, "y", rng, ints=True)
    _, y_dot = products(fresh(values), list(direction.values()))
    _, bars = pullback(fresh(values), y_bar)
    _dot_product(found, y, y_bar, y_dot, bars, direction)
    outs = [name for name, _ in leaves(y, "y", ints=True)]
    for name in wrt:
        for in_, _ in leaves(values[name], name, ints=True):
            one = _only(direction, in_)
            _, one_dot = products(fresh(values), list(one.values()))
            tangents = dict(leaves(one_dot, "y", ints=True))
            for out in outs:
                _against(found, run, values, one, out, in_, tangents.get(out), y)


def _dot_product(
    found: Numbers, y: Any, y_bar: Any, y_dot: Any, bars: tuple, direction: Values
) -> None:
    left = dot(y_bar, y_dot)
    right = sum(dot(bar, v) for bar, v in zip(bars, direction.values()))
    if not (math.isfinite(left) and math.isfinite(right)):
        raise ArithmeticError("a derivative that is not finite")
    scale = _size(y_bar) * _size(y_dot) + sum(
        _size(bar) * _size(v) for bar, v in zip(bars, direction.values())
    )
    error = abs(left - right) / scale if scale else 0.0
    found.dot_error = max(found.dot_error or 0.0, error)
    if error > (SINGLE if _single([y, *bars]) else DOT_TOLERANCE):
        found.dot_miss = (
            "jvp and vjp disagree: "
            f"<y_bar, y_dot> = {left!r}, <x_bar, x_dot> = {right!r}"
        )


def _against(
    found: Numbers,
    run: Callable[[Values], Any],
    values: Values,
    direction: Values,
    out: str,
    in_: str,
    tangent: Any,
    y: Any,
) -> None:
    """One output's tangent along one input, against differences."""

    def along(t: Any) -> Any:
        moved = run(shifted(values, direction, t))
        return np.asarray(dict(leaves(moved, "y", ints=True))[out])

    value = dict(leaves(y, "y", ints=True))[out]
    tangent = np.zeros(np.shape(value)) if tangent is None else np.asarray(tangent)
    estimate, spread = extrapolated(along)
    tolerance = SINGLE if _single([value, values]) else TOLERANCE
    scale = max(_largest(tangent), _largest(estimate), 1e-8 * _largest(value), 1e-12)
    error = _largest(tangent - estimate) / scale
    if error > 1e-9:
        error = min(error, _complex_error(along, tangent, value, scale))
    key = (out, in_)
    if error > max(tolerance, min(10 * spread / scale, 1e-3)):
        if _at_kink(along, tangent, value, scale):
            found.kinks += 1
            return
        found.misses.append(
            Miss(out, in_, tangent[()], estimate[()], values, direction)
        )
    found.errors[key] = max(found.errors.get(key, 0.0), float(error))


def extrapolated(along: Callable[[float], Any]) -> tuple[Any, float]:
    """Ridders' way: central differences with falling steps, extrapolated to none.

    The estimate with the least spread between its neighbours, and that spread.
    """
    step, shrink, rows = 0.03, 1.8, 9
    table: list[list[Any]] = []
    best, best_error = None, math.inf
    for i in range(rows):
        row = [(along(step) - along(-step)) / (2 * step)]
        factor = shrink * shrink
        for j in range(i):
            row.append((row[j] * factor - table[i - 1][j]) / (factor - 1))
            factor *= shrink * shrink
            error = max(_largest(row[-1] - row[j]), _largest(row[-1] - table[i - 1][j]))
            if error <= best_error:
                best, best_error = row[-1], error
        if (
            i
            and _largest(row[-1] - table[i - 1][-1]) > 4 * best_error
            and best_error < 1e-9
        ):
            break
        table.append(row)
        step /= shrink
    if best is None or not np.all(np.isfinite(best)):
        raise ArithmeticError("differences that are not finite")
    return np.asarray(best), best_error


def _complex_error(along: Callable, tangent: Any, value: Any, scale: float) -> float:
    """Relative error against a complex step, or inf where that says nothing."""
    h = 1e-30
    try:
        moved = along(1j * h)
    except Exception:
        return math.inf
    if moved.dtype.kind != "c" or _largest(moved.real - value) > 1e-9 * _largest(value):
        return math.inf
    return _largest(moved.imag / h - tangent) / scale


def _at_kink(along: Callable, tangent: Any, value: Any, scale: float) -> bool:
    """Are the slopes on both sides different, with the tangent between them?"""
    h = 1e-6
    right, left = (along(h) - value) / h, (value - along(-h)) / h
    if _largest(right - left) < 1e-3 * scale:
        return False
    low, high = np.minimum(left, right), np.maximum(left, right)
    room = 1e-4 * scale
    return bool(np.all((tangent >= low - room) & (tangent <= high + room)))


# ---- points and directions -----------------------------------------------------------


def _copied(_: str, leaf: Any) -> Any:
    return leaf.copy() if isinstance(leaf, np.ndarray) else leaf


def fresh(values: Values) -> Values:
    """Copies, so that a function that writes to its arguments does no harm."""
    return {name: mapped(value, _copied, name) for name, value in values.items()}


def shifted(values: Values, direction: Values, t: Any) -> Values:
    """The point at `t` along the direction."""
    moved = dict(values)
    for name, along in direction.items():
        table = dict(leaves(along, name, ints=True))

        def move(part: str, leaf: Any, table: dict[str, Any] = table) -> Any:
            return leaf + t * table[part] if part in table else leaf

        moved[name] = mapped(values[name], move, name, ints=True)
    return moved


def _only(direction: Values, leaf_name: str) -> Values:
    """The direction with all other leaves zero."""
    pick = lambda part, leaf: leaf if part == leaf_name else leaf * 0
    return {name: mapped(value, pick, name) for name, value in direction.items()}


def random_like(value: Any, name: str, rng: random.Random, ints: bool = True) -> Any:
    """Numbers of size one in the shape of the value; None for what is not real."""

    def draw(_: str, leaf: Any) -> Any:
        if isinstance(leaf, np.ndarray):
            numbers = [
                rng.choice((-1, 1)) * rng.uniform(0.5, 1.5) for _ in range(leaf.size)
            ]
            return np.array(numbers, dtype=leaf.dtype).reshape(leaf.shape)
        made = rng.choice((-1, 1)) * rng.uniform(0.5, 1.5)
        return type(leaf)(made) if isinstance(leaf, np.floating) else made

    return mapped(value, draw, name, ints=ints, rest=None)


def _near(values: Values, wrt: list[str], rng: random.Random) -> Values:
    """A random point near the given one, on the same side of 0."""

    def move(_: str, leaf: Any) -> Any:
        if isinstance(leaf, np.ndarray):
            parts = [rng.uniform(0.75, 1.25) for _ in range(leaf.size)]
            shake = [rng.uniform(-0.05, 0.05) * (x == 0) for x in leaf.ravel()]
            new = leaf.ravel() * np.array(parts) + np.array(shake)
            return new.reshape(leaf.shape).astype(leaf.dtype)
        made = leaf * rng.uniform(0.75, 1.25) + (
            rng.uniform(-0.05, 0.05) if not leaf else 0
        )
        return type(leaf)(made) if isinstance(leaf, np.floating) else float(made)

    return {
        name: mapped(value, move, name, ints=name in wrt)
        for name, value in values.items()
    }


def _largest(x: Any) -> float:
    x = np.abs(np.asarray(x))
    return float(np.max(x)) if x.size else 0.0


def _size(x: Any) -> float:
    return math.sqrt(
        sum(float(np.sum(np.square(leaf))) for _, leaf in leaves(x, "", True))
    )


def _finite(value: Any, name: str) -> bool:
    return all(np.all(np.isfinite(leaf)) for _, leaf in leaves(value, name, True))


def _single(value: Any) -> bool:
    """Is any number in it of single precision or less?"""
    return any(
        getattr(leaf, "dtype", np.dtype(float)).itemsize < 8
        for _, leaf in leaves(value, "")
    )
