"""Which tests are asked about a mutant, in which order; and what they say.

Only a test that reaches the segment of the fault can tell. The files take turns, so that
none takes more time than another, but the texts of fixtures: a fault that changes what is
printed is dead at the price of printing it. Within a file tests go first that go
different ways through the faulty module, of those that go the same way the cheapest.

A test that fails after others is asked once more, alone: what it says is not to depend
on what they have left behind.
"""

from __future__ import annotations

import functools
import gc
import heapq
import time
from collections import Counter, defaultdict
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
from tests.mutants.zygote import TEXTS, Test, fails, texts, with_tests

LONGER = 10  # times what a test takes without a fault: then it does not end
AT_LEAST = 20  # seconds
TURNS_OF_TEXTS = 4  # as much time as for so many files
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
        files: dict[str, list[str]] = defaultdict(list)
        for test in self.reaching(fault):
            if test.startswith(within):
                files[test.partition("::")[0]].append(test)
        own = f"tests/{Path(fault.path).parent.name}/"
        turns = [(0.0, not file.startswith(own), file) for file in files]
        heapq.heapify(turns)
        waiting = {
            file: iter(self.different_first(tests, fault.path))
            for file, tests in files.items()
        }
        chosen, spent = [], 0.0
        while turns and spent < self.budget:
            used, other, file = heapq.heappop(turns)
            test = next(waiting[file], None)
            if test is None:
                continue
            seconds = self.record.seconds[test]
            chosen.append(test)
            spent += seconds
            weight = TURNS_OF_TEXTS if file == TEXTS.rstrip(":") else 1
            heapq.heappush(turns, (used + (seconds + 0.01) / weight, other, file))
        return chosen

    def different_first(self, tests: list[str], path: str) -> list[str]:
        """Cheap ones first; those that reach the same of a module again come later."""
        same: Counter[bytes] = Counter()
        rounds = []
        for test in sorted(tests, key=self.record.seconds.__getitem__):
            reached = self.record.within(test, path)
            rounds.append((same[reached], self.record.seconds[test], test))
            same[reached] += 1
        return [test for *_, test in sorted(rounds)]

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
        chosen = self.order(fault, (TEXTS,))
        killer, asked, seconds = self.ask(chosen, texts(), limits)
        if killer:
            return killer, asked, seconds
        # of all files to collect but few
        own = f"tests/{Path(fault.path).parent.name}/"
        chosen = self.order(fault, (own, "tests/test_fixtures.py"))
        said: list[Asked] = [("the product can't be imported", 0, 0.0)]
        files = sorted({test.partition("::")[0] for test in chosen})

        def ask(tests: dict[str, Test]) -> None:
            there = {test.partition("::")[0] for test in tests}
            if lost := [file for file in files if file not in there]:
                said.append((f"{lost[0]} can't be collected", 0, 0.0))
                return
            said.append(self.ask(chosen, tests, limits))

        with_tests(ask, files)
        return said[-1][0], asked + said[-1][1], seconds + said[-1][2]

    def exchange(
        self,
        faults: list[Fault],
        tests: dict[str, Test],
        tell: Callable[[Verdict], None],
    ) -> None:
        """In children of a process that has imported all: functions get other code."""
        loaded = loaded_functions()
        gc.freeze()  # what is here already is not looked at again in each child

        def exchange(fault: Fault) -> None:
            codes = exchanged(fault)
            assert codes is not None and put_in(codes, loaded), "no such function"

        def ask(task: tuple[Fault, set[str]], limits: Limits) -> Asked:
            fault, moody = task
            exchange(fault)
            chosen = [test for test in self.order(fault) if test not in moody]
            return self.ask(chosen, tests, limits)

        def ask_alone(task: tuple[Verdict, set[str]], limits: Limits) -> Asked:
            exchange(task[0].fault)
            return self.ask([task[0].killer], tests, limits)

        todo: list[tuple[Fault, set[str]]] = [(fault, set()) for fault in faults]
        while todo:
            doubtful = []
            for (fault, moody), end in each(todo, ask, self.jobs):
                verdict = self.verdict(fault, end)
                if verdict.asked > 1 and isinstance(
                    tests.get(verdict.killer), pytest.Item
                ):
                    doubtful.append((verdict, moody))
                else:
                    tell(verdict)
            todo = []
            for (verdict, moody), end in each(doubtful, ask_alone, self.jobs):
                if end.result and not end.result[0]:  # it was what ran before
                    todo.append((verdict.fault, moody | {verdict.killer}))
                else:
                    tell(verdict)

    def ask(self, chosen: list[str], tests: dict[str, Test], limits: Limits) -> Asked:
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
