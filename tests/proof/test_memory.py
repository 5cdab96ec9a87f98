"""`memory`: what the docstring states is what a run keeps, and peaks are as measured."""

from __future__ import annotations

import json

import numpy as np
import pytest

from s2sad import grad, memory, value_and_grad
from s2sad.proof.memory import amount, sentences, worth


def logistic(r, x, n):
    for _ in range(n):
        x = r * x * (1.0 - x)
    return x


def heat(u, k, n):
    u = u.copy()
    for _ in range(1, n):
        u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2]) * u[1:-1]
    return np.sum(u**2)


def table(A, v, m):
    total = 0.0
    for i in range(len(A)):
        for _ in range(2 * m - 1):
            v = np.sin(v) * A[i]
            total += np.sum(v)
    return total


def some(x, n):
    for _ in range(n):
        x = x * x
        if x > 2.0:
            break
    return x


def until(x):
    while x < 100.0:
        x = x * x
    return x


def grown(xs):
    y = np.zeros(len(xs) + 1)
    s = 1.0
    for i in range(len(xs)):
        s = s * xs[i] + y[i]
        y = y * s
    return np.sum(y) + s


def rows(A):
    out = A.copy()
    for _ in range(3):
        out = out * np.sin(out)
    return out


POINTS = [
    (logistic, (3.7, 0.3, 7)),
    (heat, (np.linspace(0.0, 1.0, 9), 0.1, 5)),
    (table, (np.ones((3, 4)), np.linspace(0.1, 0.4, 4), 2)),
    (grown, (np.linspace(0.1, 0.4, 4),)),
    (rows, (np.linspace(0.1, 0.4, 6).reshape(2, 3),)),
]


@pytest.mark.parametrize(
    ("f", "args"), POINTS, ids=lambda p: getattr(p, "__name__", "")
)
def test_what_is_stated_is_what_is_kept(f, args):
    report = memory(f, *args)
    assert report.rows
    for row in report.rows:
        assert row.line
        assert row.predicted == row.data > 0
        assert row.bytes >= row.data
    assert report.predicted == sum(row.data for row in report.rows)
    assert report.gradient > report.kept


def test_sizes_and_counts_in_the_words_of_the_program():
    (row,) = memory(heat, np.linspace(0.0, 1.0, 9), 0.1, 5).rows
    assert (row.name, row.line, row.times, row.shape) == ("u", 3, 4, (9,))
    assert row.stated == "len(u) floats, n - 1 times"
    text = grad(table, 1).prepare(*POINTS[2][1]).source
    assert ": len(A) * (2 * m - 1) times." in text


def test_what_only_the_run_can_tell():
    (row,) = memory(until, 1.5).rows
    assert (row.times, row.stated, row.predicted) == (4, "", None)
    report = memory(some, 1.1, 6)
    assert report.predicted is None
    assert all(row.stated == "at most n times" for row in report.rows)


def test_trips_that_there_are_none_of():
    (row,) = memory(logistic, 3.7, 0.3, 0).rows
    assert (row.times, row.data, row.predicted) == (0, 0, 0)


def test_a_program_without_loops_keeps_nothing_on_tapes():
    report = memory(lambda x: np.sum(np.sin(x) * x), np.ones(1000))
    assert not report.rows and report.kept == 0
    assert report.gradient >= 8000
    assert "no loop keeps anything" in str(report)


def test_the_report_reads_and_is_json():
    report = memory(logistic, 3.7, 0.3, 1000)
    text = str(report)
    assert "n times" in text and "8.0 kB" in text and text.startswith("logistic at r")
    assert json.loads(json.dumps(report.as_json()))["rows"][0]["times"] == 1000


def test_of_a_derived_function_it_is_that_one():
    report = memory(value_and_grad(logistic, (0, 1)), 3.7, 0.3, 10)
    assert [row.times for row in report.rows] == [10]


def test_arguments_stay_as_they_are():
    u = np.linspace(0.0, 1.0, 9)
    before = u.copy()
    memory(heat, u, 0.1, 5)
    np.testing.assert_array_equal(u, before)


def test_more_trips_cost_more_and_as_stated():
    """Twice the trips keep twice the data, and the peak grows by about that."""
    few, many = (memory(heat, np.linspace(0.0, 1.0, 1000), 0.1, n) for n in (50, 100))
    more = many.kept - few.kept
    assert 0.9 * more < many.gradient - few.gradient < 1.1 * more


def test_sentences_of_docstrings():
    doc = """Keeps u (len(u) floats), s once per
    iteration of line 3: n - 1 times.  Keeps A (A.size floats) once per iteration of
    line 4: at most 2 * n times."""
    first, second = sentences(doc)
    assert (first.line, first.times, first.most) == (3, "n - 1", False)
    assert first.parts == {"u": ("len(u)", "floats"), "s": ("", "")}
    assert second.most and second.parts == {"A": ("A.size", "floats")}


def test_texts_are_worth_what_they_say():
    u, A = np.ones(3), np.ones((2, 5))
    known = {"u": u, "A": A, "n": 4}
    assert worth("(len(u) - 1) * A.shape[1] + n", known) == 14
    assert worth("missing + 1", known) is None
    assert amount(12_345) == "12.3 kB"
