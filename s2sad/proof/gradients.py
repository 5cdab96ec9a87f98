"""`check_grads(f, args, order, modes)`: an AssertionError if derivatives are wrong."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from s2sad.proof.leaves import leaves
from s2sad.proof.numeric import extrapolated, quiet, random_like, shifted


def check_grads(
    f: Callable,
    args: Sequence[Any],
    order: int = 1,
    modes: Sequence[str] = ("fwd", "rev"),
    atol: float | None = None,
    rtol: float | None = None,
    eps: float | None = None,
    *,
    jvp: Callable,
    vjp: Callable,
) -> None:
    """Compare derivatives up to `order` with differences along random directions.

    As in JAX: every argument is differentiated, `modes` are "fwd" and "rev", and with
    order 2 the derivative functions are checked in turn. `jvp` and `vjp` are the
    operators of those names. `eps` is accepted and not needed: steps are extrapolated.
    """
    unknown = set(modes) - {"fwd", "rev"}
    if unknown:
        raise ValueError(f"modes are 'fwd' and 'rev', not {sorted(unknown)}")
    if order < 1:
        raise ValueError("order is 1 or more")
    rng = random.Random(0)
    # What a difference is good for falls with every order.
    rtol = 10.0 ** (-6 + order - 1) if rtol is None else rtol
    atol = rtol if atol is None else atol
    args = tuple(float(arg) if type(arg) is int else arg for arg in args)
    _check(f, args, order, tuple(modes), atol, rtol, rng, jvp, vjp, "f")


def _check(
    f: Callable,
    args: tuple,
    order: int,
    modes: tuple[str, ...],
    atol: float,
    rtol: float,
    rng: random.Random,
    jvp: Callable,
    vjp: Callable,
    name: str,
) -> None:
    wrt = tuple(range(len(args)))
    tangents = tuple(random_like(arg, "x", rng) for arg in args)
    with quiet():
        expected = _difference(f, args, tangents)
    for mode in modes:
        label = f"{mode} of {name}"
        if mode == "fwd":
            y, y_dot = jvp(f, args, tangents, wrt=wrt)
            _compare(y_dot, expected, atol, rtol, label)

            def derived(*xs: Any, _v: tuple = tangents) -> Any:
                return jvp(f, xs, _v, wrt=wrt)[1]
        else:
            y, pullback = vjp(f, *args, wrt=wrt)
            y_bar = random_like(y, "y", rng)
            bars = pullback(y_bar)
            left = _dot(leaves(y_bar, "y"), expected)
            right = sum(
                _dot(leaves(bar, "x"), [leaf for _, leaf in leaves(v, "x")])
                for bar, v in zip(bars, tangents)
            )
            _close(np.asarray(right), np.asarray(left), atol, rtol, label)

            def derived(*xs: Any, _u: Any = y_bar) -> Any:
                return vjp(f, *xs, wrt=wrt)[1](_u)

        if order > 1:
            _check(derived, args, order - 1, modes, atol, rtol, rng, jvp, vjp, label)


def _difference(f: Callable, args: tuple, tangents: tuple) -> list[Any]:
    """The result's tangent by extrapolated differences, leaf by leaf."""
    names = [f"x{i}" for i in range(len(args))]
    values, direction = dict(zip(names, args)), dict(zip(names, tangents))

    def along(t: float) -> list[Any]:
        moved = f(*shifted(values, direction, t).values())
        return [
            np.asarray(leaf, dtype=float) for _, leaf in leaves(moved, "y", ints=True)
        ]

    at = [np.shape(part) for part in along(0.0)]
    sizes = np.cumsum([0, *(int(np.prod(shape)) for shape in at)])
    flat = lambda t: np.concatenate(
        [part.ravel() for part in along(t)] or [np.zeros(0)]
    )
    estimate, _ = extrapolated(flat)
    parts = [
        estimate[a:b].reshape(shape) for a, b, shape in zip(sizes[:-1], sizes[1:], at)
    ]
    return parts


def _dot(named: list[tuple[str, Any]], others: list[Any]) -> float:
    return sum(float(np.sum(np.asarray(a) * b)) for (_, a), b in zip(named, others))


def _compare(
    y_dot: Any, expected: list[Any], atol: float, rtol: float, label: str
) -> None:
    got = [leaf for _, leaf in leaves(y_dot, "y", ints=True)]
    if len(got) != len(expected):
        raise AssertionError(
            f"{label}: {len(got)} tangents for {len(expected)} results"
        )
    for a, b in zip(got, expected):
        _close(np.asarray(a), b, atol, rtol, label)


def _close(got: Any, expected: Any, atol: float, rtol: float, label: str) -> None:
    if got.shape != expected.shape:
        raise AssertionError(f"{label}: shape {got.shape}, expected {expected.shape}")
    if not np.allclose(got, expected, rtol=rtol, atol=atol):
        worst = float(np.max(np.abs(got - expected)))
        raise AssertionError(
            f"{label}: derivative and difference are {worst:.2e} apart\n"
            f"derivative: {got}\ndifference: {expected}"
        )
