"""`s2sad rules [WORD]`: the operations that have derivatives, and their partials."""

from __future__ import annotations

import argparse
from typing import Any

from s2sad.cli.streams import Streams
from s2sad.cli.targets import TargetError


def run(args: argparse.Namespace, out: Streams) -> int:
    from s2sad.rules import TABLE

    rows = [_row(each) for each in TABLE.values() if each.spellings]
    if args.word:
        rows = [row for row in rows if _matches(row, args.word)]
        if not rows:
            raise TargetError(f"no rule's name or spelling contains {args.word!r}")
    if out.as_json:
        out.data("rules", count=len(rows), rules=rows)
        return 0
    widths = [max(len(row[key]) for row in rows) for key in ("name", "verb")]
    for row in rows:
        spelled = "  ".join(row["spellings"])
        line = (
            f"{row['name'].ljust(widths[0])}  {row['verb'].ljust(widths[1])}  {spelled}"
        )
        out.text(line)
        if args.word and row["formula"]:
            out.text(f"    {row['formula']}")
    return 0


def _row(primitive: Any) -> dict[str, Any]:
    return {
        "name": primitive.name,
        "verb": primitive.verb,
        "spellings": list(primitive.spellings),
        "formula": primitive.formula,
    }


def _matches(row: dict[str, Any], word: str) -> bool:
    return any(
        word.lower() in each.lower() for each in (row["name"], *row["spellings"])
    )
