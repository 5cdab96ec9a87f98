"""Which tests are asked about a mutant, in which order; and what they say.

Only a test that reaches the segment of the fault can tell. Of those the files take
turns, each with its cheapest tests first, so that none takes more time than another.
"""

from __future__ import annotations

import functools
import gc
import heapq
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mutants import overlay
from tests.mutants.children import End, Limits, each
from tests.mutants.faults import Fault, bytes_of
from tests.mutants.patch import exchanged, loaded_functions, put_in
from tests.mutants.record import AT_IMPORT, Record
from tests.mutants.segments import Segment, segment_at, segments_of
from tests.mutants.zygote import fails, with_tests

LONGER = 10  # times what a test takes without a fault: then it does not end
AT_LEAST = 20  # seconds
COLLECTING = 120  # seconds for importing everything

Asked = tuple[str, int, float]  # who failed, of how many that were asked, in what time


@dataclass(frozen=True)
class Verdict:
    fault: Fault
    killer: str  # the test that failed first; "" for a survivor
    asked: int  # tests
    reaching: int  # of so many
    seconds: float  # of processor time
    decided: bool = True


class Judge:
    """Puts faults in, and asks the tests until one fails or the time is up."""

    def __init__(self, record: Record, budget: float, jobs: int) -> None:
        self.record = record
        self.budget = budget
        self.jobs = jobs

    def judge(self, faults: list[Fault], tell: Callable[[Verdict], None]) -> None:
        """Tell of each as soon as it is known: first of those that must be imported."""
        imported = [f for f in faults if self.needs_import(f)]
        others = [f for f in faults if not self.needs_import(f)]
        for fault, end in each(imported, self.imported, self.jobs):
            tell(self.verdict(fault, end))
        if others:
            with_tests(lambda tests: self.exchange(others, tests, tell))

    def needs_import(self, fault: Fault) -> bool:
        label = label_of(fault)
        at_import = label and AT_IMPORT in self.record.reaching(label)
        return not label or bool(at_import) or exchanged(fault) is None

    # ---- which tests -------------------------------------------------------------

    def reaching(self, fault: Fault) -> list[str]:
        """Tests that reach the fault: its segment, or any that uses what it makes."""
        label = label_of(fault)
        if label and AT_IMPORT not in self.record.reaching(label):
            return self.record.reaching(label)
        tests: set[str] = set()
        for used in self.record.labels:
            path, _, name = used.partition("::")
            if path == fault.path and name.split(".")[0].split("#")[0] in fault.names:
                tests.update(self.record.reaching(used))
        tests.discard(AT_IMPORT)
        if not tests:
            for used in self.record.labels:
                if used.startswith(f"{fault.path}::"):
                    tests.update(self.record.reaching(used))
        return sorted(tests - {AT_IMPORT})

    def order(self, fault: Fault, within: tuple[str, ...] = ("",)) -> list[str]:
        """The tests that fit into the time, the likeliest first."""
        files = defaultdict(list)
        for test in self.reaching(fault):
            if test.startswith(within):
                file = test.partition("::")[0]
                files[file].append((self.record.seconds[test], test))
        own = f"tests/{Path(fault.path).parent.name}/"
        turns = [(0.0, not file.startswith(own), file) for file in files]
        heapq.heapify(turns)
        for tests in files.values():
            tests.sort(reverse=True)
        chosen, spent = [], 0.0
        while turns and spent < self.budget:
            used, other, file = heapq.heappop(turns)
            seconds, test = files[file].pop()
            chosen.append(test)
            spent += seconds
            if files[file]:
                heapq.heappush(turns, (used + seconds + 0.01, other, file))
        return chosen

    def verdict(self, fault: Fault, end: End) -> Verdict:
        reaching = len(self.reaching(fault))
        killer, asked, seconds = end.result or ("", 0, 0.0)
        decided = end.result is not None
        if end.stopped == "SIGXCPU":
            killer, decided = f"{end.said} (does not end)", True
        elif not decided:
            killer = f"{end.stopped}: {end.said.strip()[-300:]}"
        return Verdict(fault, killer, asked, reaching, seconds, decided)

    # ---- asking ------------------------------------------------------------------

    def imported(self, fault: Fault, limits: Limits) -> Asked:
        """In a child that has not imported the product: the mutant is, instead."""
        limits.next("import", COLLECTING)
        overlay.put_in_place(fault.path, fault.text())
        # of all files to collect but few
        own = f"tests/{Path(fault.path).parent.name}/"
        chosen = self.order(fault, (own, "tests/test_fixtures.py"))
        said: list[Asked] = []
        files = sorted({test.partition("::")[0] for test in chosen})
        with_tests(lambda tests: said.append(self.ask(chosen, tests, limits)), files)
        return said[0] if said else ("the product can't be imported", 0, 0.0)

    def exchange(
        self,
        faults: list[Fault],
        tests: dict[str, pytest.Item],
        tell: Callable[[Verdict], None],
    ) -> None:
        """In children of a process that has imported all: functions get other code."""
        loaded = loaded_functions()
        gc.freeze()  # what is here already is not looked at again in each child

        def exchange(fault: Fault, limits: Limits) -> Asked:
            codes = exchanged(fault)
            assert codes is not None and put_in(codes, loaded), "no such function"
            return self.ask(self.order(fault), tests, limits)

        for fault, end in each(faults, exchange, self.jobs):
            tell(self.verdict(fault, end))

    def ask(
        self, chosen: list[str], tests: dict[str, pytest.Item], limits: Limits
    ) -> Asked:
        chosen = [test for test in chosen if test in tests]
        began = time.process_time()
        for count, test in enumerate(chosen, 1):
            limits.next(test, AT_LEAST + LONGER * self.record.seconds[test])
            following = tests[chosen[count]] if count < len(chosen) else None
            if fails(tests[test], following):
                return test, count, time.process_time() - began
        return "", len(chosen), time.process_time() - began


def label_of(fault: Fault) -> str | None:
    label = segment_at(segments(fault.path), (fault.line, fault.column))
    return f"{fault.path}::{label}" if label else None


@functools.lru_cache(None)
def segments(path: str) -> list[Segment]:
    return segments_of(bytes_of(path))
