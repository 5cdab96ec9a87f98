"""`s2sad trace TARGET --at "2.0, 5.0"`: the textbook's evaluation tables."""

from __future__ import annotations

import argparse

from s2sad.cli.front import operator
from s2sad.cli.points import evaluate, given, guessed, tried, wrt_of
from s2sad.cli.streams import Streams
from s2sad.cli.targets import TargetError, resolve


def run(args: argparse.Namespace, out: Streams) -> int:
    found = resolve(args.target, "trace")
    point = given(args.at, found) or guessed(found)
    if point.origin != "--at":
        out.say(f"arguments come from {point.origin}; --at gives others")
    tried(found.value, point)
    seed = None
    if args.seed is not None:
        seed = evaluate(args.seed, "--seed", vars(found.module)).args
    try:
        made = operator("trace")(
            found.value,
            *point.args,
            seed=seed,
            wrt=wrt_of(args.wrt),
            kwargs=point.kwargs,
        )
    except ValueError as error:
        if "seed" not in str(error):
            raise
        raise TargetError(f"--seed: {error}") from None
    if out.as_json:
        out.data("trace", target=found.spelling, **made.as_json())
    elif args.markdown:
        out.text(made.markdown())
    else:
        out.text(str(made))
    return 0
