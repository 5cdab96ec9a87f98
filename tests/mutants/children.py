"""Work done in children of this process: each starts as this process is now."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEMORY = 4 << 30  # bytes that a child may take beyond what it starts with
PATIENCE = 60  # seconds by the clock for each second of processor time


@dataclass(frozen=True)
class End:
    """How a child ended: what it gave, or the last it said and what stopped it."""

    result: Any = None
    said: str = ""
    stopped: str = ""


class Limits:
    """What a child asks for while it works."""

    def __init__(self, log: Path) -> None:
        self.log = log

    def next(self, what: str, seconds: float) -> None:
        """From here on so many seconds of processor time; `what` is done with them."""
        self.log.write_text(what, encoding="utf-8")
        until = int(time.process_time() + seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
        signal.alarm(int(seconds * PATIENCE))


def each(
    tasks: Iterable[Any], work: Callable[[Any, Limits], Any], jobs: int
) -> Iterator[tuple[Any, End]]:
    """The end of each task's child, as they end; so many at a time."""
    with tempfile.TemporaryDirectory() as folder:
        running: dict[int, tuple[Any, Path]] = {}
        waiting = iter(enumerate(tasks))
        while True:
            while len(running) < jobs:
                number, task = next(waiting, (None, None))
                if number is None:
                    break
                place = Path(folder) / str(number)
                running[started(task, work, place)] = task, place
            if not running:
                return
            child, status = os.waitpid(-1, 0)
            if child in running:
                task, place = running.pop(child)
                yield task, ended(place, status)


def started(task: Any, work: Callable[[Any, Limits], Any], place: Path) -> int:
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        size = (
            int(Path("/proc/self/statm").read_text().split()[0])
            * resource.getpagesize()
        )
        resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, resource.RLIM_INFINITY))
        result = work(task, Limits(place.with_suffix(".log")))
        place.write_text(json.dumps(result), encoding="utf-8")
    except BaseException:
        place.with_suffix(".log").write_text(traceback.format_exc(), encoding="utf-8")
        os._exit(1)
    os._exit(0)


def ended(place: Path, status: int) -> End:
    log = place.with_suffix(".log")
    said = log.read_text(encoding="utf-8") if log.exists() else ""
    if status == 0:
        return End(json.loads(place.read_text(encoding="utf-8")), said)
    if os.WIFSIGNALED(status):
        return End(said=said, stopped=signal.Signals(os.WTERMSIG(status)).name)
    return End(said=said, stopped="failed")
