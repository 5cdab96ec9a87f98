"""`check_grads(f, args, order, modes)`: an AssertionError if derivatives are wrong."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from s2sad.proof.leaves import leaves
from s2sad.proof.numeric import extrapolated, quiet, random_like, shifted
from s2sad.proof.replay import Replay


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
    tangent: Callable | None = None,
    adjoint: Callable | None = None,
) -> None:
    """Compare derivatives up to `order` with differences along random directions.

    As in JAX: every argument is differentiated, `modes` are "fwd" and "rev", and with
    order 2 the derivative functions are checked in turn, by their seeds, too. `eps` is
    accepted and not needed: steps are extrapolated. The rest are operators of those
    names; without `tangent` and `adjoint` the derivative functions are closures that
    call `jvp` and `vjp`.
    """
    unknown = set(modes) - {"fwd", "rev"}
    if unknown:
        raise ValueError(f"modes are 'fwd' and 'rev', not {sorted(unknown)}")
    if order < 1:
        raise ValueError("order is 1 or more")
    # What a difference is good for falls with every order.
    rtol = 10.0 ** (-6 + order - 1) if rtol is None else rtol
    checker = _Checker(
        tuple(modes),
        rtol if atol is None else atol,
        rtol,
        random.Random(0),
        jvp,
        vjp,
        tangent,
        adjoint,
    )
    args = tuple(float(arg) if type(arg) is int else arg for arg in args)
    checker.check(f, args, order, getattr(f, "__name__", "f"))


@dataclass(frozen=True)
class _Checker:
    modes: tuple[str, ...]
    atol: float
    rtol: float
    rng: random.Random
    jvp: Callable
    vjp: Callable
    tangent: Callable | None
    adjoint: Callable | None

    def check(self, f: Callable, args: tuple, order: int, name: str) -> None:
        wrt = tuple(range(len(args)))
        tangents = tuple(random_like(arg, "x", self.rng) for arg in args)
        again = Replay(f, args)
        with quiet():
            expected = _difference(f, args, tangents, again)
        for mode in self.modes:
            label = f"{mode} of {name}"
            forward = mode == "fwd"
            again()
            if forward:
                y, y_dot = self.jvp(f, args, tangents, wrt=wrt)
                self.compare(y_dot, expected, label)
                seeds = tangents
            else:
                y, pullback = self.vjp(f, *args, wrt=wrt)
                y_bar = random_like(y, "y", self.rng)
                self.balance(pullback(y_bar), tangents, y_bar, expected, label)
                seeds = (y_bar,)
            if order > 1:
                derived, at = self.derived(f, args, seeds, wrt, forward)
                self.check(derived, at, order - 1, label)

    def derived(
        self, f: Callable, args: tuple, seeds: tuple, wrt: tuple, forward: bool
    ) -> tuple[Callable, tuple]:
        """The derivative as a function to be checked, and where."""
        operator = self.tangent if forward else self.adjoint
        if operator is not None:
            return by_position(operator(f, wrt), len(args), len(seeds)), (*args, *seeds)
        if forward:
            return lambda *xs: self.jvp(f, xs, seeds, wrt=wrt)[1], args
        return lambda *xs: self.vjp(f, *xs, wrt=wrt)[1](seeds[0]), args

    def compare(self, y_dot: Any, expected: list[Any], label: str) -> None:
        got = [leaf for _, leaf in leaves(y_dot, "y", ints=True)]
        if len(got) != len(expected):
            what = f"{len(got)} tangents for {len(expected)} results"
            raise AssertionError(f"{label}: {what}")
        for a, b in zip(got, expected):
            self.close(np.asarray(a), b, label)

    def balance(
        self, bars: Any, tangents: tuple, y_bar: Any, expected: list[Any], label: str
    ) -> None:
        """<y_bar, y_dot> == <x_bar, x_dot>"""
        left = _dot(leaves(y_bar, "y"), expected)
        right = sum(
            _dot(leaves(bar, "x"), [leaf for _, leaf in leaves(v, "x")])
            for bar, v in zip(bars, tangents)
        )
        self.close(np.asarray(right), np.asarray(left), label)

    def close(self, got: Any, expected: Any, label: str) -> None:
        if got.shape != expected.shape:
            what = f"shape {got.shape}, expected {expected.shape}"
            raise AssertionError(f"{label}: {what}")
        if not np.allclose(got, expected, rtol=self.rtol, atol=self.atol):
            worst = float(np.max(np.abs(got - expected)))
            raise AssertionError(
                f"{label}: derivative and difference are {worst:.2e} apart\n"
                f"derivative: {got}\ndifference: {expected}"
            )


def by_position(derived: Callable, arguments: int, seeds: int) -> Callable:
    """A derivative function that takes its seeds after so many arguments."""
    parameters = list(inspect.signature(derived).parameters.values())
    plain = [p for p in parameters if p.kind is not p.VAR_KEYWORD]
    if all(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters):
        if len(plain) == arguments + seeds:
            return derived
    names = tuple(p.name for p in plain[len(plain) - seeds :])

    def seeded(*values: Any) -> Any:
        return derived(*values[:arguments], **dict(zip(names, values[arguments:])))

    return seeded


def _dot(named: list[tuple[str, Any]], others: list[Any]) -> float:
    return sum(float(np.sum(np.asarray(a) * b)) for (_, a), b in zip(named, others))


def _difference(
    f: Callable, args: tuple, tangents: tuple, again: Callable[[], None]
) -> list[Any]:
    """The result's tangent by extrapolated differences, leaf by leaf."""
    names = [f"x{i}" for i in range(len(args))]
    values, direction = dict(zip(names, args)), dict(zip(names, tangents))

    def along(t: float) -> list[Any]:
        again()
        moved = f(*shifted(values, direction, t).values())
        found = leaves(moved, "y", ints=True)
        return [np.asarray(leaf, dtype=float) for _, leaf in found]

    at = [np.shape(part) for part in along(0.0)]
    sizes = np.cumsum([0, *(int(np.prod(shape)) for shape in at)])
    flat = lambda t: np.concatenate(
        [part.ravel() for part in along(t)] or [np.zeros(0)]
    )
    estimate, _ = extrapolated(flat)
    return [
        estimate[a:b].reshape(shape) for a, b, shape in zip(sizes[:-1], sizes[1:], at)
    ]
