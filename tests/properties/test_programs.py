"""Programs at random that overwrite what they were given: each derivative is right.

pytest tests/properties                   eighty programs, the same every time
pytest tests/properties --programs 2000   more of them; so CI does
pytest tests/properties --campaign        two thousand, others every time

Of each: the value, jvp against extrapolated differences, vjp against jvp, at three points;
the caller's arrays untouched; of some the jvp or the vjp of the vjp as well. What fails
is cut down to a small program before it is shown. What the programs were made of, and
how many were judged, discarded (a kink is near) or refused, is counted over all parts:
the last part prints it all, the end of the run a summary.
"""

from __future__ import annotations

import functools
import gc
import random
import time
from collections import Counter

import pytest

from tests.properties.census import Census
from tests.properties.examine import Discarded, Refused, Wrong, examine
from tests.properties.once import once
from tests.properties.programs import Written, write_program
from tests.properties.shrink import shrunk

PARTS = 8  # so that several workers share them
MANY = 2000
REFUSED = 0.05  # of the programs at most
DISCARDED = 0.01
OFTEN = 50  # times at least, in all parts, for each construct, IR node and primitive
LONG = 120.0  # seconds for one program; most take a tenth of one
SHORT = 10.0  # for each one that is cut down from it
SECOND = {3: "jvp", 7: "both"}  # of each eight programs, the order beyond the first


@functools.cache
def written(first: int, count: int) -> list[Written]:
    """So many programs from one seed; each makes up for what those before it lack."""
    source = random.Random(first)
    found: list[Written] = []
    seen: Counter[str] = Counter()
    for _ in range(count):
        found.append(write_program(random.Random(source.getrandbits(48)), seen))
        seen.update(found[-1].used)
    return found


class Run:
    """One part: what became of its programs."""

    def __init__(self) -> None:
        self.census = Census()
        self.failures: list[str] = []

    def judge(self, number: int, program: Written) -> None:
        census, started = self.census, time.process_time()
        second = SECOND.get(number // PARTS % 8, "")
        end = "right"
        with once() as lowered:
            try:
                examine(program.text, program.wrt, second, seconds=LONG)
            except Discarded:
                end = "discarded"
            except Refused as no:
                census.refusals[str(no)] += 1
                end = "refused"
            except Wrong as wrong:
                end = "wrong"
                self.failures.append(report(number, program, second, wrong))
        census.ends[end] += 1
        census.seconds += time.process_time() - started
        if end != "discarded":
            census.count(program.used, lowered)


def report(number: int, program: Written, second: str, wrong: Wrong) -> str:
    """What is wrong, with the program and a smaller one that fails in the same way."""

    def complaint(text: str) -> str:
        try:
            examine(text, program.wrt, second, seconds=SHORT)
        except Wrong as error:
            return str(error)
        except Exception:
            return ""
        return ""

    def way(text: str) -> str:
        """Which check fails; not the numbers."""
        return "".join(c for c in text.partition("\n")[0] if c.isalpha())[:20]

    small = shrunk(program.text, lambda text: way(complaint(text)) == way(str(wrong)))
    return (
        f"number {number}, by {program.wrt}, second={second!r}: {wrong}\n\n"
        f"{program.text}\n---- cut down: {complaint(small)}\n\n{small}"
    )


@pytest.fixture
def without_cache(monkeypatch):
    """No program comes twice, so none is stored; nor do old objects cost time."""
    monkeypatch.setenv("S2SAD_CACHE", "0")
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("part", range(PARTS))
def test_programs(part, request, shared_folder, first_seed, without_cache):
    campaign = request.config.getoption("--campaign")
    count = MANY if campaign else request.config.getoption("--programs")
    print(f"seed {first_seed}, each {PARTS}th program from number {part}")
    run = Run()
    for number, program in enumerate(written(first_seed, count)):
        if number % PARTS == part:
            run.judge(number, program)
    run.census.save(shared_folder / f"part{part}.json")
    assert not run.failures, "\n\n".join(run.failures)
    parts = sorted(shared_folder.glob("part*.json"))
    if len(parts) < PARTS:
        return
    census = Census.together(parts)
    print(census.told())
    if count >= MANY:  # else too few to tell
        assert census.share("refused") <= REFUSED
        assert census.share("discarded") <= DISCARDED
        rare = census.rare(OFTEN)
        assert not rare, f"seldom in these programs: {rare}"
