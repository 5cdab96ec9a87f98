"""The exact half of `check`: generated code and primal on symbols, compared by sympy.

With symbols for tangents and seeds, the generated functions give linear forms:

    jvp:  y_dot = sum over x of (dy/dx) x_dot        claim: d y_dot / d x_dot == dy/dx
    vjp:  x_bar = sum over y of y_bar (dy/dx)        claim: d x_bar / d y_bar == dy/dx

for every entry, and that nothing is left of a form when its seeds are zero.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

import numpy as np

from s2sad.proof.exact import NotSymbolic, Num, Path, following, lift, symbol
from s2sad.proof.leaves import Arguments, entries, leaves, mapped
from s2sad.proof.rebind import Rebinder
from s2sad.proof.replay import Replay
from s2sad.proof.sympy_side import Claim, ask

MOST_SYMBOLS = 64  # entries of all arguments together
MOST_CLAIMS = 4000


@dataclass
class Exact:
    """What came of it: a verdict per (output, input), and on which conditions."""

    verdicts: dict[tuple[str, str], str] = field(default_factory=dict)
    assumed: list[str] = field(default_factory=list)
    kinks: list[str] = field(default_factory=list)
    why_not: str = ""
    undecided: int = 0


@dataclass
class Board:
    """Symbols that stand for numbers, with the numbers they stand for."""

    values: dict[str, float] = field(default_factory=dict)

    def symbol(self, name: str, value: Any) -> Num:
        self.values[name] = float(value)
        return symbol(name, value)

    def leaf(self, name: str, leaf: Any, like: float | None = None) -> Any:
        """A leaf of symbols, one for each entry."""
        if isinstance(leaf, np.ndarray):
            made = np.empty(leaf.shape, dtype=object)
            for (part, number), index in zip(
                entries(name, leaf), np.ndindex(*leaf.shape)
            ):
                made[index] = self.symbol(part, number if like is None else like)
            return made
        return self.symbol(name, leaf if like is None else like)


def prove(
    f: Callable,
    tangent: FunctionType,
    adjoint: FunctionType,
    arguments: Arguments,
    wrt: list[str],
    seconds: float,
) -> Exact:
    """Run all three on symbols and have sympy compare them."""
    found = Exact()
    path = Path()
    try:
        with following(path):
            claims, rows, board = _claims(f, tangent, adjoint, arguments, wrt)
    except NotSymbolic as error:
        found.why_not = f"no exact form of {error}"
        return found
    except RecursionError:
        found.why_not = "the exact run nests too deep"
        return found
    except Exception as error:
        found.why_not = f"the exact run stopped: {type(error).__name__}: {error}"
        return found
    found.assumed, found.kinks = list(path.conditions), list(path.kinks)
    begun = time.monotonic()
    verdicts = ask(claims, board.values, {}, seconds)
    again = [i for i, verdict in enumerate(verdicts) if verdict == "undecided"]
    left = seconds - (time.monotonic() - begun)
    if again and left > 1:
        # The signs of the given arguments often settle what real symbols leave open.
        signs = _signs(board)
        settled = ask([claims[i] for i in again], board.values, signs, left)
        for i, verdict in zip(again, settled):
            verdicts[i] = verdict
        if "proved" in settled:
            found.assumed = list(dict.fromkeys([*found.assumed, *_assumed(signs)]))
    for key, numbers in rows.items():
        ours = {verdicts[number] for number in numbers}
        worst = [v for v in ("differs", "undecided") if v in ours]
        found.verdicts[key] = worst[0] if worst else "proved"
    found.undecided = verdicts.count("undecided")
    return found


def _signs(board: Board) -> dict[str, str]:
    values = board.values.items()
    return {name: "positive" if v > 0 else "negative" for name, v in values if v}


def _assumed(signs: dict[str, str]) -> list[str]:
    """The signs of arguments as conditions; seeds are not worth a mention."""
    return [
        f"{name} {'>' if sign == 'positive' else '<'} 0"
        for name, sign in signs.items()
        if not name.startswith("d ")
    ]


def _claims(
    f: Callable,
    tangent: FunctionType,
    adjoint: FunctionType,
    arguments: Arguments,
    wrt: list[str],
) -> tuple[list[Claim], dict[tuple[str, str], list[int]], Board]:
    board = Board()
    symbols = {
        name: mapped(value, board.leaf, name, ints=name in wrt)
        for name, value in arguments.values.items()
    }
    if len(board.values) > MOST_SYMBOLS:
        raise NotSymbolic(
            f"{len(board.values)} symbols (at most {MOST_SYMBOLS} are tried)"
        )

    def fresh(values: dict[str, Any]) -> dict[str, Any]:
        copied = lambda _, leaf: leaf.copy() if isinstance(leaf, np.ndarray) else leaf
        return {name: mapped(value, copied, name) for name, value in values.items()}

    again = Replay(f, arguments.values)

    def call(function: Callable) -> Any:
        again()  # the same random draws
        return arguments.call(function, fresh(symbols))

    rebinder = Rebinder()
    primal = call(rebound(f, rebinder))

    seed = lambda name, leaf: board.leaf(f"d {name}", leaf, like=1.0)
    tangents = [mapped(symbols[name], seed, name, rest=None) for name in wrt]
    y, y_dot = call(_with_seeds(rebinder.function(tangent), tangent, tangents))
    y_bar = mapped(primal, seed, "y", ints=True, rest=None)
    y_again, bars = call(_with_seeds(rebinder.function(adjoint), adjoint, [y_bar]))

    claims: list[Claim] = []
    rows: dict[tuple[str, str], list[int]] = {}
    outs = leaves(primal, "y", ints=True)
    ins = [pair for name in wrt for pair in leaves(symbols[name], name)]
    dots = leaves(y_dot, "y", ints=True)
    in_bars = [
        pair for name, bar in zip(wrt, bars) for pair in leaves(bar, name, ints=True)
    ]
    _same_shapes("y_dot", outs, dots)
    _same_shapes("bars", ins, in_bars)

    def claim(key: tuple[str, str], made: Claim) -> None:
        rows.setdefault(key, []).append(len(claims))
        claims.append(made)
        if len(claims) > MOST_CLAIMS:
            raise NotSymbolic(f"more than {MOST_CLAIMS} comparisons")

    tangent_seeds = tuple(f"d {n}" for i in ins for n, _ in entries(*i))
    out_seeds = tuple(f"d {n}" for o in outs for n, _ in entries(*o))
    for (out, value), (_, dot) in zip(outs, dots):
        pairs = list(zip(entries(out, value), entries(out, dot)))
        for (in_, x), (_, bar) in zip(ins, in_bars):
            key = (out, in_)
            for (y_name, number), (_, y_tangent) in pairs:
                number, y_tangent = lift(number), lift(y_tangent)
                for (x_name, _), (_, x_bar) in zip(entries(in_, x), entries(in_, bar)):
                    claim(key, Claim(y_tangent, f"d {x_name}", number, x_name))
                    claim(key, Claim(lift(x_bar), f"d {y_name}", number, x_name))
            for _, x_bar in entries(in_, bar):
                claim(key, Claim(lift(x_bar), seeds=out_seeds))
            for _, (_, y_tangent) in pairs:
                claim(key, Claim(lift(y_tangent), seeds=tangent_seeds))
        for other in (y, y_again):
            for (_, same), ((_, number), _) in zip(
                entries(out, dict(leaves(other, "y", ints=True))[out]), pairs
            ):
                for in_, _ in ins:
                    claim((out, in_), Claim(lift(same), None, lift(number), None))
    return claims, rows, board


def _same_shapes(what: str, wanted: list, got: list) -> None:
    shapes = lambda pairs: [(name, np.shape(leaf)) for name, leaf in pairs]
    if shapes(wanted) != shapes(got):
        raise ValueError(f"{what}: {shapes(got)} where {shapes(wanted)} was expected")


def _with_seeds(run: Callable, original: Callable, seeds: list[Any]) -> Callable:
    """`run` with its last parameters, the seeds, given by name."""
    names = seed_names(original, len(seeds))
    return lambda *args, **kwargs: run(*args, **kwargs, **dict(zip(names, seeds)))


def seed_names(function: Callable, count: int) -> list[str]:
    """Seeds come last; `**kwargs` of the user's come after everything."""
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    names = [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind not in kinds
    ]
    return names[len(names) - count :]


def rebound(f: Callable, rebinder: Rebinder) -> Callable:
    """The user's function, or a library's, on exact numbers."""
    if isinstance(f, FunctionType):
        return rebinder.function(f)
    made = rebinder.value(f)
    if made is f:
        raise NotSymbolic(f"a {type(f).__name__}")
    return made
