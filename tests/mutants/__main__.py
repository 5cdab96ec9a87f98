"""The command; see the top of the package."""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections import Counter

from tests.mutants import __doc__ as purpose
from tests.mutants.equivalents import reason
from tests.mutants.faults import ROOMS, Fault, all_faults
from tests.mutants.killers import Judge, Verdict
from tests.mutants.record import Record, make_record

NEEDED = 0.95


def main() -> int:
    options = arguments()
    rooms = tuple(options.room or ROOMS)
    faults = [f for f in all_faults(rooms, options.wider) if options.only in str(f)]
    if options.list:
        print(*faults, sep="\n")
        return 0
    record = None if options.record or options.add else Record.load()
    if record is None:
        make_record(options.jobs, Record.load() if options.add else None)
        if options.record or options.add:
            return 0
        os.execv(sys.executable, [sys.executable, "-m", "tests.mutants", *sys.argv[1:]])
    if not options.all and options.sample < len(faults):
        faults = random.Random(options.seed).sample(faults, options.sample)
    print(f"{len(faults)} mutants, seed {options.seed}", flush=True)
    verdicts: list[Verdict] = []

    def tell(verdict: Verdict) -> None:
        verdicts.append(verdict)
        print(told(verdict), flush=True)

    Judge(record, options.budget, options.jobs).judge(faults, tell)
    return summary(verdicts)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants", description=purpose
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--sample", type=int, default=100, help="how many mutants")
    add("--seed", type=int, default=0, help="which ones")
    add("--all", action="store_true", help="every mutant there is")
    add("--room", action="append", choices=ROOMS, help="of this room")
    add("--wider", action="store_true", help="conditions and constants as well")
    add("--only", default="", help="whose description holds this")
    add("--jobs", type=int, default=os.cpu_count() or 1, help="at a time")
    add("--budget", type=float, default=120.0, help="seconds of tests for a mutant")
    add("--record", action="store_true", help="see again which tests reach what")
    add("--add", action="store_true", help="see which new tests reach what")
    add("--list", action="store_true", help="print them, run nothing")
    return parser.parse_args()


def told(verdict: Verdict) -> str:
    why = reason(verdict.fault)
    end = verdict.killer or (f"the same: {why}" if why else "SURVIVES")
    end = end if verdict.decided else f"no verdict: {verdict.killer}"
    asked = f"{verdict.asked} of {verdict.reaching} tests, {verdict.seconds:.1f} s"
    return f"{brief(verdict.fault)}\n    {end}  ({asked})"


def brief(fault: Fault) -> str:
    lines = " ".join(str(fault).split())
    return lines if len(lines) <= 240 else lines[:237] + "..."


def summary(verdicts: list[Verdict]) -> int:
    verdicts = [v for v in verdicts if v.decided]
    alive = [v.fault for v in verdicts if not v.killer]
    same = [fault for fault in alive if reason(fault)]
    judged = len(verdicts) - len(same)
    killed = len(verdicts) - len(alive)
    share = killed / judged if judged else 1.0
    low, high = interval(killed, judged)
    print(f"\n{killed} of {judged} killed, {len(same)} equivalent:", end=" ")
    print(f"{share:.1%} (95 % confidence: {low:.1%} to {high:.1%})")
    for name in ("kind", "path"):
        for value, count in Counter(getattr(v.fault, name) for v in verdicts).items():
            left = sum(getattr(f, name) == value and not reason(f) for f in alive)
            if left or name == "kind":
                print(f"  {value}: {count}, {left} survive")
    return 0 if share >= NEEDED else 1


def interval(killed: int, judged: int) -> tuple[float, float]:
    """Wilson's interval for a share."""
    if not judged:
        return 0.0, 1.0
    z, p = 1.96, killed / judged
    middle = p + z * z / (2 * judged)
    reach = z * (p * (1 - p) / judged + z * z / (4 * judged * judged)) ** 0.5
    scale = 1 + z * z / judged
    return (middle - reach) / scale, (middle + reach) / scale


if __name__ == "__main__":
    sys.exit(main())
