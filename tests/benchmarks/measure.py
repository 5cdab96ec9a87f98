"""Measuring: processor time, medians, the columns of a row in turns.

A sample is as many calls as take 5 ms, or one. In each round every column gives one
sample, so that what disturbs the machine disturbs all of them; ratios are medians of
the ratios within rounds. Slow columns take part in the first rounds only.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Any

Call = Callable[[], Any]


@dataclass(frozen=True)
class Effort:
    """How long a sample lasts, and how many rounds there are."""

    sample: float = 0.005  # seconds, at least
    budget: float = 1.0  # seconds for each column, about
    fewest: int = 5
    most: int = 41

    def rounds(self, seconds: float) -> int:
        """How many, for a sample of so many seconds; what takes long is steady."""
        if seconds > 1.0:
            return 1
        return int(min(max(self.budget / seconds, self.fewest), self.most))


QUICK = Effort(budget=0.15, fewest=3, most=11)


def sample(call: Call, count: int) -> float:
    """Seconds of processor time that one of so many calls takes."""
    trips = range(count)
    begun = process_time()
    for _ in trips:
        call()
    return (process_time() - begun) / count


def calibrated(call: Call, effort: Effort) -> tuple[int, float]:
    """How many calls make a sample; and what one takes, roughly."""
    count = 1
    while True:
        each = sample(call, count)
        if each * count >= effort.sample:
            return count, each
        wanted = 1.2 * effort.sample / each if each > 0.0 else 10.0 * count
        count = int(min(max(wanted, count + 1), 10 * count))


def measured(calls: dict[str, Call], effort: Effort) -> dict[str, list[float]]:
    """Seconds of a call, by column, round by round."""
    plans = {name: calibrated(call, effort) for name, call in calls.items()}
    rounds = {name: effort.rounds(n * each) for name, (n, each) in plans.items()}
    gc.collect()
    gc.freeze()  # what stays is not gone over again by the collections of a call
    found: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(max(rounds.values(), default=0)):
        for name in list(calls) if turn % 2 == 0 else list(reversed(calls)):
            if turn < rounds[name]:
                found[name].append(sample(calls[name], plans[name][0]))
    gc.unfreeze()
    return found


def ratio(samples: dict[str, list[float]], column: str, to: str) -> float | None:
    """How many times the one takes of the other."""
    if column not in samples or to not in samples:
        return None
    return median(a / b for a, b in zip(samples[column], samples[to]))


def peak(call: Call) -> int:
    """Bytes that a call has in use at most, beyond what was there."""
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        call()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
