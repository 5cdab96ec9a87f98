"""What holds of every derivative, at one point.

jvp   the value is the primal's; the tangent is what extrapolated differences give
vjp   the value is the primal's; <y_bar, J v> is <J^T y_bar, v>; nothing is shared
both  the caller's arguments and seeds stay as they were
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.harness.values import (
    Outcome,
    arrays,
    direction,
    dot,
    flat,
    is_real,
    leaves,
    moved,
    outcome,
    same,
    single,
)


@dataclass(frozen=True)
class Point:
    """One call of a function: its arguments by parameter name, and what is varied."""

    signature: inspect.Signature
    arguments: Mapping[str, Any]
    wrt: tuple[str, ...]  # names or paths, as s2sad takes them
    differences: bool = True  # False where the derivative is not that of the value
    seeds: Mapping[str, Any] = field(default_factory=dict)  # by keyword, kept fixed

    def call(self, f: Callable, values: Mapping[str, Any] | None = None, **seeds: Any):
        values = copy.deepcopy(dict(self.arguments if values is None else values))
        bound = inspect.BoundArguments(self.signature, values)  # type: ignore[arg-type]
        return f(*bound.args, **bound.kwargs, **self.seeds, **seeds)

    def varied(self) -> list[Any]:
        """The value at each place of wrt; a whole number counts as real there."""
        return [_place(self.arguments, place) for place in self.wrt]

    def moved(self, along: Sequence[Any], step: float) -> dict[str, Any]:
        values = copy.deepcopy(dict(self.arguments))
        for place, v in zip(self.wrt, along, strict=True):
            far = moved(_real(_place(values, place)), v, step)
            values = _placed(values, place, far)
        return {name: moved_to_double(value) for name, value in values.items()}

    def holding(self, **seeds: Any) -> Point:
        """The same point for a function that takes these seeds as well."""
        return Point(
            self.signature,
            self.arguments,
            self.wrt,
            self.differences,
            {**self.seeds, **seeds},
        )


def moved_to_double(value: Any) -> Any:
    """Single precision is made double, so that differences mean something."""
    if not single(value):
        return value
    return moved(value, direction(value, np.random.default_rng(0)), 0.0)


def _real(value: Any) -> Any:
    return float(value) if type(value) is int else value


def _place(arguments: Mapping[str, Any], place: str) -> Any:
    return eval(place, {}, dict(arguments))  # a name, or `params['w']`


def _placed(arguments: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    exec(f"{place} = value", {"value": value}, arguments)
    return arguments


# ---- one function, its tangent function, its adjoint function ------------------------


def seed_names(
    derived: Callable, f: inspect.Signature, held: Mapping[str, Any]
) -> list:
    """The parameters that a derived function adds."""
    names = inspect.signature(derived).parameters
    return [name for name in names if name not in f.parameters and name not in held]


def check_point(
    primal: Callable | None,
    tangent: Callable | None,
    adjoint: Callable | None,
    point: Point,
    rng: np.random.Generator,
    rtol: float = 1e-6,
) -> None:
    """Everything at the top of this file; AssertionError if it does not hold.

    Without `tangent` the adjoint is held against differences. Where the primal raises,
    its derivatives raise the same.
    """
    expected = outcome(lambda: point.call(primal))
    along = [direction(_real(value), rng) for value in point.varied()]
    if expected.raised:
        y_dot = None
    elif point.differences:
        y_dot = differences(lambda h: point.call(primal, point.moved(along, h)))
    elif tangent is None:
        return
    else:
        y_dot = None
    if tangent is not None:
        exact = check_tangent(tangent, point, along, expected, y_dot, rtol)
    if adjoint is not None and tangent is not None:
        check_adjoint(adjoint, point, along, expected, exact, rng, 1e-9)
    elif adjoint is not None:
        check_adjoint(adjoint, point, along, expected, y_dot, rng, rtol)


def check_tangent(tangent, point, along, expected, y_dot, rtol) -> Any:
    names = seed_names(tangent, point.signature, point.seeds)
    assert len(names) == len(along), f"one tangent for each place: {names}"
    seeds = dict(zip(names, copy.deepcopy(along), strict=True))
    arguments = copy.deepcopy(dict(point.arguments))
    bound = inspect.BoundArguments(point.signature, arguments)  # type: ignore[arg-type]
    got = outcome(lambda: tangent(*bound.args, **bound.kwargs, **point.seeds, **seeds))
    raises_as(got, expected, "jvp")
    untouched(arguments, dict(point.arguments), "jvp changes an argument")
    assert got.printed == expected.printed, f"jvp prints\n{got.printed}"
    if expected.raised:
        return None
    assert isinstance(got.value, tuple) and len(got.value) == 2, (
        f"jvp gives {got.value}"
    )
    value, exact = got.value
    assert close(value, expected.value, 1e-12), (
        f"jvp: value {value} for {expected.value}"
    )
    untouched([*seeds.values()], along, "jvp changes a seed")
    if y_dot is not None:
        assert tangent_close(exact, y_dot, rtol, single((along, expected.value))), (
            f"jvp: tangent {exact}, differences say {y_dot}"
        )
    return exact


def check_adjoint(adjoint, point, along, expected, y_dot, rng, rtol) -> None:
    names = seed_names(adjoint, point.signature, point.seeds)
    assert len(names) == 1, f"one cotangent: {names}"
    y_bar = direction(expected.value, rng) if not expected.raised else 1.0
    seed = copy.deepcopy(y_bar)
    arguments = copy.deepcopy(dict(point.arguments))
    bound = inspect.BoundArguments(point.signature, arguments)
    got = outcome(
        lambda: adjoint(*bound.args, **bound.kwargs, **point.seeds, **{names[0]: seed})
    )
    raises_as(got, expected, "vjp")
    assert got.printed == expected.printed, f"vjp prints\n{got.printed}"
    untouched(arguments, dict(point.arguments), "vjp changes an argument")
    if expected.raised:
        return
    assert isinstance(got.value, tuple) and len(got.value) == 2, (
        f"vjp gives {got.value}"
    )
    value, bars = got.value
    assert close(value, expected.value, 1e-12), (
        f"vjp: value {value} for {expected.value}"
    )
    untouched(seed, y_bar, "vjp changes its seed")
    assert len(bars) == len(along), f"one adjoint for each place: {bars}"
    for place, bar, x in zip(point.wrt, bars, point.varied(), strict=True):
        like(bar, x, place)
    alone(bars, (arguments, seed, value))
    left, right = dot(y_bar, y_dot), dot(tuple(bars), tuple(along))
    scale = np.linalg.norm(flat(y_bar)) * np.linalg.norm(flat(y_dot))
    scale += np.linalg.norm(flat(tuple(bars))) * np.linalg.norm(flat(tuple(along)))
    loose, least = rtol, 1e-12
    if single((point.varied(), expected.value)):
        loose, least = max(rtol, 1e-4), 1e-6  # zero, but for what cancels
    assert same(left, right) or abs(left - right) <= loose * scale + least, (
        f"<y_bar, y_dot> = {left!r}, <x_bar, x_dot> = {right!r}, adjoints {bars}"
    )


def raises_as(got: Outcome, expected: Outcome, what: str) -> None:
    if got.error and not expected.error:
        raise got.error
    assert got.raised == expected.raised, f"{what}: {got.raised} for {expected.raised}"


def untouched(now: Any, before: Any, complaint: str) -> None:
    assert same(now, before), f"{complaint}: {before} becomes {now}"


def like(bar: Any, x: Any, place: str) -> None:
    """A gradient has the type, dtype and shape of its argument."""
    if type(x) is int:
        assert type(bar) is float, f"{place}: {bar!r} for an int"
    elif is_real(x):
        assert type(bar) is type(x), f"{place}: {type(bar)} for {type(x)}"
        if isinstance(x, np.ndarray):
            told = f"{place}: {bar.dtype}{bar.shape} for {x.dtype}{x.shape}"
            assert (bar.dtype, bar.shape) == (x.dtype, x.shape), told
    else:
        assert type(bar) is type(x), f"{place}: {type(bar)} for {type(x)}"
        parts = leaves(bar, place)
        for name, leaf in leaves(x, place).items():
            assert name in parts, f"no gradient at {name}"
            like(parts[name], leaf, name)


def alone(bars: Any, others: Any) -> None:
    """Fresh and writable, sharing memory with nothing and not with one another."""
    found = arrays(bars)
    for number, bar in enumerate(found):
        assert bar.flags.writeable, "a gradient that cannot be written to"
        for other in [*found[:number], *arrays(others)]:
            assert not np.shares_memory(bar, other), "a gradient that shares memory"


# ---- differences ---------------------------------------------------------------------


def differences(at: Callable[[float], Any]) -> list[np.ndarray]:
    """Extrapolated central differences, for two first steps (a kink may be near)."""
    return [extrapolated(at, first) for first in (2e-3, 2e-5)]


def extrapolated(at: Callable[[float], Any], first: float) -> np.ndarray:
    rows = []
    for step in (first, first / 2, first / 4):
        far, near = outcome(lambda h=step: at(h)), outcome(lambda h=step: at(-h))
        if far.raised or near.raised:
            return np.array([np.nan])
        rows.append((flat(far.value) - flat(near.value)) / (2 * step))
    a, b, c = rows
    return (64 * c - 20 * b + a) / 45


def tangent_close(
    exact: Any, found: list[np.ndarray], rtol: float, loose: bool
) -> bool:
    rtol = max(rtol, 1e-3) if loose else rtol
    exact = flat(exact)
    for row in found:
        if row.shape != exact.shape:
            continue
        if not row.size:
            return True
        scale = max(np.max(np.abs(exact)), np.max(np.abs(row)), 1e-3)
        if np.max(np.abs(exact - row)) <= rtol * scale:
            return True
    return False


def close(a: Any, b: Any, rtol: float) -> bool:
    """Equal but for rounding (the derivative may share and hoist)."""
    left, right = flat(a), flat(b)
    if left.shape != right.shape or type(a) is not type(b):
        return False
    rtol = max(rtol, 1e-5) if single((a, b)) else rtol
    return np.allclose(left, right, rtol=rtol, atol=1e-14, equal_nan=True)
