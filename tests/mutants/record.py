"""Which tests reach which segments of the product, and what each of them costs.

`python -m tests.mutants --record` runs each test once, in a child of its own so that
nothing is remembered from others, with modules that note where they are.
"""

from __future__ import annotations

import builtins
import gc
import sys
import time
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path

import numpy as np

from tests.mutants.children import End, Limits, each
from tests.mutants.faults import ROOT, paths_of
from tests.mutants.segments import NOTED, noting
from tests.mutants.zygote import fails, with_tests

FILE = ROOT / ".mutants" / "reached.npz"
AT_IMPORT = "(import)"  # in the place of a test: what runs before any does
ROOM = 1 << 16  # segments at most
PATIENT = 300  # seconds of processor time for a test


class Record:
    """For each test a row of bits, one for each segment, and its seconds."""

    def __init__(self, tests: list[str], seconds, labels: list[str], bits) -> None:
        self.seconds = dict(zip(tests, seconds, strict=True))
        self.tests = tests
        self.labels = labels
        self.bits = np.asarray(bits, np.uint8).reshape(len(tests), -1)
        self.columns = {label: number for number, label in enumerate(labels)}

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


def make_record(jobs: int) -> None:
    files = {}
    for path in paths_of():
        files[path.removesuffix(".py").replace("/", ".")] = str(ROOT / path)
    noted = bytearray(ROOM)
    setattr(builtins, NOTED, noted)
    sys.meta_path.insert(0, Finder(files))
    rows: dict[str, tuple[float, np.ndarray]] = {}

    def work(tests) -> None:
        labels = len(Noting.labels)
        rows[AT_IMPORT] = 0.0, packed(noted, labels)
        noted[:] = bytes(ROOM)
        gc.freeze()

        def run(test: str, limits: Limits):
            limits.next(test, PATIENT)
            began = time.process_time()
            failed = fails(tests[test], None)
            seconds = time.process_time() - began
            return failed, seconds, packed(noted, labels).tobytes().hex()

        for count, (test, end) in enumerate(each(tests, run, jobs)):
            note(rows, test, end)
            if count % 500 == 0:
                print(f"{count} of {len(tests)} tests", flush=True)
                save(rows)

    with_tests(work)
    save(rows)


def save(rows: dict[str, tuple[float, np.ndarray]]) -> None:
    tests = sorted(rows)
    seconds = [rows[test][0] for test in tests]
    bits = np.array([rows[test][1] for test in tests])
    Record(tests, seconds, Noting.labels, bits).save()
    print(f"{len(tests)} tests, {sum(seconds):.0f} s, {len(Noting.labels)} segments")


def packed(noted: bytearray, labels: int) -> np.ndarray:
    return np.packbits(np.frombuffer(noted, np.uint8, labels))


def note(rows: dict[str, tuple[float, np.ndarray]], test: str, end: End) -> None:
    failed, seconds, bits = end.result or (True, 0.0, "")
    if failed:
        print(f"fails without a fault, and is not asked: {test} {end.stopped}")
    else:
        rows[test] = seconds, np.frombuffer(bytes.fromhex(bits), np.uint8)
