"""The command; see the top of the package."""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.mutants.equivalents import reason
from tests.mutants.faults import ROOMS, Fault, all_faults
from tests.mutants.killers import Verdict, judge

NEEDED = 0.95


def main() -> int:
    options = arguments()
    rooms = tuple(options.room or ROOMS)
    faults = [f for f in all_faults(rooms) if options.only in str(f)]
    if options.list:
        print(*faults, sep="\n")
        return 0
    if not options.all and options.sample < len(faults):
        faults = random.Random(options.seed).sample(faults, options.sample)
    print(f"{len(faults)} mutants, seed {options.seed}")
    with ThreadPoolExecutor(options.jobs) as pool:
        verdicts = []
        for verdict in pool.map(lambda f: judge(f, options.timeout), faults):
            verdicts.append(verdict)
            print(told(verdict), flush=True)
    return summary(verdicts)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants", description=__doc__
    )
    parser.add_argument("--sample", type=int, default=100, help="how many mutants")
    parser.add_argument("--seed", type=int, default=0, help="which ones")
    parser.add_argument("--all", action="store_true", help="every mutant there is")
    parser.add_argument("--room", action="append", choices=ROOMS, help="of this room")
    parser.add_argument("--only", default="", help="whose description holds this")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--timeout", type=float, default=300.0, help="CPU seconds a stage"
    )
    parser.add_argument("--list", action="store_true", help="print them, run nothing")
    return parser.parse_args()


def told(verdict: Verdict) -> str:
    why = reason(verdict.fault)
    end = verdict.killer or (f"the same: {why}" if why else "SURVIVES")
    end = end if verdict.decided else "no verdict: too slow"
    return f"{brief(verdict.fault)}\n    {end}  ({verdict.seconds:.0f} s)"


def brief(fault: Fault) -> str:
    lines = " ".join(str(fault).split())
    return lines if len(lines) <= 160 else lines[:157] + "..."


def summary(verdicts: list[Verdict]) -> int:
    verdicts = [v for v in verdicts if v.decided]
    alive = [v.fault for v in verdicts if not v.killer]
    same = [fault for fault in alive if reason(fault)]
    judged = len(verdicts) - len(same)
    killed = len(verdicts) - len(alive)
    share = killed / judged if judged else 1.0
    print(f"\n{killed} of {judged} killed ({share:.1%}), {len(same)} equivalent")
    for kind, count in Counter(v.fault.kind for v in verdicts).most_common():
        left = sum(f.kind == kind and not reason(f) for f in alive)
        print(f"  {kind}: {count}, {left} survive")
    return 0 if share >= NEEDED else 1


if __name__ == "__main__":
    sys.exit(main())
