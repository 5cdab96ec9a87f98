"""A diagnostic as text, in one shape everywhere:

    error[S2S012]: which array `y` names depends on the run, so this write cannot be ...
      --> model.py:14:5
       |
    12 |     y = a if flag else b
       |     - `y` is `a` or `b` here
    14 |     y[0] = 1.0
       |     ^^^^^^^^^^ written here
       |
       = help: write inside each branch, or copy: `y = (a if flag else b).copy()`
       = more: s2sad explain S2S012

Plain text: whoever paints it (terminal, notebook) finds the parts by this shape.
"""

from __future__ import annotations

import linecache
import os
import unicodedata
from typing import NamedTuple

from .diagnostics import Diagnostic, Label

TAB = 4
WIDEST = 160  # a longer source line is cut to a window about what is underlined
SPAN = 4  # a longer span shows its first lines and its last


class _Mark(NamedTuple):
    """An underline on one line: columns in characters, the words only on the last line
    of a span.
    """

    line: int
    col: int
    end: int
    sign: str
    text: str


def render(diagnostic: Diagnostic, color: bool = False) -> str:
    """The text of one diagnostic, without a closing newline. Without source lines the
    snippet is left out.
    """
    files: dict[str, list[Label]] = {}
    for label in diagnostic.labels:
        files.setdefault(label.place.filename, []).append(label)
    marks = {
        name: _marks(name, labels, diagnostic.labels[0])
        for name, labels in files.items()
    }
    numbers = [mark.line for group in marks.values() for mark in group]
    width = len(str(max(numbers))) if numbers else 1
    margin = " " * width

    out = [f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"]
    for index, (name, labels) in enumerate(files.items()):
        place = labels[0].place
        arrow = "-->" if index == 0 else ":::"
        out.append(f"{margin}{arrow} {_shown(name)}:{place.line}:{place.col + 1}")
        if marks[name]:
            out.append(f"{margin} |")
            out += _snippet(name, marks[name], width)
        else:
            out += [
                f"{margin} = note: {_where(label)}{label.text}"
                for label in labels
                if label.text
            ]
    if numbers:
        out.append(f"{margin} |")
    if diagnostic.help:
        lead = f"{margin} = help: "
        first, *rest = diagnostic.help.split("\n")
        out.append(lead + first)
        out += [(" " * len(lead) + line).rstrip() for line in rest]
    out.append(f"{margin} = more: s2sad explain {diagnostic.code}")
    if color:
        out[0] = (
            f"\x1b[1;31m{out[0]}\x1b[0m"
            if diagnostic.severity == "error"
            else f"\x1b[1;33m{out[0]}\x1b[0m"
        )
    return "\n".join(out)


def _shown(filename: str) -> str:
    """The name as a user would type it: relative where that is shorter, untouched for
    `<stdin>` and the like.
    """
    if not os.path.isabs(filename):
        return filename
    try:
        relative = os.path.relpath(filename)
    except (OSError, ValueError):  # no current folder any more, or another drive
        return filename
    return filename if relative.startswith(os.pardir) else relative


def _where(label: Label) -> str:
    return f"line {label.place.line}: "


def _line(filename: str, number: int) -> str | None:
    """A line of the file without its newline, or None where there is none to show."""
    lines = linecache.getlines(filename)
    if not 1 <= number <= len(lines):
        return None
    return lines[number - 1].rstrip("\r\n")


def _marks(filename: str, labels: list[Label], primary: Label) -> list[_Mark]:
    """Underlines in the order in which they are printed: by line, then by column."""
    marks: list[_Mark] = []
    for label in labels:
        place = label.place
        sign = "^" if label is primary else "-"
        last = place.line if place.end_line is None else max(place.end_line, place.line)
        numbers = list(range(place.line, last + 1))
        if len(numbers) > SPAN:
            numbers = [*numbers[: SPAN - 1], last]
        pieces: list[_Mark] = []
        for number in numbers:
            line = _line(filename, number)
            if line is None or (number != place.line and not line.strip()):
                continue
            start = (
                place.col if number == place.line else len(line) - len(line.lstrip())
            )
            end = len(line.rstrip())
            if number == last:
                # A place without an end is a point: one caret.
                end = start + 1 if place.end_col is None else place.end_col
            pieces.append(_Mark(number, start, max(end, start + 1), sign, ""))
        if sign == "-" and len(pieces) == 1:
            # A secondary label only points: hyphens would shout as loud as carets.
            only = pieces[0]
            pieces = [_Mark(only.line, only.col, only.col + 1, sign, "")]
        if pieces:
            tail = pieces[-1]
            pieces[-1] = _Mark(tail.line, tail.col, tail.end, sign, label.text)
        marks += pieces
    return sorted(marks, key=lambda mark: (mark.line, mark.col, mark.sign))


def _snippet(filename: str, marks: list[_Mark], width: int) -> list[str]:
    out: list[str] = []
    shown: int | None = None
    for mark in marks:
        line = _line(filename, mark.line) or ""
        same_line = [other for other in marks if other.line == mark.line]
        low, high = _window(line, same_line)
        before, after = ("..." if low else ""), ("..." if high < len(line) else "")
        if shown != mark.line:
            shown = mark.line
            text = before + _display(line[low:high]) + after
            out.append(f"{mark.line:>{width}} | {text}".rstrip())
        # Measured on the text as displayed: tabs spread, wide characters two cells.
        start = len(before) + _cells(_display(line[low : min(mark.col, high)]))
        length = max(
            1, _cells(_display(line[low : min(mark.end, high)])) - (start - len(before))
        )
        out.append(
            f"{' ' * width} | {' ' * start}{mark.sign * length} {mark.text}".rstrip()
        )
    return out


def _window(line: str, marks: list[_Mark]) -> tuple[int, int]:
    """The part of a very long line that is worth printing."""
    if len(line) <= WIDEST:
        return 0, len(line)
    loudest = min(marks, key=lambda mark: (mark.sign != "^", mark.col))
    low = max(0, loudest.col - WIDEST // 4)
    return low, min(len(line), low + WIDEST)


def _display(text: str) -> str:
    """Tabs spread to stops of TAB cells, other control characters as spaces."""
    if text.isascii() and text.isprintable():
        return text
    out: list[str] = []
    cells = 0
    for char in text:
        if char == "\t":
            step = TAB - cells % TAB
            out.append(" " * step)
            cells += step
            continue
        if ord(char) < 32 or ord(char) == 127:
            char = " "
        out.append(char)
        cells += _cells(char)
    return "".join(out)


def _cells(text: str) -> int:
    """How many terminal cells the text takes."""
    if text.isascii():
        return len(text)
    total = 0
    for char in text:
        if unicodedata.combining(char) or unicodedata.category(char) in (
            "Mn",
            "Me",
            "Cf",
        ):
            continue
        total += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return total
