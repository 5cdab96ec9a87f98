"""Which tests reach which segments of the product, and what each of them costs.

`python -m tests.mutants --record` runs each test once, with modules that note where they
are; a few tests in a child, so that little is remembered from others. With `--add` it
keeps what it knows and runs the tests that it does not know.
"""

from __future__ import annotations

import builtins
import functools
import gc
import itertools
import sys
import time
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path

import numpy as np

from tests.mutants.children import End, Limits, each
from tests.mutants.faults import ROOT, paths_of
from tests.mutants.segments import NOTED, noting
from tests.mutants.zygote import Test, fails, with_tests

FILE = ROOT / ".mutants" / "reached.npz"
AT_IMPORT = "(import)"  # in the place of a test: what runs before any does
ROOM = 1 << 16  # segments at most
PATIENT = 300  # seconds of processor time for a test
LATE = (
    "second_order",
    "tests/properties",
)  # dear, and they see little that others don't
REMEMBERING = type(functools.lru_cache(len))
TOGETHER = 6  # tests in a child
EVERY = 250  # tests after which the record is saved

Row = tuple[float, np.ndarray]  # seconds, and a bit for each segment


class Record:
    """For each test a row of bits, one for each segment, and its seconds."""

    def __init__(self, tests: list[str], seconds, labels: list[str], bits) -> None:
        self.seconds = dict(zip(tests, seconds, strict=True))
        self.tests = tests
        self.labels = labels
        self.bits = np.asarray(bits, np.uint8).reshape(len(tests), -1)
        self.columns = {label: number for number, label in enumerate(labels)}
        self.rows = {test: number for number, test in enumerate(tests)}
        self.of_path: dict[str, np.ndarray] = {}

    @classmethod
    def load(cls) -> Record | None:
        if not FILE.exists():
            return None
        with np.load(FILE, allow_pickle=False) as held:
            return cls(
                held["tests"].tolist(),
                held["seconds"].tolist(),
                held["labels"].tolist(),
                held["bits"],
            )

    def save(self) -> None:
        FILE.parent.mkdir(exist_ok=True)
        (FILE.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        seconds = [self.seconds[test] for test in self.tests]
        np.savez_compressed(
            FILE, tests=self.tests, seconds=seconds, labels=self.labels, bits=self.bits
        )

    def reaching(self, label: str) -> list[str]:
        """The tests that reach a segment, `path::label`; none for an unknown one."""
        column = self.columns.get(label)
        if column is None:
            return []
        reached = self.bits[:, column // 8] >> (7 - column % 8) & 1
        return [self.tests[row] for row in np.flatnonzero(reached)]

    def within(self, test: str, path: str) -> bytes:
        """Which segments of a module a test reaches."""
        if path not in self.of_path:
            mine = [label.startswith(f"{path}::") for label in self.labels]
            self.of_path[path] = np.packbits(mine)
        return (self.bits[self.rows[test]] & self.of_path[path]).tobytes()


class Noting(SourceFileLoader):
    labels: list[str] = []

    def get_code(self, fullname: str):
        text = Path(self.path).read_bytes()
        tree, labels = noting(text, len(self.labels))
        where = str(Path(self.path).relative_to(ROOT))
        Noting.labels += [f"{where}::{label}" for label in labels]
        assert len(self.labels) <= ROOM
        return compile(tree, self.path, "exec", dont_inherit=True)


class Finder:
    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    def find_spec(self, name: str, path=None, target=None) -> ModuleSpec | None:
        if name not in self.files:
            return None
        file = self.files[name]
        return spec_from_file_location(name, file, loader=Noting(name, file))


def make_record(jobs: int, known: Record | None = None) -> None:
    files = {}
    for path in paths_of():
        files[path.removesuffix(".py").replace("/", ".")] = str(ROOT / path)
    noted = bytearray(ROOM)
    setattr(builtins, NOTED, noted)
    sys.meta_path.insert(0, Finder(files))
    rows: dict[str, Row] = {}

    def work(tests: dict[str, Test]) -> None:
        labels = len(Noting.labels)
        if known:
            rows.update((t, row) for t, row in relabelled(known) if t in tests)
        rows[AT_IMPORT] = 0.0, packed(noted, labels)
        noted[:] = bytes(ROOM)
        memories = [m for m in gc.get_objects() if is_memory(m)]
        gc.freeze()

        def run(batch: list[str], limits: Limits):
            return [timed(test, limits) for test in batch if test not in rows]

        def timed(test: str, limits: Limits):
            limits.next(test, PATIENT)
            for memory in memories:
                memory.cache_clear()
            noted[:] = bytes(ROOM)
            began = time.process_time()
            failed = fails(tests[test], None)
            seconds = time.process_time() - began
            return test, failed, seconds, packed(noted, labels).tobytes().hex()

        new = [t for t in tests if t not in rows]
        new.sort(key=lambda test: any(word in test for word in LATE))
        done = 0
        for batch, end in each(batches(new), run, jobs):
            note(rows, batch, end)
            done += len(batch)
            if done // EVERY > (done - len(batch)) // EVERY:
                print(f"{done} of {len(new)} tests", flush=True)
                save(rows)

    with_tests(work)
    save(rows)


def batches(tests: list[str]) -> Iterator[list[str]]:
    """What one child runs."""
    for _, some in itertools.groupby(tests, lambda test: test.partition("::")[0]):
        few = list(some)
        size = 4 * TOGETHER if few[0].startswith("tests/rules/") else TOGETHER
        yield from (few[i : i + size] for i in range(0, len(few), size))


def is_memory(thing: object) -> bool:
    """A function of the product that remembers its results."""
    module = getattr(thing, "__module__", None) or ""
    return type(thing) is REMEMBERING and module.startswith("s2sad.")


def relabelled(known: Record) -> Iterator[tuple[str, Row]]:
    """The rows of a record made when the segments were others."""
    columns = [known.columns.get(label) for label in Noting.labels]
    there = np.array([column is not None for column in columns])
    picked = np.array([column or 0 for column in columns])
    for test, row in zip(known.tests, known.bits, strict=True):
        bits = np.unpackbits(row)[picked] & there
        yield test, (known.seconds[test], np.packbits(bits))


def save(rows: dict[str, Row]) -> None:
    tests = sorted(rows)
    seconds = [rows[test][0] for test in tests]
    bits = np.array([rows[test][1] for test in tests])
    Record(tests, seconds, Noting.labels, bits).save()
    print(f"{len(tests)} tests, {sum(seconds):.0f} s, {len(Noting.labels)} segments")


def packed(noted: bytearray, labels: int) -> np.ndarray:
    return np.packbits(np.frombuffer(noted, np.uint8, labels))


def note(rows: dict[str, Row], batch: list[str], end: End) -> None:
    for name, failed, seconds, bits in end.result or [
        (t, True, 0.0, "") for t in batch
    ]:
        if failed:
            print(f"fails without a fault, and is not asked: {name} {end.stopped}")
        else:
            rows[name] = seconds, np.frombuffer(bytes.fromhex(bits), np.uint8)
