"""The table of codes: every row complete, every example Python, every use a row."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from s2sad.errors import (
    CODES,
    NAMES,
    InternalError,
    S2sadError,
    explain,
    refuse,
    row_of,
)
from s2sad.errors.filling import SUBJECTS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "fixtures" / "refusals.md"
RANGES = {
    "stores": range(1, 30),
    "statements": range(30, 70),
    "source": range(70, 80),
    "inputs": range(80, 110),
    "calls": range(110, 140),
    "results": range(140, 170),
    "warnings": range(200, 230),
}


@pytest.mark.parametrize("row", CODES.values(), ids=NAMES)
def test_rows_are_complete(row):
    assert re.fullmatch(r"S2S\d{3}", row.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", row.name)
    assert issubclass(row.kind, S2sadError)
    assert row.title and row.message and row.label and row.help
    assert row.why.endswith(".") and not row.message.endswith(".")
    assert row.before != row.after
    ast.parse(row.after)
    if row.name not in ("syntax",):
        ast.parse(row.before)
    for template in (row.message, row.label, row.help):
        for _, name, _, _ in Formatter().parse(template):
            assert name is None or name.isidentifier(), template


def test_numbers_stand_in_their_ranges():
    for name, numbers in RANGES.items():
        text = (ROOT / "s2sad" / "errors" / f"rows_{name}.py").read_text("utf-8")
        codes = re.findall(r'"S2S(\d{3})"', text)
        assert codes == sorted(set(codes))
        assert all(int(code) in numbers for code in codes), name


def test_codes_are_found_by_number_and_name():
    assert row_of("S2S012") is row_of("which-array")
    with pytest.raises(InternalError, match="nonsense"):
        refuse("nonsense")


def calls_of_refuse():
    """(place, call) of each `refuse("name", ...)` in the package."""
    for path in sorted((ROOT / "s2sad").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                called = getattr(node.func, "id", getattr(node.func, "attr", None))
                if called == "refuse" and isinstance(node.args[0], ast.Constant):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def complaint(call):
    """What is wrong with a call of `refuse`: no such row, or a field is missing."""
    try:
        row = row_of(call.args[0].value)
    except InternalError as error:
        return error.reason
    given = {word.arg for word in call.keywords}
    if None in given:
        return None  # fields passed on with **
    wanted = set()
    for key in ("message", "label", "help"):
        if key == "message" or key not in given:
            parts = Formatter().parse(getattr(row, key))
            wanted |= {name for _, name, _, _ in parts if name}
    if given & set(SUBJECTS):
        given |= set(SUBJECTS)  # these stand in for one another
    missing = wanted - given - {"choice"}
    return f"{row.name} without {sorted(missing)}" if missing else None


def test_every_code_that_is_used_has_a_row_and_its_fields():
    bad = [
        f"{place}: {complaint(call)}"
        for place, call in calls_of_refuse()
        if complaint(call)
    ]
    assert not bad, "\n" + "\n".join(bad)


def page():
    head = """# Refusals and warnings

What is not differentiated, why, and what to write instead: one heading per code, in the
words of `s2sad explain CODE`. Made from the table in `s2sad/errors/` by
`pytest --bless tests/errors/test_table.py`.
"""
    return "\n".join([head, *(explain(code) for code in sorted(CODES))])


def test_the_page_of_refusals_is_current(bless):
    bless(PAGE, page())
