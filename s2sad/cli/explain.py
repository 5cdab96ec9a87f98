"""`s2sad explain CODE`: the reason, a program that is refused, and one that is not."""

from __future__ import annotations

import argparse
import difflib

from s2sad.cli.streams import Streams
from s2sad.cli.targets import TargetError
from s2sad.errors import CODES, NAMES, Row, explain


def run(args: argparse.Namespace, out: Streams) -> int:
    if args.code is None:
        return _all(out)
    row = find(args.code)
    if out.as_json:
        out.data("explain", **fields(row))
    else:
        out.code(explain(row.code), "markdown")
    return 0


def find(text: str) -> Row:
    """The row of a code as it may be typed: `S2S012`, `s2s12`, `12`, `which-array`."""
    word = text.strip().upper()
    digits = word.removeprefix("S2S")
    row = CODES.get(word) or NAMES.get(text.strip().lower())
    if row is None and digits.isdigit():
        row = CODES.get(f"S2S{int(digits):03d}")
    if row is None:
        known = [*CODES, *NAMES]
        close = difflib.get_close_matches(
            text, known, 3, 0.5
        ) or difflib.get_close_matches(word, known, 3, 0.5)
        hint = f"; near it: {', '.join(close)}" if close else ""
        raise TargetError(f"no code {text!r}{hint} (`s2sad explain` lists all)")
    return row


def fields(row: Row) -> dict[str, str]:
    return {
        "code": row.code,
        "name": row.name,
        "class": row.kind.__name__,
        "severity": row.severity,
        "title": row.title,
        "why": row.why,
        "help": row.help,
        "before": row.before,
        "after": row.after,
    }


def _all(out: Streams) -> int:
    rows = sorted(CODES.values(), key=lambda row: row.code)
    if out.as_json:
        out.data("explain", codes=[fields(row) for row in rows])
        return 0
    width = max(len(row.name) for row in rows)
    for row in rows:
        out.text(f"{row.code}  {row.name.ljust(width)}  {row.title}")
    return 0
