"""What is written of a run: the tables, the pictures, the texts, the README's part."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks import beside, plots, results, tables
from tests.benchmarks.bars import of_bars, of_deriving
from tests.benchmarks.measure import ratio
from tests.benchmarks.run import WORKLOADS

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- benchmarks -->\n", "<!-- end of benchmarks -->\n"

Found = dict[str, Any]


def peers(found: Found) -> list[str]:
    return [name for name in ("autograd", "PyTorch", "JAX") if name in found["columns"]]


def tables_of(found: Found) -> str:
    parts = [
        machine(found),
        tables.of_times(found["rows"], found["columns"]),
        tables.of_ratios(found["rows"], peers(found)),
        of_bars(found["rows"]),
    ]
    if "deriving" in found:
        parts.append(of_deriving(found["deriving"]))
    return "\n\n".join(parts)


def machine(found: Found) -> str:
    """One sentence of where and with what."""
    processor, *versions = found["machine"].items()
    with_ = ", ".join(f"{name} {number}" for name, number in versions)
    return f"{processor[1]}; {with_}. Processor time, one thread, medians."


def to_folder(folder: Path, found: Found) -> None:
    (folder / "tables.md").write_text(tables_of(found) + "\n", encoding="utf-8")
    page = beside.page(found["rows"], WORKLOADS)
    (folder / "beside.md").write_text(page, encoding="utf-8")
    try:
        plots.written(folder, found)
    except ImportError:
        print("no pictures: the extra `plot` is not installed", file=sys.stderr)


# ---- the README --------------------------------------------------------------------


def to_readme(folder: Path) -> None:
    """Puts the results of a folder between the marks."""
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    section = readme_section(folder, results.load(folder))
    README.write_text(f"{before}{BEGIN}{section}{END}{after}", encoding="utf-8")


def readme_section(folder: Path, found: Found) -> str:
    parts = [machine(found), of_readme(found)]
    if "deriving" in found:
        parts.append(of_deriving(found["deriving"]))
    try:
        place = folder.resolve().relative_to(README.parent)
    except ValueError:
        return "\n\n".join(parts) + "\n"  # pictures elsewhere are not linked
    for name in plots.BARS:
        if (folder / name).exists():
            parts.append(f"![Times of the gradient by hand]({place.as_posix()}/{name})")
    return "\n\n".join(parts) + "\n"


def of_readme(found: Found) -> str:
    """A narrow table: times by hand, and how many of them the others take."""
    columns: dict[str, tuple[str, str]] = {
        "ours": ("ours", "hand"),
        "ours, `optimize=2`": ("ours O2", "hand"),
        **{name: (name, "hand") for name in peers(found)},
        "Numba: ours": ("ours Numba", "hand Numba"),
    }
    if "JAX" in found["columns"]:
        columns["Numba: JAX"] = ("JAX", "hand Numba")
    rows = found["rows"]
    shares = {
        head: [ratio(row["samples"], *pair) for row in rows]
        for head, pair in columns.items()
    }
    shares = {head: each for head, each in shares.items() if any(each)}
    python = [head for head in shares if not head.startswith("Numba")]
    numba = [head for head in shares if head.startswith("Numba")]
    lines = []
    for i, row in enumerate(rows):
        line = [row["name"], by_hand(row, "hand")]
        line += [tables.times(shares[head][i]) for head in python]
        line += [by_hand(row, "hand Numba")]
        line += [tables.times(shares[head][i]) for head in numba]
        lines.append(line)
    means = {
        head: tables.times(tables.geometric([v for v in each if v]))
        for head, each in shares.items()
    }
    last = ["**geometric mean**", "", *(means[h] for h in python), ""]
    lines.append([*last, *(means[h] for h in numba)])
    heads = ["workload", "by hand", *python, "Numba: by hand", *numba]
    return tables.table(heads, lines)


def by_hand(row: dict[str, Any], column: str) -> str:
    samples = row["samples"].get(column)
    return tables.seconds(median(samples)) if samples else ""
