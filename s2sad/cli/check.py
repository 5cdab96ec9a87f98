"""`s2sad check TARGET`: PROVED, AGREES or FAILS."""

from __future__ import annotations

import argparse

from s2sad.cli.front import operator
from s2sad.cli.points import given, guessed, tried, wrt_of
from s2sad.cli.streams import Streams
from s2sad.cli.targets import is_derived, resolve


def run(args: argparse.Namespace, out: Streams) -> int:
    found = resolve(args.target, "check")
    function = found.value
    point = given(args.at, found) or guessed(found)
    if point.origin != "--at":
        out.say(f"arguments come from {point.origin}; --at gives others")
    if is_derived(function):
        out.say(
            f"{found.spelling} is a derived function: its own derivatives are checked"
        )
    tried(function, point)
    options = {"seconds": args.seconds, "points": args.points}
    report = operator("check")(
        function, *point.args, wrt=wrt_of(args.wrt), kwargs=point.kwargs, **options
    )
    passed = report.verdict == "PROVED" if args.prove else bool(report)
    code = 0 if passed else 1
    if out.as_json:
        out.data("check", target=found.spelling, exit_code=code, **report.as_json())
    else:
        out.text(str(report))
    if args.prove and report and not passed:
        out.say("s2sad: not PROVED, and --prove asks for that")
    return code
