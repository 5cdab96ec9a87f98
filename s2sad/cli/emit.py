"""`s2sad emit TARGET -o FILE [--check]`: the derivative as a file that stands alone."""

from __future__ import annotations

import argparse
import difflib
from pathlib import Path

from s2sad.cli.derivatives import asked
from s2sad.cli.show import write
from s2sad.cli.streams import Streams


def run(args: argparse.Namespace, out: Streams) -> int:
    ask = asked(args, "emit")
    text = ask.module()
    path = Path(args.output)
    if not args.check:
        write(args.output, text)
        if out.as_json:
            out.data("emit", **ask.about, output=args.output, exit_code=0)
        else:
            out.say(f"written to {args.output}")
        return 0
    there = path.read_text(encoding="utf-8") if path.is_file() else None
    code = 0 if there == text else 1
    if out.as_json:
        out.data(
            "emit", **ask.about, output=args.output, stale=bool(code), exit_code=code
        )
    elif there is None:
        out.say(f"{args.output} does not exist")
    elif code:
        diff = difflib.unified_diff(
            there.splitlines(True),
            text.splitlines(True),
            f"{args.output} (is)",
            f"{args.output} (would be)",
        )
        out.say(f"{args.output} is stale")
        out.say("".join(diff).rstrip())
    return code
