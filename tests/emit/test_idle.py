"""Moves of what is there already are left out; all others stay."""

from __future__ import annotations

import pytest

from s2sad.emit.idle import without_idle_moves
from s2sad.emit.lines import Line


def without(text: str, *booleans: str) -> str:
    rows = text.strip("\n").splitlines()
    lines = [Line((len(row) - len(row.lstrip())) // 4 + 1, row.strip()) for row in rows]
    kept = without_idle_moves(lines, booleans)
    return "\n".join(" " * 4 * (line.depth - 1) + line.text for line in kept)


def test_a_copy_back_is_idle():
    text = "y = x\nfor i in range(n):\n    print(y)\nx = y\nreturn x"
    assert without(text) == text.replace("\nx = y", "")


def test_what_a_test_tells_is_known():
    text = "if found:\n    y = 1.0\nelse:\n    found = False\n    y = 2.0"
    assert without(text, "found") == text.replace("    found = False\n", "")


def test_an_empty_else_goes():
    text = "found = False\nif c:\n    found = True\nelse:\n    found = False"
    assert without(text) == "found = False\nif c:\n    found = True"


def test_one_of_several_targets():
    assert without("a = 0.0\na = b = 0.0") == "a = 0.0\nb = 0.0"


@pytest.mark.parametrize(
    "text",
    [
        "y = x\nx += 1\nx = y",
        "y = x\nx, z = z, x\nx = y",
        "y = x\nfor x in xs:\n    print(x)\nx = y",
        "y = x\nfor i in xs:\n    x = f(x)\nx = y",
        "y = x\nwhile (x := f(x)):\n    print(x)\nx = y",
        "y = x\nif c:\n    x = 2.0\nx = y",
        "y = x\nif c:\n    x = 2.0\nelif d:\n    print(x)\nx = y",
        "for i in xs:\n    y = x\nx = y",
        "for i in xs:\n    x = y\n    y = f(x)",
        "if number:\n    number = True",
        "y = x\n(\n    x,\n    z,\n) = f(x)\nx = y",
        "x = 1\nx = 1.0",
        "y = -x\nx = f(x)\ny = -x",
        "y = x.size\nx = f(x)\ny = x.size",
    ],
)
def test_a_move_stays(text):
    assert without(text) == text


def test_a_branch_that_leaves_does_not_count():
    text = "y = x\nif c:\n    x = 2.0\n    return x\nx = y\nreturn x"
    assert without(text) == text.replace("\nx = y", "")


def test_other_blocks_are_left_alone():
    text = "with f() as x:\n    x = y\n    x = y"
    assert without(text) == text


def test_nothing_comes_after_a_loop_that_only_returns():
    text = "while True:\n    x = f(x)\n    if x > 1:\n        return x"
    assert without(text + "\nreturn y") == text
    text = text.replace("return x", "break") + "\nreturn y"
    assert without(text) == text
