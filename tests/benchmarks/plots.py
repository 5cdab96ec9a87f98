"""The results as pictures: bars of ratios, curves over n."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.measure import ratio

Row = dict[str, Any]

STYLE = {
    # column: colour, line
    "primal": ("#999999", ":"),
    "hand": ("#333333", "-"),
    "ours": ("#1f77b4", "-"),
    "ours O2": ("#17becf", "-"),
    "primal Numba": ("#ffbb78", ":"),
    "hand Numba": ("#d62728", "-"),
    "ours Numba": ("#ff7f0e", "-"),
    "autograd": ("#2ca02c", "-"),
    "JAX": ("#9467bd", "-"),
    "PyTorch": ("#8c564b", "-"),
}

BARS = {
    "ratios_python.svg": ("hand", ["ours", "ours O2", "autograd", "PyTorch", "JAX"]),
    "ratios_numba.svg": ("hand Numba", ["ours Numba", "JAX"]),
}


def written(folder: Path, found: dict[str, Any]) -> list[str]:
    """The names of the pictures that stand in the folder now."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "s2sad", "font.size": 9})
    names = []
    for name, (base, columns) in BARS.items():
        if ratio_bars(folder / name, found["rows"], base, columns):
            names.append(name)
    for workload in dict.fromkeys(row["workload"] for row in found["growth"]):
        rows = [row for row in found["growth"] if row["workload"] == workload]
        name = f"growth_{slug(workload)}.svg"
        curves(folder / name, workload, rows)
        names.append(name)
    return names


def slug(name: str) -> str:
    kept = "".join(c if c.isalnum() else " " for c in name.lower())
    return "_".join(kept.split())


def ratio_bars(path: Path, rows: list[Row], base: str, columns: list[str]) -> bool:
    """For each row, how many times the base ours takes, as bars; peers as points."""
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    there = [c for c in columns if any(ratio(r["samples"], c, base) for r in rows)]
    if not there:
        return False
    figure, axes = pyplot.subplots(figsize=(8, 1.4 + 0.25 * len(rows)))
    own = [column for column in there if column.startswith("ours")]
    height = 0.8 / max(len(own), 1)
    for column in there:
        points = [
            (value, place)
            for place, row in enumerate(rows)
            if (value := ratio(row["samples"], column, base)) is not None
        ]
        values, places = zip(*points)
        colour = STYLE[column][0]
        if column not in own:
            axes.scatter(values, places, color=colour, s=18, label=column, zorder=3)
            continue
        shift = (own.index(column) + 0.5) * height - 0.4
        lengths = [value - 1.0 for value in values]
        at = [place + shift for place in places]
        axes.barh(at, lengths, height, left=1.0, color=colour, label=column)
        for value, place in zip(values, at):
            side = "left" if value >= 1.0 else "right"
            axes.annotate(
                f"{value:.2f}",
                (value, place),
                (3 if value >= 1.0 else -3, 0),
                textcoords="offset points",
                ha=side,
                va="center",
                fontsize=6,
            )
    axes.axvline(1.0, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter("{0:g}".format))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_yticks(range(len(rows)), [row["name"] for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.set_xlabel(f"times the gradient by hand ({base}); to the right is slower")
    figure.legend(loc="upper center", ncols=len(there), frameon=False)
    figure.tight_layout(rect=(0.0, 0.0, 1.0, 1.0 - 0.3 / figure.get_figheight()))
    saved(figure, path)
    return True


def curves(path: Path, workload: str, rows: list[Row]) -> None:
    """Seconds over n, one line for each column."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4))
    for column, (colour, line) in STYLE.items():
        points = [
            (row["n"], median(row["samples"][column]))
            for row in rows
            if column in row["samples"]
        ]
        if points:
            axes.loglog(*zip(*points), line, marker=".", color=colour, label=column)
    axes.set_xlabel("n")
    axes.set_ylabel("seconds")
    axes.set_title(workload)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    saved(figure, path)


def saved(figure: Any, path: Path) -> None:
    from matplotlib import pyplot

    figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")
    pyplot.close(figure)
