"""What is written of a run, from figures made up."""

import re

import pytest

from tests.benchmarks import beside, report, results, tables
from tests.benchmarks.bars import of_bars
from tests.benchmarks.measure import Effort, measured, ratio

ROWS = [
    {
        "name": "Rosenbrock, 10",
        "workload": "Rosenbrock",
        "kind": "arrays",
        "large": False,
        "samples": {"primal": [1e-6], "hand": [2e-6, 3e-6], "ours": [2e-6, 6e-6]},
        "missing": {"ours Numba": "not there"},
        "peaks": {"hand": 100, "ours": 150},
    },
    {
        "name": "Newton's iteration",
        "workload": "Newton's iteration",
        "kind": "loops",
        "large": True,
        "samples": {"primal": [1e-6], "hand": [2e-6], "ours": [1e-6], "JAX": [3e-4]},
        "missing": {},
        "peaks": {},
    },
]
FOUND = {
    "machine": {"processor": "a processor", "Python": "3.13.0"},
    "columns": ["primal", "hand", "ours", "ours Numba", "JAX"],
    "rows": ROWS,
    "growth": [{**ROWS[0], "n": 10}, {**ROWS[0], "n": 100}],
}


def test_ratios_are_taken_within_rounds():
    assert ratio(ROWS[0]["samples"], "ours", "hand") == 1.5
    assert ratio(ROWS[0]["samples"], "JAX", "hand") is None


def test_times_have_three_digits():
    assert [tables.seconds(t) for t in (2.314e-7, 4.05e-6, 0.01211, 2.0)] == [
        "231 ns",
        "4.05 us",
        "12.1 ms",
        "2 s",
    ]


def test_the_last_line_is_the_geometric_mean():
    last = tables.of_ratios(ROWS).splitlines()[-1]
    assert re.search(r"geometric mean\*\* +\| +0.87 ", last)  # of 1.5 and 0.5


def test_a_cell_without_a_time_says_why():
    assert "not there" in tables.of_times(ROWS, FOUND["columns"])


def test_bars_name_the_worst_row():
    lines = of_bars(ROWS).splitlines()
    worst = next(line for line in lines if "NumPy: worst" in line)
    assert "1.5 (Rosenbrock, 10)" in worst and worst.rstrip(" |").endswith(" met")
    assert "not there" in next(line for line in lines if "Numba: mean" in line)


DERIVING = {
    "30 lines": 0.02,
    "libcst, 30 lines": 0.004,
    "statements": {"1000": 1.1, "3000": 3.0, "10000": 11.0},
    "call": 320e-9,
    "body": 200e-9,
    "by hand": 150e-9,
    "lambda": 2e-5,
    "import numpy": 0.1,
    "import s2sad": 0.01,
    "first from cache": 0.02,
    "from cache": 0.004,
    "libcst loaded": False,
}


def test_bars_of_deriving_are_in_the_tables_and_the_readme(tmp_path, monkeypatch):
    results.save(tmp_path, {**FOUND, "deriving": DERIVING})
    readme = tmp_path / "README.md"
    readme.write_text(f"{report.BEGIN}{report.END}")
    monkeypatch.setattr(report, "README", readme)
    report.to_readme(tmp_path)
    for text in (readme.read_text(), report.tables_of(results.load(tmp_path))):
        cells = [line.strip("|").split("|") for line in text.splitlines()]
        told = {row[0].strip(): [c.strip() for c in row[1:]] for row in cells}
        assert told["1,000 statements"] == ["<= 1 s", "1.1 s", "not met"]
        assert told["30 lines"][-1] == told["libcst loaded from the cache"][-1] == "met"


def test_the_readme_gets_what_was_saved(tmp_path, monkeypatch):
    results.save(tmp_path, FOUND)
    readme = tmp_path / "README.md"
    readme.write_text(f"above\n{report.BEGIN}old\n{report.END}below\n")
    monkeypatch.setattr(report, "README", readme)
    report.to_readme(tmp_path)
    text = readme.read_text()
    assert text.startswith("above\n") and text.endswith("below\n")
    assert "old" not in text and "a processor; Python 3.13.0" in text
    report.to_readme(tmp_path)
    assert readme.read_text() == text


def test_a_folder_holds_tables_texts_and_pictures(tmp_path):
    pytest.importorskip("matplotlib")
    report.to_folder(tmp_path, FOUND)
    assert "def rosenbrock_hand" in (tmp_path / "beside.md").read_text()
    assert "def newton_hand" not in (tmp_path / "beside.md").read_text()
    for name in ("ratios_python.svg", "growth_rosenbrock.svg"):
        assert (tmp_path / name).read_text().startswith("<?xml")
    assert "a processor" in (tmp_path / "tables.md").read_text()


def test_each_column_gives_a_sample_a_round():
    calls = {"a": lambda: None, "b": lambda: sum(range(1000))}
    found = measured(calls, Effort(sample=1e-4, budget=1e-3, fewest=3, most=4))
    assert set(map(len, found.values())) <= {3, 4}
    assert all(t > 0.0 for each in found.values() for t in each)


def test_the_readme_has_its_marks():
    text = report.README.read_text(encoding="utf-8")
    assert text.count(report.BEGIN) == text.count(report.END) == 1


def test_helpers_stand_beside_what_calls_them():
    from tests.benchmarks.vectors import black_scholes_hand

    text = beside.with_helpers(black_scholes_hand)
    assert text.startswith("def black_scholes_hand") and "def cdf_and_slope" in text
