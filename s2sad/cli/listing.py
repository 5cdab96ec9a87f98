"""`s2sad list FILE`: what in a file or module can be a target."""

from __future__ import annotations

import argparse
import inspect

from s2sad.cli.streams import Streams
from s2sad.cli.targets import attribute, candidates, is_derived, joint, load, split


def run(args: argparse.Namespace, out: Streams) -> int:
    place, _ = split(args.target)
    module, place = load(place, args.target)
    rows = []
    for name in candidates(module):
        value = attribute(module, name, place)
        rows.append(
            {
                "target": f"{place}{joint(place)}{name}",
                "signature": _signature(value),
                "derived": is_derived(value),
                "doc": (inspect.getdoc(value) or "").partition("\n")[0],
            }
        )
    if out.as_json:
        out.data("list", targets=rows)
        return 0
    if not rows:
        out.say(f"{place} defines no function")
        return 0
    width = max(len(row["target"]) for row in rows)
    for row in rows:
        note = "  (derived)" if row["derived"] else ""
        out.text(f"{row['target'].ljust(width)}  {row['signature']}{note}")
    return 0


def _signature(value: object) -> str:
    try:
        return str(inspect.signature(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return "(...)"
