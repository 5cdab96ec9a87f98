"""What the figures should be, and what they are: one line for each bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.derivation import GUARDED
from tests.benchmarks.measure import ratio
from tests.benchmarks.tables import geometric, memory, memory_2, seconds, table

Row = dict[str, Any]
Figure = Callable[[Row], "float | None"]

PYTHON, NUMBA = 1.15, 1.2
"""Above these a row stands in the page of texts, side by side."""


@dataclass(frozen=True)
class Bar:
    what: str
    limit: float
    figure: Figure
    mean: bool = False  # of all rows; else the worst row
    rows: Callable[[Row], bool] = lambda row: True
    least: bool = False  # the figure should be at least this, not at most

    def judged(self, rows: Iterable[Row]) -> list[str]:
        found = [(self.figure(row), row["name"]) for row in rows if self.rows(row)]
        known = [(value, name) for value, name in found if value is not None]
        sign = ">=" if self.least else "<="
        wanted = f"{sign} {self.limit:g}"
        if not known:
            return [self.what, wanted, "", "not there"]
        missing = len(found) - len(known)
        if self.mean:
            value, of = geometric([v for v, _ in known]), f"{len(known)} rows"
        else:
            value, of = min(known) if self.least else max(known)
        assert value is not None
        met = value >= self.limit if self.least else value <= self.limit
        verdict = "met" if met else "not met"
        lacking = f", {missing} without" if missing and self.mean else ""
        return [self.what, wanted, f"{value:.3g} ({of}{lacking})", verdict]


def of(column: str, to: str) -> Figure:
    return lambda row: ratio(row["samples"], column, to)


def numba_cost(row: Row) -> float | None:
    """How far above what is allowed: 4 times its primal, or 1.2 times the one by hand."""
    own = ratio(row["samples"], "ours Numba", "primal Numba")
    hand = ratio(row["samples"], "hand Numba", "primal Numba")
    if own is None or hand is None:
        return None
    return own / max(4.0, 1.2 * hand)


def arrays(row: Row) -> bool:
    return row["kind"] in ("arrays", "dense")


def loops(row: Row) -> bool:
    return row["kind"] == "loops"


def tiny(row: Row) -> bool:
    """Is the call itself what takes the time? 300 ns where one by hand takes 150."""
    return row["workload"] == "function of two numbers"


def body(row: Row) -> bool:
    return not tiny(row)


BARS = [
    Bar("ours / hand, NumPy: mean", PYTHON, of("ours", "hand"), mean=True),
    Bar(
        "ours / hand, NumPy: worst, but of the next line",
        1.5,
        of("ours", "hand"),
        rows=body,
    ),
    Bar(
        "ours / hand, NumPy: a call whose body is tiny",
        2.0,
        of("ours", "hand"),
        rows=tiny,
    ),
    Bar("ours / primal, array programs: worst", 3.0, of("ours", "primal"), rows=arrays),
    Bar("peak memory, `optimize=2` / hand: worst", 1.1, memory_2),
    Bar("peak memory, `optimize=2` / hand: mean", 1.1, memory_2, mean=True),
    Bar("peak memory, default level / hand: worst", 1.1, memory),
    Bar("peak memory, default level / hand: mean", 1.1, memory, mean=True),
    Bar("ours / hand, Numba: mean", NUMBA, of("ours Numba", "hand Numba"), mean=True),
    Bar("ours / hand, Numba: worst", 2.0, of("ours Numba", "hand Numba")),
    Bar("Numba, cost over what the primal allows: worst", 1.0, numba_cost),
    Bar("JAX / ours, Numba: mean", 7.0, of("JAX", "ours Numba"), mean=True, least=True),
    Bar(
        "JAX / ours, Numba, scalar loops: mean",
        20.0,
        of("JAX", "ours Numba"),
        mean=True,
        rows=loops,
        least=True,
    ),
    Bar(
        "JAX / ours, Numba, scalar loops: worst",
        20.0,
        of("JAX", "ours Numba"),
        rows=loops,
        least=True,
    ),
    Bar(
        "ours, Numba / JAX, large dense: worst",
        1.3,
        of("ours Numba", "JAX"),
        rows=lambda row: row["kind"] == "dense" and row["large"],
    ),
]


def of_bars(rows: list[Row]) -> str:
    return table(["bar", "wanted", "found", ""], [bar.judged(rows) for bar in BARS])


# ---- deriving, and the call --------------------------------------------------------

Figures = dict[str, Any]

A_NAME = 20e-9  # seconds that each guarded name may take

DERIVING: list[tuple[str, float, Callable[[Figures], float], bool]] = [
    ("1,000 statements", 1.0, lambda f: f["statements"]["1000"], True),
    (
        "a statement of 10,000 / one of 1,000",
        1.3,
        lambda f: f["statements"]["10000"] / f["statements"]["1000"] / 10,
        False,
    ),
    ("30 lines", 0.03, lambda f: f["30 lines"], True),
    (
        "import of NumPy and s2sad / of NumPy",
        1.3,
        lambda f: (f["import numpy"] + f["import s2sad"]) / f["import numpy"],
        False,
    ),
    ("a function from the cache", 0.005, lambda f: f["from cache"], True),
    (
        "a call but for guarded names / by hand",
        2.0,
        lambda f: (f["call"] - A_NAME * GUARDED) / f["by hand"],
        False,
    ),
    ("`grad(lambda ...)(x)`, made anew", 1e-4, lambda f: f["lambda"], True),
]


def of_deriving(found: Figures) -> str:
    """The bars of deriving; none for a run that did not measure it."""
    lines = []
    for what, limit, figure, timed in DERIVING:
        value = figure(found)
        shown = (seconds(limit), seconds(value)) if timed else (limit, f"{value:.3g}")
        verdict = "met" if value <= limit else "not met"
        lines.append([what, f"<= {shown[0]}", str(shown[1]), verdict])
    loaded = bool(found["libcst loaded"])
    answer = ["yes", "not met"] if loaded else ["no", "met"]
    lines.append(["libcst loaded from the cache", "no", *answer])
    return table(["deriving", "wanted", "found", ""], lines)
