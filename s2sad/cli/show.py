"""`s2sad show TARGET`: the derivative's source, or the program at an earlier stage."""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path

from s2sad.cli.derivatives import asked
from s2sad.cli.streams import Streams
from s2sad.cli.targets import TargetError


def run(args: argparse.Namespace, out: Streams) -> int:
    ask = asked(args, "show")
    if args.stage == "python":
        # Asked before anything is derived here: a derivation counts as a call.
        header, origin = ask.header(), ask.origin()
        text = header + (ask.module() if args.writer == "module" else ask.source())
    else:
        text, origin = ask.stage(args.stage), ask.origin()
    language = "python" if args.stage in ("python", "source") else "text"
    if args.side:
        text, language = side_by_side(ask.stage("source"), text), "text"
    if out.as_json:
        fields = {"stage": args.stage, "writer": args.writer, "kinds": origin}
        out.data("show", **ask.about, **fields, text=text)
    elif args.output:
        write(args.output, text)
        out.say(f"written to {args.output}")
    else:
        out.code(text, language)
    return 0


def write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise TargetError(f"{path}: {error.strerror}") from None


def side_by_side(left: str, right: str) -> str:
    """Two texts in two columns; nothing is cut."""
    left_lines = textwrap.dedent(left).rstrip().splitlines()
    right_lines = right.rstrip().splitlines()
    width = max(map(len, left_lines), default=0)
    count = max(len(left_lines), len(right_lines))
    left_lines += [""] * (count - len(left_lines))
    right_lines += [""] * (count - len(right_lines))
    rows = (f"{a.ljust(width)} | {b}".rstrip() for a, b in zip(left_lines, right_lines))
    return "\n".join(rows) + "\n"
