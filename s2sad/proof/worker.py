"""The process in which sympy works; `sympy_side` starts it and may stop it.

It reads one JSON object (a graph of expressions and a list of claims) and answers a
line of JSON per claim that it decides, as soon as it has. Whoever started it may stop
it at any time; claims without an answer are undecided.

    claim = {"left": node, "seed": symbol | None, "right": node, "by": symbol | None}

reads: d left / d seed == d right / d by (left or right itself where there is no
symbol). A claim with "seeds" says that `left` is zero where those symbols are.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

import sympy

PLAIN: dict[str, Callable[..., Any]] = {
    "neg": lambda a: -a,
    "add": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
    "abs": sympy.Abs,
    "sign": sympy.sign,
    "cbrt": lambda a: sympy.sign(a) * sympy.Abs(a) ** sympy.Rational(1, 3),
    "lgamma": sympy.loggamma,
    "polygamma": sympy.polygamma,
    # The rest have sympy's own names.
    **{
        name: getattr(sympy, name)
        for name in (
            "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh "
            "exp log sqrt erf erfc gamma atan2"
        ).split()
    },
}
SPECIAL = {
    "pi": sympy.pi,
    "e": sympy.E,
    "inf": sympy.oo,
    "-inf": -sympy.oo,
    "nan": sympy.nan,
}


class Board:
    """The expressions of one request, and what has been derived from them so far."""

    def __init__(self, request: dict) -> None:
        self.symbols: dict[str, sympy.Symbol] = {}
        self.signs: dict[str, str] = request.get("signs", {})
        self.values: dict[str, float] = request["values"]
        self.nodes: list[sympy.Expr] = []
        for node in request["nodes"]:
            self.nodes.append(self.node(*node))
        self.derivatives: dict[tuple[int, str], sympy.Expr] = {}

    def symbol(self, name: str) -> sympy.Symbol:
        if name not in self.symbols:
            sign = self.signs.get(name)
            known = {sign: True} if sign else {"real": True}
            self.symbols[name] = sympy.Symbol(name, **known)
        return self.symbols[name]

    def node(self, op: str, *args: Any) -> sympy.Expr:
        if op == "const":
            return sympy.Rational(args[0])
        if op == "symbol":
            return self.symbol(args[0])
        if op == "special":
            return SPECIAL[args[0]]
        return PLAIN[op](*(self.nodes[arg] for arg in args))

    def derivative(self, number: int, by: str | None) -> sympy.Expr:
        if by is None:
            return self.nodes[number]
        key = (number, by)
        if key not in self.derivatives:
            self.derivatives[key] = sympy.diff(self.nodes[number], self.symbol(by))
        return self.derivatives[key]

    def difference(self, claim: dict) -> sympy.Expr:
        if "seeds" in claim:
            zero = {self.symbol(name): 0 for name in claim["seeds"]}
            return self.nodes[claim["left"]].subs(zero)
        left = self.derivative(claim["left"], claim["seed"])
        right = self.derivative(claim["right"], claim["by"])
        if left == right:
            return sympy.S.Zero
        return without_kinks(left) - without_kinks(right)

    def point(self, seed: int) -> dict[sympy.Symbol, sympy.Rational]:
        """Rational numbers near the given arguments."""
        rng = random.Random(seed)
        return {
            symbol: sympy.Rational(
                round((self.values.get(name, 1.0) or 0.1) * rng.uniform(800, 1200)),
                1000,
            )
            for name, symbol in self.symbols.items()
        }


def without_kinks(expression: sympy.Expr) -> sympy.Expr:
    """Away from kinks a delta is 0 and a step has no slope."""
    if not expression.has(sympy.DiracDelta, sympy.Derivative, sympy.Subs):
        return expression
    return (
        expression.replace(sympy.DiracDelta, lambda *args: sympy.S.Zero)
        .doit()
        .replace(sympy.DiracDelta, lambda *args: sympy.S.Zero)
    )


def differs(board: Board, difference: sympy.Expr) -> bool:
    """Is it clearly not zero at some point near the arguments?"""
    for seed in range(3):
        value = difference.evalf(30, subs=board.point(seed), maxn=120)
        number = sympy.N(value)
        if number.is_number and number.is_finite and abs(number) > 1e-12:
            return True
    return False


def first_look(board: Board, claim: dict) -> tuple[str, sympy.Expr]:
    """What shows at once, or "open"; and the difference of the two sides."""
    difference = board.difference(claim)
    if difference == 0:
        return "proved", difference
    if difference.has(sympy.nan, sympy.zoo, sympy.oo):
        return "undecided", difference
    if differs(board, difference):
        return "differs", difference
    return "open", difference


def cancelled(expression: sympy.Expr) -> sympy.Expr:
    return sympy.expand(sympy.fraction(sympy.together(expression))[0])


def exponentials(expression: sympy.Expr) -> sympy.Expr:
    return sympy.simplify(sympy.expand(expression.rewrite(sympy.exp)))


# From quick to thorough. All claims are tried by one before any by the next, so that a
# hard claim does not take the time of easy ones.
TIDY: tuple[Callable[[sympy.Expr], sympy.Expr], ...] = (
    sympy.expand,
    cancelled,
    sympy.simplify,
    exponentials,
)


def answers(board: Board, claims: list[dict]) -> Iterator[tuple[int, str]]:
    """Number and verdict of each claim that is decided."""
    left: dict[int, sympy.Expr] = {}
    for number, claim in enumerate(claims):
        try:
            verdict, difference = first_look(board, claim)
        except Exception:  # one of sympy's own limits: this claim stays undecided
            continue
        if verdict == "open":
            left[number] = difference
        else:
            yield number, verdict
    for tidy in TIDY:
        for number, difference in list(left.items()):
            try:
                zero = tidy(difference) == 0
            except Exception:
                continue
            if zero:
                del left[number]
                yield number, "proved"


def main() -> None:
    sys.setrecursionlimit(20_000)
    request = json.load(sys.stdin)
    for number, verdict in answers(Board(request), request["claims"]):
        print(json.dumps({"claim": number, "verdict": verdict}), flush=True)


if __name__ == "__main__":
    main()
