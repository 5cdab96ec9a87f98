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
    """For each row, how many times the base each column takes."""
    from matplotlib import pyplot

    there = [c for c in columns if any(ratio(r["samples"], c, base) for r in rows)]
    if not there:
        return False
    figure, axes = pyplot.subplots(figsize=(8, 1 + 0.16 * len(rows) * (len(there) + 1)))
    height = 0.85 / len(there)
    for i, column in enumerate(there):
        places = [j + (i + 0.5) * height for j in range(len(rows))]
        widths = [ratio(row["samples"], column, base) or 0.0 for row in rows]
        axes.barh(
            places,
            [w - 1.0 if w else 0.0 for w in widths],
            height,
            left=1.0,
            color=STYLE[column][0],
            label=column,
        )
    axes.axvline(1.0, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_yticks([j + 0.42 for j in range(len(rows))], [row["name"] for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel(f"times the gradient by hand ({base}); to the right is slower")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.05), ncols=len(there))
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
    saved(figure, path)


def saved(figure: Any, path: Path) -> None:
    from matplotlib import pyplot

    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
